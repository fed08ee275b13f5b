//! Who asks, of whom, and how much more may be asked.

use std::fmt;
use std::time::Duration;

use client::{Address, Answer, Call, Client, Method};
use model::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{AppKey, GitHubError, Why};

/// A token of an installation is asked for again so long before it expires.
const RENEWED_BEFORE: Duration = Duration::from_mins(5);

/// Items of a page: as many as GitHub gives.
pub(crate) const PAGE: usize = 100;

/// Whose webhooks, jobs and runners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An organisation.
    Organization(String),
    /// A repository, as `owner/name`.
    Repository(String),
}

/// A secret that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token")
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// An App.
    App {
        /// It and its key.
        key: AppKey,
        /// Its installation at the owner; none: GitHub is asked for it.
        installation: Option<u64>,
    },
    /// A token of a person.
    Token(Token),
}

/// What GitHub still allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests in the hour.
    pub limit: u32,
    /// Those that are left.
    pub remaining: u32,
    /// When it begins anew.
    pub reset: Timestamp,
}

/// GitHub, as one who asks sees it.
#[derive(Debug)]
pub struct GitHub {
    client: Client,
    base: Address,
    who: Credentials,
    owner: Owner,
    /// Of the installation.
    token: Option<Kept>,
    rate: Option<Rate>,
    calls: u64,
}

/// A token of an installation.
#[derive(Debug)]
struct Kept {
    token: Token,
    until: Timestamp,
    /// Whether GitHub took it once.
    was_taken: bool,
}

