//! What invokes the function: an HTTP request through one of AWS's doors, or a batch from a queue.
//!
//! Of each event only what the webhook needs is read; unknown members, members of another type and
//! events of another kind never fail. Formats:
//! * HTTP API and function URL, payload format 2.0:
//!   <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//! * REST API: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
//! * Application Load Balancer: <https://docs.aws.amazon.com/lambda/latest/dg/services-alb.html>
//! * SQS: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

mod loose;
mod raw;
mod sent;

pub use sent::{Headers, Sent};

use serde::{Deserialize, Deserializer};

use raw::Raw;

/// What invokes the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request that waits for its answer.
    Http(Http),
    /// Requests that were queued; nobody waits.
    Queue(Vec<Message>),
    /// Nothing that this function knows.
    Unknown,
}

/// A request that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// The door it came through.
    pub door: Door,
    /// Its method, such as `POST`.
    pub method: String,
    /// Headers and body.
    pub sent: Sent,
}

/// The door of a request, by the shape that its answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// API Gateway (HTTP or REST API) or a function URL.
    Gateway,
    /// A load balancer's target group.
    LoadBalancer {
        /// Whether it sends, and expects, lists of values for each header.
        multi_value: bool,
    },
}

/// A queued request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By which the queue knows it.
    pub id: String,
    /// Headers and body.
    pub sent: Sent,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer).map(Event::from)
    }
}

impl From<Raw> for Event {
    fn from(raw: Raw) -> Self {
        if let Some(records) = raw.records {
            let are_queued = records.iter().all(|record| record.is_of_sqs);
            return match are_queued {
                true => Event::Queue(records.into_iter().map(Message::from).collect()),
                false => Event::Unknown,
            };
        }
        let door = match raw.is_of_load_balancer {
            true => Door::LoadBalancer { multi_value: raw.multi_headers.is_some() },
            false => Door::Gateway,
        };
        let Some(method) = raw.method else { return Event::Unknown };
        // A list has every value of a header, the other form only the last.
        let headers = raw.multi_headers.or(raw.headers).unwrap_or_default();
        let sent = Sent { headers, body: raw.body.unwrap_or_default(), is_base64: raw.is_base64 };
        Event::Http(Http { door, method, sent })
    }
}

impl From<raw::Record> for Message {
    fn from(record: raw::Record) -> Self {
        Message { id: record.id, sent: Sent::queued(record.attributes, record.body) }
    }
}

#[cfg(test)]
mod tests;
