//! What was published since the process started, for `/metrics`, and what the rim observed between
//! two batches, for the store.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::emf::Record;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Point, Quantity, RollUp, Spec, Timestamp};

use crate::places::Places;

/// One series: a metric and the finest dimensions it is split by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    /// Which metric.
    pub spec: &'static Spec,
    /// Its dimension values.
    pub dimensions: Dimensions,
}

impl SeriesKey {
    /// The key under which `record` publishes `spec`; `None` when no roll-up publishes it.
    pub(crate) fn of(spec: &'static Spec, record: &Record, roll_ups: &[RollUp]) -> Option<Self> {
        let dimensions = record.dimensions.only(|d| spec.splits_by(d, roll_ups));
        spec.is_published(roll_ups).then_some(SeriesKey { spec, dimensions })
    }
}

/// Counts since the process started. Shared between the writer and the doors.
#[derive(Debug, Default)]
pub struct Meter {
    roll_ups: Vec<RollUp>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Where the sum of a series since the start is.
    keys: BTreeMap<SeriesKey, usize>,
    sums: Vec<Aggregate>,
    places: Places,
    /// By minute and dimensions.
    unsaved: BTreeMap<(Timestamp, Dimensions), Vec<Point>>,
}

impl Meter {
    /// Series kept for `/metrics`. Repositories beyond share the value `other`, so that memory does
    /// not grow with their number.
    pub const SERIES_MAX: usize = 10_000;

    /// Records of the rim kept until the next batch: some for each pool that is scaled, and one for
    /// each reason to refuse. Those of the same dimensions and minute merge; beyond the limit, as after an hour without a store, those of the same
    /// reason merge into a neighbouring minute.
    const UNSAVED_MAX: usize = 4096;

    /// For these roll-ups beside [`RollUp::Pool`].
    pub fn new(roll_ups: Vec<RollUp>) -> Self {
        Meter { roll_ups, inner: Mutex::default() }
    }

