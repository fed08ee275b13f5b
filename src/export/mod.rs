//! From jobs to lines that can be imported again.

pub mod emf;
pub mod trace;
