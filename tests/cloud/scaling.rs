//! `serve` scales the Auto Scaling groups that pools name.

use std::path::Path;

use model::catalogue::RUNNERS_BUSY;
use serde_json::json;

use crate::moto::{Moto, REGION};
use crate::world::{GitHub, Job, Setup, until};

const GROUP: &str = "linux-runners";
const KEY: &str = include_str!("../fixtures/github/app-key.pem");

/// A server that looks each second, and its group of 0 to 10 instances.
fn scaled(more: &str) -> (Moto, Setup) {
    let groups = Moto::start(Path::new(env!("CARGO_MANIFEST_DIR")));
    groups.make_group(GROUP);
    let setup = Setup::new()
        .var("AWS_ACCESS_KEY_ID", "key")
        .var("AWS_SECRET_ACCESS_KEY", "secret")
        .var("AWS_EC2_METADATA_DISABLED", "true")
        .config(&format!(
            "[scaler]\nmode = \"act\"\ntick_secs = 1\n{more}\
             [aws]\nregion = \"{REGION}\"\nendpoint_url = \"{}\"\n\
             [[pool]]\nname = \"linux\"\nlabels = [\"self-hosted\", \"linux\"]\n\
             group = \"{GROUP}\"\nstopped = \"none\"\nidle_hold_secs = 1\n\
             [[pool]]\nname = \"mac\"\nlabels = [\"self-hosted\", \"mac\"]\n",
            groups.url()
        ));
    (groups, setup)
}

#[test]
fn an_instance_comes_for_each_job_and_leaves_with_its_place_when_it_is_off() {
    let (groups, setup) = scaled("");
    let server = setup.start();
    let instances = |many| {
        until(&format!("{many} instances"), || {
            let ids = groups.instances(GROUP);
            (ids.len() == many).then_some(ids)
        })
    };
    server.accepts(&[Job::new(1).queued()]);
    let first = instances(1).remove(0);
    // A runner bears the id of its instance.
    let job = Job::new(1).ends("success", Some(&first));
    server.accepts(&[job.in_progress()]);
    until("a look at it while it has the job", || {
        let busy = server.metrics().sum(RUNNERS_BUSY.0, &[("pool", "linux")]);
        (busy == 1).then_some(())
    });
    server.accepts(&[job.completed(), Job::new(2).queued()]);
    assert!(instances(2).contains(&first), "it had its only job, so the next has an instance too");
    groups.is_off(&first);
    assert!(!instances(1).contains(&first));
    assert_eq!(groups.desired(GROUP), 1);
}

#[test]
fn an_idle_instance_leaves_once_github_has_let_its_runner_go() {
    let github = GitHub::of("acme");
    let (groups, setup) = scaled(&github.section());
    setup.write("app.pem", KEY);
    let server = setup.start();
    server.accepts(&[Job::new(1).queued()]);
    let id = until("an instance", || groups.instances(GROUP).pop());
    let path = "/orgs/acme/actions/runners";
    let runner = json!({ "id": 7, "name": id, "status": "online", "busy": false });
    github.state().about.extend([
        (path.to_owned(), json!({ "total_count": 1, "runners": [runner] })),
        (format!("{path}/7"), json!({})),
    ]);
    server.accepts(&[Job::new(1).ends("cancelled", None).completed()]);
    until("the group is empty", || (groups.desired(GROUP) == 0).then_some(()));
    let deregistered = format!("DELETE {path}/7");
    assert!(github.asked().iter().any(|(asked, _)| *asked == deregistered));
}

#[test]
fn where_runners_bear_other_names_no_instance_that_may_have_a_job_ends_and_it_is_said_why() {
    let github = GitHub::of("acme");
    let (groups, setup) = scaled(&github.section());
    setup.write("app.pem", KEY);
    let server = setup.start();
    let [first, second] = [1, 2].map(Job::new);
    server.accepts(&[first.queued(), second.queued()]);
    let both = || Some(groups.instances(GROUP)).filter(|ids| ids.len() == 2);
    let ids = until("two instances", both);
    let name = "ip-10-0-1-7";
    let runner = json!({ "id": 7, "name": name, "status": "online", "busy": true });
    let runners = json!({ "total_count": 1, "runners": [runner] });
    github.state().about.insert("/orgs/acme/actions/runners".to_owned(), runners);
    let second = second.ends("success", Some(name));
    server.accepts(&[second.in_progress(), first.ends("cancelled", None).completed()]);
    // Either may have the job.
    server.says("GitHub knows no runner named i-");
    assert_eq!(groups.instances(GROUP), ids);
}

#[test]
fn of_a_pool_without_a_group_it_is_said_what_would_be_set() {
    let (groups, setup) = scaled("");
    let server = setup.start();
    server.accepts(&[Job::new(1).labels(&["self-hosted", "mac"]).queued()]);
    until("a decision about the pool", || {
        let told = server.get("/decisions?pool=mac").text();
        told.contains("would set desired to 1").then_some(())
    });
    assert_eq!(groups.desired(GROUP), 0);
}
