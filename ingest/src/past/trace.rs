//! A trace: one job a row of CSV, and the three events that GitHub would have told of it.
//!
//! A trace knows neither names nor runners nor how a job ended; nothing is made up for them. An
//! empty `recorded_wait_ms` is a wait that nobody knows: the job starts at once and has no
//! `created_at`, so that no wait is counted for it. Receipts are the trace's own times.

use std::borrow::Cow;
use std::time::Duration;

use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};
use model::{OTHER_POOL, UNROUTED_POOL};

use super::{Malformed, PastEvent};

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

/// The columns as a first line is expected to have them.
const FIRST_LINE: &str = "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
                          run_created_at_unix_ms[,repo]";

/// The last instant that has a date of four digits: 9999-12-31T23:59:59Z.
const AT_MAX_MS: u64 = 253_402_300_799_000;

/// A job of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// GitHub's id.
    pub job_id: u64,
    /// The pool that took it, or the label it asked for.
    pub pool: String,
    /// When it asked for a runner.
    pub queued_at: Timestamp,
    /// How long it had its runner.
    pub duration: Duration,
    /// How long it waited for one; `None` where nobody knows.
    pub recorded_wait: Option<Duration>,
    /// Its workflow run.
    pub run_id: u64,
    /// When that was created.
    pub run_created_at: Timestamp,
    /// `owner/name` of its repository, where the trace has it.
    pub repo: Option<String>,
}

/// A line of a trace that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadRow {
    /// Its number, from 1.
    pub line: u64,
    /// What stands there and what was expected.
    #[source]
    pub problem: Malformed,
}

/// The jobs of a trace, given its lines without their ends; blank ones are left out. A bad row
/// costs itself alone; without a usable first line there is one error and nothing more.
pub fn rows<S: AsRef<str>>(
    lines: impl IntoIterator<Item = S>,
) -> impl Iterator<Item = Result<Row, BadRow>> {
    let mut heading = Heading::ToCome;
    let numbered = (1..).zip(lines).filter(|(_, line)| !line.as_ref().trim().is_empty());
    numbered.filter_map(move |(line, text)| {
        heading.read(text.as_ref()).map(|row| row.map_err(|problem| BadRow { line, problem }))
    })
}

/// The first line of a trace, as far as it was read.
enum Heading {
    ToCome,
    Is(Columns),
    Unusable,
}

impl Heading {
    /// The row that a line holds, if it is a row.
    fn read(&mut self, text: &str) -> Option<Result<Row, Malformed>> {
        match self {
            Heading::Is(columns) => Some(columns.row(text)),
            Heading::Unusable => None,
            Heading::ToCome => {
                let found = Columns::of(text);
                let (heading, told) = match found {
                    Ok(columns) => (Heading::Is(columns), None),
                    Err(problem) => (Heading::Unusable, Some(Err(problem))),
                };
                *self = heading;
                told
            }
        }
    }
}

/// Where the columns stand.
#[derive(Clone, Debug)]
pub struct Columns {
    places: [Option<usize>; COLUMNS.len()],
    len: usize,
}

impl Columns {
    /// Reads the first line.
    ///
    /// # Errors
    /// When a column is missing.
    pub fn of(line: &str) -> Result<Self, Malformed> {
        let fields = fields(line.trim_start_matches('\u{feff}'))?;
        let place = |name: &str| fields.iter().position(|field| field.trim() == name);
        let places = COLUMNS.map(place);
        let required = COLUMNS.iter().zip(places).take(COLUMNS.len() - 1);
        if let Some((name, _)) = required.into_iter().find(|(_, place)| place.is_none()) {
            return Err(Malformed::Shape(format!("no column {name}"), FIRST_LINE));
        }
        Ok(Columns { places, len: fields.len() })
    }

