//! Reasons as sentences: the only place that has words for them.

use std::fmt;

use crate::Reason;

/// What was never read is as old as the epoch.
const NEVER_SECS: u64 = 1_000_000_000;

impl fmt::Display for Reason {
    /// One sentence.
    #[expect(clippy::too_many_lines, reason = "one sentence a reason, each checked to be there")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::JobsTooOld { age_secs, .. } if *age_secs >= NEVER_SECS => {
                f.write_str("The state of the jobs is not known: nothing is changed.")
            }
            Reason::FleetTooOld { age_secs, .. } if *age_secs >= NEVER_SECS => {
                f.write_str("The state of the instances is not known: nothing is changed.")
            }
            Reason::JobsTooOld { age_secs, limit_secs } => write!(
                f,
                "The state of the jobs is {age_secs} s old, more than {limit_secs} s: nothing is \
                 changed on it."
            ),
            Reason::FleetTooOld { age_secs, limit_secs } => write!(
                f,
                "The state of the instances is {age_secs} s old, more than {limit_secs} s: \
                 nothing is changed on it."
            ),
            Reason::SeriesOnly => f.write_str(
                "The state of the jobs is stale and only the metric series are fresh: capacity may \
                 rise on them, not fall.",
            ),
            Reason::QueueExceedsCapacity { queued, hot, idle, booting, launch } => {
                f.write_str(&waiting(*queued))?;
                if *hot > 0 {
                    write!(f, " and {hot} idle besides are asked for")?;
                }
                write!(f, "; {idle} idle and {booting} booting stand against that: {launch} more.")
            }
            Reason::CapacityOnItsWay { queued, idle, booting } => write!(
                f,
                "{} and {idle} idle and {booting} booting are enough: no job is given a second \
                 instance.",
                waiting(*queued)
            ),
            Reason::Balanced { busy, idle, booting } => write!(
                f,
                "No job waits: {busy} busy, {idle} idle, {booting} booting, nothing to do."
            ),
            Reason::ClampedToMax { wanted, max } => {
                write!(f, "{wanted} were wanted, {max} is the most that is allowed.")
            }
            Reason::RaisedToMin { wanted, min } => {
                write!(f, "{wanted} would be enough, {min} is the least that is asked for.")
            }
            Reason::Exhausted { for_secs, ceiling, usual } => write!(
                f,
                "The pool has been exhausted for {for_secs} s: its ceiling is {ceiling} while that \
                 lasts ({usual} otherwise)."
            ),
            Reason::BootOverdue { instances, deadline_secs } => write!(
                f,
                "{} without a runner after {deadline_secs} s: removed and replaced.",
                counted(*instances, "instance is", "instances are")
            ),
            Reason::Gone { instances } => write!(
                f,
                "{} off or broken and without a job: removed.",
                counted(*instances, "instance is", "instances are")
            ),
            Reason::LeavingTooLong { instances, limit_secs } => write!(
                f,
                "{} still here {limit_secs} s after a job: removed.",
                counted(*instances, "instance is", "instances are")
            ),
            Reason::MakesRoom { instances } => write!(
                f,
                "{} done and still here while the pool is full: removed to make room.",
                counted(*instances, "instance is", "instances are")
            ),
            Reason::LaunchesSplit { on_demand, spot } => {
                write!(f, "Of the new instances {on_demand} are On-Demand and {spot} are Spot.")
            }
            Reason::SpotInterrupted { instances, launch, for_secs } => write!(
                f,
                "AWS took {} away in ten minutes: {launch} new On-Demand, as all will be for \
                 {for_secs} s.",
                counted(*instances, "Spot instance", "Spot instances")
            ),
            Reason::SpotShort { missing, launch, for_secs } => write!(
                f,
                "AWS does not give {}: {launch} new On-Demand, as all will be for {for_secs} s.",
                counted(*missing, "Spot instance", "Spot instances")
            ),
            Reason::OnDemandShort { missing, launch, for_secs } => write!(
                f,
                "AWS does not give {}: {launch} new Spot, as all will be for {for_secs} s.",
                counted(*missing, "On-Demand instance", "On-Demand instances")
            ),
            Reason::IdleTooLong { instances, hold_secs } => write!(
                f,
                "{} idle for more than {hold_secs} s without need: removed.",
                counted(*instances, "instance was", "instances were")
            ),
            Reason::IdleHeld { instances, hold_secs } => write!(
                f,
                "{} idle and kept for up to {hold_secs} s, since another boot would cost more.",
                counted(*instances, "instance is", "instances are")
            ),
            Reason::OnlyRaises => f.write_str(
                "This decision was asked for by an event, so it only raises: the next scheduled \
                 one may lower.",
            ),
            Reason::GhostsExcluded { jobs } => write!(
                f,
                "{} queued past belief and left out.",
                counted(*jobs, "job is", "jobs are")
            ),
            Reason::GhostSuspected { queued, idle, oldest_secs } => write!(
                f,
                "{} although {idle} idle, the oldest for {oldest_secs} s: it may have ended \
                 unseen, or its labels may not fit the runners.",
                waiting(*queued)
            ),
            Reason::StillLearning => f.write_str(
                "The demand is not known well enough yet: no stopped instances are held by it.",
            ),
            Reason::WarmPoolGrows { from, to, used_per_day, worth_per_day } => write!(
                f,
                "Stopped instances rise from {from} to {to}: the last is expected to be used \
                 {used_per_day:.2} times a day, and is worth its disk from {worth_per_day:.2}."
            ),
            Reason::WarmPoolShrinks { from, to, unwanted_secs } => write!(
                f,
                "Stopped instances fall from {from} to {to}: for {unwanted_secs} s no more were \
                 wanted, so keeping them has cost what preparing others would."
            ),
            Reason::WarmPoolHeld { size, wanted, hold_secs } => write!(
                f,
                "{size} stopped instances are held although {wanted} are wanted now: surplus is \
                 kept for {hold_secs} s."
            ),
            Reason::WarmPoolFits { size } => write!(f, "{size} stopped instances are right."),
            Reason::WarmPoolFixed { from, to } => {
                write!(f, "The owner fixed the stopped instances at {to} (now {from}).")
            }
            Reason::WarmPoolClamped { wanted, max } => write!(
                f,
                "{wanted} stopped instances were wanted; more than {max} could never be started."
            ),
        }
    }
}

fn waiting(queued: u32) -> String {
    match queued {
        0 => "No job waits".into(),
        1 => "1 job waits".into(),
        n => format!("{n} jobs wait"),
    }
}

fn counted(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
