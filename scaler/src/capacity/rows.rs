//! Jobs by repository, workflow or runner group of a pool.

use model::capacity::{Prices, Row, Table};

use super::bins::Bins;
use super::grain::Grain;
use super::spend::Spend;
use super::{Name, Names};

/// Rows of a pool's table in the report; the rest are summed.
pub const ROWS_SHOWN_MAX: usize = 50;

/// Rows of all pools that are held while the data are read; a row takes a kilobyte or two.
pub(super) const ROWS_HELD_MAX: usize = 10_000;

/// What is counted for one row.
#[derive(Clone, Debug)]
pub(super) struct RowTally {
    pub(super) jobs: u64,
    pub(super) waits: Bins,
    pub(super) spend: Spend,
}

impl Default for RowTally {
    fn default() -> Self {
        RowTally { jobs: 0, waits: Bins::new(Grain::Coarse), spend: Spend::default() }
    }
}

impl RowTally {
    fn merge(&mut self, other: &RowTally) {
        self.jobs += other.jobs;
        self.waits.merge(&other.waits);
        self.spend.add(&other.spend);
    }

    fn row(&self, name: &str, slo_ms: u64, prices: &Prices, per_hour: Option<f64>) -> Row {
        Row {
            name: name.to_owned(),
            jobs: self.jobs,
            wait_secs: self.waits.wait(),
            within_slo: self.waits.within(slo_ms),
            runner_hours: self.spend.hours(),
            cost: self.spend.cost(prices, per_hour),
        }
    }
}

/// The rows of one pool, by the number of their name.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Where the row of a name lies, plus one; zero where it has none.
    places: Vec<u32>,
    rows: Vec<(Name, RowTally)>,
}

impl Rows {
    /// The row of a name; once `held` rows are, the common one. `held` counts those of all pools.
    pub(super) fn of(&mut self, name: Name, held: &mut usize) -> &mut RowTally {
        let has_room = *held < ROWS_HELD_MAX || name == Name::OTHER;
        let is_known = self.places.get(name.index()).is_some_and(|place| *place > 0);
        let name = if is_known || has_room { name } else { Name::OTHER };
        if name.index() >= self.places.len() {
            self.places.resize(name.index() + 1, 0);
        }
        let place = &mut self.places[name.index()];
        if *place == 0 {
            self.rows.push((name, RowTally::default()));
            *place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            *held += 1;
        }
        let place = *place as usize - 1;
        &mut self.rows[place].1
    }

    /// The table, the rows with the most jobs first.
    pub(super) fn table(
        mut self,
        names: &Names,
        slo_ms: u64,
        prices: &Prices,
        per_hour: Option<f64>,
    ) -> Table {
        // By name where jobs are equal, so that the order of the data does not matter.
        self.rows.sort_by(|(a, one), (b, two)| {
            let known = (*a == Name::OTHER).cmp(&(*b == Name::OTHER));
            let jobs = two.jobs.cmp(&one.jobs);
            known.then(jobs).then_with(|| names.name(*a).cmp(names.name(*b)))
        });
        let known = self.rows.iter().filter(|(name, _)| *name != Name::OTHER).count();
        let shown = known.min(ROWS_SHOWN_MAX);
        let rest = &self.rows[shown..];
        let mut other = RowTally::default();
        for (_, row) in rest {
            other.merge(row);
        }
        let row = |name: &str, tally: &RowTally| tally.row(name, slo_ms, prices, per_hour);
        Table {
            rows: self.rows[..shown]
                .iter()
                .map(|(name, tally)| row(names.name(*name), tally))
                .collect(),
            other: (!rest.is_empty()).then(|| row("(other)", &other)),
            others: rest.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_row_of_its_own_is_summed_and_nothing_is_lost() {
        let (mut names, mut rows, mut held) = (Names::new(80), Rows::default(), 0);
        for n in 0..100_u64 {
            let name = names.number(&format!("repo-{n:03}"));
            for wait in 0..=n {
                let row = rows.of(name, &mut held);
                row.jobs += 1;
                row.waits.record(wait * 1000, wait <= 30);
            }
        }
        let table = rows.table(&names, 30_000, &Prices::default(), None);
        assert_eq!(table.rows.len(), ROWS_SHOWN_MAX);
        assert_eq!((table.rows[0].name.as_str(), table.rows[0].jobs), ("repo-079", 80));
        let other = table.other.unwrap();
        assert_eq!(table.others, 31, "30 named ones and the common row");
        let jobs: u64 = table.rows.iter().map(|row| row.jobs).sum();
        assert_eq!(jobs + other.jobs, (1..=100).sum::<u64>());
        assert_eq!(other.wait_secs.known, other.jobs);
    }
}
