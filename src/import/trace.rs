//! A trace: one job a row of CSV, and the three events that GitHub would have told of it.
//!
//! A trace knows neither names nor runners nor how a job ended; nothing is made up for them. An
//! empty `recorded_wait_ms` is a wait that nobody knows: the job starts at once and has no
//! `created_at`, so that no wait is counted for it. Receipts are the trace's own times.

use std::borrow::Cow;
use std::time::Duration;

use ingest::past::PastEvent;
use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};
use model::{OTHER_POOL, UNROUTED_POOL};

/// The columns, in the order in which they are written. The last may be missing.
pub const COLUMNS: [&str; 8] = [
    "job_id",
    "pool",
    "queued_at_unix_ms",
    "duration_ms",
    "recorded_wait_ms",
    "run_id",
    "run_created_at_unix_ms",
    "repo",
];

/// The last instant that has a date of four digits: 9999-12-31T23:59:59Z.
const AT_MAX_MS: u64 = 253_402_300_799_000;

/// Where the columns stand.
#[derive(Debug)]
pub struct Columns {
    places: [Option<usize>; COLUMNS.len()],
    len: usize,
    /// Pools of the configuration: a row may name one of them.
    pools: Vec<String>,
}

impl Columns {
    /// Reads the first line.
    ///
    /// # Errors
    /// When a column is missing.
    pub fn of(line: &str, pools: Vec<String>) -> Result<Self, String> {
        let fields = fields(line.trim_start_matches('\u{feff}'))?;
        let place = |name: &str| fields.iter().position(|field| field.trim() == name);
        let places = COLUMNS.map(place);
        let required = COLUMNS.iter().zip(places).take(COLUMNS.len() - 1);
        if let Some((name, _)) = required.into_iter().find(|(_, place)| place.is_none()) {
            let expected = COLUMNS[..COLUMNS.len() - 1].join(",");
            return Err(format!("no column {name}; expected {expected}[,repo]"));
        }
        Ok(Columns { places, len: fields.len(), pools })
    }

    /// Reads one row.
    ///
    /// # Errors
    /// When a field is missing or makes no sense; it says which and what was expected.
    pub fn read(&self, line: &str) -> Result<[PastEvent; 3], String> {
        let fields = fields(line)?;
        if fields.len() != self.len {
            return Err(format!("{} fields; expected {}", fields.len(), self.len));
        }
        let field = |i: usize| self.places[i].map_or("", |place| fields[place].trim());
        let number = |i: usize, max: u64| number(COLUMNS[i], field(i), max);
        let pool = Some(field(1)).filter(|pool| !pool.is_empty());
        let wait_ms = match field(4) {
            "" => None,
            _ => Some(number(4, AT_MAX_MS)?),
        };
        let repository = Some(field(7)).filter(|name| !name.is_empty()).unwrap_or("unknown");
        let row = Row {
            job: number(0, u64::MAX)?,
            pool: pool.ok_or("pool is empty; expected the name of a pool")?,
            queued_ms: number(2, AT_MAX_MS)?,
            duration_ms: number(3, AT_MAX_MS)?,
            wait_ms,
            run: number(5, u64::MAX)?,
            repository,
        };
        number(6, AT_MAX_MS)?;
        if row.queued_ms + row.wait_ms.unwrap_or(0) + row.duration_ms > AT_MAX_MS {
            return Err("the job ends after the year 9999; expected milliseconds".into());
        }
        Ok(row.events(&self.pools))
    }
}

struct Row<'a> {
    job: u64,
    pool: &'a str,
    queued_ms: u64,
    duration_ms: u64,
    wait_ms: Option<u64>,
    run: u64,
    repository: &'a str,
}

