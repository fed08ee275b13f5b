//! What the replay adds to the report as a whole: a sentence or two for its summary, and how it was
//! found.

use model::capacity::{PoolReport, Recommendation, Report, Role};

use super::words::{percent, secs};

/// How recommendation and frontier are found, for the end of the report.
const METHOD: [&str; 4] = [
    "Recommendation and frontier: the latest jobs of each pool, without a hole, are replayed by a \
     simulated fleet that decides with the scaler's own code, once for each setting; `headroom \
     simulate` gives the same figures for the same days and settings.",
    "Measured are whole weeks, up to the last job; the days before them, seven at least where there \
     are as many, teach the scaler and are not measured.",
    "Recommended is the cheapest setting that meets the objective with a tenth of the allowed misses \
     to spare (a quarter with fewer than three weeks), within twice the least bill. Among settings \
     whose bills differ by less than 1 %, and none of which is better in wait and bill than another, \
     the one that asks for the least attention is taken.",
    "Bands: the measured weeks are drawn anew with replacement 1,000 times; 90 % of the outcomes lie \
     within.",
];

/// Adds it, where there was a replay, and puts the gravest warnings first.
pub fn conclude(report: &mut Report) {
    report.warnings.sort_by_key(|warning| warning.subject);
    if report.pools.iter().all(|pool| pool.advice.is_none()) {
        return;
    }
    report.method.extend(METHOD.map(str::to_owned));
    let advised = report.pools.iter().find_map(|pool| Some((pool, pool.recommendation.as_ref()?)));
    if let Some((pool, recommendation)) = advised {
        let is_only = report.pools.len() == 1;
        report.summary += &in_short(pool, recommendation, is_only);
    }
}

fn in_short(pool: &PoolReport, recommendation: &Recommendation, is_only: bool) -> String {
    let of = if is_only { String::new() } else { format!(" of the largest pool ({})", pool.name) };
    let predicted = &recommendation.predicted;
    let mut text = format!(
        " In a replay of the jobs{of} with stopped = {} and at most \
         {} runners, {} of them would have started within the objective, 95 % within {}",
        recommendation.stopped,
        recommendation
            .runners_max
            .map_or_else(|| "any number of".to_owned(), |max| max.to_string()),
        percent(predicted.within_slo),
        secs(predicted.wait_p95_secs),
    );
    let of = |role| pool.frontier.iter().find(|point| point.role == role);
    if let Some(current) = of(Role::Current) {
        text += &format!(", where what is set today gives {}", secs(current.wait_p95_secs));
    } else if let Some(cold) = of(Role::PerWebhook) {
        text += &format!(", where nothing held ready gives {}", secs(cold.wait_p95_secs));
    }
    text += &format!(
        ", for {} above the least bill such a fleet can have.",
        percent((predicted.bill_over_oracle - 1.0).max(0.0))
    );
    if !recommendation.is_slo_met {
        text += " No affordable setting meets the objective; the pool's section says why.";
    }
    text
}
