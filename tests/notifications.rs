//! People are told of alarms: by real processes, over real sockets, also when they die or their
//! receivers do.

use std::time::Duration;

use serde_json::Value;

use crate::signatures::octokit_with;
use crate::world::{
    Authority, Ended, Manner, Receiver, Request, Server, Setup, headroom_in, until, waiting_for,
};

const SECRET: &str = "sch\u{f6}n \"$geheim\" \\ 12";

/// A target, and incidents that are told at once.
fn target(name: &str, more: &str) -> String {
    format!("[[notify]]\nname = \"{name}\"\n{more}\n")
}

fn webhook(receiver: &Receiver) -> String {
    let url = receiver.url();
    target("pager", &format!("kind = \"webhook\"\nurl = \"{url}\"\nsecret_env = \"HOOK_SECRET\""))
}

/// A server whose pool has had a job waiting for hours: its first look finds an alarm.
fn alarmed(targets: &str) -> Setup {
    let config = format!(
        "page_url = \"https://headroom.example.com\"\n[scaler]\nmode = \"off\"\n\
         [alarms]\ngroup_secs = 0\n{targets}"
    );
    let setup = Setup::new().config(&config).var("HOOK_SECRET", SECRET);
    waiting_for(&setup, Duration::from_hours(2));
    setup
}

