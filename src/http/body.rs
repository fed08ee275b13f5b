//! Reads bodies within limits of size, memory and time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use ingest::{BODY_BYTES_MAX, Rejection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// GitHub gives up after 10 s.
/// <https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks>
const TIME_MAX: Duration = Duration::from_secs(10);

/// What is refused is still read to its end up to here, so that the client sees the answer and not
/// a broken connection; nothing of it is kept.
const DRAIN_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;

/// A body in memory, and its share of the budget.
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    share: Option<OwnedSemaphorePermit>,
}

/// Reads a body to its end.
///
/// # Errors
/// [`Rejection::TooLarge`], [`Rejection::Overloaded`] when the memory for bodies is taken,
/// [`Rejection::TooSlow`], or [`Rejection::Body`] when the client breaks off.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    budget: &Arc<Semaphore>,
) -> Result<Whole, Rejection> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let expects = headers.contains_key(header::EXPECT);
    let reading = gather(announced, expects, body, budget);
    tokio::time::timeout(TIME_MAX, reading).await.unwrap_or(Err(Rejection::TooSlow))
}

async fn gather(
    announced: Option<usize>,
    expects: bool,
    mut body: Body,
    budget: &Arc<Semaphore>,
) -> Result<Whole, Rejection> {
    let mut whole = Whole { bytes: Vec::new(), share: None };
    let mut refused = None;
    match announced {
        Some(len) if len > BODY_BYTES_MAX => refused = Some(Rejection::TooLarge),
        Some(len) => match whole.grow_to(len, budget) {
            Ok(()) => whole.bytes.reserve_exact(len),
            Err(rejection) => refused = Some(rejection),
        },
        None => {}
    }
    // A client that asks first (`Expect: 100-continue`) has sent nothing yet, and need not.
    if let Some(rejection) = refused.take_if(|_| expects) {
        return Err(rejection);
    }
    let mut drained = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Rejection::Body("it breaks off"))?;
        let Some(data) = frame.data_ref() else { continue };
        if refused.is_none() {
            refused = whole.take(data, budget).err();
        }
        if refused.is_some() {
            whole.bytes = Vec::new();
            drained += data.len();
            if drained > DRAIN_BYTES_MAX {
                break;
            }
        }
    }
    refused.map_or(Ok(whole), Err)
}

impl Whole {
    fn take(&mut self, data: &[u8], budget: &Arc<Semaphore>) -> Result<(), Rejection> {
        let len = self.bytes.len() + data.len();
        if len > BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        self.grow_to(len, budget)?;
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    /// Takes a share of the budget for `len` bytes in all, without waiting.
    fn grow_to(&mut self, len: usize, budget: &Arc<Semaphore>) -> Result<(), Rejection> {
        let held = self.share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = len.div_ceil(1024).saturating_sub(held);
        if needed == 0 {
            return Ok(());
        }
        let needed = u32::try_from(needed).map_err(|_| Rejection::TooLarge)?;
        let more =
            Arc::clone(budget).try_acquire_many_owned(needed).map_err(|_| Rejection::Overloaded)?;
        match &mut self.share {
            Some(share) => share.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}
