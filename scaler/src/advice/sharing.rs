//! How the jobs that can be replayed within a minute are shared out among pools.

/// Gives each pool up to `total / pools` jobs, and what small pools leave over to the larger ones.
///
/// ```
/// assert_eq!(scaler::advice::shared_out(&[10, 500, 300], 400), [10, 195, 195]);
/// ```
pub fn shared_out(jobs: &[usize], total: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|pool| (jobs[*pool], *pool));
    let mut shares = vec![0; jobs.len()];
    let mut left = total;
    for (served, pool) in order.into_iter().enumerate() {
        shares[pool] = jobs[pool].min(left / (jobs.len() - served));
        left -= shares[pool];
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pools_are_replayed_whole_and_large_ones_share_what_is_left() {
        assert_eq!(shared_out(&[1, 2, 3], 100), [1, 2, 3]);
        assert_eq!(shared_out(&[100, 100], 100), [50, 50]);
        assert_eq!(shared_out(&[100, 1, 40], 90), [49, 1, 40]);
        assert!(shared_out(&[], 5).is_empty());
    }
}
