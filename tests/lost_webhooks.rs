//! What no webhook told is found by asking GitHub: a server that was down, news that was never
//! sent, and a GitHub that fails or has no patience left.

use std::time::Duration;

use model::catalogue as c;

use crate::world::{
    GitHub, Job, Server, Setup, TOKEN_START, headroom_in, job_told as told, now, until, waiting_for,
};

const POOL: &str = "linux,self-hosted";

fn ago(minutes: u64) -> model::Timestamp {
    now().minus(Duration::from_mins(minutes))
}

/// Waits until the pool has so many jobs waiting and running.
#[track_caller]
fn has_levels(server: &Server, expected: [u64; 2]) {
    until(&format!("{expected:?} waiting and running"), || {
        let pools = server.pools();
        let pool = pools.iter().find(|pool| pool.name == POOL);
        pool.filter(|pool| pool.levels() == expected).map(drop)
    });
}

fn counted(server: &Server, spec: &model::Spec) -> u64 {
    server.metrics().sum(spec, &[])
}

#[test]
fn what_was_sent_while_the_server_was_down_comes_by_redelivery() {
    let github = GitHub::of("acme");
    let (one, two) = (Job::new(1).repository("acme/app"), Job::new(2).repository("acme/app"));
    for delivery in one.life().iter().chain([&two.queued()]) {
        github.delivers(delivery);
    }
    let server = github.setup().start();
    github.state().webhook = Some(server.address);
    has_levels(&server, [1, 0]);
    until("all of it came", || (server.pool(POOL).totals() == [2, 1, 1]).then_some(()));
    until("the count is told", || (counted(&server, c::WEBHOOKS_REDELIVERED.0) == 4).then_some(()));
    // The server counts before its answer has reached GitHub.
    until("GitHub knows", || (github.answers(&two.queued()).len() > 1).then_some(()));
    server.says("\"redelivered\":");
    assert_eq!(github.answers(&two.queued()), [0, 202], "once is enough");
    assert_eq!(counted(&server, c::JOBS_MENDED.0), 0, "no job had to be asked about");
}

#[test]
fn a_webhook_that_is_refused_each_time_is_given_up_after_three_more_attempts() {
    let github = GitHub::of("acme");
    let delivery = Job::new(1).repository("acme/app").queued();
    let server = github.setup().start();
    github.state().webhook = Some(server.address);
    github.state().secret = "another secret".into();
    github.delivers(&delivery);
    server.says("\"given_up\":1");
    assert_eq!(github.answers(&delivery), [401; 4]);
    assert_eq!(counted(&server, c::WEBHOOKS_REDELIVERED.0), 3);
}

#[test]
fn wishes_that_github_cannot_hear_are_no_tries() {
    let github = GitHub::of("acme");
    let delivery = Job::new(1).repository("acme/app").queued();
    github.delivers(&delivery);
    github.state().deaf = 5;
    let server = github.setup().start();
    github.state().webhook = Some(server.address);
    until("it came after all", || (github.answers(&delivery) == [0, 202]).then_some(()));
    assert_eq!(github.state().deaf, 0);
}

#[test]
fn a_job_that_no_webhook_told_of_waits_after_a_look() {
    let github = GitHub::of("acme");
    github.state().jobs.extend([
        (("acme/app".into(), 7), told(7, "queued", ago(10))),
        // It may still come by itself.
        (("acme/app".into(), 8), told(8, "queued", now())),
        (("acme/app".into(), 9), told(9, "in_progress", ago(10))),
    ]);
    let server = github.setup().start();
    // The repository is active: jobs of it are known.
    server.accepts(&Job::new(1).repository("acme/app").life());
    has_levels(&server, [1, 1]);
    until("the count is told", || (counted(&server, c::JOBS_MENDED.0) == 2).then_some(()));
    server.says("\"mended\":2");
    // Its webhook comes after all.
    let late = Job::new(7).repository("acme/app").queued();
    assert_eq!(server.deliver(&late).outcome(), "202 duplicate");
    assert_eq!(server.pool(POOL).levels(), [1, 1]);
}

