//! `/metrics`: the catalogue in Prometheus' text format.
//!
//! Counters and timings count since the process started, as Prometheus expects; levels are read
//! from the store. Names, types and help come from the catalogue.
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::Rejection;
use local::{PoolView, SeriesKey};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Spec, Unit, catalogue as c};

use super::{App, ask};

type Series = Vec<(Dimensions, Aggregate)>;

/// All families.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let pools = match ask(&app, |app| app.reader.pools(app.clock.now(), &[])).await {
        Ok(pools) => pools,
        Err(problem) => return problem,
    };
    let text = render(app.meter.since_start(), &pools);
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    (StatusCode::OK, [(header::CONTENT_TYPE, media_type)], text).into_response()
}

fn render(counted: Vec<(SeriesKey, Aggregate)>, pools: &[PoolView]) -> String {
    let mut families: BTreeMap<&'static str, Series> = BTreeMap::new();
    for (key, aggregate) in counted {
        families.entry(key.spec.name).or_default().push((key.dimensions, aggregate));
    }
    for (spec, series) in levels(pools) {
        families.insert(spec.name, series);
    }
    let mut out = String::new();
    for spec in c::ALL.iter().filter(|spec| spec.is_in_prometheus()) {
        let series = families.remove(spec.name).unwrap_or_default();
        family(spec, with_zeros(spec, series, pools), &mut out);
    }
    out
}

fn levels(pools: &[PoolView]) -> [(&'static Spec, Series); 3] {
    let of = |value: fn(&PoolView) -> u64| -> Series {
        let level = |pool: &PoolView| {
            let by = Dimensions::none().with(Dimension::Pool, pool.name.as_str());
            (by, Aggregate { samples: 1, last: value(pool), ..Aggregate::default() })
        };
        pools.iter().map(level).collect()
    };
    [
        (c::JOBS_WAITING.0, of(|pool| pool.waiting)),
        (c::OLDEST_WAITING_AGE.0, of(|pool| pool.oldest_waiting.map_or(0, |age| age.as_secs()))),
        (c::JOBS_RUNNING.0, of(|pool| pool.running)),
    ]
}

/// Counters that can be foreseen start at zero, so that their first increase is seen.
fn with_zeros(spec: &Spec, mut series: Series, pools: &[PoolView]) -> Series {
    let foreseen: Vec<Dimensions> = if spec == c::DELIVERIES_REJECTED.0 {
        let by = |reason| Dimensions::none().with(Dimension::Reason, reason);
        Rejection::REASONS.into_iter().map(by).collect()
    } else if spec.kind == Kind::Counter
        && spec.published.iter().all(|published| published.by == [Dimension::Pool])
    {
        let by = |pool: &PoolView| Dimensions::none().with(Dimension::Pool, pool.name.as_str());
        pools.iter().map(by).collect()
    } else if spec.kind != Kind::Level
        && spec.published.iter().all(|published| published.by.is_empty())
    {
        vec![Dimensions::none()]
    } else {
        Vec::new()
    };
    for dimensions in foreseen {
        if !series.iter().any(|(known, _)| *known == dimensions) {
            series.push((dimensions, Aggregate::default()));
        }
    }
    series.sort_by(|a, b| a.0.cmp(&b.0));
    series
}

fn family(spec: &Spec, series: Series, out: &mut String) {
    let name = spec.prometheus();
    let kind = match spec.kind {
        Kind::Counter => "counter",
        Kind::Level => "gauge",
        Kind::Timing => "histogram",
    };
    let help = spec.help.trim().replace('\\', "\\\\").replace('\n', " ");
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    for (dimensions, aggregate) in series {
        match spec.kind {
            Kind::Counter => sample(&name, &labels(&dimensions, None), aggregate.sum, out),
            Kind::Level => sample(&name, &labels(&dimensions, None), aggregate.last, out),
            Kind::Timing => timing(spec, &name, &dimensions, &aggregate, out),
        }
    }
}

fn timing(spec: &Spec, name: &str, by: &Dimensions, aggregate: &Aggregate, out: &mut String) {
    let per_second = match spec.unit {
        Unit::Milliseconds => 1000.0,
        Unit::Seconds | Unit::Count => 1.0,
    };
    let bucket = format!("{name}_bucket");
    for bound in spec.buckets() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounds are small and positive"
        )]
        let edge = (bound * per_second) as u64;
        let count = aggregate.histogram.as_ref().map_or(0, |h| h.count_up_to(edge));
        sample(&bucket, &labels(by, Some(&bound.to_string())), count, out);
    }
    sample(&bucket, &labels(by, Some("+Inf")), aggregate.samples, out);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a sum of durations beyond 2^53 is no longer read"
    )]
    let sum = aggregate.sum as f64 / per_second;
    sample(&format!("{name}_sum"), &labels(by, None), sum, out);
    sample(&format!("{name}_count"), &labels(by, None), aggregate.samples, out);
}

fn sample(name: &str, labels: &str, value: impl std::fmt::Display, out: &mut String) {
    let _ = writeln!(out, "{name}{labels} {value}");
}

fn labels(dimensions: &Dimensions, bound: Option<&str>) -> String {
    let escaped =
        |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<String> = dimensions
        .iter()
        .map(|(dimension, value)| format!("{}=\"{}\"", dimension.prometheus(), escaped(value)))
        .chain(bound.map(|bound| format!("le=\"{bound}\"")))
        .collect();
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_as_the_format_asks() {
        let by = Dimensions::none().with(Dimension::Pool, "a\"b\\c\nd");
        assert_eq!(labels(&by, None), r#"{pool="a\"b\\c\nd"}"#);
    }

    #[test]
    fn a_timing_is_a_cumulative_histogram_in_seconds() {
        let mut aggregate = Aggregate::default();
        for millis in [90, 100, 700, 400_000] {
            aggregate.observe(&model::Quantity::Took(millis));
        }
        let mut out = String::new();
        timing(c::DELIVERY_LAG.0, "lag_seconds", &Dimensions::none(), &aggregate, &mut out);
        for line in [
            "lag_seconds_bucket{le=\"0.1\"} 2",
            "lag_seconds_bucket{le=\"1\"} 3",
            "lag_seconds_bucket{le=\"+Inf\"} 4",
            "lag_seconds_sum 400.89",
            "lag_seconds_count 4",
        ] {
            assert!(out.lines().any(|l| l == line), "{line} is not in\n{out}");
        }
    }
}
