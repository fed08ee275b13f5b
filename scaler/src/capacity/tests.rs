//! What the description claims of jobs that are known.

use std::time::Duration;

use model::capacity::{Prices, Slo, Subject, WaitMethod};
use model::{JobKey, Timestamp};

use super::*;

/// A Monday.
const MONDAY: i64 = 1_767_571_200;

const DAY: i64 = 86_400;

/// A world of jobs in the making.
struct Jobs {
    words: Vocabulary,
    facts: Vec<Fact>,
}

impl Jobs {
    fn new() -> Self {
        Jobs { words: Vocabulary::default(), facts: Vec::new() }
    }

    /// A job that asked so many seconds after Monday, waited and ran.
    fn ended(&mut self, at: i64, wait: i64, run: i64) -> &mut Fact {
        self.job(at, Some(at + wait), Some(at + wait + run), Fate::Ended)
    }

    fn job(&mut self, at: i64, started: Option<i64>, ended: Option<i64>, fate: Fate) -> &mut Fact {
        let instant = |secs: i64| Timestamp::from_secs(MONDAY + secs);
        let key = JobKey { job: self.facts.len() as u64 + 1, attempt: 1 };
        self.facts.push(Fact {
            key,
            run: 7,
            pool: self.words.pools.number("linux"),
            repository: self.words.repositories.number("octo/cat"),
            workflow: self.words.workflow("octo/cat", Some("build")),
            runner_group: Name::UNKNOWN,
            at: instant(at),
            asked_at: Some(instant(at)),
            started_at: started.map(instant),
            ended_at: ended.map(instant),
            fate,
            queued_unseen: false,
            in_progress_unseen: false,
            routed: true,
            name: 0..0,
            url: 0..0,
        });
        self.facts.last_mut().unwrap()
    }

    /// Describes so many days up to `newest`.
    fn describe(&self, newest: i64, days: u64, prices: &Prices) -> Described {
        self.describe_with(newest, days, prices, Stretches::default())
    }

    fn describe_with(
        &self,
        newest: i64,
        days: u64,
        prices: &Prices,
        stretches: Stretches,
    ) -> Described {
        let slo = Slo { wait_secs: 30.0, share: 0.95 };
        let newest = Timestamp::from_secs(MONDAY + newest);
        let since = Duration::from_hours(days * 24);
        let question = Question::until(newest, since, slo, prices.clone());
        let mut tally = Tally::new(Question { stretches, ..question });
        for facts in self.facts.chunks(3) {
            let mut batch = Batch::default();
            for fact in facts {
                batch.push(fact.clone());
            }
            tally.take(&batch);
        }
        tally.describe(&self.words, &About::default())
    }
}

#[test]
fn the_order_of_the_data_does_not_matter() {
    let mut jobs = Jobs::new();
    for n in 0..3000_i64 {
        jobs.ended(n * n % (20 * DAY), n % 97, 60 + n % 1013);
    }
    let forward = jobs.describe(21 * DAY, 14, &Prices::default());
    jobs.facts.reverse();
    assert_eq!(jobs.describe(21 * DAY, 14, &Prices::default()), forward);
    jobs.facts.sort_by_key(|fact| fact.key.job % 101);
    assert_eq!(jobs.describe(21 * DAY, 14, &Prices::default()), forward);
}

#[test]
fn runner_time_is_cut_at_the_ends_of_the_period_and_jobs_are_not() {
    let mut jobs = Jobs::new();
    // One day is reported: one job runs into it, one out of it, and one lies before.
    jobs.ended(DAY - 1800, 0, 3600);
    jobs.ended(2 * DAY - 1800, 10, 36_000);
    jobs.ended(10, 0, 60);
    let report = jobs.describe(2 * DAY, 1, &Prices::default()).report;
    let pool = &report.pools[0];
    assert_eq!(pool.jobs, 1, "only one asked in the period");
    assert_eq!(pool.runner_hours, (1800.0 + 1790.0) / 3600.0);
    assert_eq!(pool.concurrency.max, 1);
    assert!((pool.concurrency.mean - 3590.0 / 86_400.0).abs() < 1e-12);
    assert_eq!(report.previous.unwrap().to, Timestamp::from_millis(MONDAY * 1000 + DAY * 1000 - 1));
    let jobs = report.headline.iter().find(|figure| figure.name == "jobs").unwrap();
    assert_eq!(jobs.change.unwrap().previous, 2.0);
}

#[test]
fn jobs_that_wait_are_counted_and_make_the_share_smaller() {
    let mut jobs = Jobs::new();
    for n in 0..98 {
        jobs.ended(n * 60, 20, 600);
    }
    jobs.job(7000, None, None, Fate::Waiting);
    jobs.job(7100, None, Some(7140), Fate::EndedWaiting);
    jobs.job(7200, None, None, Fate::Ghost);
    jobs.job(7300, None, Some(7300), Fate::NeverAsked);
    let report = jobs.describe(2 * 3600, 1, &Prices::default()).report;
    let pool = &report.pools[0];
    assert_eq!(pool.jobs, 101, "all that asked");
    let counts = pool.job_counts;
    assert_eq!((counts.waiting, counts.ended_waiting, counts.ghosts), (1, 1, 1));
    assert_eq!((pool.wait_secs.known, pool.wait_secs.censored), (98, 2));
    assert_eq!(pool.wait_secs.method, WaitMethod::AtLeast);
    assert_eq!(pool.within_slo, Some(0.98));
    assert!(pool.slowest[0].is_waiting && pool.slowest[0].wait_secs == 200.0);
    assert!(report.warnings.iter().any(|warning| warning.subject == Subject::LostEvents));
    assert!(report.summary.contains("1 job was still waiting at the end"), "{}", report.summary);
}

