//! Decisions on their way into the store: the scaler notes them, the writer takes them with its
//! next transaction.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Timestamp;
use scaler::{Decision, Plan, Policy, Snapshot};

/// A decision as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What was known, of a large fleet in few words.
    pub snapshot: Snapshot,
    /// What was planned.
    pub plan: Plan,
    /// Whether it was set, not only thought of.
    pub is_real: bool,
}

impl Kept {
    /// A decision that was made by this policy.
    pub fn of(decision: &Decision, policy: &Policy) -> Self {
        Kept {
            snapshot: decision.snapshot.condensed(&decision.plan, policy),
            plan: decision.plan.clone(),
            is_real: decision.is_real,
        }
    }

    /// Whether a reader should see it.
    pub fn is_notable(&self) -> bool {
        self.plan.is_notable(&self.snapshot)
    }

    /// When it was made.
    pub fn at(&self) -> Timestamp {
        self.snapshot.now
    }
}

/// Decisions that are not stored yet.
#[derive(Debug, Default)]
pub struct Journal(Mutex<VecDeque<Kept>>);

impl Journal {
    /// Decisions kept while the store cannot be written; beyond, the oldest are let go. A fleet of
    /// a thousand pools makes some a second.
    const UNSAVED_MAX: usize = 4096;

    /// Notes a decision for the next transaction.
    pub fn note(&self, kept: Kept) {
        let mut unsaved = self.lock();
        if unsaved.len() >= Self::UNSAVED_MAX {
            unsaved.pop_front();
        }
        unsaved.push_back(kept);
    }

    /// What is not stored yet, in order of time.
    pub fn unsaved(&self) -> Vec<Kept> {
        self.lock().iter().cloned().collect()
    }

    /// Hands over what is not stored yet.
    pub(crate) fn take(&self) -> Vec<Kept> {
        std::mem::take(&mut *self.lock()).into()
    }

    /// Takes back what could not be stored.
    pub(crate) fn give_back(&self, kept: Vec<Kept>) {
        let mut unsaved = self.lock();
        let room = Self::UNSAVED_MAX.saturating_sub(unsaved.len());
        for kept in kept.into_iter().rev().take(room) {
            unsaved.push_front(kept);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
