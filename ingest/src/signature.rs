//! Proves that GitHub sent a body: HMAC-SHA256 over the raw bytes, compared in constant time.
//! <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Rejection;

/// What stands before the digits in `X-Hub-Signature-256`.
const PREFIX: &str = "sha256=";

/// The secrets that are valid now: one, or two while one replaces the other.
#[derive(Clone)]
pub struct Secrets(Vec<Hmac<Sha256>>);

/// Secrets that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// More than two.
    #[error("at most {max} webhook secrets can be active at once, and {found} are given", max = Secrets::ACTIVE_MAX)]
    TooMany {
        /// How many were given.
        found: usize,
    },
    /// An empty one would make every forgery valid.
    #[error("a webhook secret is empty")]
    Empty,
}

/// A body that GitHub signed. Only [`Secrets::verify`] makes one, and only it can be parsed.
#[derive(Debug)]
pub struct Verified<'a>(&'a [u8]);

impl Verified<'_> {
    /// The bytes that were signed.
    pub fn bytes(&self) -> &[u8] {
        self.0
    }
}

impl Secrets {
    /// Two secrets may be valid during a rotation.
    pub const ACTIVE_MAX: usize = 2;

    /// Takes 0, 1 or 2 secrets; equal ones count once. With none, nothing verifies.
    ///
    /// # Errors
    /// When there are more, or one is empty.
    pub fn new<S: AsRef<[u8]>>(secrets: &[S]) -> Result<Self, SecretError> {
        let mut distinct: Vec<&[u8]> = secrets.iter().map(AsRef::as_ref).collect();
        distinct.dedup();
        if distinct.len() > Self::ACTIVE_MAX {
            return Err(SecretError::TooMany { found: distinct.len() });
        }
        if distinct.iter().any(|secret| secret.is_empty()) {
            return Err(SecretError::Empty);
        }
        let keyed = |secret: &[u8]| {
            Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length")
        };
        Ok(Secrets(distinct.into_iter().map(keyed).collect()))
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks `header` (`X-Hub-Signature-256`) against `body`.
    ///
    /// # Errors
    /// When there is no secret, no header, or no secret gives that signature.
    pub fn verify<'a>(
        &self,
        header: Option<&str>,
        body: &'a [u8],
    ) -> Result<Verified<'a>, Rejection> {
        if self.is_empty() {
            return Err(Rejection::SecretMissing);
        }
        let header = header.ok_or(Rejection::SignatureMissing)?;
        let digits = header.strip_prefix(PREFIX).ok_or(Rejection::SignatureWrong)?;
        let mut claimed = [0; 32];
        hex::decode_to_slice(digits, &mut claimed).map_err(|_| Rejection::SignatureWrong)?;
        let proves = |key: &Hmac<Sha256>| key.clone().chain_update(body).verify_slice(&claimed);
        match self.0.iter().any(|key| proves(key).is_ok()) {
            true => Ok(Verified(body)),
            false => Err(Rejection::SignatureWrong),
        }
    }

    /// Signs `body` as GitHub does with the first secret; `None` when there is none.
    pub fn sign(&self, body: &[u8]) -> Option<String> {
        let key = self.0.first()?.clone();
        let digest = key.chain_update(body).finalize().into_bytes();
        Some(format!("{PREFIX}{}", hex::encode(digest)))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} webhook secret(s)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector in GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn check(
        secrets: &[&str],
        header: Option<&str>,
        body: &[u8],
        expected: &Result<(), Rejection>,
    ) {
        let secrets = Secrets::new(secrets).unwrap();
        assert_eq!(&secrets.verify(header, body).map(|_| ()), expected, "{header:?}");
    }

    #[test]
    fn githubs_own_vector_verifies_and_is_signed_alike() {
        check(&[SECRET], Some(SIGNATURE), BODY, &Ok(()));
        assert_eq!(Secrets::new(&[SECRET]).unwrap().sign(BODY).as_deref(), Some(SIGNATURE));
    }

    #[test]
    fn either_secret_of_a_rotation_verifies() {
        check(&["new", SECRET], Some(SIGNATURE), BODY, &Ok(()));
        check(&[SECRET, "old"], Some(SIGNATURE), BODY, &Ok(()));
        check(&["new", "old"], Some(SIGNATURE), BODY, &Err(Rejection::SignatureWrong));
    }

    #[test]
    fn anything_else_is_refused() {
        use Rejection::{SecretMissing, SignatureMissing, SignatureWrong};
        check(&[SECRET], Some(SIGNATURE), b"Hello, World?", &Err(SignatureWrong));
        check(&[SECRET], None, BODY, &Err(SignatureMissing));
        for header in
            ["", "sha256=", "sha256=zz", "sha1=757107ea", &SIGNATURE[7..], &SIGNATURE[..70]]
        {
            check(&[SECRET], Some(header), BODY, &Err(SignatureWrong));
        }
        let doubled = format!("{SIGNATURE}{}", &SIGNATURE[7..]);
        check(&[SECRET], Some(&doubled), BODY, &Err(SignatureWrong));
        check(&[], Some(SIGNATURE), BODY, &Err(SecretMissing));
    }

    #[test]
    fn a_secret_of_digits_is_a_secret_like_any_other() {
        let secrets = Secrets::new(&["12345678"]).unwrap();
        let signature = secrets.sign(BODY);
        assert!(secrets.verify(signature.as_deref(), BODY).is_ok());
    }

    #[test]
    fn unusable_secrets_are_refused_and_none_is_ever_shown() {
        assert_eq!(Secrets::new(&["a", "b", "c"]).unwrap_err(), SecretError::TooMany { found: 3 });
        assert_eq!(Secrets::new(&["a", ""]).unwrap_err(), SecretError::Empty);
        assert!(!format!("{:?}", Secrets::new(&["hunter2"]).unwrap()).contains("hunter2"));
    }
}
