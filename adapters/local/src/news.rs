//! What alarms leave in the store: how they stand, how that came about, and notifications on their
//! way.
//!
//! The store knows neither alarms nor messages: their words are texts of whoever evaluates and
//! sends them. One [`News`] is one transaction, so a change is never known without the
//! notifications that tell of it, nor told again after a restart.

use model::Timestamp;

/// Notifications for one target that may be on their way at once: days of a receiver that is gone.
/// Beyond it the oldest are given up, since the latest say how things stand.
pub const PENDING_MAX: u32 = 1_000;

/// Changes of alarms that are kept at most, whatever their age: some years of a quiet fleet, and a
/// few tens of megabytes of one whose every alarm flaps.
pub const CHANGES_MAX: i64 = 100_000;

/// A change of one alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which alarm.
    pub alarm: String,
    /// Of which pool; none: of the whole fleet.
    pub pool: Option<String>,
    /// How it stands from now on.
    pub state: String,
    /// When that was found out.
    pub at: Timestamp,
    /// All of it, as JSON.
    pub text: String,
}

/// A notification for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Distinct among all notifications, the same at each attempt.
    pub id: String,
    /// The name of its target.
    pub target: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What it says, as JSON.
    pub text: String,
}

/// What one evaluation made known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// What changed.
    pub changes: Vec<Change>,
    /// Alarms that are no more, such as those of a pool that left: name and pool.
    pub forgotten: Vec<(String, Option<String>)>,
    /// What the notifier goes on with, as JSON, where it changed.
    pub memory: Option<String>,
    /// Notifications to be sent.
    pub messages: Vec<Message>,
}

impl News {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == News::default()
    }
}

/// A notification that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What is sent.
    pub message: Message,
    /// How often that was tried.
    pub attempts: u32,
}

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Of which notification.
    pub id: String,
    /// When it ended.
    pub at: Timestamp,
    /// How it ended.
    pub result: AttemptResult,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The target took it.
    Delivered,
    /// It is tried again.
    Again {
        /// Not before this.
        next_at: Timestamp,
        /// Why it failed.
        trouble: String,
    },
    /// It is not tried again.
    GivenUp {
        /// Why it failed the last time.
        trouble: String,
    },
}

/// How things stand with one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The target's name.
    pub target: String,
    /// Notifications on their way.
    pub pending: u64,
    /// When the oldest of them was made.
    pub oldest_at: Option<Timestamp>,
    /// Why the last attempt failed, while anything is on its way.
    pub trouble: Option<String>,
    /// When something was delivered last, of what is kept.
    pub delivered_at: Option<Timestamp>,
    /// How many were given up, of what is kept.
    pub given_up: u64,
}
