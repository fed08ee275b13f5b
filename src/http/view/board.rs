//! Answers the questions of a board from the store.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use dashboards::board::{Board, Bound, By, Kind as Drawn, Line, Measure, Row, Widget};
use dashboards::panel::{Answer, Part, panel};
use dashboards::{BoardView, Content, Grid, HeatMap, Page, Picture, Section, Series, View};
use local::{PoolView, StoreError};
use model::catalogue::{self as c, RUNNERS};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Expr, Histogram, Kind, Query, Spec, Statistic, Timestamp};

use super::{App, alarms, as_f64, count};
use crate::bounds;

/// Parts in a chart and rows in a table: more cannot be told apart, or have a view of their own.
const PARTS_MAX: usize = 4;
const ROWS_MAX: usize = 30;

/// Answers to questions about one stretch of time; what was asked once is kept.
pub(super) struct Answers<'a> {
    app: &'a App,
    view: &'a View,
    grid: Grid,
    now_ms: i64,
    /// What lies before is unknown, not zero.
    known_ms: Option<i64>,
    /// All pools, the busiest first.
    busiest: Vec<String>,
    asked: BTreeMap<(&'static str, Dimensions), Rc<Periods>>,
}

type Periods = Vec<(Timestamp, Aggregate)>;

/// A board as it is.
pub(super) fn content(app: &App, page: &Page, name: &str) -> Result<Content, StoreError> {
    let pools = app.reader.pools(Timestamp::from_millis(page.now_ms), &[])?;
    let mut answers = Answers::new(app, page, &pools)?;
    let board = Board::named(name).unwrap_or_else(|| unreachable!("{name} is a board"));
    Ok(Content::Board(BoardView {
        title: board.title.to_owned(),
        description: board.description.to_owned(),
        sections: answers.sections(&board.rows)?,
    }))
}

impl<'a> Answers<'a> {
    pub(super) fn new(
        app: &'a App,
        page: &'a Page,
        pools: &[PoolView],
    ) -> Result<Self, StoreError> {
        let mut busiest: Vec<&PoolView> = pools.iter().collect();
        busiest.sort_by_key(|pool| std::cmp::Reverse((pool.queued_total, pool.waiting)));
        let known = app.reader.first_minute()?;
        Ok(Answers {
            app,
            view: &page.view,
            grid: page.grid,
            now_ms: page.now_ms,
            known_ms: known.map(Timestamp::as_millis),
            busiest: busiest.into_iter().map(|pool| pool.name.clone()).collect(),
            asked: BTreeMap::new(),
        })
    }

    /// What rows of a board show; rows without a picture are left out.
    pub(super) fn sections(&mut self, rows: &[Row]) -> Result<Vec<Section>, StoreError> {
        let mut sections = Vec::with_capacity(rows.len());
        let bounds = self.bounds();
        for row in rows {
            let mut panels = Vec::with_capacity(row.widgets.len());
            for widget in &row.widgets {
                let answers = self.answers(widget)?;
                let mut panel = panel(widget, &answers, &bounds);
                if widget.kind == Drawn::AlarmStatus {
                    panel.picture =
                        Picture::Alarms(alarms::loud(self.app, self.view.pool.as_deref()));
                }
                panels.push(panel);
            }
            if !panels.is_empty() {
                sections.push(Section { title: row.title.to_owned(), panels });
            }
        }
        Ok(sections)
    }

    /// The thresholds of the alarms as they are for what is shown.
    fn bounds(&self) -> Vec<Bound> {
        let rules = self.app.watch.rules();
        match &self.view.pool {
            Some(pool) => bounds::of(rules.of_fleet().chain(rules.of_pool(pool))),
            None => bounds::of(rules.of_fleet().chain(rules.of_each_pool())),
        }
    }

    fn answers(&mut self, widget: &Widget) -> Result<Vec<Answer>, StoreError> {
        let parts_max = if widget.kind == Drawn::Table { ROWS_MAX } else { PARTS_MAX };
        widget.lines.iter().map(|line| self.answer(line, parts_max)).collect()
    }

    fn answer(&mut self, line: &Line, parts_max: usize) -> Result<Answer, StoreError> {
        let query = line.query();
        let mut filters = vec![(String::new(), Dimensions::none())];
        let mut left_out = 0;
        for by in &line.by {
            match by {
                By::Chosen(dimension) => {
                    let Some(chosen) = self.chosen(*dimension) else {
                        return Ok(Answer::default());
                    };
                    for (_, filter) in &mut filters {
                        *filter = filter.clone().with(*dimension, chosen.as_str());
                    }
                }
                By::Each(dimension) => {
                    let (values, more) = self.values(query, *dimension, parts_max)?;
                    left_out += more;
                    filters = split(&filters, *dimension, &values);
                }
                By::Total(_) => {}
            }
        }
        left_out += filters.len().saturating_sub(parts_max);
        filters.truncate(parts_max);
        let parts = filters.into_iter().map(|(name, filter)| self.part(line, name, &filter));
        Ok(Answer { parts: parts.collect::<Result<_, _>>()?, left_out })
    }

