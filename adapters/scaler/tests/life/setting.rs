//! What differs from run to run: the pool's policy, and how much goes wrong.

use std::time::Duration;

use model::Labels;
use scaler::{Hot, Policy, Stopped};
use scaler_lambda::ScaledPool;

use crate::chance::Chance;

pub const POOL: &str = "linux";
pub const GROUP: &str = "linux-runners";

/// What goes wrong, in times of a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A call to AWS is throttled, or its answer is lost.
    pub aws: u64,
    /// A call to GitHub is answered by 5xx, or its answer is lost.
    pub github: u64,
    /// GitHub limits whoever asks for a while.
    pub limits: u64,
    /// A sandbox dies before a call.
    pub crashes: u64,
    /// An event of `EventBridge` is never delivered.
    pub lost: u64,
    /// One comes twice, or late.
    pub repeated: u64,
    /// A webhook is lost.
    pub webhooks: u64,
    /// An instance dies, or hangs, at any point of its life.
    pub machines: u64,
    /// AWS takes a Spot instance back.
    pub spot: u64,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Setting {
    pub policy: Policy,
    pub faults: Faults,
    pub has_warm_pool: bool,
    pub jobs: u64,
    /// So long do jobs arrive and things go wrong.
    pub lasts: Duration,
}

impl Setting {
    pub fn of(chance: &mut Chance) -> Self {
        let mut often = |most: u64| chance.one(&[0, 0, most / 10, most / 3, most]);
        let faults = Faults {
            aws: often(150),
            github: often(200),
            limits: often(15),
            crashes: often(60),
            lost: often(300),
            repeated: often(300),
            webhooks: often(200),
            machines: often(200),
            spot: often(200),
        };
        let max = chance.from(1, 5);
        let has_warm_pool = chance.is(400);
        let stopped = match has_warm_pool {
            true => Stopped::Constant { instances: u32::try_from(chance.from(1, 2)).unwrap() },
            false => Stopped::None,
        };
        let policy = Policy {
            runners_max: u32::try_from(max).ok(),
            runners_min: u32::from(chance.is(150)),
            hot: if chance.is(200) { Hot::Flat { runners: 1 } } else { Hot::None },
            stopped,
            ..Policy::default()
        };
        Setting {
            policy,
            faults,
            has_warm_pool,
            jobs: chance.from(1, 5 * max),
            lasts: chance.secs(600, 2400),
        }
    }

    pub fn pool(&self) -> ScaledPool {
        ScaledPool {
            spot_group: None,
            name: POOL.into(),
            group: GROUP.into(),
            labels: Labels::new([POOL]),
            runner_group: None,
            policy: self.policy.clone(),
        }
    }

    pub fn max(&self) -> usize {
        self.policy.runners_max.unwrap_or(u32::MAX) as usize
    }

    /// Instances that are held without a job.
    pub fn held(&self) -> usize {
        let hot = matches!(self.policy.hot, Hot::Flat { .. });
        usize::from(hot || self.policy.runners_min > 0)
    }

    /// From the order of an instance to the limit of its hook and of its agent's patience.
    pub fn deadline(&self) -> Duration {
        self.policy.times.registration_deadline
    }
}
