//! The words around the figures.

use std::fmt;
use std::time::Duration;

use super::STEADY_PER_SEC;
use super::bench::Bench;
use super::budget::{self, RATIO_MAX};
use super::capacity::{self, From, Run};
use super::commit::BATCH;
use super::history::History;
use super::machine::Machine;
use super::outcome::Outcome;
use super::page::{self, Page};
use super::server::Answer;

/// Everything that was measured.
pub(crate) struct Figures {
    pub(crate) machine: Machine,
    pub(crate) bench: Bench,
    /// CPU time of the store for one delivery, in microseconds.
    pub(crate) commit: f64,
    pub(crate) history: History,
    pub(crate) started: Duration,
    pub(crate) decided: Duration,
    pub(crate) answers: Vec<Answer>,
    pub(crate) full: Outcome,
    pub(crate) steady: Option<Outcome>,
    pub(crate) page: Page,
    /// Capacity reports of ten million jobs; none if they were not asked for.
    pub(crate) reports: Vec<Run>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        budget::write(f, self)?;
        self.one_delivery(f)?;
        self.full_speed(f)?;
        self.where_time_goes(f)?;
        self.steady(f)?;
        self.history(f)?;
        self.page(f)?;
        self.capacity(f)
    }
}

impl Figures {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { cpu, cores, memory_gib, kernel, rustc, date, load } = &self.machine;
        writeln!(
            f,
            "# Performance\n\n\
             This file is written by `cargo run --release --example performance`, which measures \
             everything in it; `-- --long` adds ten minutes at a steady rate and the capacity report \
             of ten million jobs. Measure on a machine that does nothing else.\n\n\
             | | |\n|---|---|\n\
             | processor | {cpu}, {cores} cores |\n\
             | memory | {memory_gib} GiB |\n\
             | kernel | Linux {kernel} |\n\
             | compiler | {rustc} |\n\
             | date | {date} |\n\
             | load average before | {load} |\n"
        )
    }

    fn page(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = self.page.rss_mib;
        let (jobs, pools) = (thousands(as_f64(self.history.jobs)), page::POOLS);
        writeln!(
            f,
            "## The page\n\n\
             `serve` on a store of {jobs} jobs in {pools} pools, of which {} wait beside: the first \
             answer after its start, the median of the next, and when headless Chromium on the same \
             machine has painted the first of it, the median of five. A runbook is a text without a \
             figure: what is above it is Headroom's. The server has {before:.0} MiB before any view and \
             {after:.0} MiB after all of them.\n\n\
             | view | first answer | again | KiB | first paint |\n|---|--:|--:|--:|--:|",
            thousands(as_f64(page::WAITING))
        )?;
        for view in &self.page.views {
            writeln!(
                f,
                "| {} `{}` | {:.0} ms | {:.1} ms | {} | **{:.0} ms** |",
                view.name,
                view.path,
                view.first.as_secs_f64() * 1e3,
                view.again.as_secs_f64() * 1e3,
                view.bytes.div_ceil(1024),
                view.paint_ms,
            )?;
        }
        writeln!(f)
    }

    fn one_delivery(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bench { hmac, verify, parse, all } = self.bench;
        writeln!(
            f,
            "## One delivery in process\n\n\
             A real `workflow_job` of 9,047 bytes on one thread, medians of \
             `cargo bench -p headroom-ingest`. Nobody who checks the signature gets below the \
             HMAC-SHA256, here the crate `sha2` with the processor's SHA instructions where it has \
             them. The whole way may take {RATIO_MAX} times as long.\n\n\
             | | µs | times HMAC |\n|---|--:|--:|\n\
             | HMAC-SHA256 alone | {hmac:.2} | 1.00 |\n\
             | verify | {verify:.2} | {:.2} |\n\
             | verify and parse | {parse:.2} | {:.2} |\n\
             | **verify, parse, route, EMF** | **{all:.2}** | **{:.2}** |\n",
            verify / hmac,
            parse / hmac,
            all / hmac,
        )
    }

    fn full_speed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = thousands(self.full.per_sec());
        let secs = self.full.took.as_secs_f64();
        writeln!(
            f,
            "## As fast as it answers\n\n\
             `serve` on the store of the last section, its sender on the same machine. Bodies are \
             GitHub's own, 7 to 10 KB, each signed beforehand, of new jobs that are queued, started \
             and completed, with delivery ids in no order. Every 202 was sent after the delivery \
             was on the disk (`synchronous = FULL`). Against a server that runs already:\n\n\
             ```sh\ncargo run --release --example load -- --url http://127.0.0.1:9797/webhook --pid PID\n```\n\n\
             **{rate} webhooks/s** over {secs:.0} s.\n"
        )?;
        figures(f, &self.full)
    }

    fn where_time_goes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((user, system)) = self.full.cpu_us() else { return Ok(()) };
        let Bench { verify, parse, .. } = self.bench;
        let (all, commit) = (user + system, self.commit);
        let rest = all - parse - commit;
        let row =
            |name: &str, us: f64| format!("| {name} | {us:.1} | {:.0} % |\n", us / all * 100.0);
        let rows = [
            row("verify the signature", verify),
            row("parse", parse - verify),
            row("fold, observe and store", commit),
            row("HTTP, sockets, threads, contention", rest),
            row("**all**", all),
        ];
        writeln!(
            f,
            "### Where the time goes\n\n\
             CPU time of the server for one webhook: {user:.1} µs in user mode, {system:.1} µs in \
             the kernel. The first three rows are measured alone in process, the store with batches \
             of {BATCH}; the fourth is what is left of the whole.\n\n\
             | | µs | share |\n|---|--:|--:|\n{}",
            rows.concat()
        )
    }

    fn steady(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## At {STEADY_PER_SEC} a second\n")?;
        match &self.steady {
            None => writeln!(f, "Not measured this time: add `-- --long`.\n"),
            Some(steady) => {
                let minutes = steady.took.as_secs_f64() / 60.0;
                writeln!(
                    f,
                    "Over {minutes:.1} minutes. Latencies count from the instant at which a request was due, so that a stall \
                     would show in all that it delays.\n"
                )?;
                figures(f, steady)
            }
        }
    }

    fn history(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let History { jobs, events, took, store_bytes } = self.history;
        let secs = took.as_secs_f64();
        let [started_ms, decided_ms] =
            [self.started, self.decided].map(|took| took.as_secs_f64() * 1e3);
        let [jobs, events_all] = [as_f64(jobs), as_f64(events)].map(thousands);
        let per_sec = thousands(self.history.per_sec());
        let mib = as_f64(store_bytes) / 1024.0 / 1024.0;
        writeln!(
            f,
            "## A long history\n\n\
             `headroom import` of a trace of {jobs} jobs ({events_all} events) over 30 days and 8 \
             pools, then `serve` on that store: from the start of the process to its first answer, \
             and medians of answers before the load above.\n\n\
             | | |\n|---|--:|\n\
             | import | {secs:.1} s, **{per_sec} events/s** |\n\
             | store | {mib:.0} MiB |\n\
             | start of `serve` | **{started_ms:.0} ms** |\n\
             | until the scaler has learned from it and decided about all pools | {decided_ms:.0} ms |"
        )?;
        for Answer { path, took, bytes } in &self.answers {
            let (ms, kib) = (took.as_secs_f64() * 1e3, bytes.div_ceil(1024));
            writeln!(f, "| `GET {path}` | {ms:.1} ms, {kib} KiB |")?;
        }
        Ok(())
    }

    fn capacity(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## The capacity report\n")?;
        if self.reports.is_empty() {
            return writeln!(f, "Not measured this time: add `-- --long`.");
        }
        let jobs = thousands(as_f64(capacity::JOBS));
        writeln!(
            f,
            "`headroom report` of {jobs} jobs, a trace with lines of about {} bytes and the store \
             that it was imported into, which the import has left in the kernel's cache. With the \
             replay it recommends as well.\n\n\
             | from | period | | seconds | memory at most |\n|---|--:|---|--:|--:|",
            capacity::LINE_BYTES
        )?;
        for Run { from, period, has_replay, took, rss_mib_max } in &self.reports {
            let from = match from {
                From::Trace => "trace",
                From::Store => "store",
            };
            let what = if *has_replay { "with the replay" } else { "described" };
            let secs = took.as_secs_f64();
            writeln!(f, "| {from} | {period} | {what} | **{secs:.1}** | {rss_mib_max:.0} MiB |")?;
        }
        Ok(())
    }
}

