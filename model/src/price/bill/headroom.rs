//! Headroom on AWS: the webhook's function, what it writes, and around it the scaler.

use super::services::{
    ALARM_METRICS, API_REQUESTS, COMPOSITE_ALARMS, DASHBOARDS, KEY_REQUESTS, MILLION, SCHEDULED,
};
use super::{Basis, Bill, Fleet, Item, Usd, at, every_minutes, function, job_events, run_events};
use crate::price::list;
use crate::price::{Choice, MINUTES_PER_MONTH, Writing, as_f64, estimate};

/// How GitHub reaches the function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// API Gateway's cheaper kind, which can have a domain and a firewall in front.
    #[default]
    HttpApi,
    /// The function's own address.
    FunctionUrl,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// How GitHub reaches the function.
    pub door: Door,
    /// The roll-ups.
    pub choice: Choice,
    /// Whether Lambda writes lines of its own for each invocation, as it does unless the log format
    /// is JSON and the system's level WARN.
    pub platform_lines: bool,
    /// Whether it scales too.
    pub scales: bool,
}

impl Default for Deployment {
    /// The cheapest way that leaves nothing out, with a gateway in front.
    fn default() -> Self {
        Deployment {
            door: Door::HttpApi,
            choice: Choice::Pool,
            platform_lines: false,
            scales: true,
        }
    }
}

/// What the webhook's function is given. It needs a tenth of it.
const INGEST_MEBIBYTES: f64 = 128.0;

/// At 128 MiB a function has a fourteenth of a processor, where the 60 µs that an event may take
/// are 0.8 ms; Lambda bills whole milliseconds, and one more is for waiting.
const INGEST_BILLED_MS: f64 = 2.0;

/// What a line carries for Lambda in the JSON log format, see `lambda::Lines`.
const STAMP: &str = r#""timestamp":"2026-11-02T09:14:07.250Z","level":"INFO","#;

/// START, END and REPORT of one invocation, with what CloudWatch Logs counts for each beside.
const PLATFORM_BYTES: f64 = 330.0 + 3.0 * 26.0;

/// Alarms on `EMFParsingErrors` and `EMFValidationErrors` of the log group.
const EMF_ALARMS: f64 = 2.0;

/// Metrics that the alarms of one pool are computed of: an alarm on an expression costs as much as one
/// for each of them. Whoever has the alarms keeps it so.
pub const POOL_ALARM_METRICS: f64 = 31.0;

/// Alarms over alarms of one pool: one that says whether anything is wrong, and one for each of two
/// windows about waits.
pub const POOL_COMPOSITES: f64 = 3.0;

/// The same of the alarms of the fleet.
pub const FLEET_ALARM_METRICS: f64 = 17.0;

/// Alarms of the stack about itself: errors of two functions, refused invocations, lost events.
const STACK_ALARMS: f64 = 4.0;

/// Fleet, pool, pipeline and cost; each serves all pools.
const BOARDS: f64 = 4.0;

/// What the tick function is given: it holds the AWS SDK and a model of the demand.
const SCALER_MEBIBYTES: f64 = 256.0;

/// The scheduled one looks every ten seconds until the next one starts.
const TICK_MS: f64 = 60_000.0;

/// Such looks in a minute.
const LOOKS_PER_MINUTE: f64 = 6.0;

/// What a look writes of all pools and of each, with what CloudWatch Logs counts beside: the levels that
/// are above zero, in the JSON log format.
const LOOK_BYTES: f64 = 300.0;

/// See [`LOOK_BYTES`].
const POOL_LOOK_BYTES: f64 = 560.0;

/// What a sandbox writes down of each pool, so that the next goes on from there: 50 pools with 20 open
/// jobs each have 41 KB (docs/PERFORMANCE.md).
const CHECKPOINT_BYTES: f64 = 1_000.0;

/// Between two of them, in minutes.
const CHECKPOINT_MINUTES: u64 = 5;

/// A look between two of them, for a job that was queued or an alarm: most of it waits for AWS.
const RAISE_MS: f64 = 300.0;

/// What the lifecycle function is given.
const LIFECYCLE_MEBIBYTES: f64 = 128.0;

/// A hook of an instance that starts or ends; a registration asks GitHub and Parameter Store.
const LIFECYCLE_MS: f64 = 300.0;

/// Of each runner: the hook at its start and at its end, and that each is over.
const LIFECYCLE_EVENTS: f64 = 4.0;

