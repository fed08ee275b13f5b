//! How a GitHub App proves who it is: a JSON Web Token, signed with its private key.
//! <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;

/// A token counts from so long ago, for clocks that differ.
const BEFORE: Duration = Duration::from_mins(1);

/// Until so long after now; GitHub takes ten minutes at most.
const AFTER: Duration = Duration::from_mins(8);

/// An App and its private key, which is never shown. Clones share the key.
#[derive(Clone)]
pub struct AppKey {
    id: String,
    pair: Arc<RsaKeyPair>,
}

/// A key that cannot be used. Nothing of it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no PEM with a private key.
    #[error(
        "a private key in PEM was expected, as GitHub hands it out: -----BEGIN RSA PRIVATE KEY-----"
    )]
    NoKey,
    /// It is a key of another kind, too short, or damaged.
    #[error("an RSA key of 2048 bits or more was expected: {because}")]
    Unusable {
        /// Why.
        because: String,
    },
}

impl AppKey {
    /// The key of the App with that client id or number, in PEM as GitHub hands it out (PKCS#1) or
    /// as others write it (PKCS#8).
    ///
    /// # Errors
    /// When it is no such key.
    pub fn new(id: &str, pem: &[u8]) -> Result<Self, KeyError> {
        let unusable = |because: ring::error::KeyRejected| {
            let because = because.to_string();
            KeyError::Unusable { because }
        };
        let pair = match PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NoKey)? {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(KeyError::Unusable { because: "it is one of another kind".into() }),
        };
        Ok(AppKey { id: id.to_owned(), pair: Arc::new(pair.map_err(unusable)?) })
    }

    /// A token for the next minutes.
    pub(crate) fn token(&self, now: Timestamp) -> String {
        let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let head = json!({ "alg": "RS256", "typ": "JWT" });
        let (from, until) = (now.minus(BEFORE).as_secs(), now.plus(AFTER).as_secs());
        let claims = json!({ "iat": from, "exp": until, "iss": self.id });
        let text = format!(
            "{}.{}",
            encoded(head.to_string().as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .expect("the signature has the length of the modulus");
        format!("{text}.{}", encoded(&signature))
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key of the App {}", self.id)
    }
}
