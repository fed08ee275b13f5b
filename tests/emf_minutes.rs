//! `--emf`: per-minute aggregates that CloudWatch takes, and whose sums are what was sent.

use std::fs;

use model::catalogue as c;
use model::lint::{self, Severity};
use model::{RollUp, Timestamp};

use crate::world::{Delivery, Emf, Job, Setup, fixture, lint as lint_command};

/// Lines that our own rules and the command say nothing against.
#[track_caller]
fn flawless(text: &str) -> Emf {
    let emf = Emf::read(text);
    for (line, read) in text.lines().zip(text.lines().map(Emf::read)) {
        let written_at = read.0[0]["_aws"]["Timestamp"].as_i64().unwrap();
        let checked = lint::check(line, Timestamp::from_millis(written_at));
        assert_eq!(checked.findings, vec![], "{line}");
        assert_eq!(checked.count(Severity::Error), 0);
        assert!(checked.metrics > 0, "{line}");
    }
    let linted = lint_command(text);
    assert_eq!((linted.code, linted.stdout.as_str()), (Some(0), ""), "{}", linted.stderr);
    emf
}

/// Ten lives and one of each of the rest: waiting, cancelled, a run, an ignored event.
fn story() -> Vec<Delivery> {
    let lives = (1..=10).flat_map(|id| Job::new(id).waits(id.cast_signed() * 40).life());
    let cancelled = Job::new(11).ends("cancelled", None);
    let rest = [Job::new(12).waiting(), cancelled.queued(), cancelled.completed()];
    lives.chain(rest).chain([fixture("workflow_run.requested.1")]).collect()
}

/// What the lines of [`story`] and of one repetition and one ignored event add up to.
#[track_caller]
fn tells_the_story(emf: &Emf) {
    for (status, expected) in
        [("queued", 11), ("in_progress", 10), ("completed", 11), ("waiting", 1)]
    {
        assert_eq!(emf.sum(c::JOB_EVENTS.0, &[("Status", status)]), expected, "{status}");
    }
    assert_eq!(emf.sum(c::JOB_CONCLUSIONS.0, &[("Conclusion", "success")]), 10);
    assert_eq!(emf.sum(c::JOB_CONCLUSIONS.0, &[("Conclusion", "cancelled")]), 1);
    for (timing, expected) in
        [(c::JOB_WAIT.0, 10), (c::JOB_DURATION.0, 10), (c::DELIVERY_LAG.0, 32)]
    {
        assert_eq!(emf.sum(timing, &[]), expected, "{}", timing.name);
    }
    for counter in [c::RUN_EVENTS, c::DELIVERIES_DUPLICATE, c::DELIVERIES_IGNORED] {
        assert_eq!(emf.sum(counter.0, &[]), 1, "{}", counter.0.name);
    }
}

#[track_caller]
fn tell(server: &crate::world::Server) {
    // What is ignored is durable with the next delivery that is not.
    assert_eq!(server.deliver(&fixture("push.1")).outcome(), "200 ignored");
    server.accepts(&story());
    assert_eq!(server.deliver(&story()[0]).outcome(), "202 duplicate");
}

#[test]
fn a_graceful_end_publishes_the_open_minute_to_stdout() {
    let server = Setup::new().argument("--emf=stdout").start();
    tell(&server);
    let ended = server.stop();
    let emf = flawless(&ended.stdout);
    tells_the_story(&emf);
    let minute = |line: &serde_json::Value| line["_aws"]["Timestamp"].as_i64().unwrap() % 60_000;
    assert!(emf.0.iter().all(|line| minute(line) == 0), "an aggregate is of its minute");
}

#[test]
fn levels_are_published_zero_or_not_by_pool_and_for_the_fleet() {
    let server = Setup::new().argument("--emf=stdout").start();
    server
        .accepts(&[Job::new(1).labels(&["a"]).queued(), Job::new(2).labels(&["b"]).in_progress()]);
    let emf = flawless(&server.stop().stdout);
    for level in [c::JOBS_WAITING, c::JOBS_RUNNING, c::OLDEST_WAITING_AGE] {
        let latest = |pool: Option<&str>| {
            let of = |line: &&serde_json::Value| line["Pool"].as_str() == pool;
            emf.values(level.0.name).filter(of).last().unwrap()[level.0.name].as_u64()
        };
        let [a, b, fleet] = [Some("a"), Some("b"), None].map(latest);
        let expected = match level.0.name {
            name if name == c::JOBS_WAITING.0.name => [Some(1), Some(0), Some(1)],
            name if name == c::JOBS_RUNNING.0.name => [Some(0), Some(1), Some(1)],
            _ => [a.filter(|secs| *secs <= 60), Some(0), a],
        };
        assert_eq!([a, b, fleet], expected, "{}", level.0.name);
    }
    assert_eq!(
        emf.sets(c::JOBS_WAITING.0.name).into_iter().collect::<Vec<_>>(),
        ["[\"Pool\"]", "[]"]
    );
}

