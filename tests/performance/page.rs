//! The page of a large fleet: what the server takes for each view, and when a browser has painted it.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::Timestamp;
use serde_json::json;

use super::driver::Browser;
use super::history;
use super::process::Usage;
use super::server::Server;

/// Pools of the fleet.
pub(crate) const POOLS: u64 = 500;

/// Jobs that wait.
pub(crate) const WAITING: u64 = 10_000;

/// Every view. The runbook is a text of a few kilobytes without a figure: nobody paints sooner.
const VIEWS: [(&str, &str); 9] = [
    ("baseline: a runbook", "/runbooks/pool-down"),
    ("overview", "/"),
    ("overview of 30 days", "/?range=30d"),
    ("one pool", "/?pool=pool-7"),
    ("jobs", "/jobs"),
    ("decisions", "/decisions"),
    ("alarms", "/alarms"),
    ("pipeline", "/pipeline"),
    ("cost", "/cost"),
];

/// Each is painted so often; the median counts.
const TIMES: usize = 5;

/// Asks a page when the first of its content was painted; in milliseconds since it was asked for.
const PAINTED_AT: &str = "\
    const told = arguments[0], name = 'first-contentful-paint';\
    const at = () => performance.getEntriesByName(name)[0];\
    const look = () => at() ? told(at().startTime) : requestAnimationFrame(look);\
    look();";

/// A view.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) bytes: usize,
    /// The first answer after the start of the server.
    pub(crate) first: Duration,
    /// The median of those after.
    pub(crate) again: Duration,
    /// From the request to the first paint, in milliseconds.
    pub(crate) paint_ms: f64,
}

/// All that was measured.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) views: Vec<View>,
    /// Of the server, before any view and after all of them.
    pub(crate) rss_mib: (f64, f64),
}

/// Makes the store of a fleet with so many jobs behind it, and looks at each view.
pub(crate) fn measure(headroom: &Path, dir: &Path, jobs: u64) -> Result<Page, Box<dyn Error>> {
    let store = dir.join("fleet.db");
    history::import(headroom, dir, &store, jobs, POOLS)?;
    wait(headroom, dir, &store)?;
    let server = Server::start(headroom, &store)?;
    let rss = |server: &Server| Usage::of(server.pid()).map(|usage| usage.rss_mib);
    server.decided_in(POOLS.min(100))?;
    let before = rss(&server)?;
    let mut views = Vec::new();
    for (name, path) in VIEWS {
        let (first, _) = server.ask(path)?;
        let (again, bytes) = server.median(path)?;
        views.push(View { name, path, bytes, first, again, paint_ms: 0.0 });
    }
    let url = format!("http://{}", server.address);
    Browser::with(async |browser| {
        for view in &mut views {
            let mut paints = Vec::new();
            for _ in 0..TIMES {
                browser.open("about:blank").await;
                browser.open(&format!("{url}{}", view.path)).await;
                paints.extend(browser.find_out(PAINTED_AT).await.as_f64());
            }
            paints.sort_by(f64::total_cmp);
            view.paint_ms = paints[paints.len() / 2];
        }
    });
    Ok(Page { views, rss_mib: (before, rss(&server)?) })
}

/// Has the store hear of jobs that wait, as the webhook's lines tell of them.
fn wait(headroom: &Path, dir: &Path, store: &Path) -> Result<(), Box<dyn Error>> {
    let path = dir.join("waiting.ndjson");
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let mut out = BufWriter::new(File::create(&path)?);
    for n in 0..WAITING {
        let pool = format!("pool-{}", n % POOLS);
        let at = Timestamp::from_secs(now - 60 - i64::try_from(n % 1_800)?);
        let metrics = json!([{ "Namespace": model::catalogue::NAMESPACE,
            "Dimensions": [["Pool", "Status"]], "Metrics": [{ "Name": "JobEvents" }] }]);
        let line = json!({
            "_aws": { "Timestamp": at.as_millis(), "CloudWatchMetrics": metrics },
            "JobEvents": 1, "Pool": pool, "Status": "queued", "job_id": 5_000_000_000 + n,
            "run_id": 4_000_000_000 + n / 4, "run_attempt": 1, "job_name": "build",
            "repository": format!("octo/repository-{}", n % 8), "labels": [pool],
            "created_at": at.to_string(),
        });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    drop(out);
    let status = Command::new(headroom)
        .args(["import", "--store"])
        .args([store, &path])
        .current_dir(dir)
        .stdout(Stdio::null())
        .status()?;
    status.success().then_some(()).ok_or_else(|| "the import of waiting jobs failed".into())
}
