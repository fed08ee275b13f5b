//! A pool's group: each call, and what they amount to.

mod answers;
mod calls;
#[path = "../../../../scaler/contract/group.rs"]
mod contract;
mod documented;
mod emulated;
