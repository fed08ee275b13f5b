//! GitHub: runners for one job each, jobs, and webhooks about them.
//! <https://docs.github.com/en/rest/actions/self-hosted-runners>
//! <https://docs.github.com/en/actions/reference/runners/self-hosted-runners>

use std::collections::BTreeMap;
use std::time::Duration;

use github::{Deregistered, GitHubError, JitConfig, Registered, Runner, Why};
use model::{InstanceId, Timestamp};
use scaler_lambda::ports::GitHubRunners;
use scaler_lambda::{RegistrationError, ScaledPool};

use crate::stage::Line;
use crate::world::{Fate, Happening, World};

/// So long is `busy` wrong after a job was assigned.
const BUSY_IS_LATE: Duration = Duration::from_mins(1);

#[derive(Default)]
pub struct GitHub {
    pub runners: BTreeMap<u64, Known>,
    pub jobs: BTreeMap<u64, Job>,
    numbers: u64,
    /// Nobody may ask before that.
    limited_until: Option<Timestamp>,
}

/// A runner.
pub struct Known {
    pub name: InstanceId,
    pub is_online: bool,
    /// Its job, and since when.
    pub job: Option<(u64, Timestamp)>,
}

/// A job.
pub struct Job {
    pub is: Is,
    pub lasts: Duration,
    /// Whether the control plane hears, sooner or later, that it was queued.
    pub is_heard_of: bool,
    /// Whether it hears that it started.
    pub start_is_heard: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    Queued,
    Running(u64),
    Over,
}

impl GitHub {
    pub fn job_of(&self, runner: u64) -> Option<u64> {
        self.runners.get(&runner)?.job.map(|(job, _)| job)
    }

    /// Jobs that somebody heard of and that are not over.
    pub fn open(&self) -> impl Iterator<Item = (&u64, &Job)> {
        self.jobs.iter().filter(|(_, job)| job.is_heard_of && job.is != Is::Over)
    }
}

impl World {
    pub fn job_is_queued(&mut self) {
        let number = 1 + self.github.jobs.len() as u64;
        let lasts = self.chance.secs(5, 300);
        let job = Job { is: Is::Queued, lasts, is_heard_of: true, start_is_heard: false };
        self.github.jobs.insert(number, job);
        self.tally.jobs += 1;
        self.note(|| format!("job {number} is queued"));
        let is_heard_of = self.tells(number, "queued", None, false);
        self.github.jobs.get_mut(&number).unwrap().is_heard_of = is_heard_of;
        if self.chance.is(80) {
            let wait = self.chance.secs(5, 400);
            self.after(wait, Happening::Cancelled(number));
        }
        self.assign();
    }

    pub fn job_is_cancelled(&mut self, number: u64) {
        let job = self.github.jobs.get_mut(&number).unwrap();
        if job.is == Is::Queued {
            job.is = Is::Over;
            self.note(|| format!("job {number} is cancelled"));
            self.tells(number, "completed", None, true);
        }
    }

    /// A job goes to a runner that is online and has none.
    pub fn assign(&mut self) {
        let free = |known: &Known| known.is_online && known.job.is_none();
        let now = self.now;
        loop {
            let job = self.github.jobs.iter_mut().find(|(_, job)| job.is == Is::Queued);
            let mut runners = self.github.runners.iter_mut();
            let runner = runners.find(|(_, known)| free(known));
            let (Some((&number, job)), Some((&by, known))) = (job, runner) else { return };
            (job.is, known.job) = (Is::Running(by), Some((number, now)));
            let (lasts, name) = (job.lasts, known.name.clone());
            self.note(|| format!("job {number} starts on {name}"));
            self.after(lasts, Happening::JobOver(number));
            let start_is_heard = self.tells(number, "in_progress", Some(&name), false);
            self.github.jobs.get_mut(&number).unwrap().start_is_heard = start_is_heard;
        }
    }

    /// The runner of a job is done, if its machine still is there. Its registration ends with it.
    pub fn job_is_over(&mut self, number: u64) {
        let Is::Running(by) = self.github.jobs[&number].is else { return };
        let name = self.github.runners[&by].name.clone();
        if self.group.machines.get(&name).is_some_and(|machine| machine.is_on) {
            self.job_ends(number, by);
            self.runner_ended(&name);
        }
    }

    fn job_ends(&mut self, number: u64, by: u64) {
        let known = self.github.runners.remove(&by).unwrap();
        let job = self.github.jobs.get_mut(&number).unwrap();
        job.is = Is::Over;
        // Who heard nothing of its runner is told in the end.
        let is_surely_told = !job.start_is_heard;
        self.note(|| format!("job {number} is over"));
        self.tells(number, "completed", Some(&known.name), is_surely_told);
    }

