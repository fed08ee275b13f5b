//! One look: what changed, whom to tell, and both made durable.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alarms::notify::Draft;
use alarms::{Standing, State, Transition, Watch as Watches};
use local::StoreError;
use local::news::{Change, Message, News};
use model::emf::Record;
use model::{Dimensions, Timestamp, catalogue as c};

use super::restore::RestoreError;
use super::source::Minutes;
use super::{Memory, Seen, facts};
use crate::http::App;

/// An alarm and its pool.
type Key = (String, Option<String>);

/// What a look made known.
struct Found {
    news: News,
    seen: Seen,
    /// Pools that the scaler is to look at now.
    urgent: Vec<String>,
}

/// Why a look came to nothing.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error("how the alarms stood cannot be known")]
    Restore(#[from] RestoreError),
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    #[error("an id or a notification cannot be made: {0}")]
    Make(String),
}

/// Looks at every alarm as of the last minute that is over, and tells whoever is to be told.
pub async fn look(app: &Arc<App>, now: Timestamp) {
    // So that the minute is closed in the store.
    app.writer.tick(now).await;
    let mut memory = app.watch.memory.lock().await;
    let (known, looking) = (memory.take(), Arc::clone(app));
    let looked = tokio::task::spawn_blocking(move || {
        let mut known = known.map_or_else(|| looking.watch.restore(&looking), Ok)?;
        let found = find(&looking, &mut known, now)?;
        Ok::<_, LookError>((known, found))
    });
    match looked.await {
        Ok(Ok((known, found))) => {
            if store(app, found, now).await {
                *memory = Some(known);
            }
        }
        Ok(Err(error)) => {
            let error = crate::exit::chain(&error);
            tracing::error!(error, "the alarms cannot be looked at; the next minute tries again");
            let standings = app.watch.seen().standings.clone();
            app.watch.see(Seen { at: Some(now.minute()), standings, next_at: None });
        }
        Err(error) => tracing::error!(%error, "a look at the alarms failed"),
    }
}

fn find(app: &App, memory: &mut Memory, now: Timestamp) -> Result<Found, LookError> {
    let is_new_minute = app.watch.seen().at != Some(now.minute()) && is_counted(app, now)?;
    let stood = if is_new_minute { memory.stood.take() } else { None };
    let before = states(&stood.unwrap_or_else(|| memory.engine.standings()));
    let mut changed = Vec::new();
    if is_new_minute {
        let pools = app.reader.pool_names()?;
        changed = memory.engine.step(&mut Minutes(&app.reader), &pools, now)?;
    }
    let standings = memory.engine.standings();
    let after = states(&standings);
    // That something is known of an alarm for the first time and all is well is no news.
    changed.retain(|it| {
        it.to != State::Ok || before.contains_key(&(it.alarm.clone(), it.pool.clone()))
    });
    let mut forgotten = Vec::new();
    for (key, state) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        forgotten.push(key.clone());
        changed.extend(ended(app, key, *state, now));
    }
    let told: Vec<Transition> =
        changed.iter().filter(|it| !is_over_others(app, &it.alarm)).cloned().collect();
    let memory_before = memory.notifier.memory().clone();
    let drafts = memory.notifier.step(&told, now);
    let messages = messages(app, memory, drafts, &standings, now)?;
    let made = |error: serde_json::Error| LookError::Make(error.to_string());
    let is_other = *memory.notifier.memory() != memory_before;
    let text = || serde_json::to_string(memory.notifier.memory()).map_err(made);
    let news = News {
        changes: changed.iter().map(change).collect::<Result<_, _>>().map_err(made)?,
        forgotten,
        memory: if is_other { Some(text()?) } else { None },
        messages,
    };
    let next_at = memory.notifier.next_at();
    let seen = Seen { at: Some(now.minute()), standings, next_at };
    Ok(Found { news, seen, urgent: facts::urgent(&changed) })
}

