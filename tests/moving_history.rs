//! History comes in from files and goes out again, and nothing changes on the way.

use std::fs::File;
use std::io::Write;

use serde_json::json;

use crate::world::{Chance, Delivery, Ended, Job, NINE, Pool, Server, Setup, headroom_in};

fn import(setup: &Setup, arguments: &[&str], stdin: &[u8]) -> Ended {
    let all = [&["import"], arguments].concat();
    headroom_in(setup.home(), &[], &all, stdin)
}

#[track_caller]
fn export(setup: &Setup, format: &str) -> String {
    let ended = headroom_in(setup.home(), &[], &["export", "--format", format], b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout
}

/// Keeps what is years old: the jobs here are of some past January.
fn keeping_all() -> Setup {
    Setup::new().config("[retention]\njobs_days = 36500\nseries_days = 36500\n")
}

/// A webhook as it lies in a file.
fn line(delivery: &Delivery) -> String {
    let body: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
    let headers = json!({"X-GitHub-Event": delivery.event, "x-github-delivery": delivery.id});
    json!({"headers": headers, "body": body}).to_string() + "\n"
}

/// Jobs of all kinds of lives: plain, skipped, cancelled while queued, still waiting or running.
fn lives() -> Vec<Delivery> {
    let mut chance = Chance::new(7);
    let mut all = Vec::new();
    for id in 1..=120 {
        let job = Job::new(id)
            .labels(&[["linux"], ["gpu"]][chance.below(2)])
            .name(&format!("caf\u{e9} {id}"))
            .created_at(NINE.plus(std::time::Duration::from_secs(chance.next() % 7_200)))
            .waits((chance.next() % 900).cast_signed())
            .runs((chance.next() % 3_000).cast_signed());
        match chance.below(6) {
            0 => all.extend([job.queued(), job.ends("cancelled", None).completed()]),
            1 => all.push(job.ends("skipped", None).completed()),
            2 => all.push(job.queued()),
            3 => all.extend([job.queued(), job.in_progress()]),
            _ => all.extend(job.life()),
        }
    }
    all
}

/// What a server on this history says, without the levels, whose ages depend on the present.
fn totals(server: &Server) -> Vec<Pool> {
    let without_levels = |pool| Pool { waiting: 0, running: 0, oldest_waiting_secs: None, ..pool };
    server.pools().into_iter().map(without_levels).collect()
}

#[test]
fn imported_webhooks_make_the_same_history_as_served_ones() {
    let deliveries = lives();
    let served = keeping_all().start();
    served.accepts(&deliveries);
    let imported = keeping_all();
    let lines: String = deliveries.iter().rev().map(line).collect();
    let ended = import(&imported, &["-"], lines.as_bytes());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    assert_eq!(totals(&imported.start()), totals(&served));
}

#[test]
fn what_is_exported_as_emf_is_clean_and_makes_the_same_history() {
    let (first, second) = (keeping_all(), keeping_all());
    let lines: String = lives().iter().map(line).collect();
    import(&first, &["-"], lines.as_bytes());
    let emf = export(&first, "emf");
    let now = NINE.plus(std::time::Duration::from_hours(3)).to_string();
    let lint = headroom_in(first.home(), &[], &["lint", "--now", &now, "-"], emf.as_bytes());
    assert_eq!(lint.code, Some(0), "{}", lint.stdout);

    let ended = import(&second, &["--format", "emf", "-"], emf.as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(export(&second, "emf"), emf);
    assert_eq!(export(&second, "trace"), export(&first, "trace"));
    assert_eq!(totals(&second.start()), totals(&first.start()));
}

#[test]
fn repeating_an_import_changes_nothing() {
    let setup = keeping_all();
    let lines: String = lives().iter().map(line).collect();
    import(&setup, &["-"], lines.as_bytes());
    let (emf, pools) = (export(&setup, "emf"), totals(&setup.start()));
    // To a server of today these jobs are overdue; when it gives them up is not told here.
    let events = || {
        let emf = export(&setup, "emf");
        emf.split_inclusive('\n').filter(|line| !line.contains("\"expired\":1")).collect::<String>()
    };
    for format in ["webhook", "emf"] {
        let text = if format == "emf" { &emf } else { &lines };
        let ended = import(&setup, &["--format", format, "-"], text.as_bytes());
        assert!(ended.stderr.contains("0 new events"), "{}", ended.stderr);
        assert_eq!((events(), totals(&setup.start())), (emf.clone(), pools.clone()));
    }
}

const TRACE: &str = "\
job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,run_created_at_unix_ms
1,linux,1757006747000,60000,4000,9,1757006747000
2,linux,1757006748000,60000,,9,1757006747000
3,linux,1757006749000,60000,10000,9,1757006747000
";

#[test]
fn a_trace_brings_its_waits_and_an_empty_one_stays_unknown() {
    let setup = keeping_all();
    assert_eq!(import(&setup, &["-"], TRACE.as_bytes()).code, Some(0));
    let pool = setup.start().pool("linux");
    assert_eq!(pool.totals(), [3, 3, 3]);
    assert_eq!((pool.wait_p50_secs, pool.wait_p95_secs), (Some(4), Some(10)), "of two, not three");
    let exported = export(&setup, "trace");
    let unknown = exported.lines().find(|line| line.starts_with("2,")).unwrap();
    assert_eq!(unknown.split(',').nth(4), Some(""), "{unknown}");
    let again = keeping_all();
    import(&again, &["-"], exported.as_bytes());
    assert_eq!(export(&again, "trace"), exported);
}

#[test]
fn compressed_files_are_read_as_they_are() {
    let setup = keeping_all();
    for (program, name) in [("gzip", "trace.csv.gz"), ("zstd", "trace.csv.zst")] {
        setup.write("trace.csv", TRACE);
        let out = File::create(setup.path(name)).unwrap();
        let mut command = std::process::Command::new(program);
        command.args(["-c", "trace.csv"]).current_dir(setup.home()).stdout(out);
        let status = command.status().unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(status.success());
        let ended = import(&setup, &[name], b"");
        assert_eq!(ended.code, Some(0), "{name}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("4 lines"), "{name}: {}", ended.stderr);
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named_counted_and_skipped() {
    let good = line(&Job::new(1).queued());
    let bad = ["{\"headers\":{}}\n", "not json\n", "[1]\n"];
    let lines = [&good, bad[0], bad[1], bad[2], &line(&Job::new(2).queued())].concat();
    let setup = keeping_all();
    setup.write("hooks.ndjson", &lines);
    let ended = import(&setup, &["hooks.ndjson"], b"");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for number in [2, 3, 4] {
        assert!(ended.stderr.contains(&format!("hooks.ndjson:{number}:")), "{}", ended.stderr);
    }
    assert!(ended.stderr.contains("3 malformed"), "{}", ended.stderr);
    assert_eq!(setup.start().pool("linux,self-hosted").totals(), [2, 0, 0]);
}

#[test]
fn past_and_present_meet_in_one_history() {
    let setup = keeping_all();
    let server = setup.start();
    let (old, new) = (Job::new(1), Job::new(2));
    server.accepts([&old.in_progress(), &new.queued()]);
    server.stop();
    let lines: String = [old.queued(), old.completed(), new.queued()].iter().map(line).collect();
    let ended = import(&setup, &["-"], lines.as_bytes());
    assert!(ended.stderr.contains("2 new events"), "{}", ended.stderr);
    let server = setup.start();
    server.accepts([&new.in_progress()]);
    let pool = server.pool("linux,self-hosted");
    assert_eq!((pool.totals(), pool.levels()), ([2, 2, 1], [0, 1]));
}

#[test]
fn a_store_in_use_is_not_imported_into() {
    let server = keeping_all().start();
    let ended = import(&server.setup, &["-"], TRACE.as_bytes());
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("in use"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_missing_or_of_no_known_kind_says_so() {
    let setup = keeping_all();
    let missing = import(&setup, &["nowhere.csv"], b"");
    assert_eq!(missing.code, Some(3), "{}", missing.stderr);
    assert!(missing.stderr.contains("nowhere.csv"), "{}", missing.stderr);
    let mut file = File::create(setup.path("poem.txt")).unwrap();
    file.write_all(b"roses are red\nviolets are blue\n").unwrap();
    let unknown = import(&setup, &["poem.txt"], b"");
    assert_ne!(unknown.code, Some(0));
    assert!(unknown.stderr.contains("poem.txt"), "{}", unknown.stderr);
}
