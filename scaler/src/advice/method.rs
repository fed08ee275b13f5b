//! How recommendation and frontier are found, in words for the end of the report.

use crate::capacity::{JOBS_ALL_MAX, JOBS_MAX, number};

/// The sentences.
pub fn method() -> [String; 5] {
    [
        "Recommendation and frontier: the latest weeks of each pool, without a hole, are replayed by \
         a simulated fleet that decides with the scaler's own code, once for each setting; `headroom \
         simulate` gives the same figures for the same days and settings."
            .to_owned(),
        format!(
            "At most {} jobs of a pool and {} of all pools are replayed. The pools take turns, the \
             one whose runners cost most first: each takes its latest week, with the days before it \
             that teach, and then a week more at a time. A pool without room for its latest week is \
             not replayed.",
            number(JOBS_MAX),
            number(JOBS_ALL_MAX)
        ),
        "Measured are whole weeks, up to the last job; the days before them, seven at least where \
         there are as many, teach the scaler and are not measured."
            .to_owned(),
        "Recommended is the cheapest setting that meets the objective with a tenth of the allowed \
         misses to spare (a quarter with fewer than three weeks), within twice the least bill. Among \
         settings whose bills differ by less than 1 %, and none of which is better in wait and bill \
         than another, the one that asks for the least attention is taken."
            .to_owned(),
        "Bands: the measured weeks are drawn anew with replacement 1,000 times; 90 % of the outcomes \
         lie within."
            .to_owned(),
    ]
}
