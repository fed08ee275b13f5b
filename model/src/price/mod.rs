//! What a choice of metrics costs in CloudWatch, before it is made.
//!
//! In: a [`Fleet`] (how many repositories, jobs, pools), a [`Choice`] of roll-ups and a [`Writing`]
//! of EMF. Out: an [`Estimate`]: series, bytes and US dollars for a month of [`HOURS_PER_MONTH`]
//! hours. The series come from the catalogue, the bytes from lines that [`crate::emf::Encoder`]
//! really wrote, the prices from [`list`].
//!
//! Two sums are given. *At most* has every series active in every hour. *Expected* takes a series
//! as active only in hours in which something of it happens: CloudWatch pro-rates a metric by the
//! hour. Events are taken as independent and evenly spread over pools, repositories and the active
//! hours, so a series of `n` events a month is active in `h * (1 - exp(-n / h))` of `h` hours
//! (Poisson). Bursts, quiet nights and uneven repositories make that fewer hours, not more.
//!
//! It never asks AWS, and knows neither free tier nor discounts. Lambda, alarms, dashboards and
//! what else a deployment needs have prices of their own: see [`bill`].

pub mod bill;
mod cells;
mod estimate;
mod fleet;
pub mod list;
mod rates;
pub mod sample;
#[cfg(test)]
mod tests;
mod volume;

pub use estimate::{Choice, Estimate, Writing, estimate, estimates};
pub use fleet::{DAYS_PER_MONTH, Fleet, HOURS_PER_MONTH, MINUTES_PER_MONTH};
pub use list::{UnitPrice, Usd};
pub use rates::{REASONS, SCALER_REASONS};

#[expect(clippy::cast_precision_loss, reason = "nobody is billed for 2^53 of anything")]
fn as_f64(n: u64) -> f64 {
    n as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate is not negative, and what is beyond u64 is shown as its maximum"
)]
fn rounded(x: f64) -> u64 {
    x.round() as u64
}
