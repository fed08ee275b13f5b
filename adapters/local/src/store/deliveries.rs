//! Ids of the deliveries that were taken.

use rusqlite::{Connection, OptionalExtension, params};

use super::Intake;
use crate::StoreError;

/// Whether a delivery of that id was taken before; notes the id if not.
pub(super) fn is_repeated(connection: &Connection, intake: &Intake) -> Result<bool, StoreError> {
    let id = compact(intake.delivery.id.as_str());
    let known: Option<i64> = connection
        .prepare_cached("SELECT number FROM deliveries WHERE id = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    if known.is_none() {
        connection
            .prepare_cached("INSERT INTO deliveries (id, received_at) VALUES (?1, ?2)")?
            .execute(params![id, intake.received_at.as_millis()])?;
    }
    Ok(known.is_some())
}

/// A GUID as its 16 bytes, any other id as its text.
pub(super) fn compact(id: &str) -> Vec<u8> {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    let fits = |(i, c): (usize, char)| match DASHES.contains(&i) {
        true => c == '-',
        false => c.is_ascii_hexdigit(),
    };
    if id.len() != 36 || !id.chars().enumerate().all(fits) {
        return id.as_bytes().to_vec();
    }
    match u128::from_str_radix(&id.replace('-', ""), 16) {
        Ok(number) => number.to_be_bytes().to_vec(),
        Err(_) => id.as_bytes().to_vec(),
    }
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
