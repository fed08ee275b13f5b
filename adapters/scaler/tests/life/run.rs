//! A run: Lambda and the world, from one happening to the next, until all has settled.
//!
//! Lambda tries an event that failed twice again, after one minute and after two more.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use scaler::Occasion;
use scaler_lambda::{Event, LEFT_ALONE, TIDY_EVERY};

use crate::functions;
use crate::group::At;
use crate::instance::Agent;
use crate::stage::{Said, Sandbox, Task};
use crate::world::{Happening, START, Tally, World};

/// Between two looks of the scheduled loop: rarer than in life, which decides nothing.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Tries of an event, the first among them.
const TRIES: u32 = 3;

/// The lifecycle function's time limit in the template, and the scheduled look's patience.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// When faults are over, all is as it should be within this and [`A_JOB_TAKES`] for each job that a
/// place of the pool still has to do. The longest way: a webhook that is delivered again after 20
/// minutes asks for an instance that hangs; it is not in GitHub's list for `LEFT_ALONE` and one
/// `TIDY_EVERY`, and the next one takes a boot.
const SETTLES_WITHIN: Duration = Duration::from_mins(75);

/// How long a parameter or a runner is there without an instance: it is seen by a round, left alone,
/// and taken away by the next round; each waits for a look.
const LEFT_MAX: Duration =
    LEFT_ALONE.saturating_add(TIDY_EVERY.saturating_mul(2)).saturating_add(Duration::from_mins(2));

/// A job and the boot of its instance, at most.
const A_JOB_TAKES: Duration = Duration::from_mins(12);

/// The sandboxes of the tick function: the scheduled loop's, one that a second schedule gets at the
/// same time, and one for lines.
const SCHEDULED: u64 = 0;
const SCHEDULED_TOO: u64 = 1;
const FOR_LINES: u64 = 2;
const FIRST_OF_LIFECYCLE: u64 = 3;

/// What a sandbox works on, for a second try.
type Work = Option<(Event, u32)>;

struct Run {
    world: Arc<Mutex<World>>,
    sandboxes: BTreeMap<u64, (Sandbox, Work)>,
    started: u64,
    invocations: u64,
}

/// What does not hold, and what led there where that was asked for.
pub struct Failure {
    pub claim: String,
    pub trace: Vec<String>,
}

/// Runs the world of that seed.
pub fn run(seed: u64, is_traced: bool) -> Result<Tally, Failure> {
    let world = Arc::new(Mutex::new(World::new(seed, is_traced)));
    let mut run =
        Run { world, sandboxes: BTreeMap::new(), started: FIRST_OF_LIFECYCLE, invocations: 0 };
    let claim = run.goes_on().err();
    for (_, (sandbox, _)) in std::mem::take(&mut run.sandboxes) {
        sandbox.end();
    }
    let mut world = run.world();
    match claim {
        None => Ok(world.tally),
        Some(claim) => {
            let claim = format!("{claim}\n  {:?}", world.setting);
            Err(Failure { claim, trace: world.trace.take().unwrap_or_default() })
        }
    }
}

impl Run {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn goes_on(&mut self) -> Result<(), String> {
        let mut settles_by = None;
        loop {
            let next = self.world().next().expect("there always is a next look");
            let is_look = matches!(next, Happening::Look(_));
            self.happens(next)?;
            let mut world = self.world();
            if is_look && world.is_calm() {
                world.nothing_is_left_for_long();
            }
            if let Some(claim) = &world.broken {
                return Err(claim.clone());
            }
            if !is_look || !world.is_calm() {
                continue;
            }
            let calm_at = START.plus(world.setting.lasts);
            let rest = world.github.open().count().div_ceil(world.setting.max());
            let rest = A_JOB_TAKES * u32::try_from(rest).unwrap();
            let by = *settles_by.get_or_insert(calm_at.plus(SETTLES_WITHIN + rest));
            match world.unsettled() {
                None => return Ok(()),
                Some(what) if world.now > by => return Err(format!("it never settles: {what}")),
                Some(_) => {}
            }
        }
    }

    fn happens(&mut self, what: Happening) -> Result<(), String> {
        match what {
            Happening::Look(by) => self.look(by),
            Happening::Invoked(event, tries) if functions::is_for_tick(&event) => {
                let Event::Lines(lines) = &event else { return Ok(()) };
                let task = Task::Lines(lines.clone());
                self.invoke(FOR_LINES, task, Some((event, tries)))
            }
            Happening::Invoked(event, tries) => {
                let free = |(_, (sandbox, _)): &(&u64, &(Sandbox, Work))| !sandbox.is_at_work;
                let mut lifecycle = self.sandboxes.range(FIRST_OF_LIFECYCLE..);
                let by = lifecycle.find(free).map(|(by, _)| *by);
                let by = by.unwrap_or_else(|| {
                    self.started += 1;
                    self.started
                });
                self.invoke(by, Task::Event(event.clone()), Some((event, tries)))
            }
            Happening::Resumed(by, invocation) => match self.sandboxes.get_mut(&by) {
                Some((sandbox, _)) if sandbox.invocation == invocation => {
                    let said = sandbox.go_on();
                    self.hears(by, said)
                }
                _ => Ok(()),
            },
            Happening::Killed(by, invocation) => {
                let is_it =
                    |sandbox: &Sandbox| sandbox.is_at_work && sandbox.invocation == invocation;
                if self.sandboxes.get(&by).is_some_and(|(sandbox, _)| is_it(sandbox)) {
                    self.dies(by);
                }
                Ok(())
            }
            other => {
                self.world().happens(other);
                Ok(())
            }
        }
    }

