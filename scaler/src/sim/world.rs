//! The events of a simulated world, in order of time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use model::{InstanceId, Timestamp};

use super::contender::{Memory, View};
use super::faults::{CANCELLED_WITHIN, Chance, RECONCILED_AFTER, REORDERED_BY_MAX};
use super::{Contender, Job, Outcome, Setting, TICK, Watch};
use crate::forecast::Model;
use crate::{Backlog, Fleet, Member, Occasion, Outlook, Plan, Snapshot, Source, State, Warm, plan};

/// Something that happens. At one instant: in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A stopped instance is prepared.
    Prepared(u64),
    /// An instance's runner is there.
    Online(u64),
    /// An instance's job is over.
    Over(u64),
    /// A spot instance is taken away.
    Interrupted(u64),
    /// A job that still waits is cancelled.
    Cancelled(u64),
    /// A webhook arrives; `heard` is what it is about.
    Webhook(u64),
    /// It is time to decide about what has arrived.
    Decide(u64),
    /// The scheduled look.
    Tick,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    number: u64,
    job: Job,
    /// Whether the contender knows of it.
    known: bool,
}

/// What the world knows of a member beside what the group shows; in the same order as the members.
#[derive(Clone, Copy, Debug)]
struct Machine {
    number: u64,
    billed_from: Timestamp,
    job: Option<Job>,
}

pub struct World<'a> {
    contender: &'a Contender,
    setting: &'a Setting,
    watch: Watch<'a>,
    model: Model,
    memory: Memory,
    chance: Chance,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    queue: VecDeque<Waiting>,
    machines: Vec<Machine>,
    /// What the contender sees; kept up to date instead of made anew.
    seen: Snapshot,
    preparing: VecDeque<u64>,
    /// Since when the number of stopped instances is what it is.
    stopped_since: Timestamp,
    measured_from: Timestamp,
    next_number: u64,
    /// When the next scheduled look is, and that it is not left out.
    tick_at: Option<Timestamp>,
    same_until: Option<Timestamp>,
    outcome: Outcome,
}

impl<'a> World<'a> {
    pub fn new(contender: &'a Contender, setting: &'a Setting, watch: Watch<'a>) -> Self {
        World {
            contender,
            setting,
            watch,
            model: Model::new(&setting.policy),
            memory: Memory::default(),
            chance: Chance::new(setting.seed),
            events: BinaryHeap::new(),
            queue: VecDeque::new(),
            machines: Vec::new(),
            seen: nothing(),
            preparing: VecDeque::new(),
            stopped_since: Timestamp::EPOCH,
            measured_from: Timestamp::EPOCH,
            next_number: 0,
            tick_at: None,
            same_until: None,
            outcome: Outcome::default(),
        }
    }

    pub fn run(mut self, mut jobs: impl Iterator<Item = Job>) -> Outcome {
        let mut next = jobs.next();
        let Some(first) = next else { return self.outcome };
        self.begin(first.queued_at);
        loop {
            let event_at = self.events.peek().map(|Reverse((at, _))| *at);
            match next {
                Some(job) if event_at.is_none_or(|at| job.queued_at <= at) => {
                    self.now(job.queued_at);
                    self.arrive(job);
                    next = jobs.next();
                }
                None if self.queue.is_empty() && !self.any_busy() => break,
                None if self.is_hopeless() => break,
                _ => {
                    let Some(Reverse((at, event))) = self.events.pop() else { break };
                    self.now(at);
                    self.happen(event);
                }
            }
        }
        self.end()
    }

    fn begin(&mut self, first: Timestamp) {
        self.now(first);
        self.measured_from = first.plus(self.setting.learn);
        self.stopped_since = first;
        self.set_warm(self.contender.stopped());
        if let Contender::IdlePool(idle) = self.contender {
            self.launch(*idle);
        }
        self.schedule_tick();
    }

    fn now(&mut self, at: Timestamp) {
        let at = at.max(self.seen.now);
        self.seen.now = at;
        self.seen.backlog.as_of = at;
        self.seen.fleet.as_of = at;
    }

