//! The tick function: looks at the queues, decides, and sets what it decided.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

use alarms::list::POOL_EXHAUSTED;
use aws::logs::{Printer, Stream};
use aws::{Alarms, AutoScaling, Aws, Mixed};
use lambda::Lines;
use model::catalogue::{PARAMETERS_ORPHANED, RUNNERS_ORPHANED};
use model::emf::{Record, summed};
use model::{Dimensions, Timestamp};
use scaler::ports::{Group, Trouble};
use scaler::{Decision, Levels, Memory, Occasion, summary};
use serde_json::{Value, json};

use crate::checkpoint::STREAM;
use crate::crew::{Crew, Member};
use crate::interruptions::Lately;
use crate::knowing::Knowing;
use crate::pace::Pace;
use crate::search::Searcher;
use crate::settings::{Mode, ScaledPool, Settings};
use crate::{Alarm, Checkpoint, Event, Registry, Rehearsal, Seat, Tidied, levels};

/// What is left of an invocation for its answer.
const ANSWER: Duration = Duration::from_millis(500);

/// A look waits so long for its pools before it tells what is known.
const LOOK_PATIENCE: Duration = Duration::from_secs(8);

/// Between two checkpoints.
const CHECKPOINT_EVERY: Duration = Duration::from_mins(5);

/// The tick function in one sandbox.
pub struct Tick {
    settings: Settings,
    aws: Aws,
    /// Deregisters runners, where that is ours to do.
    registry: Option<Registry>,
    /// Asks GitHub what no webhook told, where it may be asked.
    searcher: Option<Searcher>,
    alarms: Alarms,
    knowing: Knowing,
    crew: Crew,
    /// Of pools that were at work when the last checkpoint was made, what they knew before.
    memories: BTreeMap<String, Memory>,
    outlet: Outlet,
    clock: fn() -> Timestamp,
}

/// Where what was decided goes.
struct Outlet {
    lines: Lines,
    /// Not written yet.
    records: Vec<Record>,
    pools: BTreeMap<String, ScaledPool>,
    levels: BTreeMap<String, Levels>,
    /// What could not be read of the jobs, for all pools of a look.
    trouble: Option<Trouble>,
    looks: usize,
    troubles: usize,
}

impl Tick {
    /// Knows nothing yet.
    pub fn new(settings: Settings, aws: &Aws, lines: Lines, clock: fn() -> Timestamp) -> Self {
        let knowing = Knowing::new(aws, &settings);
        let pools = settings.pools.iter().map(|pool| (pool.name.clone(), pool.clone())).collect();
        let registry = settings.github.clone().map(|github| Registry::new(github, aws));
        let github = settings.github.clone();
        let searcher = github.map(|github| Searcher::new(github, &settings, aws));
        Tick {
            searcher,
            alarms: Alarms::of(aws),
            aws: aws.clone(),
            crew: crew(&settings, aws, registry.as_ref(), &knowing, BTreeMap::new(), clock),
            registry,
            knowing,
            memories: BTreeMap::new(),
            outlet: Outlet {
                lines,
                records: Vec::new(),
                pools,
                levels: BTreeMap::new(),
                trouble: None,
                looks: 0,
                troubles: 0,
            },
            settings,
            clock,
        }
    }

    /// Does what an event asks for; `deadline` is when Lambda ends the invocation.
    ///
    /// # Errors
    /// When it is none of its events.
    pub fn handle(&mut self, event: Event, deadline: Timestamp) -> Result<Value, String> {
        (self.outlet.looks, self.outlet.troubles) = (0, 0);
        match event {
            Event::Ping => {}
            Event::Schedule => self.scheduled(deadline),
            Event::Lines(lines) => {
                self.begin((self.clock)());
                let pools = self.knowing.take(lines.iter().map(String::as_str));
                // That one fires no longer may have been told to another sandbox.
                if self.crew.is_alarmed() {
                    self.see_alarms();
                }
                let pools = pools.intersection(&self.crew.pools()).cloned().collect();
                self.look(&pools, Occasion::Event);
            }
            Event::Alarm(alarm) => self.alarm(&alarm),
            Event::Hook(_) | Event::Spot { .. } | Event::Told { .. } | Event::Deleted { .. } => {
                return Err("an event of an instance was sent to the tick function; expected a \
                            schedule, lines of the webhook or an alarm"
                    .to_owned());
            }
        }
        self.settle(deadline);
        Ok(json!({ "looks": self.outlet.looks, "troubles": self.outlet.troubles }))
    }

