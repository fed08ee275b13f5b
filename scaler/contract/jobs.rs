//! What every [`Jobs`] says, wherever it has it from. The tests of each adapter take this file in, and
//! hand each claim jobs of their own.

use model::{Phase, Timestamp};
use scaler::Source;
use scaler::ports::{Jobs, Open};

/// A pool of which nothing is known at first.
pub(crate) trait Stand {
    /// Its jobs.
    fn jobs(&mut self) -> &mut dyn Jobs;

    /// So many seconds after the beginning; everything up to then is known.
    fn at(&mut self, secs: i64) -> Timestamp;

    /// A webhook tells this of a job of the pool, now.
    fn told(&mut self, job: u64, phase: Phase);

    /// The same of a job of another pool.
    fn told_elsewhere(&mut self, job: u64, phase: Phase);
}

type Claim = fn(&mut dyn Stand);

/// Every claim, in words and as a check.
pub(crate) const CLAIMS: [(&str, Claim); 8] = [
    ("a job waits, runs and is over", a_job_waits_runs_and_is_over),
    ("what is told twice counts once", what_is_told_twice_counts_once),
    ("the order of news does not matter", the_order_of_news_does_not_matter),
    ("the oldest that waits is known", the_oldest_that_waits_is_known),
    ("runners are named that are busy for longest", runners_are_named_that_are_busy_for_longest),
    ("each arrival is told once", each_arrival_is_told_once),
    ("jobs of other pools are not its own", jobs_of_other_pools_are_not_its_own),
    ("who hears nothing for a day waits no more", who_hears_nothing_for_a_day_waits_no_more),
];

const DAY: i64 = 24 * 60 * 60;

fn open(on: &mut dyn Stand, secs: i64) -> Open {
    let now = on.at(secs);
    let open = on.jobs().open(10, now).unwrap();
    let Open { backlog, .. } = &open;
    assert_eq!((backlog.as_of, backlog.source, backlog.ghosts), (now, Source::Jobs, 0));
    open
}

/// Those that wait and those that run.
fn counts(on: &mut dyn Stand, secs: i64) -> (u32, u32) {
    let backlog = open(on, secs).backlog;
    (backlog.queued, backlog.running)
}

fn a_job_waits_runs_and_is_over(on: &mut dyn Stand) {
    assert_eq!(counts(on, 0), (0, 0));
    for (secs, phase, expected) in [
        (1, Phase::Queued, (1, 0)),
        (30, Phase::InProgress, (0, 1)),
        (90, Phase::Completed, (0, 0)),
    ] {
        on.at(secs);
        on.told(1, phase);
        assert_eq!(counts(on, secs), expected, "{phase}");
    }
}

fn what_is_told_twice_counts_once(on: &mut dyn Stand) {
    on.at(1);
    on.told(1, Phase::Queued);
    on.told(1, Phase::Queued);
    assert_eq!(counts(on, 1), (1, 0));
    on.told(1, Phase::Completed);
    for phase in [Phase::Queued, Phase::InProgress, Phase::Completed] {
        on.told(1, phase);
        assert_eq!(counts(on, 2), (0, 0), "{phase} reopens nothing");
    }
}

fn the_order_of_news_does_not_matter(on: &mut dyn Stand) {
    use Phase::{Completed, InProgress, Queued};
    on.at(1);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (job, order) in (10..).zip(orders) {
        for place in order {
            on.told(job, [Queued, InProgress, Completed][place]);
        }
        assert_eq!(counts(on, 1), (0, 0), "{order:?}");
    }
    on.told(20, InProgress);
    on.told(20, Queued);
    assert_eq!(counts(on, 1), (0, 1));
}

fn the_oldest_that_waits_is_known(on: &mut dyn Stand) {
    let mut queued_at = Vec::new();
    for (job, secs) in [(1, 10), (2, 20), (3, 30)] {
        queued_at.push(on.at(secs));
        on.told(job, Phase::Queued);
    }
    assert_eq!(open(on, 40).backlog.oldest_queued_at, Some(queued_at[0]));
    on.told(1, Phase::InProgress);
    assert_eq!(open(on, 40).backlog.oldest_queued_at, Some(queued_at[1]));
    on.told(2, Phase::Completed);
    on.told(3, Phase::Completed);
    assert_eq!(open(on, 40).backlog.oldest_queued_at, None);
}

fn runners_are_named_that_are_busy_for_longest(on: &mut dyn Stand) {
    let mut began = Vec::new();
    for (job, secs) in [(3, 10), (1, 20), (2, 30)] {
        began.push(on.at(secs));
        on.told(job, Phase::InProgress);
    }
    let now = on.at(40);
    let Open { backlog, busy } = on.jobs().open(2, now).unwrap();
    let since: Vec<Timestamp> = busy.iter().map(|busy| busy.since).collect();
    assert_eq!((backlog.running, since), (3, began[..2].to_vec()));
    assert!(busy.iter().all(|busy| !busy.runner.is_empty()), "{busy:?}");
}

fn each_arrival_is_told_once(on: &mut dyn Stand) {
    let first = on.at(10);
    on.told(1, Phase::Queued);
    on.at(20);
    let mut history = Vec::new();
    on.jobs().history(&mut |at| history.push(at)).unwrap();
    assert_eq!(history, [first]);
    assert_eq!(on.jobs().arrived(), Ok(vec![]));
    let second = on.at(30);
    on.told(2, Phase::Queued);
    on.told(2, Phase::Queued);
    on.told(1, Phase::Queued);
    on.told(2, Phase::InProgress);
    assert_eq!(on.jobs().arrived(), Ok(vec![second]));
    assert_eq!(on.jobs().arrived(), Ok(vec![]));
}

fn jobs_of_other_pools_are_not_its_own(on: &mut dyn Stand) {
    on.at(1);
    on.jobs().history(&mut |at| panic!("nothing arrived, not at {at}")).unwrap();
    on.told_elsewhere(1, Phase::Queued);
    on.told_elsewhere(2, Phase::InProgress);
    assert_eq!(counts(on, 2), (0, 0));
    assert_eq!(on.jobs().arrived(), Ok(vec![]));
}

fn who_hears_nothing_for_a_day_waits_no_more(on: &mut dyn Stand) {
    on.at(10);
    on.told(1, Phase::Queued);
    on.told(2, Phase::InProgress);
    assert_eq!(counts(on, DAY - 60), (1, 1));
    assert_eq!(counts(on, DAY + 120), (0, 1), "a run may last for longer");
}
