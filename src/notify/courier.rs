//! The thread of a target: takes what is due from the outbox, delivers it, notes what came of it.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use alarms::notify::{BACKOFF_MAX, GIVE_UP_AFTER, Notification, backoff};
use client::{Client, Roots};
use local::news::{Attempt, AttemptResult, Pending};
use model::emf::Record;
use model::{Counter, Dimensions, Timestamp, catalogue as c};

use super::transport::{Trouble, client, deliver};
use crate::config::Target;
use crate::http::App;

/// A courier looks into the outbox at least this often: a safeguard, since it is woken for what is
/// new and knows when it is to try again.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// After the store could not be read or written, it is tried again after this.
const STORE_REST: Duration = Duration::from_secs(1);

/// Wakes couriers.
#[derive(Clone, Debug, Default)]
pub struct Doorbell(Arc<(Mutex<Rung>, Condvar)>);

#[derive(Debug, Default)]
struct Rung {
    times: u64,
    is_over: bool,
}

impl Doorbell {
    /// There is something new in the outbox.
    pub fn ring(&self) {
        self.lock().times += 1;
        self.0.1.notify_all();
    }

    /// No more is to be begun.
    pub fn end(&self) {
        self.lock().is_over = true;
        self.0.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn times(&self) -> u64 {
        self.lock().times
    }

    fn is_over(&self) -> bool {
        self.lock().is_over
    }

    /// Waits for the next ring after `seen`, or until `time_max` is over.
    fn wait(&self, seen: u64, time_max: Duration) {
        let goes_on = |rung: &mut Rung| rung.times == seen && !rung.is_over;
        let waited = self.0.1.wait_timeout_while(self.lock(), time_max, goes_on);
        drop(waited);
    }
}

/// Starts a courier for each target. They end when the doorbell says so, or with the process: what
/// is under way then is delivered again by the next one.
///
/// # Errors
/// When the system gives no threads.
pub fn start(app: &Arc<App>, targets: &[Target], roots: &Roots) -> io::Result<()> {
    for target in targets {
        let courier = Courier {
            app: Arc::clone(app),
            client: client(target, roots),
            target: target.clone(),
            failures: 0,
            rest: None,
        };
        thread::Builder::new()
            .name(format!("to {}", target.name))
            .spawn(|| courier.run())
            .map(drop)?;
    }
    Ok(())
}

/// The names of targets.
pub fn names(targets: &[Target]) -> BTreeSet<String> {
    targets.iter().map(|target| target.name.clone()).collect()
}

struct Courier {
    app: Arc<App>,
    target: Target,
    client: Client,
    /// How often in a row the target took nothing.
    failures: u32,
    /// The target is left alone until then.
    rest: Option<Instant>,
}

impl Courier {
    fn run(mut self) {
        let bell = self.app.doorbell.clone();
        while !bell.is_over() {
            let seen = bell.times();
            match self.work() {
                Duration::ZERO => {}
                wait => bell.wait(seen, wait),
            }
        }
    }

    /// Delivers what is next, if anything is; how long to wait before the next look.
    fn work(&mut self) -> Duration {
        let rest =
            self.rest.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        if !rest.is_zero() {
            // A ring does not shorten it: the target is away.
            return rest.min(LOOK_EVERY);
        }
        let now = self.app.clock.now();
        let next = self.app.reader.next_message(&self.target.name, now, now.plus(BACKOFF_MAX));
        match next {
            Ok(Some(pending)) => match self.carry(&pending) {
                Ok(()) => Duration::ZERO,
                // Delivered while the process ends: the next one delivers it once more.
                Err(_) if self.app.doorbell.is_over() => STORE_REST,
                Err(error) => {
                    tracing::error!(%error, target = self.target.name, "the outbox cannot be written");
                    STORE_REST
                }
            },
            Ok(None) => self.idle(now),
            Err(error) => {
                tracing::error!(%error, target = self.target.name, "the outbox cannot be read");
                STORE_REST
            }
        }
    }

    fn idle(&self, now: Timestamp) -> Duration {
        let next_at = self.app.reader.next_message_at(&self.target.name).ok().flatten();
        let wait = next_at.map_or(LOOK_EVERY, |at| at.saturating_since(now));
        wait.clamp(Duration::from_millis(1), LOOK_EVERY)
    }

    /// One attempt, and what came of it.
    fn carry(&mut self, pending: &Pending) -> Result<(), local::StoreError> {
        let attempt = pending.attempts.saturating_add(1);
        let message = &pending.message;
        let outcome = match serde_json::from_str::<Notification>(&message.text) {
            Ok(notification) => deliver(&self.target, &self.client, &notification, attempt),
            Err(error) => Err(Trouble::Refused(format!("it cannot be read: {error}"))),
        };
        let now = self.app.clock.now();
        let result = match outcome {
            Ok(()) => {
                self.note_success(&message.id, attempt);
                AttemptResult::Delivered
            }
            Err(trouble) => {
                self.count(c::NOTIFICATION_FAILURES, now);
                self.note_failure(pending, &trouble, now)
            }
        };
        self.app.writer.tried(Attempt { id: message.id.clone(), at: now, result })
    }

    fn note_success(&mut self, id: &str, attempt: u32) {
        let target = self.target.name.as_str();
        match std::mem::take(&mut self.failures) {
            0 => tracing::info!(target, id, attempt, "notified"),
            failures => {
                tracing::info!(target, id, attempt, failures, "notified; it takes them again");
            }
        }
        self.rest = None;
    }

    fn note_failure(
        &mut self,
        pending: &Pending,
        trouble: &Trouble,
        now: Timestamp,
    ) -> AttemptResult {
        let message = &pending.message;
        let (target, id) = (self.target.name.as_str(), message.id.as_str());
        if now.saturating_since(message.made_at) >= GIVE_UP_AFTER {
            tracing::error!(target, id, %trouble, "a notification is given up");
            self.count(c::NOTIFICATIONS_GIVEN_UP, now);
            return AttemptResult::GivenUp { trouble: trouble.to_string() };
        }
        let wait = match trouble {
            Trouble::Refused(_) => {
                tracing::warn!(target, id, %trouble, "the target refuses a notification");
                backoff(pending.attempts.saturating_add(1), chance(id, pending.attempts))
            }
            Trouble::Away { rest, .. } => {
                self.failures = self.failures.saturating_add(1);
                let failures = self.failures;
                match failures {
                    1 => tracing::warn!(target, id, %trouble, "the target cannot be told"),
                    _ => {
                        tracing::debug!(target, id, failures, %trouble, "the target cannot be told");
                    }
                }
                let wait = backoff(failures, chance(id, failures)).max(rest.unwrap_or_default());
                self.rest = Some(Instant::now() + wait);
                wait
            }
        };
        AttemptResult::Again { next_at: now.plus(wait), trouble: trouble.to_string() }
    }

    fn count(&self, counter: Counter, now: Timestamp) {
        self.app.meter.observe(Record::new(now, Dimensions::none()).with(counter.inc()));
    }
}

/// A number in 0..1 that differs from attempt to attempt and from one notification to another, whose
/// id is random.
fn chance(id: &str, attempt: u32) -> f64 {
    let mixed =
        id.bytes().chain(attempt.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| {
            (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
    f64::from((mixed >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_spread_over_their_range() {
        let chances: Vec<f64> = (0..100).map(|attempt| chance("id", attempt)).collect();
        assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        let low = chances.iter().filter(|chance| **chance < 0.5).count();
        assert!((30..70).contains(&low), "{low}");
    }
}
