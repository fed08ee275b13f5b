//! A story for each alarm: what is counted, when it fires and when it ceases.
//!
//! The same stories are told to the engine and, as series, to Prometheus' own rules.

use std::time::Duration;

use alarms::list as l;
use model::Dimension::Status;
use model::catalogue as c;
use model::{Dimensions, Phase};

use super::world::World;

/// One story.
pub struct Tale {
    /// The alarm.
    pub alarm: &'static str,
    /// What is counted.
    pub world: World,
    /// The minute at which it fires.
    pub fires: i64,
    /// The minute at which it ceases.
    pub ceases: i64,
}

/// Every story lasts so many minutes.
pub const MINUTES: i64 = 900;

/// Every alarm's.
pub fn all() -> Vec<Tale> {
    let mut all = of_pools();
    all.extend(of_waits());
    all.extend(of_the_pipeline());
    all
}

fn tale(alarm: &'static str, world: World, (fires, ceases): (i64, i64)) -> Tale {
    Tale { alarm, world, fires, ceases }
}

/// A pool of 10 that works: 8 busy, 2 idle, none waits.
fn working() -> World {
    World::healthy(MINUTES)
        .pool(0..MINUTES, &c::JOBS_WAITING.is(0))
        .pool(0..MINUTES, &c::OLDEST_WAITING_AGE.is(0))
        .pool(0..MINUTES, &c::JOBS_RUNNING.is(8))
        .pool(0..MINUTES, &c::RUNNERS_DESIRED.is(10))
        .pool(0..MINUTES, &c::RUNNERS_BUSY.is(8))
        .pool(0..MINUTES, &c::RUNNERS_IDLE.is(2))
        .pool(0..MINUTES, &c::RUNNERS_BOOTING.is(0))
        .pool(0..MINUTES, &c::RUNNERS_OVERDUE.is(0))
        .pool(0..MINUTES, &c::RUNNERS_STOPPED.is(4))
        .pool(0..MINUTES, &c::RUNNERS_STOPPED_DESIRED.is(4))
        .pool(0..MINUTES, &c::RUNNERS_MEMBERS.is(10))
        .pool(0..MINUTES, &c::RUNNERS_MAX.is(12))
}

fn of_pools() -> Vec<Tale> {
    // Full at 12 from minute 100; at 120 the ceiling is lifted and 4 more boot; at 140 all is well.
    let full = working()
        .pool(100..140, &c::JOBS_WAITING.is(5))
        .pool(100..140, &c::RUNNERS_IDLE.is(0))
        .pool(100..140, &c::RUNNERS_BUSY.is(12))
        .pool(100..120, &c::RUNNERS_MEMBERS.is(12))
        .pool(120..140, &c::RUNNERS_MEMBERS.is(16))
        .pool(120..140, &c::RUNNERS_BOOTING.is(4));
    // Two more are allowed and none is ordered.
    let stuck = working()
        .pool(100..130, &c::JOBS_WAITING.is(5))
        .pool(100..130, &c::RUNNERS_IDLE.is(0))
        .pool(100..130, &c::RUNNERS_BUSY.is(10));
    // Everything is gone; what boots never arrives.
    let down = working()
        .pool(100..150, &c::JOBS_WAITING.is(3))
        .pool(100..150, &c::JOBS_RUNNING.is(0))
        .pool(100..150, &c::RUNNERS_BUSY.is(0))
        .pool(100..150, &c::RUNNERS_IDLE.is(0))
        .pool(100..150, &c::RUNNERS_BOOTING.is(3));
    let depleted = working().pool(100..160, &c::RUNNERS_STOPPED.is(0));
    let overdue = working().pool(100..120, &c::RUNNERS_OVERDUE.is(2));
    let failing = working().pool(100..104, &c::BOOTS_FAILED.inc());
    let unregistered = working().pool(100..104, &c::REGISTRATIONS_FAILED.inc());
    let taken = working().pool(100..110, &c::SPOT_INTERRUPTIONS.inc());
    vec![
        tale(l::POOL_EXHAUSTED, full, (102, 142)),
        tale(l::QUEUE_WITHOUT_CAPACITY, stuck.clone(), (103, 131)),
        tale(l::POOL_INCIDENT, stuck, (103, 131)),
        tale(l::POOL_DOWN, down, (110, 151)),
        tale(l::WARM_POOL_DEPLETED, depleted, (110, 166)),
        tale(l::BOOTS_OVERDUE, overdue, (103, 123)),
        tale(l::BOOT_FAILURES, failing, (103, 117)),
        tale(l::REGISTRATIONS_FAILING, unregistered, (103, 117)),
        tale(l::SPOT_INTERRUPTIONS, taken, (105, 166)),
    ]
}

