//! Records that look like those of a real fleet, to measure and to show lines with.
//!
//! The texts are of ordinary length: what they are matters only for bytes. Nothing random, so the
//! same catalogue gives the same bytes.

use std::time::Duration;

use crate::catalogue as c;
use crate::emf::{Property, Record};
use crate::{Conclusion, Dimension, Dimensions, Histogram, Phase, Timestamp};

/// A pool's name.
pub const POOL: &str = "linux-x64-large";

/// A repository's name.
pub const REPOSITORY: &str = "acme/payments-service";

/// A job's name.
pub const JOB_NAME: &str = "integration-tests (postgres-17, 3)";

/// GitHub's name of the event that every job line is about.
pub const EVENT_NAME: &str = "workflow_job";

/// When the news came that the sample job had its runner: 2026-11-02T09:14:07.250Z.
pub const AT: Timestamp = Timestamp::from_millis(1_793_610_847_250);

/// A wait for a runner.
const WAIT: Duration = Duration::from_secs(41);

/// A time with a runner.
const DURATION: Duration = Duration::from_secs(312);

/// From GitHub's clock to ours.
const LAG: Duration = Duration::from_millis(1_250);

/// A property of a line: its name, its meaning, and its value in the sample.
type Described = (&'static str, &'static str, fn() -> Property);

fn text(text: &str) -> Property {
    Property::Text(text.to_owned())
}

fn time(at: Timestamp) -> Property {
    Property::Time(at)
}

/// When the sample job got its runner.
fn started() -> Timestamp {
    AT.minus(LAG)
}

/// What a line about a job can say beside metrics.
static JOB_PROPERTIES: [Described; 14] = [
    ("job_id", "id of the job", || Property::Number(56_872_019_344)),
    ("run_id", "id of its workflow run", || Property::Number(19_847_263_510)),
    ("run_attempt", "1, or more for a re-run", || Property::Number(1)),
    ("repository", "`owner/name`", || text(REPOSITORY)),
    ("workflow", "the workflow's name", || text("Build and test")),
    ("job_name", "the job's name, any Unicode", || text(JOB_NAME)),
    ("branch", "the branch", || text("feature/retry-on-timeout")),
    ("labels", "what the job asks for", || {
        Property::List(["large", "linux", "self-hosted", "x64"].map(str::to_owned).to_vec())
    }),
    ("runner", "the runner that has or had it", || text("i-0f3a9c1d2b4e5f607")),
    ("runner_group", "the group of that runner", || text("payments")),
    ("created_at", "when the job was created, by GitHub's clock", || time(started().minus(WAIT))),
    ("started_at", "when it got its runner, by GitHub's clock", || time(started())),
    ("completed_at", "when it was over, by GitHub's clock", || time(started().plus(DURATION))),
    ("delivery", "`X-GitHub-Delivery`; a redelivery keeps it", || {
        text("72d3162e-cc78-11e3-81ab-4c9367dc0958")
    }),
];

/// Name and meaning of every property of a line about a job.
pub fn properties() -> impl Iterator<Item = (&'static str, &'static str)> {
    JOB_PROPERTIES.iter().map(|(name, meaning, _)| (*name, *meaning))
}

/// Whether a property is known in a phase. GitHub says `started_at` of a queued job already.
fn is_known(property: &str, phase: Phase) -> bool {
    match property {
        "completed_at" => phase == Phase::Completed,
        "runner" | "runner_group" => phase >= Phase::InProgress,
        _ => true,
    }
}

/// The record of one job event, as it is written where events are written one by one. It gives the
/// dimensions of every roll-up; the encoder takes those that are on.
pub fn job_event(phase: Phase) -> Record {
    let dimensions = Dimensions::none()
        .with(Dimension::Pool, POOL)
        .with(Dimension::Status, phase.as_str())
        .with(Dimension::Repository, REPOSITORY)
        .with(Dimension::ArticleStatus, phase.as_str())
        .with(Dimension::ArticleEventName, EVENT_NAME)
        .with(Dimension::ArticleRepository, REPOSITORY)
        .with(Dimension::ArticleName, JOB_NAME);
    let record = Record::new(AT, dimensions).with(c::JOB_EVENTS.inc());
    let mut record = match phase {
        Phase::Waiting | Phase::Queued => record,
        Phase::InProgress => record.with(c::JOB_WAIT.took(WAIT)),
        Phase::Completed => concluded(record),
    }
    .with(c::DELIVERY_LAG.took(LAG))
    .with(c::BUILD_EVENT.inc());
    record.properties = JOB_PROPERTIES
        .iter()
        .filter(|(name, _, _)| is_known(name, phase))
        .map(|(name, _, value)| (*name, value()))
        .collect();
    record
}

fn concluded(mut record: Record) -> Record {
    record.dimensions = record.dimensions.with(Dimension::Conclusion, Conclusion::Success.as_str());
    record.with(c::JOB_CONCLUSIONS.inc()).with(c::JOB_DURATION.took(DURATION))
}

/// The record of one workflow run event.
pub fn run_event(status: &'static str) -> Record {
    let dimensions = Dimensions::none().with(Dimension::Status, status);
    Record::new(AT, dimensions).with(c::RUN_EVENTS.inc())
}

/// A distribution of `samples` durations, spread evenly on a logarithmic scale from one second to
/// one hour, in units of which a second has `per_second`.
pub fn distribution(samples: u64, per_second: u64) -> Histogram {
    let longest = 3_600.0_f64;
    (0..samples)
        .map(|i| {
            let rank = (super::as_f64(i) + 0.5) / super::as_f64(samples);
            super::rounded(longest.powf(rank) * super::as_f64(per_second))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_says_one_story() {
        assert_eq!(started().to_string(), "2026-11-02T09:14:06Z");
        let of = |phase| job_event(phase).properties.len();
        assert_eq!(Phase::ALL.map(of), [11, 11, 13, 14]);
    }

    #[test]
    fn a_distribution_has_its_samples_between_a_second_and_an_hour() {
        for (samples, per_second) in [(1, 1), (40, 1), (5_000, 1_000)] {
            let distribution = distribution(samples, per_second);
            assert_eq!(distribution.len(), samples);
            assert!(distribution.min() >= Some(per_second));
            assert!(distribution.max() <= Some(3_600 * per_second));
        }
    }
}
