//! `/events`: tells the page that something changed, at most once a second.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::time::{Instant, sleep_until, timeout};

use super::App;

/// Between two messages at least.
const PACE: Duration = Duration::from_secs(1);

/// Ages rise although nothing happens, so a message comes at least this often.
const QUIET_MAX: Duration = Duration::from_secs(10);

/// Messages named `changed`, until the process ends.
pub(super) async fn stream(
    State(app): State<Arc<App>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (news, closing) = (app.news.subscribe(), app.closing.clone());
    let messages =
        unfold((news, closing, Instant::now()), |(mut news, mut closing, last)| async move {
            tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => return None,
                () = async {
                    sleep_until(last + PACE).await;
                    let _ = timeout(QUIET_MAX, news.changed()).await;
                } => {}
            }
            let version = *news.borrow_and_update();
            let event = Event::default().event("changed").data(version.to_string());
            Some((Ok(event), (news, closing, Instant::now())))
        });
    Sse::new(messages).keep_alive(KeepAlive::default())
}