    /// Reads one row.
    ///
    /// # Errors
    /// When a field is missing or makes no sense; it says which and what was expected.
    pub fn row(&self, line: &str) -> Result<Row, Malformed> {
        let fields = fields(line)?;
        if fields.len() != self.len {
            return Err(Malformed::Fields { found: fields.len(), expected: self.len });
        }
        let field = |i: usize| self.places[i].map_or("", |place| fields[place].trim());
        let [job, pool, queued, duration, wait, run, run_created, repo] =
            std::array::from_fn(|i| (COLUMNS[i], field(i)));
        if pool.1.is_empty() {
            return Err(Malformed::value("pool", "empty", "the name of a pool"));
        }
        let row = Row {
            job_id: number(job)?,
            pool: one_line(pool.1),
            queued_at: instant(queued)?,
            duration: length(duration)?,
            recorded_wait: (!wait.1.is_empty()).then(|| length(wait)).transpose()?,
            run_id: number(run)?,
            run_created_at: instant(run_created)?,
            repo: (!repo.1.is_empty()).then(|| one_line(repo.1)),
        };
        match row.completed_at().as_millis().unsigned_abs() <= AT_MAX_MS {
            true => Ok(row),
            false => Err(Malformed::value("its end", "after the year 9999", "milliseconds")),
        }
    }
}

impl Row {
    /// When it got its runner; where nobody knows how long it waited, when it was queued.
    pub fn started_at(&self) -> Timestamp {
        self.queued_at.plus(self.recorded_wait.unwrap_or_default())
    }

    /// When it was over.
    pub fn completed_at(&self) -> Timestamp {
        self.started_at().plus(self.duration)
    }

    /// The fields in the order of [`COLUMNS`], each fit for one line.
    pub fn fields(&self) -> [String; COLUMNS.len()] {
        let millis = |length: Duration| length.as_millis().to_string();
        [
            self.job_id.to_string(),
            one_line(&self.pool),
            self.queued_at.as_millis().to_string(),
            millis(self.duration),
            self.recorded_wait.map_or(String::new(), millis),
            self.run_id.to_string(),
            self.run_created_at.as_millis().to_string(),
            self.repo.as_deref().map_or(String::new(), one_line),
        ]
    }

    /// What GitHub would have told. `pools` are those of the configuration: a row may name one of
    /// them, and else names what the job asked for.
    pub fn events(&self, pools: &[String]) -> [PastEvent; 3] {
        let is_name =
            [OTHER_POOL, UNROUTED_POOL].contains(&self.pool.as_str()) || pools.contains(&self.pool);
        [
            (Phase::Queued, self.queued_at),
            (Phase::InProgress, self.started_at()),
            (Phase::Completed, self.completed_at()),
        ]
        .map(|(phase, at)| {
            let pool = is_name.then(|| self.pool.clone());
            PastEvent { event: self.event(phase), pool, received_at: at, is_receipt_known: false }
        })
    }

    fn event(&self, phase: Phase) -> JobEvent {
        let over = phase == Phase::Completed;
        JobEvent {
            key: JobKey { job: self.job_id, attempt: 1 },
            phase,
            run: self.run_id,
            repository: Repository(self.repo.clone().unwrap_or_else(|| "unknown".into())),
            name: format!("job {}", self.job_id),
            workflow: None,
            branch: None,
            url: None,
            labels: Labels::new([&self.pool]),
            created_at: self.recorded_wait.map(|_| self.queued_at),
            started_at: (phase != Phase::Queued).then(|| self.started_at()),
            completed_at: over.then(|| self.completed_at()),
            conclusion: over.then_some(Conclusion::Other),
            runner: None,
            runner_group: None,
        }
    }
}

/// A trace is read line by line, so no field may hold an end of a line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn number((column, text): (&str, &str)) -> Result<u64, Malformed> {
    text.parse()
        .map_err(|_| Malformed::value(column, &format!("{text:?}"), "a whole number of 64 bits"))
}

/// Milliseconds that stay within the years that have four digits.
fn millis((column, text): (&str, &str)) -> Result<u64, Malformed> {
    let known = text.parse().ok().filter(|millis| *millis <= AT_MAX_MS);
    let expected = "whole milliseconds, from 0 to those of the year 9999";
    known.ok_or_else(|| Malformed::value(column, &format!("{text:?}"), expected))
}

fn instant(field: (&str, &str)) -> Result<Timestamp, Malformed> {
    millis(field).map(|millis| Timestamp::from_millis(millis.cast_signed()))
}

fn length(field: (&str, &str)) -> Result<Duration, Malformed> {
    millis(field).map(Duration::from_millis)
}