    /// Looks at all pools, again and again until shortly before the deadline.
    fn scheduled(&mut self, deadline: Timestamp) {
        let all = self.crew.pools();
        let begun = (self.clock)();
        self.begin(begun);
        let mut pace = Pace::new((self.clock)(), self.settings.tick, deadline);
        loop {
            self.see_alarms();
            self.look(&all, Occasion::Schedule);
            self.checkpoint_if_due();
            self.tidy_if_due();
            let Some(due) = pace.next((self.clock)()) else { return };
            self.search(begun, due);
            std::thread::sleep(due.saturating_since((self.clock)()));
        }
    }

    fn alarm(&mut self, alarm: &Alarm) {
        let now = (self.clock)();
        self.begin(now);
        let is_of = |pool: &String| match &alarm.pool {
            Some(of) => of == pool,
            None => alarm.name.starts_with(&alarms::cloudwatch::name("", Some(pool))),
        };
        let pools: BTreeSet<String> = self.crew.pools().into_iter().filter(is_of).collect();
        for pool in &pools {
            if alarm.name == alarms::cloudwatch::name(POOL_EXHAUSTED, Some(pool)) {
                self.crew.alarm(pool, alarm.is_firing.then_some(now));
            }
        }
        self.look(&pools, Occasion::Event);
    }

    /// Where the sandbox is new, or slept for long, finds out where things stand.
    fn begin(&mut self, now: Timestamp) {
        if self.knowing.is_started() && !self.knowing.is_behind(now) {
            return;
        }
        match self.knowing.start(now) {
            Ok(memories) => {
                self.memories.clone_from(&memories);
                let clock = self.clock;
                let registry = self.registry.as_ref();
                self.crew =
                    crew(&self.settings, &self.aws, registry, &self.knowing, memories, clock);
            }
            Err(error) => {
                tracing::warn!(%error, "where things stand is not known; nothing is decided by it");
            }
        }
    }

    /// Alarms of which the event went to another sandbox.
    fn see_alarms(&mut self) {
        let name = |pool: &String| alarms::cloudwatch::name(POOL_EXHAUSTED, Some(pool));
        let names: Vec<(String, String)> =
            self.crew.pools().into_iter().map(|pool| (name(&pool), pool)).collect();
        let asked: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        match self.alarms.firing(&asked) {
            Ok(firing) => names
                .iter()
                .for_each(|(name, pool)| self.crew.alarm(pool, firing.get(name).copied())),
            Err(error) => tracing::warn!(%error, "how the alarms stand is not known"),
        }
    }

    fn look(&mut self, pools: &BTreeSet<String>, occasion: Occasion) {
        let now = (self.clock)();
        self.begin(now);
        let read = self.knowing.read(now);
        self.outlet.trouble =
            read.err().map(|error| Trouble::new("reading the log group of the webhook", error));
        let outlet = &mut self.outlet;
        let take = &mut |pool: &str, decision: Decision| outlet.publish(pool, decision);
        self.crew.look(pools, occasion, now, LOOK_PATIENCE, take);
        if occasion == Occasion::Schedule {
            let records = levels::of(&self.knowing.ledger(), self.outlet.pools.keys(), now);
            self.outlet.records.extend(records);
        }
        self.outlet.write(now);
    }

    /// Waits for those that are still at work: after the answer Lambda lets nobody work.
    fn settle(&mut self, deadline: Timestamp) {
        let left = deadline.minus(ANSWER).saturating_since((self.clock)());
        let outlet = &mut self.outlet;
        self.crew.gather(left, &mut |pool, decision| outlet.publish(pool, decision));
        self.outlet.write((self.clock)());
        if self.crew.is_at_work() {
            tracing::warn!("pools are still at work at the end of the invocation");
        }
    }

    fn checkpoint_if_due(&mut self) {
        let now = (self.clock)();
        let last = self.knowing.checkpointed_at();
        let is_due = last.is_none_or(|last| now.saturating_since(last) >= CHECKPOINT_EVERY);
        if !is_due || !self.knowing.is_started() {
            return;
        }
        // Memories first: what arrives between the two stands in the ledger, as not yet told.
        self.memories.extend(self.crew.memories());
        let jobs = self.knowing.ledger().kept();
        let checkpoint = Checkpoint { jobs, pools: self.memories.clone() };
        match self.write(&checkpoint, now) {
            Ok(()) => self.knowing.checkpointed(now),
            Err(error) => tracing::warn!(%error, "no checkpoint could be written"),
        }
    }

