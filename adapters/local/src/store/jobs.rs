//! Rows of jobs and the totals of their pools.

use std::collections::BTreeMap;

use ingest::Job;
use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX, Seen, Stage, Started};
use model::{Conclusion, JobKey, Labels, Phase, Repository, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, named_params, params};

use crate::StoreError;

/// A held job that hears nothing more is given up after this time: GitHub waits 30 days for a
/// review. <https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/review-deployments>
const HELD_AGE_MAX: std::time::Duration = std::time::Duration::from_hours(31 * 24);

/// So many overdue jobs are given up in one transaction.
const OVERDUE_MAX: u32 = 1000;

/// A job and where it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) job: Job,
    /// When it entered its stage, by receipt, while it is open.
    pub(super) open_since: Option<Timestamp>,
    /// When it was over or given up, by receipt.
    closed_at: Option<Timestamp>,
}

impl Row {
    /// The row of `job` after news received at `at`.
    pub(super) fn after(before: Option<&Row>, job: Job, at: Timestamp) -> Row {
        let stage = job.stage();
        let same = before.filter(|row| row.job.stage() == stage);
        let since = same.and_then(|row| row.open_since).unwrap_or(at);
        let closed_at = same.and_then(|row| row.closed_at).unwrap_or(at);
        let open = open_stage(stage).is_some();
        Row { job, open_since: open.then_some(since), closed_at: (!open).then_some(closed_at) }
    }

    /// The row of this job once it is given up.
    pub(super) fn given_up(&self, at: Timestamp) -> Row {
        let job = Job { expired: true, ..self.job.clone() };
        Row { job, open_since: None, closed_at: Some(at) }
    }
}

/// The stored number of a stage in which a job is open.
pub(crate) const fn open_stage(stage: Stage) -> Option<i64> {
    match stage {
        Stage::Held => Some(0),
        Stage::Waiting => Some(1),
        Stage::Running => Some(2),
        Stage::Done | Stage::Expired => None,
    }
}

/// The columns that [`read`] reads, in its order.
pub(crate) const COLUMNS: &str = "job, attempt, run, routed, repository, name, workflow, branch, \
    url, labels, seen, created_at, queued_received_at, asked_at, started, started_at, \
    completed_at, conclusion, runner, runner_group, updated_at, expired, open_since, closed_at, \
    pool";

fn at(row: &SqlRow<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// Reads a job; `pool` is the name of its pool.
pub(crate) fn read(row: &SqlRow<'_>, pool: String) -> rusqlite::Result<Job> {
    let started_at = at(row, "started_at")?;
    let started = match row.get("started")? {
        0 => None,
        by => Some(Started { at: started_at, by_in_progress: by == 2 }),
    };
    Ok(Job {
        key: JobKey {
            job: row.get::<_, i64>("job")?.cast_unsigned(),
            attempt: row.get("attempt")?,
        },
        run: row.get::<_, i64>("run")?.cast_unsigned(),
        repository: Repository(row.get("repository")?),
        name: row.get("name")?,
        workflow: row.get("workflow")?,
        branch: row.get("branch")?,
        url: row.get("url")?,
        labels: Labels::new(row.get::<_, String>("labels")?.split(',')),
        pool,
        routed: row.get("routed")?,
        seen: Seen::from_bits(row.get("seen")?),
        created_at: at(row, "created_at")?,
        queued_received_at: at(row, "queued_received_at")?,
        asked_at: at(row, "asked_at")?,
        started,
        completed_at: at(row, "completed_at")?,
        conclusion: row
            .get::<_, Option<String>>("conclusion")?
            .map(|word| Conclusion::from_word(&word)),
        runner: row.get("runner")?,
        runner_group: row.get("runner_group")?,
        updated_at: Timestamp::from_millis(row.get("updated_at")?),
        expired: row.get("expired")?,
    })
}

fn read_row(row: &SqlRow<'_>, pools: &Pools) -> rusqlite::Result<(Row, i64)> {
    let pool: i64 = row.get("pool")?;
    let name = pools.name(pool).to_owned();
    let job = read(row, name)?;
    Ok((Row { job, open_since: at(row, "open_since")?, closed_at: at(row, "closed_at")? }, pool))
}

/// Names and ids of the pools.
#[derive(Debug, Default)]
pub(super) struct Pools {
    ids: BTreeMap<String, i64>,
    names: BTreeMap<i64, String>,
}

impl Pools {
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut pools = Pools::default();
        let mut statement = connection.prepare("SELECT name, id FROM pools")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            pools.add(row.get(0)?, row.get(1)?);
        }
        Ok(pools)
    }

    fn add(&mut self, name: String, id: i64) {
        self.names.insert(id, name.clone());
        self.ids.insert(name, id);
    }

    /// All names in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }

    fn name(&self, id: i64) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// The id of a pool, which is made if need be.
    pub(super) fn id(&mut self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.ids.get(name) {
            return Ok(*id);
        }
        connection
            .prepare_cached("INSERT INTO pools (name) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([name])?;
        let id = connection
            .prepare_cached("SELECT id FROM pools WHERE name = ?1")?
            .query_row([name], |row| row.get(0))?;
        self.add(name.to_owned(), id);
        Ok(id)
    }
}

