//! The two functions, of the real code behind the world's ports.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::AutoScaling;
use lambda::{Lines, Stamp};
use model::Timestamp;
use model::emf::Encoder;
use scaler::{Decision, Member, Occasion, Scaler};
use scaler_lambda::{Checkpoint, Event, Ledger, Lifecycle, Mode, Registry, Role, Seat, Settings};

use crate::setting::{GROUP, POOL, Setting};
use crate::stage::{Line, Task};
use crate::world::START;

/// Lines are read again for so long, since they may become visible late.
const OVERLAP: Duration = Duration::from_mins(1);

/// Between two checkpoints.
const CHECKPOINT_EVERY: Duration = Duration::from_mins(5);

fn registry(line: &Line) -> Registry {
    Registry::behind(Box::new(line.clone()), Arc::new(line.clone()), Box::new(line.clone()))
}

/// The lifecycle function, in a new sandbox.
pub fn lifecycle(line: Line, setting: &Setting) -> impl FnMut(Task) -> Result<(), String> + use<> {
    let settings = Settings {
        role: Role::Lifecycle,
        mode: Mode::Act,
        pools: vec![setting.pool()],
        ingest_log_group: String::new(),
        own_log_group: String::new(),
        roll_ups: Vec::new(),
        github: None,
        tick: Duration::ZERO,
        stamp: Stamp::default(),
    };
    let lines = Lines::new(Box::new(std::io::sink()), Encoder::default(), Stamp::default());
    let (registry, hooks) = (registry(&line), Box::new(line.clone()));
    let mut lifecycle =
        Lifecycle::behind(settings, Some(registry), Box::new(line.clone()), hooks, lines);
    move |task| {
        let Task::Event(event) = task else { unreachable!("it is sent no other") };
        let now = line.now().now;
        lifecycle.handle(event, now).map(drop)
    }
}

/// The tick function, in a new sandbox. Of `scaler_lambda::Tick` its order of work is kept, and its
/// reading of CloudWatch is left out.
pub fn tick(line: Line, setting: &Setting) -> impl FnMut(Task) -> Result<(), String> + use<> {
    let kept = line.now().checkpoint.clone();
    let mut read_until = kept.as_ref().map_or(START, |kept| kept.jobs.as_of());
    let memory = kept.as_ref().and_then(|kept| kept.pools.get(POOL)).cloned().unwrap_or_default();
    let ledger = match kept {
        Some(kept) => Ledger::recalled(kept.jobs, [POOL]),
        None => Ledger::new([POOL]),
    };
    let ledger = Arc::new(Mutex::new(ledger));
    let registry = registry(&line);
    let mut seat = Seat::new(&ledger, POOL);
    let mut group =
        AutoScaling::behind(Box::new(line.clone()), GROUP).with_runners(Box::new(registry.clone()));
    let mut scaler = Scaler::recalling(POOL, setting.policy.clone(), memory);
    let mut checkpointed_at: Option<Timestamp> = None;
    move |task| {
        let occasion = match &task {
            Task::Look(occasion) => *occasion,
            Task::Lines(lines) => {
                for line in lines {
                    drop(ledger.lock().unwrap().take(line));
                }
                Occasion::Event
            }
            Task::Event(_) => unreachable!("it is sent no other"),
        };
        let now = line.now().now;
        let from = read_until.minus(OVERLAP);
        // A log group that cannot be read leaves what is known as old as it is.
        let lines = line.aws("logs:FilterLogEvents", |world| {
            let written = world.log.iter().rev().take_while(|(at, _)| *at >= from);
            written.map(|(_, line)| line.clone()).collect::<Vec<_>>()
        });
        if let Ok(lines) = lines {
            let mut ledger = ledger.lock().unwrap();
            for line in lines.iter().rev() {
                drop(ledger.take(line));
            }
            ledger.read_until(now);
            read_until = now;
        }
        let decision = scaler.tick(&mut seat, &mut group, occasion, now);
        line.now().note(|| told(&decision));
        if occasion == Occasion::Event {
            return Ok(());
        }
        let is_due = |at: Timestamp| now.saturating_since(at) >= CHECKPOINT_EVERY;
        if checkpointed_at.is_none_or(is_due) {
            let pools = BTreeMap::from([(POOL.to_owned(), scaler.memory())]);
            let jobs = ledger.lock().unwrap().kept();
            line.now().checkpoint = Some(Checkpoint { jobs, pools });
            checkpointed_at = Some(now);
        }
        let now = line.now().now;
        registry.tidy_if_due(now);
        Ok(())
    }
}

fn told(decision: &Decision) -> String {
    let Decision { snapshot, plan, troubles, .. } = decision;
    let short = |id: &str| id.trim_start_matches("i-").trim_start_matches('0').to_owned();
    let member = |one: &Member| format!("{}:{:?}", short(&one.id.0), one.state);
    let members: Vec<String> = snapshot.fleet.members.iter().map(member).collect();
    let remove: Vec<String> = plan.remove.iter().map(|one| short(&one.id.0)).collect();
    let because: Vec<String> = plan.because.iter().map(ToString::to_string).collect();
    let backlog = (snapshot.backlog.queued, snapshot.backlog.running);
    format!(
        "{:?}: {backlog:?} jobs, {members:?} of {}: {} and without {remove:?}, {because:?} {troubles:?}",
        snapshot.occasion, snapshot.fleet.desired, plan.desired
    )
}

/// Which function an event is for.
pub fn is_for_tick(event: &Event) -> bool {
    matches!(event, Event::Lines(_) | Event::Schedule | Event::Alarm(_))
}
