//! One headless browser for one story.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::PATIENCE;

/// A browser with a profile of its own. Dropping it ends the browser.
pub(crate) struct Browser {
    client: Client,
    driver: Child,
    /// Kept open: a driver that cannot write its log ends.
    _log: Lines<BufReader<ChildStdout>>,
    _profile: TempDir,
}

/// Chromium as it runs in a sandbox without a network: nothing of its own to fetch.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// So many drivers in a row do not meet a port that is taken.
const DRIVERS_MAX: usize = 5;

impl Browser {
    /// Tells a story with a browser.
    pub(crate) fn with(story: impl AsyncFnOnce(&Browser)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let browser = Browser::start().await;
            story(&browser).await;
            browser.client.clone().close().await.unwrap();
        });
    }

    async fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (driver, log, port) = start_driver();
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push("--window-size=1280,1900".into());
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("no browser ({error}); run tests/setup"));
        let patient = TimeoutConfiguration::new(Some(PATIENCE), None, None);
        client.update_timeouts(patient).await.unwrap();
        Browser { client, driver, _log: log, _profile: profile }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Runs a script and gives back what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until the page shows a text.
    pub(crate) async fn shows(&self, text: &str) {
        let begun = Instant::now();
        loop {
            // Between two pages there is none.
            let body = self.client.find(Locator::Css("body")).await;
            let shown = match &body {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if shown.contains(text) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{text:?} is not in:\n{shown}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Follows the first link of that text.
    pub(crate) async fn follow(&self, text: &str) {
        self.client.find(Locator::LinkText(text)).await.unwrap().click().await.unwrap();
    }

    /// Fills a field of a form.
    pub(crate) async fn fill(&self, field: &str, text: &str) {
        let field = self.client.find(Locator::Css(field)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Clicks the first element that a selector names.
    pub(crate) async fn click(&self, selector: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }

    /// The address that is shown, without scheme and host.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Runs a script that calls back with what it has found.
    pub(crate) async fn find_out(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Shows light or dark colours.
    pub(crate) async fn scheme(&self, scheme: &str) {
        let media = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.cdp("Emulation.setEmulatedMedia", json!({"features": media})).await;
    }

    /// A screen as narrow as a phone's.
    pub(crate) async fn phone(&self) {
        let phone = json!({"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true});
        self.cdp("Emulation.setDeviceMetricsOverride", phone).await;
    }

    /// Presses a key, in `WebDriver`'s spelling.
    pub(crate) async fn press(&self, key: &str) {
        let value = key.chars().next().unwrap();
        let keys = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// A command of the browser's own protocol.
    pub(crate) async fn cdp(&self, command: &str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Vendor("goog/cdp/execute", body)).await.unwrap();
    }

    /// What the browser complains about: broken policies, failed requests, errors of scripts.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(Vendor("se/log", json!({ "type": "browser" }))).await;
        let log = log.unwrap();
        let entries = log.as_array().unwrap().iter();
        entries.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Keeps a picture where `HEADROOM_PICTURES` names a folder.
    pub(crate) async fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("HEADROOM_PICTURES") {
            let png = self.client.screenshot().await.unwrap();
            let path = std::path::Path::new(&folder).join(format!("{name}.png"));
            std::fs::write(path, png).unwrap();
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// It takes a port that is free on IPv4 and ends where that is taken on IPv6: then another is started.
fn start_driver() -> (Child, Lines<BufReader<ChildStdout>>, u16) {
    let mut drivers = std::iter::repeat_with(a_driver).take(DRIVERS_MAX).flatten();
    drivers.next().expect("chromedriver says where it listens")
}

fn a_driver() -> Option<(Child, Lines<BufReader<ChildStdout>>, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("no chromedriver ({error}); run tests/setup"));
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    match port {
        Some(port) => Some((driver, lines, port)),
        None => {
            let _ = driver.wait();
            None
        }
    }
}

/// A command beyond the standard: its path below the session, and its body.
#[derive(Debug)]
struct Vendor(&'static str, Value);

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}
