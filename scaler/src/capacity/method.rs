//! How the figures were found, a sentence each.

use model::capacity::Report;

use super::describe::{About, Whole};
use super::{BURST_GAP_MS, ROWS_SHOWN_MAX, Tally, count, length, number};

/// The sentences for the end of the report.
pub(super) fn sentences(
    tally: &Tally,
    report: &Report,
    whole: &Whole,
    about: &About,
) -> Vec<String> {
    let mut told = vec![
        "A job counts in the period in which it asked for a runner; runner time counts when it \
         passed. Hours and days are UTC. The period ends with the newest event of the data."
            .to_owned(),
        "The wait runs from asking for a runner to getting one. Jobs that still wait, and jobs \
         that were cancelled while they waited, count as having waited at least so long: \
         percentiles, mean and share are those of the Kaplan-Meier estimate. It takes cancelling \
         to have nothing to do with how much longer the job would have waited. Without such jobs \
         it is the plain distribution."
            .to_owned(),
        "A percentile is the least wait that this share of the jobs did not exceed. Waits of a \
         pool are told to 0.05 s, and from 1,000 s on to 0.05 %; those of repositories, \
         workflows, runner groups and hours of the week to half a second, and from 100 s on to \
         0.5 %. Means without jobs that still wait are exact."
            .to_owned(),
        format!(
            "Jobs at one time are counted over all instants of the period and weighted by time, \
             to {}.",
            step(tally.step_ms)
        ),
        format!(
            "Jobs that asked within less than {} s of each other are one burst.",
            BURST_GAP_MS / 1000
        ),
        format!(
            "Tables name the {ROWS_SHOWN_MAX} rows with the most jobs; the rest are summed as \
             (other)."
        ),
    ];
    told.extend(money(report));
    told.push(match whole.gaps {
        Some(_) => "Silences are found by comparing each hour with the same hour of the other \
                    weeks of the period."
            .to_owned(),
        None => "The period is shorter than two weeks, so it does not show which hours are \
                 usually silent, and missing webhooks cannot be told from quiet ones."
            .to_owned(),
    });
    told.extend(previous(report));
    if about.is_trace {
        told.push(
            "A trace holds jobs that ended and had a runner: it tells nothing of jobs that still \
             wait, were cancelled or lost, nor of workflows and runner groups."
                .to_owned(),
        );
    }
    if about.repeated > 0 {
        told.push(format!(
            "{} rows told of a job a second time; each job counts once.",
            number(about.repeated)
        ));
    }
    told
}

fn step(ms: i64) -> String {
    match ms {
        1 => "the millisecond".to_owned(),
        ms => format!(
            "multiples of {} (there are too many for more), bursts as well",
            length(count(ms.unsigned_abs()) / 1000.0)
        ),
    }
}

fn money(report: &Report) -> Vec<String> {
    if report.pools.iter().all(|pool| pool.cost.on_demand.is_none()) {
        return vec!["No price was given, so costs are told in runner-hours alone.".to_owned()];
    }
    let mut told = vec![
        "Cost is the time of jobs with a runner at the price of an instance. Boot and idle time \
         are not in it where nothing counted them."
            .to_owned(),
    ];
    if let Some(spot) = &report.prices.spot {
        let long = spot.long_job_secs.map_or("no job is too long".to_owned(), |secs| {
            format!("jobs of {} or more are cheaper on demand", length(secs))
        });
        told.push(format!(
            "Spot is taken to cost {} of on demand and to be interrupted {} times an hour, an \
             assumption to be set by who knows better (AWS publishes the share of instances \
             interrupted in a month by type: https://aws.amazon.com/ec2/spot/instance-advisor/). \
             An interrupted job begins anew; a second of its delay counts {} seconds of an \
             instance. With that, {long}.",
            spot.part, spot.hazard_per_hour, spot.patience
        ));
    }
    told
}

fn previous(report: &Report) -> Option<String> {
    report.previous.is_none().then(|| {
        "The data do not reach back over the period before, so there is nothing to compare with."
            .to_owned()
    })
}
