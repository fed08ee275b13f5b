//! One pool's trouble is its own.

use std::sync::mpsc::{Receiver, Sender, channel};

use scaler::ports::{Open, Trouble};
use scaler::{Capacity, Fleet, Removal};

use super::*;

/// A group that answers when it is told to.
struct Slow {
    asked: Sender<()>,
    answers: Receiver<()>,
}

impl Group for Slow {
    fn names_max(&self) -> u32 {
        0
    }

    fn describe(&mut self, _open: &Open, _now: Timestamp) -> Result<Fleet, Trouble> {
        let _ = self.asked.send(());
        let _ = self.answers.recv();
        Err(Trouble::new("describing the group", "timed out"))
    }

    fn desired(&mut self, _now: Timestamp) -> Result<Capacity, Trouble> {
        Ok(Capacity::default())
    }

    fn set_desired(&mut self, _desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        Ok(())
    }

    fn set_warm(&mut self, _size: u32, _now: Timestamp) -> Result<(), Trouble> {
        Ok(())
    }

    fn remove(&mut self, _removal: &Removal, _now: Timestamp) -> Result<bool, Trouble> {
        Ok(true)
    }

    fn interrupted(&mut self) -> Vec<model::InstanceId> {
        Vec::new()
    }

    fn is_real(&self) -> bool {
        true
    }
}

fn scaling(store: &std::path::Path) -> Scaling {
    let reader = Arc::new(Reader::open(store).unwrap());
    Scaling::new(Settings::default(), reader, Arc::default(), Desk::default(), None)
}

/// A pool with that group.
fn put(scaling: &Scaling, pool: &str, group: Box<dyn Group>) {
    let (reader, bell) = (Arc::clone(&scaling.reader), Arc::clone(&scaling.bell));
    let jobs = OpenJobs::new(reader, pool, bell, Arc::clone(&scaling.turn));
    let cell = Cell::new(pool, Policy::default(), None, jobs, group);
    scaling.cells.lock().unwrap().insert(pool.to_owned(), Arc::new(cell));
}

#[test]
fn a_group_that_does_not_answer_delays_no_other_pool() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("headroom.db");
    drop(local::Store::open(&store, local::Settings::default(), Arc::default()).unwrap());
    let scaling = scaling(&store);
    let (asked, was_asked) = channel();
    let (answer, answers) = channel();
    put(&scaling, "slow", Box::new(Slow { asked, answers }));
    let now = Timestamp::from_secs(1_000_000);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| scaling.look("slow", Occasion::Schedule, true, now).unwrap());
        was_asked.recv().unwrap();
        let quick = scaling.look("quick", Occasion::Schedule, true, now).unwrap();
        assert!(quick.troubles.is_empty() && quick.is_news);
        answer.send(()).unwrap();
        let slow = slow.join().unwrap();
        assert_eq!(slow.plan.main_reason().unwrap().word(), "fleet_too_old", "{slow:?}");
        assert_eq!(slow.troubles.len(), 1);
    });
}

#[test]
fn asks_that_come_while_one_is_answered_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("headroom.db");
    drop(local::Store::open(&store, local::Settings::default(), Arc::default()).unwrap());
    let cell = scaling(&store).cell("linux").unwrap();
    assert!(cell.ask(Occasion::Event), "the first sees to it");
    assert!(!cell.ask(Occasion::Event) && !cell.ask(Occasion::Schedule));
    assert_eq!(cell.next(), Some(Occasion::Schedule), "which does for all of them");
    assert!(!cell.ask(Occasion::Event), "somebody is at it still");
    assert_eq!((cell.next(), cell.next()), (Some(Occasion::Event), None));
    assert!(cell.ask(Occasion::Event), "nobody is any more");
}
