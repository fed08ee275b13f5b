//! Tells the lives of jobs as GitHub does on a bad day: some news are lost, some come twice or under
//! another id, and some much later than others.

use std::time::Duration;

use model::{JobKey, Phase};

use crate::book::{Book, Fate, Truth, key};
use crate::stage::{Stage, quiet_chance};
use crate::world::{Chance, Connection, Delivery, Job, SECRET};

/// The pools, by their only label.
pub(crate) const POOLS: [&str; 3] = ["arm", "gpu", "linux"];

/// News that wait to be sent: enough to mix the lives of several jobs.
const WAITING_MAX: usize = 40;

/// One delivery on its way.
struct Item {
    news: (JobKey, Phase),
    delivery: Delivery,
}

/// The news of one phase once more, under another id.
pub(crate) fn told_again(key: JobKey, phase: Phase, truth: &Truth) -> Delivery {
    let job = Job::new(key.job).labels(&[truth.pool]).attempt(key.attempt);
    let delivery = match phase {
        Phase::Waiting => job.waiting(),
        Phase::Queued => job.queued(),
        Phase::InProgress => job.in_progress(),
        Phase::Completed => job.completed(),
    };
    delivery.again_as(&format!("once-more-{}", delivery.id))
}

struct Sender<'a> {
    stage: &'a Stage,
    chance: Chance,
    book: Book,
    waiting: Vec<Item>,
    number: u64,
}

/// Sends until it is over; what was sent.
pub(crate) fn run(stage: &Stage, seed: u64, number: u64) -> Book {
    let (book, waiting) = (Book::default(), Vec::new());
    let mut sender = Sender { stage, chance: quiet_chance(seed), book, waiting, number };
    while let Some(mut connection) = stage.connect() {
        while !stage.is_over() {
            if !sender.step(&mut connection) {
                stage.count("connections that broke under a sender");
                break;
            }
        }
    }
    sender.book
}

impl Sender<'_> {
    /// Sends one delivery; whether the connection is still good.
    fn step(&mut self, connection: &mut Connection) -> bool {
        while self.waiting.len() < WAITING_MAX {
            self.live();
        }
        // Mostly in order, now and then not.
        let at = if self.chance.below(6) == 0 { self.chance.below(self.waiting.len()) } else { 0 };
        let item = self.waiting.remove(at);
        let was_known = self.book.is_known(item.news);
        let is_first = !self.book.news.contains_key(&item.news);
        self.book.news.entry(item.news).or_insert_with(|| Fate::Open(item.delivery.clone()));
        let Ok(answer) = connection.send(&item.delivery.signed(SECRET)) else {
            self.again(item);
            return false;
        };
        match answer.outcome().as_str() {
            told @ ("202 accepted" | "202 duplicate") => {
                let is_new = told == "202 accepted";
                self.stage.count(if is_new { "deliveries accepted" } else { "known duplicates" });
                let told = || format!("{} {:?} is {told}", item.delivery.id, item.news);
                self.stage.claim(!(is_new && was_known), told);
                self.stage.claim(is_new || !is_first, told);
                self.book.news.insert(item.news, Fate::Known);
            }
            "503" => {
                self.stage.count("deliveries answered 503");
                self.stage.pause(Duration::from_millis(10));
                self.again(item);
            }
            other => {
                let told =
                    || format!("{} is answered {other}: {}", item.delivery.id, answer.text());
                self.stage.claim(false, told);
            }
        }
        true
    }

    /// What got no good answer is mostly sent again.
    fn again(&mut self, item: Item) {
        if self.chance.below(4) > 0 {
            self.waiting.push(item);
        }
    }

    /// One more job, with its news on their way.
    fn live(&mut self) {
        let mut job = Job::new(self.stage.next_job());
        let pool = *self.chance.pick(&POOLS);
        let attempt = 1 + u32::from(self.chance.below(10) == 0);
        let wait = self.chance.next() % 900;
        let name = format!("build {} \u{1f680}", self.number);
        job = job.labels(&[pool]).attempt(attempt).waits(wait.cast_signed()).name(&name);
        let mut has_runner = true;
        let mut life = match self.chance.below(12) {
            0 => {
                has_runner = false;
                job = job.ends("cancelled", None);
                vec![(Phase::Queued, job.queued()), (Phase::Completed, job.completed())]
            }
            1 => {
                has_runner = false;
                job = job.ends("skipped", None);
                vec![(Phase::Completed, job.completed())]
            }
            _ => vec![
                (Phase::Queued, job.queued()),
                (Phase::InProgress, job.in_progress()),
                (Phase::Completed, job.completed()),
            ],
        };
        self.disturb(&mut life);
        let key = key(&job, attempt);
        self.book.jobs.insert(key, Truth { pool, wait_secs: wait, has_runner });
        let items = life.into_iter().map(|(phase, delivery)| Item { news: (key, phase), delivery });
        self.waiting.extend(items);
    }

    /// Loses, repeats and shuffles.
    fn disturb(&mut self, life: &mut Vec<(Phase, Delivery)>) {
        if self.chance.below(8) == 0 {
            life.remove(self.chance.below(life.len()));
            self.stage.count("deliveries lost on purpose");
        }
        if !life.is_empty() && self.chance.below(5) == 0 {
            let (phase, delivery) = self.chance.pick(life).clone();
            let other = delivery.again_as(&format!("again-{}", delivery.id));
            life.push((phase, if self.chance.below(2) == 0 { delivery } else { other }));
        }
        if self.chance.below(5) == 0 {
            self.chance.shuffle(life);
        }
    }
}
