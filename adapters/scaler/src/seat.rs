//! The jobs of one pool as its scaler asks for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::Timestamp;
use scaler::ports::{Jobs, Open, Trouble};

use crate::Ledger;

/// One pool's view of the ledger that all pools share.
#[derive(Clone, Debug)]
pub struct Seat {
    ledger: Arc<Mutex<Ledger>>,
    pool: String,
}

impl Seat {
    /// Of this pool.
    pub fn new(ledger: &Arc<Mutex<Ledger>>, pool: &str) -> Self {
        Seat { ledger: Arc::clone(ledger), pool: pool.to_owned() }
    }

    /// A ledger whose holder failed is as whole as before: each line is taken in or not.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs for Seat {
    fn open(&mut self, names_max: u32, _now: Timestamp) -> Result<Open, Trouble> {
        Ok(self.ledger().open(&self.pool, names_max))
    }

    /// What was read of the log group so far; the model learns from there.
    fn history(&mut self, take: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
        self.ledger().arrived(&self.pool).into_iter().for_each(take);
        Ok(())
    }

    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
        Ok(self.ledger().arrived(&self.pool))
    }
}
