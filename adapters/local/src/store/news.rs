//! Alarms and notifications in the file.

use std::collections::BTreeSet;
use std::time::Duration;

use model::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::news::{Attempt, AttemptResult, CHANGES_MAX, Message, News, PENDING_MAX};
use crate::{Store, StoreError};

/// The text under which the notifier's memory is kept.
pub(crate) const MEMORY: &str = "notifier";

/// Notifications that are done are kept for so long, to be looked at.
const DONE_KEPT: Duration = Duration::from_hours(7 * 24);

/// Rows of each kind let go in one transaction.
const ROWS_MAX: i64 = 20_000;

/// Pending ones of a target, the oldest first, by the index `outbox_pending`.
const OLDEST: &str = "SELECT number FROM outbox WHERE outcome IS NULL AND target = ?1 \
    ORDER BY number LIMIT ?2";

impl Store {
    /// Makes one evaluation's news durable: all of it or nothing. Gives how many older
    /// notifications were given up because their targets have no room.
    ///
    /// # Errors
    /// When the transaction fails; then nothing is known of it.
    pub fn note(&mut self, news: &News) -> Result<u64, StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for change in &news.changes {
            let row = params![
                change.alarm,
                change.pool.as_deref().unwrap_or_default(),
                change.state,
                change.at.as_millis(),
                change.text
            ];
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO alarms (alarm, pool, state, since, change) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(row)?;
            transaction
                .prepare_cached(
                    "INSERT INTO alarm_changes (alarm, pool, state, at, change) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(row)?;
        }
        for (alarm, pool) in &news.forgotten {
            transaction
                .prepare_cached("DELETE FROM alarms WHERE alarm = ?1 AND pool = ?2")?
                .execute(params![alarm, pool.as_deref().unwrap_or_default()])?;
        }
        if let Some(memory) = &news.memory {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO texts (key, value) VALUES (?1, ?2)")?
                .execute([MEMORY, memory])?;
        }
        let dropped = send(&transaction, &news.messages)?;
        transaction.commit()?;
        Ok(dropped)
    }

    /// Notes what came of an attempt to deliver.
    ///
    /// # Errors
    /// When the transaction fails; then the notification is tried again, with the same id.
    pub fn tried(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        let at = attempt.at.as_millis();
        let (next_at, trouble, outcome, done_at) = match &attempt.result {
            AttemptResult::Delivered => (at, None, Some(true), Some(at)),
            AttemptResult::Again { next_at, trouble } => {
                (next_at.as_millis(), Some(trouble), None, None)
            }
            AttemptResult::GivenUp { trouble } => (at, Some(trouble), Some(false), Some(at)),
        };
        self.connection
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, next_at = ?2, trouble = ?3, \
                 outcome = ?4, done_at = ?5 WHERE id = ?1 AND outcome IS NULL",
            )?
            .execute(params![attempt.id, next_at, trouble, outcome, done_at])?;
        Ok(())
    }

    /// Gives up what is on its way to targets that are not among these; how many.
    ///
    /// # Errors
    /// When the transaction fails.
    pub fn give_up_other_targets(
        &mut self,
        known: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let known = serde_json::to_string(known)
            .map_err(|_| StoreError::Damaged { what: "name of a target" })?;
        let gone = self.connection.execute(
            "UPDATE outbox SET outcome = 0, done_at = ?2, trouble = 'the target is not configured \
             any more' WHERE outcome IS NULL AND target NOT IN (SELECT value FROM json_each(?1))",
            params![known, now.as_millis()],
        )?;
        Ok(gone as u64)
    }
}

/// Puts notifications into the outbox; how many older ones had to leave it.
fn send(connection: &Connection, messages: &[Message]) -> Result<u64, StoreError> {
    for message in messages {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO outbox (id, target, made_at, message, next_at) \
                 VALUES (?1, ?2, ?3, ?4, ?3)",
            )?
            .execute(params![
                message.id,
                message.target,
                message.made_at.as_millis(),
                message.text
            ])?;
    }
    let mut dropped = 0;
    let targets: BTreeSet<&str> = messages.iter().map(|it| it.target.as_str()).collect();
    for target in targets {
        dropped += make_room(connection, target, messages[0].made_at)?;
    }
    Ok(dropped)
}

fn make_room(connection: &Connection, target: &str, now: Timestamp) -> Result<u64, StoreError> {
    let pending: i64 = connection
        .prepare_cached("SELECT count(*) FROM outbox WHERE outcome IS NULL AND target = ?1")?
        .query_row([target], |row| row.get(0))?;
    let over = pending - i64::from(PENDING_MAX);
    if over <= 0 {
        return Ok(0);
    }
    let sql = format!(
        "UPDATE outbox SET outcome = 0, done_at = ?3, trouble = 'no room: too many are on their \
         way' WHERE number IN ({OLDEST})"
    );
    let gone = connection.prepare_cached(&sql)?.execute(params![target, over, now.as_millis()])?;
    Ok(gone as u64)
}

/// Lets go of changes from before an instant and of notifications that are done.
pub(super) fn prune(
    connection: &Connection,
    before: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM alarm_changes WHERE number IN \
             (SELECT number FROM alarm_changes WHERE at < ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![before.as_millis(), ROWS_MAX])?;
    connection
        .prepare_cached(
            "DELETE FROM alarm_changes WHERE number <= \
             (SELECT max(number) FROM alarm_changes) - ?1",
        )?
        .execute([CHANGES_MAX])?;
    connection
        .prepare_cached(
            "DELETE FROM outbox WHERE number IN (SELECT number FROM outbox \
             WHERE outcome IS NOT NULL AND done_at < ?1 ORDER BY done_at LIMIT ?2)",
        )?
        .execute(params![now.minus(DONE_KEPT).as_millis(), ROWS_MAX])?;
    Ok(())
}
