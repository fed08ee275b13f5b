//! Fuzzes the way of deliveries from their bytes to what is published.

#![no_main]

#[path = "../checks/mod.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::check("payload", data));
