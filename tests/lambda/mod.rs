//! The webhook as a Lambda function: the real binary behind a Runtime API, its doors, its secrets
//! and what it writes.

mod doors;
mod life;
mod lines;
mod queue;
mod secrets;

use crate::world::{Delivery, Request, SECRET};

/// The request of a delivery under another id, signed.
fn sent(delivery: &Delivery, id: &str) -> Request {
    delivery.again_as(id).signed(SECRET)
}