/// Whether somebody counted the minute that is over. Nothing can be said of one in which no process
/// ran: that there are no figures does not mean that anything else was silent.
fn is_counted(app: &App, now: Timestamp) -> Result<bool, StoreError> {
    let minute = Duration::from_mins(1);
    let (from, to) = (now.minute().minus(minute), now.minute());
    // The fleet's level is counted in every minute.
    let level = (c::JOBS_WAITING.0, Dimensions::none());
    Ok(!app.reader.aggregates(level.0, &level.1, minute, from, to)?.is_empty())
}

fn states(standings: &[Standing]) -> BTreeMap<Key, State> {
    let state = |it: &Standing| ((it.alarm.clone(), it.pool.clone()), it.state);
    standings.iter().map(state).collect()
}

/// An alarm that is no longer looked at does not fire any more.
fn ended(app: &App, (alarm, pool): &Key, from: State, now: Timestamp) -> Option<Transition> {
    let severity = app.watch.rules.find(alarm).map(|alarm| alarm.severity);
    (from != State::Ok).then(|| Transition {
        alarm: alarm.clone(),
        pool: pool.clone(),
        severity: severity.unwrap_or(alarms::Severity::Info),
        part_of: None,
        from,
        to: State::Ok,
        at: now.minute(),
        since: now.minute(),
        figures: Vec::new(),
        reason: "it is not looked at any more: its pool or the alarm itself is gone".into(),
    })
}

/// Alarms over alarms are told by their parts: an incident is all of them.
fn is_over_others(app: &App, alarm: &str) -> bool {
    let alarm = app.watch.rules.find(alarm);
    alarm.is_some_and(|alarm| matches!(alarm.watch, Watches::AnyOf(_)))
}

fn change(transition: &Transition) -> Result<Change, serde_json::Error> {
    Ok(Change {
        alarm: transition.alarm.clone(),
        pool: transition.pool.clone(),
        state: transition.to.as_str().to_owned(),
        at: transition.at,
        text: serde_json::to_string(transition)?,
    })
}

fn messages(
    app: &App,
    memory: &mut Memory,
    drafts: Vec<Draft>,
    standings: &[Standing],
    now: Timestamp,
) -> Result<Vec<Message>, LookError> {
    let mut messages = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let facts = facts::facts(app, &draft, standings, now)?;
        let id = memory.ids.next().map_err(|error| LookError::Make(error.to_string()))?;
        let notification = draft.finish(id, &facts, &app.watch.links);
        let text = serde_json::to_string(&notification)
            .map_err(|error| LookError::Make(error.to_string()))?;
        let (id, target) = (notification.id, notification.target);
        messages.push(Message { id, target, made_at: now, text });
    }
    Ok(messages)
}

/// Makes what was found durable; whether that went well.
async fn store(app: &Arc<App>, found: Found, now: Timestamp) -> bool {
    let Found { news, seen, urgent } = found;
    let (is_news, has_messages) = (!news.is_empty(), !news.messages.is_empty());
    for message in &news.messages {
        tracing::debug!(target = message.target, id = message.id, "a notification is on its way");
    }
    if is_news {
        match app.writer.note(news).await {
            Ok(0) => {}
            Ok(dropped) => {
                tracing::warn!(
                    dropped,
                    "old notifications are given up: too many are on their way"
                );
                let counted = c::NOTIFICATIONS_GIVEN_UP.inc_by(dropped);
                app.meter.observe(Record::new(now, Dimensions::none()).with(counted));
            }
            Err(error) => {
                let error = crate::exit::chain(&error);
                tracing::error!(error, "what the alarms say cannot be stored, so nobody is told");
                app.watch.see(Seen { next_at: None, ..seen });
                return false;
            }
        }
        app.news.send_modify(|news| *news += 1);
    }
    app.scaling.alarmed(&facts::exhausted(&seen.standings));
    app.watch.see(seen);
    for pool in urgent {
        app.scaling.wake(&pool);
    }
    if has_messages {
        app.doorbell.ring();
    }
    true
}
