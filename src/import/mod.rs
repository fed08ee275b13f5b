//! From files to what history takes in: decompressed, cut into lines, read line by line.
//!
//! Nothing here writes to a store. A line that cannot be read is told apart by its number.

mod format;
mod lines;
mod reading;
mod source;
mod zstd;

pub use format::Format;
pub use lines::{Line, Lines};
pub use reading::{Problem, Reading};
pub use source::{Input, open};
