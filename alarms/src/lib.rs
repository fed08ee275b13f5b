//! What is worth waking somebody for: the alarms, each defined once over the metric catalogue, and
//! evaluated by CloudWatch's rules.
//!
//! It is pure: the present and the counted minutes are handed in, transitions come out. A host does
//! three things:
//!
//! ```
//! use std::collections::BTreeSet;
//! use alarms::{Engine, Rules, Source};
//! use model::{Dimensions, Spec, Timestamp, series::Aggregate};
//!
//! struct Quiet;
//! impl Source for Quiet {
//!     type Error = std::convert::Infallible;
//!     fn minutes(
//!         &mut self,
//!         _: &'static Spec,
//!         _: &Dimensions,
//!         _: Timestamp,
//!         _: Timestamp,
//!     ) -> Result<Vec<(Timestamp, Aggregate)>, Self::Error> {
//!         Ok(Vec::new())
//!     }
//! }
//!
//! // 1. Rules, as tuned, and an engine, with what the last process knew of its alarms.
//! let mut engine = Engine::new(Rules::default(), Vec::new());
//! // 2. A step whenever a minute is closed. What changed is told once.
//! let pools = BTreeSet::from(["linux".to_owned()]);
//! let changed = engine.step(&mut Quiet, &pools, Timestamp::from_secs(600)).unwrap();
//! for transition in changed.iter().filter(|transition| transition.is_told()) {
//!     // notify: transition.alarm, .pool, .to, .since, .figures, .reason
//! }
//! // 3. Stores how each alarm stands, for the next process and for whoever asks.
//! let standings = engine.standings();
//! # assert!(!standings.is_empty());
//! ```
//!
//! The text for people is in [`Alarm`]: found by [`Rules::find`], with meaning, causes, remedy and
//! runbook. An alarm that is part of another ([`Alarm::part_of`]) has states and transitions like
//! any other, and is told by that one: an incident pages once.

mod alarm;
pub mod cloudwatch;
mod engine;
mod evaluate;
pub mod list;
mod listing;
mod memory;
pub mod notify;
pub mod prometheus;
mod rules;
mod runbooks;
mod subject;

pub use alarm::{Alarm, Condition, Missing, Scope, Severity, Short, Shown, Watch};
pub use engine::{Engine, Source};
pub use evaluate::{EXTRA_PERIODS, State, evaluate};
pub use listing::Listed;
pub use rules::{Change, Rules, Tuning, TuningError};
pub use runbooks::runbook;
pub use subject::{Figure, Standing, Transition};
