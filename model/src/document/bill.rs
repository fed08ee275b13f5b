//! The bills of [`crate::price::bill`] as `docs/COST.md`, and as rows for JSON and plain tables.

use serde::Serialize;

use crate::price::bill::{Basis, Bill, Deployment, Door, headroom, service_prices, usual};
use crate::price::{Choice, Fleet, UnitPrice, Usd, Writing, estimate, list};

use super::{Table, grouped};

/// The fleets that the page is priced for: 1,000, 100,000 and 1,000,000 jobs a day.
pub const BILL_FLEETS: [Fleet; 3] = [
    Fleet { pools: 5, ..Fleet::new(50, 1_000) },
    Fleet { pools: 20, ..Fleet::new(1_000, 100_000) },
    Fleet { pools: 50, ..Fleet::new(5_000, 1_000_000) },
];

/// One item of one bill, flat. Sums are US dollars for a month of 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BillRow {
    /// `headroom` or `terraform-aws-github-runner`.
    pub architecture: &'static str,
    /// Jobs a day.
    pub jobs_per_day: u64,
    /// What is paid for.
    pub item: &'static str,
    /// `counted` or `assumed`.
    pub basis: &'static str,
    /// US dollars in the month.
    pub usd: Usd,
}

/// Every item of every bill for these fleets.
pub fn bill_rows(fleets: &[Fleet]) -> Vec<BillRow> {
    let of = |fleet: &Fleet, architecture, bill: Bill| {
        let jobs_per_day = fleet.jobs_per_day;
        let rows = bill.0.into_iter().map(move |item| BillRow {
            architecture,
            jobs_per_day,
            item: item.what,
            basis: item.basis.as_str(),
            usd: item.usd,
        });
        rows.collect::<Vec<_>>()
    };
    let both = |fleet: &Fleet| {
        let ours = of(fleet, "headroom", headroom(fleet, Deployment::default()));
        [ours, of(fleet, "terraform-aws-github-runner", usual(fleet))].concat()
    };
    fleets.iter().flat_map(both).collect()
}

/// The sums side by side.
pub fn bill_table(fleets: &[Fleet]) -> Table {
    let watching = Deployment { scales: false, ..Deployment::default() };
    let all = Deployment::default();
    let rows = [
        row("Headroom, watching", fleets, |fleet| headroom(fleet, watching).total()),
        row("Headroom, watching and scaling", fleets, |f| headroom(f, all).total()),
        row("terraform-aws-github-runner, scaling", fleets, |fleet| usual(fleet).total()),
    ];
    columns("A month of", fleets, rows)
}

/// The page, ending in a newline.
pub fn bill_markdown(fleets: &[Fleet]) -> String {
    let watching = Deployment { scales: false, ..Deployment::default() };
    [
        HEAD.to_owned(),
        fleets_told(fleets),
        bill_table(fleets).markdown(),
        READING.to_owned(),
        format!("## Headroom, item by item\n\n{}", ours(fleets).markdown()),
        format!("## Roll-ups decide\n\n{ROLL_UPS}\n\n{}", roll_ups(fleets).markdown()),
        format!("## Doors and log formats\n\n{DOORS}\n\n{}", doors(fleets, watching).markdown()),
        format!(
            "## terraform-aws-github-runner, item by item\n\n{USUAL}\n\n{}",
            theirs(fleets).markdown()
        ),
        format!("## Unit prices\n\n{PRICES}\n\n{}", prices().markdown()),
    ]
    .join("\n")
}

const HEAD: &str = "\
<!-- Generated from model/src/price by `headroom metrics --bill --format markdown`. Do not edit. -->

# Cost

What a month of 30 days costs on AWS, in US dollars, by the list prices below: without free tier and
discounts, and without the instances that run the jobs. `headroom metrics --bill --repositories N
--jobs-per-day M --pools K` prices any other fleet, `headroom metrics --cost` each roll-up by itself.
";

const READING: &str = "\
*Watching* is webhook, function and EMF; *scaling* adds the scaler's functions, the levels that they
publish, alarms and dashboards. *Counted* amounts follow from the fleet and the catalogue, *assumed* ones
from a constant that says why. The other architecture scales, publishes none of these metrics and has no
alarms.
";

const ROLL_UPS: &str = "\
Of the same deployment, watching, only the metrics: what each roll-up costs as expected, and at most
if every series had data in every hour. Job, run, branch and runner are properties of the lines and
cost nothing here.";

const DOORS: &str = "\
Watching, with pools only. Lambda writes three lines of its own for each invocation, unless the log
format is JSON and the level of the system's log is WARN: the settings that docs/AWS.md names.";

const USUAL: &str = "\
Version 7 with its defaults: webhook, event bus, dispatcher, a queue and two functions for each pool.
How long its functions take is assumed (`model/src/price/bill/usual.rs` says what and why); calls
to an empty queue are left out.";

