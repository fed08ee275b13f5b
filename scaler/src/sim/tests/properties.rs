//! What holds of every world.

use proptest::prelude::*;

use super::*;
use crate::sim::Faults;
use crate::{Hot, Plan, Policy, Snapshot, State, Stopped};

fn jobs() -> impl Strategy<Value = Vec<Job>> {
    let gap_ms = prop_oneof![3 => Just(0_u64), 2 => 0..20_000_u64, 1 => 0..900_000_u64];
    proptest::collection::vec((gap_ms, 0..900_000_u64), 1..60).prop_map(|all| {
        let mut at = Timestamp::from_secs(1_000_000);
        let job = |(gap, duration)| {
            at = at.plus(Duration::from_millis(gap));
            Job { queued_at: at, duration: Duration::from_millis(duration) }
        };
        all.into_iter().map(job).collect()
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let max = proptest::option::of(1..20_u32);
    let stopped = prop_oneof![
        Just(Stopped::None),
        (0..10_u32).prop_map(|instances| Stopped::Constant { instances }),
        Just(Stopped::Worthwhile { patience: 12.0 }),
    ];
    let hot = prop_oneof![2 => Just(Hot::None), 1 => (0..5_u32).prop_map(|runners| Hot::Flat { runners })];
    (max, stopped, hot).prop_map(|(runners_max, stopped, hot)| Policy {
        runners_max,
        hot,
        stopped,
        ..Policy::default()
    })
}

fn faults() -> impl Strategy<Value = Faults> {
    let part = || prop_oneof![Just(0.0), 0.0..0.3];
    let boots = (part(), part(), part(), part());
    (boots, part(), part(), part(), part(), prop_oneof![Just(0.0), 0.0..5.0]).prop_map(
        |(
            (boot_jitter, boot_fails, lost, duplicated),
            reordered,
            cancelled,
            throttled,
            capacity,
            spot_per_hour,
        )| {
            Faults {
                boot_jitter,
                boot_fails,
                lost,
                duplicated,
                reordered,
                cancelled,
                spot_per_hour,
                throttled,
                capacity,
            }
        },
    )
}

fn rule() -> impl Strategy<Value = Contender> {
    let peers = proptest::sample::select(vec![
        "per-webhook",
        "per-webhook-delayed",
        "idle-pool:3",
        "stopped-pool:4",
        "queued-plus-running",
        "assigned-plus-min:2",
        "percentage-busy",
        "load-proportional",
        "target-tracking:0.5",
        "static:2",
        "office-hours:3",
        "naive-minute",
        "oracle",
        "warm-oracle",
    ]);
    prop_oneof![
        policy().prop_map(|policy| Contender::Headroom(Box::new(policy))),
        peers.prop_map(contender),
    ]
}

fn no_busy_one_is_removed(seen: &Snapshot, plan: &Plan) {
    for removal in &plan.remove {
        let member = seen.fleet.members.iter().find(|member| member.id == removal.id).unwrap();
        assert_ne!(member.state, State::Busy, "at {}", seen.now);
    }
}

fn counts(jobs: &[Job]) -> u64 {
    jobs.len() as u64
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn every_job_is_run_once_or_accounted_for(
        jobs in jobs(), rule in rule(), faults in faults(), seed: u64,
    ) {
        let setting = Setting { faults, seed, ..Setting::default() };
        let found = run(jobs.iter().copied(), &setting, &rule, no_busy_one_is_removed);
        prop_assert_eq!(
            found.jobs + found.cancelled + found.given_up,
            counts(&jobs) + found.interrupted,
            "{}", rule
        );
        prop_assert_eq!(found.waits.jobs(), found.jobs);
        let again = run(jobs.iter().copied(), &setting, &rule, |_, _| ());
        prop_assert_eq!(format!("{found:?}"), format!("{again:?}"));
    }

    #[test]
    fn there_are_never_more_members_than_the_ceiling(
        jobs in jobs(), policy in policy(), faults in faults(), seed: u64,
    ) {
        let max = policy.runners_max.unwrap_or(u32::MAX);
        let setting = Setting { faults, seed, ..Setting::default() };
        let rule = Contender::Headroom(Box::new(policy));
        let found = run(jobs, &setting, &rule, |seen, plan| {
            assert!(seen.fleet.members.len() <= max as usize && plan.desired <= max);
        });
        prop_assert!(found.peak <= u64::from(max));
    }

    #[test]
    fn without_faults_each_job_gets_one_launch(jobs in jobs(), policy in policy()) {
        let rule = Contender::Headroom(Box::new(Policy { hot: Hot::None, ..policy }));
        let found = run(jobs.iter().copied(), &Setting::default(), &rule, |_, _| ());
        prop_assert_eq!(found.launches(), counts(&jobs));
        prop_assert_eq!(found.unused_launches + found.left_over, 0);
        // No instance works for less than the oracle's.
        prop_assert!(found.bill.secs() >= found.oracle_secs - 0.001);
    }

    /// Instances are fungible and jobs are served in order: the n-th start is when both the n-th job
    /// and the n-th runner are there.
    #[test]
    fn jobs_and_runners_meet_in_order(jobs in jobs(), idle in 0..5_u32) {
        let setting = Setting::default();
        let begins_at = jobs[0].queued_at;
        let mut ready: Vec<Timestamp> = vec![begins_at.plus(setting.cold_start); idle as usize];
        let lead = setting.webhook_delay + setting.cold_start;
        ready.extend(jobs.iter().map(|job| job.queued_at.plus(lead)));
        ready.sort();
        let waits = jobs.iter().zip(ready).map(|(job, ready)| ready.saturating_since(job.queued_at));
        let expected: Duration = waits.sum();
        let found = run(jobs.iter().copied(), &setting, &Contender::IdlePool(idle), |_, _| ());
        let sum = found.waits.mean_secs() * f64::from(u32::try_from(found.jobs).unwrap());
        prop_assert!((sum - expected.as_secs_f64()).abs() < 0.001, "{sum}, not {expected:?}");
    }

    #[test]
    fn blocks_add_up_to_the_whole(
        jobs in jobs(), rule in rule(), faults in faults(), learn in 0..4_000_u64, count in 1..9_usize,
    ) {
        let learn = Duration::from_secs(learn);
        let setting = Setting { learn, faults, ..Setting::default() };
        let whole = run(jobs.iter().copied(), &setting, &rule, |_, _| ());
        let each = Duration::from_secs(1_000);
        let blocks = Blocks { each, count: std::num::NonZeroUsize::new(count).unwrap() };
        let parts = run_in_blocks(jobs.iter().copied(), &setting, blocks, &rule, |_, _| ());
        prop_assert_eq!(parts.len(), count);
        let mut sum = parts[0].clone();
        parts[1..].iter().for_each(|part| sum.follow(part));
        prop_assert!((sum.bill.secs() - whole.bill.secs()).abs() < 0.001);
        prop_assert!((sum.oracle_secs - whole.oracle_secs).abs() < 0.001);
        (sum.bill, sum.oracle_secs) = (whole.bill, whole.oracle_secs);
        prop_assert_eq!(sum, whole);
        // Each job counts in the block in which it was queued.
        let from = jobs[0].queued_at.plus(learn);
        let first = jobs.iter().filter(|job| job.queued_at >= from && job.queued_at < from.plus(each));
        if count > 1 && setting.faults == Faults::default() {
            prop_assert_eq!(parts[0].jobs, first.count() as u64);
        }
    }
}
