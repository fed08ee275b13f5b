//! What the catalogue names is really emitted, and what is said of the emitter is true.

use std::collections::BTreeSet;

use dashboards::board::{Board, undrawn};
use ingest::ledger::Stage;
use ingest::{Observer, Rejection};
use local::group::{Nature, Simulated};
use model::emf::Record;
use model::{Dimensions, Query, Spec, Timestamp, catalogue as c, price};
use scaler::ports::{Jobs, Open, Trouble};
use scaler::{Backlog, Decision, Levels, Occasion, Policy, Scaler, Source, SpotGroup};

use crate::world::{Emf, Job, Setup, fixture};

const CONFIG: &str = r#"
[emf]
to = "stdout"
per = "event"
roll_ups = ["repository", "article"]

[[pool]]
name = "linux"
labels = ["linux", "self-hosted"]
runners_max = 40
"#;

/// What is told by whoever asks GitHub's API: `lost_webhooks` has the stories.
static OF_GITHUB: [&Spec; 4] = [
    c::WEBHOOKS_REDELIVERED.0,
    c::JOBS_MENDED.0,
    c::GITHUB_FAILURES.0,
    c::GITHUB_RATE_LIMIT_REMAINING.0,
];

/// What is told where runners are registered for the instances of a group.
static OF_REGISTRATION: [&Spec; 4] = [
    c::REGISTRATIONS_WAITING.0,
    c::REGISTRATIONS_FAILED.0,
    c::RUNNERS_ORPHANED.0,
    c::PARAMETERS_ORPHANED.0,
];

/// Everything that a server can be made to publish within a minute.
fn published() -> Emf {
    let server = Setup::new().config(CONFIG).start();
    let late = Job::new(2).waits(-5);
    server.accepts(&Job::new(1).life());
    server.accepts(&[late.completed(), late.queued()]);
    server.accepts(&[Job::new(3).labels(&["windows"]).queued()]);
    server.accepts(&[Job::new(4).waiting(), Job::new(4).in_progress()]);
    server.accepts(&[fixture("workflow_run.completed.1")]);
    server.deliver(&Job::new(1).queued());
    server.deliver(&fixture("push.1"));
    server.send(&Job::new(5).queued().request("sha256=00"));
    Emf::read(&server.stop().stdout)
}

#[test]
fn every_metric_of_the_catalogue_is_emitted() {
    let emf = published();
    let mut emitted = emf.names();
    // Of a job that hears nothing for a day, and of an output that fails: the store's own tests
    // tell of both.
    let observer = Observer::default();
    let expired = observer.expired("linux", Stage::Waiting, 1, Timestamp::EPOCH);
    // Of targets that take nothing.
    let untold = Record::new(Timestamp::EPOCH, Dimensions::none())
        .with(c::NOTIFICATION_FAILURES.inc())
        .with(c::NOTIFICATIONS_GIVEN_UP.inc());
    let rare = [expired, observer.dropped(1, Timestamp::EPOCH), untold];
    emitted.extend(names(&rare));
    emitted.extend(names(&failed_look().records(&Policy::default(), Levels::default())));
    emitted.extend(troubled_hour());
    emitted.extend(names(&[observer.usual(12, Timestamp::EPOCH)]));
    // Nothing asks GitHub's API without credentials.
    emitted.extend(OF_GITHUB.map(|spec| spec.name));
    // Of the control plane on AWS, whose own stories register runners.
    emitted.extend(OF_REGISTRATION.map(|spec| spec.name));
    // Of the agent on an instance, which its own stories boot.
    emitted.extend(
        [c::BOOT_MACHINE_TIME, c::BOOT_CONFIG_TIME, c::BOOT_CONNECT_TIME].map(|m| m.0.name),
    );
    let all: BTreeSet<&str> = c::ALL.iter().map(|spec| spec.name).collect();
    assert_eq!(emitted, all);
}

fn names(records: &[Record]) -> Vec<&'static str> {
    records.iter().flat_map(|record| &record.points).map(|point| point.spec.name).collect()
}

/// Of a group whose instances are slow, fail and are taken away.
fn troubled_hour() -> Vec<&'static str> {
    struct Queued;
    impl Jobs for Queued {
        fn open(&mut self, _: u32, now: Timestamp) -> Result<Open, Trouble> {
            let backlog = Backlog {
                as_of: now,
                source: Source::Jobs,
                queued: 10,
                oldest_queued_at: Some(now),
                ghosts: 0,
                running: 0,
            };
            Ok(Open { backlog, busy: Vec::new() })
        }

        fn history(&mut self, _: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
            Ok(())
        }

        fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
            Ok(Vec::new())
        }
    }
    let nature = Nature { failing: 0.3, interruptions_per_hour: 4.0, ..Nature::default() };
    let (mut scaler, mut group) =
        (Scaler::new("linux", Policy::default(), None), Simulated::new(nature, 1));
    let mut look = |minute: i64| {
        let now = Timestamp::from_secs(minute * 60);
        let mut decision = scaler.tick(&mut Queued, &mut group, Occasion::Schedule, now);
        // Simulated groups have no other beside them; those on AWS may.
        let spot = SpotGroup { desired: 1, members: 1, interrupted: 0 };
        decision.snapshot.fleet.spot = Some(spot);
        names(&decision.records(&Policy::default(), Levels::default()))
    };
    (0..60).flat_map(&mut look).collect()
}

