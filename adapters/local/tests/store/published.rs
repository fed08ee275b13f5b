//! Minutes on their way to CloudWatch.

use crate::world::{World, job, secs, value_of};
use local::Settings;
use model::catalogue::DELIVERIES_REJECTED;
use model::emf::{Encoder, Form, Record};
use model::{Dimension, Dimensions, RollUp, lint};

fn fleet() -> Dimensions {
    Dimensions::none()
}

fn of(pool: &str) -> Dimensions {
    Dimensions::none().with(Dimension::Pool, pool)
}

fn minutes(published: &[(i64, Vec<Record>)]) -> Vec<i64> {
    published.iter().map(|(minute, _)| *minute).collect()
}

/// Publishing begins with the minute that is open when it is first asked for.
fn publishing() -> World {
    let mut world = World::new();
    assert_eq!(world.tick().publish(), []);
    world
}

#[test]
fn a_minute_is_published_once_it_is_over() {
    let mut world = publishing();
    assert_eq!(world.at(10).queued(job(1)).publish(), []);
    let published = world.at(60).tick().publish();
    assert_eq!(minutes(&published), [0]);
    let by = of("linux").with(Dimension::Status, "queued");
    assert_eq!(value_of(&published[0].1, "JobEvents", &by), Some(1));
    assert_eq!(value_of(&published[0].1, "JobsWaiting", &of("linux")), Some(1));
    assert_eq!(value_of(&published[0].1, "OldestWaitingAge", &fleet()), Some(50));
    assert_eq!(world.publish(), []);
    assert_eq!(world.reopen().publish(), []);
}

#[test]
fn a_minute_is_published_again_if_it_was_not_noted_as_published() {
    let mut world = publishing();
    world.queued(job(1)).at(60).tick();
    let first = world.store().next_to_publish(false).unwrap();
    assert_eq!(world.store().next_to_publish(false).unwrap(), first);
    world.reopen();
    assert_eq!(world.store().next_to_publish(false).unwrap(), first);
}

#[test]
fn minutes_that_were_missed_are_published_after_a_restart_up_to_the_limit() {
    let mut world = publishing();
    world.queued(job(1)).minutes_pass(130).reopen();
    assert_eq!(minutes(&world.publish()), (10..130).collect::<Vec<_>>());
}

#[test]
fn history_before_publishing_was_switched_on_is_left_alone() {
    let mut world = World::new();
    world.queued(job(1)).minutes_pass(5);
    assert_eq!(world.publish(), []);
    assert_eq!(minutes(&world.minutes_pass(1).publish()), [5]);
}

#[test]
fn zeros_of_levels_are_published_for_known_pools() {
    let mut world = publishing();
    world.queued(job(1)).started(job(1)).completed(job(1)).minutes_pass(2);
    let published = world.publish();
    assert_eq!(minutes(&published), [0, 1]);
    for by in [of("linux"), fleet()] {
        for level in ["JobsWaiting", "JobsRunning", "OldestWaitingAge"] {
            assert_eq!(value_of(&published[1].1, level, &by), Some(0), "{level}");
        }
    }
}

#[test]
fn of_the_gap_of_a_restart_nothing_is_published() {
    let mut world = publishing();
    world.queued(job(1)).reopen().at(5 * 60).tick().at(6 * 60).tick();
    assert_eq!(minutes(&world.publish()), [0, 5]);
}

#[test]
fn an_orderly_end_publishes_the_open_minute_with_its_levels() {
    let mut world = publishing();
    world.queued(job(1)).minutes_pass(3);
    world.publish();
    let (minute, records) = world.store().next_to_publish(true).unwrap().unwrap();
    assert_eq!(minute, secs(180).as_secs() / 60);
    assert_eq!(value_of(&records, "JobsWaiting", &of("linux")), Some(1));
}

/// A bit of everything, with every roll-up.
fn busy(roll_ups: &[RollUp]) -> World {
    let settings = Settings { roll_ups: roll_ups.to_vec(), ..Settings::default() };
    let mut world = World::with(settings);
    world.tick().publish();
    for id in 1..=300 {
        let job = job(id).on(if id % 3 == 0 { "größer\t" } else { "linux" });
        world.at(0).queued(job).at(0x1ff & (id * 37).cast_signed()).started(job).completed(job);
    }
    let by = Dimensions::none().with(Dimension::Reason, "signature_wrong");
    world.meter.observe(Record::new(secs(500), by).with(DELIVERIES_REJECTED.inc()));
    world.at(520).queued(job(1000)).at(520 + 25 * 3600).tick();
    world
}

#[test]
fn every_published_record_is_encoded_and_passes_lint() {
    for roll_ups in [vec![], RollUp::ALL.to_vec()] {
        let mut world = busy(&roll_ups);
        let now = world.now;
        for form in [Form::Histogram, Form::Array] {
            let encoder = Encoder::new(roll_ups.clone(), form);
            world.reopen();
            for (_, records) in world.publish() {
                check(&encoder, &records, now);
            }
        }
    }
}

fn check(encoder: &Encoder, records: &[Record], now: model::Timestamp) {
    let mut out = Vec::new();
    for record in records {
        encoder.write(record, &mut out).unwrap();
    }
    for line in String::from_utf8(out).unwrap().lines() {
        assert_eq!(lint::check(line, now).findings, [], "{line}");
    }
}

#[test]
fn what_was_counted_before_a_roll_up_was_switched_on_does_not_hold_up_the_rest() {
    let mut world = publishing();
    world.queued(job(1)).minutes_pass(1);
    world.settings.roll_ups = vec![RollUp::Repository];
    world.reopen();
    let encoder = Encoder::new(vec![RollUp::Repository], Form::default());
    world.queued(job(2)).minutes_pass(1);
    let published = world.publish();
    assert_eq!(minutes(&published), [0, 1]);
    for (_, records) in &published {
        check(&encoder, records, world.now);
    }
    let by = of("linux").with(Dimension::Status, "queued").with(Dimension::Repository, "octo/cat");
    assert_eq!(value_of(&published[1].1, "JobEvents", &by), Some(1));
}
