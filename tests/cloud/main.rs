//! The command line against CloudWatch, by the real binary and an emulator of AWS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod doctor;
mod emulator;
mod guard;
mod instances;
mod log_groups;
#[expect(dead_code, reason = "others ask for more of it")]
mod moto;
mod process;
mod scaling;
mod serving;
#[expect(dead_code, unused_imports, reason = "the stories without a cloud ask for more of it")]
#[path = "../world/mod.rs"]
mod world;

use std::path::Path;
use std::process::{Command, Output};

use emulator::Emulator;

const ACTION: &str = "page=arn:aws:sns:eu-west-1:123456789012:on-call";

/// Credentials and region that the emulator takes, and none of this machine's.
fn headroom(aws: &Emulator, arguments: &[&str]) -> Ended {
    headroom_at(aws.url(), arguments)
}

/// The same before another address.
fn headroom_at(url: &str, arguments: &[&str]) -> Ended {
    headroom_alone(&[arguments, &["--region", "eu-west-1", "--endpoint-url", url]].concat())
}

/// The same without saying where AWS is.
fn headroom_alone(arguments: &[&str]) -> Ended {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_headroom"))
        .args(arguments)
        .current_dir(empty.path())
        .env_clear()
        .envs([("HOME", empty.path()), ("AWS_EC2_METADATA_DISABLED", Path::new("true"))])
        .envs([("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret")])
        .output()
        .unwrap();
    Ended::of(&output)
}

#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn of(output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ended {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// What became of each, without names.
    fn fates(&self) -> Vec<&str> {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout.lines().map(|line| line.rsplit(' ').next().unwrap()).collect()
    }
}

#[test]
fn dashboards_are_put_once_and_then_left_alone() {
    let aws = Emulator::start();
    let run = |verb| headroom(&aws, &["dashboards", verb, "--target", "cloudwatch"]);
    let before = run("diff");
    assert_eq!(before.code, Some(1), "{before:?}");
    assert!(before.stdout.contains("headroom-fleet is not there"), "{before:?}");
    assert_eq!(run("push").fates(), ["created"; 4]);
    assert_eq!(run("push").fates(), ["unchanged"; 4]);
    let after = run("diff");
    assert_eq!((after.code, after.stdout.as_str()), (Some(0), ""), "{after:?}");
}

#[test]
fn alarms_are_put_once_with_composites_last_and_changes_are_put_alone() {
    let aws = Emulator::start();
    let run = |verb, pool, more: &[&str]| {
        headroom(&aws, &[&["alarms", verb, "--pool", pool, "--action", ACTION], more].concat())
    };
    let missing = run("diff", "linux", &[]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.stdout.contains("headroom-linux-pool-down is missing"), "{missing:?}");

    let first = run("push", "linux", &[]);
    assert!(first.fates().iter().all(|fate| *fate == "created"), "{first:?}");
    let last = first.stdout.lines().last().unwrap();
    assert!(last.starts_with("headroom-linux-pool-incident "), "{last}");
    let second = run("push", "linux", &[]);
    assert!(second.fates().iter().all(|fate| *fate == "unchanged"), "{second:?}");
    assert_eq!(second.fates().len(), first.fates().len());
    let same = run("diff", "linux", &[]);
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""), "{same:?}");

    let other = ["--base-url", "https://headroom.example.com"];
    let told = run("diff", "linux", &other);
    assert!(told.stdout.contains("AlarmDescription is "), "{told:?}");
    assert!(run("push", "linux", &other).fates().contains(&"updated"));

    let gone = run("diff", "mac", &[]);
    let left = "headroom-linux-pool-down is there and should not be";
    assert!(gone.stdout.contains(left), "{gone:?}");
}

#[test]
fn alarms_are_put_for_pools_that_somebody_named() {
    let aws = Emulator::start();
    let ended = headroom(&aws, &["alarms", "push"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains("--pool"), "{ended:?}");
}

#[test]
fn what_iam_refuses_to_put_is_named_and_what_to_do_about_it() {
    let aws = Emulator::start();
    let boards: &[&str] = &["dashboards", "push", "--target", "cloudwatch"];
    let alarms: &[&str] = &["alarms", "push", "--pool", "linux", "--action", ACTION];
    for (action, push) in [
        ("cloudwatch:PutDashboard", boards),
        ("cloudwatch:PutMetricAlarm", alarms),
        ("cloudwatch:PutCompositeAlarm", alarms),
    ] {
        let ended = headroom_at(&guard::refusing(action, &aws), push);
        assert_eq!(ended.code, Some(3), "{ended:?}");
        let advice = format!("allow whoever asks the action {action}");
        assert!(ended.stderr.contains(&advice), "{ended:?}");
    }
}

#[test]
fn an_address_where_nobody_listens_is_told() {
    let aws = Emulator::start();
    let nobody = aws.gone();
    let ended = headroom(&nobody, &["dashboards", "diff", "--target", "cloudwatch"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("--endpoint-url"), "{ended:?}");
}
