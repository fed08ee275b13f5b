//! The secrets that are valid now, wherever they are kept.
//!
//! * A secret of the environment is known from the start and never changes.
//! * One that is kept elsewhere is read with the first delivery, and again when it is older than
//!   [`AGE_MAX`] or gives no delivery's signature, the latter at most every [`ASK_EVERY_MIN`].
//! * A failure is never remembered: without any secret each delivery, or batch of them, asks again,
//!   and is answered 503. A secret that was read before stays valid while it cannot be read anew.
//! * While one of two secrets has never been read, a signature that the other does not give is not
//!   wrong, but cannot be checked.

use std::fmt;
use std::time::Duration;

use ingest::{Rejection, Secrets, Throttle};
use model::Timestamp;

use crate::extension::{Extension, Place};

/// How long a secret is used before it is read again: as long as the extension keeps it by default.
pub const AGE_MAX: Duration = Duration::from_mins(5);

/// Wrong signatures cost nothing to send, and must not become as many questions to the extension.
pub const ASK_EVERY_MIN: Duration = Duration::from_secs(10);

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// The environment: the secret itself.
    Value(String),
    /// Kept elsewhere.
    Place(Place),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Value(_) => f.write_str("a secret of the environment"),
            Source::Place(place) => write!(f, "a secret at {place}"),
        }
    }
}

/// The secrets of all sources, as far as they are known.
pub struct Keys {
    sources: Vec<(Source, Option<String>)>,
    extension: Extension,
    secrets: Secrets,
    /// When all that is kept elsewhere was read.
    read_at: Option<Timestamp>,
    /// When the extension was asked last, whatever came of it.
    asked_at: Option<Timestamp>,
    throttle: Throttle,
}

impl Keys {
    /// From these sources, at most [`Secrets::ACTIVE_MAX`].
    pub fn new(sources: Vec<Source>, extension: Extension) -> Self {
        let known = |source: &Source| match source {
            Source::Value(secret) => Some(secret.clone()),
            Source::Place(_) => None,
        };
        let with_secret = |source: Source| {
            let secret = known(&source);
            (source, secret)
        };
        let sources = sources.into_iter().map(with_secret).collect();
        let mut keys = Keys {
            sources,
            extension,
            secrets: Secrets::new::<&str>(&[]).expect("no secret is no error"),
            read_at: None,
            asked_at: None,
            throttle: Throttle::default(),
        };
        keys.gather();
        keys
    }

    /// The secrets to verify with, read anew where that is due.
    ///
    /// # Errors
    /// [`Rejection::SecretMissing`] when none is configured, [`Rejection::SecretUnavailable`] when
    /// none could be read.
    pub async fn current(&mut self, now: Timestamp) -> Result<&Secrets, Rejection> {
        if self.sources.is_empty() {
            return Err(Rejection::SecretMissing);
        }
        if self.is_due(now) {
            self.read(now).await;
        }
        match self.secrets.is_empty() {
            true => Err(Rejection::SecretUnavailable),
            false => Ok(&self.secrets),
        }
    }

    /// Reads the secrets again because a signature fits none; whether others are known now.
    pub async fn renew(&mut self, now: Timestamp) -> bool {
        if !self.are_kept_elsewhere() || self.was_asked_lately(now) {
            return false;
        }
        self.read(now).await
    }

    /// Whether every secret is known, so that a signature that fits none is wrong.
    pub fn are_complete(&self) -> bool {
        self.sources.iter().all(|(_, secret)| secret.is_some())
    }

    fn is_due(&self, now: Timestamp) -> bool {
        if !self.are_kept_elsewhere() {
            return false;
        }
        let is_old = self.read_at.is_none_or(|at| now.saturating_since(at) >= AGE_MAX);
        is_old && (self.secrets.is_empty() || !self.was_asked_lately(now))
    }

    fn are_kept_elsewhere(&self) -> bool {
        self.sources.iter().any(|(source, _)| matches!(source, Source::Place(_)))
    }

    fn was_asked_lately(&self, now: Timestamp) -> bool {
        // A clock that steps back must not end the asking.
        self.asked_at.is_some_and(|at| now >= at && now.saturating_since(at) < ASK_EVERY_MIN)
    }

    /// Asks for every secret that is kept elsewhere; whether one is another than before.
    async fn read(&mut self, now: Timestamp) -> bool {
        self.asked_at = Some(now);
        let (mut has_changed, mut has_failed) = (false, false);
        for (source, known) in &mut self.sources {
            let Source::Place(place) = source else { continue };
            match self.extension.fetch(place).await {
                Ok(secret) => {
                    has_changed |= known.as_ref() != Some(&secret);
                    *known = Some(secret);
                }
                Err(error) => {
                    has_failed = true;
                    if let Some(left_out) = self.throttle.admit("secret", now) {
                        let error = told(&error);
                        tracing::error!(secret = %place, left_out, error, "a webhook secret cannot be read now");
                    }
                }
            }
        }
        if !has_failed {
            self.read_at = Some(now);
        }
        if has_changed {
            self.gather();
        }
        has_changed
    }

