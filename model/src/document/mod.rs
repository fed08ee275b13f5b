//! The catalogue as a document: `docs/METRICS.md`, rows for JSON and rows for a plain table; and
//! what it costs: `docs/COST.md`.
//!
//! In: the catalogue and, for prices, a [`Fleet`]. Out: text and values; the same inputs give the
//! same bytes. It never says anything about a metric that the catalogue does not say, and nothing
//! about a price that [`crate::price`] does not.

mod bill;
mod cost;
mod example;
mod metric_row;
mod page;
mod table;

pub use bill::{BILL_FLEETS, BillRow, bill_markdown, bill_rows, bill_table};
pub use cost::{CostRow, cost_markdown, cost_notes, cost_rows, cost_table};
pub use metric_row::{MetricRow, PrometheusFamily, PublishedSets, rows, table};
pub use page::{REFERENCE_FLEET, markdown};
pub use table::{Table, grouped};

#[cfg(doc)]
use crate::price::Fleet;
