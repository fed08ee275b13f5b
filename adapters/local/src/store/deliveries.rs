//! Ids of the deliveries that were taken and tell of no job, or are no GUIDs.

use rusqlite::{Connection, params};

use super::Intake;
use super::recent::Guid;
use crate::StoreError;

/// Whether a delivery of that id was taken before; notes the id if not.
pub(super) fn is_repeated(connection: &Connection, intake: &Intake) -> Result<bool, StoreError> {
    let noted = connection
        .prepare_cached(
            "INSERT INTO deliveries (id, received_at) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![compact(intake.delivery.id.as_str()), intake.received_at.as_millis()])?;
    Ok(noted == 0)
}

/// A GUID as its 16 bytes, any other id as its text.
pub(super) fn compact(id: &str) -> Vec<u8> {
    guid(id).map_or_else(|| id.as_bytes().to_vec(), |guid| guid.to_be_bytes().to_vec())
}

/// The number that a GUID writes in hexadecimal digits; `None` for any other id.
pub(super) fn guid(id: &str) -> Option<Guid> {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    if id.len() != 36 {
        return None;
    }
    let mut number = 0;
    for (i, digit) in id.bytes().enumerate() {
        if DASHES.contains(&i) != (digit == b'-') {
            return None;
        }
        if digit != b'-' {
            number = number << 4 | Guid::from(char::from(digit).to_digit(16)?);
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_stored_as_its_bytes_and_anything_else_as_it_is() {
        assert_eq!(compact("72d3162e-cc78-11e3-81ab-4c9367dc0958").len(), 16);
        for other in [
            "72d3162ecc7811e381ab4c9367dc0958",
            "delivery-1",
            "+2d3162e-cc78-11e3-81ab-4c9367dc0958",
        ] {
            assert_eq!(compact(other), other.as_bytes());
        }
    }
}
