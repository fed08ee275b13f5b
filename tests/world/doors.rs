//! Requests as AWS's doors hand them to a function.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::{Answer, Request};

/// A door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    HttpApi,
    FunctionUrl,
    RestApi,
    LoadBalancer,
    LoadBalancerOfLists,
}

impl Door {
    pub(crate) const ALL: [Door; 5] = [
        Door::HttpApi,
        Door::FunctionUrl,
        Door::RestApi,
        Door::LoadBalancer,
        Door::LoadBalancerOfLists,
    ];

    /// The event of a request.
    pub(crate) fn event(self, request: &Request, as_base64: bool) -> Value {
        let body = match as_base64 {
            true => BASE64_STANDARD.encode(&request.body),
            false => String::from_utf8(request.body.clone()).unwrap(),
        };
        let single = headers(request, |value| json!(value));
        let lists = headers(request, |value| json!([value]));
        let (method, path) = (&request.method, &request.path);
        match self {
            Door::HttpApi | Door::FunctionUrl => json!({
                "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
                "headers": single,
                "requestContext": {
                    "accountId": "123456789012", "apiId": "abc", "stage": "$default",
                    "domainName": if self == Door::HttpApi {
                        "abc.execute-api.us-east-1.amazonaws.com"
                    } else {
                        "abc.lambda-url.us-east-1.on.aws"
                    },
                    "http": {"method": method, "path": path, "protocol": "HTTP/1.1",
                             "sourceIp": "140.82.115.1", "userAgent": "GitHub-Hookshot/044aadd"},
                    "requestId": "id", "timeEpoch": 1_583_348_638_390_u64,
                },
                "body": body, "isBase64Encoded": as_base64,
            }),
            Door::RestApi => json!({
                "resource": "/webhook", "path": path, "httpMethod": method, "headers": single,
                "multiValueHeaders": lists, "queryStringParameters": null, "pathParameters": null,
                "stageVariables": null,
                "requestContext": {"resourcePath": path, "httpMethod": method, "stage": "prod",
                                   "identity": {"sourceIp": "140.82.115.1"}},
                "body": body, "isBase64Encoded": as_base64,
            }),
            Door::LoadBalancer | Door::LoadBalancerOfLists => {
                let mut event = json!({
                    "requestContext": {"elb": {"targetGroupArn":
                        "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/6d0e"}},
                    "httpMethod": method, "path": path, "queryStringParameters": {},
                    "body": body, "isBase64Encoded": as_base64,
                });
                match self == Door::LoadBalancer {
                    true => event["headers"] = single,
                    false => event["multiValueHeaders"] = lists,
                }
                event
            }
        }
    }

    /// What the door makes of the function's answer.
    #[track_caller]
    pub(crate) fn answer(self, answer: &Value) -> Answer {
        let status = answer["statusCode"].as_u64().unwrap();
        assert_eq!(answer["isBase64Encoded"], json!(false), "{answer}");
        let of_lists = self == Door::LoadBalancerOfLists;
        let headers = &answer[if of_lists { "multiValueHeaders" } else { "headers" }];
        let value = |value: &Value| {
            let value = if of_lists { &value[0] } else { value };
            value.as_str().unwrap().to_owned()
        };
        let headers = headers.as_object().unwrap().iter().map(|(name, v)| (name.clone(), value(v)));
        let is_balancer = matches!(self, Door::LoadBalancer | Door::LoadBalancerOfLists);
        let described = answer["statusDescription"].as_str();
        assert_eq!(described.is_some_and(|d| d.starts_with(&status.to_string())), is_balancer);
        Answer {
            status: u16::try_from(status).unwrap(),
            headers: headers.collect(),
            body: answer["body"].as_str().unwrap().as_bytes().to_vec(),
        }
    }
}

/// How a request lies in a queued message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Queued {
    /// The body is the message, the headers are its attributes.
    Attributes,
    /// Both are in the message, the body as base64.
    Wrapped,
}

/// A batch of queued requests, by the ids of their messages.
pub(crate) fn batch(messages: &[(&str, &Request, Queued)]) -> Value {
    let record = |(id, request, queued): &(&str, &Request, Queued)| {
        let (body, attributes) = match queued {
            Queued::Attributes => {
                let attribute = |value: &str| json!({"stringValue": value, "dataType": "String"});
                let body = String::from_utf8(request.body.clone()).unwrap();
                (body, headers(request, attribute))
            }
            Queued::Wrapped => {
                let body = BASE64_STANDARD.encode(&request.body);
                let headers = headers(request, |value| json!(value));
                let all = json!({"headers": headers, "body": body, "isBase64Encoded": true});
                (all.to_string(), json!({}))
            }
        };
        json!({
            "messageId": id, "receiptHandle": "AQEB", "body": body,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
            "messageAttributes": attributes, "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:webhooks",
            "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

fn headers(request: &Request, value: impl Fn(&str) -> Value) -> Value {
    let headers = request.headers.iter().map(|(name, text)| (name.clone(), value(text)));
    Value::Object(headers.collect::<Map<String, Value>>())
}
