//! Reading events of a log group, one at a time.
//!
//! `FilterLogEvents` gives pages of at most 10,000 events or 1 MB, some of them empty although more
//! follow; only a page without a token is the last.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use model::Timestamp;

use super::LogGroup;
use crate::CallError;

/// IAM's name of the call.
const ACTION: &str = "logs:FilterLogEvents";

/// A stretch of time by the events' own time stamps, its end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Timestamp,
    /// The first that is no longer looked at.
    pub to: Timestamp,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Events that were handed over.
    pub events: u64,
    /// Events that had been handed over before.
    pub repeated: u64,
    /// Calls that it took, retries not counted.
    pub pages: u64,
}

impl LogGroup {
    /// Hands over the text and the time of each event that is read: each line of EMF, unless others
    /// were asked for, roughly in order of time: events of
    /// several streams are interleaved. Memory does not grow with their number.
    ///
    /// # Errors
    /// When the group cannot be read. What was handed over until then is part of it.
    pub fn read(
        &self,
        span: Span,
        take: &mut dyn FnMut(&str, Timestamp),
    ) -> Result<Told, CallError> {
        let mut told = Told::default();
        self.pages(span, &mut |page| {
            told.pages += 1;
            for event in page {
                told.events += 1;
                take(event.message().unwrap_or_default(), at(event));
            }
        })?;
        Ok(told)
    }

    /// Hands over one page after another.
    pub(super) fn pages(
        &self,
        span: Span,
        take: &mut dyn FnMut(&[FilteredLogEvent]),
    ) -> Result<(), CallError> {
        let mut token: Option<String> = None;
        loop {
            let page = self.page(span, token.clone())?;
            take(page.events());
            // A token that does not change leads nowhere.
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => return Ok(()),
            }
        }
    }

    pub(super) fn page(
        &self,
        span: Span,
        token: Option<String>,
    ) -> Result<FilterLogEventsOutput, CallError> {
        let ask = self.client.filter_log_events();
        let ask = match self.name.starts_with("arn:") {
            true => ask.log_group_identifier(&self.name),
            false => ask.log_group_name(&self.name),
        };
        let ask = ask
            .start_time(span.from.as_millis().max(0))
            .end_time(span.to.as_millis().max(0).saturating_sub(1))
            .filter_pattern(&self.pattern)
            .set_log_stream_name_prefix(self.streams.clone())
            .set_next_token(token);
        self.aws.wait(ask.send()).map_err(|error| CallError::of(ACTION, &error))
    }
}

/// When the event was, by whoever wrote it.
pub(super) fn at(event: &FilteredLogEvent) -> Timestamp {
    Timestamp::from_millis(event.timestamp().unwrap_or_default())
}
