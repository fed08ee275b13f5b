//! How alarms stand and stood, and what is on its way to whom.

use model::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::Reader;
use crate::StoreError;
use crate::news::{Change, Mailbox, Message, Pending};
use crate::store::MEMORY;

/// Changes of alarms, the latest first.
const CHANGES: &str = "SELECT alarm, pool, state, at, change FROM alarm_changes \
    WHERE at >= ?1 AND (?2 IS NULL OR alarm = ?2) AND (?3 IS NULL OR pool = ?3) \
    ORDER BY at DESC, number DESC LIMIT ?4";

/// What is on its way to one target, in the order in which it is sent.
pub(super) const PENDING: &str = "SELECT id, target, made_at, message, attempts FROM outbox \
    WHERE outcome IS NULL AND target = ?1 AND (next_at <= ?2 OR next_at > ?3) \
    ORDER BY number LIMIT 1";

impl Reader {
    /// The last change of each alarm that ever changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standings(&self) -> Result<Vec<Change>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT alarm, pool, state, since, change FROM alarms")?;
            let rows = statement.query_map([], change)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Changes since an instant, the latest first, of one alarm or pool or of all; `Some("")` is the
    /// whole fleet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn changes(
        &self,
        since: Timestamp,
        alarm: Option<&str>,
        pool: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Change>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(CHANGES)?;
            let rows =
                statement.query_map(params![since.as_millis(), alarm, pool, limit], change)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What the notifier goes on with, as it was stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn notifier(&self) -> Result<Option<String>, StoreError> {
        self.ask(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT value FROM texts WHERE key = ?1")?;
            Ok(statement.query_row([MEMORY], |row| row.get(0)).optional()?)
        })
    }

    /// The next notification for a target that may be sent now. One whose time is beyond `horizon`
    /// was put off by a clock that was ahead, and may be sent as well.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_message(
        &self,
        target: &str,
        now: Timestamp,
        horizon: Timestamp,
    ) -> Result<Option<Pending>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(PENDING)?;
            let args = params![target, now.as_millis(), horizon.as_millis()];
            let pending = |row: &Row<'_>| {
                let message = Message {
                    id: row.get(0)?,
                    target: row.get(1)?,
                    made_at: Timestamp::from_millis(row.get(2)?),
                    text: row.get(3)?,
                };
                Ok(Pending { message, attempts: row.get(4)? })
            };
            Ok(statement.query_row(args, pending).optional()?)
        })
    }

    /// When anything is to be sent to a target next.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_message_at(&self, target: &str) -> Result<Option<Timestamp>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT min(next_at) FROM outbox WHERE outcome IS NULL AND target = ?1",
            )?;
            let next_at: Option<i64> = statement.query_row([target], |row| row.get(0))?;
            Ok(next_at.map(Timestamp::from_millis))
        })
    }

    /// How things stand with each target of which anything is kept, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT target, sum(outcome IS NULL), min(made_at) FILTER (WHERE outcome IS NULL), \
                 max(done_at) FILTER (WHERE outcome = 1), coalesce(sum(outcome = 0), 0) \
                 FROM outbox GROUP BY target ORDER BY target",
            )?;
            let at = |at: Option<i64>| at.map(Timestamp::from_millis);
            let rows = statement.query_map([], |row| {
                Ok(Mailbox {
                    target: row.get(0)?,
                    pending: row.get::<_, i64>(1)?.cast_unsigned(),
                    oldest_at: at(row.get(2)?),
                    trouble: None,
                    delivered_at: at(row.get(3)?),
                    given_up: row.get::<_, i64>(4)?.cast_unsigned(),
                })
            })?;
            let mut mailboxes: Vec<Mailbox> = rows.collect::<Result<_, _>>()?;
            for mailbox in &mut mailboxes {
                mailbox.trouble = connection
                    .prepare_cached(
                        "SELECT trouble FROM outbox WHERE outcome IS NULL AND target = ?1 \
                         AND trouble IS NOT NULL ORDER BY number LIMIT 1",
                    )?
                    .query_row([&mailbox.target], |row| row.get(0))
                    .optional()?;
            }
            Ok(mailboxes)
        })
    }
}

fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    let pool: String = row.get(1)?;
    Ok(Change {
        alarm: row.get(0)?,
        pool: Some(pool).filter(|pool| !pool.is_empty()),
        state: row.get(2)?,
        at: Timestamp::from_millis(row.get(3)?),
        text: row.get(4)?,
    })
}