#[test]
fn a_file_is_appended_to_and_a_restart_counts_nothing_twice() {
    let setup = Setup::new().argument("--emf=metrics.ndjson");
    let deliveries = story();
    let (first, rest) = deliveries.split_at(deliveries.len() / 2);
    let server = setup.start();
    server.accepts(first);
    server.stop();
    let after_first = fs::read_to_string(setup.path("metrics.ndjson")).unwrap();
    let server = setup.start();
    server.accepts(rest);
    assert_eq!(server.deliver(&deliveries[0]).outcome(), "202 duplicate");
    assert_eq!(server.deliver(&fixture("push.1")).outcome(), "200 ignored");
    let ended = server.stop();
    assert_eq!(ended.stdout, "", "the file gets the lines");
    let text = fs::read_to_string(setup.path("metrics.ndjson")).unwrap();
    assert!(text.starts_with(&after_first) && text.len() > after_first.len());
    tells_the_story(&flawless(&text));
}

#[test]
fn what_a_killed_process_had_taken_is_published_by_the_next() {
    let setup = Setup::new().argument("--emf=metrics.ndjson");
    let server = setup.start();
    tell(&server);
    server.kill().start().stop();
    tells_the_story(&flawless(&fs::read_to_string(setup.path("metrics.ndjson")).unwrap()));
}

#[test]
fn roll_ups_add_their_sets_and_no_others() {
    let article = c::BUILD_EVENT.0.name;
    for (roll_ups, by_repository, of_article) in [
        ("[]", false, false),
        ("[\"pool\"]", false, false),
        ("[\"repository\"]", true, false),
        ("[\"article\"]", false, true),
        ("[\"repository\", \"article\"]", true, true),
    ] {
        let config = format!("[emf]\nto = \"stdout\"\nroll_ups = {roll_ups}\n");
        let server = Setup::new().config(&config).start();
        let deploy = "deploy \u{1f680}";
        server.accepts(&Job::new(1).repository("octo/a").name(deploy).life());
        server.accepts(&[Job::new(2).repository("octo/b").queued()]);
        let emf = flawless(&server.stop().stdout);
        let sets = emf.sets(c::JOB_EVENTS.0.name);
        assert!(
            sets.contains("[\"Pool\",\"Status\"]") && sets.contains("[\"Status\"]"),
            "{sets:?}"
        );
        assert_eq!(sets.contains("[\"Repository\",\"Status\"]"), by_repository, "{roll_ups}");
        let queued_a = emf.sum(c::JOB_EVENTS.0, &[("Repository", "octo/a"), ("Status", "queued")]);
        assert_eq!(queued_a, u64::from(by_repository), "{roll_ups}");
        assert_eq!(emf.names().contains(article), of_article, "{roll_ups}");
        if of_article {
            let set = "[\"status\",\"eventName\",\"repository\",\"name\"]";
            assert_eq!(emf.sets(article).into_iter().collect::<Vec<_>>(), [set]);
            let members = [("name", "deploy \\u{1f680}"), ("eventName", "workflow_job")];
            assert_eq!(emf.sum(c::BUILD_EVENT.0, &members), 3);
        }
        assert_eq!(emf.sum(c::JOB_EVENTS.0, &[]), 4, "{roll_ups}: nothing is counted twice");
    }
    assert_eq!(RollUp::ALL.len(), 3, "a new roll-up needs a row here");
}

#[test]
fn more_than_a_hundred_distinct_waits_are_split_and_none_is_lost() {
    for (form, is_array) in [("histogram", false), ("array", true)] {
        let server =
            Setup::new().config(&format!("[emf]\nto = \"stdout\"\nform = \"{form}\"")).start();
        let jobs: Vec<_> = (1..=230_u64)
            .map(|id| Job::new(id).waits((id * id).cast_signed()).in_progress())
            .collect();
        server.accepts_many(&jobs);
        let emf = flawless(&server.stop().stdout);
        assert_eq!(emf.sum(c::JOB_WAIT.0, &[]), 230, "{form}");
        let name = c::JOB_WAIT.0.name;
        assert!(emf.values(name).all(|line| line[name].is_array() == is_array), "{form}");
    }
}
