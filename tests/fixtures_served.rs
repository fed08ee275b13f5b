//! GitHub's own examples, each to a server that knows nothing else.

use crate::world::{Pool, Setup, fixture, fixtures};

/// A pool of this name with these levels, totals and wait.
fn pool(name: &str, levels: [u64; 2], totals: [u64; 3], wait: Option<u64>) -> Vec<Pool> {
    let [waiting, running] = levels;
    let [queued_total, in_progress_total, completed_total] = totals;
    let (wait_p50_secs, wait_p95_secs) = (wait, wait);
    vec![Pool {
        name: name.into(),
        waiting,
        oldest_waiting_secs: (waiting > 0).then_some(0),
        running,
        wait_p50_secs,
        wait_p95_secs,
        queued_total,
        in_progress_total,
        completed_total,
    }]
}

/// What each file makes known; `tests/fixtures/README.md` tells what is odd about it.
fn expected(name: &str) -> (&'static str, Vec<Pool>) {
    let accepted = "202 accepted";
    match name {
        "workflow_job.queued.1" => (accepted, pool("ubuntu-latest", [1, 0], [1, 0, 0], None)),
        "workflow_job.queued.2" | "workflow_job.waiting.1" => {
            (accepted, pool("k8s,self-hosted", [0, 0], [0, 0, 0], None))
        }
        "workflow_job.in_progress.1" | "workflow_job.in_progress.ghes-3.5" => {
            (accepted, pool("db-app,dc-03,gpu", [0, 1], [0, 1, 0], None))
        }
        "workflow_job.in_progress.2" => {
            (accepted, pool("ubuntu-latest", [0, 1], [0, 1, 0], Some(0)))
        }
        "workflow_job.in_progress.3" => {
            (accepted, pool("ubuntu-latest", [0, 1], [0, 1, 0], Some(7)))
        }
        "workflow_job.completed.1" | "workflow_job.completed.2" => {
            (accepted, pool("ubuntu-latest", [0, 0], [0, 1, 1], Some(60)))
        }
        name if name.starts_with("workflow_run.") => (accepted, vec![]),
        name if name.starts_with("ping.") => ("200 pong", vec![]),
        _ => ("200 ignored", vec![]),
    }
}

#[test]
fn each_of_githubs_examples_gives_its_answer_and_its_pools() {
    assert_eq!(fixtures().len(), 18);
    for name in fixtures() {
        let server = Setup::new().start();
        let (outcome, mut expected) = expected(&name);
        assert_eq!(server.deliver(&fixture(&name)).outcome(), outcome, "{name}");
        let mut pools = server.pools();
        for pool in pools.iter_mut().chain(&mut expected) {
            let age = pool.oldest_waiting_secs.take();
            assert!(age.is_none_or(|secs| secs < 60), "{name}: ages count from receipt");
        }
        assert_eq!(pools, expected, "{name}");
    }
}

#[test]
fn all_of_them_together_are_nonsense_that_is_taken_calmly() {
    let server = Setup::new().start();
    for name in fixtures() {
        assert!(server.deliver(&fixture(&name)).status < 300, "{name}");
    }
    let held = server.pool("k8s,self-hosted");
    assert_eq!((held.levels(), held.totals()), ([0, 0], [0, 0, 0]));
    // One id in four files that contradict each other, and one job more.
    assert_eq!(server.pool("ubuntu-latest").totals(), [1, 2, 1]);
    assert_eq!(server.get("/").status, 200);
}