fn alarms(server: &Server, query: &str) -> Value {
    let answer = server.get(&format!("/api/alarms{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Waits until everything that is to be told is delivered.
#[track_caller]
fn all_told(server: &Server) -> Value {
    until("all is told", || {
        let all = alarms(server, "");
        let mailboxes = all["notifications"].as_array().unwrap();
        let is_done = !mailboxes.is_empty() && mailboxes.iter().all(|it| it["pending"] == 0);
        is_done.then_some(all.clone())
    })
}

#[test]
fn an_alarm_is_shown_and_told_with_all_that_one_needs_to_know() {
    let receiver = Receiver::that([]);
    let server = alarmed(&webhook(&receiver)).start();
    let got = receiver.wait_for(1).remove(0);
    let told = got.json();
    assert_eq!((&told["version"], &told["target"]), (&1.into(), &"pager".into()));
    assert_eq!(got.header("x-headroom-notification"), told["id"].as_str());
    let incident = &told["incidents"][0];
    assert_eq!((&incident["told"], &incident["severity"]), (&"began".into(), &"page".into()));
    assert_eq!(incident["pool"], "linux,self-hosted");
    let dashboard = "https://headroom.example.com/?pool=linux%2Cself-hosted";
    assert_eq!(incident["dashboard_url"], dashboard);
    let down = incident["alarms"].as_array().unwrap();
    let down = down.iter().find(|alarm| alarm["name"] == "pool-down").unwrap();
    assert_eq!(down["state"], "ALARM");
    assert_eq!(down["runbook_url"], "https://headroom.example.com/runbooks/pool-down");
    for key in ["meaning", "condition", "causes", "actions", "since"] {
        assert!(!down[key].is_null() && down[key] != "", "{key} of {down}");
    }
    assert!(down["then"]["figures"].to_string().contains("jobs waiting"), "{down}");
    let all = all_told(&server);
    let shown = &all["alarms"][0];
    assert_eq!((&shown["state"], &shown["severity"]), (&"ALARM".into(), &"page".into()));
    let fired = alarms(&server, "?state=alarm&alarm=pool-down");
    assert_eq!(fired["alarms"].as_array().unwrap().len(), 1);
    assert_eq!(fired["transitions"][0]["to"], "ALARM");
    let at = fired["at"].as_str().unwrap();
    let later = alarms(&server, "?since=2100-01-01T00:00:00Z");
    assert_eq!(later["transitions"].as_array().unwrap().len(), 0, "{at}");
    assert_eq!(server.get("/api/alarms?since=yesterday").status, 400);
    assert_eq!(server.get("/api/alarms?state=red").status, 400);
}

#[test]
fn a_receiver_that_fails_gets_the_same_bytes_and_id_again_signed_as_octokit_signs() {
    let manners = [Manner::Answers(500), Manner::Answers(404), Manner::Answers(429)];
    let receiver = Receiver::that(manners);
    let server = alarmed(&webhook(&receiver)).start();
    let got = receiver.wait_for(4);
    all_told(&server);
    assert_eq!(receiver.got().len(), 4, "once it is taken, it is not sent again");
    for (attempt, request) in (1..).zip(&got) {
        assert_eq!(request.header("x-headroom-attempt"), Some(attempt.to_string().as_str()));
        assert_eq!(request.body, got[0].body);
        for name in ["x-headroom-notification", "x-hub-signature-256", "content-type"] {
            assert_eq!(request.header(name), got[0].header(name), "{name}");
        }
    }
    let signature = octokit_with(SECRET, &got[0].body);
    assert_eq!(got[0].header("x-hub-signature-256"), Some(signature.as_str()));
    let failures = server.metrics().sum(model::catalogue::NOTIFICATION_FAILURES.0, &[]);
    assert_eq!(failures, 3);
}

#[test]
fn what_was_on_its_way_when_the_process_was_killed_arrives_with_the_same_id() {
    let receiver = Receiver::that([Manner::Hangs, Manner::Hangs, Manner::Answers(200)]);
    let server = alarmed(&webhook(&receiver)).start();
    receiver.wait_for(1);
    let server = server.kill().start();
    receiver.wait_for(2);
    let server = server.kill().start();
    let got = receiver.wait_for(3);
    all_told(&server);
    let ids: Vec<_> = got.iter().map(|it| it.header("x-headroom-notification")).collect();
    assert!(ids.iter().all(|id| id.is_some() && *id == ids[0]), "{ids:?}");
    assert!(got.iter().all(|it| it.body == got[0].body));
}

#[test]
fn a_restart_tells_nothing_again_and_forgets_nothing() {
    let receiver = Receiver::that([]);
    let server = alarmed(&webhook(&receiver)).start();
    receiver.wait_for(1);
    let before = all_told(&server);
    let mut setup = server.kill();
    for _ in 0..2 {
        let server = setup.start();
        let after =
            until("it has looked", || Some(alarms(&server, "")).filter(|all| !all["at"].is_null()));
        let firing = |all: &Value| {
            let all = all["alarms"].as_array().unwrap().clone();
            let firing = all.into_iter().filter(|alarm| alarm["state"] == "ALARM");
            firing.map(|alarm| (alarm["name"].clone(), alarm["since"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(firing(&after), firing(&before), "since when is not forgotten");
        assert_eq!(after["transitions"], before["transitions"], "nothing happened twice");
        assert_eq!(receiver.got().len(), 1, "nobody is told again");
        setup = server.kill();
    }
}

#[test]
fn a_target_that_hangs_delays_no_other() {
    let (slow, quick) = (Receiver::that([Manner::Hangs; 9]), Receiver::that([]));
    let slack = |name: &str, receiver: &Receiver| {
        target(name, &format!("kind = \"slack\"\nurl = \"{}\"", receiver.url()))
    };
    let targets = slack("a-slow", &slow) + &slack("b-quick", &quick);
    let server = alarmed(&targets).start();
    slow.wait_for(1);
    let got = quick.wait_for(1).remove(0).json();
    assert!(got["text"].as_str().unwrap().starts_with("*PAGE: pool linux,self-hosted: "), "{got}");
    assert!(got["attachments"][0]["text"].to_string().contains("|Runbook>"), "{got}");
    let mailboxes = until("one of two is told", || {
        let all = alarms(&server, "");
        let pending = |i: usize| all["notifications"][i]["pending"].clone();
        (pending(0) == 1 && pending(1) == 0).then(|| all["notifications"].clone())
    });
    assert_eq!(mailboxes[0]["target"], "a-slow");
}

#[test]
fn a_command_reads_what_there_is_to_tell() {
    let script = "cat > told.part && mv told.part told-$HEADROOM_NOTIFICATION_ID";
    let command = format!("kind = \"command\"\ncommand = [\"sh\", \"-c\", \"{script}\"]");
    let server = alarmed(&target("desk", &command)).start();
    all_told(&server);
    let told: Vec<_> = std::fs::read_dir(server.setup.home())
        .unwrap()
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_string_lossy().starts_with("told-"))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let text = std::fs::read_to_string(told[0].path()).unwrap();
    for part in ["PAGE: pool linux,self-hosted: ", "What to do:", "/runbooks/pool-down"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_target_that_is_gone_from_the_configuration_is_given_up() {
    let receiver = Receiver::that([Manner::Hangs; 3]);
    let server = alarmed(&webhook(&receiver)).start();
    receiver.wait_for(1);
    let setup = server.kill().config("");
    let server = setup.start();
    server.says("no longer configured");
    let mailbox = alarms(&server, "")["notifications"][0].clone();
    assert_eq!((&mailbox["pending"], &mailbox["given_up"]), (&0.into(), &1.into()));
}

/// Runs `alarms test` as the setup's server would run.
fn tried(setup: &Setup, more: &[&str]) -> Ended {
    tried_with(setup, &[], more)
}

fn tried_with(setup: &Setup, vars: &[(&str, &str)], more: &[&str]) -> Ended {
    let line = [&["alarms", "test", "--format=json"], more].concat();
    headroom_in(setup.home(), &[&[("HOOK_SECRET", SECRET)], vars].concat(), &line, b"")
}

#[test]
fn an_https_receiver_whose_authority_is_in_the_file_is_told() {
    let authority = Authority::named("ours");
    let receiver = Receiver::over_tls(authority.identity("127.0.0.1"));
    let setup = alarmed(&webhook(&receiver));
    setup.write("authority.pem", authority.pem());
    let path = setup.path("authority.pem");
    let server = setup.var("SSL_CERT_FILE", path.to_str().unwrap()).start();
    let told = receiver.wait_for(1).remove(0);
    assert!(told.head.starts_with("POST /hook/hush-4f1e "), "{}", told.head);
    assert!(told.header("x-hub-signature-256").is_some());
    all_told(&server);
}

#[test]
fn a_receiver_that_nobody_vouches_for_is_told_nothing_and_is_named_without_its_path() {
    let ours = Authority::named("ours");
    for (whose, name, because) in [
        // Signed by an authority that is not in the file; for another host.
        (&Authority::named("another"), "127.0.0.1", "UnknownIssuer"),
        (&ours, "elsewhere.example", "elsewhere.example"),
    ] {
        let receiver = Receiver::over_tls(whose.identity(name));
        let setup = Setup::new().config(&webhook(&receiver));
        setup.write("authority.pem", ours.pem());
        let path = setup.path("authority.pem");
        let vars = [("SSL_CERT_FILE", path.to_str().unwrap())];
        let ended = tried_with(&setup, &vars, &["--notify"]);
        assert_eq!((ended.code, receiver.got().len()), (Some(1), 0), "{}", ended.stderr);
        let outcomes: Value = serde_json::from_str(&ended.stdout).unwrap();
        let trouble = outcomes[0]["trouble"].as_str().unwrap();
        let start = format!("{} shows a certificate that is not trusted", receiver.address);
        assert!(trouble.starts_with(&start) && trouble.contains(because), "{trouble}");
        for text in [&ended.stdout, &ended.stderr] {
            assert!(!text.contains("hush-4f1e"), "{text}");
        }
    }
}

#[test]
fn a_sample_goes_to_each_target_and_each_outcome_is_told() {
    let (good, bad) = (Receiver::that([]), Receiver::that([Manner::Answers(403)]));
    let slack = target("chat", &format!("kind = \"slack\"\nurl = \"{}\"", bad.url()));
    let setup = Setup::new().config(&(webhook(&good) + &slack));
    let shown = tried(&setup, &[]);
    assert_eq!((shown.code, good.got().len()), (Some(0), 0), "only looked at: {}", shown.stderr);
    let ended = tried(&setup, &["--notify"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let outcomes: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&outcomes[0]["is_delivered"], &outcomes[1]["is_delivered"]),
        (&true.into(), &false.into())
    );
    let trouble = outcomes[1]["trouble"].as_str().unwrap();
    assert!(trouble.contains("answers 403"), "{trouble}");
    assert!(!ended.stdout.contains("hush-4f1e"), "{}", ended.stdout);
    let sample = good.got().remove(0).json();
    assert_eq!((&sample["is_sample"], &sample["id"]), (&true.into(), &outcomes[0]["id"]));
    let one = tried(&setup, &["--notify", "--target=pager"]);
    assert_eq!((one.code, good.got().len(), bad.got().len()), (Some(0), 2, 1));
    let none = tried(&setup, &["--target=fax"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("pager, chat"), "{}", none.stderr);
    let nobody = tried(&Setup::new(), &["--notify"]);
    assert!(nobody.stderr.contains("[[notify]]"), "{}", nobody.stderr);
}

#[test]
fn an_address_that_is_secret_is_nowhere_to_be_read() {
    let receiver = Receiver::that([Manner::Answers(500), Manner::Answers(404)]);
    let setup = alarmed(&webhook(&receiver)).var("HEADROOM_LOG", "trace");
    let server = setup.start();
    receiver.wait_for(3);
    all_told(&server);
    for path in ["/api/alarms", "/", "/metrics", "/readyz"] {
        let answer = server.send(&Request::get(path)).text();
        assert!(!answer.contains("hush-4f1e") && !answer.contains("geheim"), "{path}: {answer}");
    }
    let store = std::fs::read(setup.store()).unwrap();
    assert!(!String::from_utf8_lossy(&store).contains("hush-4f1e"));
    let ended = server.stop();
    assert!(ended.stderr.contains("notified"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hush-4f1e") && !ended.stderr.contains("geheim"));
}

#[test]
fn doctor_looks_at_each_target() {
    let receiver = Receiver::that([]);
    let gone = target("gone", "kind = \"slack\"\nurl = \"http://127.0.0.1:9/hush-4f1e\"");
    let fax = target("fax", "kind = \"command\"\ncommand = [\"no-such-program-here\"]");
    let setup = Setup::new().config(&(webhook(&receiver) + &gone + &fax));
    let vars = [("HEADROOM_WEBHOOK_SECRET", "secret"), ("HOOK_SECRET", SECRET)];
    let ended = headroom_in(setup.home(), &vars, &["doctor", "--format=json"], b"");
    let findings: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let of = |name: &str| {
        let is_of = |it: &&Value| it["found"].as_str().unwrap().starts_with(name);
        findings.iter().find(is_of).unwrap_or_else(|| panic!("no {name} in {findings:#?}"))
    };
    assert_eq!(of("pager")["verdict"], "ok");
    assert_eq!(of("gone")["verdict"], "warning");
    assert_eq!(of("fax")["verdict"], "error");
    assert_eq!(of("links lead to")["verdict"], "warning");
    assert!(!ended.stdout.contains("hush-4f1e"), "{}", ended.stdout);
    assert_eq!(ended.code, Some(1));
}
