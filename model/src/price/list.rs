//! CloudWatch's list prices for us-east-1, in US dollars, each with source and date.
//!
//! Other regions differ by up to a half; the relations between choices stay.

use std::fmt;

use serde::{Serialize, Serializer};

use super::as_f64;

/// An amount in US dollars. Shown, and serialised as a number, in whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Usd(pub f64);

/// One price of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitPrice {
    /// What is paid for.
    pub what: &'static str,
    /// US dollars for one unit.
    pub usd: f64,
    /// The unit.
    pub per: &'static str,
    /// The page that says so.
    pub source: &'static str,
    /// When it said so.
    pub as_of: &'static str,
}

/// A price that holds up to a quantity; the last tier has no end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tier {
    /// The last unit at this price, counted from the first unit of the month.
    pub up_to: u64,
    /// The price of each unit within.
    pub price: UnitPrice,
}

/// Amazon's price list for CloudWatch: metrics, logs, dashboards, alarms.
pub const PRICE_LIST: &str = "https://aws.amazon.com/cloudwatch/pricing/";

/// The day on which the prices below were the list's.
pub const AS_OF: &str = "2026-11-22";

const fn metrics(what: &'static str, usd: f64) -> UnitPrice {
    UnitPrice { what, usd, per: "metric-month", source: PRICE_LIST, as_of: AS_OF }
}

/// Custom metrics. A metric-month is one series in all hours of a month; series with data in fewer
/// hours are pro-rated by the hour. <https://aws.amazon.com/cloudwatch/pricing/>, 2026-11-22
pub const CUSTOM_METRICS: [Tier; 4] = [
    Tier { up_to: 10_000, price: metrics("custom metrics, first 10,000", 0.30) },
    Tier { up_to: 250_000, price: metrics("custom metrics, next 240,000", 0.10) },
    Tier { up_to: 1_000_000, price: metrics("custom metrics, next 750,000", 0.05) },
    Tier { up_to: u64::MAX, price: metrics("custom metrics, beyond 1,000,000", 0.02) },
];

/// Taking log events in, Standard class. Lambda's logs get cheaper beyond 10 TB a month, which is
/// left out: the sum errs to the high side there. <https://aws.amazon.com/cloudwatch/pricing/>, 2026-11-22
pub const LOG_INGESTION: UnitPrice = UnitPrice {
    what: "log ingestion, Standard class, first tier",
    usd: 0.50,
    per: "GB",
    source: PRICE_LIST,
    as_of: AS_OF,
};

/// Keeping log events. Amazon bills the compressed size, about a seventh; it is counted whole here,
/// so the sum errs to the high side. <https://aws.amazon.com/cloudwatch/pricing/>, 2026-11-22
pub const LOG_STORAGE: UnitPrice =
    UnitPrice { what: "log storage", usd: 0.03, per: "GB-month", source: PRICE_LIST, as_of: AS_OF };

/// Bytes in a GB. Decimal: the smaller reading, which errs to the high side.
pub const GB: u64 = 1_000_000_000;

/// Every price that an estimate uses.
pub fn all() -> impl Iterator<Item = UnitPrice> {
    CUSTOM_METRICS.iter().map(|tier| tier.price).chain([LOG_INGESTION, LOG_STORAGE])
}

/// The price of so many metric-months in one month; fractions are pro-rated.
pub fn custom_metrics(metric_months: f64) -> Usd {
    let mut from = 0.0;
    let mut usd = 0.0;
    for tier in &CUSTOM_METRICS {
        let up_to = as_f64(tier.up_to);
        usd += (metric_months.min(up_to) - from).max(0.0) * tier.price.usd;
        from = up_to;
    }
    Usd(usd)
}

/// The price of so many series with data in every hour of a month.
pub fn full_series(series: u64) -> Usd {
    custom_metrics(as_f64(series))
}

/// The price of a month that takes in so many bytes and keeps so many months of them.
pub fn logs(bytes: f64, months_kept: u64) -> Usd {
    let gb = bytes / as_f64(GB);
    Usd(gb * LOG_INGESTION.usd + gb * as_f64(months_kept) * LOG_STORAGE.usd)
}

impl Usd {
    /// In whole cents, rounded to the nearest.
    pub fn cents(self) -> u64 {
        super::rounded(self.0 * 100.0)
    }
}

impl std::ops::Add for Usd {
    type Output = Usd;

    fn add(self, other: Usd) -> Usd {
        Usd(self.0 + other.0)
    }
}

impl fmt::Display for Usd {
    /// `$8,000.00`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.cents();
        write!(f, "${}.{:02}", crate::document::grouped(cents / 100), cents % 100)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(as_f64(self.cents()) / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(metric_months: f64, usd: &str) {
        assert_eq!(custom_metrics(metric_months).to_string(), usd, "{metric_months}");
    }

    #[test]
    fn each_tier_ends_with_the_unit_that_the_list_names() {
        for (metric_months, usd) in [
            (0.0, "$0.00"),
            (1.0, "$0.30"),
            (9_999.0, "$2,999.70"),
            (10_000.0, "$3,000.00"),
            (10_001.0, "$3,000.10"),
            (249_999.0, "$26,999.90"),
            (250_000.0, "$27,000.00"),
            (250_001.0, "$27,000.05"),
            (999_999.0, "$64,499.95"),
            (1_000_000.0, "$64,500.00"),
            (1_000_001.0, "$64,500.02"),
        ] {
            check(metric_months, usd);
        }
    }

    #[test]
    fn the_price_of_a_known_number_of_series_is_the_lists() {
        for (metric_months, usd) in [
            (60_000.0, "$8,000.00"),
            (100_000.0, "$12,000.00"),
            (180_000.0, "$20,000.00"),
            (5_000.0, "$1,500.00"),
            (250.0, "$75.00"),
            (18_082.0, "$3,808.20"),
        ] {
            check(metric_months, usd);
        }
    }

    #[test]
    fn eighteen_million_lines_of_700_bytes_cost_six_dollars_to_take_in() {
        assert_eq!(logs(18e6 * 700.0, 0).to_string(), "$6.30");
        assert_eq!(logs(18e6 * 700.0, 3), Usd(6.30 + 12.6 * 0.09));
    }

    #[test]
    fn every_price_names_its_source_and_day() {
        for price in all() {
            assert!(price.source.starts_with("https://aws.amazon.com/"), "{}", price.what);
            assert!(price.as_of.len() == "2026-11-22".len() && price.usd > 0.0, "{}", price.what);
        }
    }
}