/// What one run of the load came to, and how it went part by part.
fn figures(f: &mut fmt::Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    let [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1.0].map(|share| outcome.latency_ms(share));
    let statuses: Vec<String> = (outcome.statuses.iter())
        .map(|(status, times)| format!("{status}: {}", thousands(as_f64(*times))))
        .collect();
    let rss = outcome.rss_mib_max().unwrap_or(0.0);
    writeln!(
        f,
        "| | |\n|---|--:|\n\
         | rate | {}/s on {} connections |\n\
         | latency | p50 {p50:.1} ms, p99 **{p99:.1} ms**, p99.9 {p999:.1} ms, max {max:.1} ms |\n\
         | answers | {} |\n\
         | memory of the server | **{rss:.0} MiB** at most |\n",
        thousands(outcome.per_sec()),
        outcome.connections,
        statuses.join(", "),
    )?;
    writeln!(f, "| part of the run | rate/s | p99 ms | memory MiB | CPU µs a webhook |")?;
    writeln!(f, "|--:|--:|--:|--:|--:|")?;
    for (n, slice) in (1..).zip(&outcome.slices) {
        let [rss, cpu] = [slice.rss_mib, slice.cpu_us].map(|figure| figure.unwrap_or(0.0));
        let (rate, p99) = (thousands(slice.per_sec), slice.p99_ms);
        writeln!(f, "| {n} | {rate} | {p99:.1} | {rss:.0} | {cpu:.1} |")?;
    }
    writeln!(f)
}

/// `1234567.8` -> `1,234,568`.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