/// As whom a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    /// The App itself, which only an App can be.
    App,
    /// The App at its owner, or the person.
    Owner,
}

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: &'a str,
    pub(crate) body: Option<Value>,
    pub(crate) by: As,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Ask { method: Method::Get, path, body: None, by: As::Owner }
    }

    pub(crate) fn post(path: &'a str, body: Option<Value>) -> Self {
        Ask { method: Method::Post, path, body, by: As::Owner }
    }

    pub(crate) fn delete(path: &'a str) -> Self {
        Ask { method: Method::Delete, path, body: None, by: As::Owner }
    }

    pub(crate) fn by(self, by: As) -> Self {
        Ask { by, ..self }
    }

    /// What is told of it: without the query.
    fn told(&self) -> String {
        let word = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        format!("{word} {}", self.path.split('?').next().unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
}

#[derive(Deserialize)]
struct AccessToken {
    token: String,
    expires_at: Timestamp,
}

impl GitHub {
    /// GitHub's own address; an Enterprise Server's is `https://HOST/api/v3`.
    pub const API: &'static str = "https://api.github.com";

    /// Nothing is asked yet.
    pub fn new(client: Client, base: Address, who: Credentials, owner: Owner) -> Self {
        GitHub { client, base, who, owner, token: None, rate: None, calls: 0 }
    }

    /// Whose webhooks, jobs and runners.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Whether it is an App that asks.
    pub fn is_app(&self) -> bool {
        matches!(self.who, Credentials::App { .. })
    }

    /// What GitHub still allows, as its last answer to the owner's token said.
    pub fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// How many calls were made so far, failed ones included.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// The path of the owner, such as `/orgs/acme`.
    pub(crate) fn place(&self) -> String {
        match &self.owner {
            Owner::Organization(name) => format!("/orgs/{name}"),
            Owner::Repository(name) => format!("/repos/{name}"),
        }
    }

    /// Asks for something.
    pub(crate) fn ask<T: DeserializeOwned>(
        &mut self,
        ask: &Ask<'_>,
        now: Timestamp,
    ) -> Result<T, GitHubError> {
        let answer = self.answer(ask, now)?;
        read(ask, &answer)
    }

    /// Has something done that is answered without a word.
    pub(crate) fn tell(&mut self, ask: &Ask<'_>, now: Timestamp) -> Result<(), GitHubError> {
        self.answer(ask, now).map(drop)
    }

    /// Asks for one page after the other, until there are no more or `take` says that it is enough.
    pub(crate) fn pages<T: DeserializeOwned>(
        &mut self,
        first: &Ask<'_>,
        now: Timestamp,
        mut take: impl FnMut(T) -> bool,
    ) -> Result<(), GitHubError> {
        let mut path = first.path.to_owned();
        loop {
            let ask = Ask { path: &path, ..first.clone() };
            let answer = self.answer(&ask, now)?;
            if !take(read(&ask, &answer)?) {
                return Ok(());
            }
            let Some(next) = answer.header("link").and_then(next) else { return Ok(()) };
            // Tokens are sent to no other place than the one that was named.
            let Some(rest) = self.base.rest_of(next) else {
                return Err(GitHubError::odd(&ask.told(), "its next page lies elsewhere"));
            };
            path = rest;
        }
    }

    fn answer(&mut self, ask: &Ask<'_>, now: Timestamp) -> Result<Answer, GitHubError> {
        let token = match (ask.by, &self.who) {
            (_, Credentials::Token(token)) => token.clone(),
            (As::App, Credentials::App { key, .. }) => Token(key.token(now)),
            (As::Owner, Credentials::App { key, installation }) => {
                let (key, installation) = (key.clone(), *installation);
                self.installation_token(&key, installation, now)?
            }
        };
        let answer = match self.call(ask, &token, now) {
            Err(error) if self.is_taken_back(ask, &error) => {
                self.token = None;
                return self.answer(ask, now);
            }
            done => done?,
        };
        if ask.by == As::Owner {
            self.rate = rate(&answer).or(self.rate);
            self.token.iter_mut().for_each(|kept| kept.was_taken = true);
        }
        Ok(answer)
    }

    /// Whether GitHub refused a token that it took before: then a new one may do.
    fn is_taken_back(&self, ask: &Ask<'_>, error: &GitHubError) -> bool {
        let is_refused = matches!(error.why, Why::Credentials { .. });
        ask.by == As::Owner && is_refused && self.token.as_ref().is_some_and(|kept| kept.was_taken)
    }

    fn call(
        &mut self,
        ask: &Ask<'_>,
        token: &Token,
        now: Timestamp,
    ) -> Result<Answer, GitHubError> {
        self.calls += 1;
        let told = ask.told();
        let address = self.base.join(ask.path).map_err(|error| GitHubError::odd(&told, error))?;
        let bearer = format!("Bearer {}", token.0);
        let mut headers = vec![
            ("accept", "application/vnd.github+json"),
            ("authorization", &*bearer),
            ("x-github-api-version", "2022-11-28"),
        ];
        let body = ask.body.as_ref().map(Value::to_string);
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.as_deref().map(str::as_bytes);
        let call = Call { method: ask.method, address: &address, headers: &headers, body };
        let answer =
            self.client.call(call).map_err(|error| GitHubError::unanswered(&told, &error))?;
        match answer.is_success() {
            true => Ok(answer),
            false => Err(GitHubError::refused(&told, &answer, now)),
        }
    }

    fn installation_token(
        &mut self,
        key: &AppKey,
        installation: Option<u64>,
        now: Timestamp,
    ) -> Result<Token, GitHubError> {
        match &self.token {
            Some(kept) if now.plus(RENEWED_BEFORE) < kept.until => return Ok(kept.token.clone()),
            _ => {}
        }
        let app = Token(key.token(now));
        let installation = match installation {
            Some(known) => known,
            None => {
                let path = format!("{}/installation", self.place());
                let ask = Ask::get(&path).by(As::App);
                read::<Installation>(&ask, &self.call(&ask, &app, now)?)?.id
            }
        };
        if let Credentials::App { installation: known, .. } = &mut self.who {
            *known = Some(installation);
        }
        let path = format!("/app/installations/{installation}/access_tokens");
        let ask = Ask::post(&path, None).by(As::App);
        let AccessToken { token, expires_at } = read(&ask, &self.call(&ask, &app, now)?)?;
        let token = Token(token);
        let kept = Kept { token: token.clone(), until: expires_at, was_taken: false };
        self.token = Some(kept);
        Ok(token)
    }
}

fn read<T: DeserializeOwned>(ask: &Ask<'_>, answer: &Answer) -> Result<T, GitHubError> {
    serde_json::from_str(&answer.text).map_err(|error| {
        // Serde's words may repeat a value, and a value may be a secret.
        let said = match error.classify() {
            serde_json::error::Category::Data => "members are missing or of another kind",
            _ => "it is no JSON",
        };
        GitHubError::odd(&ask.told(), said)
    })
}

fn rate(answer: &Answer) -> Option<Rate> {
    let number = |name| answer.header(name)?.trim().parse::<u32>().ok();
    Some(Rate {
        limit: number("x-ratelimit-limit")?,
        remaining: number("x-ratelimit-remaining")?,
        reset: Timestamp::from_secs(number("x-ratelimit-reset")?.into()),
    })
}

/// The address of `<https://..>; rel="next"` among others.
/// <https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api>
fn next(link: &str) -> Option<&str> {
    let entry = link.split(',').find(|entry| entry.contains("rel=\"next\""))?;
    let (address, _) = entry.trim().strip_prefix('<')?.split_once('>')?;
    Some(address)
}
