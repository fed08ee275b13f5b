//! Accepts connections within limits and ends them in good order.
//!
//! A client that sends its head slowly is cut off, connections are bounded, and when the process is
//! asked to end, no new connection is taken and the requests under way are answered first.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one process takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once. Further ones wait in the system's queue.
    pub connections_max: usize,
    /// From the first byte of a request to the end of its head; also how long an idle connection is
    /// kept.
    pub head_time_max: Duration,
    /// Bytes of a request's head.
    pub head_bytes_max: usize,
    /// How long requests under way may take when the process is asked to end.
    pub drain_time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections_max: 2048,
            head_time_max: Duration::from_secs(10),
            head_bytes_max: 64 * 1024,
            drain_time_max: Duration::from_secs(15),
        }
    }
}

/// Serves until `closing` resolves, then drains.
///
/// # Errors
/// When the listener itself fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    closing: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time_max)
        .max_buf_size(limits.head_bytes_max)
        // A client may say that it sends no more and wait for its answer.
        .half_close(true);
    tokio::pin!(closing);
    loop {
        let (stream, place) = tokio::select! {
            biased;
            () = &mut closing => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that breaks off is its own affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_time_max, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests took too long and were cut off");
    }
    Ok(())
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    loop {
        let place =
            Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return (stream, place);
            }
            Err(error) => {
                // Such as no more file descriptors: wait for connections to end.
                tracing::error!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
