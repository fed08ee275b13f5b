//! The requests: GitHub's own payloads with ids and times of their own, signed beforehand.
//!
//! A request is made by writing ids, times and signature into a template of the same length, so
//! that the sender spends next to nothing on it. Only signatures are kept, 32 bytes each.

use std::thread;

use ingest::Secrets;
use model::Timestamp;
use serde_json::Value;

/// Real payloads of one job's course.
const PAYLOADS: [&str; 3] = [
    include_str!("../fixtures/webhooks/workflow_job.queued.1.json"),
    include_str!("../fixtures/webhooks/workflow_job.in_progress.3.json"),
    include_str!("../fixtures/webhooks/workflow_job.completed.1.json"),
];

/// So many jobs are queued before the first of them is started: more than there are requests under
/// way at any time, so that the phases of a job arrive in their order.
const JOBS_AT_ONCE: usize = 4096;

/// Jobs created in one second, as the payloads tell.
const JOBS_PER_SEC: usize = 5_000;

/// Waits are below this.
const WAIT_SECS_MAX: usize = 300;

/// Durations are below this.
const DURATION_SECS_MAX: usize = 900;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Where in a request something of its own stands.
#[derive(Clone, Copy, Debug)]
enum Slot {
    Job,
    Run,
    Delivery,
    Signature,
    Created,
    Started,
    Completed,
}

/// A request without anything of its own.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    body_at: usize,
    slots: Vec<(usize, Slot)>,
}

/// All requests of a run.
#[derive(Debug)]
pub(crate) struct Traffic {
    templates: Vec<Template>,
    signatures: Vec<[u8; 32]>,
    times: Vec<String>,
    first_job: u64,
}

impl Traffic {
    /// Signs `len` requests to `url`; the first job is created at `now_secs`.
    pub(crate) fn new(
        secret: &str,
        url: &str,
        first_job: u64,
        now_secs: u64,
        len: usize,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let secrets = Secrets::new(&[secret])?;
        let templates = PAYLOADS.map(|payload| Template::new(payload, url));
        let templates = templates.into_iter().collect::<Result<Vec<_>, _>>()?;
        let secs = len / PAYLOADS.len() / JOBS_PER_SEC + WAIT_SECS_MAX + DURATION_SECS_MAX;
        let now = i64::try_from(now_secs)?;
        let times = (now..).take(secs + 1).map(|at| Timestamp::from_secs(at).to_string());
        let times = times.collect();
        let mut traffic = Traffic { templates, signatures: Vec::new(), times, first_job };
        traffic.signatures = traffic.signed(&secrets, len);
        Ok(traffic)
    }

    /// How many requests there are.
    pub(crate) fn len(&self) -> usize {
        self.signatures.len()
    }

    /// Bytes of a body on average.
    pub(crate) fn mean_bytes(&self) -> usize {
        let bytes: usize = self.templates.iter().map(|t| t.bytes.len() - t.body_at).sum();
        bytes / self.templates.len()
    }

    /// Room for the requests of one connection.
    pub(crate) fn room(&self) -> Vec<Template> {
        self.templates.clone()
    }

    /// The bytes of a request, head and body.
    pub(crate) fn request<'a>(&self, number: usize, room: &'a mut [Template]) -> &'a [u8] {
        let template = self.fill(number, room);
        let signature = &self.signatures[number];
        for (at, _) in template.slots.iter().filter(|(_, slot)| matches!(slot, Slot::Signature)) {
            for (pair, byte) in template.bytes[*at..].chunks_mut(2).zip(signature) {
                pair[0] = HEX[usize::from(byte >> 4)];
                pair[1] = HEX[usize::from(byte & 15)];
            }
        }
        &template.bytes
    }

    fn signed(&self, secrets: &Secrets, len: usize) -> Vec<[u8; 32]> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let share = len.div_ceil(threads).max(1);
        let mut signatures = vec![[0; 32]; len];
        thread::scope(|scope| {
            for (i, part) in signatures.chunks_mut(share).enumerate() {
                scope.spawn(move || {
                    let mut room = self.room();
                    for (number, signature) in (i * share..).zip(part) {
                        let template = self.fill(number, &mut room);
                        *signature = digest(secrets, &template.bytes[template.body_at..]);
                    }
                });
            }
        });
        signatures
    }

    /// Everything but the signature.
    fn fill<'a>(&self, number: usize, room: &'a mut [Template]) -> &'a mut Template {
        let (block, within) = (number / (3 * JOBS_AT_ONCE), number % (3 * JOBS_AT_ONCE));
        let (phase, nth) = (within / JOBS_AT_ONCE, block * JOBS_AT_ONCE + within % JOBS_AT_ONCE);
        let job = self.first_job + nth as u64;
        let created = nth / JOBS_PER_SEC;
        let started = created + nth * 31 % WAIT_SECS_MAX;
        let completed = started + nth * 17 % DURATION_SECS_MAX;
        let template = &mut room[phase];
        for (at, slot) in &template.slots {
            let into = &mut template.bytes[*at..];
            let mut time = |index: usize| into[..20].copy_from_slice(self.times[index].as_bytes());
            match slot {
                Slot::Created => time(created),
                Slot::Started => time(started),
                Slot::Completed => time(completed),
                Slot::Job => digits(job, 10, &mut into[..11]),
                Slot::Run => digits(10_000_000_000 + job / 4, 10, &mut into[..11]),
                Slot::Delivery => {
                    let id = scattered(job * 4 + phase as u64);
                    digits(id >> 32, 16, &mut into[..8]);
                    digits(id & 0xffff_ffff, 16, &mut into[24..36]);
                }
                Slot::Signature => {}
            }
        }
        template
    }
}

