//! The alarms over history: counted minutes from a store or from files, and what would have fired.

mod csv;
mod emf;
mod history;
mod stored;
mod table;
mod usual;

pub use csv::read as read_csv;
pub use emf::read as read_emf;
pub use history::{Fired, History, Minutes, over};
pub use stored::Stored;
pub use table::Table;