const PRICES: &str = "us-east-1. Other regions differ by up to a half; the relations stay.";

fn fleets_told(fleets: &[Fleet]) -> String {
    let told = fleets.iter().map(|fleet| {
        format!(
            "- {} jobs a day: {} repositories, {} pools, {} job names in a repository, {} jobs in a run.\n",
            grouped(fleet.jobs_per_day),
            grouped(fleet.repositories),
            grouped(fleet.pools),
            grouped(fleet.job_names_per_repository),
            grouped(fleet.jobs_per_run),
        )
    });
    told.collect()
}

fn columns(first: &str, fleets: &[Fleet], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let jobs = |fleet: &Fleet| format!("{} jobs/day", grouped(fleet.jobs_per_day));
    Table {
        header: std::iter::once(first.to_owned()).chain(fleets.iter().map(jobs)).collect(),
        rows: rows.into_iter().collect(),
        right: std::iter::once(false).chain(fleets.iter().map(|_| true)).collect(),
    }
}

fn row(what: &str, fleets: &[Fleet], usd: impl Fn(&Fleet) -> Usd) -> Vec<String> {
    let sums = fleets.iter().map(|fleet| usd(fleet).to_string());
    std::iter::once(what.to_owned()).chain(sums).collect()
}

/// The items of bills of the same kind, one for each fleet, and their sums.
fn items(fleets: &[Fleet], bill: impl Fn(&Fleet) -> Bill) -> Table {
    let bills: Vec<Bill> = fleets.iter().map(&bill).collect();
    let told = |what: &str, basis: Basis| format!("{what} ({})", basis.as_str());
    let first = bills.first().map(|bill| bill.0.clone()).unwrap_or_default();
    let rows = first.iter().enumerate().map(|(i, item)| {
        let sums = bills.iter().filter_map(|bill| bill.0.get(i)).map(|item| item.usd.to_string());
        std::iter::once(told(item.what, item.basis)).chain(sums).collect()
    });
    let total = row("**all**", fleets, |fleet| bill(fleet).total());
    columns("Item", fleets, rows.chain([total]))
}

fn ours(fleets: &[Fleet]) -> Table {
    items(fleets, |fleet| headroom(fleet, Deployment::default()))
}

fn theirs(fleets: &[Fleet]) -> Table {
    items(fleets, usual)
}

fn roll_ups(fleets: &[Fleet]) -> Table {
    let of = |fleet: &Fleet, choice| estimate(fleet, choice, Writing::PerEvent);
    let rows = Choice::ALL.into_iter().flat_map(|choice| {
        let name = choice.as_str();
        [
            row(&format!("{name}, expected"), fleets, |f| of(f, choice).metrics_expected),
            row(&format!("{name}, at most"), fleets, |f| of(f, choice).metrics_at_most),
        ]
    });
    columns("Roll-ups", fleets, rows)
}

fn doors(fleets: &[Fleet], watching: Deployment) -> Table {
    let choices = [
        ("HTTP API, log in JSON", Door::HttpApi, false),
        ("HTTP API, log as text", Door::HttpApi, true),
        ("function URL, log in JSON", Door::FunctionUrl, false),
        ("function URL, log as text", Door::FunctionUrl, true),
    ];
    let rows = choices.map(|(what, door, platform_lines)| {
        let deployment = Deployment { door, platform_lines, ..watching };
        row(what, fleets, |fleet| headroom(fleet, deployment).total())
    });
    columns("Door and format", fleets, rows)
}

fn prices() -> Table {
    let told = |price: UnitPrice| {
        [
            price.what.to_owned(),
            format!("${}", price.usd),
            price.per.to_owned(),
            format!("<{}>", price.source),
            price.as_of.to_owned(),
        ]
    };
    Table::new(["What", ">US dollars", "for a", "Source", "Day"])
        .with(service_prices().into_iter().chain(list::all()).map(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_item_once_for_each_architecture_and_every_price() {
        let page = bill_markdown(&BILL_FLEETS);
        let rows = bill_rows(&BILL_FLEETS);
        for row in &rows {
            let cell = format!("| {} ({}) |", row.item, row.basis);
            assert!(page.contains(&cell), "{cell}");
        }
        for price in service_prices().into_iter().chain(list::all()) {
            assert!(page.contains(price.what), "{}", price.what);
        }
    }

    #[test]
    fn the_items_of_a_bill_make_its_sum() {
        let table = ours(&BILL_FLEETS[..1]);
        let cents = |cell: &String| {
            let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
            digits.parse::<u64>().unwrap()
        };
        let sums: Vec<u64> = table.rows.iter().map(|row| cents(&row[1])).collect();
        let (all, items) = sums.split_last().unwrap();
        // Each item is rounded by itself.
        assert!(all.abs_diff(items.iter().sum()) <= items.len() as u64, "{table:?}");
    }
}
