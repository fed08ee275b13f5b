//! Which jobs were counted already: a row that two files hold counts once.

use std::collections::BTreeMap;

use model::JobKey;

/// Ids of one shard that are gathered before they are merged into their list.
const RECENT_MAX: usize = 1024;

/// Shards for each 2^32 ids, so that growing one copies little.
const SHARDS: u64 = 256;

/// A full list grows by this part of itself: doubling would leave half of it empty.
const GROWTH_PART: usize = 8;

/// A set of jobs. It takes 4 bytes for a job where ids lie as close as GitHub's do; jobs that come
/// in the order of their ids are told apart at once.
#[derive(Debug, Default)]
pub struct Known {
    /// By attempt, upper half of the id and shard.
    shards: BTreeMap<(u32, u32, u8), Shard>,
}

/// The lower halves of ids.
#[derive(Debug, Default)]
struct Shard {
    sorted: Vec<u32>,
    recent: Vec<u32>,
}

impl Known {
    /// Adds a job: whether it is new.
    pub fn insert(&mut self, key: JobKey) -> bool {
        let (high, low) = ((key.job >> 32) as u32, key.job & u64::from(u32::MAX));
        #[expect(clippy::cast_possible_truncation, reason = "below SHARDS, and 32 bits")]
        let (shard, low) = ((low % SHARDS) as u8, low as u32);
        self.shards.entry((key.attempt, high, shard)).or_default().insert(low)
    }
}

impl Shard {
    fn insert(&mut self, id: u32) -> bool {
        if self.sorted.last().is_none_or(|last| *last < id) && self.recent.is_empty() {
            if self.sorted.len() == self.sorted.capacity() {
                self.sorted.reserve_exact(16 + self.sorted.len() / GROWTH_PART);
            }
            self.sorted.push(id);
            return true;
        }
        let is_sorted = self.sorted.binary_search(&id).is_ok();
        let Err(place) = self.recent.binary_search(&id) else { return false };
        if is_sorted {
            return false;
        }
        self.recent.insert(place, id);
        if self.recent.len() >= RECENT_MAX {
            self.sorted.reserve_exact(self.recent.len());
            self.sorted.append(&mut self.recent);
            self.sorted.sort_unstable();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_job_is_new_once_whatever_the_order() {
        let (mut known, mut model) = (Known::default(), BTreeSet::new());
        let mut id = 1_u64;
        for n in 0..60_000_u64 {
            id = id.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n);
            let job = if n % 2 == 0 { n * 40 } else { 49_000_000_000 + id % 300_000 };
            let key = JobKey { job, attempt: 1 + u32::from(n % 7 == 0) };
            assert_eq!(known.insert(key), model.insert(key), "{key:?}");
        }
    }
}
