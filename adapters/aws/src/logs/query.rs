//! A question to CloudWatch Logs Insights.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html>

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::{QueryStatus, ResultField};

use super::{LogGroup, Span};
use crate::{CallError, Why};

/// Rows of one answer at most.
pub const ROWS_MAX: u32 = 10_000;

/// A row of the answer: its values by the names of their fields. Those without a value are not there.
pub type Row = BTreeMap<String, String>;

/// IAM's names of the calls.
const START: &str = "logs:StartQuery";
const RESULTS: &str = "logs:GetQueryResults";

/// Between two looks whether it is done.
const PAUSE: Duration = Duration::from_millis(250);

impl LogGroup {
    /// Asks, and waits for the whole answer, but no longer than `patience`.
    ///
    /// # Errors
    /// When a call fails, or the query does, or takes too long.
    pub fn query(&self, text: &str, span: Span, patience: Duration) -> Result<Vec<Row>, CallError> {
        let ask = self.client.start_query();
        let ask = match self.name.starts_with("arn:") {
            true => ask.log_group_identifiers(&self.name),
            false => ask.log_group_name(&self.name),
        };
        let ask = ask
            .start_time(span.from.as_secs().max(0))
            .end_time(span.to.as_secs().max(0))
            .limit(i32::try_from(ROWS_MAX).unwrap_or(i32::MAX))
            .query_string(text);
        let started = self.aws.wait(ask.send()).map_err(|error| CallError::of(START, &error))?;
        let id = started.query_id().unwrap_or_default().to_owned();
        let looks = patience.as_millis() / PAUSE.as_millis();
        for _ in 0..=looks {
            if let Some(rows) = self.answer(&id)? {
                return Ok(rows);
            }
            std::thread::sleep(PAUSE);
        }
        let said = format!("the query is not done after {} s", patience.as_secs());
        Err(CallError { action: RESULTS, why: Why::NoAnswer { said } })
    }

    /// The rows, once all are there.
    fn answer(&self, id: &str) -> Result<Option<Vec<Row>>, CallError> {
        let ask = self.client.get_query_results().query_id(id);
        let answer = self.aws.wait(ask.send()).map_err(|error| CallError::of(RESULTS, &error))?;
        match answer.status() {
            Some(QueryStatus::Complete) => {
                let rows = answer.results().iter();
                Ok(Some(rows.map(|fields| fields.iter().filter_map(field).collect()).collect()))
            }
            Some(QueryStatus::Scheduled | QueryStatus::Running) | None => Ok(None),
            Some(other) => {
                let (code, said) = (other.as_str().to_owned(), "the query failed".to_owned());
                Err(CallError { action: RESULTS, why: Why::Refused { code, said } })
            }
        }
    }
}

fn field(field: &ResultField) -> Option<(String, String)> {
    Some((field.field()?.to_owned(), field.value()?.to_owned()))
}