/// What is known of a job.
pub(super) fn find(
    connection: &Connection,
    key: JobKey,
    pools: &Pools,
) -> Result<Option<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE job = ?1 AND attempt = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let row = statement
        .query_row(params![key.job.cast_signed(), key.attempt], |row| read_row(row, pools))
        .optional()?;
    Ok(row.map(|(row, _)| row))
}

/// Writes a job.
pub(super) fn save(connection: &Connection, row: &Row, pool: i64) -> Result<(), StoreError> {
    let job = &row.job;
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    let wait_secs = job.wait().map(|wait| wait.length.as_secs().cast_signed());
    connection.prepare_cached(include_str!("save_job.sql"))?.execute(named_params! {
        ":job": job.key.job.cast_signed(),
        ":attempt": job.key.attempt,
        ":run": job.run.cast_signed(),
        ":pool": pool,
        ":routed": job.routed,
        ":repository": job.repository.0,
        ":name": job.name,
        ":workflow": job.workflow,
        ":branch": job.branch,
        ":url": job.url,
        ":labels": job.labels.to_string(),
        ":seen": job.seen.bits(),
        ":created_at": millis(job.created_at),
        ":queued_received_at": millis(job.queued_received_at),
        ":asked_at": millis(job.asked_at),
        ":started": job.started.map_or(0, |s| if s.by_in_progress { 2 } else { 1 }),
        ":started_at": millis(job.started_at()),
        ":completed_at": millis(job.completed_at),
        ":conclusion": job.conclusion.map(Conclusion::as_str),
        ":runner": job.runner,
        ":runner_group": job.runner_group,
        ":updated_at": job.updated_at.as_millis(),
        ":expired": job.expired,
        ":open_stage": open_stage(job.stage()),
        ":open_since": millis(row.open_since),
        ":closed_at": millis(row.closed_at),
        ":wait_secs": wait_secs,
    })?;
    Ok(())
}

/// Adds to the totals of a pool what became known of one job.
pub(super) fn add_to_totals(
    connection: &Connection,
    pool: i64,
    before: Option<&Row>,
    after: &Row,
    event_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let [queued, started, completed] = totals(&after.job);
    let [queued_before, started_before, completed_before] =
        before.map_or([0; 3], |row| totals(&row.job));
    let received_at = after.job.updated_at;
    let newest_at = event_at.map_or(received_at, |at| at.min(received_at));
    connection
        .prepare_cached(
            "UPDATE pools SET queued = queued + ?2, started = started + ?3, \
             completed = completed + ?4, newest_at = max(newest_at, ?5) WHERE id = ?1",
        )?
        .execute(params![
            pool,
            queued - queued_before,
            started - started_before,
            completed - completed_before,
            newest_at.as_millis(),
        ])?;
    Ok(())
}

/// What one job adds to queued, started and completed.
fn totals(job: &Job) -> [i64; 3] {
    [job.seen.has(Phase::Queued), job.has_started(), job.seen.has(Phase::Completed)].map(i64::from)
}

/// Open jobs whose next event is overdue, with the id of their pool.
pub(super) fn overdue(
    connection: &Connection,
    pools: &Pools,
    now: Timestamp,
) -> Result<Vec<(Row, i64)>, StoreError> {
    let limits = [
        (Stage::Held, HELD_AGE_MAX),
        (Stage::Waiting, QUEUE_AGE_MAX),
        (Stage::Running, RUN_AGE_MAX),
    ];
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs WHERE open_stage = ?1 AND pool = ?2 AND open_since < ?3 LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = Vec::new();
    for (stage, age_max) in limits {
        for pool in pools.names.keys() {
            let room = OVERDUE_MAX.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let before = now.minus(age_max).as_millis();
            let rows = statement
                .query_map(params![open_stage(stage), pool, before, room], |row| {
                    read_row(row, pools)
                })?;
            for row in rows {
                found.push(row?);
            }
        }
    }
    Ok(found)
}
