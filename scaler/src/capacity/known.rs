//! Which jobs were seen already.

use std::collections::BTreeMap;

use model::JobKey;
use roaring::RoaringTreemap;

/// A set of jobs. It takes 2 bytes for a job where ids lie as close as GitHub's do, and grows in
/// small pieces.
#[derive(Debug, Default)]
pub struct Known {
    by_attempt: BTreeMap<u32, RoaringTreemap>,
}

impl Known {
    /// Adds a job: whether it is new.
    pub fn insert(&mut self, key: JobKey) -> bool {
        self.by_attempt.entry(key.attempt).or_default().insert(key.job)
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
