//! How a run went, and how that is told.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::process::Usage;

/// Longer latencies count as this one: a minute.
const LATENCY_US_MAX: u64 = 60_000_000;

/// What is counted while a run goes on. Latencies are microseconds.
#[derive(Debug)]
pub(crate) struct Tally {
    latencies: Histogram<u64>,
    slice: Histogram<u64>,
    statuses: BTreeMap<u16, u64>,
    slices: Vec<Slice>,
}

/// A part of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) per_sec: f64,
    pub(crate) p99_ms: f64,
    pub(crate) rss_mib: Option<f64>,
    pub(crate) cpu_us: Option<f64>,
}

/// How a run went.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) took: Duration,
    pub(crate) connections: usize,
    latencies: Histogram<u64>,
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) slices: Vec<Slice>,
    used: Option<(Usage, Usage)>,
}

impl Default for Tally {
    fn default() -> Self {
        let empty = || Histogram::new_with_bounds(1, LATENCY_US_MAX, 3).expect("bounds are apart");
        let (latencies, slice) = (empty(), empty());
        Tally { latencies, slice, statuses: BTreeMap::new(), slices: Vec::new() }
    }
}

impl Tally {
    /// One more answer.
    pub(crate) fn answered(&mut self, latency: Duration, status: u16) {
        self.slice.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        *self.statuses.entry(status).or_default() += 1;
    }

    /// A part of the run is over.
    pub(crate) fn end_slice(&mut self, took: Duration, used: Option<(Usage, Usage)>) {
        let answers = as_f64(self.slice.len());
        self.slices.push(Slice {
            per_sec: answers / took.as_secs_f64(),
            p99_ms: millis(&self.slice, 0.99),
            rss_mib: used.map(|(_, now)| now.rss_mib),
            cpu_us: used.map(|(before, now)| (cpu_secs(now) - cpu_secs(before)) * 1e6 / answers),
        });
        self.gather();
    }

    fn gather(&mut self) {
        self.latencies.add(&self.slice).expect("a histogram resizes itself");
        self.slice.reset();
    }

    /// The run is over.
    pub(crate) fn outcome(
        mut self,
        took: Duration,
        connections: usize,
        used: Option<(Usage, Usage)>,
    ) -> Outcome {
        self.gather();
        let Tally { latencies, statuses, slices, .. } = self;
        Outcome { took, connections, latencies, statuses, slices, used }
    }
}

impl Outcome {
    pub(crate) fn answers(&self) -> u64 {
        self.latencies.len()
    }

    pub(crate) fn per_sec(&self) -> f64 {
        as_f64(self.answers()) / self.took.as_secs_f64()
    }

    /// The latency that this share of all answers does not exceed.
    pub(crate) fn latency_ms(&self, share: f64) -> f64 {
        millis(&self.latencies, share)
    }

    /// User and system time of the server for one webhook, in microseconds.
    pub(crate) fn cpu_us(&self) -> Option<(f64, f64)> {
        let (before, after) = self.used?;
        let each = |secs: f64| secs * 1e6 / as_f64(self.answers());
        let user = each(after.user_secs - before.user_secs);
        Some((user, each(after.system_secs - before.system_secs)))
    }

    /// The most memory that the server had.
    pub(crate) fn rss_mib_max(&self) -> Option<f64> {
        self.used.map(|(_, after)| after.rss_mib_max)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rate, secs) = (self.per_sec(), self.took.as_secs_f64());
        writeln!(f, "rate     {rate:.0}/s on {} connections over {secs:.1} s", self.connections)?;
        let [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1.0].map(|share| self.latency_ms(share));
        writeln!(
            f,
            "latency  p50 {p50:.1} ms, p99 {p99:.1} ms, p99.9 {p999:.1} ms, max {max:.1} ms"
        )?;
        write!(f, "answers ")?;
        for (status, times) in &self.statuses {
            write!(f, " {status}: {times}")?;
        }
        writeln!(f)?;
        if let (Some((user, system)), Some(rss)) = (self.cpu_us(), self.rss_mib_max()) {
            let all = user + system;
            writeln!(
                f,
                "server   {all:.1} us CPU a webhook (user {user:.1}, system {system:.1}), \
                 at most {rss:.0} MiB"
            )?;
        }
        writeln!(f, "parts    rate/s  p99 ms  RSS MiB  CPU us")?;
        for slice in &self.slices {
            let or_none = |figure: Option<f64>| figure.map_or("-".into(), |n| format!("{n:.1}"));
            let (rss, cpu) = (or_none(slice.rss_mib), or_none(slice.cpu_us));
            let (per_sec, p99) = (slice.per_sec, slice.p99_ms);
            writeln!(f, "         {per_sec:6.0}  {p99:6.1}  {rss:>7}  {cpu:>6}")?;
        }
        Ok(())
    }
}

fn cpu_secs(usage: Usage) -> f64 {
    usage.user_secs + usage.system_secs
}

fn millis(latencies: &Histogram<u64>, share: f64) -> f64 {
    as_f64(latencies.value_at_quantile(share)) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
