//! The rules that are compared, by name. Each peer is modelled by what is publicly known of it;
//! what is not known is said beside it and taken from the same [`Setting`] for all.

mod busy_share;
mod caption;
mod fixed;
mod headroom;
mod idle;
mod naive;
mod name;
mod per_webhook;
mod proportional;
mod queued_and_running;
mod tracking;

use std::time::Duration;

use model::Timestamp;

pub use name::ContenderError;

use super::Setting;
use super::oracle::Foresight;
use crate::{Hot, Plan, Policy, Snapshot, Stopped, Times, Window};

/// A rule for scaling, with its parameters. Its text is its name: `idle-pool:10`.
#[derive(Clone, Debug, PartialEq)]
pub enum Contender {
    /// [`crate::plan`] with this policy.
    Headroom(Box<Policy>),
    /// An instance for each webhook.
    PerWebhook,
    /// The same, half a minute later.
    PerWebhookDelayed,
    /// An instance for each webhook, and so many idle ones from the start.
    IdlePool(u32),
    /// An instance for each webhook, from a stopped pool of a constant size.
    StoppedPool(u32),
    /// As many as are queued and running, with a cooldown.
    QueuedPlusRunning,
    /// As many as are assigned, and so many besides.
    AssignedPlusMin(u32),
    /// More when most are busy, less when few are.
    PercentageBusy,
    /// Idle ones in proportion to busy ones.
    LoadProportional,
    /// So many jobs per instance.
    TargetTracking(f64),
    /// Always so many.
    Static(u32),
    /// An instance for each job, and so many idle ones in office hours.
    OfficeHours(u32),
    /// A poll each minute that does not see what boots.
    NaiveMinute,
    /// Every instance ready in time.
    Oracle,
    /// Every instance prepared in time, and started by its job.
    WarmOracle,
}

/// How a contender comes to decide.
pub(super) enum Kind {
    /// It looks at the past.
    Looks(Box<dyn Scaler>),
    /// It knows the future.
    Foresees(Foresight),
}

/// What the world sees of a rule that looks at the past.
pub(super) trait Scaler {
    /// When it looks, and how its group works.
    fn cadence(&self, setting: &Setting) -> Cadence;

    /// A webhook says that a job was queued; `repeated`: it said so before.
    fn webhook(&mut self, _queued_at: Timestamp, _repeated: bool) {}

    /// What is to be done. The snapshot's outlook is the scaler's to fill.
    fn decide(&mut self, seen: &mut Snapshot) -> Plan;

    /// The last plan was written, or changed nothing.
    fn accepted(&mut self) {}
}

/// When a scaler looks, and how its group works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cadence {
    /// It knows of a job so long after it was queued.
    pub sees_after: Duration,
    /// It decides when it hears of a job.
    pub on_event: bool,
    /// It decides at multiples of this.
    pub every: Option<Duration>,
    /// What becomes of the place of an instance that left.
    pub replacement: Replacement,
}

/// What becomes of the place of an instance that left by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replacement {
    /// The desired capacity falls by one.
    Never,
    /// The desired capacity stays, so the group launches another one at once.
    AtOnce,
}

impl Contender {
    pub(super) fn kind(&self, setting: &Setting) -> Kind {
        let scaler: Box<dyn Scaler> = match *self {
            Contender::Oracle => return Kind::Foresees(Foresight::Boots),
            Contender::WarmOracle => return Kind::Foresees(Foresight::Prepares),
            Contender::Headroom(ref policy) => Box::new(headroom::Headroom::new(policy)),
            Contender::OfficeHours(k) => {
                Box::new(headroom::Headroom::new(&office_hours(k, setting)))
            }
            Contender::PerWebhook => Box::new(per_webhook::PerWebhook::new(Duration::ZERO, 0, 0)),
            Contender::PerWebhookDelayed => {
                Box::new(per_webhook::PerWebhook::new(per_webhook::DELAY, 0, 0))
            }
            Contender::IdlePool(k) => Box::new(per_webhook::PerWebhook::new(Duration::ZERO, k, 0)),
            Contender::StoppedPool(m) => {
                Box::new(per_webhook::PerWebhook::new(Duration::ZERO, 0, m))
            }
            Contender::QueuedPlusRunning => Box::<queued_and_running::WithCooldown>::default(),
            Contender::AssignedPlusMin(min) => Box::new(queued_and_running::PlusMin { min }),
            Contender::PercentageBusy => Box::<busy_share::BusyShare>::default(),
            Contender::LoadProportional => Box::new(proportional::Proportional),
            Contender::TargetTracking(target) => Box::new(tracking::Tracking::new(target)),
            Contender::Static(runners) => Box::new(fixed::Fixed { runners }),
            Contender::NaiveMinute => Box::new(naive::Naive),
        };
        Kind::Looks(scaler)
    }
}

/// Weekdays from 8 to 18, UTC: the level rule with a schedule, as terraform-aws-github-runner's
/// `idle_config` and similar settings of others are used.
fn office_hours(runners: u32, setting: &Setting) -> Policy {
    let window = Window { first_day: 0, last_day: 4, from_hour: 8, to_hour: 18, runners };
    Policy {
        hot: Hot::Schedule { otherwise: 0, windows: vec![window] },
        stopped: Stopped::None,
        times: Times {
            cold_start: setting.cold_start,
            warm_start: setting.warm_start,
            stopping: setting.stopping,
            ..Times::default()
        },
        stopped_cost: setting.stopped_cost,
        ..Policy::default()
    }
}

/// A plan without reasons: a peer does not give any.
fn unexplained(desired: u32, same_until: Option<Timestamp>) -> Plan {
    Plan { desired, spot: None, warm: None, remove: Vec::new(), because: Vec::new(), same_until }
}
