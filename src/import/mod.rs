//! From files to what history takes in: decompressed, cut into lines, read line by line.
//!
//! Only [`files`] hands what it reads to an importer. A line that cannot be read is told apart by its number.

mod files;
mod format;
mod lines;
mod reading;
mod source;
mod temporary;
mod zstd;

pub use files::{Counts, Import, counting, files, formatted, listening, progress, replaying, told};
pub use format::Format;
pub use lines::{Line, Lines};
pub use reading::{Problem, Reading};
pub use source::{Input, open};
pub use temporary::{LOOKED_BACK, LogGroup, Temporary};
