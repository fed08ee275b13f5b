//! The recorded week and the player that sends it as signed webhooks over HTTP.

mod payload;
mod player;
mod simulation;
mod trace;

pub use player::{Player, Speed};
pub use simulation::{Simulation, Tempo};
pub use trace::{Delivery, Recorded, deliveries, recorded_week};
