//! The language of the stories. Instants are seconds after [`ORIGIN`]; every delivery is a batch of
//! its own unless a story says otherwise.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ingest::{Content, Delivery};
use local::{Intake, Meter, PoolView, Reader, Settings, Store, StoreError, Taken};
use model::emf::Record;
use model::{
    Conclusion, DeliveryId, Dimensions, JobEvent, JobKey, Labels, Phase, Query, Repository,
    Timestamp,
};
use tempfile::TempDir;

/// The start of a minute, and of an hour.
pub const ORIGIN: i64 = 1_700_002_800;

pub fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(ORIGIN + secs)
}

/// One job of a story.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub id: u64,
    pub label: &'static str,
    pub conclusion: Conclusion,
    pub has_runner: bool,
}

pub fn job(id: u64) -> Job {
    Job { id, label: "linux", conclusion: Conclusion::Success, has_runner: true }
}

impl Job {
    pub fn on(self, label: &'static str) -> Self {
        Job { label, ..self }
    }

    /// It ends like this without ever having had a runner.
    pub fn without_runner(self, conclusion: Conclusion) -> Self {
        Job { conclusion, has_runner: false, ..self }
    }
}

/// A store, its clock, and what GitHub remembers of its jobs.
pub struct World {
    dir: TempDir,
    pub settings: Settings,
    pub meter: Arc<Meter>,
    store: Option<Store>,
    pub now: Timestamp,
    deliveries: u32,
    stamps: BTreeMap<(u64, Phase), Timestamp>,
}

impl World {
    pub fn new() -> Self {
        World::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let mut world = World {
            dir: tempfile::tempdir().unwrap(),
            settings,
            meter: Arc::default(),
            store: None,
            now: secs(0),
            deliveries: 0,
            stamps: BTreeMap::new(),
        };
        world.open();
        world
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("headroom.db")
    }

    fn open(&mut self) {
        self.meter = Arc::new(Meter::new(self.settings.roll_ups.clone()));
        let store = Store::open(&self.path(), self.settings.clone(), Arc::clone(&self.meter));
        self.store = Some(store.unwrap());
    }

    /// The process is killed and another one starts: it finds what lay on the disk at that instant,
    /// not what closing the file in good order would have left.
    pub fn reopen(&mut self) -> &mut Self {
        let found = tempfile::tempdir().unwrap();
        for name in ["headroom.db", "headroom.db-wal"] {
            let file = self.dir.path().join(name);
            if file.exists() {
                std::fs::copy(file, found.path().join(name)).unwrap();
            }
        }
        self.store = None;
        self.dir = found;
        self.open();
        self
    }

    /// For what runs the store on a thread of its own.
    pub fn take_store(&mut self) -> Store {
        self.store.take().unwrap()
    }

    pub fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    pub fn at(&mut self, at: i64) -> &mut Self {
        self.now = secs(at);
        self
    }

    pub fn tick(&mut self) -> &mut Self {
        assert_eq!(self.commit(&[]).unwrap(), []);
        self
    }

    /// The clock goes on by whole minutes, one at a time.
    pub fn minutes_pass(&mut self, minutes: u64) -> &mut Self {
        for _ in 0..minutes {
            self.now = self.now.plus(Duration::from_mins(1));
            self.tick();
        }
        self
    }

    pub fn held(&mut self, job: Job) -> &mut Self {
        self.accept(job, Phase::Waiting)
    }

    pub fn queued(&mut self, job: Job) -> &mut Self {
        self.accept(job, Phase::Queued)
    }

    pub fn started(&mut self, job: Job) -> &mut Self {
        self.accept(job, Phase::InProgress)
    }

    pub fn completed(&mut self, job: Job) -> &mut Self {
        self.accept(job, Phase::Completed)
    }

