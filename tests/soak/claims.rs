//! What must be true afterwards.

use std::collections::BTreeSet;

use ingest::past::{Past, emf};
use model::{Dimension, Dimensions, JobKey, Phase, catalogue};

use crate::book::{Book, Fate, Sums};
use crate::senders::POOLS;
use crate::stage::Stage;
use crate::world::{SECRET, Server, counted, headroom_in};

/// Bodies may take 64 MiB, and a crowd of connections has buffers.
const MEMORY_MIB_MAX: u64 = 192;

/// So many deliveries that were acknowledged are sent again.
const RESENT_MAX: usize = 1000;

pub(crate) fn check(stage: &Stage, server: &Server, book: &Book) {
    let sent: BTreeSet<_> = book.news.keys().copied().collect();
    let known: BTreeSet<_> = sent.iter().copied().filter(|news| book.is_known(*news)).collect();
    stage.at_most("deliveries that were sent", sent.len() as u64);
    stage.at_most("of them acknowledged", known.len() as u64);
    let stored = stored(stage, server);
    stage.at_most("of them in the store", stored.len() as u64);
    for lost in known.difference(&stored) {
        stage.claim(false, || format!("{lost:?} was acknowledged and is not in the store"));
    }
    for odd in stored.difference(&sent) {
        stage.claim(false, || format!("{odd:?} is in the store and was never sent"));
    }
    resend(stage, server, book, &stored);
    let after = self::stored(stage, server);
    stage.claim(after == sent, || format!("{} of {} are stored", after.len(), sent.len()));
    for pool in POOLS {
        pool_agrees(stage, server, book, pool);
    }
    is_well(stage, server);
}

/// What the store holds, as the export tells it; nothing twice.
fn stored(stage: &Stage, server: &Server) -> BTreeSet<(JobKey, Phase)> {
    let home = server.setup.home();
    let ended = headroom_in(home, &[], &["export", "--format", "emf"], b"");
    stage.claim(ended.code == Some(0), || format!("the export fails: {}", ended.stderr));
    let mut stored = BTreeSet::new();
    for line in ended.stdout.lines() {
        let Ok(Past::Job(past)) = emf::read(line) else {
            stage.claim(false, || format!("the export holds {line}"));
            continue;
        };
        let news = (past.event.key, past.event.phase);
        stage.claim(stored.insert(news), || format!("{news:?} is exported twice"));
    }
    stored
}

/// What nobody knew the fate of is new exactly where the store did not have it; and some of what was
/// known is known.
fn resend(stage: &Stage, server: &Server, book: &Book, stored: &BTreeSet<(JobKey, Phase)>) {
    let mut connection = server.connect();
    for (news, fate) in &book.news {
        let Fate::Open(delivery) = fate else { continue };
        let outcome = connection.send(&delivery.signed(SECRET)).unwrap().outcome();
        let expected = if stored.contains(news) { "202 duplicate" } else { "202 accepted" };
        stage.count("deliveries of unknown fate, sent again");
        stage.claim(outcome == expected, || format!("{news:?} is {outcome}, not {expected}"));
    }
    let known = book.news.keys().filter(|news| book.is_known(**news)).take(RESENT_MAX);
    for (key, phase) in known {
        let delivery = crate::senders::told_again(*key, *phase, &book.jobs[key]);
        let outcome = connection.send(&delivery.signed(SECRET)).unwrap().outcome();
        stage.claim(outcome == "202 duplicate", || format!("{key:?} {phase} again is {outcome}"));
    }
}

/// Totals, levels and waits are the reference's.
fn pool_agrees(stage: &Stage, server: &Server, book: &Book, name: &str) {
    let pool = server.pool(name);
    let (found, expected) =
        (Sums { totals: pool.totals(), levels: pool.levels() }, book.sums(name));
    stage.claim(found == expected, || format!("{name} has {found:?}, not {expected:?}"));
    let by = Dimensions::none().with(Dimension::Pool, name);
    let (found, expected) =
        (counted(&server.setup.store(), catalogue::JOB_WAIT.0, &by), book.waits(name));
    stage.claim(found == expected, || format!("{name} waits {found:?}, not {expected:?}"));
}

fn is_well(stage: &Stage, server: &Server) {
    for path in ["/", "/metrics", "/readyz"] {
        let status = server.get(path).status;
        stage.claim(status == 200, || format!("{path} is answered {status} at the end"));
    }
    let mib = server.status("VmHWM:") / 1024;
    stage.at_most("MiB of memory at most", mib);
    let most = stage.most("MiB of memory at most");
    stage.claim(most <= MEMORY_MIB_MAX, || format!("{most} MiB of memory, not {MEMORY_MIB_MAX}"));
}
