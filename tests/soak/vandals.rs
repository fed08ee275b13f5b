//! Those who do not mean well, and those who only look.

use std::time::Duration;

use crate::stage::Stage;
use crate::world::{Answer, Chance, Connection, Job, Request, SECRET};

/// One who takes part until it is over.
type Part = fn(&Stage, &mut Chance);

pub(crate) const ALL: [Part; 7] = [forge, stall, boast, never_read, stuff, scrape, look];

/// Between two visits.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that are kept open and silent.
const STALLED_MAX: usize = 100;

/// Whatever a client does, no answer is a fault of the server.
fn note(stage: &Stage, what: &'static str, answer: &Answer) {
    stage.count(what);
    let is_fine = answer.status < 500 || answer.status == 503;
    stage.claim(is_fine, || format!("{what}: {} {}", answer.status, answer.text()));
}

/// Floods of signatures that somebody made up.
fn forge(stage: &Stage, chance: &mut Chance) {
    while let Some(mut connection) = stage.connect() {
        let delivery = Job::new(u64::MAX - chance.next() % 1000).queued();
        let signature = format!("sha256={:016x}{}", chance.next(), "0".repeat(48));
        for _ in 0..50 {
            let Ok(answer) = connection.send(&delivery.request(&signature)) else { break };
            note(stage, "forged deliveries answered", &answer);
            stage.claim([401, 503].contains(&answer.status), || {
                format!("a forgery is answered {}", answer.status)
            });
        }
        stage.pause(PAUSE);
    }
}

/// Heads that begin and never end.
fn stall(stage: &Stage, chance: &mut Chance) {
    let mut stalled = Vec::new();
    while let Some(mut connection) = stage.connect() {
        let half: &[u8] = b"POST /webhook HTTP/1.1\r\nhost: localhost\r\nx-slow: ";
        if connection.write(&half[..chance.below(half.len())]).is_ok() {
            stage.count("connections stalled");
            stalled.push(connection);
        }
        if stalled.len() > STALLED_MAX {
            stalled.swap_remove(chance.below(STALLED_MAX));
        }
        stage.pause(PAUSE / 4);
    }
}

/// Heads that are far too long.
fn boast(stage: &Stage, chance: &mut Chance) {
    while let Some(mut connection) = stage.connect() {
        let long = "x".repeat(60_000 + chance.below(200_000));
        let request = Request::post("/webhook").header("x-long", long);
        // It may be cut off before it has an answer.
        if let Ok(answer) = connection.send(&request) {
            note(stage, "long heads answered", &answer);
        }
        stage.pause(PAUSE);
    }
}

/// Asks and asks and reads no answer.
fn never_read(stage: &Stage, chance: &mut Chance) {
    let mut silent = Vec::new();
    while let Some(mut connection) = stage.connect() {
        let path = *chance.pick(&["/", "/metrics", "/events", "/api/pools"]);
        let asks = Request::get(path).bytes().repeat(20);
        if connection.write(&asks).is_ok() {
            stage.count("connections that never read");
            silent.push(connection);
        }
        if silent.len() > STALLED_MAX / 4 {
            silent.remove(0);
        }
        stage.pause(PAUSE);
    }
}

/// Signed nonsense, and bodies as large as GitHub's largest.
fn stuff(stage: &Stage, chance: &mut Chance) {
    while let Some(mut connection) = stage.connect() {
        let mut delivery = Job::new(u64::MAX - chance.next() % 1000).queued();
        let is_large = chance.below(4) == 0;
        let len = if is_large { 26 << 20 } else { chance.below(4000) };
        delivery.body = vec![b'['; len];
        if let Ok(answer) = connection.send(&delivery.signed(SECRET)) {
            note(stage, "nonsense answered", &answer);
            let expected: &[u16] = if is_large { &[413, 503] } else { &[400, 503] };
            stage.claim(expected.contains(&answer.status), || {
                format!("nonsense of {len} bytes is answered {}", answer.status)
            });
        }
        stage.pause(PAUSE);
    }
}

fn scrape(stage: &Stage, _: &mut Chance) {
    view(stage, "views of /metrics", || "/metrics");
}

fn look(stage: &Stage, chance: &mut Chance) {
    let paths = ["/", "/?range=7d", "/?pool=linux", "/api/pools", "/readyz", "/healthz"];
    view(stage, "views of pages", || *chance.pick(&paths));
}

fn view(stage: &Stage, what: &'static str, mut path: impl FnMut() -> &'static str) {
    while let Some(mut connection) = stage.connect() {
        while !stage.is_over() {
            let Ok(answer) = ask(&mut connection, path()) else { break };
            note(stage, what, &answer);
            stage.pause(PAUSE);
        }
    }
}

fn ask(connection: &mut Connection, path: &str) -> std::io::Result<Answer> {
    connection.send(&Request::get(path))
}