#[test]
fn a_job_whose_end_was_lost_is_closed() {
    let github = GitHub::of("octo");
    github.state().jobs.insert(("octo/cat".into(), 1), told(1, "completed", ago(120)));
    let setup = github.setup();
    waiting_for(&setup, Duration::from_hours(2));
    let server = setup.start();
    has_levels(&server, [0, 0]);
    let pool = server.pool(POOL);
    assert_eq!((pool.totals(), pool.wait_p50_secs), ([1, 1, 1], Some(10)), "with its times");
    until("the count is told", || (counted(&server, c::JOBS_MENDED.0) == 1).then_some(()));
}

#[test]
fn a_job_that_github_knows_no_more_is_given_up() {
    let github = GitHub::of("octo");
    let setup = github.setup();
    waiting_for(&setup, Duration::from_hours(2));
    let server = setup.start();
    has_levels(&server, [0, 0]);
    until("the count is told", || (counted(&server, c::JOBS_EXPIRED.0) == 1).then_some(()));
    server.says("\"deleted\":1");
    drop(server);
    let emf = headroom_in(setup.home(), &[], &["export", "--format", "emf"], b"").stdout;
    let elsewhere = Setup::new();
    let ended =
        headroom_in(elsewhere.home(), &[], &["import", "--format", "emf", "-"], emf.as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    has_levels(&elsewhere.start(), [0, 0]);
}

#[test]
fn a_job_of_a_repository_that_is_not_shown_goes_on_waiting() {
    let github = GitHub::of("octo");
    github.state().hidden = Some("octo/cat".into());
    let setup = github.setup();
    waiting_for(&setup, Duration::from_hours(2));
    let server = setup.start();
    let asked = || github.asked().iter().filter(|(path, _)| path.contains("/jobs/")).count();
    until("it is asked about twice", || (asked() > 1).then_some(()));
    server.says("lost webhooks cannot be looked for");
    has_levels(&server, [1, 0]);
    assert_eq!(counted(&server, c::JOBS_EXPIRED.0), 0);
}

#[test]
fn with_little_left_it_stops_asking_says_so_and_goes_on_in_the_next_hour() {
    let github = GitHub::of("acme");
    github.state().rate = (900, Duration::from_secs(5));
    github.state().jobs.insert(("acme/app".into(), 7), told(7, "queued", ago(10)));
    let server = github.setup().start();
    server.accepts(&[Job::new(1).repository("acme/app").queued()]);
    server.says("few requests to GitHub's API are left");
    // What was found in the meantime counts; the next question comes in the next hour.
    let (before, reset) = (github.asked().len(), github.state().reset.unwrap());
    until("it asks again", || (github.asked().len() > before).then_some(()));
    let asked = github.asked();
    assert!(asked[before].1 >= reset, "{asked:#?}");
    has_levels(&server, [2, 0]);
    until("the allowance is told", || {
        (counted(&server, c::GITHUB_RATE_LIMIT_REMAINING.0) > 4000).then_some(())
    });
}

#[test]
fn tokens_are_renewed_and_a_github_that_fails_is_asked_again() {
    let github = GitHub::of("acme");
    github.state().failing.extend([502, 503]);
    // Renewed five minutes before they expire.
    github.state().token_life = Duration::from_secs(302);
    let server = github.setup().start();
    server.accepts(&[Job::new(1).repository("acme/app").queued()]);
    server.says("cannot be looked for as they should");
    until("a second token", || (github.tokens() > 1).then_some(()));
    until("failures are counted", || (counted(&server, c::GITHUB_FAILURES.0) == 2).then_some(()));
}

#[test]
fn no_secret_of_github_is_in_any_log_page_or_file() {
    let github = GitHub::of("acme");
    github.state().failing.push_back(401);
    github.state().jobs.insert(("acme/app".into(), 7), told(7, "queued", ago(10)));
    let server = github.setup().var("HEADROOM_LOG", "trace").argument("--emf=stdout").start();
    server.accepts(&Job::new(1).repository("acme/app").life());
    has_levels(&server, [1, 0]);
    let pages = ["/", "/metrics", "/readyz", "/api/pools"].map(|path| server.get(path).text());
    let setup = server.setup.clone();
    let ended = server.stop();
    let store = std::fs::read(setup.store()).unwrap();
    let all = [ended.stderr, ended.stdout, String::from_utf8_lossy(&store).into_owned()];
    // A token of an App begins with these letters: {"a in base64.
    for secret in [TOKEN_START, "PRIVATE KEY", "eyJ"] {
        for text in all.iter().chain(&pages) {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
