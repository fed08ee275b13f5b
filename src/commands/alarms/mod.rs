//! `headroom alarms`: what is worth telling, and whether those who are to be told can be.

pub mod test;