    fn accept(&mut self, job: Job, phase: Phase) -> &mut Self {
        let intake = self.delivery(job, phase);
        assert!(!self.commit(&[intake]).unwrap()[0].duplicate, "{job:?} {phase:?}");
        self
    }

    pub fn commit(&mut self, batch: &[Intake]) -> Result<Vec<Taken>, StoreError> {
        let now = self.now;
        self.store().commit(batch, now)
    }

    /// A delivery of now, not yet committed, with the stamps that GitHub would give.
    pub fn delivery(&mut self, job: Job, phase: Phase) -> Intake {
        self.stamps.entry((job.id, phase)).or_insert(self.now);
        self.deliveries += 1;
        let id = format!("{:08x}-0000-4000-8000-000000000000", self.deliveries);
        self.named(&id, job, phase)
    }

    pub fn named(&self, id: &str, job: Job, phase: Phase) -> Intake {
        let content = Content::Job(Box::new(self.event(job, phase)));
        let delivery = Delivery { id: DeliveryId::new(id).unwrap(), content };
        Intake { delivery, received_at: self.now }
    }

    pub fn event(&self, job: Job, phase: Phase) -> JobEvent {
        let stamp = |phase| self.stamps.get(&(job.id, phase)).copied();
        let is_over = phase == Phase::Completed;
        let has_runner = match phase {
            Phase::Waiting | Phase::Queued => false,
            Phase::InProgress => true,
            Phase::Completed => job.has_runner,
        };
        JobEvent {
            key: JobKey { job: job.id, attempt: 1 },
            phase,
            run: 1,
            repository: Repository("octo/cat".into()),
            name: format!("build {}", job.id),
            workflow: Some("ci".into()),
            branch: None,
            url: None,
            labels: Labels::new([job.label]),
            created_at: stamp(Phase::Waiting).or(stamp(Phase::Queued)),
            started_at: if has_runner { stamp(Phase::InProgress) } else { stamp(Phase::Queued) },
            completed_at: stamp(Phase::Completed).filter(|_| is_over),
            conclusion: is_over.then_some(job.conclusion),
            runner: has_runner.then(|| "runner-1".into()),
            runner_group: None,
        }
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path()).unwrap()
    }

    pub fn pool(&self, name: &str) -> PoolView {
        let pools = self.reader().pools(self.now, &[Duration::from_hours(1)]).unwrap();
        pools.into_iter().find(|pool| pool.name == name).unwrap()
    }

    /// Queued, started and completed of one pool.
    pub fn totals(&self, name: &str) -> [u64; 3] {
        let pool = self.pool(name);
        [pool.queued_total, pool.started_total, pool.completed_total]
    }

    /// What a query says of each minute since [`ORIGIN`], as far as there is something to say.
    pub fn minutes(&self, query: &Query) -> Vec<(i64, f64)> {
        let series = self.reader().series(query, secs(0), secs(100 * 24 * 3600)).unwrap();
        series.into_iter().map(|(at, v)| ((at.as_secs() - ORIGIN) / 60, v)).collect()
    }

    /// Everything that is due, as a sink would publish it: minutes since [`ORIGIN`].
    pub fn publish(&mut self) -> Vec<(i64, Vec<Record>)> {
        let mut published = Vec::new();
        while let Some((minute, records)) = self.store().next_to_publish(false).unwrap() {
            self.store().published(minute).unwrap();
            published.push((minute - ORIGIN / 60, records));
        }
        published
    }
}

/// The sum of a counter over all records that lie exactly at `by`.
pub fn value_of(records: &[Record], metric: &str, by: &Dimensions) -> Option<u64> {
    use model::Quantity::{Add, Distribution, Is, Took};
    let record = records.iter().find(|record| record.dimensions == *by)?;
    let point = record.points.iter().find(|point| point.spec.name == metric)?;
    match &point.quantity {
        Add(n) | Is(n) | Took(n) => Some(*n),
        Distribution(histogram) => Some(histogram.len()),
    }
}
