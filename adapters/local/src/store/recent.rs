//! Ids of the last deliveries about jobs, in memory and in the file.
//!
//! A redelivery repeats a phase of its job, which the job itself knows for as long as it is kept. So
//! these ids only catch what GitHub never sends: an id used again for something else. They need not
//! reach back far. Those of a transaction are one row, so that neighbours share a page whatever
//! their order.

use std::collections::{BTreeSet, VecDeque};

use rusqlite::{Connection, params};

use crate::StoreError;

/// Ids that are remembered: 3 s of 20,000 deliveries a second, a day of a usual organisation, and
/// a few megabytes of memory.
const SLOTS: usize = 65_536;

/// A GUID as a number.
pub(super) type Guid = u128;

/// The last ids.
#[derive(Debug)]
pub(super) struct Recent {
    slots: usize,
    /// The number of the next delivery.
    next: i64,
    known: BTreeSet<Guid>,
    /// The oldest first.
    ids: VecDeque<Guid>,
    /// How many of the last are not in the file.
    unsaved: usize,
}

impl Recent {
    /// Reads them.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        Recent::of(SLOTS, connection)
    }

    fn of(slots: usize, connection: &Connection) -> Result<Self, StoreError> {
        let (known, ids) = (BTreeSet::new(), VecDeque::new());
        let mut recent = Recent { slots, next: 0, known, ids, unsaved: 0 };
        let mut statement =
            connection.prepare("SELECT number, ids FROM recent_ids ORDER BY number")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            recent.next = row.get(0)?;
            for id in row.get_ref(1)?.as_blob().unwrap_or_default().chunks_exact(16) {
                recent.remember(Guid::from_be_bytes(id.try_into().expect("a chunk is 16 bytes")));
            }
        }
        recent.unsaved = 0;
        Ok(recent)
    }

    /// Whether a delivery of that id is among the last.
    pub(super) fn knows(&self, id: Guid) -> bool {
        self.known.contains(&id)
    }

    /// Whether a delivery of that id is among the last; notes the id if not.
    pub(super) fn is_repeated(&mut self, id: Guid) -> bool {
        let is_known = self.knows(id);
        if !is_known {
            self.remember(id);
        }
        is_known
    }

    fn remember(&mut self, id: Guid) {
        if self.ids.len() >= self.slots
            && let Some(gone) = self.ids.pop_front()
        {
            self.known.remove(&gone);
        }
        self.known.insert(id);
        self.ids.push_back(id);
        self.next += 1;
        self.unsaved += 1;
    }

    /// Writes what was noted since the last call.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let unsaved = std::mem::take(&mut self.unsaved).min(self.ids.len());
        if unsaved == 0 {
            return Ok(());
        }
        let fresh = self.ids.range(self.ids.len() - unsaved..);
        let bytes: Vec<u8> = fresh.flat_map(|id| id.to_be_bytes()).collect();
        let first = self.next - signed(unsaved);
        connection
            .prepare_cached("INSERT INTO recent_ids (number, ids) VALUES (?1, ?2)")?
            .execute(params![first, bytes])?;
        self.let_go(connection, first)
    }

    /// Lets go of rows that are of no use, now and then: as many ids again lie there at most.
    fn let_go(&self, connection: &Connection, first: i64) -> Result<(), StoreError> {
        let step = signed(self.slots.div_ceil(SWEEPS));
        if first / step != self.next / step {
            connection
                .prepare_cached("DELETE FROM recent_ids WHERE number < ?1")?
                .execute([self.next - 2 * signed(self.slots)])?;
        }
        Ok(())
    }
}

/// While all ids are replaced once, old rows are looked for so often.
const SWEEPS: usize = 16;

fn signed(ids: usize) -> i64 {
    i64::try_from(ids).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ids_are_known_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = crate::schema::open_to_write(&dir.path().join("headroom.db")).unwrap();
        let mut recent = Recent::of(3, &file).unwrap();
        for batch in [&[7, 1][..], &[], &[7, 4, 9]] {
            for id in batch {
                assert_eq!(recent.is_repeated(*id), recent.next == 2 && *id == 7, "{id}");
            }
            recent.save(&file).unwrap();
        }
        for recent in [recent, Recent::of(3, &file).unwrap()] {
            let known = [7, 1, 4, 9].map(|id| recent.knows(id));
            assert_eq!(known, [false, true, true, true]);
            assert_eq!((recent.next, recent.ids.len(), recent.known.len()), (4, 3, 3));
        }
    }

    #[test]
    fn ids_that_are_no_longer_remembered_leave_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = crate::schema::open_to_write(&dir.path().join("headroom.db")).unwrap();
        let mut recent = Recent::of(100, &file).unwrap();
        for batch in 0..200 {
            for id in 0..10 {
                assert!(!recent.is_repeated(batch * 10 + id));
            }
            recent.save(&file).unwrap();
        }
        let count = "SELECT sum(length(ids)) / 16 FROM recent_ids";
        let kept: i64 = file.query_row(count, [], |row| row.get(0)).unwrap();
        assert!((100..=210).contains(&kept), "{kept}");
        let again = Recent::of(100, &file).unwrap();
        assert!(again.next == 2000 && again.knows(1999) && again.knows(1900) && !again.knows(1899));
    }
}
