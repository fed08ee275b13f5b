//! Stories of the store: given deliveries, when the clock moves or the process dies, then.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on ends here")]

mod answers;
mod clocks;
mod durable;
mod failing;
mod flood;
mod forgotten;
mod hours;
mod imports;
mod levels;
mod model_says;
mod news;
mod openings;
mod pools;
mod printing;
mod property;
mod published;
mod restarts;
mod scaled;
mod series;
mod threads;
mod world;
