//! `kill -9` at any moment, under load: what was acknowledged is there, once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

use model::{Dimension, Dimensions, Phase, catalogue as c};

use crate::world::{Chance, Delivery, Emf, Job, Pool, Server, Setup, counted, lint};

const ROUNDS: usize = 20;
const CLIENTS: usize = 4;
const POOL: &str = "linux,self-hosted";

/// Everything that was sent, by delivery id, and whether it was acknowledged.
type Sent = Mutex<BTreeMap<String, (Delivery, bool)>>;

/// Sends the lives of new jobs over one connection until the server is gone; tells of each delivery
/// that is sent and of each that is acknowledged.
fn load(server: &Server, ids: &AtomicU64, sent: &Sent, told: &mpsc::Sender<()>) {
    let mut connection = server.connect();
    loop {
        let job = Job::new(ids.fetch_add(1, Ordering::Relaxed));
        for delivery in job.life() {
            let request = delivery.signed(&server.setup.secret);
            let id = delivery.id.clone();
            sent.lock().unwrap().insert(id.clone(), (delivery, false));
            let _ = told.send(());
            let Ok(answer) = connection.send(&request) else { return };
            assert_eq!(answer.outcome(), "202 accepted");
            sent.lock().unwrap().get_mut(&id).unwrap().1 = true;
            let _ = told.send(());
        }
    }
}

/// One round: load from all clients, and death after so many signs of life.
fn kill_under_load(server: Server, signs_max: usize, ids: &AtomicU64, sent: &Sent) -> Setup {
    let (told, signs) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let (told, server) = (told.clone(), &server);
            scope.spawn(move || load(server, ids, sent, &told));
        }
        signs.iter().take(signs_max).for_each(drop);
        server.signal("KILL");
    });
    server.kill()
}

/// Sends everything once more; how many were new.
fn resend<'a>(server: &Server, deliveries: impl Iterator<Item = &'a Delivery>) -> usize {
    let mut connection = server.connect();
    let send = |delivery: &Delivery| {
        let answer = connection.send(&delivery.signed(&server.setup.secret)).unwrap();
        usize::from(answer.outcome() == "202 accepted")
    };
    deliveries.map(send).sum()
}

#[test]
fn every_acknowledged_job_survives_kill_9_and_counts_exactly_once() {
    let mut chance = Chance::new(0x5eed_0004);
    let (ids, sent) = (AtomicU64::new(1), Sent::default());
    let mut setup = Setup::new().argument("--emf=metrics.ndjson");
    for _ in 0..ROUNDS {
        setup = kill_under_load(setup.start(), chance.below(300), &ids, &sent);
    }
    let sent = sent.into_inner().unwrap();
    let acknowledged = || sent.values().filter(|(_, known)| *known).map(|(delivery, _)| delivery);
    let unknown = || sent.values().filter(|(_, known)| !*known).map(|(delivery, _)| delivery);
    println!("{} acknowledged, {} cut off", acknowledged().count(), unknown().count());
    assert!(acknowledged().count() > ROUNDS * 20 && unknown().count() >= ROUNDS);

    let server = setup.start();
    assert_eq!(resend(&server, acknowledged()), 0, "an acknowledged delivery was forgotten");
    let [least, most] = [acknowledged().count() as u64, sent.len() as u64];
    let taken = server.pool(POOL).totals().iter().sum();
    assert!((least..=most).contains(&taken), "{least} <= {taken} <= {most}");

    resend(&server, unknown());
    let pool = server.pool(POOL);
    assert_eq!(pool.totals(), of_each_phase(&sent), "each job once in each phase that was sent");
    assert_eq!(resend(&server, sent.values().map(|(delivery, _)| delivery)), 0);
    assert_eq!(server.pool(POOL).totals(), pool.totals(), "a repetition changed a total");
    let setup = server.setup.clone();
    server.stop();
    series_agree(&setup, &pool);
}

/// How many deliveries of each phase there were; each is of another job.
fn of_each_phase(sent: &BTreeMap<String, (Delivery, bool)>) -> [u64; 3] {
    [Phase::Queued, Phase::InProgress, Phase::Completed].map(|phase| {
        let start = format!("{:08x}-", phase as u8);
        sent.keys().filter(|id| id.starts_with(&start)).count() as u64
    })
}

/// The series in the store and the published lines say what the totals say.
fn series_agree(setup: &Setup, pool: &Pool) {
    let lines = std::fs::read_to_string(setup.path("metrics.ndjson")).unwrap();
    let linted = lint(&lines);
    assert_eq!((linted.code, linted.stdout.as_str()), (Some(0), ""), "whole lines only");
    let emf = Emf::read_after_crashes(&lines);
    let phases = [Phase::Queued, Phase::InProgress, Phase::Completed];
    for (phase, total) in phases.into_iter().zip(pool.totals()) {
        let by = Dimensions::none().with(Dimension::Status, phase.as_str());
        let (sum, _) = counted(&setup.store(), c::JOB_EVENTS.0, &by);
        assert_eq!(sum, total, "the series of {phase}");
        let published = emf.sum(c::JOB_EVENTS.0, &[("Status", phase.as_str())]);
        assert_eq!(published, total, "the lines of {phase}");
    }
    let (_, waits) = counted(&setup.store(), c::JOB_WAIT.0, &Dimensions::none());
    assert_eq!(waits, emf.sum(c::JOB_WAIT.0, &[]), "waits in the store and in the lines");
    assert_eq!(waits, pool.in_progress_total);
}

#[test]
fn a_job_that_waits_goes_on_waiting_from_its_receipt_after_a_crash() {
    let server = Setup::new().start();
    server.accepts(&[Job::new(1).queued(), Job::new(2).queued(), Job::new(2).in_progress()]);
    let before = server.pool(POOL);
    let server = server.kill().start();
    let after = server.pool(POOL);
    assert_eq!((after.levels(), after.totals()), (before.levels(), before.totals()));
    assert!(after.oldest_waiting_secs >= before.oldest_waiting_secs);
    let metrics = server.metrics();
    assert_eq!(metrics.sum(c::JOBS_WAITING.0, &[("pool", POOL)]), 1);
    assert_eq!(metrics.sum(c::JOBS_RUNNING.0, &[("pool", POOL)]), 1);
}