impl Template {
    fn new(payload: &str, url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let (mut body, mut slots) = (payload.trim_end().to_owned(), Vec::new());
        let known: Value = serde_json::from_str(payload)?;
        let job = &known["workflow_job"];
        for (field, slot) in [
            ("id", Slot::Job),
            ("run_id", Slot::Run),
            ("started_at", Slot::Started),
            ("created_at", Slot::Created),
            ("completed_at", Slot::Completed),
        ] {
            let (word, blank) = match &job[field] {
                Value::Number(number) => (number.to_string(), BLANKS[slot as usize]),
                Value::String(text) => (text.clone(), BLANKS[slot as usize]),
                _ => continue,
            };
            body = body.replace(&word, blank);
        }
        let action = known["action"].as_str().unwrap_or_default();
        let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let mut bytes = format!(
            "POST /webhook HTTP/1.1\r\nHost: {host}\r\nUser-Agent: GitHub-Hookshot/044aadd\r\n\
             Accept: */*\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             X-GitHub-Event: workflow_job\r\nX-GitHub-Delivery: {}\r\n\
             X-Hub-Signature-256: sha256={}\r\n\r\n",
            body.len(),
            BLANKS[Slot::Delivery as usize],
            BLANKS[Slot::Signature as usize],
        );
        let body_at = bytes.len();
        bytes.push_str(&body);
        for slot in ALL {
            slots.extend(bytes.match_indices(BLANKS[slot as usize]).map(|(at, _)| (at, slot)));
        }
        match slots.iter().any(|(_, slot)| matches!(slot, Slot::Job)) {
            true => Ok(Template { bytes: bytes.into_bytes(), body_at, slots }),
            false => Err(format!("the payload of {action} has no job id").into()),
        }
    }
}

const ALL: [Slot; 7] = [
    Slot::Job,
    Slot::Run,
    Slot::Delivery,
    Slot::Signature,
    Slot::Created,
    Slot::Started,
    Slot::Completed,
];

/// What stands in a template until it is filled, in the order of [`ALL`]: as long as what comes.
const BLANKS: [&str; 7] = [
    "<job-id--->",
    "<run-id--->",
    "00000000-0000-4000-8000-<delivery-->",
    "<signature----------------------------------------------------->",
    "<created_at-------->",
    "<started_at-------->",
    "<completed_at------>",
];

/// A number of its own for each number, in no order: a store finds ids in no order hardest. These
/// are the steps of `SplitMix64`, each of which can be undone.
fn scattered(number: u64) -> u64 {
    let a = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}

/// Writes `number` right-aligned into all of `into`.
fn digits(mut number: u64, base: u64, into: &mut [u8]) {
    for digit in into.iter_mut().rev() {
        *digit = HEX[usize::try_from(number % base).unwrap_or(0)];
        number /= base;
    }
}

fn digest(secrets: &Secrets, body: &[u8]) -> [u8; 32] {
    let signature = secrets.sign(body).expect("there is a secret");
    let digits = signature.trim_start_matches("sha256=").as_bytes();
    let value = |digit: u8| HEX.iter().position(|known| *known == digit).unwrap_or(0);
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::try_from(value(pair[0]) << 4 | value(pair[1])).unwrap_or(0);
    }
    digest
}
