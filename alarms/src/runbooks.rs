//! The runbooks, one page for each alarm.

/// The runbook of an alarm, as Markdown.
pub fn runbook(alarm: &str) -> Option<&'static str> {
    Some(match alarm {
        "boot-failures" => include_str!("../runbooks/boot-failures.md"),
        "boots-overdue" => include_str!("../runbooks/boots-overdue.md"),
        "delivery-lag" => include_str!("../runbooks/delivery-lag.md"),
        "duplicates-surge" => include_str!("../runbooks/duplicates-surge.md"),
        "github-rate-limit-low" => include_str!("../runbooks/github-rate-limit-low.md"),
        "jobs-unrouted" => include_str!("../runbooks/jobs-unrouted.md"),
        "oldest-job-too-old" => include_str!("../runbooks/oldest-job-too-old.md"),
        "pool-down" => include_str!("../runbooks/pool-down.md"),
        "pool-exhausted" => include_str!("../runbooks/pool-exhausted.md"),
        "pool-incident" => include_str!("../runbooks/pool-incident.md"),
        "queue-without-capacity" => include_str!("../runbooks/queue-without-capacity.md"),
        "registrations-failing" => include_str!("../runbooks/registrations-failing.md"),
        "scaler-silence" => include_str!("../runbooks/scaler-silence.md"),
        "spot-interruptions" => include_str!("../runbooks/spot-interruptions.md"),
        "wait-slo-burn-fast" => include_str!("../runbooks/wait-slo-burn-fast.md"),
        "wait-slo-burn-slow" => include_str!("../runbooks/wait-slo-burn-slow.md"),
        "warm-pool-depleted" => include_str!("../runbooks/warm-pool-depleted.md"),
        "webhook-silence" => include_str!("../runbooks/webhook-silence.md"),
        "webhooks-lost" => include_str!("../runbooks/webhooks-lost.md"),
        "webhooks-rejected" => include_str!("../runbooks/webhooks-rejected.md"),
        _ => return None,
    })
}

/// Where people find it: on the page at `base_url`, or in the repository.
pub(crate) fn place(alarm: &str, base_url: Option<&str>) -> String {
    match base_url {
        Some(base) => format!("{}/runbooks/{alarm}", base.trim_end_matches('/')),
        None => format!("alarms/runbooks/{alarm}.md"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::{Objective, all};

    const PARTS: [&str; 4] =
        ["## What it means", "## How to confirm it", "## What to do", "## How to prevent it"];

    #[test]
    fn every_alarm_has_a_runbook_with_all_its_parts() {
        for alarm in all(Objective::default()) {
            let page = runbook(alarm.name).unwrap_or_else(|| panic!("{} has none", alarm.name));
            assert!(page.starts_with(&format!("# {}\n", alarm.title)), "{}", alarm.name);
            let places = PARTS.map(|part| page.find(part));
            assert!(places.iter().all(Option::is_some), "{}: {places:?}", alarm.name);
            assert!(places.is_sorted(), "{}: {places:?}", alarm.name);
            assert!(page.contains("headroom "), "{} names no command", alarm.name);
        }
    }
}
