//! The limits of the specification and of the API behind it, each with its source.

use std::time::Duration;

/// Values (or value/count pairs) in one metric of one document (EMF specification).
pub const VALUES_MAX: usize = 100;

/// Metrics in one directive (EMF specification).
pub const METRICS_MAX: usize = 100;

/// Dimensions in one dimension set (EMF specification).
pub const DIMENSIONS_MAX: usize = 30;

/// Characters of a dimension's name (EMF schema).
pub const DIMENSION_NAME_LEN_MAX: usize = 250;

/// Characters of a dimension's value (EMF specification and `Dimension` in the API reference).
pub const DIMENSION_VALUE_LEN_MAX: usize = 1024;

/// Characters of a metric's name. The EMF schema says 1024, `MetricDatum` of the API says 255.
pub const METRIC_NAME_LEN_MAX: usize = 255;

/// Characters of a namespace. The EMF schema says 1024, the API says 255.
pub const NAMESPACE_LEN_MAX: usize = 255;

/// Bytes of one log event: `PutLogEvents` takes 1 MiB, 26 bytes of which are overhead.
pub const EVENT_BYTES_MAX: usize = 1_048_576 - 26;

/// Bytes that every agent and every older limit lets pass; Headroom's own lines stay below.
pub const EVENT_BYTES_ADVISED: usize = 262_144 - 26;

/// How old a log event may be (`PutLogEvents`).
pub const AGE_MAX: Duration = Duration::from_hours(14 * 24);

/// How far ahead of the clock a log event may be (`PutLogEvents`).
pub const AHEAD_MAX: Duration = Duration::from_hours(2);

/// The largest magnitude of a value: 2^360 (`MetricDatum` in the API reference).
pub const VALUE_MAGNITUDE_MAX: f64 = 2.348_542_582_773_833_2e108;

/// The units that CloudWatch knows (`MetricDatum` in the API reference).
pub const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// The storage resolutions that CloudWatch knows, in seconds.
pub const STORAGE_RESOLUTIONS: [u64; 2] = [1, 60];
