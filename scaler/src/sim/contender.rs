//! Who decides in the simulated world: `headroom`, its peers, and two who know the future.
//!
//! A peer is modelled by its published behaviour; what is not published is a named constant here
//! and stated in [`Contender::caption`].

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::Timestamp;

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contender {
    /// The real plan, with the policy of the setting.
    Headroom,
    /// One instance for each webhook.
    PerWebhook,
    /// One instance for each webhook, 30 s later: terraform-aws-github-runner as shipped.
    PerWebhookDelayed,
    /// One instance for each webhook, and so many idle ones besides.
    IdlePool(u32),
    /// One instance for each webhook, from so many stopped ones: a constant warm pool.
    StoppedPool(u32),
    /// Buildkite's agent scaler: desired = queued + running, every 10 s, cooldown 300 s.
    QueuedPlusRunning,
    /// ARC runner scale sets: desired = least + assigned jobs.
    AssignedPlusMin(u32),
    /// ARC's older metric: more when most are busy, fewer when most are idle.
    PercentageBusy,
    /// GitLab's autoscaler: spare capacity in proportion to what is in use.
    LoadProportional,
    /// An ASG's target tracking on queued jobs for each instance.
    TargetTracking(f64),
    /// Always so many.
    Static(u32),
    /// So many idle ones in office hours, one for each webhook always.
    OfficeHours(u32),
    /// A scaler that looks once a minute and does not see what boots.
    NaiveMinute,
    /// Knows the future: no wait and the least bill.
    Oracle,
    /// Knows the future: each job starts a prepared instance.
    WarmOracle,
}

/// A name that is no contender.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name:?} is no policy; expected {expected}")]
pub struct ContenderError {
    name: String,
    expected: &'static str,
}

const NAMES: &str = "headroom, per-webhook, per-webhook-delayed, idle-pool:K, stopped-pool:M, \
                     queued-plus-running, assigned-plus-min:K, percentage-busy, \
                     load-proportional, target-tracking:X, static:N, office-hours:K, \
                     naive-minute, oracle, warm-oracle or all";

impl FromStr for Contender {
    type Err = ContenderError;

    fn from_str(text: &str) -> Result<Self, ContenderError> {
        let error = |expected| ContenderError { name: text.to_owned(), expected };
        let (name, parameter) = match text.split_once(':') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (text, None),
        };
        let number = || {
            let number = parameter.and_then(|text| text.parse::<u32>().ok());
            number.ok_or_else(|| error("a whole number after the colon, as in idle-pool:10"))
        };
        let contender = match name {
            "idle-pool" => return number().map(Contender::IdlePool),
            "stopped-pool" => return number().map(Contender::StoppedPool),
            "assigned-plus-min" => return number().map(Contender::AssignedPlusMin),
            "static" => return number().map(Contender::Static),
            "office-hours" => return number().map(Contender::OfficeHours),
            "target-tracking" => {
                let target = parameter.and_then(|text| text.parse::<f64>().ok());
                let target = target.filter(|target| *target > 0.0 && target.is_finite());
                return target
                    .map(Contender::TargetTracking)
                    .ok_or_else(|| error("a number above 0, as in target-tracking:0.5"));
            }
            "headroom" => Contender::Headroom,
            "per-webhook" => Contender::PerWebhook,
            "per-webhook-delayed" => Contender::PerWebhookDelayed,
            "queued-plus-running" => Contender::QueuedPlusRunning,
            "percentage-busy" => Contender::PercentageBusy,
            "load-proportional" => Contender::LoadProportional,
            "naive-minute" => Contender::NaiveMinute,
            "oracle" => Contender::Oracle,
            "warm-oracle" => Contender::WarmOracle,
            _ => return Err(error(NAMES)),
        };
        match parameter {
            Some(_) => Err(error("this one without a colon")),
            None => Ok(contender),
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contender::Headroom => f.write_str("headroom"),
            Contender::PerWebhook => f.write_str("per-webhook"),
            Contender::PerWebhookDelayed => f.write_str("per-webhook-delayed"),
            Contender::IdlePool(k) => write!(f, "idle-pool:{k}"),
            Contender::StoppedPool(m) => write!(f, "stopped-pool:{m}"),
            Contender::QueuedPlusRunning => f.write_str("queued-plus-running"),
            Contender::AssignedPlusMin(k) => write!(f, "assigned-plus-min:{k}"),
            Contender::PercentageBusy => f.write_str("percentage-busy"),
            Contender::LoadProportional => f.write_str("load-proportional"),
            Contender::TargetTracking(x) => write!(f, "target-tracking:{x}"),
            Contender::Static(n) => write!(f, "static:{n}"),
            Contender::OfficeHours(k) => write!(f, "office-hours:{k}"),
            Contender::NaiveMinute => f.write_str("naive-minute"),
            Contender::Oracle => f.write_str("oracle"),
            Contender::WarmOracle => f.write_str("warm-oracle"),
        }
    }
}