    fn at(&mut self, delay: Duration, event: Event) {
        self.events.push(Reverse((self.seen.now.plus(delay), event)));
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    // ---- jobs

    fn arrive(&mut self, job: Job) {
        let faults = self.setting.faults;
        let number = self.number();
        self.queue.push_back(Waiting { number, job, known: false });
        let heard_after = match (self.chance.happens(faults.lost), faults.reordered) {
            (true, _) => RECONCILED_AFTER,
            (false, late) if self.chance.happens(late) => self.chance.part_of(REORDERED_BY_MAX),
            _ => Duration::ZERO,
        };
        match heard_after.is_zero() {
            true => self.hear(number),
            false => self.at(heard_after, Event::Webhook(number)),
        }
        if self.chance.happens(faults.duplicated) {
            self.at(heard_after + Duration::from_secs(1), Event::Webhook(number));
        }
        if self.chance.happens(faults.cancelled) {
            let after = self.chance.part_of(CANCELLED_WITHIN);
            self.at(after, Event::Cancelled(number));
        }
        self.assign();
    }

    /// A webhook of the job arrives: `headroom` knows a job that it knows.
    fn hear(&mut self, number: u64) {
        let mut is_news = false;
        if let Some(waiting) = self.queue.iter_mut().find(|waiting| waiting.number == number) {
            is_news = !waiting.known;
            waiting.known = true;
            self.seen.backlog.queued += u32::from(is_news);
        }
        if is_news && self.is_headroom() {
            self.model.arrived(self.seen.now);
        }
        let delay = self.contender.per_webhook(self.setting.webhook_delay);
        self.at(delay.unwrap_or(self.setting.webhook_delay), Event::Decide(number));
    }

    /// Gives waiting jobs to idle runners, the oldest first.
    fn assign(&mut self) {
        while !self.queue.is_empty() {
            let members = &self.seen.fleet.members;
            let Some(i) = members.iter().position(|member| member.state == State::Idle) else {
                return;
            };
            let Some(waiting) = self.queue.pop_front() else { return };
            self.start(i, waiting);
        }
    }

    fn start(&mut self, i: usize, waiting: Waiting) {
        let now = self.seen.now;
        self.seen.backlog.queued -= u32::from(waiting.known);
        self.seen.backlog.running += 1;
        let member = &mut self.seen.fleet.members[i];
        (member.state, member.since) = (State::Busy, now);
        self.bill_until_now(i);
        self.machines[i].job = Some(waiting.job);
        let number = self.machines[i].number;
        let job = waiting.job;
        if self.is_measured(job) {
            self.outcome.waited(now.saturating_since(job.queued_at), self.setting.slo);
            let boot = self.setting.policy.times.cold_start;
            self.outcome.oracle_secs += (job.duration + boot).as_secs_f64();
        }
        match self.chance.exponential(self.setting.faults.spot) {
            Some(life) if life < job.duration => self.at(life, Event::Interrupted(number)),
            _ => self.at(job.duration, Event::Over(number)),
        }
        self.touch();
    }

    fn is_measured(&self, job: Job) -> bool {
        job.queued_at >= self.measured_from
    }

    fn is_hopeless(&self) -> bool {
        let newest = self.queue.back().map(|waiting| waiting.job.queued_at);
        !self.any_busy() && newest.is_some_and(|at| at.plus(GIVEN_UP_AFTER) < self.seen.now)
    }

    fn any_busy(&self) -> bool {
        self.seen.backlog.running > 0
    }

    fn cancel(&mut self, number: u64) {
        let Some(i) = self.queue.iter().position(|waiting| waiting.number == number) else {
            return;
        };
        let Some(waiting) = self.queue.remove(i) else { return };
        self.seen.backlog.queued -= u32::from(waiting.known);
        self.outcome.cancelled += u64::from(self.is_measured(waiting.job));
        self.touch();
    }

    // ---- instances

    fn happen(&mut self, event: Event) {
        match event {
            Event::Prepared(number) => self.prepared(number),
            Event::Online(number) => self.online(number),
            Event::Over(number) => self.over(number),
            Event::Interrupted(number) => self.interrupted(number),
            Event::Cancelled(number) => self.cancel(number),
            Event::Webhook(number) => self.hear(number),
            Event::Decide(_) => self.decide_on_webhook(),
            // Another look was scheduled before this one, and has replaced it.
            Event::Tick if self.tick_at != Some(self.seen.now) => {}
            Event::Tick => self.tick(),
        }
    }

    fn launch(&mut self, instances: u32) {
        for _ in 0..instances {
            let faults = self.setting.faults;
            if self.chance.happens(faults.capacity) {
                continue;
            }
            let times = self.setting.policy.times;
            let boot = match self.seen.fleet.warm.stopped {
                0 => times.cold_start,
                _ => {
                    self.stop_billing_stock();
                    self.seen.fleet.warm.stopped -= 1;
                    times.warm_start
                }
            };
            let number = self.number();
            let now = self.seen.now;
            self.machines.push(Machine { number, billed_from: now, job: None });
            let id = InstanceId(format!("i-{number}"));
            self.seen.fleet.members.push(Member { id, state: State::Booting, since: now });
            if now >= self.measured_from {
                self.outcome.launches += 1;
                self.outcome.peak = self.outcome.peak.max(self.machines.len() as u64);
            }
            if !self.chance.happens(faults.boot_fails) {
                let boot = self.chance.jittered(boot, faults.boot_jitter);
                self.at(boot, Event::Online(number));
            }
        }
        self.refill();
        self.touch();
    }

    fn online(&mut self, number: u64) {
        if let Some(i) = self.place(number) {
            let member = &mut self.seen.fleet.members[i];
            (member.state, member.since) = (State::Idle, self.seen.now);
            self.touch();
            self.assign();
        }
    }

    fn over(&mut self, number: u64) {
        if let Some(i) = self.place(number) {
            self.seen.backlog.running -= 1;
            self.leave(i);
        }
    }

    /// Its job is queued anew and starts over; its wait was counted when it first started.
    fn interrupted(&mut self, number: u64) {
        let Some(i) = self.place(number) else { return };
        let job = self.machines[i].job;
        self.seen.backlog.running -= 1;
        self.leave(i);
        if let Some(job) = job {
            let number = self.number();
            let again = Job { queued_at: self.seen.now, ..job };
            self.queue.push_back(Waiting { number, job: again, known: false });
            self.hear(number);
            self.assign();
        }
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.machines.iter().position(|machine| machine.number == number)
    }

    /// Takes an instance out, which lowers the group by one.
    fn leave(&mut self, i: usize) {
        self.bill_until_now(i);
        let machine = self.machines.remove(i);
        self.seen.fleet.members.remove(i);
        self.seen.fleet.desired = count(self.machines.len());
        if machine.job.is_none() && self.seen.now >= self.measured_from {
            self.outcome.unused_launches += 1;
        }
        self.touch();
    }

    /// Whether it went: GitHub refuses to deregister a busy runner.
    fn remove(&mut self, id: &InstanceId) -> bool {
        let members = &self.seen.fleet.members;
        let found = members.iter().position(|member| member.id == *id);
        match found.filter(|i| members[*i].state != State::Busy) {
            Some(i) => {
                self.leave(i);
                true
            }
            None => false,
        }
    }

    fn remove_idle(&mut self, most: u32) {
        for _ in 0..most {
            let members = &self.seen.fleet.members;
            match members.iter().position(|member| member.state == State::Idle) {
                Some(i) => self.leave(i),
                None => return,
            }
        }
    }

    // ---- the stock

    fn set_warm(&mut self, size: u32) {
        self.seen.fleet.warm.size = size;
        self.refill();
        let Warm { stopped, preparing, .. } = self.seen.fleet.warm;
        let surplus = (stopped + preparing).saturating_sub(size);
        if surplus > 0 {
            // Those that are ready cost nothing more to drop; those in preparation are paid for.
            let dropped = surplus.min(stopped);
            self.stop_billing_stock();
            self.seen.fleet.warm.stopped -= dropped;
            for _ in dropped..surplus {
                self.preparing.pop_back();
                self.seen.fleet.warm.preparing -= 1;
            }
            self.touch();
        }
    }

    fn refill(&mut self) {
        let Warm { size, stopped, preparing } = self.seen.fleet.warm;
        for _ in (stopped + preparing)..size {
            let number = self.number();
            let times = self.setting.policy.times;
            self.preparing.push_back(number);
            self.seen.fleet.warm.preparing += 1;
            let boot = self.chance.jittered(times.cold_start, self.setting.faults.boot_jitter);
            if self.seen.now >= self.measured_from {
                self.outcome.preparations += 1;
                self.outcome.bill_secs += boot.as_secs_f64();
            }
            self.at(boot + times.stopping, Event::Prepared(number));
        }
    }

    fn prepared(&mut self, number: u64) {
        if let Some(i) = self.preparing.iter().position(|other| *other == number) {
            self.preparing.remove(i);
            self.stop_billing_stock();
            self.seen.fleet.warm.preparing -= 1;
            self.seen.fleet.warm.stopped += 1;
            self.touch();
        }
    }

    // ---- money

    /// Bills what an instance did without a job; its job is billed when it starts.
    fn bill_until_now(&mut self, i: usize) {
        let now = self.seen.now;
        let machine = &mut self.machines[i];
        let from = std::mem::replace(&mut machine.billed_from, now);
        let from = match machine.job {
            None => from.max(self.measured_from),
            Some(job) if job.queued_at >= self.measured_from => from,
            Some(_) => now,
        };
        self.outcome.bill_secs += now.saturating_since(from).as_secs_f64();
    }

    fn stop_billing_stock(&mut self) {
        let since = std::mem::replace(&mut self.stopped_since, self.seen.now);
        let held = self.seen.now.saturating_since(since.max(self.measured_from)).as_secs_f64();
        let stopped = f64::from(self.seen.fleet.warm.stopped);
        self.outcome.bill_secs += held * stopped * self.setting.policy.stopped_cost;
    }

    fn end(mut self) -> Outcome {
        self.stop_billing_stock();
        for i in 0..self.machines.len() {
            self.bill_until_now(i);
        }
        let left = self.queue.iter().filter(|waiting| self.is_measured(waiting.job)).count();
        self.outcome.unserved = left as u64;
        self.outcome
    }

    // ---- decisions

    fn is_headroom(&self) -> bool {
        matches!(self.contender, Contender::Headroom)
    }

    fn decide_on_webhook(&mut self) {
        if self.is_headroom() {
            self.decide(Occasion::Event);
        } else if self.contender.per_webhook(self.setting.webhook_delay).is_some()
            && !self.chance.happens(self.setting.faults.throttled)
        {
            self.launch(1);
            self.seen.fleet.desired = count(self.machines.len());
        }
    }

    fn tick(&mut self) {
        self.tick_at = None;
        if self.is_headroom() {
            self.decide(Occasion::Schedule);
        } else {
            let wanted = self.memory.wants(self.contender, self.view());
            let members = count(self.machines.len());
            if !self.chance.happens(self.setting.faults.throttled) {
                self.launch(wanted.saturating_sub(members));
                self.remove_idle(members.saturating_sub(wanted));
            }
        }
        self.schedule_tick();
    }

    fn view(&self) -> View {
        let of = |state| {
            count(self.seen.fleet.members.iter().filter(|member| member.state == state).count())
        };
        View {
            now: self.seen.now,
            queued: self.seen.backlog.queued,
            idle: of(State::Idle),
            busy: of(State::Busy),
            members: count(self.machines.len()),
        }
    }

    fn decide(&mut self, occasion: Occasion) {
        self.seen.occasion = occasion;
        self.seen.outlook = self.model.outlook(self.seen.now);
        let known = self.queue.iter().find(|waiting| waiting.known);
        self.seen.backlog.oldest_queued_at = known.map(|waiting| waiting.job.queued_at);
        let plan = plan(&self.seen, &self.setting.policy);
        (self.watch)(&self.seen, &plan);
        if occasion == Occasion::Schedule {
            self.same_until = Some(plan.same_until.unwrap_or(NEVER));
        }
        if !self.chance.happens(self.setting.faults.throttled) {
            self.apply(&plan);
        }
    }

    fn apply(&mut self, plan: &Plan) {
        let mut refused = 0;
        for removal in &plan.remove {
            refused += u32::from(!self.remove(&removal.id));
        }
        if let Some(size) = plan.warm.filter(|size| *size != self.seen.fleet.warm.size) {
            self.set_warm(size);
        }
        let desired = plan.desired + refused;
        let members = count(self.machines.len());
        if desired > members {
            self.launch(desired - members);
        }
        self.seen.fleet.desired = desired.max(members);
    }

    /// Facts changed: the next scheduled look is not left out.
    fn touch(&mut self) {
        if self.is_headroom() {
            self.same_until = None;
            self.schedule_tick_at(next_tick(self.seen.now, TICK));
        }
    }

    fn schedule_tick(&mut self) {
        let now = self.seen.now;
        match (self.contender.period(), self.is_headroom()) {
            (Some(period), _) => self.schedule_tick_at(next_tick(now, period)),
            (None, true) => {
                let soonest = next_tick(now, TICK);
                let until = self.same_until.filter(|_| self.setting.skips).unwrap_or(soonest);
                self.schedule_tick_at(next_tick(until.minus(MILLI), TICK).max(soonest));
            }
            (None, false) => {}
        }
    }

    fn schedule_tick_at(&mut self, at: Timestamp) {
        if self.tick_at.is_none_or(|planned| at < planned) {
            self.tick_at = Some(at);
            self.events.push(Reverse((at, Event::Tick)));
        }
    }
}

/// Past every trace.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX / 2);

/// Jobs that got no runner this long after the last one was queued get none any more.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(48);

const MILLI: Duration = Duration::from_millis(1);

/// The next whole multiple of `period` after `now`.
fn next_tick(now: Timestamp, period: Duration) -> Timestamp {
    let period = i64::try_from(period.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis((now.as_millis().div_euclid(period) + 1) * period)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn nothing() -> Snapshot {
    let at = Timestamp::EPOCH;
    Snapshot {
        pool: "simulated".into(),
        now: at,
        occasion: Occasion::Schedule,
        backlog: Backlog {
            as_of: at,
            source: Source::Jobs,
            queued: 0,
            oldest_queued_at: None,
            ghosts: 0,
            running: 0,
        },
        fleet: Fleet { as_of: at, desired: 0, members: Vec::new(), warm: Warm::default() },
        outlook: Outlook::default(),
        exhausted_since: None,
    }
}