#[test]
fn what_cannot_be_known_is_said_with_its_effect() {
    let mut jobs = Jobs::new();
    jobs.ended(0, 5, 60);
    jobs.ended(100, -5, 60);
    jobs.ended(200, 5, 60).asked_at = None;
    jobs.ended(300, 5, 60).routed = false;
    let report = jobs.describe(DAY, 28, &Prices::default()).report;
    let subjects: Vec<Subject> = report.warnings.iter().map(|warning| warning.subject).collect();
    let expected = [
        Subject::TooLittleData,
        Subject::TooLittleData,
        Subject::UnknownWaits,
        Subject::Clock,
        Subject::Unrouted,
    ];
    assert_eq!(subjects, expected, "{:?}", report.warnings);
    assert_eq!(report.period.from, Timestamp::from_secs(MONDAY), "not before the first job");
    assert_eq!(report.previous, None);
    assert!(report.headline.iter().all(|figure| figure.change.is_none()));
    let pool = &report.pools[0];
    assert_eq!((pool.job_counts.wait_unknown, pool.wait_secs.known), (1, 3));
    assert_eq!(pool.job_counts.waits_clamped, 1);
}

#[test]
fn a_cell_of_the_heat_map_is_its_hour_of_the_week() {
    let mut jobs = Jobs::new();
    // Every Wednesday at 15:10, for four weeks.
    for week in 0..4 {
        jobs.ended((week * 7 + 2) * DAY + 15 * 3600 + 600, 12, 1200);
    }
    jobs.ended(0, 1, 1);
    let report = jobs.describe(28 * DAY, 28, &Prices::default()).report;
    let cell = &report.pools[0].hours_of_week[2 * 24 + 15];
    assert_eq!((cell.day, cell.hour, cell.jobs), (2, 15, 4));
    assert_eq!((cell.occurrences, cell.jobs_per_hour), (4.0, Some(1.0)));
    assert_eq!(cell.wait_secs.p50, Some(12.0));
    assert!((cell.running_mean.unwrap() - 1200.0 / 3600.0).abs() < 1e-9);
    assert_eq!(report.pools[0].hours_of_week.len(), 168);
}

#[test]
fn money_needs_a_price_and_spot_its_own() {
    let mut jobs = Jobs::new();
    jobs.ended(0, 0, 3600);
    jobs.ended(10, 0, 10 * 3600);
    let mut prices = Prices { currency: "USD".into(), ..Prices::default() };
    let free = jobs.describe(DAY, 1, &prices).report;
    assert_eq!(free.pools[0].cost.on_demand, None);
    assert!(free.method.iter().any(|sentence| sentence.contains("No price was given")));
    prices.per_hour = Some(0.5);
    let long_job_secs = long_job_secs(0.3, 0.05, 12.0);
    prices.spot = Some(model::capacity::SpotPrices {
        part: 0.3,
        hazard_per_hour: 0.05,
        patience: 12.0,
        long_job_secs,
    });
    let paid = jobs.describe(DAY, 1, &prices).report;
    let cost = &paid.pools[0].cost;
    assert_eq!(cost.on_demand, Some(5.5));
    let split = cost.spot.unwrap();
    assert_eq!((split.spot_hours, split.long_hours, split.long_jobs), (1.0, 10.0, 1));
    assert!(split.mixed < cost.on_demand);
    assert_eq!(paid.pools[0].repositories.rows[0].cost, *cost);
}

#[test]
fn a_sample_holds_whole_days_of_the_pool_that_costs_most_whatever_the_order_of_the_data() {
    let mut jobs = Jobs::new();
    let (mut days, words) = (Days::new(Duration::from_hours(28 * 24)), Vocabulary::default());
    let each = 12_000;
    for n in 0..20 * each {
        let (day, second) = (n * 7 % 20, n % 86_000);
        let fact = jobs.ended(day * DAY + second, 5, 60);
        days.note(fact.pool, fact.at, Duration::from_mins(1));
    }
    let stretches = Stretches::of(&days, &words.pools, &Prices::default());
    let described = jobs.describe_with(20 * DAY, 28, &Prices::default(), stretches);
    let sample = &described.samples[0];
    let from = Timestamp::from_secs(MONDAY + 5 * DAY);
    assert_eq!(sample.stretch, Stretch::Since(from));
    assert_eq!(sample.jobs().len() as u64 + sample.left_out, 240_000);
    assert_eq!(sample.left_out, 60_000);
    assert!(sample.jobs()[0].queued_at >= from);
}

#[test]
fn a_sample_holds_the_jobs_that_ended_in_order() {
    let mut jobs = Jobs::new();
    jobs.ended(500, 5, 60);
    jobs.ended(100, 7, 90);
    jobs.job(600, Some(610), None, Fate::Running);
    let described = jobs.describe(DAY, 1, &Prices::default());
    let sample = &described.samples[0];
    let jobs = sample.jobs();
    assert_eq!((sample.pool.as_str(), jobs.len(), sample.left_out), ("linux", 2, 0));
    assert_eq!(jobs[0].waited, Some(Duration::from_secs(7)));
    assert_eq!(jobs[1].job().duration, Duration::from_mins(1));
}
