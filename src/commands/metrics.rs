//! `headroom metrics`: the catalogue, and its price.

use model::document;
use model::price::Fleet;

use crate::cli::{MetricsArgs, TableJsonOrMarkdown};
use crate::exit::{self, Failure};
use crate::render;

/// Prints the catalogue or the price table.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: &MetricsArgs) -> Result<u8, Failure> {
    let fleet = args.repositories.zip(args.jobs_per_day).map(|(repositories, jobs_per_day)| {
        let fleet = Fleet::new(repositories, jobs_per_day);
        Fleet { pools: args.pools.unwrap_or(fleet.pools), ..fleet }
    });
    let printed = match fleet {
        Some(fleet) if args.bill => bill(&[fleet], args.format),
        None if args.bill => bill(&document::BILL_FLEETS, args.format),
        Some(fleet) => cost(&fleet, args.format),
        None => catalogue(args.format),
    };
    printed.map_err(super::stdout)?;
    Ok(exit::OK)
}

fn catalogue(format: TableJsonOrMarkdown) -> std::io::Result<()> {
    match format {
        TableJsonOrMarkdown::Table => render::print(&render::table(&document::table())),
        TableJsonOrMarkdown::Json => render::print_json(&document::rows()),
        TableJsonOrMarkdown::Markdown => render::print(&document::markdown()),
    }
}

fn bill(fleets: &[Fleet], format: TableJsonOrMarkdown) -> std::io::Result<()> {
    match format {
        TableJsonOrMarkdown::Table => render::print(&render::table(&document::bill_table(fleets))),
        TableJsonOrMarkdown::Json => render::print_json(&document::bill_rows(fleets)),
        TableJsonOrMarkdown::Markdown => render::print(&document::bill_markdown(fleets)),
    }
}

fn cost(fleet: &Fleet, format: TableJsonOrMarkdown) -> std::io::Result<()> {
    match format {
        TableJsonOrMarkdown::Table => {
            let mut text = render::table(&document::cost_table(fleet));
            for note in document::cost_notes(fleet) {
                text.push_str(&format!("\n{note}\n"));
            }
            render::print(&text)
        }
        TableJsonOrMarkdown::Json => render::print_json(&document::cost_rows(fleet)),
        TableJsonOrMarkdown::Markdown => render::print(&document::cost_markdown(fleet)),
    }
}
