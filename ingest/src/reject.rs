//! Why a request to the webhook is not accepted, and what it is answered. One table.

/// A request that is not accepted. The caller's fault is 4xx, the world's fault 503; nothing that a
/// client can send is answered 500.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a POST.
    #[error("the webhook takes POST requests only")]
    MethodNotAllowed,
    /// A body above [`crate::BODY_BYTES_MAX`].
    #[error("the body is larger than the 25 MB that GitHub sends at most")]
    TooLarge,
    /// Neither JSON nor a form.
    #[error("Content-Type must be application/json or application/x-www-form-urlencoded")]
    MediaType,
    /// No `X-Hub-Signature-256`.
    #[error("the header X-Hub-Signature-256 is missing; set a secret in the webhook's settings")]
    SignatureMissing,
    /// A signature that no active secret gives.
    #[error("X-Hub-Signature-256 does not match: is the webhook's secret the one given here?")]
    SignatureWrong,
    /// No `X-GitHub-Event`.
    #[error("the header X-GitHub-Event is missing")]
    EventMissing,
    /// No usable `X-GitHub-Delivery`.
    #[error("the header X-GitHub-Delivery is missing or not a delivery id")]
    DeliveryMissing,
    /// Not UTF-8, not base64, or a form without `payload`.
    #[error("the body is unreadable: {0}")]
    Body(&'static str),
    /// Not JSON, or JSON that is not what the event promises.
    #[error("the payload is unreadable: {0}")]
    Payload(String),
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// No secret is configured, so nothing can be verified.
    #[error(
        "no webhook secret is configured: set HEADROOM_WEBHOOK_SECRET or webhook.secret_files, \
         and enter the same secret at GitHub"
    )]
    SecretMissing,
    /// The secret is kept elsewhere and cannot be read there now.
    #[error("the webhook secret cannot be read now; try again")]
    SecretUnavailable,
    /// More is under way than memory allows.
    #[error("too much is under way; try again")]
    Overloaded,
    /// The store cannot make it durable.
    #[error("the delivery cannot be stored now; try again")]
    StoreUnavailable,
}

impl Rejection {
    /// Every reason, for documentation and tests.
    pub const REASONS: [&'static str; 14] = [
        "method",
        "too_large",
        "media_type",
        "signature_missing",
        "signature_wrong",
        "event_missing",
        "delivery_missing",
        "body",
        "payload",
        "too_slow",
        "secret_missing",
        "secret_unavailable",
        "overloaded",
        "store_unavailable",
    ];

    /// The HTTP status and the `Reason` dimension.
    pub const fn answer(&self) -> (u16, &'static str) {
        match self {
            Rejection::MethodNotAllowed => (405, "method"),
            Rejection::TooLarge => (413, "too_large"),
            Rejection::MediaType => (415, "media_type"),
            Rejection::SignatureMissing => (401, "signature_missing"),
            Rejection::SignatureWrong => (401, "signature_wrong"),
            Rejection::EventMissing => (400, "event_missing"),
            Rejection::DeliveryMissing => (400, "delivery_missing"),
            Rejection::Body(_) => (400, "body"),
            Rejection::Payload(_) => (400, "payload"),
            Rejection::TooSlow => (408, "too_slow"),
            Rejection::SecretMissing => (503, "secret_missing"),
            Rejection::SecretUnavailable => (503, "secret_unavailable"),
            Rejection::Overloaded => (503, "overloaded"),
            Rejection::StoreUnavailable => (503, "store_unavailable"),
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.answer().0
    }

    /// The `Reason` dimension.
    pub const fn reason(&self) -> &'static str {
        self.answer().1
    }

    /// Seconds after which trying again makes sense, for the answers 503.
    pub const fn retry_after_secs(&self) -> Option<u32> {
        match self {
            Rejection::SecretMissing => Some(60),
            Rejection::Overloaded => Some(1),
            Rejection::SecretUnavailable | Rejection::StoreUnavailable => Some(5),
            _ => None,
        }
    }
}

/// What is wrong with some JSON, in one short line. The reader repeats a text that it did not
/// expect, however long that is.
pub(crate) fn told(error: &serde_json::Error) -> String {
    /// Enough to find it again.
    const SHOWN_MAX: usize = 200;
    let told = error.to_string();
    if told.len() <= SHOWN_MAX {
        return told;
    }
    let cut = told.floor_char_boundary(SHOWN_MAX);
    format!("{}... at line {} column {}", &told[..cut], error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_not_repeated_in_what_is_told_of_it() {
        let text = format!("\n\"{}\"", "\u{fc}".repeat(1_000_000));
        let told = told(&serde_json::from_str::<u64>(&text).unwrap_err());
        assert!(told.starts_with("invalid type: string \"\u{fc}") && told.len() < 250, "{told}");
        assert!(told.ends_with("... at line 2 column 2000002"), "{told}");
    }

    #[test]
    fn the_table_is_complete_and_only_503_asks_to_come_back() {
        let all = [
            Rejection::MethodNotAllowed,
            Rejection::TooLarge,
            Rejection::MediaType,
            Rejection::SignatureMissing,
            Rejection::SignatureWrong,
            Rejection::EventMissing,
            Rejection::DeliveryMissing,
            Rejection::Body("x"),
            Rejection::Payload("x".into()),
            Rejection::TooSlow,
            Rejection::SecretMissing,
            Rejection::SecretUnavailable,
            Rejection::Overloaded,
            Rejection::StoreUnavailable,
        ];
        assert_eq!(all.clone().map(|r| r.reason()), Rejection::REASONS);
        for rejection in all {
            assert_eq!(rejection.status() == 503, rejection.retry_after_secs().is_some());
            assert_ne!(rejection.status(), 500);
        }
    }
}
