//! What the owner of a pool asks for.

use std::time::Duration;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Spot, secs};

/// How one pool is to be scaled. The default is what a pool gets whose owner sets nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Members of the group at least.
    pub runners_min: u32,
    /// Members of the group at most; none: no limit.
    pub runners_max: Option<u32>,
    /// Members at most while the pool-exhaustion alarm holds; none: `runners_max`.
    pub runners_max_exhausted: Option<u32>,
    /// Running instances without a job that are held ready.
    pub hot: Hot,
    /// Stopped instances that are held ready.
    pub stopped: Stopped,
    /// How Spot instances are used, where the pool has a group of them; none: as by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
    /// How long instances take.
    pub times: Times,
    /// What a stopped instance costs, as a part of a running one: its disk.
    pub stopped_cost: f64,
    /// How long a surplus idle instance is kept; none: as long as a cold boot takes, for then
    /// keeping it has cost what another boot would.
    #[serde(with = "optional_secs")]
    pub idle_hold: Option<Duration>,
    /// Data older than this is no ground for a decision.
    #[serde(with = "secs")]
    pub data_age_max: Duration,
}

/// How long instances take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// From the order of an instance to its runner, without preparation.
    #[serde(with = "secs")]
    pub cold_start: Duration,
    /// From the order of an instance to its runner, where a stopped one is started.
    #[serde(with = "secs")]
    pub warm_start: Duration,
    /// From the end of the preparation of a stopped instance until it can be started.
    #[serde(with = "secs")]
    pub stopping: Duration,
    /// An instance without a runner after this is given up and replaced.
    #[serde(with = "secs")]
    pub registration_deadline: Duration,
}

/// How many running instances without a job are held ready.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hot {
    /// None: each queued job gets an instance, no more.
    #[default]
    None,
    /// Always so many.
    Flat {
        /// Instances.
        runners: u32,
    },
    /// So many by hour of the week.
    Schedule {
        /// Outside all windows.
        otherwise: u32,
        /// The first that fits decides.
        windows: Vec<Window>,
    },
    /// As many as the demand of one cold boot exceeds only with probability `1 - share`.
    Quantile {
        /// 0..1
        share: f64,
    },
    /// As many as are worth what they cost.
    Worthwhile {
        /// Seconds of an instance that one is ready to pay for a second of one job's wait.
        patience: f64,
    },
}

/// Hours of the week, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day, 0 is Monday.
    pub first_day: u8,
    /// Last day, included.
    pub last_day: u8,
    /// First hour of each of these days.
    pub from_hour: u8,
    /// The hour at which it ends, 24 at most.
    pub to_hour: u8,
    /// Instances.
    pub runners: u32,
}

/// How many stopped instances are held ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stopped {
    /// None.
    None,
    /// Always so many.
    Constant {
        /// Instances.
        instances: u32,
    },
    /// As many as are worth what they cost.
    Worthwhile {
        /// Seconds of an instance that one is ready to pay for a second of one job's wait.
        patience: f64,
    },
    /// As many as would have served this part of all past jobs without a cold boot.
    Share {
        /// 0..1
        share: f64,
    },
}

/// Seconds of an instance that one is ready to pay for a second of one job's wait, where nothing
/// better is known.
pub const PATIENCE: f64 = 12.0;

/// The part of all jobs that is to find a stopped instance. A little over 95 %, so that the
/// 95th percentile of the wait is a warm start.
pub const SHARE: f64 = 0.955;

impl Default for Policy {
    fn default() -> Self {
        Policy {
            runners_min: 0,
            runners_max: None,
            runners_max_exhausted: None,
            hot: Hot::None,
            stopped: Stopped::Share { share: SHARE },
            spot: None,
            times: Times::default(),
            stopped_cost: 0.025,
            idle_hold: None,
            data_age_max: Duration::from_mins(2),
        }
    }
}

impl Default for Times {
    /// Of an image that is not prepared much, on EC2.
    fn default() -> Self {
        Times {
            cold_start: Duration::from_mins(2),
            warm_start: Duration::from_secs(25),
            stopping: Duration::from_secs(30),
            registration_deadline: Duration::from_mins(5),
        }
    }
}

impl Policy {
    /// Members at most: more of them while the exhaustion alarm holds, if the owner said so.
    pub fn ceiling(&self, exhausted: bool) -> u32 {
        let usual = self.runners_max.unwrap_or(u32::MAX);
        let lifted = self.runners_max_exhausted.unwrap_or(usual).max(usual);
        if exhausted { lifted } else { usual }
    }

    /// How long a surplus idle instance is kept.
    pub fn idle_hold(&self) -> Duration {
        self.idle_hold.unwrap_or(self.times.cold_start)
    }

    /// How long a stopped instance is kept that is no longer wanted: until holding it has cost as
    /// much as preparing another one would (ski rental).
    pub fn stopped_hold(&self) -> Duration {
        let secs = self.times.cold_start.as_secs_f64() / self.stopped_cost.max(f64::MIN_POSITIVE);
        Duration::try_from_secs_f64(secs).map_or(HOLD_MAX, |hold| hold.min(HOLD_MAX))
    }
}

impl Window {
    /// Whether `at` lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        let (day, hour) = at.weekday_and_hour();
        (self.first_day..=self.last_day).contains(&day)
            && (self.from_hour..self.to_hour).contains(&hour)
    }
}

/// Nothing that is unwanted is kept for longer than a week, however cheap.
const HOLD_MAX: Duration = Duration::from_hours(7 * 24);

mod optional_secs {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Secs(#[serde(with = "super::secs")] Duration);

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub fn serialize<S: Serializer>(it: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        it.map(Secs).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Secs>::deserialize(from)?.map(|secs| secs.0))
    }
}