/// What a runner is started with lies in a parameter, encrypted when it is put and decrypted when it is
/// read.
const KEY_USES: f64 = 2.0;

/// A month of that deployment.
pub fn headroom(fleet: &Fleet, deployment: Deployment) -> Bill {
    let mut items = watching(fleet, deployment);
    let scaling = scaling(fleet, deployment.choice);
    let nothing = |item: Item| Item { usd: Usd(0.0), ..item };
    items.extend(scaling.map(|item| if deployment.scales { item } else { nothing(item) }));
    Bill(items)
}

fn watching(fleet: &Fleet, deployment: Deployment) -> Vec<Item> {
    let deliveries = job_events(fleet) + run_events(fleet);
    let requests = match deployment.door {
        Door::HttpApi => deliveries / MILLION,
        Door::FunctionUrl => 0.0,
    };
    let estimate = estimate(fleet, deployment.choice, Writing::PerEvent);
    let lines = as_f64(estimate.log_bytes) + deliveries * as_f64(STAMP.len() as u64);
    let platform = if deployment.platform_lines { deliveries * PLATFORM_BYTES } else { 0.0 };
    let logs = |bytes| list::logs(bytes, fleet.months_kept);
    let item = |what, basis, usd| Item { what, basis, usd };
    vec![
        item("HTTP API requests", Basis::Counted, at(requests, API_REQUESTS)),
        item(
            "ingest function",
            Basis::Assumed,
            function(deliveries, INGEST_BILLED_MS, INGEST_MEBIBYTES),
        ),
        item("EMF lines, taken in and kept", Basis::Counted, logs(lines)),
        item("Lambda's own lines", Basis::Assumed, logs(platform)),
        item("metrics, expected", Basis::Counted, estimate.metrics_expected),
        item("alarms on EMF errors", Basis::Counted, at(EMF_ALARMS, ALARM_METRICS)),
    ]
}

fn scaling(fleet: &Fleet, choice: Choice) -> [Item; 8] {
    let jobs = fleet.jobs_per_month();
    let pools = as_f64(fleet.pools);
    let per_event = estimate(fleet, choice, Writing::PerEvent);
    let per_minute = estimate(fleet, choice, Writing::PerMinute);
    let levels = Usd(per_minute.metrics_expected.0 - per_event.metrics_expected.0);
    let ticks = every_minutes(1);
    let lifecycle = jobs * fleet.started() * LIFECYCLE_EVENTS;
    let of_all = FLEET_ALARM_METRICS + STACK_ALARMS;
    let alarms = at(pools * POOL_ALARM_METRICS + of_all, ALARM_METRICS)
        + at(pools * POOL_COMPOSITES, COMPOSITE_ALARMS);
    let item = |what, basis, usd| Item { what, basis, usd };
    [
        item("levels of pools and runners", Basis::Counted, levels),
        item(
            "scaler by schedule",
            Basis::Assumed,
            function(ticks, TICK_MS, SCALER_MEBIBYTES)
                + at(as_f64(MINUTES_PER_MONTH) / MILLION, SCHEDULED),
        ),
        item("scaler's lines and checkpoints", Basis::Assumed, written_by_scaler(fleet)),
        item("scaler by queued jobs", Basis::Assumed, function(jobs, RAISE_MS, SCALER_MEBIBYTES)),
        item(
            "runner lifecycle",
            Basis::Assumed,
            function(lifecycle, LIFECYCLE_MS, LIFECYCLE_MEBIBYTES),
        ),
        item(
            "keys of registrations",
            Basis::Counted,
            at(jobs * fleet.started() * KEY_USES / MILLION, KEY_REQUESTS),
        ),
        item("alarms of pools and fleet", Basis::Counted, alarms),
        item("dashboards", Basis::Counted, at(BOARDS, DASHBOARDS)),
    ]
}

/// Levels and decisions, and what outlives a sandbox.
fn written_by_scaler(fleet: &Fleet) -> Usd {
    let pools = as_f64(fleet.pools);
    let looks = every_minutes(1) * LOOKS_PER_MINUTE * (LOOK_BYTES + pools * POOL_LOOK_BYTES);
    let checkpoints = every_minutes(CHECKPOINT_MINUTES) * pools * CHECKPOINT_BYTES;
    list::logs(looks + checkpoints, fleet.months_kept)
}
