//! The study of one pool in progress: what was run, so that nothing runs twice.

use std::time::Duration;

use model::capacity::{FrontierPoint, Role};

use super::batch::{Batch, Ran, Task};
use super::window::Window;
use super::{Ask, Execute, point};
use crate::capacity::SampleJob;
use crate::sim::{Contender, Outcome, Setting};
use crate::{Policy, Times};

/// Names a run of the study.
pub type Run = usize;

pub struct Study<'a> {
    pub ask: &'a Ask<'a>,
    pub window: &'a Window,
    /// The jobs that are replayed.
    pub jobs: &'a [SampleJob],
    pub setting: Setting,
    execute: Execute<'a>,
    ran: Vec<Ran>,
}

impl<'a> Study<'a> {
    pub fn new(ask: &'a Ask<'a>, window: &'a Window, execute: Execute<'a>) -> Study<'a> {
        let wait_slo = Duration::try_from_secs_f64(ask.slo.wait_secs).unwrap_or(Duration::MAX);
        let setting = Setting { learn: window.learn, wait_slo, ..ask.setting.clone() };
        Study { ask, window, jobs: ask.jobs, setting, execute, ran: Vec::new() }
    }

    /// The policy that all others are variations of: today's times and habits, nothing held idle,
    /// no limits, and the stopped pool that sizes itself.
    pub fn base(&self) -> Policy {
        let present = self.ask.present.clone().unwrap_or_default();
        self.in_world(Policy {
            runners_min: 0,
            runners_max: None,
            runners_max_exhausted: None,
            hot: crate::Hot::None,
            stopped: Policy::default().stopped,
            ..present
        })
    }

    /// A policy that is told of this world.
    fn in_world(&self, policy: Policy) -> Policy {
        let cold_start = self.setting.cold_start;
        let times = Times {
            cold_start,
            warm_start: self.setting.warm_start,
            stopping: self.setting.stopping,
            // The usual deadline is for the usual boot.
            registration_deadline: policy.times.registration_deadline.max(cold_start.mul_f64(2.5)),
        };
        Policy { times, stopped_cost: self.setting.stopped_cost, ..policy }
    }

    /// Runs these, each once in the life of the study.
    pub fn run(&mut self, contenders: Vec<Contender>) -> Vec<Run> {
        let task = |contender| Task { contender, image: None };
        let tasks: Vec<Task> = contenders.into_iter().map(task).collect();
        self.run_tasks(&tasks)
    }

    pub fn run_tasks(&mut self, tasks: &[Task]) -> Vec<Run> {
        let mut missing: Vec<Task> = Vec::new();
        for task in tasks {
            if self.known(task).is_none() && !missing.contains(task) {
                missing.push(task.clone());
            }
        }
        if !missing.is_empty() {
            let batch = Batch {
                jobs: self.jobs,
                setting: &self.setting,
                window: self.window,
                tasks: missing,
            };
            let ran = (self.execute)(&batch);
            self.ran.extend(ran);
        }
        tasks.iter().filter_map(|task| self.known(task)).collect()
    }

    fn known(&self, task: &Task) -> Option<Run> {
        self.ran.iter().position(|ran| ran.task == *task)
    }

    /// Runs one.
    pub fn contender(&mut self, contender: Contender) -> Run {
        self.run(vec![contender])[0]
    }

    /// Runs the real plan with this policy.
    pub fn headroom(&mut self, policy: &Policy) -> Run {
        let policy = self.in_world(policy.clone());
        self.contender(Contender::Headroom(Box::new(policy)))
    }

    pub fn ran(&self, run: Run) -> &Ran {
        &self.ran[run]
    }

    pub fn whole(&self, run: Run) -> &Outcome {
        &self.ran[run].whole
    }

    /// The share of the jobs that the objective counts as served in time.
    pub fn within_slo(&self, run: Run) -> f64 {
        point::within_slo(self.whole(run))
    }

    /// The least possible bill of the measured jobs, in seconds of an instance.
    pub fn oracle_secs(&mut self) -> f64 {
        let run = self.contender(Contender::Oracle);
        self.whole(run).oracle_secs
    }

    pub fn point(&mut self, name: &str, title: &str, role: Role, run: Run) -> FrontierPoint {
        let oracle_secs = self.oracle_secs();
        point::of(self, name, title, role, self.whole(run), oracle_secs)
    }

    /// How long a job waits at least that gets a stopped instance.
    pub fn warm_wait(&self) -> Duration {
        self.setting.webhook_delay + self.setting.warm_start
    }

    /// The same of a cold boot.
    pub fn cold_wait(&self) -> Duration {
        self.setting.webhook_delay + self.setting.cold_start
    }
}
