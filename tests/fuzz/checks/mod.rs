//! What must hold for any bytes whatever. A check panics where it does not.
//!
//! Fuzzers look for bytes that break a check, and a test replays all bytes that they found worth
//! keeping. README.md tells how to run them.

mod emf;
mod import;
mod line;
mod make;
mod payload;
mod signature;

/// The check of that target.
pub(crate) fn check(target: &str, data: &[u8]) {
    match target {
        "emf" => emf::check(data),
        "import" => import::check(data),
        "payload" => payload::check(data),
        "signature" => signature::check(data),
        other => panic!("there is no target {other}"),
    }
}
