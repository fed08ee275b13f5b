//! From the store to what the page shows: one file for each view.

mod alarms;
mod board;
mod decisions;
mod job;
mod jobs;
mod overview;
mod told;

use std::sync::atomic::Ordering;

use dashboards::{Banner, Choices, Content, Page, Place, Severity, View};
use ingest::Router;
use local::StoreError;
use model::{OTHER_POOL, Timestamp};

use super::App;
use crate::config::SECRET_ENV;

pub(super) use job::find;

/// Names that a filter offers; others can be typed. A name is some dozen bytes, and all of them are
/// sent with each view.
const CHOICES_MAX: usize = 150;
const REPOSITORIES_MAX: u32 = 100;

/// What a view shows, and whether it is there.
pub(super) struct Shown {
    /// The page.
    pub(super) page: Page,
    /// Whether what was asked for is not there.
    pub(super) is_missing: bool,
}

/// One view of the page.
pub(super) fn page(app: &App, view: View, missed: Option<&str>) -> Result<Shown, StoreError> {
    let now = app.clock.now();
    let pools: Vec<String> = app.reader.pool_names()?.into_iter().collect();
    let mut page = Page {
        now_ms: now.as_millis(),
        version: env!("CARGO_PKG_VERSION"),
        grid: view.span.grid(now.as_millis()),
        view,
        banners: banners(app, &pools),
        firing: Some(alarms::firing(app)),
        choices: Choices::default(),
        waiting: 0,
        last_delivery_ms: Some(app.last_delivery_ms.load(Ordering::Relaxed)).filter(|ms| *ms > 0),
        content: Content::FirstSteps(app.webhook_url.clone()),
    };
    if let Place::Runbook(name) = &page.view.place {
        page.content = alarms::runbook(name);
        let is_missing = matches!(page.content, Content::Missing(..));
        return Ok(Shown { page, is_missing });
    }
    if pools.is_empty() {
        return Ok(Shown { page, is_missing: false });
    }
    page.content = content(app, &mut page, &pools, missed, now)?;
    page.choices = Choices {
        pools: pools.into_iter().take(CHOICES_MAX).collect(),
        repositories: app.reader.repositories(REPOSITORIES_MAX)?,
    };
    let is_missing = matches!(page.content, Content::Missing(..));
    Ok(Shown { page, is_missing })
}

fn content(
    app: &App,
    page: &mut Page,
    pools: &[String],
    missed: Option<&str>,
    now: Timestamp,
) -> Result<Content, StoreError> {
    if let Some(pool) = page.view.pool.as_ref().filter(|pool| !pools.contains(pool)) {
        let what = format!("No job of a pool {pool} is known");
        return Ok(Content::Missing(what, "Choose another one in the filter.".to_owned()));
    }
    match page.view.place.clone() {
        Place::Overview => overview::content(app, page, now),
        Place::Pipeline => board::content(app, page, "pipeline"),
        Place::Cost => board::content(app, page, "cost"),
        Place::Jobs => jobs::content(app, page, missed, now),
        Place::Job(id, attempt) => job::content(app, (id, attempt), now),
        Place::Decisions => decisions::content(app, page, now),
        Place::Decision(pool, at_ms) => decisions::one(app, &pool, Timestamp::from_millis(at_ms)),
        Place::Alarms => alarms::content(app, page, now),
        Place::Runbook(name) => Ok(alarms::runbook(&name)),
    }
}

fn banners(app: &App, pools: &[String]) -> Vec<Banner> {
    let mut banners = Vec::new();
    if app.secrets.is_empty() {
        banners.push(Banner {
            severity: Severity::Critical,
            text: "No webhook secret is configured, so every delivery is refused.".into(),
            remedy: Some(format!(
                "Set {SECRET_ENV} (or webhook.secret_files) and enter the same secret at GitHub."
            )),
        });
    }
    if !app.can_store() {
        banners.push(Banner {
            severity: Severity::Critical,
            text: "The store cannot be written; deliveries are answered 503.".into(),
            remedy: Some(
                "Look at the log and at the disk. GitHub can redeliver for 3 days.".into(),
            ),
        });
    }
    if !app.can_publish() {
        banners.push(Banner {
            severity: Severity::Warning,
            text: "EMF lines are not read or cannot be written; the store has everything.".into(),
            remedy: Some("Look at the log and at what reads the EMF output.".into()),
        });
    }
    if pools.iter().any(|pool| pool == OTHER_POOL) {
        banners.push(Banner {
            severity: Severity::Info,
            text: format!(
                "{} label sets have pools of their own; the jobs of further ones share the pool \
                 {OTHER_POOL}.",
                Router::LABEL_SETS_MAX
            ),
            remedy: Some("Name pools in the configuration to tell them apart.".into()),
        });
    }
    banners.extend(app.banner.clone());
    banners
}

fn as_millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "what a chart shows is far below 2^53")]
fn as_f64(n: u64) -> f64 {
    n as f64
}
