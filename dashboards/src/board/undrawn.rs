//! The metrics that no board draws, each with the reason. Every other one is drawn by some widget.

use model::{Spec, catalogue as c};

/// A metric that is internal or meant for others.
#[derive(Clone, Copy, Debug)]
pub struct Undrawn {
    /// Which.
    pub spec: &'static Spec,
    /// Why no board draws it.
    pub why: &'static str,
}

/// All of them.
pub fn undrawn() -> Vec<Undrawn> {
    let alarmed = "alarms read it";
    [
        (
            c::BUILD_EVENT.0,
            "it feeds dashboards that were built on the source article's dimensions",
        ),
        (c::JOB_EVENTS_USUAL.0, alarmed),
        (c::RUNNERS_MEMBERS.0, alarmed),
        (c::RUNNERS_MAX.0, alarmed),
        (c::RUNNERS_STOPPED_DESIRED.0, alarmed),
        (c::BOOT_TIME.0, alarmed),
        (c::BOOTS_FAILED.0, alarmed),
        (c::SPOT_INTERRUPTIONS.0, alarmed),
        (c::GITHUB_RATE_LIMIT_REMAINING.0, alarmed),
    ]
    .into_iter()
    .map(|(spec, why)| Undrawn { spec, why })
    .collect()
}
