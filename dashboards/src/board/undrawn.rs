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
    vec![Undrawn {
        spec: c::BUILD_EVENT.0,
        why: "it feeds dashboards that were built on the source article's dimensions",
    }]
}
