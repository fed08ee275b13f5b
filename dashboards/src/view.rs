//! What a reader looks at: a place, a stretch of time and a filter. Every view has an address, and
//! its links carry the stretch and the filter on.

use crate::link::Address;
use crate::{Grid, Range, utc};

/// One view of the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    /// What is shown.
    pub place: Place,
    /// Of which time.
    pub span: Span,
    /// Narrowed to this pool; `None` is all.
    pub pool: Option<String>,
    /// Narrowed to this repository (`owner/name`); `None` is all.
    pub repository: Option<String>,
    /// How its list is searched, sorted and turned over.
    pub listing: Listing,
}

/// What there is to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// All pools, or one.
    Overview,
    /// A list of jobs.
    Jobs,
    /// One job: GitHub's id, and the attempt if it is not the last.
    Job(u64, Option<u32>),
    /// What the scaler decided.
    Decisions,
    /// One decision: its pool, and when it was made.
    Decision(String, i64),
    /// How the alarms stand and stood.
    Alarms,
    /// How webhooks and scaler fare.
    Pipeline,
    /// What the runners were used for.
    Cost,
    /// What to do about an alarm.
    Runbook(String),
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// Up to now.
    Last(Range),
    /// From an instant until another, both in milliseconds since the Unix epoch.
    Between(i64, i64),
}

/// How a list is searched, sorted and turned over.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listing {
    /// Only what holds this text.
    pub search: Option<String>,
    /// By which column.
    pub sort: Sort,
    /// Which page of it, from 0.
    pub page: u32,
    /// Only jobs in this state.
    pub state: Option<JobFilter>,
    /// Only what is older than this instant, in milliseconds since the Unix epoch.
    pub before_ms: Option<i64>,
    /// Whether decisions that changed nothing are listed as well.
    pub everything: bool,
}

/// By which column the table of pools is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// The longest waiting job first, then the longest waits.
    #[default]
    Worst,
    /// By name.
    Name,
    /// Most jobs waiting first.
    Waiting,
    /// Most jobs running first.
    Running,
    /// The longest 95th percentile of the last day first.
    Wait,
    /// Most arrivals of the last day first.
    Arrivals,
}

/// Jobs of one kind of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobFilter {
    /// Without a runner.
    Waiting,
    /// On a runner.
    Running,
    /// Over.
    Done,
}

impl Span {
    /// Where it begins and ends, in milliseconds since the Unix epoch.
    pub fn bounds_ms(self, now_ms: i64) -> (i64, i64) {
        match self {
            Self::Last(range) => (now_ms.saturating_sub(range.duration_ms()), now_ms),
            Self::Between(from_ms, to_ms) => (from_ms, to_ms),
        }
    }

    /// Its steps.
    pub fn grid(self, now_ms: i64) -> Grid {
        match self {
            Self::Last(range) => Grid::ending_at(now_ms, range),
            Self::Between(from_ms, to_ms) => Grid::over(from_ms, to_ms),
        }
    }

    /// The words in a sentence: `last 24 hours`, `2026-11-20 08:00 to 2026-11-21 12:30`.
    pub fn phrase(self) -> String {
        match self {
            Self::Last(range) => range.phrase().to_owned(),
            Self::Between(from_ms, to_ms) => {
                format!("{} to {}", utc::minute(from_ms), utc::minute(to_ms))
            }
        }
    }

    /// Its length in milliseconds.
    pub fn duration_ms(self) -> i64 {
        let (from_ms, to_ms) = self.bounds_ms(0);
        to_ms.saturating_sub(from_ms)
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::Last(Range::default())
    }
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Worst, Self::Name, Self::Waiting, Self::Running, Self::Wait, Self::Arrivals];

    /// The word in the address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Worst => "worst",
            Self::Name => "name",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Wait => "wait",
            Self::Arrivals => "arrivals",
        }
    }

    /// The order of a `sort=` parameter.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.key() == key)
    }
}

impl JobFilter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Running, Self::Done];

    /// The word in the address and on the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
        }
    }

    /// The state of a `state=` parameter.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

