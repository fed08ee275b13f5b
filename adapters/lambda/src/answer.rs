//! What an invocation is answered, in the shape that its door expects.

use serde::{Serialize, Serializer};

use crate::event::Door;

/// What an invocation is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To a request.
    Http(Door, Reply),
    /// To a batch: the messages that are to be delivered again, by their ids.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
    Queue(Vec<String>),
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// One JSON object.
    pub body: String,
    /// Seconds after which trying again makes sense.
    pub retry_after_secs: Option<u32>,
    /// Whether to say which method is expected.
    pub allows_post: bool,
}

impl Reply {
    fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let all = [
            Some(("content-type", "application/json".to_owned())),
            self.retry_after_secs.map(|secs| ("retry-after", secs.to_string())),
            self.allows_post.then(|| ("allow", "POST".to_owned())),
        ];
        all.into_iter().flatten()
    }
}

/// What proxy integrations, function URLs and load balancers expect.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    status_code: u16,
    /// A load balancer wants the words beside the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Single<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<Lists<'a>>,
    body: &'a str,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failures<'a> {
    batch_item_failures: Vec<Failure<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'a> {
    item_identifier: &'a str,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Answer::Http(door, reply) => envelope(*door, reply).serialize(serializer),
            Answer::Queue(ids) => {
                let failure = |id| Failure { item_identifier: id };
                let batch_item_failures = ids.iter().map(String::as_str).map(failure).collect();
                Failures { batch_item_failures }.serialize(serializer)
            }
        }
    }
}

fn envelope(door: Door, reply: &Reply) -> Envelope<'_> {
    let (description, multi_value) = match door {
        Door::Gateway => (None, false),
        Door::LoadBalancer { multi_value } => {
            (Some(format!("{} {}", reply.status, words(reply.status))), multi_value)
        }
    };
    Envelope {
        status_code: reply.status,
        status_description: description,
        headers: (!multi_value).then_some(Single(reply)),
        multi_value_headers: multi_value.then_some(Lists(reply)),
        body: &reply.body,
        is_base64_encoded: false,
    }
}

fn words(status: u16) -> &'static str {
    let status = hyper::StatusCode::from_u16(status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("Unknown")
}

/// Headers with one value each.
struct Single<'a>(&'a Reply);

/// Headers with a list of values each.
struct Lists<'a>(&'a Reply);

impl Serialize for Single<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.headers())
    }
}

impl Serialize for Lists<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.headers().map(|(name, value)| (name, [value])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn written(answer: &Answer) -> Value {
        serde_json::to_value(answer).unwrap()
    }

    fn reply(status: u16) -> Reply {
        let retry_after_secs = (status == 503).then_some(5);
        Reply { status, body: "{}\n".into(), retry_after_secs, allows_post: status == 405 }
    }

    #[test]
    fn each_door_gets_its_shape() {
        let gateway = Answer::Http(Door::Gateway, reply(202));
        assert_eq!(
            written(&gateway),
            json!({"statusCode": 202, "headers": {"content-type": "application/json"},
                   "body": "{}\n", "isBase64Encoded": false})
        );
        let balancer = Answer::Http(Door::LoadBalancer { multi_value: false }, reply(503));
        let told = written(&balancer);
        assert_eq!(told["statusDescription"], "503 Service Unavailable");
        assert_eq!(told["headers"]["retry-after"], "5");
        let lists = Answer::Http(Door::LoadBalancer { multi_value: true }, reply(405));
        let told = written(&lists);
        assert_eq!(told["multiValueHeaders"]["allow"], json!(["POST"]));
        assert!(told.get("headers").is_none());
    }

    #[test]
    fn a_batch_names_what_is_to_be_delivered_again() {
        assert_eq!(written(&Answer::Queue(vec![])), json!({"batchItemFailures": []}));
        let failed = Answer::Queue(vec!["m-1".into()]);
        assert_eq!(written(&failed), json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]}));
    }
}
