//! From what was counted to the report.

use std::collections::BTreeMap;

use model::Timestamp;
use model::capacity::{Capacity, HourOfWeek, Period, PoolReport, Prices, Report, SlowJob};
use model::{Repository, github_url};

use super::bins::Bins;
use super::bursts::Groups;
use super::gaps::{self, Gap};
use super::grain::Grain;
use super::levels::Levels;
use super::pool::{HourTally, PoolTally};
use super::rows::ROWS_HELD_MAX;
use super::slowest::Slow;
use super::{Name, Sample, Tally, Vocabulary};
use super::{headline, hours_of, method, secs_of, summary, warnings};

/// What is told beside the facts.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// When the report is made.
    pub generated_at: Timestamp,
    /// What it is made from.
    pub sources: Vec<String>,
    /// Lines that could not be read.
    pub unreadable: u64,
    /// Rows that told of a job a second time; they count once.
    pub repeated: u64,
    /// Events of the data that lie in the future; their instants say nothing.
    pub future: u64,
    /// Whether the data are a trace, which tells neither lost events nor groups.
    pub is_trace: bool,
}

/// The report without what the replay tells, and the jobs to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The report.
    pub report: Report,
    /// A sample of each pool, in the order of the report.
    pub samples: Vec<Sample>,
}

/// What the report says of all pools together.
pub(super) struct Whole {
    pub(super) asked: Period,
    pub(super) period: Period,
    pub(super) has_previous: bool,
    pub(super) waits: Bins,
    pub(super) gaps: Option<Vec<Gap>>,
    /// Whether there were more rows of tables than are held.
    pub(super) are_rows_cut: bool,
}

impl Tally {
    /// The report of all facts.
    pub fn describe(mut self, words: &Vocabulary, about: &About) -> Described {
        let whole = self.whole();
        let mut bursts = BTreeMap::new();
        let pools = std::mem::take(&mut self.pools);
        let mut told: Vec<(PoolReport, PoolTally)> = Vec::new();
        let (mut waits, mut unrouted) = (Bins::new(Grain::Fine), 0);
        for (number, mut tally) in pools {
            waits.merge(&tally.waits);
            unrouted += tally.unrouted;
            let name = words.pools.name(Name::at(number));
            if tally.jobs > 0 || tally.spend.hours() > 0.0 {
                let report = self.pool(name, &mut tally, words, whole.period, &mut bursts);
                told.push((report, tally));
            }
        }
        told.sort_by(|(a, _), (b, _)| b.jobs.cmp(&a.jobs).then_with(|| a.name.cmp(&b.name)));
        let (pools, tallies): (Vec<PoolReport>, Vec<PoolTally>) = told.into_iter().unzip();
        let named = pools.iter().zip(tallies);
        let samples = named.map(|(pool, tally)| tally.taken.into_sample(&pool.name)).collect();
        let gaps = gaps::gaps(whole.period, &bursts);
        let whole = Whole { waits, gaps, ..whole };
        Described { report: self.report(pools, &whole, unrouted, words, about), samples }
    }

    /// The period that the data cover.
    fn whole(&self) -> Whole {
        let asked = self.ask.period;
        let first = self.first_at.unwrap_or(asked.from);
        let period = Period { from: asked.from.max(first.min(asked.to)), to: asked.to };
        // Nobody queues a job at the very instant at which a period begins.
        let slack = self.ask.previous.secs() * COVERED_SLACK;
        let late = first.saturating_since(self.ask.previous.from).as_secs_f64();
        let has_previous = self.first_at.is_some() && late <= slack;
        let are_rows_cut = self.held.rows > ROWS_HELD_MAX;
        Whole { asked, period, has_previous, waits: Bins::default(), gaps: None, are_rows_cut }
    }

    fn report(
        &self,
        pools: Vec<PoolReport>,
        whole: &Whole,
        unrouted: u64,
        words: &Vocabulary,
        about: &About,
    ) -> Report {
        let mut report = Report {
            period: whole.period,
            previous: whole.has_previous.then_some(self.ask.previous),
            generated_at: about.generated_at,
            sources: about.sources.clone(),
            slo: self.ask.slo,
            prices: self.ask.prices.clone(),
            summary: String::new(),
            headline: Vec::new(),
            pools,
            warnings: Vec::new(),
            method: Vec::new(),
        };
        let names = |number: usize| words.pools.name(Name::at(number)).to_owned();
        report.headline = headline::figures(self, &report, whole, names);
        report.warnings = warnings::all(&report, whole, unrouted, words, about);
        report.method = method::sentences(self, &report, whole, about);
        report.summary = summary::paragraph(&report, &whole.waits.wait());
        report
    }

