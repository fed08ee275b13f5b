//! The alarm that a pool is exhausted, from the first job to the last word: what the scaler does, what
//! `/api/alarms` would show, and what people are told. By a clock that the story moves.

use std::sync::atomic::{AtomicI64, Ordering};

use alarms::notify::{Notification, Policy};
use alarms::{Severity, State, list};
use ingest::{Content, Delivery};
use local::Intake;
use model::{DeliveryId, InstanceId, JobEvent, JobKey, Labels, Phase, Repository};
use scaler::{Decision, Occasion};
use tempfile::TempDir;

use super::*;
use crate::commands::serve::{House, listen};
use crate::config::{Config, Flags};

/// The start of a minute.
const ORIGIN: i64 = 1_767_603_600;

const POOL: &str = "linux";

/// A house whose pool has simulated runners, and its clock.
struct Story {
    _folder: TempDir,
    house: House,
    clock: Arc<AtomicI64>,
    deliveries: u64,
}

impl Story {
    /// With these keys of the pool.
    async fn of(keys: &str) -> Story {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("headroom.toml");
        let store = folder.path().join("headroom.db");
        let text = format!(
            "store = {store:?}\n[scaler]\nmode = \"simulated\"\n[[notify]]\nname = \"pager\"\n\
             kind = \"command\"\ncommand = [\"true\"]\n[[pool]]\nname = \"{POOL}\"\n\
             labels = [\"{POOL}\"]\nboot_secs = 30\nstopped = \"none\"\n{keys}\n"
        );
        std::fs::write(&file, text).unwrap();
        let flags = Flags { config: Some(file), ..Flags::default() };
        let config = Config::load(&flags, &|_| None).unwrap();
        let clock = Arc::new(AtomicI64::new(ORIGIN * 1000));
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let house =
            House::build(config, Clock::Driven(Arc::clone(&clock)), None, &listener).unwrap();
        Story { _folder: folder, house, clock, deliveries: 0 }
    }

    fn app(&self) -> &Arc<App> {
        &self.house.app
    }

    fn now(&self) -> Timestamp {
        self.app().clock.now()
    }

    /// GitHub tells of a phase of a job.
    async fn tell(&mut self, job: u64, phase: Phase, runner: Option<&InstanceId>) {
        self.deliveries += 1;
        let now = self.now();
        let event = JobEvent {
            key: JobKey { job, attempt: 1 },
            phase,
            run: 1,
            repository: Repository("octo/cat".into()),
            name: format!("build {job}"),
            workflow: None,
            branch: None,
            url: None,
            labels: Labels::new([POOL]),
            created_at: Some(now),
            started_at: Some(now),
            completed_at: (phase == Phase::Completed).then_some(now),
            conclusion: (phase == Phase::Completed).then_some(model::Conclusion::Success),
            runner: runner.map(|runner| runner.0.clone()),
            runner_group: None,
        };
        let id = format!("{:08x}-0000-4000-8000-000000000000", self.deliveries);
        let id = DeliveryId::new(&id).unwrap();
        let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
        let intake = Intake { delivery, received_at: now };
        self.app().writer.deliver(intake).await.unwrap();
    }

    /// Ten seconds pass: the scaler looks, runners that are idle take jobs that wait, and a minute
    /// that is over is looked at.
    async fn pass(
        &mut self,
        waiting: &mut Vec<u64>,
        running: &mut Vec<(u64, InstanceId)>,
    ) -> Decision {
        self.clock.fetch_add(10_000, Ordering::Relaxed);
        let now = self.now();
        self.app().writer.tick(now).await;
        let decision = self.app().scaling.look(POOL, Occasion::Schedule, true, now).unwrap();
        while !waiting.is_empty() {
            let Some(runner) = self.app().scaling.simulated(POOL).lock().take(now) else { break };
            let job = waiting.remove(0);
            self.tell(job, Phase::InProgress, Some(&runner)).await;
            running.push((job, runner));
        }
        self.app().scaling.simulated(POOL).lock().pass(now);
        if self.app().watch.is_due(now) {
            look(self.app(), now).await;
        }
        decision
    }

    /// Every job that runs is over.
    async fn finish(&mut self, running: &mut Vec<(u64, InstanceId)>) {
        for (job, runner) in std::mem::take(running) {
            let now = self.now();
            self.app().scaling.simulated(POOL).lock().finish(&runner, now);
            self.tell(job, Phase::Completed, Some(&runner)).await;
        }
    }

    fn state(&self, alarm: &str) -> Option<State> {
        let seen = self.app().watch.seen();
        let is_it = |it: &&Standing| it.alarm == alarm && it.pool.as_deref() == Some(POOL);
        seen.standings.iter().find(is_it).map(|it| it.state)
    }

    /// What is in the outbox, in order; each is taken out.
    fn told(&self) -> Vec<Notification> {
        let now = self.now();
        let app = self.app();
        let next = || app.reader.next_message("pager", now, now).unwrap();
        let mut told = Vec::new();
        while let Some(pending) = next() {
            told.push(serde_json::from_str(&pending.message.text).unwrap());
            let result = local::news::AttemptResult::Delivered;
            let attempt = local::news::Attempt { id: pending.message.id, at: now, result };
            std::thread::scope(|scope| {
                scope.spawn(|| app.writer.tried(attempt).unwrap());
            });
        }
        told
    }
}

