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

/// Larger bodies share [`LARGE_KIB_MAX`], so that they never keep out the usual ones, which take a
/// few kibibytes.
const SMALL_BYTES_MAX: usize = 1024 * 1024;

/// Large bodies in memory at most, in kibibytes: two of the largest that GitHub sends.
const LARGE_KIB_MAX: usize = 2 * BODY_BYTES_MAX / 1024;

/// Other bodies in memory at most, in kibibytes: over a thousand usual ones.
const SMALL_KIB_MAX: usize = 14 * 1024;

/// What is refused is still read to its end up to here, so that the client sees the answer and not
/// a broken connection; nothing of it is kept.
const DRAIN_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;

/// The memory for bodies, in kibibytes.
#[derive(Clone, Debug)]
pub struct Room {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        let [small, large] =
            [SMALL_KIB_MAX, LARGE_KIB_MAX].map(|kib| Arc::new(Semaphore::new(kib)));
        Room { small, large }
    }
}

/// A body in memory, and its share of the room.
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    share: Option<OwnedSemaphorePermit>,
    is_large: bool,
}

/// Reads a body to its end.
///
/// # Errors
/// [`Rejection::TooLarge`], [`Rejection::Overloaded`] when the memory for bodies is taken,
/// [`Rejection::TooSlow`], or [`Rejection::Body`] when the client breaks off.
pub(super) async fn read(headers: &HeaderMap, body: Body, room: &Room) -> Result<Whole, Rejection> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let expects = headers.contains_key(header::EXPECT);
    let reading = gather(announced, expects, body, room);
    tokio::time::timeout(TIME_MAX, reading).await.unwrap_or(Err(Rejection::TooSlow))
}

async fn gather(
    announced: Option<usize>,
    expects: bool,
    mut body: Body,
    room: &Room,
) -> Result<Whole, Rejection> {
    let mut whole = Whole { bytes: Vec::new(), share: None, is_large: false };
    let mut refused = None;
    match announced {
        Some(len) if len > BODY_BYTES_MAX => refused = Some(Rejection::TooLarge),
        Some(len) if len > SMALL_BYTES_MAX => match whole.become_large(len, room) {
            Ok(()) => whole.bytes.reserve_exact(len),
            Err(rejection) => refused = Some(rejection),
        },
        Some(len) => whole.bytes.reserve_exact(len),
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
            refused = whole.take(data, room).err();
        }
        if refused.is_some() {
            // Its share is for the others from now on.
            (whole.bytes, whole.share) = (Vec::new(), None);
            drained += data.len();
            if drained > DRAIN_BYTES_MAX {
                break;
            }
        }
    }
    refused.map_or(Ok(whole), Err)
}

impl Whole {
    fn take(&mut self, data: &[u8], room: &Room) -> Result<(), Rejection> {
        let len = self.bytes.len() + data.len();
        if len > BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        match len > SMALL_BYTES_MAX {
            // If all grew step by step, many would fill the room together and none arrive whole.
            true => self.become_large(BODY_BYTES_MAX, room)?,
            false => self.grow_to(len, room)?,
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }

    /// Takes a share for what has arrived, without waiting. What is only announced takes none: it
    /// would cost a client nothing to keep others out.
    fn grow_to(&mut self, len: usize, room: &Room) -> Result<(), Rejection> {
        let held = self.share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = len.div_ceil(1024).saturating_sub(held);
        if needed > 0 {
            let more = share(&room.small, needed)?;
            match &mut self.share {
                Some(share) => share.merge(more),
                none => *none = Some(more),
            }
        }
        Ok(())
    }

    /// Takes the whole share of a large body at once, so that some always arrive whole.
    fn become_large(&mut self, len: usize, room: &Room) -> Result<(), Rejection> {
        if !self.is_large {
            self.share = Some(share(&room.large, len.div_ceil(1024))?);
            self.is_large = true;
        }
        Ok(())
    }
}

fn share(of: &Arc<Semaphore>, kib: usize) -> Result<OwnedSemaphorePermit, Rejection> {
    let kib = u32::try_from(kib).map_err(|_| Rejection::TooLarge)?;
    Arc::clone(of).try_acquire_many_owned(kib).map_err(|_| Rejection::Overloaded)
}
