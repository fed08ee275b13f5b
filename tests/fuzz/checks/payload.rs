//! The whole way of deliveries: signed bytes, what they say, what becomes known, what is published.
//!
//! Each line is a delivery: the event's name, a blank, the body. They are received a second apart.

use std::collections::BTreeMap;

use ingest::ledger::{self, Receipts, Seen, retell};
use ingest::{Content, Delivery, Job, Observer, Rejection, Request, Router, Secrets, receive};
use ingest::{Route, stateless};
use model::emf::Form;
use model::{JobEvent, JobKey, Phase, Timestamp};
use serde_json::Value;

use super::line::Pen;

/// Monday, nine in the morning.
const BEGIN: i64 = 1_767_603_600;

/// Lines beyond these tell nothing new.
const LINES_MAX: usize = 64;

/// One event of a job and its receipt.
type Told = (Timestamp, JobEvent);

pub(super) fn check(data: &[u8]) {
    let mut router = Router::new(Vec::new(), []);
    let mut jobs: BTreeMap<JobKey, (Job, Vec<Told>)> = BTreeMap::new();
    for (line, second) in data.split(|byte| *byte == b'\n').take(LINES_MAX).zip(BEGIN..) {
        let at = Timestamp::from_secs(second);
        let Some(delivery) = delivered(line) else { continue };
        published_without_memory(&delivery, at);
        let Content::Job(event) = delivery.content else { continue };
        let route = router.route(&event.labels);
        let (before, mut told) =
            jobs.remove(&event.key).map_or((None, vec![]), |(j, t)| (Some(j), t));
        let job = folded(before, &event, &route, at, &mut told);
        jobs.insert(job.key, (job, told));
    }
    for (job, told) in jobs.into_values() {
        in_another_order(&job, &told);
        told_again(&job, &told);
    }
}

/// What a line says; the same in a form, and the same when its JSON is written anew.
fn delivered(line: &[u8]) -> Option<Delivery> {
    let blank = line.iter().position(|byte| *byte == b' ')?;
    let event = std::str::from_utf8(&line[..blank]).ok()?;
    let body = &line[blank + 1..];
    let content = read(event, body, "application/json").map(|delivery| delivery.content);
    if std::str::from_utf8(body).is_ok() {
        let form = [b"payload=".as_slice(), &escaped(body)].concat();
        let in_a_form = read(event, &form, "application/x-www-form-urlencoded");
        assert_eq!(in_a_form.map(|delivery| delivery.content), content);
    }
    let content = content.ok()?;
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let anew = read(event, value.to_string().as_bytes(), "application/json");
        assert_eq!(anew.map(|delivery| delivery.content).as_ref(), Ok(&content), "{value}");
    }
    read(event, body, "application/json").ok()
}

fn read(event: &str, body: &[u8], content_type: &str) -> Result<Delivery, Rejection> {
    let secrets = Secrets::new(&["s"]).unwrap();
    let signature = secrets.sign(body);
    let request = Request {
        event: Some(event),
        delivery: Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        signature: signature.as_deref(),
        content_type: Some(content_type),
        body,
    };
    let read = receive(&request, &secrets);
    if let Err(rejection) = &read {
        let told = rejection.to_string();
        assert_eq!(rejection.status(), 400, "{told}");
        assert!(told.len() < 1000 && !told.chars().any(char::is_control), "{told}");
    }
    read
}

fn escaped(body: &[u8]) -> Vec<u8> {
    body.iter().flat_map(|byte| format!("%{byte:02x}").into_bytes()).collect()
}

/// Whoever has no store publishes lines without a fault, too.
fn published_without_memory(delivery: &Delivery, at: Timestamp) {
    for is_on in [false, true] {
        let pen = Pen::of(is_on, Form::Histogram);
        let observer = Observer::new(pen.roll_ups.clone());
        let mut router = Router::new(Vec::new(), []);
        for record in stateless(delivery.clone(), at, &mut router, &observer) {
            assert_eq!(record.at, at);
            pen.write(&record);
        }
    }
}

/// One more event of a job: what it tells is told once, and its lines have no fault.
fn folded(
    before: Option<Job>,
    event: &JobEvent,
    route: &Route,
    at: Timestamp,
    told: &mut Vec<Told>,
) -> Job {
    let seen = before.as_ref().map_or(Seen::default(), |job| job.seen);
    let known = before.as_ref().map(|job| (job.wait(), job.duration(), job.has_started()));
    let Some((job, transition)) = ledger::fold(before.clone(), event.clone(), route.clone(), at)
    else {
        assert!(seen.has(event.phase), "only a phase that was seen tells nothing");
        return before.expect("a phase that was seen is one of a job");
    };
    assert!(!seen.has(event.phase) && job.seen.has(event.phase));
    assert_eq!(transition.is_new, known.is_none());
    let (wait, duration, started) = known.unwrap_or_default();
    assert!(transition.wait.is_none() || (wait.is_none() && job.wait() == transition.wait));
    assert!(transition.duration.is_none() || duration.is_none());
    assert!(!transition.wait_unknown || (!started && transition.wait.is_none()));
    let again = ledger::fold(Some(job.clone()), event.clone(), route.clone(), at);
    assert_eq!(again, None, "what is told twice changes nothing");
    Pen::of(told.is_empty(), Form::Histogram).event(&job, &transition);
    told.push((at, event.clone()));
    job
}

/// The order of arrival does not matter to what is known.
fn in_another_order(job: &Job, told: &[Told]) {
    let other = history(told.iter().rev());
    let facts = |job: &Job| {
        let stamps = (job.created_at, job.started_at(), job.completed_at, job.queued_received_at);
        (job.stage(), job.wait(), job.duration(), stamps, job.conclusion, job.updated_at)
    };
    assert_eq!(facts(&other), facts(job), "{told:?}");
}

/// What an export tells of a job makes the same job.
fn told_again(job: &Job, told: &[Told]) {
    let of = |phase| told.iter().find(|(_, event)| event.phase == phase).map(|(at, _)| *at);
    let receipts = Receipts { running: of(Phase::InProgress), completed: of(Phase::Completed) };
    let again = history(&retell(job, receipts));
    assert_eq!(Job { updated_at: job.updated_at, pool: job.pool.clone(), ..again }, *job);
}

/// The job that these events make, each with its own receipt.
fn history<'a>(told: impl IntoIterator<Item = &'a Told>) -> Job {
    let route = Route { pool: "linux".into(), routed: true };
    let fold = |job: Option<Job>, (at, event): &Told| {
        ledger::fold(job, event.clone(), route.clone(), *at).map(|(job, _)| job)
    };
    told.into_iter().fold(None, fold).expect("each event is of another phase")
}
