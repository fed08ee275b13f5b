//! Deliveries of a webhook, as GitHub keeps them for three days, and their repeat.
//! <https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook>

use model::Timestamp;
use serde::Deserialize;

use crate::session::{As, Ask, PAGE};
use crate::{GitHub, GitHubError, Hook};

/// One try to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The try.
    pub id: u64,
    /// The event: what `X-GitHub-Delivery` says, the same for each try.
    pub guid: String,
    /// When it was tried.
    pub at: Timestamp,
    /// What the webhook answered; 0 where it did not.
    pub status: u16,
    /// The kind of event, such as `workflow_job`.
    pub event: String,
}

impl Delivered {
    /// Whether the webhook took it.
    pub fn is_taken(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

#[derive(Deserialize)]
struct Row {
    id: u64,
    guid: String,
    delivered_at: Timestamp,
    #[serde(default)]
    status_code: u16,
    event: String,
}

/// Deliveries that are listed at once, the newest: a hundred calls, and what a large organisation
/// has in an hour.
const LISTED_MAX: usize = 10_000;

impl GitHub {
    /// Deliveries since then, the newest first, of which there may be more than are listed.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn deliveries(
        &mut self,
        hook: Hook,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Delivered>, GitHubError> {
        let path = format!("{}/deliveries?per_page={PAGE}", self.hook_path(hook));
        let mut found = Vec::new();
        self.pages(&Ask::get(&path).by(who(hook)), now, |rows: Vec<Row>| {
            let before = found.len();
            let is_full = !rows.is_empty();
            let wanted = rows.into_iter().filter(|row| row.delivered_at >= since);
            found.extend(wanted.map(|row| Delivered {
                id: row.id,
                guid: row.guid,
                at: row.delivered_at,
                status: row.status_code,
                event: row.event,
            }));
            is_full && found.len() > before && found.len() < LISTED_MAX
        })?;
        Ok(found)
    }

    /// Has one tried again.
    ///
    /// # Errors
    /// When GitHub does not take the wish.
    pub fn redeliver(&mut self, hook: Hook, id: u64, now: Timestamp) -> Result<(), GitHubError> {
        let path = format!("{}/deliveries/{id}/attempts", self.hook_path(hook));
        self.tell(&Ask::post(&path, None).by(who(hook)), now)
    }

    pub(crate) fn hook_path(&self, hook: Hook) -> String {
        match hook {
            Hook::App => "/app/hook".to_owned(),
            Hook::Numbered(number) => format!("{}/hooks/{number}", self.place()),
        }
    }
}

pub(crate) fn who(hook: Hook) -> As {
    match hook {
        Hook::App => As::App,
        Hook::Numbered(_) => As::Owner,
    }
}