    fn pool(
        &self,
        name: &str,
        tally: &mut PoolTally,
        words: &Vocabulary,
        period: Period,
        bursts: &mut BTreeMap<i64, u64>,
    ) -> PoolReport {
        let (ask, slo_ms) = (&self.ask, self.ask.slo_ms());
        let prices = &ask.prices;
        let per_hour = prices.per_hour_of(name);
        let levels = Levels::of(period, tally.running.all());
        let (points, step_secs) = levels.points();
        let groups = Groups::of(tally.arrivals.all(), |at| {
            *bursts.entry(at.div_euclid(3_600_000)).or_default() += 1;
        });
        let bounds = ask.bounds.get(name).copied().unwrap_or_default();
        let slowest = std::mem::take(&mut tally.slowest).into_list();
        let repositories = std::mem::take(&mut tally.repositories);
        let workflows = std::mem::take(&mut tally.workflows);
        let runner_groups = std::mem::take(&mut tally.runner_groups);
        let table = |rows: super::rows::Rows, names| rows.table(names, slo_ms, prices, per_hour);
        PoolReport {
            name: name.to_owned(),
            jobs: tally.jobs,
            job_counts: tally.counts,
            wait_secs: tally.waits.wait(),
            within_slo: tally.waits.within(slo_ms),
            concurrency: levels.concurrency(tally.spend.hours() * 3_600_000.0),
            runner_hours: tally.spend.hours(),
            cost: tally.spend.cost(prices, per_hour),
            duration_secs: tally.durations.wait(),
            repositories: table(repositories, &words.repositories),
            workflows: table(workflows, &words.workflows),
            runner_groups: table(runner_groups, &words.runner_groups),
            hours_of_week: hours(&tally.hours, &levels, slo_ms),
            bursts: groups.figures(period.secs()),
            concurrency_over_time: points,
            step_secs,
            capacity: Capacity {
                runners_min: bounds.runners_min,
                runners_max: bounds.runners_max,
                time_at_max: bounds.runners_max.map(|max| levels.time_at(max.into())),
            },
            waste: None,
            boots: None,
            slowest: slowest.iter().map(|slow| slow_job(slow, tally, words)).collect(),
            lost: tally.lost,
            recommendation: None,
            frontier: Vec::new(),
            advice: None,
        }
    }
}

/// The part of the period before that may be missing at its beginning.
const COVERED_SLACK: f64 = 0.02;

fn hours(tallies: &[HourTally], levels: &Levels, slo_ms: u64) -> Vec<HourOfWeek> {
    let hour = |((number, tally), part): ((u8, &HourTally), &super::levels::Part)| {
        let occurrences = hours_of(part.ms());
        HourOfWeek {
            day: number / 24,
            hour: number % 24,
            occurrences,
            jobs: tally.jobs,
            jobs_per_hour: (occurrences > 0.0).then(|| super::count(tally.jobs) / occurrences),
            wait_secs: tally.waits.wait(),
            within_slo: tally.waits.within(slo_ms),
            running_mean: part.mean(),
            running_max: part.mean().map(|_| part.max),
        }
    };
    (0..).zip(tallies).zip(&levels.hours).map(hour).collect()
}

fn slow_job(slow: &Slow, tally: &mut PoolTally, words: &Vocabulary) -> SlowJob {
    let told = |name: Name| (name != Name::UNKNOWN && name != Name::OTHER).then_some(name);
    let repository = told(slow.repository).map(|name| words.repositories.name(name).to_owned());
    // Its name is `repository: workflow`.
    let workflow = told(slow.workflow).map(|name| words.workflows.name(name));
    let workflow = workflow.and_then(|name| name.split_once(": ")).map(|(_, workflow)| workflow);
    let usual = |repository: &String| {
        let repository = Repository(repository.clone());
        (slow.run > 0).then(|| github_url(&repository, slow.run, slow.job))
    };
    let url = match slow.url.is_empty() {
        true => repository.as_ref().and_then(usual),
        false => Some(slow.url.clone()),
    };
    SlowJob {
        job: slow.job,
        run: slow.run,
        name: match slow.name.is_empty() {
            true => format!("job {}", slow.job),
            false => slow.name.clone(),
        },
        workflow: workflow.map(str::to_owned),
        repository,
        url,
        queued_at: slow.queued_at,
        wait_secs: secs_of(slow.wait_ms),
        is_waiting: slow.is_waiting,
        running_then: running_at(tally, slow.queued_at),
    }
}

fn running_at(tally: &mut PoolTally, at: Timestamp) -> u64 {
    let before = tally.running.all().take_while(|(ms, _)| *ms <= at.as_millis());
    before.map(|(_, change)| change).sum::<i64>().max(0).unsigned_abs()
}

/// Of all pools: what is paid for an hour of each.
pub(super) fn cost_of(
    busy_ms: impl Iterator<Item = (String, u64)>,
    prices: &Prices,
) -> Option<f64> {
    busy_ms.map(|(pool, ms)| Some(prices.per_hour_of(&pool)? * hours_of(ms))).sum()
}
