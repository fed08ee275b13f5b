//! What a call to AWS did wrong, in words that help.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A call that failed, after all its tries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {why}")]
pub struct CallError {
    /// What was asked, as IAM calls it, such as `logs:FilterLogEvents`.
    pub action: &'static str,
    /// Why it failed.
    pub why: Why,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Whoever asked may not.
    Denied {
        /// The IAM action that is missing, such as `logs:FilterLogEvents`.
        missing: String,
        /// What AWS said.
        said: String,
    },
    /// There is nothing of that name.
    NotThere {
        /// What AWS said.
        said: String,
    },
    /// Too many asked, until the last try.
    Throttled {
        /// What AWS said.
        said: String,
    },
    /// No credentials were found, or AWS does not know them.
    Credentials {
        /// What was said of them.
        said: String,
    },
    /// AWS, or what stands at its address, did not answer.
    NoAnswer {
        /// What happened.
        said: String,
    },
    /// Anything else that AWS refused.
    Refused {
        /// AWS's code, such as `InvalidParameterException`; empty where it gave none.
        code: String,
        /// What AWS said.
        said: String,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Denied { missing, said } => {
                write!(f, "the IAM action {missing} is missing: {said}")
            }
            Why::NotThere { said } => write!(f, "not found: {said}"),
            Why::Throttled { said } => write!(f, "throttled: {said}"),
            Why::Credentials { said } => write!(f, "no usable credentials: {said}"),
            Why::NoAnswer { said } => write!(f, "no answer: {said}"),
            Why::Refused { code, said } if code.is_empty() => write!(f, "{said}"),
            Why::Refused { code, said } => write!(f, "{code}: {said}"),
        }
    }
}

impl CallError {
    /// What went wrong with the call that needs that IAM action.
    pub fn of<E, R>(action: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: fmt::Debug + 'static,
    {
        let why = match error {
            SdkError::ServiceError(failed) => refused(action, failed.err()),
            other => unanswered(other),
        };
        CallError { action, why }
    }

    /// Whether there is nothing of the name that was asked for.
    pub fn is_not_there(&self) -> bool {
        matches!(self.why, Why::NotThere { .. })
    }

    /// Whether asking again later may help, with nothing changed in between.
    pub fn may_pass(&self) -> bool {
        matches!(self.why, Why::Throttled { .. } | Why::NoAnswer { .. })
    }
}

/// Codes of AWS's that say that too many asked.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
const THROTTLED: [&str; 7] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "LimitExceededException",
];

/// Codes of AWS's that say that it does not know who asks.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html>
const UNKNOWN: [&str; 9] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

fn refused<E>(action: &'static str, error: &E) -> Why
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let said = error.message().map_or_else(|| chain(error), str::to_owned);
    let is = |known: &[&str]| known.contains(&code.as_str());
    if code.starts_with("AccessDenied") || code == "UnauthorizedOperation" {
        return Why::Denied { missing: missing(&said).unwrap_or(action).to_owned(), said };
    }
    if is(&THROTTLED) {
        return Why::Throttled { said };
    }
    if is(&UNKNOWN) {
        return Why::Credentials { said };
    }
    match code.contains("NotFound") {
        true => Why::NotThere { said },
        false => Why::Refused { code, said },
    }
}

/// The action of `.. is not authorized to perform: logs:FilterLogEvents on resource: ..`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn missing(said: &str) -> Option<&str> {
    let (_, after) = said.split_once("to perform: ")?;
    let action = after.split_whitespace().next()?.trim_end_matches('.');
    action.contains(':').then_some(action)
}

fn unanswered(error: &(dyn Error + 'static)) -> Why {
    let said = chain(error);
    match causes(error).any(<dyn Error>::is::<CredentialsError>) {
        true => Why::Credentials { said },
        false => Why::NoAnswer { said },
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

/// What each cause says, once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    for cause in causes(error) {
        let more = cause.to_string();
        if !told.iter().any(|known| known.contains(&more)) {
            told.push(more);
        }
    }
    told.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_action_is_taken_out_of_what_aws_says() {
        let said = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: \
                    logs:FilterLogEvents on resource: arn:aws:logs:eu-central-1:1:log-group:x \
                    because no identity-based policy allows the logs:FilterLogEvents action";
        assert_eq!(missing(said), Some("logs:FilterLogEvents"));
        assert_eq!(missing("You may not."), None);
    }
}
