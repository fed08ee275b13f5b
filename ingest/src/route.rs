//! Which pool takes a job.
//!
//! GitHub gives a job to any runner whose labels hold all of the job's labels. So a job belongs to
//! the pools whose labels are a superset of its own; the most specific one (fewest labels) wins, and
//! among equals the first in the configuration.
//! <https://docs.github.com/en/actions/how-tos/write-workflows/choose-where-workflows-run/choose-the-runner-for-a-job>

use std::collections::BTreeSet;

use model::{Labels, OTHER_POOL, POOL_NAME_BYTES_MAX, Pool, UNROUTED_POOL, shortened};

/// Where a job goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The pool's name.
    pub pool: String,
    /// Whether a pool was found at all.
    pub routed: bool,
}

/// Finds the pool of a job.
#[derive(Clone, Debug)]
pub enum Router {
    /// To the pools of the configuration.
    Configured(Vec<Pool>),
    /// Each distinct set of labels is a pool, up to [`Router::LABEL_SETS_MAX`].
    LabelSets(BTreeSet<String>),
}

impl Router {
    /// How many label sets become pools of their own; later ones share [`OTHER_POOL`]. Each pool
    /// costs series, rows on the page and dollars in CloudWatch.
    pub const LABEL_SETS_MAX: usize = 100;

    /// To the pools of the configuration, or one pool for each label set when there are none.
    /// `known` are the pools that jobs were routed to before.
    pub fn new(pools: Vec<Pool>, known: impl IntoIterator<Item = String>) -> Self {
        if pools.is_empty() {
            let known =
                known.into_iter().filter(|name| name != OTHER_POOL && name != UNROUTED_POOL);
            Router::LabelSets(known.take(Self::LABEL_SETS_MAX).collect())
        } else {
            Router::Configured(pools)
        }
    }

    /// Frees the place of a label set of which no job is known any more.
    pub fn forget(&mut self, pool: &str) {
        if let Router::LabelSets(known) = self {
            known.remove(pool);
        }
    }

    /// The pool for a job with these labels.
    pub fn route(&mut self, labels: &Labels) -> Route {
        match self {
            Router::Configured(pools) => {
                let fitting = pools.iter().filter(|pool| labels.subset_of(&pool.labels));
                match fitting.min_by_key(|pool| pool.labels.len()) {
                    Some(pool) => Route { pool: pool.name.clone(), routed: true },
                    None => Route { pool: UNROUTED_POOL.to_owned(), routed: false },
                }
            }
            Router::LabelSets(known) => {
                let name = set_name(labels);
                let room = known.len() < Self::LABEL_SETS_MAX;
                if known.contains(&name) || (room && known.insert(name.clone())) {
                    Route { pool: name, routed: true }
                } else {
                    Route { pool: OTHER_POOL.to_owned(), routed: true }
                }
            }
        }
    }
}

fn set_name(labels: &Labels) -> String {
    match labels.is_empty() {
        true => "(no labels)".to_owned(),
        false => shortened(&labels.to_string(), POOL_NAME_BYTES_MAX).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(name: &str, labels: &[&str]) -> Pool {
        Pool { name: name.into(), labels: Labels::new(labels), runner_group: None }
    }

    #[test]
    fn the_most_specific_pool_wins_and_ties_go_by_order() {
        let pools = vec![
            pool("gpu", &["self-hosted", "linux", "x64", "gpu"]),
            pool("linux", &["self-hosted", "linux", "x64"]),
            pool("linux-too", &["self-hosted", "linux", "x64"]),
            pool("mac", &["self-hosted", "macos"]),
        ];
        let mut router = Router::new(pools, []);
        for (labels, expected) in [
            (&["self-hosted", "linux"][..], "linux"),
            (&["X64", "Linux", "Self-Hosted"], "linux"),
            (&["linux", "gpu"], "gpu"),
            (&["self-hosted"], "mac"),
            (&["windows"], UNROUTED_POOL),
        ] {
            let route = router.route(&Labels::new(labels));
            assert_eq!(route.pool, expected, "{labels:?}");
            assert_eq!(route.routed, expected != UNROUTED_POOL);
        }
    }

    #[test]
    fn without_pools_each_label_set_is_one_up_to_the_limit() {
        let mut router = Router::new(vec![], ["linux,x64".to_owned(), OTHER_POOL.to_owned()]);
        for n in 1..Router::LABEL_SETS_MAX {
            let route = router.route(&Labels::new([format!("label-{n}")]));
            assert_eq!(route.pool, format!("label-{n}"));
        }
        assert_eq!(router.route(&Labels::new(["one-more"])).pool, OTHER_POOL);
        assert_eq!(router.route(&Labels::new(["x64", "linux"])).pool, "linux,x64");
        assert_eq!(router.route(&Labels::new(["label-1"])).pool, "label-1");
    }

    #[test]
    fn many_long_labels_make_a_short_name_of_their_own() {
        let mut router = Router::new(vec![], []);
        let [a, b] = [90, 91].map(|len| {
            let labels = Labels::new((0..len).map(|n| format!("{n}-{}", "x".repeat(200))));
            router.route(&labels).pool
        });
        assert!(a != b && a.len() <= POOL_NAME_BYTES_MAX, "{a}");
    }
}
