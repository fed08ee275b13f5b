//! Why a plan is what it is: a closed list of reasons with their figures, and a word for each.

use serde::{Deserialize, Serialize};

/// One reason of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", deny_unknown_fields)]
pub enum Reason {
    /// What is known of the jobs is too old: nothing is changed.
    JobsTooOld {
        /// Its age.
        age_secs: u64,
        /// The age up to which it is used.
        limit_secs: u64,
    },
    /// What is known of the instances is too old: nothing is changed.
    FleetTooOld {
        /// Its age.
        age_secs: u64,
        /// The age up to which it is used.
        limit_secs: u64,
    },
    /// The state of jobs is stale and only series are fresh: nothing is lowered.
    SeriesOnly,
    /// More is asked for than stands ready or boots.
    QueueExceedsCapacity {
        /// Jobs that wait.
        queued: u32,
        /// Idle instances that are to be there besides.
        hot: u32,
        /// Instances that wait for a job.
        idle: u32,
        /// Instances that boot within their deadline.
        booting: u32,
        /// Instances that are ordered for the difference.
        launch: u32,
    },
    /// Jobs wait, but what is idle or boots is enough for them: none is started twice.
    CapacityOnItsWay {
        /// Jobs that wait.
        queued: u32,
        /// Instances that wait for a job.
        idle: u32,
        /// Instances that boot within their deadline.
        booting: u32,
    },
    /// Nothing waits and nothing is in surplus.
    Balanced {
        /// Instances with a job.
        busy: u32,
        /// Instances that wait for a job.
        idle: u32,
        /// Instances that boot.
        booting: u32,
    },
    /// More was wanted than may be.
    ClampedToMax {
        /// What was wanted.
        wanted: u32,
        /// What may be.
        max: u32,
    },
    /// Less was there than must be.
    RaisedToMin {
        /// What was wanted.
        wanted: u32,
        /// What must be.
        min: u32,
    },
    /// The pool-exhaustion alarm holds.
    Exhausted {
        /// For how long.
        for_secs: u64,
        /// The ceiling while it holds.
        ceiling: u32,
        /// The ceiling otherwise.
        usual: u32,
    },
    /// Instances have no runner after their deadline: they are removed, and others are ordered.
    BootOverdue {
        /// How many.
        instances: u32,
        /// The deadline.
        deadline_secs: u64,
    },
    /// The machines of instances are off or broken: they are removed.
    Gone {
        /// How many.
        instances: u32,
    },
    /// Instances whose job is over did not end by themselves: they are removed.
    LeavingTooLong {
        /// How many.
        instances: u32,
        /// How long an end may take.
        limit_secs: u64,
    },
    /// Instances whose job is over fill the ceiling: they are removed first.
    MakesRoom {
        /// How many.
        instances: u32,
    },
    /// New instances come from both markets, by the share that is to be Spot.
    LaunchesSplit {
        /// From On-Demand.
        on_demand: u32,
        /// From Spot.
        spot: u32,
    },
    /// Spot takes instances away: new ones are On-Demand for a while.
    SpotInterrupted {
        /// How many were taken away.
        instances: u32,
        /// How many are ordered.
        launch: u32,
        /// For how long that goes on.
        for_secs: u64,
    },
    /// Spot does not give what is ordered: new ones are On-Demand for a while.
    SpotShort {
        /// How many it did not give.
        missing: u32,
        /// How many are ordered.
        launch: u32,
        /// For how long that goes on.
        for_secs: u64,
    },
    /// On-Demand does not give what is ordered: new ones are Spot for a while.
    OnDemandShort {
        /// How many it did not give.
        missing: u32,
        /// How many are ordered.
        launch: u32,
        /// For how long that goes on.
        for_secs: u64,
    },
    /// Instances waited for a job for too long.
    IdleTooLong {
        /// How many are removed.
        instances: u32,
        /// How long they may wait.
        hold_secs: u64,
    },
    /// Instances are idle, and are kept for a while because another boot would cost more.
    IdleHeld {
        /// How many.
        instances: u32,
        /// How long they may wait.
        hold_secs: u64,
    },
    /// A tick that was raised by an event does not lower: the next scheduled one will.
    OnlyRaises,
    /// Queued jobs past belief are left out.
    GhostsExcluded {
        /// How many.
        jobs: u32,
    },
    /// A job waits although an idle runner could take it: it may be a ghost, or its labels do not fit.
    GhostSuspected {
        /// Jobs that wait.
        queued: u32,
        /// Instances that wait for a job.
        idle: u32,
        /// How long the oldest job has waited.
        oldest_secs: u64,
    },
    /// The model has not seen enough: no stopped instances by it yet.
    StillLearning,
    /// The stopped pool grows.
    WarmPoolGrows {
        /// Its size now.
        from: u32,
        /// Its size to be.
        to: u32,
        /// How often a day the last of them is expected to be used.
        used_per_day: f64,
        /// How often a day it must be used to be worth its disk.
        worth_per_day: f64,
    },
    /// The stopped pool shrinks: some were not wanted for long enough.
    WarmPoolShrinks {
        /// Its size now.
        from: u32,
        /// Its size to be.
        to: u32,
        /// For how long it was not wanted.
        unwanted_secs: u64,
    },
    /// The stopped pool is larger than is wanted now, and is kept for a while.
    WarmPoolHeld {
        /// Its size.
        size: u32,
        /// What is wanted now.
        wanted: u32,
        /// How long surplus is held.
        hold_secs: u64,
    },
    /// The stopped pool is as large as it should be.
    WarmPoolFits {
        /// Its size.
        size: u32,
    },
    /// The owner fixed the size of the stopped pool.
    WarmPoolFixed {
        /// Its size now.
        from: u32,
        /// Its size to be.
        to: u32,
    },
    /// More stopped instances were wanted than could ever be started.
    WarmPoolClamped {
        /// What was wanted.
        wanted: u32,
        /// What could be started.
        max: u32,
    },
}

