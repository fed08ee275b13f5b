//! Every alarm fires when its story says, and ceases.

use std::collections::BTreeSet;

use alarms::State;
use alarms::list::{Objective, all};
use model::catalogue;

use crate::tales;

#[test]
fn every_alarm_fires_and_ceases_as_its_story_says() {
    for tale in tales::all() {
        let found = tale.world.fires(tale.alarm, tale.ceases + 30);
        let expected = [(tale.fires, State::Alarm), (tale.ceases, State::Ok)];
        assert_eq!(found, expected, "{}", tale.alarm);
    }
}

#[test]
fn every_alarm_has_a_story() {
    let told: BTreeSet<&str> = tales::all().iter().map(|tale| tale.alarm).collect();
    let all: BTreeSet<&str> = all(Objective::default()).iter().map(|alarm| alarm.name).collect();
    assert_eq!(told, all);
}

#[test]
fn alarms_read_only_what_the_catalogue_publishes() {
    for alarm in all(Objective::default()) {
        for query in alarm.queries() {
            assert_eq!(catalogue::by_name(query.spec.name), Some(query.spec), "{}", alarm.name);
        }
        if let Some(condition) = alarm.condition() {
            let of_pool = match alarm.scope {
                alarms::Scope::Pool => condition.of_pool("linux"),
                alarms::Scope::Fleet => condition.clone(),
            };
            let written = of_pool.expr.metric_math(&[]);
            assert!(written.is_ok(), "{}: {written:?}", alarm.name);
            assert_ne!(condition.relation, model::expr::Relation::Equal, "CloudWatch has none");
        }
    }
}
