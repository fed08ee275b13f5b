//! What all who take part share: where the server listens now, what happened, what broke.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::world::{Chance, Connection};

/// Claims that break over and over are told so often.
const BROKEN_MAX: usize = 10;

/// What all who take part share.
#[derive(Default)]
pub(crate) struct Stage {
    place: Mutex<Place>,
    moved: Condvar,
    tally: Mutex<BTreeMap<&'static str, u64>>,
    broken: Mutex<Vec<String>>,
    jobs: AtomicU64,
}

#[derive(Default)]
struct Place {
    address: Option<SocketAddr>,
    is_over: bool,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Stage::default()
    }

    /// The server listens here from now on, or nowhere.
    pub(crate) fn moves_to(&self, address: Option<SocketAddr>) {
        self.place.lock().unwrap().address = address;
        self.moved.notify_all();
    }

    /// Everybody stops.
    pub(crate) fn end(&self) {
        self.place.lock().unwrap().is_over = true;
        self.moved.notify_all();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.place.lock().unwrap().is_over
    }

    /// Waits until the server listens somewhere; `None` when it is over.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let place = self.place.lock().unwrap();
        let is_nowhere = |place: &mut Place| place.address.is_none() && !place.is_over;
        let place = self.moved.wait_while(place, is_nowhere).unwrap();
        place.address.filter(|_| !place.is_over)
    }

    /// A connection to the server; `None` when it is over.
    pub(crate) fn connect(&self) -> Option<Connection> {
        loop {
            match Connection::open(self.address()?) {
                Ok(connection) => return Some(connection),
                // It was killed a moment ago; there is news soon.
                Err(_) => self.pause(Duration::from_millis(20)),
            }
        }
    }

    /// A moment in which nothing is done, unless it is over.
    pub(crate) fn pause(&self, length: Duration) {
        let place = self.place.lock().unwrap();
        drop(self.moved.wait_timeout_while(place, length, |place| !place.is_over).unwrap());
    }

    /// An id that no other job has.
    pub(crate) fn next_job(&self) -> u64 {
        self.jobs.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// It happened once more.
    pub(crate) fn count(&self, what: &'static str) {
        *self.tally.lock().unwrap().entry(what).or_default() += 1;
    }

    /// It was as much as this at the most.
    pub(crate) fn at_most(&self, what: &'static str, much: u64) {
        let mut tally = self.tally.lock().unwrap();
        let known = tally.entry(what).or_default();
        *known = much.max(*known);
    }

    /// How often it happened, or how much it was at the most.
    pub(crate) fn most(&self, what: &'static str) -> u64 {
        self.tally.lock().unwrap().get(what).copied().unwrap_or_default()
    }

    /// Notes a claim that does not hold.
    pub(crate) fn claim(&self, holds: bool, told: impl FnOnce() -> String) {
        let mut broken = self.broken.lock().unwrap();
        if !holds && broken.len() < BROKEN_MAX {
            broken.push(told());
        }
    }

    pub(crate) fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap().clone()
    }

    /// A short table of what happened.
    pub(crate) fn report(&self) {
        for (what, much) in self.tally.lock().unwrap().iter() {
            println!("{much:>10}  {what}");
        }
    }
}

/// Randomness for one who takes part.
pub(crate) fn quiet_chance(seed: u64) -> Chance {
    let mut chance = Chance::unannounced(seed);
    chance.next();
    chance
}
