//! How many Spot instances AWS took away of late: the series that the lifecycle function writes.
//!
//! The two functions share no memory, and the series is there for the alarm anyway.

use std::time::Duration;

use aws::{Aws, History, Interruptions};
use model::catalogue::SPOT_INTERRUPTIONS;
use model::{Dimension, Timestamp};
use scaler::INTERRUPTIONS_WINDOW;

/// A question costs money, and the series has a value a minute.
const ASKED_EVERY: Duration = Duration::from_mins(1);

/// Of one pool.
pub struct Lately {
    history: History,
    pool: String,
    known: u32,
    asked_at: Option<Timestamp>,
}

impl Lately {
    /// Nobody is asked yet.
    pub fn new(aws: &Aws, pool: &str) -> Self {
        let history = History::new(aws, Vec::new());
        Lately { history, pool: pool.to_owned(), known: 0, asked_at: None }
    }
}

impl Interruptions for Lately {
    fn lately(&mut self, now: Timestamp) -> u32 {
        let is_due = self.asked_at.is_none_or(|at| now.saturating_since(at) >= ASKED_EVERY);
        if is_due {
            self.asked_at = Some(now);
            let minute = Duration::from_mins(1);
            let query = SPOT_INTERRUPTIONS.sum().of(Dimension::Pool, &self.pool).every(minute);
            match self.history.series(&query, now.minus(INTERRUPTIONS_WINDOW), now) {
                Ok(series) => self.known = whole(series.iter().map(|(_, value)| value).sum()),
                Err(error) => {
                    let pool = &self.pool;
                    tracing::warn!(pool, %error, "how many Spot instances were taken is not known");
                }
            }
        }
        self.known
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of instances"
)]
fn whole(sum: f64) -> u32 {
    sum.round() as u32
}
