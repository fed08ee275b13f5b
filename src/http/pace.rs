//! A connection with deadlines: for a head that is sent slowly, for silence between two requests
//! and for answers that nobody reads.
//!
//! What is under way at the service has limits of its own and none here. A deadline that passes is
//! an error of the stream, which ends the connection and gives its place to the next one.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long one connection may keep its place without getting on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// From the connection, or from the first byte of a later head, to the end of that head.
    pub(super) head: Duration,
    /// From the end of an answer to the first byte of the next head.
    pub(super) idle: Duration,
    /// For the next byte of an answer to be taken.
    pub(super) write: Duration,
}

/// What the service tells the stream of one connection.
#[derive(Debug, Default)]
pub(super) struct Progress {
    heads: AtomicU64,
    is_busy: AtomicBool,
}

/// Held while the service works on a request.
#[derive(Debug)]
pub(super) struct Busy(Arc<Progress>);

impl Progress {
    /// A head was read to its end; the request is under way until the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.is_busy.store(true, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.is_busy.store(false, Ordering::Relaxed);
    }
}

/// The stream of one connection.
#[derive(Debug)]
pub(super) struct Paced<S> {
    stream: S,
    pace: Pace,
    progress: Arc<Progress>,
    /// Of the head that is being read: how many heads came before it. `None` between two requests.
    head: Option<u64>,
    reading: Deadline,
    writing: Deadline,
}

impl<S> Paced<S> {
    /// Says of the connection how it gets on by `progress`.
    pub(super) fn new(stream: S, pace: Pace, progress: Arc<Progress>) -> Self {
        let (reading, writing) = (Deadline::default(), Deadline::default());
        Paced { stream, pace, progress, head: Some(0), reading, writing }
    }

    /// Bytes came: those of a head, unless a body is being read.
    fn note_bytes(&mut self) {
        let before = self.heads_before();
        if self.head != before {
            self.head = before;
            self.reading.disarm();
        }
    }

    /// Nothing came. Whether it is time to give up.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(heads) = self.heads_before() else {
            self.reading.disarm();
            return Poll::Pending;
        };
        if self.head.is_some_and(|head| head != heads) {
            // That head was read to its end, and its request is answered.
            self.head = None;
            self.reading.disarm();
        }
        let limit = if self.head.is_some() { self.pace.head } else { self.pace.idle };
        self.reading.poll(limit, cx)
    }

    /// How many heads were read; `None` while the service works on the last one.
    fn heads_before(&self) -> Option<u64> {
        let is_busy = self.progress.is_busy.load(Ordering::Relaxed);
        (!is_busy).then(|| self.progress.heads.load(Ordering::Relaxed))
    }

    fn note_write<T>(
        &mut self,
        result: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.writing.disarm();
            return result;
        }
        ready!(self.writing.poll(self.pace.write, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_read(cx, buf);
        if result.is_ready() {
            this.note_bytes();
            return result;
        }
        ready!(this.poll_late(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.note_write(result, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.note_write(result, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// An instant that moves far more often than it passes: the timer is set again only when it fires
/// too early or would fire too late.
#[derive(Debug, Default)]
struct Deadline {
    at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn disarm(&mut self) {
        self.at = None;
    }

    /// Ready once `limit` has passed since the first call after the last [`Deadline::disarm`].
    fn poll(&mut self, limit: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let at = *self.at.get_or_insert_with(|| Instant::now() + limit);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() > at {
            timer.as_mut().reset(at);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= at {
                return Poll::Ready(());
            }
            timer.as_mut().reset(at);
        }
        Poll::Pending
    }
}
