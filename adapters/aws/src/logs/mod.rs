//! Log groups: reading their events, and writing EMF lines into them.

mod batch;
mod facts;
mod put;
mod query;
mod read;
mod tail;

pub use batch::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX, BATCH_SPAN_MAX, EVENT_BYTES_EXTRA};
pub use facts::{EmfErrors, Facts, emf_errors};
pub use put::{Printer, Stream};
pub use query::{ROWS_MAX, Row};
pub use read::{Span, Told};
pub use tail::{OVERLAP, Tail};

use aws_sdk_cloudwatchlogs::Client;

use crate::Aws;

/// Only EMF: a document that tells when it was measured. Lambda's own lines about starts and ends
/// of invocations are left where they are.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
pub const EMF_ONLY: &str = "{ $._aws.Timestamp > 0 }";

/// A log group, by its name or ARN.
#[derive(Clone, Debug)]
pub struct LogGroup {
    aws: Aws,
    client: Client,
    name: String,
    pattern: String,
    streams: Option<String>,
}

impl LogGroup {
    /// The group of that name or ARN; whether there is one, the first call tells.
    pub fn named(aws: &Aws, name: &str) -> Self {
        LogGroup {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            name: name.to_owned(),
            pattern: EMF_ONLY.to_owned(),
            streams: None,
        }
    }

    /// Of it only events that fit a filter pattern, in the streams whose names begin so.
    pub fn only(self, pattern: &str, streams: &str) -> Self {
        LogGroup { pattern: pattern.to_owned(), streams: Some(streams.to_owned()), ..self }
    }

    /// As it was named.
    pub fn name(&self) -> &str {
        &self.name
    }
}
