//! What a metric is: its specification, its points, and the questions one may ask of it.
//!
//! The kind is a type: a [`Counter`] counts, a [`Level`] rises and falls, a [`Timing`] is a
//! distribution. Statistics are methods of the kind, so that the 95th percentile of a counter does
//! not compile. Every quantity is an unsigned integer in the unit of its specification: a negative
//! value, which would switch percentiles off in CloudWatch, cannot be written down.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use crate::Histogram;

/// What a metric measures in. The words are CloudWatch's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl Unit {
    /// CloudWatch's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
            Unit::Milliseconds => "Milliseconds",
        }
    }

    /// How many of this unit one second holds; `None` for a count.
    pub const fn per_second(self) -> Option<u64> {
        match self {
            Unit::Count => None,
            Unit::Seconds => Some(1),
            Unit::Milliseconds => Some(1000),
        }
    }
}

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Level,
    /// A distribution of durations.
    Timing,
}

impl Kind {
    /// The word for tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Level => "level",
            Kind::Timing => "timing",
        }
    }
}

/// A name under which a metric can be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The pool that can take the job.
    Pool,
    /// The phase of a job or the status of a workflow run.
    Status,
    /// How a job ended.
    Conclusion,
    /// Why a delivery was rejected.
    Reason,
    /// Which interval was negative: wait, duration or lag.
    Interval,
    /// `owner/name`.
    Repository,
    /// The source article's `status`.
    ArticleStatus,
    /// The source article's `eventName`.
    ArticleEventName,
    /// The source article's `repository`.
    ArticleRepository,
    /// The source article's `name`: the job's name.
    ArticleName,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Dimension; 10] = [
        Dimension::Pool,
        Dimension::Status,
        Dimension::Conclusion,
        Dimension::Reason,
        Dimension::Interval,
        Dimension::Repository,
        Dimension::ArticleStatus,
        Dimension::ArticleEventName,
        Dimension::ArticleRepository,
        Dimension::ArticleName,
    ];

    /// The name in CloudWatch.
    pub const fn as_str(self) -> &'static str {
        match self {
            Dimension::Pool => "Pool",
            Dimension::Status => "Status",
            Dimension::Conclusion => "Conclusion",
            Dimension::Reason => "Reason",
            Dimension::Interval => "Interval",
            Dimension::Repository => "Repository",
            Dimension::ArticleStatus => "status",
            Dimension::ArticleEventName => "eventName",
            Dimension::ArticleRepository => "repository",
            Dimension::ArticleName => "name",
        }
    }

    /// The dimension of that CloudWatch name.
    pub fn from_name(name: &str) -> Option<Dimension> {
        Dimension::ALL.into_iter().find(|dimension| dimension.as_str() == name)
    }

    /// The label name in Prometheus.
    pub fn prometheus(self) -> String {
        snake_case(self.as_str())
    }
}

/// Which series of a metric are published, beyond the default ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollUp {
    /// By pool and over the whole fleet: always on.
    Pool,
    /// By repository as well.
    Repository,
    /// The source article's metric with its full dimension set.
    Article,
}

impl RollUp {
    /// All roll-ups.
    pub const ALL: [RollUp; 3] = [RollUp::Pool, RollUp::Repository, RollUp::Article];

    /// The word in configuration and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            RollUp::Pool => "pool",
            RollUp::Repository => "repository",
            RollUp::Article => "article",
        }
    }

    /// The roll-up of that word.
    pub fn from_word(word: &str) -> Option<RollUp> {
        RollUp::ALL.into_iter().find(|roll_up| roll_up.as_str() == word)
    }
}

/// One dimension set under which a metric is published, and the roll-up that switches it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    /// Which roll-up it belongs to.
    pub roll_up: RollUp,
    /// The dimensions; empty for the whole fleet.
    pub by: &'static [Dimension],
}

/// One row of the catalogue. Its name stands for it.
#[derive(Debug)]
pub struct Spec {
    /// The name in CloudWatch.
    pub name: &'static str,
    /// What it is, in one sentence or two.
    pub help: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it is measured in.
    pub unit: Unit,
    /// The dimension sets it is published under.
    pub published: &'static [Published],
    /// Whether it is exact although deliveries repeat: folded from job state, not from events.
    pub exact: Exactness,
}

/// Whether a repeated delivery can be seen in a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exactness {
    /// Exact wherever there is a store; on AWS a repeat beyond the id cache counts twice.
    WithStore,
    /// Counts requests as they come, repeats included: that is what it is for.
    PerRequest,
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}

impl Eq for Spec {}

