//! When pools are looked at: by schedule, and at once when a job is queued.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use scaler::Occasion;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{Cell, is_scaled};
use crate::http::App;

/// After a look a pool rests for so many times what the look took, so that looking at a pool in a
/// flood of jobs costs a tenth of a core at most.
const RESTS: u32 = 9;

/// No rest is shorter: what comes in a burst is decided together, and a decision is kept each time.
/// The first job of a burst finds its pool at rest, so it is decided at once.
const REST_MIN: Duration = Duration::from_millis(200);

/// No rest is longer: a job that is queued meanwhile is decided about within three seconds.
const REST_MAX: Duration = Duration::from_secs(1);

/// Pools that are looked at in the same moment. A look is short, and each takes a thread, which
/// keeps a megabyte or two for the next.
pub const LOOKS_MAX: usize = 8;

/// Looks at all pools until the task is ended.
pub async fn run(app: Arc<App>) {
    let places = Arc::new(Semaphore::new(LOOKS_MAX));
    let bell = Arc::clone(&app.scaling.bell);
    let mut beat = interval(app.scaling.settings.tick);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (pools, occasion) = tokio::select! {
            _ = beat.tick() => (all(&app).await, Occasion::Schedule),
            pools = bell.heard() => (pools, Occasion::Event),
        };
        ask(&app, &places, pools, occasion).await;
    }
}

/// Every pool of the store.
async fn all(app: &Arc<App>) -> BTreeSet<String> {
    let app = Arc::clone(app);
    let names = tokio::task::spawn_blocking(move || app.reader.pool_names());
    match names.await {
        Ok(Ok(names)) => names,
        Ok(Err(error)) => {
            tracing::error!(%error, "the pools cannot be read; the scaler tries again");
            BTreeSet::new()
        }
        Err(_) => BTreeSet::new(),
    }
}

async fn ask(app: &Arc<App>, places: &Arc<Semaphore>, pools: BTreeSet<String>, occasion: Occasion) {
    for pool in pools.into_iter().filter(|pool| is_scaled(pool)) {
        let cell = match app.scaling.known(&pool) {
            Some(cell) => cell,
            None => {
                let making = Arc::clone(app);
                let made = tokio::task::spawn_blocking(move || making.scaling.cell(&pool)).await;
                let Ok(Ok(cell)) = made else { continue };
                cell
            }
        };
        if cell.ask(occasion) {
            tokio::spawn(work(Arc::clone(app), Arc::clone(places), cell));
        }
    }
}

/// Looks at one pool until nobody asks any more.
async fn work(app: Arc<App>, places: Arc<Semaphore>, cell: Arc<Cell>) {
    while let Some(occasion) = cell.next() {
        let place = places.acquire().await.expect("it is never closed");
        let began = Instant::now();
        let (looking, looked_at) = (Arc::clone(&app), Arc::clone(&cell));
        let look = move || {
            let now = looking.clock.now();
            let decision = looked_at.look(occasion, looking.can_store(), now);
            looking.scaling.publish(&looked_at, &decision);
            decision.is_news
        };
        if tokio::task::spawn_blocking(look).await.unwrap_or(false) {
            app.news.send_modify(|news| *news += 1);
        }
        drop(place);
        // Who asks meanwhile is heard with the next look.
        sleep((began.elapsed() * RESTS).clamp(REST_MIN, REST_MAX)).await;
    }
}
