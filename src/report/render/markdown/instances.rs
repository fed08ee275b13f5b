//! Instances of a pool: time without a job, and boots.

use model::capacity::{Boots, PoolReport, Waste};
use scaler::capacity::{hours, length, money, number};

/// What was counted of them.
pub(super) fn told(pool: &PoolReport, currency: &str) -> String {
    let boots = pool.boots.as_ref().map_or(String::new(), |it| format!("\n{}\n", boots(it)));
    match &pool.waste {
        None => format!("Boot and idle time: unknown, nothing counted instances.\n{boots}"),
        Some(it) => format!("{}\n{boots}", waste(it, currency)),
    }
}

fn waste(waste: &Waste, currency: &str) -> String {
    let cost = waste.cost.map_or(String::new(), |cost| format!(", {}", money(cost, currency)));
    format!(
        "Without a job: {} booting, {} idle, {} overdue, {} stopped{cost}, in the {} that were \
         counted.",
        hours(waste.boot_hours),
        hours(waste.idle_hours),
        hours(waste.overdue_hours),
        hours(waste.stopped_hours),
        hours(waste.counted_hours),
    )
}

fn boots(boots: &Boots) -> String {
    let stages = stages(boots);
    let mut text = match boots.mean_secs {
        Some(mean) => {
            format!("Boots: {}, {} on average{stages}", number(boots.started), length(mean))
        }
        None => format!("Boots: none was seen to end in a runner{stages}"),
    };
    if let Some(most) = boots.p95_secs {
        text += &format!(", 95 % within {}", length(most));
    }
    if boots.failed > 0 {
        text += &format!("; {} failed", number(boots.failed));
    }
    text + "."
}

/// The parts of the mean that agents told; nothing where none did.
fn stages(boots: &Boots) -> String {
    let stages = [
        ("machine", boots.machine_secs),
        ("registration", boots.config_secs),
        ("connection", boots.connect_secs),
    ];
    let mut told: Vec<String> = stages
        .into_iter()
        .filter_map(|(stage, secs)| Some(format!("{stage} {}", length(secs?))))
        .collect();
    if told.is_empty() {
        return String::new();
    }
    if told.len() == stages.len() && boots.mean_secs.is_some() {
        told.push("the rest in the group".to_owned());
    }
    format!(" ({})", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_boots_is_told_what_is_known() {
        let known = Boots {
            started: 1204,
            mean_secs: Some(96.2),
            p95_secs: Some(130.0),
            machine_secs: Some(41.0),
            config_secs: Some(9.4),
            connect_secs: Some(12.0),
            failed: 3,
        };
        let unseen = Boots { p95_secs: None, machine_secs: None, config_secs: None, ..known };
        let none = Boots { started: 0, mean_secs: None, connect_secs: None, ..unseen };
        for (it, told) in [
            (
                known,
                "Boots: 1,204, 96 s on average (machine 41 s, registration 9.4 s, connection 12 s, \
                 the rest in the group), 95 % within 2 min 10 s; 3 failed.",
            ),
            (unseen, "Boots: 1,204, 96 s on average (connection 12 s); 3 failed."),
            (none, "Boots: none was seen to end in a runner; 3 failed."),
        ] {
            assert_eq!(boots(&it), told);
        }
    }
}
