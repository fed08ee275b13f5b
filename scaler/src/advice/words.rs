//! The findings in sentences.

use model::capacity::{Block, Fidelity, Subject, Warning};

use super::Ask;
use super::ceiling::Sweep;
use super::choice::{BILL_MAX, Chosen};
use super::study::Study;
use super::window::Window;
use crate::PATIENCE;
use crate::capacity::{JOBS_ALL_MAX, JOBS_MAX, Stretch, day, length, number};

/// Fewer measured jobs than these give figures that chance made.
const JOBS_FEW: u64 = 500;

/// A replay that is off by no more than this factor gives back what was recorded.
const OFF_LITTLE: f64 = 1.25;

/// Off by more than this, it does not.
const OFF_MUCH: f64 = 2.0;

/// Why this setting, and how it stands to the objective.
pub fn because(study: &Study<'_>, chosen: &Chosen, sweep: &Sweep) -> String {
    let slo = &study.ask.slo;
    let objective = format!("{} of the jobs within {}", percent(slo.share), length(slo.wait_secs));
    let mut text = match chosen.is_met {
        true => format!(
            "The cheapest of {} settings, replayed on these jobs, that meets the objective ({objective}).",
            chosen.tried
        ),
        false => unmet(study, chosen, &objective),
    };
    if let Some((title, bill)) = &chosen.tied {
        text += &format!(
            " It is preferred to {title}, whose bill of {bill:.3} times the least possible is hardly \
             lower, because it asks for less attention when the demand changes."
        );
    }
    text += &format!(" At most {} instances ran at one time", sweep.peak);
    if let Some(jobs) = sweep.peak_before {
        text += &format!(", and {jobs} jobs in all of the period");
    }
    text += &format!(
        "; runners_max = {} leaves a quarter above as a guard against a runaway.",
        sweep.recommended
    );
    if let Some(least) = sweep.least.filter(|least| *least < sweep.peak) {
        text += &format!(" {least} would still have been enough.");
    }
    text
}

