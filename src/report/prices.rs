//! What instances cost: from the arguments, or from a file that may price each pool.

use std::collections::BTreeMap;
use std::path::Path;

use model::capacity::{Prices, SpotPrices};
use scaler::PATIENCE;
use scaler::capacity::long_job_secs;
use serde::Deserialize;

use crate::config::ConfigError;
use crate::exit::Failure;

/// Interruptions an hour of a running spot instance, where nobody says better: a cautious choice,
/// many times what AWS reports of most types. It is an assumption, and the report says so.
/// <https://aws.amazon.com/ec2/spot/instance-advisor/>
pub const HAZARD_PER_HOUR: f64 = 0.05;

/// What the arguments say of prices.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// An hour of an instance, and its currency.
    pub per_hour: Option<(f64, Option<String>)>,
    /// A spot instance as a part of an on-demand one.
    pub spot: Option<f64>,
    /// Interruptions an hour.
    pub hazard_per_hour: Option<f64>,
    /// A stopped instance as a part of a running one.
    pub stopped_part: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    currency: Option<String>,
    per_hour: Option<f64>,
    spot: Option<f64>,
    spot_hazard_per_hour: Option<f64>,
    pool: BTreeMap<String, PoolTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolTable {
    per_hour: f64,
}

/// The prices; arguments win over the file.
///
/// # Errors
/// When the file cannot be read, or a value makes no sense.
pub fn prices(file: Option<&Path>, given: &Given) -> Result<Prices, Failure> {
    let file_values = file.map(read).transpose()?.unwrap_or_default();
    check(file, &file_values)?;
    let (per_hour, currency) = match &given.per_hour {
        Some((price, currency)) => (Some(*price), currency.clone().or(file_values.currency)),
        None => (file_values.per_hour, file_values.currency),
    };
    let hazard = given.hazard_per_hour.or(file_values.spot_hazard_per_hour);
    let hazard_per_hour = hazard.unwrap_or(HAZARD_PER_HOUR);
    let spot = given.spot.or(file_values.spot).map(|part| SpotPrices {
        part,
        hazard_per_hour,
        patience: PATIENCE,
        long_job_secs: long_job_secs(part, hazard_per_hour, PATIENCE),
    });
    Ok(Prices {
        currency: currency.unwrap_or_else(|| "USD".to_owned()),
        per_hour,
        per_hour_by_pool: file_values
            .pool
            .into_iter()
            .map(|(pool, table)| (pool, table.per_hour))
            .collect(),
        stopped_part: given.stopped_part,
        spot,
    })
}

fn read(path: &Path) -> Result<File, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let wrong = |error: toml::de::Error| {
        let message = error.to_string().trim_end().to_owned();
        ConfigError::Parse { path: path.to_owned(), message }
    };
    Ok(toml::from_str(&text).map_err(wrong)?)
}

fn check(path: Option<&Path>, file: &File) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let wrong = |key: &str, expected: &str| {
        let key = format!("{}: {key}", path.display());
        Err(ConfigError::Value { key, problem: format!("{expected} was expected") }.into())
    };
    let is_price = |price: &f64| *price >= 0.0 && price.is_finite();
    if !file.per_hour.iter().all(is_price) {
        return wrong("per_hour", "a price of 0 or more");
    }
    if let Some((pool, _)) = file.pool.iter().find(|(_, table)| !is_price(&table.per_hour)) {
        return wrong(&format!("pool.{pool}.per_hour"), "a price of 0 or more");
    }
    if !file.spot.iter().all(|part| *part > 0.0 && *part <= 1.0) {
        return wrong("spot", "a part of the on-demand price, over 0 up to 1,");
    }
    if !file.spot_hazard_per_hour.iter().all(is_price) {
        return wrong("spot_hazard_per_hour", "a number of interruptions an hour, 0 or more,");
    }
    Ok(())
}