    fn chosen(&self, dimension: Dimension) -> Option<String> {
        match dimension {
            Dimension::Pool => self.view.pool.clone(),
            Dimension::Repository => self.view.repository.clone(),
            _ => None,
        }
    }

    /// The values of a dimension that are shown, and how many are not.
    fn values(
        &self,
        query: &Query,
        dimension: Dimension,
        parts_max: usize,
    ) -> Result<(Vec<String>, usize), StoreError> {
        let all: Vec<String> = match (dimension, &self.view.pool) {
            (Dimension::Pool, Some(pool)) => vec![pool.clone()],
            (Dimension::Pool, None) => self.busiest.clone(),
            _ => {
                let filter = match &self.view.pool {
                    Some(pool) if query.spec.splits_by(Dimension::Pool, &[]) => {
                        query.filter.clone().with(Dimension::Pool, pool.as_str())
                    }
                    _ => query.filter.clone(),
                };
                self.app.reader.values_of(query.spec, dimension, &filter)?.into_iter().collect()
            }
        };
        let more = all.len().saturating_sub(parts_max);
        Ok((all.into_iter().take(parts_max).collect(), more))
    }

    fn part(&mut self, line: &Line, name: String, filter: &Dimensions) -> Result<Part, StoreError> {
        if let Some(expr) = line.computed() {
            return self.computed(line, expr, name, filter);
        }
        let query = line.query();
        let is_level = query.spec.kind == Kind::Level;
        let periods = self.asked(line, query, filter)?;
        let value = |aggregate: &Aggregate| measured(line, aggregate);
        let mut series = self.on_grid(&periods, value);
        if query.spec.kind == Kind::Counter || line.measure == Measure::Hours {
            self.zero_where_known(&mut series);
        }
        let whole = match (is_level, line.measure) {
            (true, Measure::Plain) => periods.last().map(|(_, last)| as_f64(last.last)),
            _ => measured(line, &merged(&periods)),
        };
        let heat = (query.spec.kind == Kind::Timing && name.is_empty())
            .then(|| self.heat(query.spec, &periods));
        Ok(Part { name, series, whole, heat })
    }

    /// What is computed of several answers, step by step and over the whole time.
    fn computed(
        &mut self,
        line: &Line,
        expr: &Expr,
        name: String,
        filter: &Dimensions,
    ) -> Result<Part, StoreError> {
        let mut told: Vec<(&Query, Rc<Periods>)> = Vec::new();
        for query in expr.queries() {
            told.push((query, self.asked(line, query, filter)?));
        }
        let periods = |query: &Query| told.iter().find(|(known, _)| *known == query);
        let points = |query: &Query| -> Result<Vec<(Timestamp, f64)>, Infallible> {
            let counted = periods(query).into_iter().flat_map(|(_, periods)| periods.iter());
            Ok(counted.filter_map(|(at, a)| Some((*at, answered(query, a)?))).collect())
        };
        let Ok(values) = expr.series(points);
        let mut series = vec![None; self.grid.len];
        for (at, value) in values {
            if let Some(step) = self.grid.index_of(at.as_millis()) {
                series[step] = Some(value);
            }
        }
        let mut of_all = |query: &Query| answered(query, &merged(&periods(query)?.1));
        Ok(Part { name, series, whole: expr.value(&mut of_all), heat: None })
    }

    /// What a query of a line answers, under what it asks for itself and what was chosen besides.
    fn asked(
        &mut self,
        line: &Line,
        query: &Query,
        chosen: &Dimensions,
    ) -> Result<Rc<Periods>, StoreError> {
        let is_level = query.spec.kind == Kind::Level;
        if line.by.contains(&By::Total(Dimension::Pool)) && is_level {
            return Ok(Rc::new(self.of_all_pools(query.spec)?));
        }
        let of_query = query.filter.iter();
        let filter = of_query.fold(chosen.clone(), |all, (by, value)| all.with(by, value));
        self.periods(query.spec, &filter)
    }

