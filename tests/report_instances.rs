//! `headroom report`: instance time without a job, and boots, of a store in which a scaler looked.

use std::sync::Arc;
use std::time::Duration;

use local::{Meter, Settings, Store};
use model::emf::Record;
use model::{Dimension, Dimensions, Point, Timestamp, catalogue as c};
use serde_json::Value;

use crate::world::{Setup, headroom_in, python, queued, repository};

/// The start of an hour.
const START: i64 = 1_767_571_200;

const POOL: &str = "linux,self-hosted";

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_secs(START + minute * 60)
}

/// A store of two and a half hours between two jobs, in which a scaler looked each minute.
struct Watched {
    setup: Setup,
    meter: Arc<Meter>,
    store: Store,
}

impl Watched {
    /// `is_real`: it saw instances, and not only what it would do.
    fn new(is_real: bool) -> Self {
        let setup = Setup::new();
        let meter = Arc::new(Meter::new(Vec::new()));
        let store = Store::open(&setup.store(), Settings::default(), Arc::clone(&meter)).unwrap();
        let mut watched = Watched { setup, meter, store };
        watched.store.commit(&[queued(1, minute(0))], minute(0)).unwrap();
        for look in 0..150 {
            watched.look(look, is_real);
        }
        watched.store.commit(&[queued(2, minute(150))], minute(150)).unwrap();
        watched
    }

    /// Two idle runners in the first half hour, a boot of six minutes in the second hour, and four
    /// stopped instances from the third on.
    fn look(&mut self, look: i64, is_real: bool) {
        let mut points = vec![c::RUNNERS_DESIRED.is(2)];
        if is_real {
            points.push(c::RUNNERS_MEMBERS.is(2));
            points.extend(level(c::RUNNERS_IDLE, look, (0, 30), 2));
            points.extend(level(c::RUNNERS_BOOTING, look, (60, 66), 1));
            points.extend(level(c::RUNNERS_STOPPED, look, (120, i64::MAX), 4));
            match look {
                66 => points.push(c::BOOT_TIME.took(Duration::from_mins(6))),
                70 => points.push(c::BOOT_TIME.took(Duration::from_mins(2))),
                71 => points.push(c::BOOTS_FAILED.inc_by(3)),
                _ => {}
            }
        }
        let by = Dimensions::none().with(Dimension::Pool, POOL);
        let record = points.into_iter().fold(Record::new(minute(look), by), Record::with);
        self.meter.observe(record);
        self.store.commit(&[], minute(look)).unwrap();
    }

    fn report(&self, format: &str) -> String {
        let store = self.setup.store();
        let arguments =
            ["report", "--no-replay", "--price", "0.5/h", "--stopped-cost", "0.1", "--store"];
        let arguments = [&arguments[..], &[store.to_str().unwrap(), "--format", format]].concat();
        let ended = headroom_in(self.setup.home(), &[], &arguments, b"");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.report("json")).unwrap()
    }
}

/// A level as the scaler tells it: while it is above zero, and once when it falls to it.
fn level(level: model::Level, look: i64, (from, to): (i64, i64), value: u64) -> Option<Point> {
    match look {
        look if (from..to).contains(&look) => Some(level.is(value)),
        look if look == to => Some(level.is(0)),
        _ => None,
    }
}

#[test]
fn a_look_that_leaves_a_level_out_saw_none() {
    let mut watched = Watched::new(true);
    let as_it_happens = watched.json();
    let waste = &as_it_happens["pools"][0]["waste"];
    for (figure, value) in [
        ("idle_hours", 1.0),
        ("boot_hours", 0.1),
        ("overdue_hours", 0.0),
        ("stopped_hours", 2.0),
        ("counted_hours", 2.5),
        ("cost", 0.65),
    ] {
        let found = waste[figure].as_f64().unwrap();
        assert!((found - value).abs() < 1e-9, "{figure}: {found}, not {value}");
    }
    let points = as_it_happens["pools"][0]["concurrency_over_time"].as_array().unwrap();
    assert_eq!(points[0]["runners"], 1.0, "two for half of the first hour");
    // Days that are over are kept by the hour.
    for day in 1..5 {
        watched.store.commit(&[], minute(day * 24 * 60)).unwrap();
    }
    for figure in ["waste", "boots", "concurrency_over_time"] {
        let [then, now] =
            [&as_it_happens, &watched.json()].map(|it| it["pools"][0][figure].clone());
        assert_eq!(then, now, "{figure}");
    }
}

#[test]
fn boots_are_told_in_every_form() {
    let watched = Watched::new(true);
    let report = watched.json();
    let boots = &report["pools"][0]["boots"];
    let of = |figure: &str| boots[figure].as_f64();
    assert_eq!((of("started"), of("failed")), (Some(2.0), Some(3.0)));
    assert_eq!((of("mean_secs"), of("p95_secs")), (Some(240.0), Some(360.0)));
    assert!(boots["machine_secs"].is_null(), "no agent told of a stage: {boots}");
    let markdown = watched.report("md");
    let told = "Boots: 2, 4 min on average, 95 % within 6 min; 3 failed.";
    assert!(markdown.contains(told), "{markdown}");
    assert!(markdown.contains("1.00 h idle"), "{markdown}");
    let csv = watched.report("csv");
    assert!(csv.contains("boots,,mean,240,seconds"), "{csv}");
    assert!(csv.contains("waste,,counted_hours,2.5,hours"), "{csv}");
    let html = watched.report("html");
    assert!(html.contains("<h4>Boots</h4>") && html.contains("Never registered"), "{html}");

    let path = watched.setup.home().join("report.json");
    std::fs::write(&path, report.to_string()).unwrap();
    let schema = repository().join("docs/report.schema.json");
    let ended = python("check_schema.py", &[&schema, &path]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a_dry_run_says_nothing_of_instances() {
    let report = Watched::new(false).json();
    let pool = &report["pools"][0];
    assert!(pool["waste"].is_null() && pool["boots"].is_null(), "{pool}");
    assert!(!report["method"].to_string().contains("looks"), "{report}");
}
