//! Nobody is kept out: axe-core finds nothing serious on any view, light or dark, wide or narrow.

use std::fs;

use serde_json::Value;

use super::alarms::alarmed;
use super::driver::Browser;
use super::url;
use super::views::fleet;
use crate::world::tool;

/// Every view of the fleet of [`fleet`].
const VIEWS: [&str; 11] = [
    "/?range=1h",
    "/?range=7d&pool=gpu",
    "/?repository=octo%2Fdog",
    "/jobs",
    "/jobs?find=4711",
    "/jobs/1",
    "/jobs/22",
    "/decisions?all=1",
    "/pipeline",
    "/cost",
    "/jobs/4711",
];

/// Opens what is folded, but for the figures of every chart: a thousand cells of one kind.
const OPEN: &str =
    "for (const more of document.querySelectorAll('details:not(#figures)')) more.open = true";

/// Runs axe and gives back what is serious or worse: rule, what it means and where.
const AUDIT: &str = "const done = arguments[arguments.length - 1]; \
    axe.run(document, { resultTypes: ['violations'] }).then(found => done(found.violations \
    .filter(v => ['serious', 'critical'].includes(v.impact)) \
    .map(v => [v.id, v.help, ...v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))])), \
    error => done(String(error)))";

#[test]
fn axe_finds_nothing_serious_where_alarms_fire() {
    let server = alarmed();
    let axe = fs::read_to_string(tool("node/node_modules/axe-core/axe.min.js")).unwrap();
    Browser::with(async |browser| {
        browser.open(&url(&server, "/")).await;
        browser.shows("What to do:").await;
        for scheme in ["light", "dark"] {
            browser.scheme(scheme).await;
            for path in ["/", "/alarms", "/runbooks/pool-down", "/?pool=linux%2Cself-hosted"] {
                browser.open(&url(&server, path)).await;
                browser.run(OPEN).await;
                browser.run(&axe).await;
                let found = browser.find_out(AUDIT).await;
                assert_eq!(found, Value::Array(Vec::new()), "{path} in {scheme}");
            }
        }
    });
}

#[test]
fn axe_finds_nothing_serious_on_any_view_in_light_and_dark() {
    let server = fleet();
    let axe = fs::read_to_string(tool("node/node_modules/axe-core/axe.min.js")).unwrap();
    Browser::with(async |browser| {
        for scheme in ["light", "dark"] {
            browser.scheme(scheme).await;
            for path in VIEWS {
                browser.open(&url(&server, path)).await;
                browser.run(OPEN).await;
                browser.run(&axe).await;
                let found = browser.find_out(AUDIT).await;
                assert_eq!(found, Value::Array(Vec::new()), "{path} in {scheme}");
                let name = path.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
                browser.picture(&format!("{scheme}{name}")).await;
            }
        }
        browser.phone().await;
        for path in VIEWS {
            browser.open(&url(&server, path)).await;
            let width = browser.run("return document.documentElement.scrollWidth").await;
            assert_eq!(width, Value::from(360), "{path} scrolls sideways");
            browser.run(&axe).await;
            let found = browser.find_out(AUDIT).await;
            assert_eq!(found, Value::Array(Vec::new()), "{path} on a phone");
        }
    });
}
