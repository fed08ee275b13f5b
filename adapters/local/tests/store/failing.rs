//! Transactions that fail at each of their steps: nothing is taken, nothing counted, and the store
//! works again as soon as the file does.

use crate::world::{World, job, secs};
use model::catalogue::{DELIVERIES_REJECTED, JOB_EVENTS, JOBS_WAITING};
use model::emf::Record;
use model::{Dimension, Dimensions, Phase};
use rusqlite::Connection;

/// Makes every transaction of a store fail until it is dropped.
pub struct Failure {
    file: Connection,
    undo: &'static str,
}

impl Failure {
    /// At the insertion into one table.
    pub fn of_inserting_into(world: &World, table: &str) -> Self {
        let raise = "BEGIN SELECT RAISE(ABORT, 'no space left'); END";
        let sql = format!("CREATE TRIGGER fails BEFORE INSERT ON {table} {raise}");
        Failure::from(world, &sql, "DROP TRIGGER fails")
    }

    /// At the commit itself, when everything was written.
    pub fn of_committing(world: &World) -> Self {
        let sql = "CREATE TABLE missing (id INTEGER PRIMARY KEY);
            CREATE TABLE orphans (
                id INTEGER REFERENCES missing (id) DEFERRABLE INITIALLY DEFERRED
            );
            CREATE TRIGGER fails AFTER INSERT ON meta BEGIN INSERT INTO orphans VALUES (1); END;
            CREATE TRIGGER fails_too AFTER INSERT ON points BEGIN
                INSERT INTO orphans VALUES (1);
            END";
        Failure::from(
            world,
            sql,
            "DROP TRIGGER fails; DROP TRIGGER fails_too; DROP TABLE orphans; DROP TABLE missing",
        )
    }

    fn from(world: &World, sql: &str, undo: &'static str) -> Self {
        let file = Connection::open(world.path()).unwrap();
        file.execute_batch(sql).unwrap();
        Failure { file, undo }
    }
}

impl Drop for Failure {
    fn drop(&mut self) {
        self.file.execute_batch(self.undo).unwrap();
    }
}

/// Every step at which a transaction can fail.
pub const FAILURES: [fn(&World) -> Failure; 5] = [
    |world| Failure::of_inserting_into(world, "recent_ids"),
    |world| Failure::of_inserting_into(world, "jobs"),
    |world| Failure::of_inserting_into(world, "points"),
    |world| Failure::of_inserting_into(world, "series"),
    Failure::of_committing,
];

#[test]
fn a_batch_is_taken_whole_or_not_at_all() {
    for fail in FAILURES {
        let mut world = World::new();
        world.queued(job(1)).at(30);
        let before = world.pool("linux");
        let batch =
            [world.delivery(job(1), Phase::InProgress), world.delivery(job(2), Phase::Queued)];
        let failure = fail(&world);
        for _ in 0..2 {
            world.commit(&batch).unwrap_err();
        }
        assert_eq!(world.pool("linux"), before);
        drop(failure);
        let taken = world.commit(&batch).unwrap();
        assert!(taken.iter().all(|taken| !taken.duplicate), "it was never acknowledged");
        assert_eq!(world.totals("linux"), [2, 1, 0]);
        assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 3.0)]);
        assert_eq!(world.minutes(&JOBS_WAITING.max()), [(0, 1.0)]);
        let since_start: u64 = (world.meter.since_start().iter())
            .filter(|(key, _)| key.spec == JOB_EVENTS.0)
            .map(|(_, sum)| sum.sum)
            .sum();
        assert_eq!(since_start, 3, "what failed was not counted");
    }
}

#[test]
fn counts_of_the_rim_outlive_any_number_of_failures() {
    let mut world = World::new();
    world.queued(job(1));
    let failure = Failure::of_committing(&world);
    for second in 0..1200 {
        let by = Dimensions::none().with(Dimension::Reason, "store_unavailable");
        world.meter.observe(Record::new(secs(second), by).with(DELIVERIES_REJECTED.inc()));
        let intake = world.at(second).delivery(job(2), Phase::Queued);
        world.commit(&[intake]).unwrap_err();
    }
    drop(failure);
    world.at(1200).tick();
    let rejected = world.minutes(&DELIVERIES_REJECTED.sum());
    let expected: Vec<_> = (0..20).map(|minute| (minute, 60.0)).collect();
    assert_eq!(rejected, expected, "each in its own minute");
}

#[test]
fn a_pool_that_was_first_seen_in_a_failed_batch_is_not_remembered() {
    let mut world = World::new();
    let intake = world.delivery(job(1).on("mac"), Phase::Queued);
    let failure = Failure::of_committing(&world);
    world.commit(std::slice::from_ref(&intake)).unwrap_err();
    drop(failure);
    assert_eq!(world.reader().pools(world.now, &[]).unwrap(), []);
    world.commit(&[intake]).unwrap();
    assert_eq!(world.pool("mac").waiting, 1);
}

#[test]
fn after_a_failure_an_empty_batch_finds_out_whether_the_file_works() {
    let mut world = World::new();
    world.queued(job(1));
    let failure = Failure::of_committing(&world);
    let intake = world.delivery(job(2), Phase::Queued);
    world.commit(&[intake]).unwrap_err();
    world.commit(&[]).unwrap_err();
    drop(failure);
    world.commit(&[]).unwrap();
}