/// `terraform-aws-github-runner` delays its queue by 30 s (its variable `delay_webhook_event`).
const DELAY: Duration = Duration::from_secs(30);
/// Buildkite's shipped template: between two scale-outs.
const COOLDOWN: Duration = Duration::from_mins(5);
/// ARC's defaults: busy share from which it grows and below which it shrinks, and by how much.
const BUSY: (f64, f64) = (0.8, 0.3);
const BUSY_FACTORS: (f64, f64) = (1.3, 0.7);
/// GitLab publishes no default: half as many idle as in use, one at least.
const SPARE_FACTOR: f64 = 0.5;
const SPARE_MIN: u32 = 1;
/// ASG target tracking: minutes above the target to grow, minutes below it to shrink.
const TRACKING_MINUTES: (u32, u32) = (3, 15);
/// The low alarm of target tracking stands a tenth below the target.
const TRACKING_SLACK: f64 = 0.9;
/// Office hours in UTC, Monday to Friday.
const OFFICE: std::ops::Range<u8> = 8..18;

impl Contender {
    /// Every contender with the parameters of the reference table.
    pub fn all() -> Vec<Contender> {
        use Contender as C;
        vec![
            C::Headroom,
            C::PerWebhook,
            C::PerWebhookDelayed,
            C::IdlePool(10),
            C::StoppedPool(20),
            C::QueuedPlusRunning,
            C::AssignedPlusMin(5),
            C::PercentageBusy,
            C::LoadProportional,
            C::TargetTracking(0.5),
            C::Static(20),
            C::OfficeHours(10),
            C::NaiveMinute,
            C::Oracle,
            C::WarmOracle,
        ]
    }

    /// What is assumed about it because nobody published it, in one sentence.
    pub fn caption(&self) -> Option<&'static str> {
        match self {
            Contender::QueuedPlusRunning => Some(
                "queued-plus-running: no buffer; idle instances beyond the queue leave at the \
                 next look.",
            ),
            Contender::AssignedPlusMin(_) => {
                Some("assigned-plus-min: looks every 10 s; a boot that fails is never given up.")
            }
            Contender::PercentageBusy => {
                Some("percentage-busy: 0.8 and 0.3, factors 1.3 and 0.7, each minute, 1 at least.")
            }
            Contender::LoadProportional => Some(
                "load-proportional: half as many spare as in use, 1 at least, looks every 10 s, \
                 blind to the queue.",
            ),
            Contender::TargetTracking(_) => Some(
                "target-tracking: 3 minutes above the target to grow in proportion, 15 minutes a \
                 tenth below it to shrink, 1 at least.",
            ),
            Contender::OfficeHours(_) => Some("office-hours: Monday to Friday, 8 to 18 UTC."),
            Contender::NaiveMinute => Some(
                "naive-minute: looks at whole minutes, launches what is queued less what is idle, \
                 takes idle ones away when nothing is queued.",
            ),
            _ => None,
        }
    }

    /// From a job's being queued until an instance is launched for it, where webhooks do that.
    pub(super) fn per_webhook(&self, usual: Duration) -> Option<Duration> {
        match self {
            Contender::PerWebhook
            | Contender::IdlePool(_)
            | Contender::StoppedPool(_)
            | Contender::OfficeHours(_) => Some(usual),
            Contender::PerWebhookDelayed => Some(usual + DELAY),
            _ => None,
        }
    }

    /// How many stopped instances it always holds.
    pub(super) fn stopped(&self) -> u32 {
        match self {
            Contender::StoppedPool(m) => *m,
            _ => 0,
        }
    }

    /// How often it looks.
    pub(super) fn period(&self) -> Option<Duration> {
        match self {
            Contender::QueuedPlusRunning
            | Contender::AssignedPlusMin(_)
            | Contender::LoadProportional => Some(super::TICK),
            Contender::PercentageBusy
            | Contender::TargetTracking(_)
            | Contender::Static(_)
            | Contender::OfficeHours(_)
            | Contender::NaiveMinute => Some(Duration::from_mins(1)),
            _ => None,
        }
    }
}

