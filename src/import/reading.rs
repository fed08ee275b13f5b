//! One line of any format, as what history takes in.

use ingest::past::trace::Columns;
use ingest::past::{self, Malformed, Past};

use super::Format;

/// Reads the lines of one file.
#[derive(Debug)]
pub enum Reading {
    /// Webhooks.
    Webhook,
    /// EMF.
    Emf,
    /// A trace whose first line is still to come; with the pools of the configuration.
    Heading(Vec<String>),
    /// A trace; with the same.
    Rows(Columns, Vec<String>),
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
                let columns =
                    Columns::of(text).map_err(|error| Problem::File(error.to_string()))?;
                *self = Reading::Rows(columns, std::mem::take(pools));
                Ok(Vec::new())
            }
            Reading::Rows(columns, pools) => {
                let row = columns.row(text).map_err(|error| unreadable(&error))?;
                Ok(row.events(pools).map(|event| Past::Job(Box::new(event))).into())
            }
        }
    }
}

fn one(read: Result<Past, Malformed>) -> Result<Vec<Past>, Problem> {
    read.map(|past| vec![past]).map_err(|error| unreadable(&error))
}

fn unreadable(error: &Malformed) -> Problem {
    Problem::Line(error.to_string())
}
