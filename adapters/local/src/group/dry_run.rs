//! A group that sets nothing: it says what would be set, and counts as its members the runners that
//! are known to have a job, since idle ones cannot be seen from webhooks.

use std::collections::BTreeMap;

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Open, Trouble};
use scaler::{Capacity, Crowd, Fleet, MEMBERS_TOLD_MAX, Member, Removal, State, Warm};

/// What would be done, in the log.
#[derive(Debug, Default)]
pub struct DryRun {
    pool: String,
    /// How many have a job.
    members: u32,
    /// What would be held, so that the next thought starts from there.
    warm: u32,
}

impl DryRun {
    /// For this pool, as if `warm` stopped instances were held already.
    pub fn new(pool: &str, warm: u32) -> Self {
        DryRun { pool: pool.to_owned(), members: 0, warm }
    }
}

impl Group for DryRun {
    #[expect(clippy::cast_possible_truncation, reason = "a few dozen")]
    fn names_max(&self) -> u32 {
        MEMBERS_TOLD_MAX as u32
    }

    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        // GitHub may reuse a name within a moment, and a job may lack one.
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        let members = open.busy.iter().map(|busy| {
            let times = names.entry(busy.runner.as_str()).or_default();
            *times += 1;
            let id = match *times {
                1 if !busy.runner.is_empty() => busy.runner.clone(),
                n => format!("{}#{n}", busy.runner),
            };
            Member { id: InstanceId(id), state: State::Busy, since: busy.since, is_spot: false }
        });
        let members: Vec<Member> = members.collect();
        let told = u32::try_from(members.len()).unwrap_or(u32::MAX);
        self.members = open.backlog.running.max(told);
        // Those that have their job for longest are told, so the others began after them.
        let others = members.last().filter(|_| self.members > told).map(|last| Crowd {
            state: State::Busy,
            instances: self.members - told,
            since: last.since,
        });
        let crowds = others.into_iter().collect();
        let warm = Warm { size: self.warm, stopped: 0, preparing: 0 };
        Ok(Fleet {
            as_of: now,
            desired: self.members,
            members,
            crowds,
            warm,
            spot: None,
            registering: 0,
        })
    }

    fn desired(&mut self, _now: Timestamp) -> Result<Capacity, Trouble> {
        Ok(Capacity::of(self.members))
    }

    fn set_desired(&mut self, desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        let desired = desired.total();
        tracing::debug!(pool = self.pool, desired, "would set the desired capacity");
        Ok(())
    }

    fn set_warm(&mut self, size: u32, _now: Timestamp) -> Result<(), Trouble> {
        tracing::debug!(pool = self.pool, size, "would set the stopped pool");
        self.warm = size;
        Ok(())
    }

    fn remove(&mut self, removal: &Removal, _now: Timestamp) -> Result<bool, Trouble> {
        tracing::debug!(pool = self.pool, instance = %removal.id, "would remove");
        Ok(false)
    }

    fn interrupted(&mut self) -> Vec<InstanceId> {
        Vec::new()
    }

    fn is_real(&self) -> bool {
        false
    }
}