    /// A metric under some dimensions, step by step.
    pub(super) fn periods(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
    ) -> Result<Rc<Periods>, StoreError> {
        if let Some(known) = self.asked.get(&(spec.name, filter.clone())) {
            return Ok(Rc::clone(known));
        }
        let [from, to] = [self.grid.start_ms, self.grid.end_ms()].map(Timestamp::from_millis);
        let step = Duration::from_millis(self.grid.step_ms.unsigned_abs());
        let mut periods = self.app.reader.aggregates(spec, filter, step, from, to)?;
        if is_told_when_zero(spec) {
            self.fill(&mut periods, filter)?;
        }
        let periods = Rc::new(periods);
        self.asked.insert((spec.name, filter.clone()), Rc::clone(&periods));
        Ok(periods)
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

    /// A level of all pools together.
    fn of_all_pools(&mut self, spec: &'static Spec) -> Result<Periods, StoreError> {
        let pools = match &self.view.pool {
            Some(pool) => vec![pool.clone()],
            None => self
                .app
                .reader
                .values_of(spec, Dimension::Pool, &Dimensions::none())?
                .into_iter()
                .collect(),
        };
        let mut sums: BTreeMap<Timestamp, Aggregate> = BTreeMap::new();
        for pool in pools {
            let filter = Dimensions::none().with(Dimension::Pool, pool);
            for (at, aggregate) in self.periods(spec, &filter)?.iter() {
                let sum = sums.entry(*at).or_default();
                sum.sum = sum.sum.saturating_add(aggregate.sum);
                sum.last = sum.last.saturating_add(aggregate.last);
                sum.max = sum.max.saturating_add(aggregate.max);
                sum.samples = sum.samples.max(aggregate.samples);
            }
        }
        Ok(sums.into_iter().collect())
    }

    fn on_grid(&self, periods: &Periods, value: impl Fn(&Aggregate) -> Option<f64>) -> Series {
        let mut series = vec![None; self.grid.len];
        for (at, aggregate) in periods {
            if let Some(step) = self.grid.index_of(at.as_millis()) {
                series[step] = value(aggregate);
            }
        }
        series
    }

    /// Nothing counted is zero, from the first minute that is known until now.
    fn zero_where_known(&self, series: &mut Series) {
        let Some(known_ms) = self.known_ms else { return };
        for (step, value) in series.iter_mut().enumerate() {
            let is_known =
                self.grid.at_ms(step + 1) > known_ms && self.grid.at_ms(step) <= self.now_ms;
            if is_known {
                value.get_or_insert(0.0);
            }
        }
    }

    fn heat(&self, spec: &Spec, periods: &Periods) -> HeatMap {
        let mut heat = HeatMap::empty(self.grid.len);
        let per_second = as_f64(spec.unit.per_second().unwrap_or(1));
        for (at, aggregate) in periods {
            let Some(step) = self.grid.index_of(at.as_millis()) else { continue };
            for (value, times) in aggregate.histogram.iter().flat_map(Histogram::buckets) {
                heat.add_many(step, as_f64(value) / per_second, count(times));
            }
        }
        heat
    }
}

/// Levels of the runners beside the desired one.
fn is_told_when_zero(spec: &Spec) -> bool {
    spec != c::RUNNERS_DESIRED.0 && RUNNERS.iter().any(|level| level.0 == spec)
}

/// Every filter with every value.
fn split(
    filters: &[(String, Dimensions)],
    dimension: Dimension,
    values: &[String],
) -> Vec<(String, Dimensions)> {
    let with = |(name, filter): &(String, Dimensions), value: &String| {
        let name = if name.is_empty() { value.clone() } else { format!("{name} · {value}") };
        (name, filter.clone().with(dimension, value.as_str()))
    };
    filters.iter().flat_map(|filter| values.iter().map(|value| with(filter, value))).collect()
}

/// Everything of a stretch together.
pub(super) fn merged(periods: &Periods) -> Aggregate {
    let mut whole = Aggregate::default();
    for (_, aggregate) in periods {
        whole.merge(aggregate);
    }
    whole
}

/// What a line makes of what was counted: things, seconds or hours.
fn measured(line: &Line, aggregate: &Aggregate) -> Option<f64> {
    /// A level counts once a minute.
    const MINUTES_AN_HOUR: f64 = 60.0;
    const SECONDS_AN_HOUR: f64 = 3600.0;
    let Query { spec, .. } = line.query();
    let per_second = spec.unit.per_second().map(as_f64);
    match (line.measure, spec.kind) {
        (Measure::Hours, Kind::Level) => {
            (aggregate.samples > 0).then(|| as_f64(aggregate.sum) / MINUTES_AN_HOUR)
        }
        (Measure::Hours, Kind::Counter | Kind::Timing) => (aggregate.samples > 0)
            .then(|| as_f64(aggregate.sum) / per_second.unwrap_or(1.0) / SECONDS_AN_HOUR),
        (Measure::Plain | Measure::Share, _) => answered(line.query(), aggregate),
    }
}

/// What a query makes of what was counted: things, seconds or per cent.
fn answered(query: &Query, aggregate: &Aggregate) -> Option<f64> {
    let value = aggregate.statistic(query.statistic)?;
    match (query.statistic, query.spec.unit.per_second()) {
        (Statistic::SampleCount | Statistic::ShareUpTo(_), _) | (_, None) => Some(value),
        (_, Some(per_second)) => Some(value / as_f64(per_second)),
    }
}