    fn look(&mut self, by: u64) -> Result<(), String> {
        if by == SCHEDULED {
            let mut world = self.world();
            world.after(LOOK_EVERY, Happening::Look(SCHEDULED));
            let faults = world.faults;
            if world.chance.is(faults.repeated / 3) {
                world.after(Duration::from_millis(100), Happening::Look(SCHEDULED_TOO));
            }
        }
        self.invoke(by, Task::Look(Occasion::Schedule), None)
    }

    /// The scheduled loop does one look at a time, and so does a sandbox for lines.
    fn invoke(&mut self, by: u64, task: Task, work: Work) -> Result<(), String> {
        if self.sandboxes.get(&by).is_some_and(|(sandbox, _)| sandbox.is_at_work) {
            if let Some((event, tries)) = work {
                let again = Happening::Invoked(event, tries);
                self.world().after(Duration::from_secs(1), again);
            }
            return Ok(());
        }
        let world = Arc::clone(&self.world);
        let (sandbox, kept) = self.sandboxes.entry(by).or_insert_with(|| {
            let setting = world.lock().unwrap().setting.clone();
            let sandbox = match by {
                FIRST_OF_LIFECYCLE.. => {
                    Sandbox::start(&world, move |line| functions::lifecycle(line, &setting))
                }
                _ => Sandbox::start(&world, move |line| functions::tick(line, &setting)),
            };
            (sandbox, None)
        });
        *kept = work;
        self.invocations += 1;
        let invocation = self.invocations;
        let said = sandbox.begin(invocation, task);
        self.world().after(TIME_LIMIT, Happening::Killed(by, invocation));
        self.hears(by, said)
    }

    fn hears(&mut self, by: u64, said: Said) -> Result<(), String> {
        match said {
            Said::Waits => {
                let invocation = self.sandboxes[&by].0.invocation;
                let mut world = self.world();
                let faults = world.faults;
                if world.chance.is(faults.crashes) {
                    drop(world);
                    self.dies(by);
                    return Ok(());
                }
                let is_slow = world.chance.is(faults.aws / 4);
                let wait = match is_slow {
                    true => world.chance.secs(1, 8),
                    false => world.chance.millis(10, 300),
                };
                world.after(wait, Happening::Resumed(by, invocation));
            }
            Said::Ended(done) => {
                let (sandbox, work) = self.sandboxes.get_mut(&by).unwrap();
                sandbox.is_at_work = false;
                let work = work.take();
                if let Err(error) = done {
                    self.world().note(|| format!("sandbox {by}: {error}"));
                    self.tries_again(work);
                }
            }
            Said::Panicked(text) => return Err(format!("a fault of the code: {text}")),
        }
        Ok(())
    }

    fn dies(&mut self, by: u64) {
        let (sandbox, work) = self.sandboxes.remove(&by).unwrap();
        self.world().note(|| format!("sandbox {by} dies"));
        self.world().tally.crashes += 1;
        sandbox.end();
        self.tries_again(work);
    }

    fn tries_again(&mut self, work: Work) {
        let Some((event, tries)) = work else { return };
        let tries = tries + 1;
        if tries < TRIES {
            let wait = Duration::from_mins(tries.into());
            self.world().after(wait, Happening::Invoked(event, tries));
        }
    }
}

impl World {
    /// Parameters and runners without an instance are taken away within [`LEFT_MAX`].
    fn nothing_is_left_for_long(&mut self) {
        let is_there = |id: &str| self.group.machines.keys().any(|known| id.contains(&known.0));
        let parameters = self.store.parameters.keys().filter(|name| !is_there(name));
        let idle = self.github.runners.values().filter(|known| known.job.is_none());
        let runners = idle.map(|known| &known.name.0).filter(|name| !is_there(name));
        let left: BTreeSet<String> = parameters.chain(runners).cloned().collect();
        let now = self.now;
        self.left.retain(|what, _| left.contains(what));
        for what in left {
            self.left.entry(what).or_insert(now);
        }
        let oldest = self.left.iter().find(|(_, at)| now.saturating_since(**at) > LEFT_MAX);
        let oldest = oldest.map(|(what, _)| what.clone());
        self.claim(oldest.is_none(), || format!("{oldest:?} is left for more than {LEFT_MAX:?}"));
    }

    /// What is not yet as it should be when nothing is asked for; `None`: all is.
    fn unsettled(&self) -> Option<String> {
        if let Some((job, open)) = self.github.open().next() {
            return Some(format!("job {job} is {:?}", open.is));
        }
        let there = &self.group.machines;
        for (id, machine) in there {
            let runner = machine.runner().and_then(|number| self.github.runners.get(&number));
            let is_ready = machine.at == At::InService
                && machine.is_on
                && matches!(machine.agent, Agent::Listens(_))
                && runner.is_some_and(|known| known.is_online);
            if !is_ready && machine.at != At::WarmedStopped {
                return Some(format!("{id} is {:?} and {:?}", machine.at, machine.agent));
            }
        }
        let (members, held) = (self.group.counted(), self.setting.held());
        if members != held || self.group.desired as usize != held {
            return Some(format!("{members} members, desired {}, not {held}", self.group.desired));
        }
        if self.github.runners.len() != members {
            return Some(format!("{} runners for {members} members", self.github.runners.len()));
        }
        let is_kept = |name: &&String| there.keys().any(|id| name.contains(&id.0));
        let left = self.store.parameters.keys().find(|name| !is_kept(name));
        left.map(|name| format!("{name} is left"))
    }
}
