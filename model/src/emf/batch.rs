//! Sums the records of events that were taken in together.
//!
//! A record with properties is the line of one job event, from which history is read back: it stays
//! a line of its own, with its counters. What need not be told event by event (durations, and all
//! that has no properties) is summed by its dimensions: counters add up, durations become a
//! distribution. What stands alone stays where it is.

use std::collections::BTreeMap;

use crate::{Dimensions, Histogram, Kind, Point, Quantity, Spec, Timestamp};

use super::Record;

/// The points of one list of dimension values, each metric once.
type Points = BTreeMap<&'static str, Gathered>;

/// A metric's observations so far.
struct Gathered {
    spec: &'static Spec,
    observations: u64,
    quantity: Quantity,
}

/// The same observations in fewer and shorter lines, stamped `at`: the lines of events in their
/// order, then the sums by their dimensions.
pub fn summed(records: Vec<Record>, at: Timestamp) -> Vec<Record> {
    let mut sums: BTreeMap<Dimensions, Points> = BTreeMap::new();
    for record in &records {
        let points = sums.entry(record.dimensions.clone()).or_default();
        record
            .points
            .iter()
            .filter(|point| is_summed(record, point))
            .for_each(|p| gather(points, p));
    }
    let is_alone = |record: &Record, point: &Point| {
        let points = sums.get(&record.dimensions);
        points.and_then(|points| points.get(point.spec.name)).is_none_or(|g| g.observations == 1)
    };
    let mut told = Vec::with_capacity(records.len());
    for mut record in records {
        let points = std::mem::take(&mut record.points);
        let kept = points.into_iter().filter(|p| !is_summed(&record, p) || is_alone(&record, p));
        record.points = kept.collect();
        if !record.points.is_empty() {
            told.push(record);
        }
    }
    let sums = sums.into_iter().map(|(dimensions, points)| {
        let several = points.into_values().filter(|gathered| gathered.observations > 1);
        let points = several.map(|g| Point { spec: g.spec, quantity: g.quantity }).collect();
        Record { points, ..Record::new(at, dimensions) }
    });
    told.extend(sums.filter(|record| !record.points.is_empty()));
    told
}

/// A level is measured, not added up.
fn is_summed(record: &Record, point: &Point) -> bool {
    match point.spec.kind {
        Kind::Timing => true,
        Kind::Counter => record.properties.is_empty(),
        Kind::Level => false,
    }
}

fn gather(points: &mut Points, point: &Point) {
    let Some(gathered) = points.get_mut(point.spec.name) else {
        let quantity = match &point.quantity {
            Quantity::Took(duration) => Quantity::Distribution(Histogram::from_iter([*duration])),
            other => other.clone(),
        };
        points.insert(point.spec.name, Gathered { spec: point.spec, observations: 1, quantity });
        return;
    };
    gathered.observations += 1;
    match (&mut gathered.quantity, &point.quantity) {
        (Quantity::Add(sum), Quantity::Add(n)) => *sum += n,
        (Quantity::Distribution(all), Quantity::Took(duration)) => all.record(*duration),
        (Quantity::Distribution(all), Quantity::Distribution(more)) => all.merge(more),
        (sum, other) => unreachable!("a metric has one kind: {sum:?} and {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimension;
    use crate::catalogue::{DELIVERIES_REJECTED, DELIVERY_LAG, JOB_EVENTS};
    use crate::emf::Property;
    use std::time::Duration;

    const AT: Timestamp = Timestamp::from_secs(60);

    fn event(pool: &str, lag_ms: u64) -> Record {
        let by = Dimensions::none().with(Dimension::Pool, pool).with(Dimension::Status, "queued");
        let mut record = Record::new(AT, by)
            .with(JOB_EVENTS.inc())
            .with(DELIVERY_LAG.took(Duration::from_millis(lag_ms)));
        record.properties.push(("job_id", Property::Number(lag_ms)));
        record
    }

    fn rejected(reason: &str) -> Record {
        let by = Dimensions::none().with(Dimension::Reason, reason);
        Record::new(AT, by).with(DELIVERIES_REJECTED.inc())
    }

    #[test]
    fn events_keep_their_lines_and_counters_and_their_durations_are_one_distribution() {
        let told = summed(vec![event("a", 7), event("a", 9), event("a", 9)], AT);
        assert_eq!(told.len(), 4, "{told:#?}");
        for record in &told[..3] {
            assert_eq!(record.points, [JOB_EVENTS.inc()]);
            assert_eq!(record.properties.len(), 1);
        }
        let lags: Histogram = [7, 9, 9].into_iter().collect();
        let quantity = Quantity::Distribution(lags);
        assert_eq!(told[3].points, [Point { spec: DELIVERY_LAG.0, quantity }]);
        assert!(told[3].properties.is_empty() && told[3].dimensions == told[0].dimensions);
    }

    #[test]
    fn what_stands_alone_stays_where_it_is() {
        let records = vec![event("a", 7), event("b", 9), rejected("payload")];
        assert_eq!(summed(records.clone(), AT), records);
        assert_eq!(summed(vec![], AT), []);
    }

    #[test]
    fn counters_without_properties_add_up_by_their_dimensions() {
        let records = ["payload", "method", "payload"].map(rejected).to_vec();
        let told = summed(records, AT);
        let sums: Vec<_> = told.iter().map(|record| &record.points[0].quantity).collect();
        assert_eq!(sums, [&Quantity::Add(1), &Quantity::Add(2)]);
    }
}
