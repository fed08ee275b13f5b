//! What is asked, word by word, and what is made of the answers.

use std::time::Duration;

use github::{Credentials, Deregistered, Hook, Owner, Registered, Token, Visibility};
use model::{Labels, Phase, Repository};
use serde_json::{Value, json};

use crate::world::{NOW, World};

fn runner(id: u64, name: &str, status: &str) -> Value {
    json!({ "id": id, "name": name, "os": "linux", "status": status, "busy": false, "labels": [] })
}

fn link(world: &World, path: &str) -> String {
    let next = format!("<http://{}/api/v3{path}>; rel=\"next\"", world.address);
    format!("link: <http://elsewhere/>; rel=\"prev\", {next}\r\n")
}

#[test]
fn runners_come_page_by_page() {
    let world = World::start();
    let next = link(&world, "/orgs/acme/actions/runners?per_page=100&page=2");
    world.answers(200, &next, &json!({ "runners": [runner(1, "i-1", "online")] }));
    world.answers(200, "", &json!({ "runners": [runner(2, "i-2", "offline")] }));
    let runners = world.by_token().runners(NOW).unwrap();
    let told: Vec<_> =
        runners.iter().map(|one| (one.id, one.name.as_str(), one.is_online)).collect();
    assert_eq!(told, [(1, "i-1", true), (2, "i-2", false)]);
    assert_eq!(world.lines()[1], "GET /api/v3/orgs/acme/actions/runners?per_page=100&page=2");
}

#[test]
fn a_token_is_never_sent_to_another_place_than_the_one_that_was_named() {
    let world = World::start();
    let elsewhere = "link: <http://127.0.0.1:1/api/v3/x>; rel=\"next\"\r\n";
    world.answers(200, elsewhere, &json!({ "runners": [] }));
    let error = world.by_token().runners(NOW).unwrap_err();
    assert!(error.to_string().contains("lies elsewhere"), "{error}");
}

#[test]
fn a_runner_is_registered_for_one_job_once() {
    let world = World::start();
    let answer = json!({ "runner": { "id": 7, "name": "i-1" }, "encoded_jit_config": "c2VjcmV0" });
    world.answers(201, "", &answer).answers(409, "", &json!({ "message": "Already exists" }));
    let mut github = world.by_token();
    let labels = Labels::new(["self-hosted", "linux"]);
    let registered = github.register("i-1", &labels, Some(3), NOW).unwrap();
    assert!(!format!("{registered:?}").contains("c2Vj"), "{registered:?}");
    let Registered::As(config) = registered else { panic!("{registered:?}") };
    assert_eq!((config.runner, config.encoded.as_str()), (7, "c2VjcmV0"));
    assert_eq!(github.register("i-1", &labels, None, NOW).unwrap(), Registered::NameTaken);
    let asked = world.asked();
    assert_eq!(asked[0].line, "POST /api/v3/orgs/acme/actions/runners/generate-jitconfig");
    let mut wanted: Vec<&str> = vec!["linux", "self-hosted"];
    let labels = asked[0].body["labels"].as_array().unwrap();
    let mut sent: Vec<&str> = labels.iter().filter_map(Value::as_str).collect();
    wanted.sort_unstable();
    sent.sort_unstable();
    assert_eq!((sent, &asked[0].body["runner_group_id"]), (wanted, &json!(3)));
    assert_eq!(asked[1].body["runner_group_id"], 1, "the default one");
}

#[test]
fn a_busy_runner_stays() {
    let world = World::start();
    let busy = json!({ "message": "Runner \"i-1\" is currently running a job" });
    world.answers(204, "", &Value::Null).answers(422, "", &busy).answers(404, "", &json!({}));
    let mut github = world.by_token();
    let became = [7, 8, 9].map(|id| github.deregister(id, NOW).unwrap());
    assert_eq!(became, [Deregistered::Gone, Deregistered::Busy, Deregistered::NotThere]);
    assert_eq!(world.lines()[0], "DELETE /api/v3/orgs/acme/actions/runners/7");
}

