//! What is known of a log group beside its events: harmless questions.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html>

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_cloudwatch::types::{Dimension, Metric};
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_cloudwatchlogs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_cloudwatchlogs::error::BoxError;
use aws_sdk_cloudwatchlogs::types::{LogGroup as Described, LogGroupClass};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use model::Timestamp;

use super::{LogGroup, Span};
use crate::history::{ask, one};
use crate::{Aws, CallError};

/// IAM's name of the call.
const ACTION: &str = "logs:DescribeLogGroups";

/// Pages that may be empty before one is believed that there is nothing: a search is cut into
/// pages by the time that it takes, too.
const EMPTY_PAGES_MAX: u64 = 20;

/// What is known of a log group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How long events are kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// Whether it is of the class Standard: in others no metrics are taken out of EMF lines.
    pub is_standard: bool,
}

/// Lines that were meant as EMF, and of which CloudWatch made no metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EmfErrors {
    /// They cannot be parsed.
    pub parsing: f64,
    /// They break a rule of the specification.
    pub validation: f64,
}

impl LogGroup {
    /// Facts about the group; `None` if there is none of that name.
    ///
    /// # Errors
    /// When AWS does not say.
    pub fn facts(&self) -> Result<Option<Facts>, CallError> {
        // `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`
        let name = self.name.splitn(7, ':').nth(6).unwrap_or(&self.name);
        let name = name.trim_end_matches(":*");
        let mut token: Option<String> = None;
        loop {
            let ask = self.client.describe_log_groups().log_group_name_prefix(name);
            let page = self.aws.wait(ask.set_next_token(token.clone()).send());
            let page = page.map_err(|error| CallError::of(ACTION, &error))?;
            let mut groups = page.log_groups().iter();
            if let Some(found) = groups.find(|group| group.log_group_name() == Some(name)) {
                return Ok(Some(facts(found)));
            }
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => return Ok(None),
            }
        }
    }

    /// Whether there is an EMF event in that time.
    ///
    /// # Errors
    /// When the group cannot be read.
    pub fn has_events(&self, span: Span) -> Result<bool, CallError> {
        let mut token: Option<String> = None;
        for _ in 0..EMPTY_PAGES_MAX {
            let page = self.page(span, token.take())?;
            if !page.events().is_empty() {
                return Ok(true);
            }
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(false)
    }

    /// When AWS says it is now; `None` where its answer has no date. To the second.
    ///
    /// # Errors
    /// When AWS does not answer.
    pub fn date(aws: &Aws) -> Result<Option<Timestamp>, CallError> {
        let date = Date::default();
        let config = aws_sdk_cloudwatchlogs::config::Builder::from(aws.config())
            .interceptor(date.clone())
            .build();
        let ask = Client::from_conf(config).describe_log_groups().limit(1);
        let answer = aws.wait(ask.send());
        let told = date.0.lock().ok().and_then(|date| *date);
        // A refusal tells the time as well.
        match answer {
            Err(error) if told.is_none() => Err(CallError::of(ACTION, &error)),
            _ => Ok(told),
        }
    }
}

/// How many lines of a group CloudWatch could make no metrics of.
///
/// # Errors
/// When CloudWatch does not say.
pub fn emf_errors(
    aws: &Aws,
    group: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<EmfErrors, CallError> {
    let by = Dimension::builder().name("LogGroupName").value(group).build();
    let query = |id, name| {
        let metric = Metric::builder().namespace("AWS/Logs").metric_name(name);
        one(id, metric.dimensions(by.clone()).build(), Duration::from_hours(1), "Sum")
    };
    let queries =
        [query("parsing", "EMFParsingErrors"), query("validation", "EMFValidationErrors")];
    let client = aws_sdk_cloudwatch::Client::new(aws.config());
    let found = ask(aws, &client, &queries, from, to)?;
    let sum = |id: &str| found.get(id).map_or(0.0, |s| s.iter().map(|(_, value)| value).sum());
    Ok(EmfErrors { parsing: sum("parsing"), validation: sum("validation") })
}

fn facts(group: &Described) -> Facts {
    let days = group.retention_in_days().and_then(|days| u32::try_from(days).ok());
    let class = group.log_group_class();
    Facts {
        retention_days: days,
        is_standard: class.is_none_or(|class| *class == LogGroupClass::Standard),
    }
}

/// The date of an answer.
#[derive(Clone, Debug, Default)]
struct Date(Arc<Mutex<Option<Timestamp>>>);

impl Intercept for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let told = context.response().headers().get("date");
        let told = told.and_then(|told| DateTime::from_str(told, Format::HttpDate).ok());
        let told = told.and_then(|told| told.to_millis().ok()).map(Timestamp::from_millis);
        if let Ok(mut date) = self.0.lock() {
            *date = told;
        }
        Ok(())
    }
}
