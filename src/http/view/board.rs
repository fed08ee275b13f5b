//! Answers the questions of a board from the store.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::rc::Rc;

use dashboards::board::{Board, Bound, By, Kind as Drawn, Line, Measure, Row, Widget};
use dashboards::panel::{Answer, Part, panel};
use dashboards::{BoardView, Content, Grid, HeatMap, Page, Picture, Section, Series, View};
use local::{PoolView, StoreError};
use model::catalogue::{DELIVERY_LAG, JOB_DURATION, JOB_WAIT};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Expr, Histogram, Kind, Query, Spec, Statistic, Timestamp};

use super::{App, alarms, as_f64, count};
use crate::bounds;

/// Parts in a chart and rows in a table: more cannot be told apart, or have a view of their own.
pub(super) const PARTS_MAX: usize = 4;
const ROWS_MAX: usize = 30;

/// Answers to questions about one stretch of time; what was asked once is kept.
pub(super) struct Answers<'a> {
    pub(super) app: &'a App,
    pub(super) view: &'a View,
    pub(super) grid: Grid,
    now_ms: i64,
    /// What lies before is unknown, not zero.
    known_ms: Option<i64>,
    /// All pools, the busiest first.
    busiest: Vec<String>,
    pub(super) asked: BTreeMap<Asked, Rc<Periods>>,
    /// Levels of all pools together.
    pub(super) totals: BTreeMap<&'static str, Rc<Periods>>,
}

pub(super) type Periods = Vec<(Timestamp, Aggregate)>;

/// A metric, of which values of its dimensions, and whether with its distribution.
pub(super) type Asked = (&'static str, Dimensions, bool);

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
            totals: BTreeMap::new(),
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
        let is_heat = widget.kind == Drawn::HeatMap;
        widget.lines.iter().map(|line| self.answer(line, is_heat, parts_max)).collect()
    }

    fn answer(
        &mut self,
        line: &Line,
        is_heat: bool,
        parts_max: usize,
    ) -> Result<Answer, StoreError> {
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
        let parts =
            filters.into_iter().map(|(name, filter)| self.part(line, is_heat, name, &filter));
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

    fn part(
        &mut self,
        line: &Line,
        is_heat: bool,
        name: String,
        filter: &Dimensions,
    ) -> Result<Part, StoreError> {
        if let Some(expr) = line.computed() {
            return self.computed(line, expr, name, filter);
        }
        let query = line.query();
        let is_level = query.spec.kind == Kind::Level;
        let is_spread = is_heat || is_of_distribution(query);
        let periods = self.asked(line, query, filter, is_spread)?;
        let value = |aggregate: &Aggregate| measured(line, aggregate);
        let mut series = self.on_grid(&periods, value);
        if query.spec.kind == Kind::Counter || line.measure == Measure::Hours {
            self.zero_where_known(&mut series);
        }
        let whole = match (is_level, line.measure) {
            (true, Measure::Plain) => periods.last().map(|(_, last)| as_f64(last.last)),
            _ => measured(line, &merged(&periods)),
        };
        let heat = (query.spec.kind == Kind::Timing && name.is_empty() && is_spread)
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
            told.push((query, self.asked(line, query, filter, is_of_distribution(query))?));
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
        is_spread: bool,
    ) -> Result<Rc<Periods>, StoreError> {
        let of_query = query.filter.iter();
        let filter = of_query.fold(chosen.clone(), |all, (by, value)| all.with(by, value));
        let total = line.by.iter().find_map(|by| match by {
            By::Total(dimension) => Some(*dimension),
            By::Chosen(_) | By::Each(_) => None,
        });
        match (total, query.spec.kind) {
            (Some(Dimension::Pool), Kind::Level) => self.total(query.spec),
            (Some(dimension), Kind::Counter) => self.added_up(query.spec, dimension, &filter),
            _ => self.ask(query.spec, filter, is_spread),
        }
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
        let mut heat = HeatMap { noun: counted(spec), ..HeatMap::empty(self.grid.len) };
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

/// What a timing is of, one of it.
fn counted(spec: &Spec) -> &'static str {
    match spec {
        _ if [JOB_WAIT.0, JOB_DURATION.0].contains(&spec) => "job",
        _ if spec == DELIVERY_LAG.0 => "event",
        _ => "boot",
    }
}

/// Whether it takes more than sums to answer.
fn is_of_distribution(query: &Query) -> bool {
    matches!(query.statistic, Statistic::Percentile(_) | Statistic::ShareUpTo(_))
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