/// Six jobs come to a pool of two runners, and nobody's job ends for ten minutes; then all do.
async fn exhaust(keys: &str) -> (Story, u32, Vec<Notification>, Vec<Notification>) {
    let mut story = Story::of(keys).await;
    let (mut waiting, mut running): (Vec<u64>, _) = ((1..=6).collect(), Vec::new());
    for job in 1..=6 {
        story.tell(job, Phase::Queued, None).await;
    }
    let mut most = 0;
    for _ in 0..60 {
        most = most.max(story.pass(&mut waiting, &mut running).await.plan.desired);
    }
    assert_eq!(story.state(list::POOL_EXHAUSTED), Some(State::Alarm));
    let began = story.told();
    for _ in 0..120 {
        story.finish(&mut running).await;
        story.pass(&mut waiting, &mut running).await;
    }
    assert!(waiting.is_empty() && running.is_empty());
    let over = story.told();
    (story, most, began, over)
}

fn exhaustion(told: &[Notification]) -> &alarms::notify::AlarmReport {
    let reports = told.iter().flat_map(|it| &it.incidents).flat_map(|incident| &incident.alarms);
    reports.into_iter().find(|alarm| alarm.name == list::POOL_EXHAUSTED).expect("it is told")
}

#[tokio::test(flavor = "multi_thread")]
async fn desired_rises_above_max_on_the_alarm_and_falls_back_after_it_clears() {
    let (mut story, most, began, over) =
        exhaust("runners_max = 2\nrunners_max_exhausted = 4").await;
    assert_eq!(most, 4, "the lifted ceiling and no more");
    let note = exhaustion(&began).note.clone().unwrap();
    assert!(note.contains("lifted the ceiling from 2 to 4"), "{note}");
    assert_eq!(story.state(list::POOL_EXHAUSTED), Some(State::Ok));
    let last = over.last().unwrap().incidents.last().unwrap();
    assert!(last.until.is_some() && last.impact.is_some_and(|it| it.jobs_started > 0), "{last:?}");
    let last = story.pass(&mut Vec::new(), &mut Vec::new()).await;
    assert_eq!(last.snapshot.exhausted_since, None);
    assert!(last.plan.desired <= 2, "{last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unasked_nothing_more_is_launched_and_people_are_told_so() {
    let (story, most, began, _) = exhaust("runners_max = 2").await;
    assert_eq!(most, 2);
    let note = exhaustion(&began).note.clone().unwrap();
    assert!(note.contains("Nothing more is launched") && note.contains("(2)"), "{note}");
    let pages =
        began.iter().filter(|it| it.incidents.iter().any(|it| it.severity == Severity::Page));
    assert_eq!(pages.count(), 1, "one incident pages once: {began:#?}");
    assert_eq!(story.state(list::POOL_EXHAUSTED), Some(State::Ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_alarm_fires_the_scaler_does_not_deny_it() {
    let mut story = Story::of("runners_max = 2\nrunners_max_exhausted = 4").await;
    story.tell(1, Phase::Queued, None).await;
    let quiet = story.pass(&mut Vec::new(), &mut Vec::new()).await;
    assert_eq!(quiet.snapshot.exhausted_since, None);
    let since = story.now();
    story.app().scaling.alarmed(&[(POOL.to_owned(), since)].into());
    let told = story.pass(&mut Vec::new(), &mut Vec::new()).await;
    assert_eq!(told.snapshot.exhausted_since, Some(since));
    story.app().scaling.alarmed(&std::collections::BTreeMap::new());
    let after = story.pass(&mut Vec::new(), &mut Vec::new()).await;
    assert_eq!(after.snapshot.exhausted_since, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_leaves_takes_its_incident_with_it() {
    let mut story = Story::of("runners_max = 2").await;
    story.tell(1, Phase::Queued, None).await;
    let now = story.now();
    let gone = local::news::Change {
        alarm: list::POOL_DOWN.into(),
        pool: Some("gone".into()),
        state: "ALARM".into(),
        at: now,
        text: serde_json::to_string(&fired("gone", now)).unwrap(),
    };
    let mut notifier = Notifier::new(
        Policy {
            targets: [("pager".to_owned(), [Severity::Page].into())].into(),
            ..Policy::default()
        },
        alarms::notify::Memory::default(),
    );
    let told = notifier.step(&[fired("gone", now)], now.plus(Duration::from_mins(1)));
    assert_eq!(told.len(), 1);
    let memory = Some(serde_json::to_string(notifier.memory()).unwrap());
    let news = local::news::News { changes: vec![gone], memory, ..local::news::News::default() };
    story.app().writer.note(news).await.unwrap();
    for _ in 0..60 {
        story.pass(&mut Vec::new(), &mut Vec::new()).await;
    }
    let told = story.told();
    let over =
        told.iter().flat_map(|it| &it.incidents).find(|it| it.pool.as_deref() == Some("gone"));
    assert_eq!(over.unwrap().told, alarms::notify::Told::Over, "{told:#?}");
    let kept = story.app().reader.standings().unwrap();
    assert!(kept.iter().all(|it| it.pool.as_deref() != Some("gone")), "{kept:?}");
}

fn fired(pool: &str, at: Timestamp) -> alarms::Transition {
    alarms::Transition {
        alarm: list::POOL_DOWN.into(),
        pool: Some(pool.to_owned()),
        severity: Severity::Page,
        part_of: None,
        from: State::Ok,
        to: State::Alarm,
        at,
        since: at,
        figures: Vec::new(),
        reason: "jobs wait".into(),
    }
}
