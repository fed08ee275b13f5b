//! One delivery in process, as `cargo bench` measures it.

use std::error::Error;
use std::fs;

use serde_json::Value;

/// Microseconds for one real delivery on one thread, each with everything before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bench {
    pub(crate) hmac: f64,
    pub(crate) verify: f64,
    pub(crate) parse: f64,
    pub(crate) all: f64,
}

/// Runs the benchmark and reads the medians that criterion leaves beside it.
pub(crate) fn run() -> Result<Bench, Box<dyn Error>> {
    super::cargo(&["bench", "-p", "headroom-ingest", "--bench", "delivery"])?;
    Ok(Bench {
        hmac: median_us("HMAC-SHA256 alone")?,
        verify: median_us("verify")?,
        parse: median_us("verify and parse")?,
        all: median_us("verify, parse, route, EMF")?,
    })
}

fn median_us(name: &str) -> Result<f64, Box<dyn Error>> {
    let path = super::target()?.join("criterion/delivery").join(name).join("new/estimates.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let estimates: Value = serde_json::from_str(&text)?;
    let nanos = estimates["median"]["point_estimate"].as_f64().ok_or("there is no median")?;
    Ok(nanos / 1000.0)
}
