//! An alarm that fires, on every view and on its own.

use std::time::Duration;

use serde_json::Value;

use super::driver::Browser;
use super::url;
use crate::world::{Server, Setup, waiting_for};

/// A server whose pool has had a job waiting for hours: its first look finds an alarm.
pub(super) fn alarmed() -> Server {
    let setup = Setup::new().config("[scaler]\nmode = \"off\"\n");
    waiting_for(&setup, Duration::from_hours(2));
    setup.start()
}

#[test]
fn an_alarm_that_fires_stands_above_every_view_and_leads_to_what_to_do() {
    let server = alarmed();
    Browser::with(async |browser| {
        for path in ["/", "/jobs", "/cost"] {
            browser.open(&url(&server, path)).await;
            browser.shows("What to do:").await;
        }
        let firing = "return document.getElementById('firing').innerText";
        let firing = browser.run(firing).await;
        let firing = firing.as_str().unwrap_or_default();
        assert!(firing.contains("linux,self-hosted"), "{firing}");
        browser.picture("firing").await;
        browser.follow("Runbook").await;
        for text in ["What it means", "How to confirm it", "How to prevent it"] {
            browser.shows(text).await;
        }
        assert!(browser.path().await.starts_with("/runbooks/"));
        browser.follow("Alarms").await;
        for text in ["fire", "firing", "History", "pool-down"] {
            browser.shows(text).await;
        }
        browser.picture("alarms").await;
        let shown = "return document.querySelectorAll('.alarms .badge.failure').length";
        assert_ne!(browser.run(shown).await, Value::from(0));
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    });
}
