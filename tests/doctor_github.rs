//! `headroom doctor` with the section `[github]`: each mistake at GitHub is found and has a remedy.

use serde_json::{Value, json};

use crate::world::{GitHub, Job, SECRET, TOKEN_START, headroom_in};

/// A GitHub where everything is in order.
fn in_order() -> GitHub {
    let github = GitHub::of("acme");
    github.state().about.extend([
        ("/app".to_owned(), app("write", &["workflow_job", "push"])),
        ("/app/hook/config".to_owned(), json!({ "url": "https://hooks.example.com/webhook/x" })),
        (GROUPS.to_owned(), groups(false)),
    ]);
    github
}

const GROUPS: &str = "/orgs/acme/actions/runner-groups";

fn app(runners: &str, events: &[&str]) -> Value {
    json!({
        "slug": "headroom", "events": events,
        "permissions": { "actions": "read", "organization_self_hosted_runners": runners },
    })
}

fn groups(is_open: bool) -> Value {
    let group = |id: u64, name: &str, is_open: bool| {
        json!({
            "id": id, "name": name, "visibility": "all", "default": id == 1,
            "allows_public_repositories": is_open,
        })
    };
    json!({ "total_count": 2, "runner_groups": [group(1, "Default", false), group(2, "gpu", is_open)] })
}

/// The findings about GitHub: check, verdict, what was found, remedy.
fn findings(github: &GitHub) -> Vec<[String; 4]> {
    let setup = github.setup();
    let vars = [("HEADROOM_WEBHOOK_SECRET", SECRET)];
    let ended = headroom_in(setup.home(), &vars, &["doctor", "--format=json"], b"");
    assert!(
        !ended.stdout.contains(TOKEN_START) && !ended.stdout.contains("eyJ"),
        "{}",
        ended.stdout
    );
    let findings: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let of_github = findings.iter().filter(|it| text(it, "check").starts_with("github"));
    let found: Vec<[String; 4]> = of_github
        .map(|it| ["check", "verdict", "found", "remedy"].map(|key| text(it, key)))
        .collect();
    for [_, verdict, _, remedy] in &found {
        assert_eq!(verdict == "ok", remedy.is_empty(), "{found:#?}");
    }
    let is_bad = found.iter().any(|[_, verdict, ..]| verdict == "error");
    assert_eq!(ended.code, Some(i32::from(is_bad)), "{found:#?}");
    found
}

/// Claims that a check says this, and that all others are in order.
#[track_caller]
fn only(found: &[[String; 4]], check: &str, verdict: &str, parts: &[&str]) {
    let bad: Vec<_> = found.iter().filter(|[_, verdict, ..]| verdict != "ok").collect();
    let [[its, judged, told, remedy]] = &bad[..] else { panic!("{found:#?}") };
    assert_eq!((its.as_str(), judged.as_str()), (check, verdict));
    for part in parts {
        assert!(told.contains(part) || remedy.contains(part), "no {part} in {told}; {remedy}");
    }
}

#[test]
fn with_everything_in_order_doctor_says_what_is_there() {
    let found = findings(&in_order());
    assert!(found.iter().all(|[_, verdict, ..]| verdict == "ok"), "{found:#?}");
    let all = found.iter().map(|[_, _, told, _]| told.as_str()).collect::<Vec<_>>().join("\n");
    for part in ["organisation acme", "of 5000 requests", "tells of workflow_job", "actions: read"]
    {
        assert!(all.contains(part), "no {part} in {all}");
    }
    assert!(!all.contains("/webhook/x"), "a path may be a secret: {all}");
}

#[test]
fn a_webhook_that_does_not_tell_of_jobs_is_an_error() {
    let github = in_order();
    github.state().about.insert("/app".into(), app("write", &["push"]));
    only(&findings(&github), "github webhook", "error", &["not subscribed", "Workflow jobs"]);
}

#[test]
fn a_permission_that_is_missing_is_named_with_what_it_is_for() {
    let github = in_order();
    github.state().about.insert("/app".into(), app("read", &["workflow_job"]));
    let parts = ["organization_self_hosted_runners: read", "registered", "write"];
    only(&findings(&github), "github permissions", "warning", &parts);
}

#[test]
fn a_runner_group_for_public_repositories_is_a_warning() {
    let github = in_order();
    github.state().about.insert(GROUPS.into(), groups(true));
    only(&findings(&github), "github exposure", "warning", &["gpu", "Allow public repositories"]);
}

#[test]
fn events_that_did_not_arrive_are_counted_and_the_last_answer_is_told() {
    let github = in_order();
    github.delivers(&Job::new(1).queued());
    github.delivers(&Job::new(2).queued());
    only(&findings(&github), "github deliveries", "warning", &["2 events", "not answered"]);
}

#[test]
fn a_key_of_another_app_and_a_missing_installation_are_errors_with_their_own_remedies() {
    let refused = in_order();
    refused.state().failing.push_back(401);
    only(&findings(&refused), "github", "error", &["GET /app", "github.app_id"]);
    let elsewhere = in_order();
    elsewhere.state().installed = false;
    let found = findings(&elsewhere);
    let first = &found[0];
    assert_eq!((first[0].as_str(), first[1].as_str()), ("github", "error"), "{found:#?}");
    assert!(first[3].contains("install the App"), "{first:#?}");
}