impl Place {
    /// The path of its address.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Overview => "/".to_owned(),
            Self::Jobs => "/jobs".to_owned(),
            Self::Job(id, _) => format!("/jobs/{id}"),
            Self::Decisions => "/decisions".to_owned(),
            Self::Decision(..) => "/decision".to_owned(),
            Self::Alarms => "/alarms".to_owned(),
            Self::Pipeline => "/pipeline".to_owned(),
            Self::Cost => "/cost".to_owned(),
            Self::Runbook(name) => format!("/runbooks/{}", crate::link::encode(name)),
        }
    }
}

impl View {
    /// A place as it is first seen.
    pub fn of(place: Place) -> Self {
        View {
            place,
            span: Span::default(),
            pool: None,
            repository: None,
            listing: Listing::default(),
        }
    }

    /// Another place, with the same stretch and filter.
    pub(crate) fn at(&self, place: Place) -> Self {
        View { place, listing: Listing::default(), ..self.clone() }
    }

    /// The same of another stretch.
    pub(crate) fn over(&self, span: Span) -> Self {
        View {
            span,
            listing: Listing { before_ms: None, page: 0, ..self.listing.clone() },
            ..self.clone()
        }
    }

    /// The same narrowed to another pool, or to none.
    pub(crate) fn with_pool(&self, pool: Option<&str>) -> Self {
        View { pool: pool.map(str::to_owned), listing: Listing::default(), ..self.clone() }
    }

    /// The same narrowed to another repository, or to none.
    pub(crate) fn with_repository(&self, repository: Option<&str>) -> Self {
        let repository = repository.map(str::to_owned);
        View { repository, listing: Listing::default(), ..self.clone() }
    }

    /// The same with another list.
    pub(crate) fn listed(&self, listing: Listing) -> Self {
        View { listing, ..self.clone() }
    }

    /// Its address; what is left out is as it is first seen.
    pub fn address(&self) -> String {
        let mut address = Address::new(&self.place.path());
        for (name, value) in self.parameters() {
            address.add(name, &value);
        }
        address.finish()
    }

    /// What its address says beside the path.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        match &self.place {
            Place::Job(_, Some(attempt)) => all.push(("attempt", attempt.to_string())),
            Place::Decision(pool, at_ms) => {
                all.extend([("of", pool.clone()), ("at", at_ms.to_string())]);
            }
            _ => {}
        }
        match self.span {
            Span::Last(range) => all.push(("range", range.key().to_owned())),
            Span::Between(from_ms, to_ms) => {
                all.extend([("from", utc::input(from_ms)), ("to", utc::input(to_ms))]);
            }
        }
        let named = [("pool", &self.pool), ("repository", &self.repository)];
        all.extend(named.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        let Listing { search, sort, page, state, before_ms, everything } = &self.listing;
        all.extend(search.iter().map(|text| ("q", text.clone())));
        if *sort != Sort::default() {
            all.push(("sort", sort.key().to_owned()));
        }
        all.extend(state.iter().map(|state| ("state", state.key().to_owned())));
        if *page > 0 {
            all.push(("page", page.to_string()));
        }
        all.extend(before_ms.iter().map(|at| ("before", at.to_string())));
        if *everything {
            all.push(("all", "1".to_owned()));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux() -> View {
        View { pool: Some("a b&c=é".to_owned()), ..View::of(Place::Overview) }
    }

    #[test]
    fn a_pool_of_any_name_survives_the_address() {
        assert_eq!(View::of(Place::Overview).address(), "/?range=24h");
        assert_eq!(linux().address(), "/?range=24h&pool=a%20b%26c%3D%C3%A9");
    }

    #[test]
    fn stretch_and_filter_go_along_and_the_list_stays_behind() {
        let listing = Listing { search: Some("x".to_owned()), page: 3, ..Listing::default() };
        let view = linux().listed(listing).over(Span::Between(0, 90_000_000));
        assert_eq!(
            view.at(Place::Alarms).address(),
            "/alarms?from=1970-01-01T00%3A00&to=1970-01-02T01%3A00&pool=a%20b%26c%3D%C3%A9"
        );
        assert_eq!(view.at(Place::Job(7, Some(2))).parameters()[0], ("attempt", "2".to_owned()));
    }

    #[test]
    fn words_in_addresses_are_read_back() {
        for sort in Sort::ALL {
            assert_eq!(Sort::parse(sort.key()), Some(sort));
        }
        for state in JobFilter::ALL {
            assert_eq!(JobFilter::parse(state.key()), Some(state));
        }
    }
}
