//! A plan in one line: what changes, for those who do not read on.

use crate::{Plan, Snapshot};

/// What a plan sets, or would set where nothing is real.
pub fn summary(snapshot: &Snapshot, plan: &Plan, is_real: bool) -> String {
    let mut parts = Vec::new();
    let (from, to) = (snapshot.fleet.desired, plan.desired);
    let spot = (snapshot.fleet.spot.map(|spot| spot.desired), plan.spot);
    if from != to || spot.0 != spot.1 {
        let set = if is_real { "set" } else { "would set" };
        let of_it = match spot {
            (Some(from), Some(to)) => format!(", {to} of it Spot (now {from})"),
            _ => String::new(),
        };
        parts.push(format!("{set} desired to {to} (now {from}){of_it}"));
    }
    let size = snapshot.fleet.warm.size;
    if let Some(warm) = plan.warm.filter(|warm| *warm != size) {
        let hold = if is_real { "hold" } else { "would hold" };
        parts.push(format!("{hold} {warm} stopped (now {size})"));
    }
    if !plan.remove.is_empty() {
        let remove = if is_real { "remove" } else { "would remove" };
        parts.push(format!("{remove} {}", plan.remove.len()));
    }
    match parts.is_empty() {
        true => format!("desired stays at {to}"),
        false => parts.join(", "),
    }
}
