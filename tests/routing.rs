//! Labels choose the pool.

use ingest::Router;
use model::catalogue as c;

use crate::world::{Job, Setup};

const POOLS: &str = r#"
[[pool]]
name = "gpu"
labels = ["self-hosted", "linux", "x64", "gpu"]

[[pool]]
name = "linux"
labels = ["self-hosted", "Linux", "X64"]
runner_group = "builders"

[[pool]]
name = "linux too"
labels = ["self-hosted", "linux", "x64"]
"#;

#[test]
fn the_most_specific_fitting_pool_takes_the_job_and_ties_go_by_order() {
    let server = Setup::new().config(POOLS).start();
    for (id, labels, expected) in [
        (1, &["self-hosted", "linux"][..], "linux"),
        (2, &["SELF-HOSTED", "x64"], "linux"),
        (3, &["gpu"], "gpu"),
        (4, &["linux", "gpu", "linux"], "gpu"),
        (5, &["windows"], "unrouted"),
        (6, &["linux", "windows"], "unrouted"),
        (7, &[], "linux"),
    ] {
        let before = total(&server, expected);
        server.accepts(&[Job::new(id).labels(labels).queued()]);
        assert_eq!(total(&server, expected), before + 1, "{labels:?} belong to {expected}");
    }
    assert_eq!(total(&server, "linux too"), 0, "a configured pool shows although it is idle");
}

fn total(server: &crate::world::Server, name: &str) -> u64 {
    let pools = server.pools();
    pools.iter().find(|pool| pool.name == name).map_or(0, |pool| pool.queued_total)
}

#[test]
fn a_job_that_fits_no_pool_is_counted_and_the_log_names_its_labels() {
    let server = Setup::new().config(POOLS).start();
    let lost = Job::new(77).labels(&["windows", "arm64"]).repository("octo/lost");
    server.accepts(&lost.life());
    let pool = server.pool("unrouted");
    assert_eq!((pool.totals(), pool.wait_p50_secs), ([1, 1, 1], Some(10)), "it is not lost");
    assert_eq!(server.metrics().sum(c::JOBS_UNROUTED.0, &[]), 1, "once for a job");
    server.says("arm64,windows");
}

#[test]
fn a_job_stays_in_its_pool_whatever_later_news_or_configuration_say() {
    let setup = Setup::new();
    let server = setup.start();
    server.accepts(&[Job::new(1).labels(&["linux"]).queued()]);
    server.accepts(&[Job::new(1).labels(&["windows"]).in_progress()]);
    assert_eq!(server.pool("linux").levels(), [0, 1]);
    server.stop();
    let server = setup.config(POOLS).start();
    server.accepts(&[Job::new(1).labels(&["linux"]).completed()]);
    assert_eq!(server.pool("linux").totals(), [1, 1, 1]);
}

#[test]
fn label_sets_beyond_the_limit_share_one_pool_also_after_a_restart() {
    let server = Setup::new().start();
    let sets = Router::LABEL_SETS_MAX;
    let job = |id: usize| Job::new(id as u64).labels(&[&format!("label-{id}"), "linux"]);
    let many: Vec<_> = (1..=sets + 5).map(|id| job(id).queued()).collect();
    server.accepts(&many);
    assert_eq!(server.pools().len(), sets + 1);
    assert_eq!(server.pool("other").totals(), [5, 0, 0]);
    assert!(server.get("/").text().contains("share the pool other"), "the page says so");
    server.says("further ones share the pool");
    let told = server.log().iter().filter(|line| line.contains("further ones share")).count();
    assert_eq!(told, 1, "and the log once");
    let server = server.kill().start();
    server.accepts(&[job(3).in_progress(), job(sets + 6).queued()]);
    assert_eq!(server.pool("label-3,linux").levels(), [0, 1]);
    assert_eq!(server.pool("other").totals(), [6, 0, 0]);
}

#[test]
fn without_pools_a_job_without_labels_has_a_pool_with_a_name() {
    let server = Setup::new().start();
    server.accepts(&[Job::new(1).labels(&[]).queued()]);
    assert_eq!(server.pool("(no labels)").levels(), [1, 0]);
}
