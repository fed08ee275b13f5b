//! The page in a real browser: headless Chromium, driven through `ChromeDriver`.

mod accessible;
mod alarms;
mod driver;
mod views;

use driver::Browser;
use serde_json::json;

use crate::world::{Job, Server, Setup};

/// Everything the page and its files may weigh together.
const PAGE_BYTES_MAX: f64 = 300_000.0;

fn url(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.address)
}

#[test]
fn a_stranger_is_told_what_to_do_and_then_sees_jobs_arrive_without_reloading() {
    let server = Setup::new().start();
    Browser::with(async |browser| {
        browser.open(&url(&server, "/")).await;
        browser.shows("/webhook").await;
        browser.run("window.untouched = true").await;

        let job = Job::new(1).name("deploy \u{1f680} <script>alert(1)</script>");
        server.accepts([&job.queued()]);
        browser.shows("1 job is waiting").await;
        browser.shows("deploy \u{1f680} <script>alert(1)</script>").await;

        server.accepts([&job.in_progress(), &job.completed()]);
        browser.shows("No job is waiting or running").await;
        browser.shows("10 s").await;
        let links = browser.run("return [...document.links].map(link => link.href)").await;
        let links: Vec<String> = serde_json::from_value(links).unwrap();
        let to_github = |link: &String| link.starts_with("https://github.com/");
        assert!(links.iter().any(to_github), "a job leads to its page at GitHub: {links:?}");
        assert_eq!(browser.run("return window.untouched").await, json!(true), "no reload");
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    });
}

#[test]
fn nothing_comes_from_elsewhere_and_all_of_it_is_light() {
    let server = Setup::new().start();
    let jobs: Vec<_> =
        (1..=60).flat_map(|id| Job::new(id).waits(id.cast_signed()).life()).collect();
    server.accepts_many(&jobs);
    Browser::with(async |browser| {
        browser.open(&url(&server, "/?range=7d")).await;
        let loaded = "return ['navigation', 'resource'].flatMap(\
                      kind => performance.getEntriesByType(kind)).map(e => [e.name, e.decodedBodySize])";
        let loaded = browser.run(loaded).await;
        let loaded: Vec<(String, f64)> = serde_json::from_value(loaded).unwrap();
        assert!(loaded.len() >= 3, "page, style and script: {loaded:?}");
        for (name, _) in &loaded {
            assert!(name.starts_with(&url(&server, "/")), "{name} comes from elsewhere");
        }
        let bytes: f64 = loaded.iter().map(|(_, bytes)| bytes).sum();
        assert!(bytes < PAGE_BYTES_MAX, "{bytes} bytes: {loaded:?}");
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    });
}

#[test]
fn a_phone_shows_it_without_sideways_scrolling_in_light_and_dark() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).name(&"a very long name ".repeat(30)).life());
    Browser::with(async |browser| {
        browser.phone().await;
        let mut lightness = Vec::new();
        for scheme in ["light", "dark"] {
            browser.scheme(scheme).await;
            browser.open(&url(&server, "/")).await;
            let width = browser.run("return document.documentElement.scrollWidth").await;
            assert_eq!(width, json!(360), "{scheme}");
            let background = "return getComputedStyle(document.body).backgroundColor\
                              .match(/[0-9.]+/g).slice(0, 3).map(Number)";
            let rgb: [f64; 3] = serde_json::from_value(browser.run(background).await).unwrap();
            lightness.push(rgb.iter().sum::<f64>() / 3.0);
            browser.picture(&format!("phone-{scheme}")).await;
        }
        assert!(lightness[0] > 200.0 && lightness[1] < 60.0, "light and dark: {lightness:?}");
    });
}

#[test]
fn the_keyboard_reaches_everything_and_moves_a_cursor_over_the_charts() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).life());
    Browser::with(async |browser| {
        browser.open(&url(&server, "/?range=1h")).await;
        browser.press("\u{e004}").await;
        let first = browser.run("return document.activeElement.getAttribute('href')").await;
        assert_eq!(first, json!("#live"), "the first stop skips to the content");

        browser.run("document.querySelector('.plot').focus()").await;
        browser.press("\u{e012}").await;
        let shown = "const tip = document.getElementById('tip'); \
                     return tip && !tip.hidden && tip.textContent";
        let tip = browser.run(shown).await;
        assert!(tip.as_str().is_some_and(|text| !text.is_empty()), "{tip}");
    });
}

#[test]
fn without_scripts_the_page_is_complete() {
    let server = Setup::new().start();
    server.accepts([&Job::new(1).queued()]);
    Browser::with(async |browser| {
        browser.cdp("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        browser.open(&url(&server, "/")).await;
        for text in ["1 job is waiting", "linux,self-hosted", "build 1"] {
            browser.shows(text).await;
        }
    });
}

#[test]
fn a_pool_can_be_looked_at_alone() {
    let server = Setup::new().start();
    server.accepts([&Job::new(1).labels(&["linux"]).queued()]);
    server.accepts([&Job::new(2).labels(&["gpu"]).name("train").queued()]);
    Browser::with(async |browser| {
        browser.open(&url(&server, "/")).await;
        browser.shows("2 jobs are waiting").await;
        browser.follow("gpu").await;
        browser.shows("1 job is waiting").await;
        let names = browser.run("return document.getElementById('live').innerText").await;
        let names = names.as_str().unwrap();
        assert!(names.contains("train") && !names.contains("build 1"), "{names}");
    });
}
