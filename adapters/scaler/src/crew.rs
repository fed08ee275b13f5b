//! The scalers of all pools, each at work on a thread of its own: a group that does not answer holds
//! up its own pool and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use model::Timestamp;
use scaler::ports::{Group, Jobs, Trouble};
use scaler::{Decision, Memory, Occasion, Policy, Scaler};

/// What scales one pool.
pub struct Member {
    /// What its owner asks for.
    pub policy: Policy,
    /// Its jobs.
    pub jobs: Box<dyn Jobs + Send>,
    /// Its instances.
    pub group: Box<dyn Group>,
}

/// All pools.
pub struct Crew {
    posts: BTreeMap<String, Arc<Mutex<Post>>>,
    at_work: BTreeSet<String>,
    alarmed: BTreeMap<String, Timestamp>,
    tell: Sender<(String, Option<Decision>)>,
    told: Receiver<(String, Option<Decision>)>,
    clock: fn() -> Timestamp,
}

struct Post {
    scaler: Scaler,
    member: Member,
}

impl Crew {
    /// Of these pools, which go on from what they knew.
    pub fn new(
        members: BTreeMap<String, Member>,
        mut known: BTreeMap<String, Memory>,
        clock: fn() -> Timestamp,
    ) -> Self {
        let post = |(pool, member): (String, Member)| {
            let memory = known.remove(&pool).unwrap_or_default();
            let scaler = Scaler::recalling(&pool, member.policy.clone(), memory);
            (pool, Arc::new(Mutex::new(Post { scaler, member })))
        };
        let (tell, told) = channel();
        Crew {
            posts: members.into_iter().map(post).collect(),
            at_work: BTreeSet::new(),
            alarmed: BTreeMap::new(),
            tell,
            told,
            clock,
        }
    }

    /// All pools.
    pub fn pools(&self) -> BTreeSet<String> {
        self.posts.keys().cloned().collect()
    }

    /// Notes that the pool-exhaustion alarm fires, since when, or fires no longer.
    pub fn alarm(&mut self, pool: &str, since: Option<Timestamp>) {
        match since {
            Some(since) => {
                self.alarmed.entry(pool.to_owned()).or_insert(since);
            }
            None => {
                self.alarmed.remove(pool);
            }
        }
    }

    /// Whether any fires, as far as is known.
    pub fn is_alarmed(&self) -> bool {
        !self.alarmed.is_empty()
    }

    /// Has these pools looked at and takes what they decided, for so long at most; who is not done
    /// by then goes on, and is left alone until it is.
    pub fn look(
        &mut self,
        pools: &BTreeSet<String>,
        occasion: Occasion,
        now: Timestamp,
        patience: Duration,
        take: &mut dyn FnMut(&str, Decision),
    ) {
        self.gather(Duration::ZERO, take);
        for pool in pools {
            if self.at_work.contains(pool) {
                tracing::warn!(pool, "the last look is not over; its group or AWS is slow");
            } else if let Some(post) = self.posts.get(pool) {
                let alarmed = self.alarmed.get(pool).copied();
                self.at_work.insert(pool.clone());
                let (post, pool) = (Arc::clone(post), pool.clone());
                let (tell, asked) = (self.tell.clone(), (occasion, alarmed, now));
                let begun = std::thread::Builder::new().spawn(move || {
                    let decision = catch_unwind(AssertUnwindSafe(|| work(&post, asked))).ok();
                    // Nobody listens any more only where the process ends.
                    let _ = tell.send((pool, decision));
                });
                if let Err(error) = begun {
                    tracing::error!(%error, "the system refused a thread");
                    self.at_work.retain(|other| !pools.contains(other));
                    return;
                }
            }
        }
        self.gather(patience, take);
    }

    /// Takes what was decided since, waiting for so long at most until all are done.
    pub fn gather(&mut self, patience: Duration, take: &mut dyn FnMut(&str, Decision)) {
        let until = (self.clock)().plus(patience);
        while !self.at_work.is_empty() {
            let left = until.saturating_since((self.clock)());
            let Ok((pool, decision)) = self.told.recv_timeout(left) else { return };
            self.at_work.remove(&pool);
            match decision {
                Some(decision) => take(&pool, decision),
                None => tracing::error!(pool, "the look failed by a fault of ours"),
            }
        }
    }

    /// Whether somebody is still at work.
    pub fn is_at_work(&self) -> bool {
        !self.at_work.is_empty()
    }

    /// What each knows, but those that are at work.
    pub fn memories(&self) -> BTreeMap<String, Memory> {
        let memory = |(pool, post): (&String, &Arc<Mutex<Post>>)| {
            let post = match post.try_lock() {
                Ok(post) => post,
                Err(TryLockError::Poisoned(post)) => post.into_inner(),
                Err(TryLockError::WouldBlock) => return None,
            };
            Some((pool.clone(), post.scaler.memory()))
        };
        self.posts.iter().filter_map(memory).collect()
    }
}

fn work(
    post: &Mutex<Post>,
    (occasion, alarmed, now): (Occasion, Option<Timestamp>, Timestamp),
) -> Decision {
    let mut post = post.lock().unwrap_or_else(PoisonError::into_inner);
    let Post { scaler, member } = &mut *post;
    scaler.alarmed(alarmed);
    let mut decision = scaler.tick(member.jobs.as_mut(), member.group.as_mut(), occasion, now);
    decision.troubles.dedup_by(|a: &mut Trouble, b: &mut Trouble| a == b);
    decision
}