    fn gather(&mut self) {
        let known: Vec<&str> = self.sources.iter().filter_map(|(_, s)| s.as_deref()).collect();
        match Secrets::new(&known) {
            Ok(secrets) => self.secrets = secrets,
            Err(error) => tracing::error!(%error, "the webhook secrets cannot be used"),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|(source, _)| source)).finish()
    }
}

/// An error and its causes in one line.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    const AT: Timestamp = Timestamp::from_secs(1_800_000_000);

    /// An extension that gives these answers, one for each question, and then hangs up.
    fn extension(answers: &[(u16, &str)]) -> Extension {
        let listener = TcpListener::bind("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers: Vec<(u16, String)> =
            answers.iter().map(|(status, secret)| (*status, (*secret).to_owned())).collect();
        thread::spawn(move || {
            for (status, secret) in answers {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream);
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                let body = format!("{{\"Parameter\":{{\"Value\":\"{secret}\"}}}}");
                let len = body.len();
                write!(
                    reader.get_mut(),
                    "HTTP/1.1 {status} x\r\ncontent-length: {len}\r\n\r\n{body}"
                )
                .unwrap();
            }
        });
        Extension { port, token: "token".into() }
    }

    fn kept() -> Source {
        Source::Place(Place::Parameter("a".into()))
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    async fn opens(keys: &mut Keys, secret: &str, at: Timestamp) -> Result<bool, Rejection> {
        let signature = Secrets::new(&[secret]).unwrap().sign(b"x");
        let secrets = keys.current(at).await?;
        Ok(secrets.verify(signature.as_deref(), b"x").is_ok())
    }

    #[test]
    fn a_failure_is_never_remembered() {
        run(async {
            let mut keys =
                Keys::new(vec![kept()], extension(&[(400, ""), (500, ""), (200, "one")]));
            for _ in 0..2 {
                let answer = opens(&mut keys, "one", AT).await;
                assert_eq!(answer, Err(Rejection::SecretUnavailable));
            }
            assert_eq!(opens(&mut keys, "one", AT).await, Ok(true));
        });
    }

    #[test]
    fn a_secret_is_asked_for_once_and_again_when_it_is_old() {
        run(async {
            let mut keys = Keys::new(vec![kept()], extension(&[(200, "one"), (200, "two\\n")]));
            let before = AT.plus(AGE_MAX.saturating_sub(Duration::from_millis(1)));
            assert_eq!(opens(&mut keys, "one", AT).await, Ok(true));
            assert_eq!(opens(&mut keys, "one", before).await, Ok(true));
            assert_eq!(opens(&mut keys, "two", AT.plus(AGE_MAX)).await, Ok(true));
        });
    }

    #[test]
    fn an_old_secret_stays_valid_while_it_cannot_be_read() {
        run(async {
            let mut keys = Keys::new(vec![kept()], extension(&[(200, "one")]));
            assert_eq!(opens(&mut keys, "one", AT).await, Ok(true));
            assert_eq!(opens(&mut keys, "one", AT.plus(AGE_MAX * 2)).await, Ok(true));
        });
    }

    #[test]
    fn an_unknown_signature_asks_again_but_not_each_time() {
        run(async {
            let mut keys =
                Keys::new(vec![kept()], extension(&[(200, "one"), (200, "one"), (200, "two")]));
            assert_eq!(opens(&mut keys, "two", AT).await, Ok(false));
            assert!(!keys.renew(AT.plus(Duration::from_secs(9))).await, "asked just now");
            assert!(!keys.renew(AT.plus(ASK_EVERY_MIN)).await, "the same as before");
            assert!(!keys.renew(AT.plus(ASK_EVERY_MIN)).await, "asked just now");
            assert!(keys.renew(AT.plus(ASK_EVERY_MIN * 2)).await);
            assert_eq!(opens(&mut keys, "two", AT.plus(ASK_EVERY_MIN * 2)).await, Ok(true));
        });
    }

    #[test]
    fn one_of_two_secrets_works_while_the_other_cannot_be_read() {
        run(async {
            let sources = vec![Source::Value("fixed".into()), kept()];
            let mut keys = Keys::new(sources, extension(&[(400, ""), (200, "kept")]));
            assert_eq!(opens(&mut keys, "fixed", AT).await, Ok(true));
            assert!(!keys.are_complete());
            let later = AT.plus(ASK_EVERY_MIN);
            assert_eq!(opens(&mut keys, "kept", later).await, Ok(true));
            assert!(keys.are_complete());
        });
    }

    #[test]
    fn without_any_source_nothing_is_asked_and_no_secret_is_shown() {
        run(async {
            let nobody = || Extension { port: 1, token: String::new() };
            let mut keys = Keys::new(vec![], nobody());
            assert_eq!(opens(&mut keys, "one", AT).await, Err(Rejection::SecretMissing));
            let keys = Keys::new(vec![Source::Value("hunter2".into())], nobody());
            let shown = format!("{keys:?}");
            assert!(shown.contains("environment") && !shown.contains("hunter2"), "{shown}");
        });
    }
}