#[test]
fn deliveries_are_read_until_they_are_too_old() {
    let world = World::start();
    let row = |id: u64, minutes_ago: u64, status: u16| {
        let at = NOW.minus(Duration::from_mins(minutes_ago)).to_string();
        json!({ "id": id, "guid": format!("g{id}"), "delivered_at": at, "redelivery": false,
                "duration": 0.1, "status": "x", "status_code": status, "event": "workflow_job",
                "action": "queued", "installation_id": null, "repository_id": null })
    };
    let more = link(&world, "/orgs/acme/hooks/5/deliveries?cursor=v1_2");
    world.answers(200, &more, &json!([row(4, 1, 202), row(3, 5, 0)]));
    world.answers(200, &more, &json!([row(2, 190, 503), row(1, 200, 202)]));
    let since = NOW.minus(Duration::from_hours(3));
    let mut github = world.by_token();
    let found = github.deliveries(Hook::Numbered(5), since, NOW).unwrap();
    let told: Vec<_> = found.iter().map(|one| (one.id, one.is_taken())).collect();
    assert_eq!(told, [(4, true), (3, false)]);
    assert_eq!(world.lines().len(), 2, "older ones are not asked for");
    world.answers(202, "", &json!({}));
    github.redeliver(Hook::Numbered(5), 3, NOW).unwrap();
    assert_eq!(world.lines()[2], "POST /api/v3/orgs/acme/hooks/5/deliveries/3/attempts");
}

#[test]
fn jobs_are_told_as_their_events_would_tell_them() {
    let world = World::start();
    let job = |id: u64, status: &str, labels: &[&str]| {
        json!({ "id": id, "run_id": 9, "run_attempt": 2, "status": status, "conclusion": null,
                "created_at": "2026-09-21T13:00:00Z", "started_at": "2026-09-21T13:00:00Z",
                "completed_at": null, "name": "build", "workflow_name": "ci", "labels": labels,
                "html_url": format!("https://github.com/acme/app/actions/runs/9/job/{id}"),
                "head_branch": "main", "runner_name": "", "runner_group_name": null })
    };
    let runs = |ids: &[u64]| {
        let runs: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "total_count": 1, "workflow_runs": runs })
    };
    world.answers(200, "", &runs(&[9]));
    let jobs = [job(1, "queued", &["gpu"]), job(2, "requested", &[]), job(3, "in_progress", &[])];
    world.answers(200, "", &json!({ "total_count": 3, "jobs": jobs })).answers(200, "", &runs(&[]));
    let repository = Repository("acme/app".into());
    let jobs = world.by_token().jobs_of_open_runs(&repository, 10, NOW).unwrap();
    let told: Vec<_> = jobs.iter().map(|job| (job.key.job, job.key.attempt, job.phase)).collect();
    assert_eq!(told, [(1, 2, Phase::Queued), (3, 2, Phase::InProgress)]);
    assert_eq!((&jobs[0].runner, &jobs[0].url), (&None, &None), "the usual place is not repeated");
    assert_eq!(
        world.lines(),
        [
            "GET /api/v3/repos/acme/app/actions/runs?status=queued&per_page=10",
            "GET /api/v3/repos/acme/app/actions/runs/9/jobs?filter=latest&per_page=100",
            "GET /api/v3/repos/acme/app/actions/runs?status=in_progress&per_page=10",
        ]
    );
    world.answers(404, "", &json!({ "message": "Not Found" }));
    assert_eq!(world.by_token().job(&repository, 1, NOW).unwrap(), None);
}

#[test]
fn a_repository_asks_for_its_own_and_knows_no_groups() {
    let world = World::start();
    let owner = Owner::Repository("acme/app".into());
    let mut github = world.by(Credentials::Token(Token("t".into())), owner);
    assert_eq!(github.runner_groups(NOW).unwrap(), []);
    world.answers(200, "", &json!({ "runners": [runner(1, "i-10", "online")] }));
    assert_eq!(github.runner_named("i-1", NOW).unwrap(), None, "no other one is taken for it");
    world.answers(200, "", &json!({ "private": false }));
    let repository = Repository("acme/app".into());
    assert_eq!(github.visibility(&repository, NOW).unwrap(), Visibility::Public);
    let lines = world.lines();
    assert_eq!(lines[0], "GET /api/v3/repos/acme/app/actions/runners?per_page=100&name=i-1");
}
