//! Pools: sets of runners that can take the same jobs.

use crate::Labels;

/// The pool of jobs that fit no configured pool.
pub const UNROUTED_POOL: &str = "unrouted";

/// The pool of label sets beyond the bounded number of automatic pools.
pub const OTHER_POOL: &str = "other";

/// Bytes of a pool's name at most, so that a page or a scrape of many pools stays small.
pub const POOL_NAME_BYTES_MAX: usize = 255;

/// A set of runners that can take the same jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its name, also the `Pool` dimension: 1..=255 visible ASCII characters or spaces.
    pub name: String,
    /// The labels its runners carry. A job fits when its labels are a subset of these.
    pub labels: Labels,
    /// The runner group its runners register in; carried along, not a criterion.
    pub runner_group: Option<String>,
}

impl Pool {
    /// The first thing that is wrong with it: which key, and what was expected.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        let plain = self.name.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if self.name.trim().is_empty() || self.name.len() > POOL_NAME_BYTES_MAX || !plain {
            return Some(("name", "1 to 255 visible ASCII characters were expected"));
        }
        if [OTHER_POOL, UNROUTED_POOL].contains(&self.name.as_str()) {
            return Some(("name", "this name is reserved for jobs that fit no pool"));
        }
        self.labels
            .is_empty()
            .then_some(("labels", "at least one label of the pool's runners was expected"))
    }
}
