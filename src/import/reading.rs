//! One line of any format, as what history takes in.

use ingest::past::{self, Past};

use super::{Columns, Format};

/// Reads the lines of one file.
#[derive(Debug)]
pub enum Reading {
    /// Webhooks.
    Webhook,
    /// EMF.
    Emf,
    /// A trace whose first line is still to come; with the pools of the configuration.
    Heading(Vec<String>),
    /// A trace.
    Rows(Columns),
}

/// A line that cannot be read: what stands there and what was expected.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is skipped.
    Line(String),
    /// Nothing of the file can be read.
    File(String),
}

impl Reading {
    /// A file of that format.
    pub fn of(format: Format, pools: &[String]) -> Self {
        match format {
            Format::Webhook => Reading::Webhook,
            Format::Emf => Reading::Emf,
            Format::Trace => Reading::Heading(pools.to_vec()),
        }
    }

    /// Reads one line.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn line(&mut self, text: &str) -> Result<Vec<Past>, Problem> {
        match self {
            Reading::Webhook => one(past::webhook::read(text)),
            Reading::Emf => one(past::emf::read(text)),
            Reading::Heading(pools) => {
                let columns = Columns::of(text, std::mem::take(pools)).map_err(Problem::File)?;
                *self = Reading::Rows(columns);
                Ok(Vec::new())
            }
            Reading::Rows(columns) => {
                let events = columns.read(text).map_err(Problem::Line)?;
                Ok(events.map(|event| Past::Job(Box::new(event))).into())
            }
        }
    }
}

fn one(read: Result<Past, past::Malformed>) -> Result<Vec<Past>, Problem> {
    read.map(|past| vec![past]).map_err(|error| Problem::Line(error.to_string()))
}