/// The fields of a row; quoted ones may hold commas, and no field holds a newline.
fn fields(line: &str) -> Result<Vec<Cow<'_, str>>, Malformed> {
    if !line.contains('"') {
        return Ok(line.split(',').map(Cow::Borrowed).collect());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(line.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => Ok(record.iter().map(|field| Cow::Owned(field.to_owned())).collect()),
        _ => Err(Malformed::Shape("no row of CSV".into(), "fields separated by commas")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
                          run_created_at_unix_ms,repo";

    fn row(row: &str) -> Result<Row, Malformed> {
        Columns::of(HEADER).unwrap().row(row)
    }

    fn events(text: &str) -> [PastEvent; 3] {
        row(text).unwrap().events(&["big".into()])
    }

    #[test]
    fn a_row_is_three_events_at_its_own_times() {
        let events = events("7,linux,1000,30000,2000,9,500,octo/cat");
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
        let events = events("7,linux,1000,30000,,9,500,");
        assert!(events.iter().all(|past| past.event.created_at.is_none()));
        assert_eq!(events[1].received_at.as_millis(), 1000);
        assert_eq!(events[0].event.repository.0, "unknown");
    }

    #[test]
    fn a_pool_of_the_configuration_is_called_by_its_name() {
        assert_eq!(events("7,big,1,1,1,9,1,")[0].pool.as_deref(), Some("big"));
        let [queued, ..] = events("7,\"Linux,self-hosted\",1,1,1,9,1,");
        assert_eq!(queued.event.labels.to_string(), "linux,self-hosted");
    }

    #[test]
    fn a_field_that_makes_no_sense_is_named() {
        for (text, expected) in [
            ("x,linux,1,1,1,9,1,", "job_id is \"x\"; expected a whole number"),
            ("7,,1,1,1,9,1,", "pool is empty"),
            ("7,linux,1,-5,1,9,1,", "duration_ms is \"-5\"; expected whole milliseconds"),
            ("7,linux,1.5,1,1,9,1,", "queued_at_unix_ms"),
            ("7,linux,1,1,x,9,1,", "recorded_wait_ms"),
            ("7,linux,1,1,1,9,,", "run_created_at_unix_ms is \"\""),
            ("7,linux,253402300799000,1,0,9,1,", "after the year 9999"),
            ("7,linux,1,1", "4 fields; expected 8"),
        ] {
            let told = row(text).unwrap_err().to_string();
            assert!(told.contains(expected), "{text} gives {told}");
        }
        let told = Columns::of("job_id,pool").unwrap_err().to_string();
        assert!(told.contains("no column queued_at_unix_ms; expected job_id,pool,"), "{told}");
        assert_eq!(FIRST_LINE.replace("[,", ",").replace(']', ""), COLUMNS.join(","));
    }

    #[test]
    fn a_row_is_written_as_it_is_read() {
        let odd = Row { pool: "a,\"b\" c".into(), ..row("7,linux,1000,30000,,9,500,").unwrap() };
        let mut written = csv::WriterBuilder::new().from_writer(Vec::new());
        written.write_record(odd.fields()).unwrap();
        let line = String::from_utf8(written.into_inner().unwrap()).unwrap();
        assert_eq!(row(line.trim_end()), Ok(odd));
        let broken = Row { pool: "a\r\nb".into(), ..row("7,x,1,1,1,9,1,").unwrap() };
        assert_eq!(broken.fields()[1], "a  b", "a row is one line");
    }

    #[test]
    fn the_lines_of_a_trace_are_numbered_and_a_bad_one_costs_itself() {
        let lines = [HEADER, "", "x,linux,1,1,1,9,1,", "7,linux,1,1,1,9,1,"];
        let all: Vec<_> = rows(lines).collect();
        assert_eq!(all.len(), 2);
        let told = all[0].as_ref().unwrap_err().to_string();
        assert!(told.starts_with("line 3: job_id is \"x\""), "{told}");
        assert_eq!(all[1].as_ref().unwrap().job_id, 7);
        let lost: Vec<_> = rows(["job_id", "7", "8"]).collect();
        assert_eq!(lost.len(), 1, "{lost:?}");
    }

    #[test]
    fn a_carriage_return_within_a_field_is_read_as_it_is_written() {
        let read = row("7,a\rb,1,1,1,9,1,octo/\rcat").unwrap();
        assert_eq!((read.pool.as_str(), read.repo.as_deref()), ("a b", Some("octo/ cat")));
        assert_eq!(row(&read.fields().join(",")), Ok(read));
    }

    #[test]
    fn nothing_behind_a_quoted_field_is_dropped() {
        assert!(row("7,\"linux\",1,1,1,9,1,\rmore,still").is_err());
    }
}
