//! How fast the simulator and the decision are, beside the same world with the simplest rule and
//! with every tick decided.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use model::{InstanceId, Timestamp};
use scaler::sim::{Chance, Contender, Job, Setting, run};
use scaler::{
    Avoided, Backlog, Fleet, Member, Occasion, Outlook, Policy, Snapshot, Source, State, Warm, plan,
};

/// As many as one repository queues in 42 days, in bursts of up to 32.
const JOBS: u32 = 11_000;

const DAYS: u32 = 42;

fn trace() -> Vec<Job> {
    let mut chance = Chance::new(1);
    let per_sec = f64::from(JOBS) / 16.5 / (f64::from(DAYS) * 86_400.0);
    let mut at = Timestamp::from_secs(1_000_000);
    let mut jobs = Vec::new();
    while jobs.len() < JOBS as usize {
        at = at.plus(chance.until_next(per_sec));
        for _ in 0..=chance.next() % 32 {
            let duration = chance.up_to(Duration::from_mins(30));
            jobs.push(Job { queued_at: at, duration });
        }
    }
    jobs
}

fn worlds(c: &mut Criterion) {
    let jobs = trace();
    let mut group = c.benchmark_group("42 days");
    group.sample_size(10).throughput(Throughput::Elements(jobs.len() as u64));
    let mut measure = |label: &str, name: &str, every_tick: bool| {
        let contender: Contender = name.parse().expect("it is a contender");
        let setting = Setting { every_tick, ..Setting::default() };
        group.bench_function(label, |b| {
            b.iter(|| run(jobs.iter().copied(), &setting, &contender, |_, _| ()));
        });
    };
    measure("baseline: per-webhook", "per-webhook", false);
    measure("headroom", "headroom", false);
    measure("headroom, every tick", "headroom", true);
}

fn pool(members: u32, now: Timestamp) -> Snapshot {
    let states = [State::Booting, State::Idle, State::Busy, State::Busy];
    let member = |n: u32| Member {
        id: InstanceId(format!("i-{n:012x}")),
        state: states[n as usize % states.len()],
        since: now.minus(Duration::from_secs(u64::from(n % 400))),
        is_spot: false,
    };
    Snapshot {
        pool: "linux".to_owned(),
        now,
        occasion: Occasion::Schedule,
        backlog: Backlog {
            as_of: now,
            source: Source::Jobs,
            queued: members / 4,
            oldest_queued_at: Some(now.minus(Duration::from_secs(30))),
            ghosts: 0,
            running: members / 2,
        },
        fleet: Fleet {
            as_of: now,
            desired: members,
            members: (0..members).map(member).collect(),
            crowds: Vec::new(),
            warm: Warm { size: 20, stopped: 12, preparing: 8 },
            spot: None,
            registering: 0,
        },
        outlook: Outlook { learned: true, stopped_held: 20, ..Outlook::default() },
        exhausted_since: None,
        avoided: Avoided::default(),
    }
}

fn decisions(c: &mut Criterion) {
    let now = Timestamp::from_secs(1_000_000);
    let policy = Policy::default();
    let mut group = c.benchmark_group("plan");
    let empty = pool(0, now);
    group
        .bench_function("baseline: an empty pool", |b| b.iter(|| plan(black_box(&empty), &policy)));
    let large = pool(400, now);
    group.bench_function("400 members", |b| b.iter(|| plan(black_box(&large), &policy)));
    let pools: Vec<Snapshot> = (0..1000).map(|n| pool(n % 20, now)).collect();
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1,000 pools", |b| {
        b.iter_batched(
            || &pools,
            |pools| pools.iter().map(|seen| plan(seen, &policy).desired).sum::<u32>(),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, worlds, decisions);
criterion_main!(benches);
