//! Where EMF lines go.

use std::io::{self, Write};

use model::emf::{Encoder, Record};

/// Where EMF lines go.
pub struct Sink {
    /// The stream.
    pub out: Box<dyn Write + Send>,
    /// How lines are written.
    pub encoder: Encoder,
    /// One line an event, with its properties, instead of aggregates by minute. Levels are of no
    /// event and are written by the minute all the same.
    pub per_event: bool,
}

impl Sink {
    /// One record that cannot be encoded does not hold up the others.
    pub(crate) fn write<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> io::Result<()> {
        let mut lines = Vec::new();
        for record in records {
            if let Err(error) = self.encoder.write(record, &mut lines) {
                tracing::error!(%error, "a record cannot be published");
            }
        }
        self.out.write_all(&lines)?;
        self.out.flush()
    }
}
