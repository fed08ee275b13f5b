//! From GitHub's bytes to an instance and back: both functions as zips, executed by an emulator.
//!
//! `MiniStack` executes the zips behind a function URL and a subscription of its log groups; moto holds
//! the Auto Scaling group. What neither does is done here as AWS documents it: an alarm's action and
//! the schedule invoke the function.

mod functions;
#[path = "../../../../tests/cloud/ministack.rs"]
mod ministack;
#[expect(dead_code, reason = "others ask for more of it")]
#[path = "../../../../tests/cloud/moto.rs"]
mod moto;

use std::time::Duration;

use ingest::Secrets;
use serde_json::{Value, json};

use crate::world::wait::until;
use crate::world::{INGEST, OWN, alarm, now, schedule};
use functions::repository;
use ministack::Ministack;
use moto::{Moto, REGION};

const SECRET: &str = "It's a Secret to Everybody";
const GROUP: &str = "linux-runners";
const PAYLOAD: &str =
    include_str!("../../../../tests/fixtures/webhooks/workflow_job.queued.1.json");

/// Both emulators and both functions.
struct Stack {
    lambda: Ministack,
    groups: Moto,
    webhook: String,
}

impl Stack {
    /// As `headroom template` wires it, with one pool.
    fn deployed() -> Stack {
        let lambda = Ministack::start(&repository(), REGION);
        let groups = Moto::start(&repository());
        groups.make_group(GROUP);
        lambda.make_log_group(INGEST);
        lambda.make_log_group(OWN);
        let pools = json!([{ "name": "linux", "labels": ["linux"], "group": GROUP,
                             "policy": { "runners_max": 2 } }]);
        let pools = pools.to_string();
        let labels = json!([{ "name": "linux", "labels": ["linux"] }]).to_string();
        let webhook = [("HEADROOM_WEBHOOK_SECRET", SECRET), ("HEADROOM_POOLS", &labels)];
        lambda.make_function("webhook", "headroom-lambda", "ingest-lambda", INGEST, &webhook);
        let (aws, logs, groups_at) = (lambda.url(), lambda.url_of_logs(), groups.url());
        let tick = [
            ("HEADROOM_ROLE", "tick"),
            ("HEADROOM_SCALER_MODE", "act"),
            ("HEADROOM_POOLS", &pools),
            ("HEADROOM_INGEST_LOG_GROUP", INGEST),
            ("HEADROOM_SCALER_LOG_GROUP", OWN),
            ("HEADROOM_TICK_SECS", "1"),
            ("AWS_ENDPOINT_URL", &aws),
            ("AWS_ENDPOINT_URL_AUTO_SCALING", &groups_at),
            ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", &logs),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        lambda.make_function("tick", "headroom-scaler-lambda", "scaler-lambda", OWN, &tick);
        // The template's filter asks for members of JSON, which the emulator knows nothing of.
        lambda.subscribe(INGEST, "JobEvents queued", "tick");
        let webhook = lambda.function_url("webhook");
        Stack { lambda, groups, webhook }
    }

    /// GitHub tells of a job, and is answered.
    fn told(&self, job: u64, action: &str, of: impl FnOnce(&mut Value)) -> u16 {
        let mut payload: Value = serde_json::from_str(PAYLOAD).unwrap();
        payload["action"] = json!(action);
        let of_job = &mut payload["workflow_job"];
        of_job["id"] = json!(job);
        of_job["status"] = json!(action);
        of_job["labels"] = json!(["linux"]);
        of_job["created_at"] = json!(ago(30));
        of_job["started_at"] = json!(ago(30));
        of_job["runner_id"] = Value::Null;
        of_job["runner_name"] = Value::Null;
        of(of_job);
        let body = payload.to_string();
        let signature = Secrets::new(&[SECRET]).unwrap().sign(body.as_bytes()).unwrap();
        let headers = [
            ("content-type", "application/json"),
            ("x-github-event", "workflow_job"),
            ("x-github-delivery", &format!("{job}-{action}")),
            ("x-hub-signature-256", &signature),
        ];
        self.lambda.post_to(&self.webhook, &headers, body.as_bytes())
    }

    /// The group's instances, once there are so many.
    fn instances(&self, many: usize) -> Vec<String> {
        until(&format!("{many} instances"), || {
            let instances = self.groups.instances(GROUP);
            (instances.len() == many).then_some(instances)
        })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the scaler's log:\n{}", self.lambda.lines(OWN).join("\n"));
        }
    }
}

fn ago(secs: u64) -> String {
    now().minus(Duration::from_secs(secs)).to_string()
}

fn runs_on(instance: &str) -> impl Fn(&mut Value) {
    move |job| {
        job["runner_id"] = json!(7);
        job["runner_name"] = json!(instance);
        job["started_at"] = json!(ago(10));
    }
}

#[test]
fn a_signed_webhook_starts_an_instance_an_alarm_another_and_one_leaves_for_the_next_job() {
    let stack = Stack::deployed();
    assert_eq!(stack.told(1, "queued", |_| ()), 202);
    let first = stack.instances(1).remove(0);

    assert_eq!(stack.told(1, "in_progress", runs_on(&first)), 202);

    // Of the second job no line reaches the scaler; the alarm about its queue does.
    stack.lambda.unsubscribe(INGEST, "tick");
    assert_eq!(stack.told(2, "queued", |_| ()), 202);
    assert_eq!(stack.groups.instances(GROUP), std::slice::from_ref(&first));
    let name = "headroom-linux-queue-without-capacity";
    stack.lambda.invoke("tick", &alarm("linux", name, "ALARM"));
    let second = stack.instances(2).into_iter().find(|one| *one != first).unwrap();
    assert_eq!(stack.told(2, "in_progress", runs_on(&second)), 202);
    stack.lambda.invoke("tick", &schedule());

    for (job, instance) in [(1, &first), (2, &second)] {
        let done = |of_job: &mut Value| {
            runs_on(instance)(of_job);
            of_job["conclusion"] = json!("success");
            of_job["completed_at"] = json!(ago(0));
        };
        assert_eq!(stack.told(job, "completed", done), 202);
    }
    // Both have had their job and count until they are gone: one makes room for the next.
    assert_eq!(stack.told(3, "queued", |_| ()), 202);
    stack.lambda.invoke("tick", &schedule());
    let stays = |left: &[String]| [&first, &second].iter().filter(|it| left.contains(it)).count();
    until("one has left, and another came", || {
        let left = stack.groups.instances(GROUP);
        (stays(&left) == 1 && left.len() == 2).then_some(())
    });
    assert_eq!(stack.groups.desired(GROUP), 2, "it left with its place, which the next one has");
}

#[test]
fn what_is_not_signed_reaches_nobody() {
    let stack = Stack::deployed();
    let headers = [("content-type", "application/json"), ("x-github-event", "workflow_job")];
    assert_eq!(stack.lambda.post_to(&stack.webhook, &headers, PAYLOAD.as_bytes()), 401);
    stack.lambda.invoke("tick", &schedule());
    assert_eq!(stack.groups.desired(GROUP), 0);
}
