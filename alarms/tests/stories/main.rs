//! Each alarm as a story: series in, it fires at one minute and ceases at another.

mod engine;
mod tales;
mod told;
mod world;
