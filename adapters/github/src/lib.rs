//! GitHub's REST API, and the only place that knows how to ask it.
//!
//! A [`GitHub`] asks as an App or with a token, of one organisation or repository. Calls block, so
//! they belong on a thread that may wait. It reads no clock: every instant comes in as a value. What
//! a call did wrong is a [`GitHubError`], which says what was asked and what would help; no secret
//! is in it, nor in anything that is shown of a [`GitHub`].
//!
//! The version of the API is that of 2022-11-28.
//! <https://docs.github.com/en/rest?apiVersion=2022-11-28>

mod app;
mod deliveries;
mod error;
mod jobs;
mod key;
mod rest;
mod runners;
mod session;

pub use app::{App, Hook, Visibility};
pub use deliveries::Delivered;
pub use error::{GitHubError, Why};
pub use key::{AppKey, KeyError};
pub use rest::{LOOK_LIMITS, Rest};
pub use runners::{Deregistered, JitConfig, Registered, Runner, RunnerGroup};
pub use session::{Credentials, GitHub, Owner, Rate, Token};