    /// A machine went off: GitHub sees that a little later, and fails the job of a runner that it has
    /// lost much later.
    pub fn goes_silent(&mut self, runner: u64) {
        let Some(known) = self.github.runners.get_mut(&runner) else { return };
        known.is_online = false;
        if known.job.is_some() {
            let wait = self.chance.secs(600, 840);
            self.after(wait, Happening::Noticed(runner));
        }
    }

    /// GitHub does not answer for a while.
    pub fn outage(&mut self) {
        if self.is_calm() {
            return;
        }
        let usual = self.setting.faults.github;
        self.faults.github = if self.faults.github == usual { 1000 } else { usual };
        let wait = if self.faults.github == 1000 { (30, 900) } else { (300, 3000) };
        let wait = self.chance.secs(wait.0, wait.1);
        self.after(wait, Happening::Outage);
    }

    pub fn runner_is_lost(&mut self, runner: u64) {
        if let Some(job) = self.github.job_of(runner) {
            self.job_ends(job, runner);
        }
    }

    pub fn comes_online(&mut self, runner: u64) -> bool {
        let known = self.github.runners.get_mut(&runner);
        known.map(|known| known.is_online = true).is_some()
    }

    /// The job on an instance that runs.
    pub fn job_on(&self, id: &InstanceId) -> Option<u64> {
        let machine = self.group.machines.get(id).filter(|machine| machine.is_on)?;
        self.github.job_of(machine.runner()?)
    }

    fn generate(&mut self, id: &InstanceId) -> Registered {
        if self.github.runners.values().any(|known| known.name == *id) {
            return Registered::NameTaken;
        }
        self.github.numbers += 1;
        let number = self.github.numbers;
        let known = Known { name: id.clone(), is_online: false, job: None };
        self.github.runners.insert(number, known);
        self.note(|| format!("runner {number} is registered for {id}"));
        Registered::As(JitConfig { runner: number, encoded: format!("jit-{number}") })
    }

    fn listed(&self) -> Vec<Runner> {
        let is_old = |at: Timestamp| self.now.saturating_since(at) >= BUSY_IS_LATE;
        let all = self.github.runners.iter().map(|(&id, known)| Runner {
            id,
            name: known.name.0.clone(),
            is_online: known.is_online,
            is_busy: known.job.is_some_and(|(_, at)| is_old(at)),
        });
        all.collect()
    }

    /// A busy one is refused with 422.
    fn delete_runner(&mut self, number: u64) -> Deregistered {
        match self.github.runners.get(&number).map(|known| known.job) {
            None => Deregistered::NotThere,
            Some(Some(_)) => Deregistered::Busy,
            Some(None) => {
                self.note(|| format!("runner {number} is deregistered"));
                self.github.runners.remove(&number);
                Deregistered::Gone
            }
        }
    }
}

impl Line {
    /// A call to GitHub, which answers 5xx, or limits whoever asks for a while.
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
    fn github<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, RegistrationError> {
        let failed = |why: Why| {
            RegistrationError::GitHub(GitHubError { asked: "the world".to_owned(), why })
        };
        self.call(|world| {
            let mut told = self.limited_until.lock().unwrap();
            let is_patient = world.now >= *told;
            world.claim(is_patient, || "GitHub is asked before its limit is over".to_owned());
            if world.chance.is(world.faults.limits) {
                let pause = world.chance.secs(30, 200);
                world.github.limited_until = Some(world.now.plus(pause));
            }
            if let Some(until) = world.github.limited_until.filter(|until| world.now < *until) {
                *told = until;
                return Err(failed(Why::Limited { until }));
            }
            let lost = || failed(Why::NoAnswer { said: "502".to_owned() });
            match world.fate(world.faults.github) {
                Fate::Works => Ok(act(world)),
                Fate::Refused => Err(lost()),
                Fate::Unheard => {
                    act(world);
                    Err(lost())
                }
            }
        })
    }
}

impl GitHubRunners for Line {
    fn register(
        &mut self,
        _pool: &ScaledPool,
        id: &InstanceId,
        _now: Timestamp,
    ) -> Result<Registered, RegistrationError> {
        self.github(|world| world.generate(id))
    }

    fn named(
        &mut self,
        id: &InstanceId,
        _now: Timestamp,
    ) -> Result<Option<Runner>, RegistrationError> {
        self.github(|world| world.listed().into_iter().find(|one| one.name == id.0))
    }

    fn all(&mut self, _now: Timestamp) -> Result<Vec<Runner>, RegistrationError> {
        self.github(|world| world.listed())
    }

    fn deregister(
        &mut self,
        number: u64,
        _now: Timestamp,
    ) -> Result<Deregistered, RegistrationError> {
        self.github(|world| world.delete_runner(number))
    }
}