fn unmet(study: &Study<'_>, chosen: &Chosen, objective: &str) -> String {
    let mut text = format!(
        "No setting within {BILL_MAX} times the least bill meets the objective ({objective})."
    );
    let (warm, cold) = (study.warm_wait().as_secs_f64(), study.cold_wait().as_secs_f64());
    if study.setting.wait_slo < study.warm_wait() {
        text += &format!(
            " Boot time is the bound: a job waits {} for a stopped instance and {} for a new one, so \
             only idle runners or a faster image help.",
            length(warm),
            length(cold)
        );
    }
    if let Some((title, bill)) = &chosen.too_dear {
        text +=
            &format!(" {} would meet it at {bill:.1} times the least bill.", capitalized(title));
    }
    text + &format!(
        " Recommended is what costs least where a second of waiting counts as {PATIENCE} seconds of \
         an instance."
    )
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// What follows from how well the replay gives back what was recorded.
pub fn verdict(fidelity: &Fidelity) -> String {
    let Fidelity { setting, off_by, is_fitted, .. } = fidelity;
    let found = match is_fitted {
        true => format!(
            "Of the rules that were tried, \u{201c}{setting}\u{201d} comes nearest to the recorded waits"
        ),
        false => "The replay of what is set today was compared with the recorded waits".to_owned(),
    };
    let trust = match off_by {
        ..=OFF_LITTLE => "the replay gives them back well",
        ..=OFF_MUCH => {
            "the replay gives them back roughly: trust the differences between settings more than \
             the seconds"
        }
        _ => {
            "the replay does not give them back: these jobs were served in some other way, so the \
             figures say what would be in the world that is assumed below, not how it is today"
        }
    };
    format!("{found}; its percentiles are off by a factor of {off_by:.2} on average: {trust}.")
}

/// What is assumed of the world.
pub fn assumptions(study: &Study<'_>) -> Vec<String> {
    let setting = &study.setting;
    vec![
        format!(
            "A new instance takes {} from the order to its runner, a stopped one {}; a stopped one \
             costs {} % of a running one.",
            length(setting.cold_start.as_secs_f64()),
            length(setting.warm_start.as_secs_f64()),
            (setting.stopped_cost * 1000.0).round() / 10.0,
        ),
        format!(
            "To prepare a stopped instance bills one boot; it is ready {} after that. A decision \
             comes {} after its job was queued.",
            length(setting.stopping.as_secs_f64()),
            length(setting.webhook_delay.as_secs_f64()),
        ),
        "Runners are ephemeral: one job each. Nothing goes wrong: no boot fails, no webhook is lost, \
         no instance is taken away. Jobs ask at the times they asked, whatever they waited."
            .to_owned(),
        "The bill counts boot, idle and busy seconds, preparations, and stopped seconds at their \
         part of the price; the least possible is each job's duration and one boot."
            .to_owned(),
    ]
}

/// What limits the findings.
pub fn warnings(ask: &Ask<'_>, window: &Window, measured: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |subject, text: String, effect: &str| {
        let pool = Some(ask.names.pool().to_owned());
        warnings.push(Warning { subject, pool, text, effect: effect.to_owned() });
    };
    let days = window.weeks() * 7.0;
    match window.cut {
        Block::Week => {}
        Block::Day => warn(
            Subject::TooLittleData,
            format!("The replay measures {days:.0} days: fewer than three whole weeks."),
            "The bands come from drawing days instead of weeks anew, and are too narrow to mean much.",
        ),
        Block::None => warn(
            Subject::TooLittleData,
            format!("The jobs that can be replayed span {:.1} days.", days * 4.0 / 3.0),
            "No demand can be learned from so little, and there is no band; take the recommendation \
             as a first guess.",
        ),
    }
    if measured < JOBS_FEW {
        warn(
            Subject::TooLittleData,
            format!("The replay measures {measured} jobs."),
            "Chance makes a large part of the predicted figures.",
        );
    }
    let (jobs, left_out) = (number(ask.jobs.len() as u64), number(ask.left_out));
    let (first, last) = (day(window.from), day(window.until));
    match ask.stretch {
        Stretch::Since(_) => warn(
            Subject::Truncated,
            format!(
                "The replay takes the {jobs} jobs from {first} on and leaves {left_out} earlier ones \
                 out."
            ),
            "Recommendation and frontier are about these weeks; there was no room for another whole \
             week.",
        ),
        Stretch::Days(_) => warn(
            Subject::Truncated,
            format!(
                "A week of this pool has more than the {} jobs of a replay: it takes the {jobs} jobs \
                 from {first} to {last}, the busiest day of the latest week, and leaves {left_out} out.",
                number(JOBS_MAX)
            ),
            "Recommendation and frontier are about these days, at the end of which most is asked \
             for, and not about whole weeks: in the mean of a week waits and bills are lower.",
        ),
        Stretch::Whole | Stretch::NoRoom | Stretch::TooMany | Stretch::Unasked => {}
    }
    if ask.names.is_nobodys() {
        warn(
            Subject::Replay,
            "These jobs belong to no pool of their own.".to_owned(),
            "There is a replay, and no recommendation: nobody's runners serve this mixture.",
        );
    }
    warnings
}

/// Why a pool with this stretch is not replayed; `None` where it is, or where nobody asked.
pub fn not_replayed(pool: &str, stretch: Stretch) -> Option<Warning> {
    let (text, effect) = match stretch {
        Stretch::Whole | Stretch::Since(_) | Stretch::Days(_) | Stretch::Unasked => return None,
        Stretch::NoRoom => (
            format!(
                "Not replayed: a report replays {} jobs at most, and whole weeks of the pools whose \
                 runners cost more come first.",
                number(JOBS_ALL_MAX)
            ),
            "There is no recommendation. `headroom report --pool NAME` replays one pool with all the \
             room.",
        ),
        Stretch::TooMany => (
            format!(
                "Not replayed: one day has more than the {} jobs of a replay.",
                number(JOBS_MAX)
            ),
            "There is no recommendation, and part of a day would make a bad one.",
        ),
    };
    Some(Warning {
        subject: Subject::Replay,
        pool: Some(pool.to_owned()),
        text,
        effect: effect.to_owned(),
    })
}

/// `95 %`, `99.5 %`.
fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}
