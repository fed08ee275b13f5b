//! What the store tells for a board: each question is put to it once.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use local::StoreError;
use model::catalogue::{self as c, RUNNERS};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Level, Spec, Timestamp};

use super::board::{Answers, PARTS_MAX, Periods};

impl Answers<'_> {
    /// The length of a step, and what the grid covers.
    fn stretch(&self) -> (Duration, Timestamp, Timestamp) {
        let [from, to] = [self.grid.start_ms, self.grid.end_ms()].map(Timestamp::from_millis);
        (Duration::from_millis(self.grid.step_ms.unsigned_abs()), from, to)
    }

    /// A metric under some dimensions, step by step.
    pub(super) fn periods(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
    ) -> Result<Rc<Periods>, StoreError> {
        self.ask(spec, filter.clone(), spec.kind == Kind::Timing)
    }

    pub(super) fn ask(
        &mut self,
        spec: &'static Spec,
        filter: Dimensions,
        is_spread: bool,
    ) -> Result<Rc<Periods>, StoreError> {
        let key = (spec.name, filter, is_spread);
        if let Some(known) = self.asked.get(&key) {
            return Ok(Rc::clone(known));
        }
        let (step, from, to) = self.stretch();
        let reader = &self.app.reader;
        let mut periods = match is_spread {
            true => reader.aggregates(spec, &key.1, step, from, to)?,
            false => reader.figures(spec, &key.1, step, from, to)?,
        };
        if is_told_when_zero(spec) {
            self.fill(&mut periods, &key.1)?;
        }
        let periods = Rc::new(periods);
        self.asked.insert(key, Rc::clone(&periods));
        Ok(periods)
    }

    /// A counter over all values of a dimension. Where these are few, each is asked for: a store
    /// knows the hours of what is published, and not of the sum of that.
    pub(super) fn added_up(
        &mut self,
        spec: &'static Spec,
        dimension: Dimension,
        filter: &Dimensions,
    ) -> Result<Rc<Periods>, StoreError> {
        let values = self.app.reader.values_of(spec, dimension, filter)?;
        if values.len() > PARTS_MAX * 2 {
            return self.periods(spec, filter);
        }
        let mut sums: BTreeMap<Timestamp, Aggregate> = BTreeMap::new();
        for value in values {
            for (at, counted) in self.periods(spec, &filter.clone().with(dimension, value))?.iter()
            {
                sums.entry(*at).or_default().merge(counted);
            }
        }
        Ok(Rc::new(sums.into_iter().collect()))
    }

    /// A level of the chosen pool, or of all pools together.
    pub(super) fn total(&mut self, spec: &'static Spec) -> Result<Rc<Periods>, StoreError> {
        if let Some(pool) = &self.view.pool {
            return self.periods(spec, &Dimensions::none().with(Dimension::Pool, pool.as_str()));
        }
        if let Some(known) = self.totals.get(spec.name) {
            return Ok(Rc::clone(known));
        }
        let (step, from, to) = self.stretch();
        let total = Rc::new(self.app.reader.total(Level(spec), step, from, to)?);
        self.totals.insert(spec.name, Rc::clone(&total));
        Ok(total)
    }

    /// In minutes in which the scaler ran and told nothing of a level, it was zero.
    fn fill(&mut self, periods: &mut Periods, filter: &Dimensions) -> Result<(), StoreError> {
        let told = self.periods(c::RUNNERS_DESIRED.0, filter)?;
        let mut known: BTreeMap<Timestamp, Aggregate> =
            std::mem::take(periods).into_iter().collect();
        for (at, desired) in told.iter() {
            let aggregate = known.entry(*at).or_default();
            if aggregate.samples < desired.samples {
                aggregate.samples = desired.samples;
            }
        }
        *periods = known.into_iter().collect();
        Ok(())
    }
}

/// Levels of the runners beside the desired one.
fn is_told_when_zero(spec: &Spec) -> bool {
    spec != c::RUNNERS_DESIRED.0 && RUNNERS.iter().any(|level| level.0 == spec)
}
