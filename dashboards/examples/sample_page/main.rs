//! Writes sample pages and their assets into a directory, to be looked at in a browser:
//! `cargo run -p headroom-dashboards --example sample_page -- target/sample`, then serve it with
//! any static file server. The data is invented, and the same every time.

mod fleet;
mod rows;

use std::path::Path;
use std::{env, fs, io};

use dashboards::{Banner, Charts, Grid, Headline, Page, PoolRow, Range, Severity, Waits, assets};

/// Wednesday 18 November 2026, 15:42:05 UTC: the busiest hour.
const NOW_MS: i64 = 1_795_016_525_000;

fn main() -> io::Result<()> {
    let target = env::args().nth(1).unwrap_or_else(|| "target/sample".to_owned());
    let target = Path::new(&target);
    fs::create_dir_all(target.join("assets"))?;
    for path in ["/assets/app.css", "/assets/app.js", "/assets/favicon.svg"] {
        if let Some((_, text)) = assets::find(path) {
            fs::write(target.join(&path[1..]), text)?;
        }
    }
    let pages = [
        ("index.html", busy(Range::Week)),
        ("day.html", busy(Range::Day)),
        ("hour.html", busy(Range::Hour)),
        ("pool.html", Page { pool: Some("linux-x64-large".to_owned()), ..busy(Range::Day) }),
        ("calm.html", calm()),
        ("empty.html", empty()),
    ];
    for (name, page) in pages {
        fs::write(target.join(name), dashboards::page(&page))?;
    }
    Ok(())
}

/// A fleet at its limit.
fn busy(range: Range) -> Page {
    let charts = fleet::week(Grid::ending_at(NOW_MS, range));
    Page {
        now_ms: NOW_MS,
        version: env!("CARGO_PKG_VERSION"),
        range,
        pool: None,
        banners: vec![notice(
            Severity::Info,
            "Demo: a recorded week of real jobs, 2016 × speed.",
            "",
        )],
        headline: Headline {
            waiting: 23,
            oldest_ms: Some(877_000),
            running: 64,
            waits: Waits { p50_ms: Some(34_000), p95_ms: Some(412_000) },
            arrivals: fleet::sum(&charts.arrivals),
        },
        pools: rows::pools(&charts),
        charts,
        scaling: None,
        longest_waiting: rows::longest_waiting(NOW_MS),
        recent: rows::recent(NOW_MS),
        webhook_url: "https://headroom.example.org/webhook".to_owned(),
        last_delivery_ms: Some(NOW_MS - 2_000),
    }
}

/// A fleet with nothing to do, and no history.
fn calm() -> Page {
    let page = busy(Range::Day);
    let idle = |pool| PoolRow { waiting: 0, oldest_ms: None, waiting_trend: vec![], ..pool };
    Page {
        banners: vec![],
        headline: Headline { running: 3, ..Headline::default() },
        pools: page.pools.into_iter().map(idle).collect(),
        charts: Charts::unknown(page.charts.grid),
        longest_waiting: vec![],
        ..page
    }
}

/// The first minute.
fn empty() -> Page {
    let text = "No webhook secret is configured, so every webhook is refused.";
    Page {
        banners: vec![notice(Severity::Critical, text, "Start with HEADROOM_WEBHOOK_SECRET set.")],
        headline: Headline::default(),
        pools: vec![],
        recent: vec![],
        last_delivery_ms: None,
        ..calm()
    }
}

fn notice(severity: Severity, text: &str, remedy: &str) -> Banner {
    let remedy = (!remedy.is_empty()).then(|| remedy.to_owned());
    Banner { severity, text: text.to_owned(), remedy }
}
