//! `serve` with a log group as its sink: what was accepted is there once, whatever ends in between.

use model::catalogue as c;

use crate::emulator::Emulator;
use crate::world::{Emf, Job, Setup};

const GROUP: &str = "/headroom/serve";

/// Deliveries of so many jobs that ran, from that number on.
fn lives(jobs: std::ops::Range<u64>) -> Vec<crate::world::Delivery> {
    jobs.flat_map(|id| Job::new(id).life()).collect()
}

/// A server that sends what each minute brought to AWS at that address.
fn towards(setup: Setup, url: &str) -> Setup {
    setup
        .var("AWS_ACCESS_KEY_ID", "key")
        .var("AWS_SECRET_ACCESS_KEY", "secret")
        .var("AWS_EC2_METADATA_DISABLED", "true")
        .config(&format!(
            "[emf]\nto = \"cloudwatch:{GROUP}\"\nper = \"minute\"\n\
             [aws]\nregion = \"eu-west-1\"\nendpoint_url = \"{url}\"\n"
        ))
}

/// How many events of each phase the lines of the group tell of.
fn told(aws: &Emulator) -> [u64; 3] {
    let emf = Emf::read(&aws.lines(GROUP).join("\n"));
    ["queued", "in_progress", "completed"]
        .map(|status| emf.sum(c::JOB_EVENTS.0, &[("Status", status)]))
}

#[test]
fn the_minutes_of_a_server_that_ends_are_in_the_group() {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &[]);
    let server = towards(Setup::new(), aws.url()).start();
    server.accepts(&lives(1..6));
    server.stop();
    assert_eq!(told(&aws), [5; 3]);
}

#[test]
fn what_a_killed_server_had_accepted_is_sent_once_by_the_next() {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &[]);
    let setup = towards(Setup::new(), aws.url());
    let server = setup.start();
    server.accepts(&lives(1..6));
    server.kill();
    let server = setup.start();
    server.accepts(&lives(6..8));
    server.kill();
    setup.start().stop();
    setup.start().stop();
    assert_eq!(told(&aws), [7; 3]);
}

#[test]
fn what_aws_did_not_take_while_it_was_away_is_sent_when_it_is_back() {
    let away = Emulator::start().gone();
    let setup = towards(Setup::new(), away.url());
    let server = setup.start();
    server.says("EMF lines cannot be sent yet");
    server.accepts(&lives(1..6));
    server.kill();
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &[]);
    let server = towards(setup, aws.url()).start();
    server.accepts(&lives(6..8));
    server.stop();
    assert_eq!(told(&aws), [7; 3]);
}
