//! Ids of the last deliveries about jobs, in memory and in the file.
//!
//! A redelivery repeats a phase of its job, which the job itself knows for as long as it is kept. So
//! these ids only catch what GitHub never sends: an id used again for something else. They need not
//! reach back far, and a ring costs a fraction of an index over all of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::StoreError;

/// Ids that are remembered: 3 s of 20,000 deliveries a second, a day of a usual organisation, and
/// about 7 MB of memory.
const SLOTS: i64 = 65_536;

/// A GUID as a number.
pub(super) type Guid = u128;

/// The last ids.
#[derive(Debug)]
pub(super) struct Recent {
    slots: i64,
    /// The number of the next delivery.
    next: i64,
    numbers: BTreeMap<Guid, i64>,
    ids: BTreeMap<i64, Guid>,
}

impl Recent {
    /// Reads the ring.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        Recent::of(SLOTS, connection)
    }

    fn of(slots: i64, connection: &Connection) -> Result<Self, StoreError> {
        let mut recent = Recent { slots, next: 0, numbers: BTreeMap::new(), ids: BTreeMap::new() };
        let mut statement = connection.prepare("SELECT number, id FROM recent")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (number, id): (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
            recent.remember(number, Guid::from_be_bytes(id));
        }
        Ok(recent)
    }

    /// Whether a delivery of that id is among the last.
    pub(super) fn knows(&self, id: Guid) -> bool {
        self.numbers.contains_key(&id)
    }

    /// Whether a delivery of that id is among the last; notes the id if not.
    pub(super) fn is_repeated(
        &mut self,
        connection: &Connection,
        id: Guid,
    ) -> Result<bool, StoreError> {
        if self.knows(id) {
            return Ok(true);
        }
        let number = self.next;
        connection
            .prepare_cached("INSERT OR REPLACE INTO recent (slot, number, id) VALUES (?1, ?2, ?3)")?
            .execute(params![number % self.slots, number, id.to_be_bytes()])?;
        if let Some(gone) = self.ids.remove(&(number - self.slots)) {
            self.numbers.remove(&gone);
        }
        self.remember(number, id);
        Ok(false)
    }

    fn remember(&mut self, number: i64, id: Guid) {
        self.next = self.next.max(number + 1);
        self.numbers.insert(id, number);
        self.ids.insert(number, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ids_are_known_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = crate::schema::open_to_write(&dir.path().join("headroom.db")).unwrap();
        let mut recent = Recent::of(3, &file).unwrap();
        for id in [7, 1, 7, 4, 9] {
            assert_eq!(recent.is_repeated(&file, id).unwrap(), id == 7 && recent.knows(1), "{id}");
        }
        for recent in [recent, Recent::of(3, &file).unwrap()] {
            let known = [7, 1, 4, 9].map(|id| recent.knows(id));
            assert_eq!(known, [false, true, true, true]);
            assert_eq!((recent.next, recent.ids.len(), recent.numbers.len()), (4, 3, 3));
        }
    }
}
