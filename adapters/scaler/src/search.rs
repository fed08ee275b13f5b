//! What no webhook told, as on a machine of one's own: GitHub is asked for what failed and for jobs
//! that nobody heard of.
//!
//! What is found is written into the log group of the webhook as the webhook would have written it,
//! so that metrics, reports and every sandbox take it in by the way of all lines. Sandboxes do not
//! know of each other, so it is the clock that says which scheduled invocation asks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::logs::{Printer, Stream};
use aws::{Aws, Parameters};
use github::{GitHub, Hook};
use ingest::ledger::Seen;
use ingest::{Content, Delivery, Observer, Router};
use lost::{Known, Search, Standing};
use model::emf::{Encoder, Record};
use model::{Conclusion, DeliveryId, JobEvent, JobKey, Phase, Pool, Timestamp};

use crate::Ledger;
use crate::registration::connect;
use crate::settings::{GitHubSettings, ScaledPool, Settings};

/// The log stream of the webhook's group that news from GitHub's API stand in.
const STREAM: &str = "headroom-search";

/// The schedule invokes once in this time.
const INVOKED_EVERY: Duration = Duration::from_mins(1);

/// Of jobs it is not known how they stand where their lines were read so long ago.
const READ_WITHIN: Duration = Duration::from_mins(1);

/// What a call to GitHub usually takes: none begins so shortly before the next look.
const MARGIN: Duration = Duration::from_millis(300);

/// Asks GitHub what no webhook told.
pub(crate) struct Searcher {
    settings: GitHubSettings,
    parameters: Parameters,
    github: Option<GitHub>,
    search: Search,
    every: Duration,
    /// The last round, by the number of its time slot.
    done: Option<i64>,
    outlet: Outlet,
}

/// Writes as the webhook does.
struct Outlet {
    router: Router,
    observer: Observer,
    encoder: Encoder,
    printer: Printer,
}

/// The ledger, for as long as there is time.
struct Ears<'a> {
    ledger: &'a Mutex<Ledger>,
    outlet: &'a mut Outlet,
    until: Timestamp,
    expired: Vec<Record>,
}

impl Searcher {
    /// As the settings say. Nobody is asked yet.
    pub(crate) fn new(github: GitHubSettings, settings: &Settings, aws: &Aws) -> Self {
        let owner = github.owner().expect("it was read with the settings");
        let hook = github.webhook_id.map_or(Hook::App, Hook::Numbered);
        let every = github.check();
        let pool = |ScaledPool { name, labels, runner_group, .. }: &ScaledPool| Pool {
            name: name.clone(),
            labels: labels.clone(),
            runner_group: runner_group.clone(),
        };
        let stream = Stream { group: settings.ingest_log_group.clone(), name: STREAM.to_owned() };
        let roll_ups = settings.roll_ups.clone();
        let outlet = Outlet {
            router: Router::new(settings.pools.iter().map(pool).collect(), []),
            observer: Observer::new(roll_ups.clone()),
            encoder: Encoder::new(roll_ups, model::emf::Form::default()),
            printer: Printer::new(aws, stream),
        };
        Searcher {
            settings: github,
            parameters: Parameters::of(aws),
            github: None,
            search: Search::new(owner, Some(hook), every),
            every,
            done: None,
            outlet,
        }
    }

    /// Asks GitHub if it is on the invocation that began then to do it, and goes on until shortly
    /// before `until` at most. What is to be published of it.
    pub(crate) fn look(
        &mut self,
        ledger: &Mutex<Ledger>,
        (begun, until): (Timestamp, Timestamp),
        clock: &dyn Fn() -> Timestamp,
    ) -> Vec<Record> {
        let now = clock();
        if !self.is_due(begun) || now.saturating_since(known(ledger).as_of()) > READ_WITHIN {
            return Vec::new();
        }
        if self.done.replace(self.slot(begun)) != Some(self.slot(begun)) {
            // Another sandbox may have asked since: what was left then says nothing now.
            self.search.begin_anew();
        }
        let github = match self.github.take() {
            Some(github) => Ok(github),
            None => connect(&self.settings, &self.parameters),
        };
        let mut github = match github {
            Ok(github) => github,
            Err(error) => {
                tracing::warn!(%error, "lost webhooks cannot be looked for");
                return Vec::new();
            }
        };
        let until = until.minus(MARGIN);
        let mut ears = Ears { ledger, outlet: &mut self.outlet, until, expired: Vec::new() };
        let counts = self.search.round(&mut github, &mut ears, clock);
        let mut records = ears.expired;
        let is_refused = counts.as_ref().is_some_and(|counts| counts.is_refused);
        if let Some(counts) = counts {
            counts.log();
            records.extend(counts.records(now));
        }
        // The key may have been exchanged: the next round reads it again.
        self.github = (!is_refused).then_some(github);
        records
    }

    /// What GitHub still allows, while it is known.
    pub(crate) fn allowance(&self, now: Timestamp) -> Option<Record> {
        lost::allowance(self.github.as_ref()?.rate(), now)
    }

    /// Of the invocations within the time of a round the first asks, and goes on while it lasts.
    fn is_due(&self, begun: Timestamp) -> bool {
        let since = begun.as_millis().rem_euclid(millis(self.every));
        match self.done == Some(self.slot(begun)) {
            true => self.search.is_unfinished(),
            false => since < millis(INVOKED_EVERY),
        }
    }

