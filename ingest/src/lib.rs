//! Webhook bytes in, metric records out. The way of one delivery:
//!
//! ```text
//! Request -> receive: signature -> body -> payload -> Delivery
//!         -> Router: labels -> pool
//!         -> ledger: job so far + event -> job now + Transition
//!         -> observe: Transition -> Records
//! ```
//!
//! Its doors are `headroom serve` (with a store that remembers jobs, see [`ledger::fold`]) and, for
//! whoever has no store, [`stateless`]. It never reads a clock, opens a socket or logs: the receive
//! time is a value, and what was rejected is a [`Rejection`] that knows its HTTP answer.

mod body;
mod json;
pub mod ledger;
mod observe;
pub mod past;
mod payload;
mod reject;
mod route;
mod signature;
mod throttle;
mod usual;

pub use body::{BODY_BYTES_MAX, MediaType, from_base64};
pub use ledger::{Job, Transition};
pub use observe::Observer;
pub use payload::{Content, RunEvent, RunStatus};
pub use reject::Rejection;
pub use route::{Route, Router};
pub use signature::{SecretError, Secrets, Verified};
pub use throttle::Throttle;
pub use usual::usual;

use model::emf::Record;
use model::{DeliveryId, Timestamp};

/// What a webhook request says, before anything in it is believed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// `X-GitHub-Event`.
    pub event: Option<&'a str>,
    /// `X-GitHub-Delivery`.
    pub delivery: Option<&'a str>,
    /// `X-Hub-Signature-256`.
    pub signature: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The raw bytes that were signed.
    pub body: &'a [u8],
}

/// A delivery that is genuine and readable.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its id; a redelivery keeps it.
    pub id: DeliveryId,
    /// What it says.
    pub content: Content,
}

/// Verifies and reads one request.
///
/// # Errors
/// The first of: too large, a media type we do not read, missing or wrong signature, then anything
/// unreadable. The order is part of the contract; see [`Rejection`].
pub fn receive(request: &Request<'_>, secrets: &Secrets) -> Result<Delivery, Rejection> {
    if request.body.len() > BODY_BYTES_MAX {
        return Err(Rejection::TooLarge);
    }
    let media_type = MediaType::of(request.content_type)?;
    let verified = secrets.verify(request.signature, request.body)?;
    let event = request.event.filter(|event| !event.is_empty()).ok_or(Rejection::EventMissing)?;
    let id = request.delivery.ok_or(Rejection::DeliveryMissing)?;
    let id = DeliveryId::new(id).ok_or(Rejection::DeliveryMissing)?;
    let text = body::text(&verified, media_type)?;
    let content = payload::parse(event, &text)?;
    Ok(Delivery { id, content })
}

/// The whole way of one delivery for whoever has no store: what can be said from this event alone.
///
/// Waits come from `in_progress` events and durations from `completed` ones only, so that each is
/// told once although no job is remembered.
pub fn stateless(
    delivery: Delivery,
    received_at: Timestamp,
    router: &mut Router,
    observer: &Observer,
) -> Vec<Record> {
    match delivery.content {
        Content::Job(event) => {
            let route = router.route(&event.labels);
            let (job, transition) = ledger::stateless(*event, route, received_at);
            observer.job(job, &transition, Some(delivery.id))
        }
        Content::Run(run) => vec![observer.run(&run, received_at)],
        Content::Ping => Vec::new(),
        Content::Ignored => vec![observer.ignored(received_at)],
    }
}