impl PartialOrd for Spec {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Spec {
    fn cmp(&self, other: &Self) -> Ordering {
        match std::ptr::eq(self, other) {
            true => Ordering::Equal,
            false => self.name.cmp(other.name),
        }
    }
}

impl Spec {
    /// The sets to publish while `on` are switched on, in the order of the catalogue.
    pub fn sets<'a>(&'a self, on: &'a [RollUp]) -> impl Iterator<Item = &'static [Dimension]> + 'a {
        self.published
            .iter()
            .filter(|p| p.roll_up == RollUp::Pool || on.contains(&p.roll_up))
            .map(|p| p.by)
    }

    /// Whether the metric exists at all while `on` are switched on.
    pub fn is_published(&self, on: &[RollUp]) -> bool {
        self.sets(on).next().is_some()
    }

    /// Whether some published set splits by `dimension`.
    pub fn splits_by(&self, dimension: Dimension, on: &[RollUp]) -> bool {
        self.sets(on).any(|set| set.contains(&dimension))
    }

    /// Whether it is for Prometheus as well. What only an opt-in roll-up publishes has a series for
    /// each job name: it is for CloudWatch alone.
    pub fn is_in_prometheus(&self) -> bool {
        self.is_published(&[])
    }

    /// The metric's family in Prometheus: `headroom_job_wait_seconds`, `headroom_job_events_total`.
    pub fn prometheus(&self) -> String {
        let name = snake_case(self.name);
        match (self.kind, self.unit.per_second()) {
            (Kind::Counter, _) => format!("headroom_{name}_total"),
            (_, Some(_)) => format!("headroom_{name}_seconds"),
            (_, None) => format!("headroom_{name}"),
        }
    }
}

/// `JobWait` -> `job_wait`.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Dimension values of a point or record, ordered by dimension, each dimension at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimensions(Vec<(Dimension, String)>);

impl Dimensions {
    /// No dimension: the whole fleet.
    pub const fn none() -> Self {
        Dimensions(Vec::new())
    }

    /// Sets one value; an earlier value of the same dimension is replaced.
    pub fn with(mut self, dimension: Dimension, value: impl Into<String>) -> Self {
        match self.0.binary_search_by_key(&dimension, |(d, _)| *d) {
            Ok(i) => self.0[i].1 = value.into(),
            Err(i) => self.0.insert(i, (dimension, value.into())),
        }
        self
    }

    /// The value of one dimension.
    pub fn get(&self, dimension: Dimension) -> Option<&str> {
        self.0.iter().find(|(d, _)| *d == dimension).map(|(_, value)| value.as_str())
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = (Dimension, &str)> {
        self.0.iter().map(|(d, value)| (*d, value.as_str()))
    }

    /// Only the dimensions that `keep` accepts.
    pub fn only(&self, keep: impl Fn(Dimension) -> bool) -> Dimensions {
        Dimensions(self.0.iter().filter(|(d, _)| keep(*d)).cloned().collect())
    }

    /// Whether these are exactly the dimensions of `set`.
    pub fn are_exactly(&self, set: &[Dimension]) -> bool {
        self.0.len() == set.len() && set.iter().all(|d| self.get(*d).is_some())
    }

    /// Whether there is a value for each dimension of `set`.
    pub fn cover(&self, set: &[Dimension]) -> bool {
        set.iter().all(|d| self.get(*d).is_some())
    }

    /// Whether every value of `filter` is the same here.
    pub fn matches(&self, filter: &Dimensions) -> bool {
        filter.iter().all(|(d, value)| self.get(d) == Some(value))
    }
}

/// One observation or an aggregate of many, in the unit of the specification.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// So many more.
    Add(u64),
    /// As high as this now.
    Is(u64),
    /// One duration.
    Took(u64),
    /// Many durations.
    Distribution(Histogram),
}

/// One observation of one metric, not yet split by dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What was observed.
    pub spec: &'static Spec,
    /// How much.
    pub quantity: Quantity,
}

/// A statistic over a period, by CloudWatch's definitions.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// Sum of all values.
    Sum,
    /// Sum over number.
    Average,
    /// Largest value.
    Maximum,
    /// Number of values.
    SampleCount,
    /// The value that this many per cent of all values do not exceed, 1..=100.
    Percentile(u8),
    /// How many per cent of all values are at most this, in the unit of the metric: CloudWatch's
    /// percentile rank `PR(:n)`.
    ShareUpTo(u64),
}

/// A question: one statistic of one metric, for some dimension values, per period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Which metric.
    pub spec: &'static Spec,
    /// Which statistic.
    pub statistic: Statistic,
    /// Only points with these values; empty for the whole fleet.
    pub filter: Dimensions,
    /// The length of one period, whole minutes.
    pub period: Duration,
}

