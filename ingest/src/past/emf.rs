//! A line of EMF as CloudWatch Logs exports it.
//!
//! Our own line of a job event carries ids and times as properties and becomes that event again.
//! Our own line of a minute becomes what was counted in it. An export to S3 puts a time and a blank
//! before each line. Anything else in the log group is foreign.
//!
//! `Pool` is a dimension and therefore plain ASCII; where the pool's name is not, the property
//! `pool` has it whole.

mod minute;

use model::catalogue::NAMESPACE;
use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};
use serde::Deserialize;

use super::{Malformed, Past, PastEvent};
use crate::reject::told;

/// The property that holds a pool's name where the dimension cannot.
pub const POOL: &str = "pool";

/// The property that holds a job's page where it is not the usual one on github.com.
pub const URL: &str = "url";

/// The property that tells the line of a job that was given up from that of an event.
pub const EXPIRED: &str = "expired";

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "_aws")]
    aws: Option<Aws>,
}

#[derive(Deserialize)]
struct Aws {
    #[serde(rename = "Timestamp")]
    at: i64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: Vec<Directive>,
}

#[derive(Deserialize)]
struct Directive {
    #[serde(rename = "Namespace")]
    namespace: String,
    #[serde(rename = "Dimensions")]
    sets: Vec<Vec<String>>,
    #[serde(rename = "Metrics")]
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    #[serde(rename = "Name")]
    name: String,
}

/// As much of `_aws` as a job event needs.
#[derive(Deserialize)]
struct Brief<'a> {
    #[serde(rename = "Timestamp")]
    at: i64,
    #[serde(rename = "CloudWatchMetrics", borrow)]
    directives: Vec<Named<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(rename = "Namespace")]
    namespace: &'a str,
}

/// Our line of a job event.
#[derive(Deserialize)]
struct JobLine<'a> {
    #[serde(rename = "_aws", borrow)]
    aws: Brief<'a>,
    job_id: Option<u64>,
    run_id: Option<u64>,
    run_attempt: Option<u32>,
    repository: Option<String>,
    workflow: Option<String>,
    job_name: Option<String>,
    branch: Option<String>,
    labels: Option<Vec<String>>,
    runner: Option<String>,
    runner_group: Option<String>,
    url: Option<String>,
    pool: Option<String>,
    created_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    #[serde(rename = "Pool")]
    pool_dimension: Option<String>,
    #[serde(rename = "Status")]
    status: Option<String>,
    #[serde(rename = "Conclusion")]
    conclusion: Option<String>,
    expired: Option<u64>,
}

/// Reads one line.
///
/// # Errors
/// When it is one of ours and does not hold what ours hold, or is cut off.
pub fn read(line: &str) -> Result<Past, Malformed> {
    let text = without_prefix(line);
    let is_emf = text.starts_with('{') && text.contains("\"_aws\"");
    if !is_emf {
        return Ok(Past::Foreign);
    }
    match serde_json::from_str::<JobLine<'_>>(text) {
        Ok(line) if line.is_of_a_job() && line.expired.is_some() => Ok(line.gone()),
        Ok(line) if line.is_of_a_job() => line.into_event(),
        Ok(_) => of_a_minute(text),
        Err(error) => match of_a_minute(text)? {
            Past::Foreign => Ok(Past::Foreign),
            _ => Err(Malformed::Shape(told(&error), "a line that headroom wrote")),
        },
    }
}

/// A line that is of no job: ours of a minute, ours of something else, or foreign.
fn of_a_minute(text: &str) -> Result<Past, Malformed> {
    let envelope: Envelope = match serde_json::from_str(text) {
        Ok(envelope) => envelope,
        Err(error) if error.is_data() => return Ok(Past::Foreign),
        Err(error) => return Err(Malformed::Shape(told(&error), "a whole JSON object")),
    };
    let Some(aws) = envelope.aws else { return Ok(Past::Foreign) };
    if !aws.directives.iter().any(|directive| directive.namespace == NAMESPACE) {
        return Ok(Past::Foreign);
    }
    // What is counted by the minute stands at its start.
    match aws.at.rem_euclid(MINUTE_MS) {
        0 => minute::read(text, Timestamp::from_millis(aws.at), &aws.directives),
        _ => Ok(Past::Unused),
    }
}

/// Without the time that an export to S3 puts before the line.
fn without_prefix(line: &str) -> &str {
    let line = line.trim();
    match line.split_once([' ', '\t']) {
        Some((time, rest)) if time.parse::<Timestamp>().is_ok() => rest.trim_start(),
        _ => line,
    }
}

impl JobLine<'_> {
    fn is_of_a_job(&self) -> bool {
        let is_ours = self.aws.directives.iter().any(|named| named.namespace == NAMESPACE);
        is_ours && self.job_id.is_some()
    }

    fn key(&self) -> JobKey {
        JobKey { job: self.job_id.unwrap_or(0), attempt: self.run_attempt.unwrap_or(1) }
    }

    fn gone(&self) -> Past {
        Past::Gone { key: self.key(), at: Timestamp::from_millis(self.aws.at) }
    }

    fn into_event(self) -> Result<Past, Malformed> {
        let at = Timestamp::from_millis(self.aws.at);
        let status = self.status.as_deref().unwrap_or("missing");
        let phase = Phase::from_action(status).ok_or_else(|| {
            Malformed::value("Status", status, "waiting, queued, in_progress or completed")
        })?;
        let over = phase == Phase::Completed;
        let conclusion = self.conclusion.as_deref().map(Conclusion::from_word);
        let event = JobEvent {
            key: self.key(),
            phase,
            run: self.run_id.unwrap_or(0),
            repository: Repository(self.repository.unwrap_or_else(|| "unknown".into())),
            name: self.job_name.unwrap_or_default(),
            workflow: self.workflow,
            branch: self.branch,
            url: self.url,
            labels: Labels::new(self.labels.unwrap_or_default()),
            created_at: self.created_at,
            started_at: self.started_at,
            completed_at: self.completed_at,
            conclusion: over.then(|| conclusion.unwrap_or(Conclusion::Other)),
            runner: self.runner,
            runner_group: self.runner_group,
        };
        let pool = self.pool.or(self.pool_dimension);
        let past = PastEvent { event, pool, received_at: at, is_receipt_known: true };
        Ok(Past::Job(Box::new(past)))
    }
}
