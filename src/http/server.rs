//! Accepts connections within limits and ends them in good order.
//!
//! A client that sends its head slowly or never reads its answers is cut off, connections are
//! bounded, and when the process is asked to end, no new connection is taken and the requests under
//! way are answered first.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::pace::{Pace, Paced, Progress};

/// What one process takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once. Further ones wait in the system's queue.
    pub connections_max: usize,
    /// From the first byte of a request to the end of its head; for the first one from the
    /// connection itself. GitHub gives up after 10 s as well.
    /// <https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks>
    pub head_time_max: Duration,
    /// How long an idle connection is kept. Longer than the 60 s for which proxies keep theirs:
    /// if this side closed first, a request on its way would be lost.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html>
    /// <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout>
    pub idle_time_max: Duration,
    /// How long a client may take nothing of an answer that waits for it.
    pub write_time_max: Duration,
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
            idle_time_max: Duration::from_secs(75),
            write_time_max: Duration::from_secs(30),
            head_bytes_max: 64 * 1024,
            drain_time_max: Duration::from_secs(15),
        }
    }
}

/// When only this part of the places is left, who comes then is not kept idle for long: connections
/// that only sit there never take the last quarter for more than the time of a head.
const RESERVE_PART: usize = 4;

impl Limits {
    fn pace(self, places_left: usize) -> Pace {
        let is_crowded = places_left < self.connections_max / RESERVE_PART;
        let idle = if is_crowded { self.head_time_max } else { self.idle_time_max };
        Pace { head: self.head_time_max, idle, write: self.write_time_max }
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
    // The stream itself keeps time: it can tell a slow head from silence.
    http.header_read_timeout(None)
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
        let progress = Arc::new(Progress::default());
        let limits = limits.pace(places.available_permits());
        let stream = TokioIo::new(Paced::new(stream, limits, Arc::clone(&progress)));
        let router = TowerToHyperService::new(router.clone());
        let service = service_fn(move |request| {
            let (busy, answer) = (progress.begin(), router.call(request));
            async move {
                let answer = answer.await;
                drop(busy);
                answer
            }
        });
        let connection = graceful.watch(http.serve_connection(stream, service));
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

#[cfg(test)]
mod tests;
