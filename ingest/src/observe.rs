//! From what became known to what is published.

use model::catalogue as c;
use model::emf::{Property, Record};
use model::{DeliveryId, Dimension, Dimensions, JobKey, Phase, Point, RollUp, Timestamp};

use crate::ledger::{Interval, Stage};
use crate::past::emf::EXPIRED;
use crate::{Job, Rejection, RunEvent, Transition};

/// Turns transitions into records, for the roll-ups that are switched on.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    roll_ups: Vec<RollUp>,
}

impl Observer {
    /// For these roll-ups beside [`RollUp::Pool`].
    pub fn new(roll_ups: Vec<RollUp>) -> Self {
        Observer { roll_ups }
    }

    /// What one event made known. The first record is the event's own and carries its properties.
    pub fn job(&self, job: Job, t: &Transition, delivery: Option<DeliveryId>) -> Vec<Record> {
        let mut records = self.job_counts(&job, t);
        records[0].properties = properties(job, t, delivery);
        records
    }

    /// Like [`Observer::job`] without properties, for whoever only counts.
    pub fn job_counts(&self, job: &Job, t: &Transition) -> Vec<Record> {
        let mut record = Record::new(t.received_at, self.dimensions(job, t));
        record.points = points(job, t, &self.roll_ups);
        let mut records = vec![record];
        let intervals = [("wait", t.wait), ("duration", t.duration), ("lag", t.lag)];
        for (name, _) in intervals.into_iter().filter(|(_, i)| i.is_some_and(|i| i.clamped)) {
            let by = Dimensions::none().with(Dimension::Interval, name);
            records.push(Record::new(t.received_at, by).with(c::INTERVALS_CLAMPED.inc()));
        }
        records
    }

    /// News of a workflow run.
    pub fn run(&self, run: &RunEvent, received_at: Timestamp) -> Record {
        let by = Dimensions::none().with(Dimension::Status, run.status.as_str());
        Record::new(received_at, by).with(c::RUN_EVENTS.inc())
    }

    /// A delivery that Headroom does not use.
    pub fn ignored(&self, received_at: Timestamp) -> Record {
        Record::new(received_at, Dimensions::none()).with(c::DELIVERIES_IGNORED.inc())
    }

    /// A delivery that repeats an earlier one.
    pub fn duplicate(&self, received_at: Timestamp) -> Record {
        Record::new(received_at, Dimensions::none()).with(c::DELIVERIES_DUPLICATE.inc())
    }

    /// A request that was not accepted.
    pub fn rejected(&self, rejection: &Rejection, received_at: Timestamp) -> Record {
        let by = Dimensions::none().with(Dimension::Reason, rejection.reason());
        Record::new(received_at, by).with(c::DELIVERIES_REJECTED.inc())
    }

    /// Jobs of one pool that left the levels because their next event never came, or because GitHub
    /// knows no more of them.
    pub fn expired(&self, pool: &str, was: Stage, jobs: u64, at: Timestamp) -> Record {
        let status = match was {
            Stage::Running => Phase::InProgress,
            Stage::Held => Phase::Waiting,
            Stage::Waiting | Stage::Done | Stage::Expired => Phase::Queued,
        };
        let by =
            Dimensions::none().with(Dimension::Pool, pool).with(Dimension::Status, status.as_str());
        Record::new(at, by).with(c::JOBS_EXPIRED.inc_by(jobs))
    }

    /// One of them, as a line that whoever reads jobs back understands.
    pub fn job_gone(&self, key: JobKey, pool: &str, was: Stage, at: Timestamp) -> Record {
        let mut record = self.expired(pool, was, 1, at);
        record.properties = vec![
            ("job_id", Property::Number(key.job)),
            ("run_attempt", Property::Number(u64::from(key.attempt))),
            (EXPIRED, Property::Number(1)),
        ];
        record
    }

    /// How many job events usually come in the hour of `at`.
    pub fn usual(&self, events: u64, at: Timestamp) -> Record {
        Record::new(at, Dimensions::none()).with(c::JOB_EVENTS_USUAL.is(events))
    }

    /// Events whose own EMF lines were not written.
    pub fn dropped(&self, events: u64, at: Timestamp) -> Record {
        Record::new(at, Dimensions::none()).with(c::EMF_EVENTS_DROPPED.inc_by(events))
    }

    fn dimensions(&self, job: &Job, t: &Transition) -> Dimensions {
        let mut by = Dimensions::none()
            .with(Dimension::Pool, job.pool.as_str())
            .with(Dimension::Status, t.told.phase.as_str());
        if let Some(conclusion) = t.told.conclusion {
            by = by.with(Dimension::Conclusion, conclusion.as_str());
        }
        if self.roll_ups.contains(&RollUp::Repository) {
            by = by.with(Dimension::Repository, job.repository.0.as_str());
        }
        if self.roll_ups.contains(&RollUp::Article) {
            by = by
                .with(Dimension::ArticleStatus, t.told.phase.as_str())
                .with(Dimension::ArticleEventName, "workflow_job")
                .with(Dimension::ArticleRepository, job.repository.0.as_str())
                .with(Dimension::ArticleName, job.name.as_str());
        }
        by
    }
}

fn points(job: &Job, t: &Transition, roll_ups: &[RollUp]) -> Vec<Point> {
    let when = |yes: bool, point: Point| yes.then_some(point);
    let length = |interval: Interval| interval.length;
    let all = [
        Some(c::JOB_EVENTS.inc()),
        t.told.conclusion.map(|_| c::JOB_CONCLUSIONS.inc()),
        t.wait.map(length).map(|wait| c::JOB_WAIT.took(wait)),
        when(t.wait_unknown, c::WAITS_UNKNOWN.inc()),
        t.duration.map(length).map(|duration| c::JOB_DURATION.took(duration)),
        t.lag.map(length).map(|lag| c::DELIVERY_LAG.took(lag)),
        when(t.out_of_order, c::DELIVERIES_OUT_OF_ORDER.inc()),
        when(t.is_new && !job.routed, c::JOBS_UNROUTED.inc()),
        when(roll_ups.contains(&RollUp::Article), c::BUILD_EVENT.inc()),
    ];
    // A filter does not know how many it leaves, and a list that grows is moved again and again.
    let mut points = Vec::with_capacity(all.len());
    points.extend(all.into_iter().flatten());
    points
}

/// What makes a line findable: ids and names as properties, never as dimensions.
fn properties(
    job: Job,
    t: &Transition,
    delivery: Option<DeliveryId>,
) -> Vec<(&'static str, Property)> {
    let text = |value: Option<String>| value.map(Property::Text);
    let time = |at: Option<Timestamp>| at.map(Property::Time);
    let all = [
        ("job_id", Some(Property::Number(job.key.job))),
        ("run_id", Some(Property::Number(job.run))),
        ("run_attempt", Some(Property::Number(u64::from(job.key.attempt)))),
        ("repository", Some(Property::Text(job.repository.0))),
        ("workflow", text(job.workflow)),
        ("job_name", Some(Property::Text(job.name))),
        ("branch", text(job.branch)),
        ("labels", Some(Property::List(job.labels.into()))),
        ("runner", text(job.runner)),
        ("runner_group", text(job.runner_group)),
        ("created_at", time(t.told.created_at)),
        ("started_at", time(t.told.started_at)),
        ("completed_at", time(t.told.completed_at)),
        ("delivery", delivery.map(|id| Property::Text(id.into_string()))),
    ];
    let mut properties = Vec::with_capacity(all.len());
    properties.extend(all.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))));
    properties
}
