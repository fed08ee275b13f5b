//! How recommendation and frontier are found, in words for the end of the report.

/// The sentences.
pub const METHOD: [&str; 4] = [
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
