//! The capacity report as plain data: what was measured, what is advised, and how far to trust both.
//!
//! Everybody who renders the report (JSON, CSV, Markdown, HTML) takes a [`Report`] and adds nothing
//! to it. Its JSON form is a contract: `docs/report.schema.json`.
//!
//! * Lengths of time are numbers of seconds and end in `_secs`; shares lie in 0..=1; money is in
//!   [`Prices::currency`]; hours of the week and days are UTC, day 0 is Monday.
//! * `null` means that nobody knows, never zero.
//! * Measured parts are filled by the description of the jobs, the parts in [`Advice`] by the
//!   replay; each can be there without the other.

mod advice;
mod cost;
mod instances;
mod pool;
mod report;
mod tables;
mod told;
mod waits;

pub use advice::{
    Advice, Band, Block, Fidelity, FrontierPoint, Learned, Lever, MaxPoint, Promise,
    Recommendation, Role, ScheduleWindow, Share,
};
pub use cost::{Cost, Prices, SpotPrices, SpotSplit};
pub use instances::{Boots, Waste};
pub use pool::{
    Bursts, Capacity, Concurrency, ConcurrencyPoint, JobCounts, LostEvents, PoolReport, SlowJob,
};
pub use report::{Change, Figure, Period, Report, Slo, Subject, Warning};
pub use tables::{HourOfWeek, Row, Table};
pub use told::{Told, told};
pub use waits::{Wait, WaitMethod};
