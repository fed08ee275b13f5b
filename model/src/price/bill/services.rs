//! List prices of what stands around CloudWatch, for us-east-1, in US dollars, each with source and
//! date. Free tiers and discounts are left out, and only first tiers are used: the sums err to the
//! high side.

use crate::price::UnitPrice;

/// The day on which the prices below were the list's.
const AS_OF: &str = "2026-11-25";

/// Prices are often for a million of something.
pub(super) const MILLION: f64 = 1e6;

const fn price(what: &'static str, usd: f64, per: &'static str, source: &'static str) -> UnitPrice {
    UnitPrice { what, usd, per, source, as_of: AS_OF }
}

const LAMBDA: &str = "https://aws.amazon.com/lambda/pricing/";
const GATEWAY: &str = "https://aws.amazon.com/api-gateway/pricing/";
const EVENT_BUS: &str = "https://aws.amazon.com/eventbridge/pricing/";
const QUEUES: &str = "https://aws.amazon.com/sqs/pricing/";
const KEYS: &str = "https://aws.amazon.com/kms/pricing/";
const WATCH: &str = "https://aws.amazon.com/cloudwatch/pricing/";

/// Invocations of functions.
pub(super) const FUNCTION_REQUESTS: UnitPrice =
    price("Lambda invocations", 0.20, "million", LAMBDA);

/// Time that functions run, by their memory; arm64, first tier. `x86_64` costs a quarter more.
pub(super) const FUNCTION_GB_SECONDS: UnitPrice =
    price("Lambda duration, arm64", 0.000_013_333_4, "GB-second", LAMBDA);

/// Requests through an HTTP API, of up to 512 KB each. A function URL costs nothing of its own.
pub(super) const API_REQUESTS: UnitPrice =
    price("API Gateway, HTTP API requests", 1.00, "million", GATEWAY);

/// Events on a bus of one's own, of up to 64 KB each; their delivery to a function is included.
pub(super) const BUS_EVENTS: UnitPrice =
    price("EventBridge custom events", 1.00, "million", EVENT_BUS);

/// Invocations by a schedule.
pub(super) const SCHEDULED: UnitPrice =
    price("EventBridge Scheduler invocations", 1.00, "million", EVENT_BUS);

/// Calls to a standard queue, of up to 64 KB each.
pub(super) const QUEUE_REQUESTS: UnitPrice =
    price("SQS requests, standard queue", 0.40, "million", QUEUES);

/// Uses of a symmetric key, as a parameter of Parameter Store is put encrypted and read. Standard
/// parameters cost nothing themselves.
pub(super) const KEY_REQUESTS: UnitPrice =
    price("KMS requests, symmetric key", 3.00, "million", KEYS);

/// An alarm on one metric at standard resolution; one on an expression counts for each of its
/// metrics.
pub(super) const ALARM_METRICS: UnitPrice =
    price("CloudWatch alarms, standard resolution", 0.10, "alarm metric-month", WATCH);

/// An alarm over other alarms.
pub(super) const COMPOSITE_ALARMS: UnitPrice =
    price("CloudWatch composite alarms", 0.50, "alarm-month", WATCH);

/// A dashboard; the first three of an account cost nothing, which is left out.
pub(super) const DASHBOARDS: UnitPrice =
    price("CloudWatch dashboards", 3.00, "dashboard-month", WATCH);

/// Every price of a bill beside those of metrics and logs.
pub fn all() -> [UnitPrice; 10] {
    [
        FUNCTION_REQUESTS,
        FUNCTION_GB_SECONDS,
        API_REQUESTS,
        BUS_EVENTS,
        SCHEDULED,
        QUEUE_REQUESTS,
        KEY_REQUESTS,
        ALARM_METRICS,
        COMPOSITE_ALARMS,
        DASHBOARDS,
    ]
}