/// Of a scaler that reaches nobody: a store that cannot be read is hard to come by.
fn failed_look() -> Decision {
    struct Nobody;
    impl Jobs for Nobody {
        fn open(&mut self, _: u32, _: Timestamp) -> Result<Open, Trouble> {
            Err(Trouble::new("asking", "nobody is there"))
        }

        fn history(&mut self, _: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
            Err(Trouble::new("asking", "nobody is there"))
        }

        fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
            Err(Trouble::new("asking", "nobody is there"))
        }
    }
    let mut scaler = Scaler::new("linux", Policy::default(), None);
    let mut group = local::group::DryRun::new("linux", 0);
    scaler.tick(&mut Nobody, &mut group, Occasion::Schedule, Timestamp::from_secs(1))
}

#[test]
fn every_metric_is_published_under_the_sets_that_the_catalogue_promises() {
    let emf = published();
    let rare = [
        c::JOBS_EXPIRED.0,
        c::EMF_EVENTS_DROPPED.0,
        c::SCALER_FAILURES.0,
        c::JOB_EVENTS_USUAL.0,
        c::RUNNERS_MEMBERS.0,
        c::RUNNERS_SPOT.0,
        c::BOOT_TIME.0,
        c::BOOT_MACHINE_TIME.0,
        c::BOOT_CONFIG_TIME.0,
        c::BOOT_CONNECT_TIME.0,
        c::BOOTS_FAILED.0,
        c::SPOT_INTERRUPTIONS.0,
        c::NOTIFICATION_FAILURES.0,
        c::NOTIFICATIONS_GIVEN_UP.0,
    ];
    let elsewhere = |spec: &&Spec| OF_GITHUB.contains(spec) || OF_REGISTRATION.contains(spec);
    let is_rare = |spec: &&Spec| rare.contains(spec) || elsewhere(spec);
    for spec in c::ALL.iter().copied().filter(|spec| !is_rare(spec)) {
        let name = |dimension: &model::Dimension| dimension.as_str();
        let set = |set: &[model::Dimension]| {
            serde_json::to_string(&set.iter().map(name).collect::<Vec<_>>()).unwrap()
        };
        let promised: BTreeSet<String> = spec.published.iter().map(|p| set(p.by)).collect();
        assert_eq!(emf.sets(spec.name), promised, "{}", spec.name);
    }
}

/// Every question of every widget.
fn drawn() -> Vec<Query> {
    let boards = Board::all();
    let lines = boards.iter().flat_map(Board::widgets).flat_map(|widget| &widget.lines);
    lines.flat_map(|line| line.queries().into_iter().cloned().collect::<Vec<_>>()).collect()
}

/// Every question of every alarm, the figures for whoever is told included.
fn watched() -> Vec<Query> {
    let alarms = alarms::list::all(alarms::list::Objective::default());
    let of = |alarm: &alarms::Alarm| alarm.queries().into_iter().cloned().collect::<Vec<_>>();
    alarms.iter().flat_map(of).collect()
}

#[test]
fn widgets_and_alarms_ask_only_for_metrics_that_the_catalogue_has() {
    for query in drawn().into_iter().chain(watched()) {
        let (asked, known) = (query.spec, c::by_name(query.spec.name));
        let is_same = known.is_some_and(|known| {
            (known.kind, known.unit, known.published) == (asked.kind, asked.unit, asked.published)
        });
        assert!(is_same, "{}", asked.name);
    }
    assert!(c::by_name("JobsCompletd").is_none());
}

#[test]
fn every_metric_is_drawn_by_some_widget_or_marked_internal() {
    let drawn: BTreeSet<&str> = drawn().iter().map(|query| query.spec.name).collect();
    let internal: BTreeSet<&str> = undrawn().iter().map(|undrawn| undrawn.spec.name).collect();
    for spec in c::ALL {
        let (drawn, internal) = (drawn.contains(spec.name), internal.contains(spec.name));
        assert!(drawn != internal, "{}: drawn {drawn}, marked {internal}", spec.name);
    }
}

/// What an alarm watches can be looked at: nobody is told of a figure that no board shows.
#[test]
fn what_an_alarm_watches_is_drawn() {
    let drawn: BTreeSet<&str> = drawn().iter().map(|query| query.spec.name).collect();
    for query in watched() {
        assert!(drawn.contains(query.spec.name), "{}", query.spec.name);
    }
}

#[test]
fn the_price_knows_how_many_reasons_there_are_to_refuse() {
    assert_eq!(Rejection::REASONS.len() as u64, price::REASONS);
}
