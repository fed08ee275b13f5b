//! A runner's life, from the launch of its instance to the end of everything that is its own, in a world
//! where anything may fail between any two steps.
//!
//! The code that decides is the real one: `Lifecycle`, `Registry`, `AutoScaling`, `Scaler` with its
//! plan, `Ledger`. The world is simulated: Auto Scaling, `EventBridge`, Lambda, Parameter Store, GitHub, the
//! agent; each file says whose documents it follows. One seed is one run; the same seed is the same run.
//!
//! At every step: neither members nor desired capacity exceed the maximum, no instance is ended while its
//! runner has a job (GitHub itself refuses to deregister such a runner). When faults are over, within
//! `run::SETTLES_WITHIN`: every job that was heard of has run or was cancelled, and there is no
//! instance, no registration and no parameter that nobody needs.
//!
//! ```sh
//! cargo test --package headroom-scaler-lambda --test life
//! LIFE_RUNS=10000 cargo test --release --package headroom-scaler-lambda --test life
//! LIFE_SEED=42 cargo test --package headroom-scaler-lambda --test life  # one run, and what happened in it
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod asked;
mod chance;
mod functions;
mod github;
mod group;
mod instance;
mod run;
mod setting;
mod stage;
mod store;
mod webhooks;
mod world;

use run::Failure;
use world::Tally;

/// As many runs as take about a quarter of a minute where nothing is optimised.
const RUNS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn whatever_fails_jobs_run_nothing_leaks_and_no_busy_runner_is_removed() {
    if let Some(seed) = number("LIFE_SEED") {
        let done = run::run(seed, true);
        if let Err(Failure { claim, trace }) = done {
            panic!("{}\n{claim}", trace.join("\n"));
        }
        return;
    }
    let first = number("LIFE_FIRST").unwrap_or(0);
    let mut all = Tally::default();
    let mut failed = Vec::new();
    let runs = number("LIFE_RUNS").unwrap_or(RUNS);
    for seed in first..first + runs {
        match run::run(seed, false) {
            Ok(tally) => all.add(tally),
            Err(Failure { claim, .. }) => {
                eprintln!("LIFE_SEED={seed}: {claim}");
                failed.push(seed);
            }
        }
    }
    println!("{runs} runs: {all:?}");
    assert!(failed.is_empty(), "{} of {runs} runs, see LIFE_SEED={}", failed.len(), failed[0]);
    let what = [all.jobs, all.instances, all.crashes, all.events_lost, all.calls_failed];
    let more = [all.interruptions, all.removals];
    assert!(what.iter().chain(&more).all(|times| *times > runs / 10), "{all:?}");
}
