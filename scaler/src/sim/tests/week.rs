//! A real week: figures that a change of the world or of a peer would move.

use super::*;

/// Its first day teaches.
fn row(name: &str) -> String {
    let setting = Setting { learn: Duration::from_hours(24), ..Setting::default() };
    let found = outcome(&week(), &setting, name);
    format!(
        "{name} {:.0}/{:.0} {:.2} {:.2}",
        found.waits.percentile_secs(50),
        found.waits.percentile_secs(95),
        found.bill_over_oracle(),
        found.launches_per_job(),
    )
}

#[test]
fn peers_do_on_a_real_week_what_is_said_of_them() {
    // Median and 95th percentile of the wait in s, bill over the oracle's, launches per job.
    for expected in [
        "naive-minute 146/176 1.40 1.56",
        "per-webhook 123/123 1.00 1.00",
        "per-webhook-delayed 153/153 1.00 1.00",
        "queued-plus-running 230/418 1.00 1.00",
        "assigned-plus-min:0 123/123 1.00 1.00",
        "idle-pool:10 0/123 3.54 1.01",
        "stopped-pool:20 28/28 1.15 1.00",
        "target-tracking:0.5 0/425 2.92 1.29",
        "percentage-busy 276/842 1.88 2.04",
        "load-proportional 118/363 2.49 1.83",
        "oracle 0/0 1.00 1.00",
        "warm-oracle 25/25 1.02 1.00",
    ] {
        let name = expected.split(' ').next().unwrap();
        assert_eq!(row(name), expected);
    }
}