    /// Takes away what instances left behind that went without a word.
    fn tidy_if_due(&mut self) {
        let Some(registry) = self.registry.as_ref() else { return };
        if self.settings.mode == Mode::DryRun {
            return;
        }
        let now = (self.clock)();
        let Some(Tidied { parameters, runners, failed }) = registry.tidy_if_due(now) else {
            return;
        };
        if parameters + runners > 0 {
            tracing::warn!(parameters, runners, "taken away, since their instances are gone");
        }
        for (counter, n) in [(RUNNERS_ORPHANED, runners), (PARAMETERS_ORPHANED, parameters)] {
            if n > 0 {
                let n = u64::try_from(n).unwrap_or(u64::MAX);
                let record = Record::new(now, Dimensions::none()).with(counter.inc_by(n));
                self.outlet.records.push(record);
            }
        }
        if let Some(first) = failed.first() {
            let failed = failed.len();
            tracing::warn!(failed, %first, "some of what instances left behind is still there");
        }
    }

    /// Uses the time until the next look to find what no webhook told. That is no scaling, so it is
    /// done in a dry run too.
    fn search(&mut self, begun: Timestamp, until: Timestamp) {
        if let Some(searcher) = self.searcher.as_mut().filter(|_| self.knowing.is_started()) {
            let found = searcher.look(self.knowing.shared(), (begun, until), &self.clock);
            self.outlet.records.extend(found);
            self.outlet.records.extend(searcher.allowance((self.clock)()));
        }
    }

    fn write(&self, checkpoint: &Checkpoint, now: Timestamp) -> std::io::Result<()> {
        let group = self.settings.own_log_group.clone();
        let mut printer = Printer::new(&self.aws, Stream { group, name: STREAM.to_owned() });
        for line in checkpoint.lines(now)? {
            printer.write_all(line.as_bytes())?;
            printer.write_all(b"\n")?;
        }
        printer.flush()
    }
}

impl Outlet {
    /// Metrics, and words in the log.
    fn publish(&mut self, pool: &str, mut decision: Decision) {
        let Some(scaled) = self.pools.get(pool) else { return };
        decision.troubles.extend(self.trouble.clone());
        let now = Levels::of(&decision.snapshot, &scaled.policy);
        let before = self.levels.insert(pool.to_owned(), now).unwrap_or_default();
        self.records.extend(decision.records(&scaled.policy, before));
        self.looks += 1;
        self.troubles += decision.troubles.len();
        for trouble in &decision.troubles {
            tracing::warn!(pool, %trouble, "the scaler works with what it last knew");
        }
        if decision.is_news {
            let because = decision.plan.main_reason().map(ToString::to_string);
            let summary = summary(&decision.snapshot, &decision.plan, decision.is_real);
            tracing::info!(pool, summary, because, "decided");
        }
    }

    /// One line for each list of dimensions.
    fn write(&mut self, now: Timestamp) {
        let mut lines: BTreeMap<(Timestamp, Dimensions), Record> = BTreeMap::new();
        for Record { at, dimensions, points, .. } in summed(std::mem::take(&mut self.records), now)
        {
            let key = (at, dimensions.clone());
            let line = lines.entry(key).or_insert_with(|| Record::new(at, dimensions));
            line.points.extend(points);
        }
        let lines: Vec<Record> = lines.into_values().collect();
        if let Err(error) = self.lines.write(&lines, now) {
            tracing::error!(%error, "metrics are lost");
        }
    }
}

fn crew(
    settings: &Settings,
    aws: &Aws,
    registry: Option<&Registry>,
    knowing: &Knowing,
    known: BTreeMap<String, Memory>,
    clock: fn() -> Timestamp,
) -> Crew {
    let named = |name: &str| {
        let group = AutoScaling::named(aws, name);
        let group = match registry {
            Some(registry) => group.with_runners(Box::new(registry.clone())),
            None => group,
        };
        #[cfg(feature = "ec2")]
        let group = group.with_launches(Box::new(aws_ec2::Ec2::of(aws)));
        group
    };
    let member = |pool: &ScaledPool| {
        let group = named(&pool.group);
        let group: Box<dyn Group> = match &pool.spot_group {
            Some(spot) => {
                let lately = Lately::new(aws, &pool.name);
                Box::new(Mixed::new(group, named(spot), lately))
            }
            None => Box::new(group),
        };
        let group: Box<dyn Group> = match settings.mode {
            Mode::Act => group,
            Mode::DryRun => Box::new(Rehearsal::new(group, &pool.name)),
        };
        let jobs = Box::new(Seat::new(knowing.shared(), &pool.name));
        (pool.name.clone(), Member { policy: pool.policy.clone(), jobs, group })
    };
    Crew::new(settings.pools.iter().map(member).collect(), known, clock)
}
