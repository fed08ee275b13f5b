//! EMF lines into a log group, as a stream that can be written to.
//!
//! Whoever writes flushes where a whole is to be accepted or not: a flush gives back an error until
//! AWS has taken everything. Of a whole of several batches those that were taken are not sent
//! again, as long as the same whole is tried again. An answer that got lost on its way is the one
//! case in which AWS may have a batch twice.

use std::io::{self, Write};

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::SdkError;
use aws_sdk_cloudwatchlogs::operation::create_log_stream::CreateLogStreamError;
use aws_sdk_cloudwatchlogs::operation::put_log_events::PutLogEventsOutput;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

use super::batch::{Event, batches};
use crate::{Aws, CallError};

/// A log stream of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The group's name; the group has to be there, for its retention is somebody's decision.
    pub group: String,
    /// The stream's name; it is made where it is missing.
    pub name: String,
}

/// Writes lines into a log stream.
#[derive(Debug)]
pub struct Printer {
    aws: Aws,
    client: Client,
    stream: Stream,
    lines: Vec<u8>,
    /// Whether the stream is known to be there.
    is_there: bool,
    /// The whole that failed last, and how many of its batches were taken.
    half_done: Option<(u64, usize)>,
}

impl Printer {
    /// Into that stream. Nothing is asked of AWS yet.
    pub fn new(aws: &Aws, stream: Stream) -> Self {
        Printer {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            stream,
            lines: Vec::new(),
            is_there: false,
            half_done: None,
        }
    }

    /// Makes the stream where it is missing.
    ///
    /// # Errors
    /// When there is no such group, or the stream cannot be made.
    pub fn open(&mut self) -> Result<(), CallError> {
        if self.is_there {
            return Ok(());
        }
        let Stream { group, name } = &self.stream;
        let ask = self.client.create_log_stream().log_group_name(group).log_stream_name(name);
        match self.aws.wait(ask.send()) {
            Ok(_) => {}
            Err(error) if is_there_already(&error) => {}
            Err(error) => return Err(CallError::of("logs:CreateLogStream", &error)),
        }
        self.is_there = true;
        Ok(())
    }

    fn send(&mut self, text: &str) -> Result<(), CallError> {
        self.open()?;
        let (batches, left_out) = batches(text);
        if left_out > 0 {
            tracing::error!(left_out, "EMF lines over 1 MB, which CloudWatch Logs does not take");
        }
        let whole = hash(text);
        let done = self.half_done.filter(|(of, _)| *of == whole).map_or(0, |(_, done)| done);
        for (i, batch) in batches.iter().enumerate().skip(done) {
            if let Err(error) = self.put(batch) {
                self.half_done = Some((whole, i));
                // The stream may have been deleted.
                self.is_there = !error.is_not_there();
                return Err(error);
            }
        }
        self.half_done = None;
        Ok(())
    }

    fn put(&self, batch: &[Event<'_>]) -> Result<(), CallError> {
        let event = |event: &Event<'_>| {
            let event = InputLogEvent::builder()
                .timestamp(event.at.as_millis())
                .message(event.text)
                .build();
            event.expect("it has a time and a text")
        };
        let Stream { group, name } = &self.stream;
        let ask = self
            .client
            .put_log_events()
            .log_group_name(group)
            .log_stream_name(name)
            .set_log_events(Some(batch.iter().map(event).collect()));
        let answer = self.aws.wait(ask.send());
        let answer = answer.map_err(|error| CallError::of("logs:PutLogEvents", &error))?;
        tell_of_rejected(&answer, batch.len());
        Ok(())
    }
}

/// What is too old or too far ahead is refused for good: trying again would not change that.
fn tell_of_rejected(answer: &PutLogEventsOutput, events: usize) {
    let Some(rejected) = answer.rejected_log_events_info() else { return };
    let too_old = rejected.too_old_log_event_end_index().unwrap_or_default();
    let expired = rejected.expired_log_event_end_index().unwrap_or_default();
    let too_new = rejected.too_new_log_event_start_index();
    tracing::error!(
        events,
        too_old = too_old.max(expired),
        too_new_from = too_new,
        "CloudWatch Logs refused EMF lines that are older than 14 days or the group's retention, \
         or over 2 hours ahead"
    );
}

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Sends everything that was written since the last flush. What failed is forgotten here: it is
    /// to be written again.
    fn flush(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.lines);
        let text = String::from_utf8(lines).map_err(io::Error::other)?;
        match text.is_empty() {
            true => Ok(()),
            false => self.send(&text).map_err(io::Error::other),
        }
    }
}

fn is_there_already<R>(error: &SdkError<CreateLogStreamError, R>) -> bool {
    let refused = error.as_service_error();
    refused.is_some_and(CreateLogStreamError::is_resource_already_exists_exception)
}

/// 64-bit FNV-1a: enough to know a text again.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
