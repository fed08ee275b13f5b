//! Plays a trace: signs each delivery, sends it over HTTP, and moves the demo's clock.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use ingest::Secrets;
use model::{Phase, Timestamp};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::payload;
use super::trace::{Delivery, Recorded};

/// How much faster than life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many times.
    Times(f64),
    /// As fast as the server answers.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Speed::Max);
        }
        match text.trim_end_matches('x').parse() {
            Ok(times) if (1.0..=1e9).contains(&times) => Ok(Speed::Times(times)),
            _ => Err("a number from 1 up, such as 2016 (a week in five minutes), or `max`".into()),
        }
    }
}

/// The clock moves at least this often while nothing is delivered, so that ages rise smoothly.
const BEAT: Duration = Duration::from_millis(50);

/// Plays one trace against one server.
#[derive(Debug)]
pub struct Player {
    address: SocketAddr,
    secrets: Secrets,
    clock: Arc<AtomicI64>,
    connection: SendRequest<Full<Bytes>>,
}

impl Player {
    /// Connects to the server at `address`; `clock` is moved as the trace goes on.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn connect(
        address: SocketAddr,
        secrets: Secrets,
        clock: Arc<AtomicI64>,
    ) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let _ = stream.set_nodelay(true);
        let (connection, driver) =
            handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(driver);
        Ok(Player { address, secrets, clock, connection })
    }

    /// Sends `deliveries` at `speed`, those before `head_start` as fast as the server answers.
    /// `progress` is told how many were sent.
    ///
    /// # Errors
    /// When the server does not accept a delivery.
    pub async fn play(
        &mut self,
        jobs: &[Recorded],
        deliveries: &[Delivery],
        speed: Speed,
        head_start: Timestamp,
        mut progress: impl FnMut(u64),
    ) -> Result<(), String> {
        let mut began: Option<Instant> = None;
        for (delivery, sent) in deliveries.iter().zip(1..) {
            if let (Speed::Times(times), true) = (speed, delivery.at > head_start) {
                let began = *began.get_or_insert_with(Instant::now);
                self.wait_until(delivery.at, head_start, began, times).await;
            }
            self.set_clock(delivery.at);
            self.send(&jobs[delivery.job], delivery.phase).await?;
            progress(sent);
        }
        Ok(())
    }

    /// The present is not before this.
    pub(super) fn set_clock(&self, at: Timestamp) {
        self.clock.fetch_max(at.as_millis(), Ordering::Relaxed);
    }

    pub(super) async fn wait_until(
        &self,
        at: Timestamp,
        origin: Timestamp,
        began: Instant,
        times: f64,
    ) {
        loop {
            let passed = origin.plus(began.elapsed().mul_f64(times)).min(at);
            self.clock.fetch_max(passed.as_millis(), Ordering::Relaxed);
            if passed == at {
                return;
            }
            sleep(at.saturating_since(passed).div_f64(times).min(BEAT)).await;
        }
    }

    /// Sends what GitHub would have sent of one phase of a job.
    pub(super) async fn send(&mut self, job: &Recorded, phase: Phase) -> Result<(), String> {
        let body = payload::body(job, phase).to_string();
        let signature = self.secrets.sign(body.as_bytes()).ok_or("the demo has no secret")?;
        let request = Request::post("/webhook")
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .header("user-agent", "headroom-demo")
            .header("x-github-event", "workflow_job")
            .header("x-github-delivery", payload::delivery_id(job, phase))
            .header("x-hub-signature-256", signature)
            .body(Full::from(body))
            .map_err(|error| error.to_string())?;
        self.connection.ready().await.map_err(|error| error.to_string())?;
        let answer = self.connection.send_request(request).await.map_err(|e| e.to_string())?;
        let status = answer.status();
        let text = answer.into_body().collect().await.map_err(|e| e.to_string())?.to_bytes();
        if status.is_success() {
            return Ok(());
        }
        Err(format!("the server answers {status}: {}", String::from_utf8_lossy(&text).trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_or_max() {
        for (text, expected) in [
            ("max", Some(Speed::Max)),
            ("2016", Some(Speed::Times(2016.0))),
            ("60x", Some(Speed::Times(60.0))),
            ("0", None),
            ("-3", None),
            ("NaN", None),
            ("fast", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
    }
}