fn of_waits() -> Vec<Tale> {
    let minutes = |n| Duration::from_mins(n);
    // The oldest job is 31 minutes old at the end of minute 100, and starts in minute 120.
    let old = working().pool(100..120, &c::OLDEST_WAITING_AGE.is(1860));
    // Two jobs a minute start at once; for the hour from minute 400 seven that waited 10 minutes.
    let at_once = c::JOB_WAIT.took(minutes(0));
    let late = c::JOB_WAIT.took(minutes(10));
    let usual = [0..400, 460..MINUTES];
    let mut busy = working();
    for span in usual.into_iter().flat_map(|span| [span.clone(), span]) {
        busy = busy.pool(span, &at_once);
    }
    for _ in 0..7 {
        busy = busy.pool(400..460, &late);
    }
    vec![
        tale(l::OLDEST_JOB_TOO_OLD, old, (103, 121)),
        // More than half of the last 60 minutes' jobs are late: 98 of 190, after 14 minutes. Of the
        // last five minutes' jobs 7 of 15 are, four minutes after the last of them.
        tale(l::WAIT_SLO_BURN_FAST, busy.clone(), (414, 464)),
        // More than 15 % of the last 360 minutes' jobs: 126 of 810, after 18 minutes; at the end 7 of
        // the last 30 minutes' 65.
        tale(l::WAIT_SLO_BURN_SLOW, busy, (418, 489)),
    ]
}

fn of_the_pipeline() -> Vec<Tale> {
    let quiet = || World::healthy(MINUTES);
    let status = |phase: Phase| Dimensions::none().with(Status, phase.as_str());
    let events = |world: World, minutes: std::ops::Range<i64>| {
        [Phase::Queued, Phase::InProgress, Phase::Completed]
            .into_iter()
            .fold(world, |w, phase| w.seen(&status(phase), minutes.clone(), &c::JOB_EVENTS.inc()))
    };
    // 180 events an hour; at least 100 are usual. Nothing comes from minute 300 until 480.
    let usual = quiet().fleet(0..MINUTES, &c::JOB_EVENTS_USUAL.is(100));
    let mended = events(usual.clone(), 0..MINUTES).fleet(300..480, &c::JOBS_MENDED.inc_by(3));
    let silent = events(events(usual, 0..300), 480..MINUTES);
    let refused = quiet().fleet(300..330, &c::DELIVERIES_REJECTED.inc_by(3));
    let lost = quiet()
        .fleet(300..302, &c::WEBHOOKS_REDELIVERED.inc_by(2))
        .fleet(302..304, &c::JOBS_MENDED.inc());
    let news = quiet().fleet(0..MINUTES, &c::DELIVERY_LAG.took(Duration::from_secs(2)));
    let news = news.fleet(0..MINUTES, &c::DELIVERY_LAG.took(Duration::from_secs(2)));
    let late = news.clone().fleet(300..330, &c::DELIVERY_LAG.took(Duration::from_secs(200)));
    let repeated = news.fleet(300..315, &c::DELIVERIES_DUPLICATE.inc_by(13));
    let stranger = quiet().fleet(300..302, &c::JOBS_UNROUTED.inc());
    let limit = quiet()
        .fleet(0..MINUTES, &c::GITHUB_RATE_LIMIT_REMAINING.is(4000))
        .fleet(300..330, &c::GITHUB_RATE_LIMIT_REMAINING.is(120));
    let asleep =
        quiet().without(c::SCALER_TICKS.0, 300..320).fleet(300..320, &c::JOBS_WAITING.is(4));
    vec![
        tale(l::WEBHOOK_SILENCE, silent, (360, 481)),
        tale(l::WEBHOOK_SILENCE, mended, (360, 481)),
        tale(l::WEBHOOKS_REJECTED, refused, (309, 337)),
        tale(l::WEBHOOKS_LOST, lost, (304, 361)),
        tale(l::DELIVERY_LAG, late, (312, 344)),
        tale(l::DUPLICATES_SURGE, repeated, (304, 327)),
        tale(l::JOBS_UNROUTED, stranger, (301, 317)),
        tale(l::GITHUB_RATE_LIMIT_LOW, limit, (303, 333)),
        tale(l::SCALER_SILENCE, asleep, (305, 321)),
    ]
}