impl Reason {
    /// A word for it that does not change, for metrics and tables: the `reason` of its JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Reason::JobsTooOld { .. } => "jobs_too_old",
            Reason::FleetTooOld { .. } => "fleet_too_old",
            Reason::SeriesOnly => "series_only",
            Reason::QueueExceedsCapacity { .. } => "queue_exceeds_capacity",
            Reason::CapacityOnItsWay { .. } => "capacity_on_its_way",
            Reason::Balanced { .. } => "balanced",
            Reason::ClampedToMax { .. } => "clamped_to_max",
            Reason::RaisedToMin { .. } => "raised_to_min",
            Reason::Exhausted { .. } => "exhausted",
            Reason::BootOverdue { .. } => "boot_overdue",
            Reason::Gone { .. } => "gone",
            Reason::LeavingTooLong { .. } => "leaving_too_long",
            Reason::MakesRoom { .. } => "makes_room",
            Reason::LaunchesSplit { .. } => "launches_split",
            Reason::SpotInterrupted { .. } => "spot_interrupted",
            Reason::SpotShort { .. } => "spot_short",
            Reason::OnDemandShort { .. } => "on_demand_short",
            Reason::IdleTooLong { .. } => "idle_too_long",
            Reason::IdleHeld { .. } => "idle_held",
            Reason::OnlyRaises => "only_raises",
            Reason::GhostsExcluded { .. } => "ghosts_excluded",
            Reason::GhostSuspected { .. } => "ghost_suspected",
            Reason::StillLearning => "still_learning",
            Reason::WarmPoolGrows { .. } => "warm_pool_grows",
            Reason::WarmPoolShrinks { .. } => "warm_pool_shrinks",
            Reason::WarmPoolHeld { .. } => "warm_pool_held",
            Reason::WarmPoolFits { .. } => "warm_pool_fits",
            Reason::WarmPoolFixed { .. } => "warm_pool_fixed",
            Reason::WarmPoolClamped { .. } => "warm_pool_clamped",
        }
    }
}
