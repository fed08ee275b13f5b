//! Secrets by the AWS Parameters and Secrets Lambda Extension: a layer that answers HTTP requests
//! on loopback with what Parameter Store and Secrets Manager hold.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html>
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html>
//!
//! The extension has a cache of its own, 300 s unless `SSM_PARAMETER_STORE_TTL` or
//! `SECRETS_MANAGER_TTL` says otherwise, which no request can pass by. No value is ever shown.

use std::fmt;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use serde::Deserialize;

use crate::loopback::{CallError, call};

/// The header that proves a request to come from within the sandbox.
const TOKEN_HEADER: &str = "X-Aws-Parameters-Secrets-Token";

/// So much of a refusal is shown.
const TOLD_LEN_MAX: usize = 200;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A parameter of Parameter Store, by name or ARN; a `SecureString` is decrypted.
    Parameter(String),
    /// A secret of Secrets Manager, by name or ARN: the text of its current version.
    Secret(String),
}

/// The extension in this sandbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Extension {
    /// Where it listens.
    pub port: u16,
    /// `AWS_SESSION_TOKEN`.
    pub token: String,
}

/// Why a secret cannot be read now.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The extension cannot be asked: is the layer there?
    #[error("the AWS Parameters and Secrets extension cannot be asked")]
    Call(#[from] CallError),
    /// It refused, as when the name is wrong or the role may not read it.
    #[error("the AWS Parameters and Secrets extension answers {status}: {told}")]
    Refused {
        /// The status.
        status: u16,
        /// The beginning of what it says.
        told: String,
    },
    /// The answer has no text where the secret should be.
    #[error("the AWS Parameters and Secrets extension answers without a secret's text")]
    NoText,
    /// The token cannot stand in a header.
    #[error("AWS_SESSION_TOKEN cannot be sent")]
    Token,
}

impl Place {
    /// Reads `ssm:NAME` and `secretsmanager:NAME`.
    pub fn from_text(text: &str) -> Option<Place> {
        let (service, name) = text.split_once(':')?;
        match (service, name) {
            (_, "") => None,
            ("ssm", name) => Some(Place::Parameter(name.to_owned())),
            ("secretsmanager", id) => Some(Place::Secret(id.to_owned())),
            _ => None,
        }
    }

    fn path(&self) -> String {
        let encoded = |name: &str| form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let (name, path, more): (String, _, _) = match self {
            Place::Parameter(name) => {
                (encoded(name), "/systemsmanager/parameters/get?name=", "&withDecryption=true")
            }
            Place::Secret(id) => (encoded(id), "/secretsmanager/get?secretId=", ""),
        };
        format!("{path}{name}{more}")
    }

    /// The text in an answer of the extension: that of `GetParameter` or `GetSecretValue`.
    fn text(&self, answer: &[u8]) -> Option<String> {
        match self {
            Place::Parameter(_) => {
                let answer: ParameterAnswer = serde_json::from_slice(answer).ok()?;
                Some(answer.parameter.value)
            }
            Place::Secret(_) => {
                let answer: SecretAnswer = serde_json::from_slice(answer).ok()?;
                Some(answer.secret_string)
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Parameter(name) => write!(f, "ssm:{name}"),
            Place::Secret(id) => write!(f, "secretsmanager:{id}"),
        }
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the extension at port {}", self.port)
    }
}

#[derive(Deserialize)]
struct ParameterAnswer {
    #[serde(rename = "Parameter")]
    parameter: Parameter,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "Value")]
    value: String,
}

#[derive(Deserialize)]
struct SecretAnswer {
    #[serde(rename = "SecretString")]
    secret_string: String,
}

impl Extension {
    /// Where it listens unless `PARAMETERS_SECRETS_EXTENSION_HTTP_PORT` says otherwise.
    pub const PORT: u16 = 2773;

    /// Reads the secret at `place`, without the line's end that a file leaves behind it.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn fetch(&self, place: &Place) -> Result<String, FetchError> {
        let address = format!("localhost:{}", self.port);
        let request = Request::get(place.path())
            .header(HOST, &address)
            .header(TOKEN_HEADER, &self.token)
            .body(Full::<Bytes>::default())
            .map_err(|_| FetchError::Token)?;
        let (status, body) = call(&address, request).await?;
        if status != StatusCode::OK {
            let told = String::from_utf8_lossy(&body);
            let told = told[..told.floor_char_boundary(TOLD_LEN_MAX)].trim().to_owned();
            return Err(FetchError::Refused { status: status.as_u16(), told });
        }
        let text = place.text(&body).ok_or(FetchError::NoText)?;
        let text = text.trim_end_matches(['\r', '\n']);
        (!text.is_empty()).then(|| text.to_owned()).ok_or(FetchError::NoText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_service_and_a_name() {
        for (text, path) in [
            (
                "ssm:/headroom/webhook-secret",
                "/systemsmanager/parameters/get?name=%2Fheadroom%2Fwebhook-secret&withDecryption=true",
            ),
            (
                "secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:a-x",
                "/secretsmanager/get?secretId=arn%3Aaws%3Asecretsmanager%3Aeu-west-1%3A1%3Asecret%3Aa-x",
            ),
        ] {
            let place = Place::from_text(text).unwrap();
            assert_eq!((place.path().as_str(), place.to_string().as_str()), (path, text));
        }
        for text in ["", "ssm", "ssm:", "s3:x", "/headroom/webhook-secret"] {
            assert_eq!(Place::from_text(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_text_is_taken_from_the_answer_of_its_service_alone() {
        let parameter =
            br#"{"Parameter":{"Name":"a","Type":"SecureString","Value":"p"},"ResultMetadata":{}}"#;
        let secret = br#"{"ARN":"a","Name":"a","SecretString":"s","VersionStages":["AWSCURRENT"]}"#;
        let [ssm, manager] = ["ssm:a", "secretsmanager:a"].map(|t| Place::from_text(t).unwrap());
        assert_eq!(ssm.text(parameter).as_deref(), Some("p"));
        assert_eq!(manager.text(secret).as_deref(), Some("s"));
        assert_eq!((ssm.text(secret), manager.text(parameter)), (None, None));
        assert_eq!(manager.text(br#"{"SecretBinary":"AA=="}"#), None);
    }

    #[test]
    fn a_token_is_never_shown() {
        let extension = Extension { port: 1, token: "hunter2".into() };
        assert!(!format!("{extension:?}").contains("hunter2"));
    }
}
