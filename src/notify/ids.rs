//! Ids of notifications: random, so that two processes never give the same.

use std::fs::File;
use std::io::{self, Read};

/// Gives ids in the form of a UUID of version 4.
#[derive(Debug)]
pub struct Ids(File);

impl Ids {
    /// Random ones.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> io::Result<Self> {
        File::open("/dev/urandom").map(Ids)
    }

    /// The next.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn next(&mut self) -> io::Result<String> {
        let mut bytes = [0; 16];
        self.0.read_exact(&mut bytes)?;
        let number = u128::from_be_bytes(bytes) & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let digits = format!("{number:032x}");
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        Ok(parts.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_look_like_a_uuid() {
        let mut ids = Ids::random().unwrap();
        let [a, b] = [ids.next().unwrap(), ids.next().unwrap()];
        assert_ne!(a, b);
        assert_eq!((a.len(), a.split('-').count(), &a[14..15]), (36, 5, "4"));
        assert!("89ab".contains(&a[19..20]), "{a}");
    }
}
