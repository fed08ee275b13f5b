//! The agent on a runner's instance, under real bash: metadata on loopback, AWS's command line, the
//! runner and the switch are programs of a few lines.

mod ends;
mod files;
mod instance;
mod metadata;
mod reach;
mod registers;
mod warms;
