//! The assumptions of an estimate: how large a fleet is and what its jobs do.
//!
//! Four numbers a team knows, the rest defaults that are stated. Rates come from a month of
//! [`DAYS_PER_MONTH`] days.

/// Days in the month of an estimate.
pub const DAYS_PER_MONTH: u64 = 30;

/// Hours in the month of an estimate.
pub const HOURS_PER_MONTH: u64 = DAYS_PER_MONTH * 24;

/// Minutes in the month of an estimate.
pub const MINUTES_PER_MONTH: u64 = HOURS_PER_MONTH * 60;

/// A fleet, by what decides its bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// Repositories that have jobs in a month.
    pub repositories: u64,
    /// Jobs that are queued on a day, averaged over the month.
    pub jobs_per_day: u64,
    /// Values of the `Pool` dimension, `unrouted` and `other` among them where they occur.
    pub pools: u64,
    /// Distinct job names in one repository, matrix jobs counted one by one.
    pub job_names_per_repository: u64,
    /// Jobs in one workflow run.
    pub jobs_per_run: u64,
    /// Hours of the month in which jobs happen, at most [`HOURS_PER_MONTH`].
    pub active_hours_per_month: u64,
    /// Jobs in a hundred that a deployment approval holds back first.
    pub approvals_percent: u64,
    /// Jobs in a hundred that end without ever having had a runner: skipped or cancelled.
    pub never_started_percent: u64,
    /// Months that log events are kept.
    pub months_kept: u64,
}

impl Fleet {
    /// Values of `Pool` where nothing else is said.
    pub const POOLS: u64 = 10;

    /// Job names in a repository where nothing else is said.
    pub const JOB_NAMES_PER_REPOSITORY: u64 = 20;

    /// Jobs in a run where nothing else is said.
    pub const JOBS_PER_RUN: u64 = 5;

    /// A fleet with jobs around the clock, logs kept for a month, and the other defaults.
    pub const fn new(repositories: u64, jobs_per_day: u64) -> Self {
        Fleet {
            repositories,
            jobs_per_day,
            pools: Fleet::POOLS,
            job_names_per_repository: Fleet::JOB_NAMES_PER_REPOSITORY,
            jobs_per_run: Fleet::JOBS_PER_RUN,
            active_hours_per_month: HOURS_PER_MONTH,
            approvals_percent: 1,
            never_started_percent: 5,
            months_kept: 1,
        }
    }

    /// Jobs in the month.
    pub fn jobs_per_month(&self) -> f64 {
        super::as_f64(self.jobs_per_day) * super::as_f64(DAYS_PER_MONTH)
    }

    /// How many jobs in one are held back by an approval.
    pub(super) fn held(&self) -> f64 {
        super::as_f64(self.approvals_percent.min(100)) / 100.0
    }

    /// How many jobs in one get a runner.
    pub(super) fn started(&self) -> f64 {
        1.0 - super::as_f64(self.never_started_percent.min(100)) / 100.0
    }

    /// How many runs there are for one job.
    pub(super) fn runs(&self) -> f64 {
        1.0 / super::as_f64(self.jobs_per_run.max(1))
    }

    /// Of `slots` evenly long stretches of the active hours, how many see at least one of
    /// `events`: the mean of a Poisson process.
    pub(super) fn occupied(&self, slots_per_hour: u64, events: f64) -> f64 {
        let hours = self.active_hours_per_month.min(HOURS_PER_MONTH);
        let slots = super::as_f64(hours * slots_per_hour);
        if slots > 0.0 { slots * -(-events / slots).exp_m1() } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_an_hour_is_seen_in_63_hours_of_a_hundred() {
        let fleet = Fleet { active_hours_per_month: 100, ..Fleet::new(1, 1) };
        for (events, hours) in [(0.0, 0.0), (1.0, 0.995), (100.0, 63.212), (1e9, 100.0)] {
            let seen = fleet.occupied(1, events);
            assert!((seen - hours).abs() < 0.001, "{events} events: {seen} hours");
        }
    }

    #[test]
    fn a_month_has_no_more_hours_than_a_month() {
        let fleet = Fleet { active_hours_per_month: 10_000, ..Fleet::new(1, 1) };
        assert!((fleet.occupied(1, 1e12) - 720.0).abs() < 1e-9);
        let never = Fleet { active_hours_per_month: 0, ..fleet };
        assert!(never.occupied(60, 5.0) < f64::EPSILON);
    }
}