    /// Counts records that the store has made durable.
    pub(crate) fn saved<'a>(&self, records: impl IntoIterator<Item = &'a Record>) {
        let mut inner = self.lock();
        for record in records {
            inner.count(record, &self.roll_ups);
        }
    }

    /// Counts a record of the rim, such as a rejection, and keeps it for the next batch.
    pub fn observe(&self, record: Record) {
        let mut inner = self.lock();
        inner.count(&record, &self.roll_ups);
        inner.keep(record);
    }

    /// Hands over what the rim observed since the last call, by minute.
    pub(crate) fn take_unsaved(&self) -> Vec<Record> {
        let unsaved = std::mem::take(&mut self.lock().unsaved);
        let record = |((at, dimensions), points)| Record { points, ..Record::new(at, dimensions) };
        unsaved.into_iter().map(record).collect()
    }

    /// Takes back what could not be saved.
    pub(crate) fn give_back(&self, records: Vec<Record>) {
        let mut inner = self.lock();
        for record in records {
            inner.keep(record);
        }
    }

    /// Everything counted since the process started, in the order of the keys.
    pub fn since_start(&self) -> Vec<(SeriesKey, Aggregate)> {
        let inner = self.lock();
        let sum = |(key, place): (&SeriesKey, &usize)| (key.clone(), inner.sums[*place].clone());
        inner.keys.iter().map(sum).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds `more` to `known`; counters of the same metric become one, and of a level the latest counts.
fn add_points(known: &mut Vec<Point>, more: Vec<Point>) {
    for point in more {
        let same = known.iter_mut().find(|p| p.spec == point.spec);
        match (same, point.quantity) {
            (Some(Point { quantity: Quantity::Add(sum), .. }), Quantity::Add(n)) => *sum += n,
            (Some(Point { quantity: Quantity::Is(level), .. }), Quantity::Is(now)) => *level = now,
            (_, quantity) => known.push(Point { spec: point.spec, quantity }),
        }
    }
}

impl Inner {
    fn keep(&mut self, record: Record) {
        let mut key = (record.at.minute(), record.dimensions);
        let is_full = self.unsaved.len() >= Meter::UNSAVED_MAX;
        if is_full && !self.unsaved.contains_key(&key) {
            let Some(other) = self.unsaved.keys().rfind(|other| other.1 == key.1) else { return };
            key = other.clone();
        }
        add_points(self.unsaved.entry(key).or_default(), record.points);
    }

    fn count(&mut self, record: &Record, roll_ups: &[RollUp]) {
        let Inner { keys, sums, places, .. } = self;
        let known = places.of(&record.dimensions);
        for point in &record.points {
            let place = known.of(point.spec, || {
                let is_told = point.spec.is_in_prometheus();
                let key = SeriesKey::of(point.spec, record, roll_ups).filter(|_| is_told)?;
                let key = bounded(keys, key);
                Some(*keys.entry(key).or_insert_with(|| {
                    sums.push(Aggregate::default());
                    sums.len() - 1
                }))
            });
            if let Some(place) = place {
                sums[place].observe(&point.quantity);
            }
        }
    }
}

fn bounded(known: &BTreeMap<SeriesKey, usize>, key: SeriesKey) -> SeriesKey {
    let is_full = known.len() >= Meter::SERIES_MAX;
    if !is_full || key.dimensions.get(Dimension::Repository).is_none() || known.contains_key(&key) {
        return key;
    }
    SeriesKey { dimensions: key.dimensions.with(Dimension::Repository, "other"), ..key }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::catalogue::{DELIVERIES_REJECTED, JOB_EVENTS};

    #[test]
    fn a_flood_of_rejections_is_one_record_in_memory() {
        let meter = Meter::new(vec![]);
        for _ in 0..10 {
            meter.observe(rejection(0, "signature_wrong"));
        }
        assert_eq!(meter.since_start()[0].1.sum, 10);
        let unsaved = meter.take_unsaved();
        assert_eq!(
            (unsaved.len(), &unsaved[0].points[..]),
            (1, &[DELIVERIES_REJECTED.inc_by(10)][..])
        );
        assert!(meter.take_unsaved().is_empty());
    }

    fn rejection(minute: i64, reason: &str) -> Record {
        let by = Dimensions::none().with(Dimension::Reason, reason);
        Record::new(Timestamp::from_secs(minute * 60), by).with(DELIVERIES_REJECTED.inc())
    }

    #[test]
    fn a_long_outage_costs_minutes_but_no_counts() {
        let meter = Meter::default();
        let minutes = i64::try_from(Meter::UNSAVED_MAX).unwrap() + 500;
        for minute in 0..minutes {
            meter.observe(rejection(minute, "store_unavailable"));
            let unsaved = meter.take_unsaved();
            meter.observe(rejection(minute, "store_unavailable"));
            meter.give_back(unsaved);
        }
        let unsaved = meter.take_unsaved();
        assert_eq!(unsaved.len(), Meter::UNSAVED_MAX);
        let sums = unsaved.iter().map(|record| match record.points[..] {
            [Point { quantity: Quantity::Add(n), .. }] => n,
            _ => panic!("{record:?}"),
        });
        assert_eq!(sums.sum::<u64>(), 2 * minutes.unsigned_abs());
    }

    #[test]
    fn repositories_beyond_the_limit_share_one_series() {
        let meter = Meter::new(vec![RollUp::Repository]);
        for n in 0..Meter::SERIES_MAX + 50 {
            let by = Dimensions::none()
                .with(Dimension::Pool, "linux")
                .with(Dimension::Status, "queued")
                .with(Dimension::Repository, format!("octo/{n}"));
            meter.saved(&[Record::new(Timestamp::EPOCH, by).with(JOB_EVENTS.inc())]);
        }
        let counted = meter.since_start();
        assert_eq!(counted.len(), Meter::SERIES_MAX + 1);
        assert_eq!(counted.iter().map(|(_, a)| a.sum).sum::<u64>(), Meter::SERIES_MAX as u64 + 50);
    }
}