impl Row<'_> {
    fn events(&self, pools: &[String]) -> [PastEvent; 3] {
        let queued_at = Timestamp::from_millis(self.queued_ms.cast_signed());
        let started_at = queued_at.plus(Duration::from_millis(self.wait_ms.unwrap_or(0)));
        let completed_at = started_at.plus(Duration::from_millis(self.duration_ms));
        let is_name = [OTHER_POOL, UNROUTED_POOL].contains(&self.pool)
            || pools.iter().any(|pool| pool == self.pool);
        [
            (Phase::Queued, queued_at),
            (Phase::InProgress, started_at),
            (Phase::Completed, completed_at),
        ]
        .map(|(phase, at)| {
            let over = phase == Phase::Completed;
            let event = JobEvent {
                key: JobKey { job: self.job, attempt: 1 },
                phase,
                run: self.run,
                repository: Repository(self.repository.to_owned()),
                name: format!("job {}", self.job),
                workflow: None,
                branch: None,
                url: None,
                labels: Labels::new([self.pool]),
                created_at: self.wait_ms.map(|_| queued_at),
                started_at: (phase != Phase::Queued).then_some(started_at),
                completed_at: over.then_some(completed_at),
                conclusion: over.then_some(Conclusion::Other),
                runner: None,
                runner_group: None,
            };
            let pool = is_name.then(|| self.pool.to_owned());
            PastEvent { event, pool, received_at: at, is_receipt_known: false }
        })
    }
}

fn number(column: &str, text: &str, max: u64) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if number <= max => Ok(number),
        _ => Err(format!("{column} is {text:?}; expected a whole number from 0 to {max}")),
    }
}

/// The fields of a row; quoted ones may hold commas, and no field holds a newline.
fn fields(line: &str) -> Result<Vec<Cow<'_, str>>, String> {
    if !line.contains('"') {
        return Ok(line.split(',').map(Cow::Borrowed).collect());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => Ok(record.iter().map(|field| Cow::Owned(field.to_owned())).collect()),
        _ => Err("no row of CSV; expected fields separated by commas".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
                          run_created_at_unix_ms,repo";

    fn read(row: &str) -> Result<[PastEvent; 3], String> {
        Columns::of(HEADER, vec!["big".into()]).unwrap().read(row)
    }

    #[test]
    fn a_row_is_three_events_at_its_own_times() {
        let events = read("7,linux,1000,30000,2000,9,500,octo/cat").unwrap();
        let told = events.each_ref().map(|past| (past.event.phase, past.received_at.as_millis()));
        assert_eq!(
            told,
            [(Phase::Queued, 1000), (Phase::InProgress, 3000), (Phase::Completed, 33_000)]
        );
        assert!(events.iter().all(|past| past.event.repository.0 == "octo/cat"));
        assert!(events.iter().all(|past| past.event.created_at.is_some() && past.pool.is_none()));
    }

    #[test]
    fn an_unknown_wait_has_no_beginning() {
        let events = read("7,linux,1000,30000,,9,500,").unwrap();
        assert!(events.iter().all(|past| past.event.created_at.is_none()));
        assert_eq!(events[1].received_at.as_millis(), 1000);
        assert_eq!(events[0].event.repository.0, "unknown");
    }

    #[test]
    fn a_pool_of_the_configuration_is_called_by_its_name() {
        assert_eq!(read("7,big,1,1,1,9,1,").unwrap()[0].pool.as_deref(), Some("big"));
        let [queued, ..] = read("7,\"Linux,self-hosted\",1,1,1,9,1,").unwrap();
        assert_eq!(queued.event.labels.to_string(), "linux,self-hosted");
    }

    #[test]
    fn a_field_that_makes_no_sense_is_named() {
        for (row, expected) in [
            ("x,linux,1,1,1,9,1,", "job_id is \"x\"; expected a whole number"),
            ("7,,1,1,1,9,1,", "pool is empty"),
            ("7,linux,1,-5,1,9,1,", "duration_ms is \"-5\""),
            ("7,linux,1.5,1,1,9,1,", "queued_at_unix_ms"),
            ("7,linux,1,1,x,9,1,", "recorded_wait_ms"),
            ("7,linux,253402300799000,1,0,9,1,", "after the year 9999"),
            ("7,linux,1,1", "4 fields; expected 8"),
        ] {
            let told = read(row).unwrap_err();
            assert!(told.contains(expected), "{row} gives {told}");
        }
        let told = Columns::of("job_id,pool", vec![]).unwrap_err();
        assert!(told.contains("no column queued_at_unix_ms; expected job_id,pool,"), "{told}");
    }
}