/// What a peer sees.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub now: Timestamp,
    pub queued: u32,
    pub idle: u32,
    pub busy: u32,
    /// Of all of them.
    pub members: u32,
}

/// What a peer remembers between two looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    grew_at: Option<Timestamp>,
    minutes_high: u32,
    minutes_low: u32,
}

impl Memory {
    /// How many members `contender` wants, having looked. Fewer than there are: only idle ones go.
    pub fn wants(&mut self, contender: &Contender, view: View) -> u32 {
        match contender {
            Contender::NaiveMinute => naive(view),
            Contender::QueuedPlusRunning => self.with_cooldown(view),
            Contender::AssignedPlusMin(least) => least + view.queued + view.busy,
            Contender::PercentageBusy => percentage(view),
            Contender::LoadProportional => view.busy + spare(view.busy),
            Contender::TargetTracking(target) => self.tracked(*target, view),
            Contender::Static(n) => *n,
            Contender::OfficeHours(idle) => office(*idle, view),
            _ => view.members,
        }
    }

    fn with_cooldown(&mut self, view: View) -> u32 {
        let wanted = view.queued + view.busy;
        let cooling = self.grew_at.is_some_and(|at| view.now.saturating_since(at) < COOLDOWN);
        if wanted > view.members && cooling {
            return view.members;
        }
        if wanted > view.members {
            self.grew_at = Some(view.now);
        }
        wanted
    }

    fn tracked(&mut self, target: f64, view: View) -> u32 {
        let members = view.members.max(1);
        let load = f64::from(view.queued) / f64::from(members);
        self.minutes_high = if load > target { self.minutes_high + 1 } else { 0 };
        self.minutes_low = if load < target * TRACKING_SLACK { self.minutes_low + 1 } else { 0 };
        let wanted = f64::from(members) * load / target;
        if self.minutes_high >= TRACKING_MINUTES.0 {
            self.minutes_high = 0;
            return ceil(wanted).max(members);
        }
        if self.minutes_low >= TRACKING_MINUTES.1 {
            return ceil(wanted).max(1).min(members);
        }
        members
    }
}

fn naive(view: View) -> u32 {
    match view.queued {
        0 => view.members - view.idle,
        queued => view.members + queued.saturating_sub(view.idle),
    }
}

fn percentage(view: View) -> u32 {
    let members = f64::from(view.members.max(1));
    let share = f64::from(view.busy) / members;
    if share >= BUSY.0 {
        ceil(members * BUSY_FACTORS.0)
    } else if share < BUSY.1 {
        ceil(members * BUSY_FACTORS.1).max(1)
    } else {
        view.members.max(1)
    }
}

fn spare(busy: u32) -> u32 {
    ceil(f64::from(busy) * SPARE_FACTOR).max(SPARE_MIN)
}

/// Webhooks keep the number of idle ones; only the hours raise and lower it.
fn office(idle: u32, view: View) -> u32 {
    let (day, hour) = view.now.weekday_and_hour();
    let open = day < 5 && OFFICE.contains(&hour);
    let spare = view.members.saturating_sub(view.busy + view.queued);
    match open {
        true => view.members + idle.saturating_sub(spare),
        false => view.members - spare.min(view.idle),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn ceil(x: f64) -> u32 {
    x.ceil() as u32
}
