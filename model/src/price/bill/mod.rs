//! What a month on AWS costs as a whole: Headroom behind its webhook, and beside it the usual way
//! to run runners there.
//!
//! In: a [`Fleet`] and what was chosen. Out: a [`Bill`], item by item, each with what its amount
//! rests on: *counted* amounts follow from the fleet and the catalogue, *assumed* ones from a
//! constant that says why. The instances that run jobs are in neither bill.

mod headroom;
mod services;
mod usual;

pub use headroom::{Deployment, Door, headroom};
pub use headroom::{FLEET_ALARM_METRICS, POOL_ALARM_METRICS, POOL_COMPOSITES};
pub use services::all as service_prices;
pub use usual::usual;

use super::{DAYS_PER_MONTH, Fleet, MINUTES_PER_MONTH, UnitPrice, Usd, as_f64};

/// What an amount rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The fleet, the catalogue and lines that were really encoded.
    Counted,
    /// A constant that says why.
    Assumed,
}

impl Basis {
    /// The word for tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Counted => "counted",
            Basis::Assumed => "assumed",
        }
    }
}

/// One line of a bill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// What is paid for.
    pub what: &'static str,
    /// What its amount rests on.
    pub basis: Basis,
    /// US dollars in the month.
    pub usd: Usd,
}

/// A month.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill(pub Vec<Item>);

impl Bill {
    /// All of it.
    pub fn total(&self) -> Usd {
        self.0.iter().map(|item| item.usd).fold(Usd(0.0), std::ops::Add::add)
    }
}

/// Deliveries of job events in the month.
fn job_events(fleet: &Fleet) -> f64 {
    let phases: f64 = super::rates::phases(fleet).iter().map(|(_, weight)| weight).sum();
    fleet.jobs_per_month() * phases
}

/// Deliveries of run events in the month.
fn run_events(fleet: &Fleet) -> f64 {
    fleet.jobs_per_month() * fleet.runs() * as_f64(super::rates::RUN_STATUSES.len() as u64)
}

/// So many units at that price.
fn at(units: f64, price: UnitPrice) -> Usd {
    Usd(units * price.usd)
}

/// A function that is invoked so often, runs so long and has so much memory.
fn function(invocations: f64, millis: f64, mebibytes: f64) -> Usd {
    let gb_seconds = invocations * millis / 1000.0 * mebibytes / 1024.0;
    at(invocations / services::MILLION, services::FUNCTION_REQUESTS)
        + at(gb_seconds, services::FUNCTION_GB_SECONDS)
}

/// Runs of something that happens every so many minutes.
fn every_minutes(minutes: u64) -> f64 {
    as_f64(MINUTES_PER_MONTH / minutes)
}

/// Months in so many days, as logs are kept.
fn months(days: u64) -> u64 {
    days.div_ceil(DAYS_PER_MONTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::Choice;

    const FLEET: Fleet = Fleet::new(100, 10_000);

    fn item(bill: &Bill, what: &str) -> Usd {
        bill.0.iter().find(|item| item.what.contains(what)).unwrap().usd
    }

    #[test]
    fn a_million_requests_cost_what_the_lists_say() {
        // 1 ms at 1 GiB is a thousandth of a GB-second.
        assert_eq!(function(1e6, 1.0, 1024.0).to_string(), "$0.21");
        assert_eq!(function(0.0, 1.0, 128.0), Usd(0.0));
        let fleet = Fleet { approvals_percent: 0, never_started_percent: 0, ..FLEET };
        assert!((job_events(&fleet) - 900_000.0).abs() < 1e-6);
        assert!((run_events(&fleet) - 180_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_function_url_saves_the_price_of_the_api_and_nothing_else() {
        let bill = |door| headroom(&FLEET, Deployment { door, ..Deployment::default() });
        let (api, url) = (bill(Door::HttpApi), bill(Door::FunctionUrl));
        let saved = Usd(api.total().0 - url.total().0);
        assert_eq!(saved.cents(), item(&api, "HTTP API").cents());
        assert_eq!(item(&url, "HTTP API"), Usd(0.0));
    }

    #[test]
    fn roll_ups_never_make_it_cheaper_and_a_larger_fleet_neither() {
        let total = |fleet: &Fleet, choice| {
            headroom(fleet, Deployment { choice, ..Deployment::default() }).total()
        };
        for choice in Choice::ALL {
            assert!(total(&FLEET, choice) >= total(&FLEET, Choice::Pool));
            assert!(total(&Fleet::new(1_000, 100_000), choice) > total(&FLEET, choice));
        }
        assert!(usual(&Fleet::new(1_000, 100_000)).total() > usual(&FLEET).total());
    }

    #[test]
    fn what_only_watches_is_not_billed_for_a_scaler() {
        let watching = Deployment { scales: false, ..Deployment::default() };
        let bill = headroom(&FLEET, watching);
        for part in [
            "scaler by schedule",
            "lines and checkpoints",
            "scaler by queued jobs",
            "runner lifecycle",
        ] {
            assert_eq!(item(&bill, part), Usd(0.0), "{part}");
        }
        assert!(bill.total() < headroom(&FLEET, Deployment::default()).total());
    }

    #[test]
    fn every_price_of_a_service_names_its_source_and_day() {
        for price in service_prices() {
            assert!(price.source.starts_with("https://aws.amazon.com/"), "{}", price.what);
            assert!(price.as_of.len() == "2026-11-25".len() && price.usd > 0.0, "{}", price.what);
        }
    }
}