impl Query {
    fn new(spec: &'static Spec, statistic: Statistic) -> Self {
        Query { spec, statistic, filter: Dimensions::none(), period: Duration::from_mins(1) }
    }

    /// Only points with this value.
    pub fn of(mut self, dimension: Dimension, value: &str) -> Self {
        self.filter = self.filter.with(dimension, value);
        self
    }

    /// One value for each `period` instead of each minute.
    pub fn every(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }
}

/// A metric that only rises.
#[derive(Clone, Copy, Debug)]
pub struct Counter(pub &'static Spec);

impl Counter {
    /// One more.
    pub fn inc(self) -> Point {
        self.inc_by(1)
    }

    /// So many more.
    pub fn inc_by(self, n: u64) -> Point {
        Point { spec: self.0, quantity: Quantity::Add(n) }
    }

    /// How many there were.
    pub fn sum(self) -> Query {
        Query::new(self.0, Statistic::Sum)
    }
}

/// A metric that rises and falls.
#[derive(Clone, Copy, Debug)]
pub struct Level(pub &'static Spec);

impl Level {
    /// As high as this now.
    pub fn is(self, value: u64) -> Point {
        Point { spec: self.0, quantity: Quantity::Is(value) }
    }

    /// The highest it was.
    pub fn max(self) -> Query {
        Query::new(self.0, Statistic::Maximum)
    }

    /// What it was on average.
    pub fn average(self) -> Query {
        Query::new(self.0, Statistic::Average)
    }

    /// All values that were told, added up: over [`Level::samples`] the average.
    pub fn sum(self) -> Query {
        Query::new(self.0, Statistic::Sum)
    }

    /// How often it was told.
    pub fn samples(self) -> Query {
        Query::new(self.0, Statistic::SampleCount)
    }
}

/// A distribution of durations.
#[derive(Clone, Copy, Debug)]
pub struct Timing(pub &'static Spec);

impl Timing {
    /// It took this long; rounded down to the unit of the metric.
    pub fn took(self, duration: Duration) -> Point {
        let value = match self.0.unit {
            Unit::Milliseconds => u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            Unit::Seconds | Unit::Count => duration.as_secs(),
        };
        Point { spec: self.0, quantity: Quantity::Took(value) }
    }

    /// The duration that `percent` (1..=100) of all do not exceed.
    pub fn percentile(self, percent: u8) -> Query {
        Query::new(self.0, Statistic::Percentile(percent))
    }

    /// The longest.
    pub fn max(self) -> Query {
        Query::new(self.0, Statistic::Maximum)
    }

    /// The mean.
    pub fn average(self) -> Query {
        Query::new(self.0, Statistic::Average)
    }

    /// How long all of them took together.
    pub fn sum(self) -> Query {
        Query::new(self.0, Statistic::Sum)
    }

    /// How many per cent took at most `bound`, in the unit of the metric. Prometheus knows it of
    /// the bounds of [`Spec::buckets`] only.
    pub fn share_up_to(self, bound: u64) -> Query {
        Query::new(self.0, Statistic::ShareUpTo(bound))
    }

    /// How many were timed.
    pub fn samples(self) -> Query {
        Query::new(self.0, Statistic::SampleCount)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_ordered_and_single() {
        let a = Dimensions::none().with(Dimension::Status, "queued").with(Dimension::Pool, "linux");
        let b = Dimensions::none()
            .with(Dimension::Pool, "mac")
            .with(Dimension::Pool, "linux")
            .with(Dimension::Status, "queued");
        assert_eq!(a, b);
        assert!(a.are_exactly(&[Dimension::Status, Dimension::Pool]));
        assert!(a.cover(&[]) && !a.cover(&[Dimension::Repository]));
        assert!(a.matches(&a.only(|d| d == Dimension::Pool)));
    }

    #[test]
    fn names_in_prometheus_follow_its_conventions() {
        use crate::catalogue as c;
        assert_eq!(c::JOB_EVENTS.0.prometheus(), "headroom_job_events_total");
        assert_eq!(c::JOB_WAIT.0.prometheus(), "headroom_job_wait_seconds");
        assert_eq!(c::DELIVERY_LAG.0.prometheus(), "headroom_delivery_lag_seconds");
        assert_eq!(c::JOBS_WAITING.0.prometheus(), "headroom_jobs_waiting");
        assert_eq!(Dimension::ArticleEventName.prometheus(), "event_name");
    }
}