    fn slot(&self, now: Timestamp) -> i64 {
        now.as_millis().div_euclid(millis(self.every))
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// One whose holder failed is as whole as before.
fn known(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Known for Ears<'_> {
    fn goes_on(&self, now: Timestamp) -> bool {
        now < self.until
    }

    fn open(&mut self, _now: Timestamp) -> Result<Vec<Standing>, String> {
        Ok(known(self.ledger).standings())
    }

    fn active(&mut self, since: Timestamp) -> Result<BTreeSet<String>, String> {
        Ok(known(self.ledger).repositories(since))
    }

    fn seen(&mut self, keys: &BTreeSet<JobKey>) -> Result<BTreeMap<JobKey, Seen>, String> {
        let ledger = known(self.ledger);
        Ok(keys.iter().filter_map(|key| Some((*key, ledger.seen(*key)?))).collect())
    }

    fn take(&mut self, news: Vec<JobEvent>, now: Timestamp) -> Result<u64, String> {
        let (mut lines, mut taken) = (Vec::new(), 0);
        for event in news {
            let seen = {
                let ledger = known(self.ledger);
                if ledger.may_have_forgotten(&event, now) {
                    continue;
                }
                ledger.seen(event.key)
            };
            taken += 1;
            for event in course(event, seen.unwrap_or_default()) {
                self.outlet.write(event, now, &mut lines)?;
            }
        }
        self.outlet.flush(&lines).map(|()| taken)
    }

    fn deleted(&mut self, key: JobKey, now: Timestamp) {
        let Some((pool, stage)) = known(self.ledger).gone(key, now) else { return };
        let record = self.outlet.observer.job_gone(key, &pool, stage, now);
        if let Err(error) = self.outlet.print(&record) {
            tracing::warn!(%error, "no other sandbox hears that GitHub knows a job no more");
            self.expired.push(record);
        }
    }
}

impl Outlet {
    fn print(&mut self, record: &Record) -> Result<(), String> {
        let mut line = Vec::new();
        self.encoder.write(record, &mut line).map_err(|error| error.to_string())?;
        self.flush(&line)
    }

    fn flush(&mut self, lines: &[u8]) -> Result<(), String> {
        let printed = self.printer.write_all(lines).and_then(|()| self.printer.flush());
        printed.map_err(|error| error.to_string())
    }

    fn write(
        &mut self,
        event: JobEvent,
        now: Timestamp,
        lines: &mut Vec<u8>,
    ) -> Result<(), String> {
        let JobKey { job, attempt } = event.key;
        let id = DeliveryId::new(&format!("api-{job}-{attempt}-{}", event.phase))
            .expect("numbers and phases are short visible ASCII");
        let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
        for record in ingest::stateless(delivery, now, &mut self.router, &self.observer) {
            self.encoder.write(&record, lines).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// The events that were not seen on the way to where a job stands: each line tells of its own phase
/// alone.
fn course(event: JobEvent, seen: Seen) -> Vec<JobEvent> {
    let has_asked = event.conclusion != Some(Conclusion::Skipped);
    let has_started = event.phase == Phase::Completed && event.runner.is_some();
    let before = [
        (Phase::Queued, has_asked && event.phase > Phase::Queued),
        (Phase::InProgress, has_started),
    ];
    let missing = before.into_iter().filter(|(phase, is_part)| *is_part && !seen.has(*phase));
    let mut course: Vec<JobEvent> = missing.map(|(phase, _)| earlier(&event, phase)).collect();
    course.push(event);
    course
}

/// What the event of an earlier phase said.
fn earlier(event: &JobEvent, phase: Phase) -> JobEvent {
    let mut event = JobEvent { phase, completed_at: None, conclusion: None, ..event.clone() };
    if phase == Phase::Queued {
        (event.started_at, event.runner, event.runner_group) = (event.created_at, None, None);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Labels, Repository};

    fn over(conclusion: Conclusion, runner: Option<&str>) -> JobEvent {
        let at = |secs| Some(Timestamp::from_secs(secs));
        JobEvent {
            key: JobKey { job: 1, attempt: 1 },
            phase: Phase::Completed,
            run: 1,
            repository: Repository("acme/app".into()),
            name: "build".into(),
            workflow: None,
            branch: None,
            url: None,
            labels: Labels::new(["linux"]),
            created_at: at(10),
            started_at: at(30),
            completed_at: at(90),
            conclusion: Some(conclusion),
            runner: runner.map(str::to_owned),
            runner_group: None,
        }
    }

    fn phases(event: JobEvent, seen: &[Phase]) -> Vec<Phase> {
        let seen = seen.iter().copied().collect();
        course(event, seen).into_iter().map(|event| event.phase).collect()
    }

    #[test]
    fn a_job_of_which_only_the_end_is_known_asked_for_a_runner_and_got_it() {
        use Phase::{Completed, InProgress, Queued};
        let ran = over(Conclusion::Success, Some("i-1"));
        assert_eq!(phases(ran.clone(), &[]), [Queued, InProgress, Completed]);
        assert_eq!(phases(ran.clone(), &[Queued]), [InProgress, Completed]);
        assert_eq!(phases(ran.clone(), &[Queued, InProgress]), [Completed]);
        assert_eq!(phases(over(Conclusion::Cancelled, None), &[]), [Queued, Completed]);
        assert_eq!(phases(over(Conclusion::Skipped, None), &[]), [Completed]);
        let first = &course(ran, Seen::default())[0];
        let told = (first.started_at, &first.runner, first.completed_at);
        assert_eq!(told, (Some(Timestamp::from_secs(10)), &None, None));
    }
}
