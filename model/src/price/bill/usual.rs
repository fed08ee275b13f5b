//! The usual way: `terraform-aws-github-runner`, version 7, as its module deploys it by default.
//! <https://github.com/github-aws-runners/terraform-aws-github-runner>
//!
//! API Gateway, a function that puts each event on a bus, one that dispatches queued jobs to a queue
//! for each pool, one that starts an instance for each message, and one for each pool that looks for
//! instances to end. It publishes no waits, no queue and no alarms, so none of that is billed.
//! Sizes, schedule and days of logs are the module's defaults (`variables.tf`); how long its
//! functions take is assumed, and each assumption stands beside its constant.

use super::services::{API_REQUESTS, BUS_EVENTS, KEY_REQUESTS, MILLION, QUEUE_REQUESTS};
use super::{Basis, Bill, Fleet, Item, at, every_minutes, function, job_events, months};
use crate::price::{as_f64, list};

/// `webhook_lambda_memory_size`, also the dispatcher's.
const WEBHOOK_MEBIBYTES: f64 = 256.0;

/// `runners_scale_up_lambda_memory_size` and `scale_down_lambda_memory_size`.
const SCALE_MEBIBYTES: f64 = 512.0;

/// `scale_down_schedule_expression`: `cron(*/5 * * * ? *)`, for each pool.
const SCALE_DOWN_MINUTES: u64 = 5;

/// `logging_retention_in_days`.
const LOG_DAYS: u64 = 180;

/// Assumed: verify, parse, and one call that puts the event on the bus. Through a Runtime API on
/// loopback its processor time alone is 0.6 ms on a whole processor, 4 ms on a seventh of one.
const WEBHOOK_MS: f64 = 20.0;

/// Assumed: match labels, and one call that puts the message into the queue.
const DISPATCH_MS: f64 = 20.0;

/// Assumed: a token and the runner's configuration from GitHub, a fleet request to EC2, a parameter.
const SCALE_UP_MS: f64 = 3_000.0;

/// Assumed: GitHub's and EC2's lists of runners, without any that is ended.
const SCALE_DOWN_MS: f64 = 3_000.0;

/// Sent, received and deleted.
const QUEUE_CALLS: f64 = 3.0;

/// What a runner is started with lies in a parameter, encrypted when it is put and decrypted when it is
/// read; that it may be a parameter of the advanced tier is left out.
const KEY_USES: f64 = 2.0;

/// Assumed: two lines of its logger at level `info` and Lambda's three, for each invocation.
const LOG_BYTES: f64 = 1_500.0;

/// A month of it.
pub fn usual(fleet: &Fleet) -> Bill {
    let (deliveries, jobs) = (job_events(fleet), fleet.jobs_per_month());
    let looks = every_minutes(SCALE_DOWN_MINUTES) * as_f64(fleet.pools);
    let log = (deliveries + 2.0 * jobs + looks) * LOG_BYTES;
    let item = |what, basis, usd| Item { what, basis, usd };
    Bill(vec![
        item("HTTP API requests", Basis::Counted, at(deliveries / MILLION, API_REQUESTS)),
        item(
            "webhook function",
            Basis::Assumed,
            function(deliveries, WEBHOOK_MS, WEBHOOK_MEBIBYTES),
        ),
        item("events on the bus", Basis::Counted, at(deliveries / MILLION, BUS_EVENTS)),
        item("dispatcher function", Basis::Assumed, function(jobs, DISPATCH_MS, WEBHOOK_MEBIBYTES)),
        item("keys of registrations", Basis::Counted, at(jobs * KEY_USES / MILLION, KEY_REQUESTS)),
        item("queues", Basis::Counted, at(jobs * QUEUE_CALLS / MILLION, QUEUE_REQUESTS)),
        item("scale-up function", Basis::Assumed, function(jobs, SCALE_UP_MS, SCALE_MEBIBYTES)),
        item(
            "scale-down function",
            Basis::Assumed,
            function(looks, SCALE_DOWN_MS, SCALE_MEBIBYTES),
        ),
        item("logs, taken in and kept", Basis::Assumed, list::logs(log, months(LOG_DAYS))),
    ])
}
