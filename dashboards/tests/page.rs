//! What the page promises to readers, browsers and security policies.

use dashboards::{Charts, Grid, Headline, JobRow, JobState, Page, PoolRow, Range, Waits};

const NOW_MS: i64 = 1_795_386_665_000;
/// The budget for everything a first visit loads.
const BYTES_MAX: usize = 300_000;
/// Elements that HTML never closes.
const VOID: [&str; 3] = ["meta", "link", "!DOCTYPE"];

/// A page with nothing on it.
fn stranger() -> Page {
    Page {
        now_ms: NOW_MS,
        version: "1.2.3",
        range: Range::Day,
        pool: None,
        banners: vec![],
        headline: Headline::default(),
        pools: vec![],
        charts: Charts::unknown(Grid::ending_at(NOW_MS, Range::Day)),
        scaling: None,
        longest_waiting: vec![],
        recent: vec![],
        webhook_url: "https://ci.example.org/webhook".to_owned(),
        last_delivery_ms: None,
    }
}

/// As full as a page gets: every list at its limit, every step of the charts different.
fn crowded() -> Page {
    let mut charts = Charts::unknown(Grid::ending_at(NOW_MS, Range::Week));
    for step in 0..168_u32 {
        let value = f64::from(step * 37 % 101);
        for wait in 0..40 {
            charts.waits.add(step as usize, (value + 1.0) * f64::from(wait * wait));
        }
        for series in [&mut charts.waiting, &mut charts.running, &mut charts.arrivals] {
            series.push(Some(value));
        }
        for series in [&mut charts.p50_secs, &mut charts.p95_secs, &mut charts.oldest_secs] {
            series.push((step % 7 > 0).then_some(value * 9.5));
        }
        charts.starts.push(Some(value / 2.0));
        charts.completions.push(Some(value / 3.0));
    }
    let pools = (0..24).map(|index| pool(&format!("pool-{index}"), &charts)).collect();
    let jobs = |count: usize| (0..count).map(|index| job(&format!("job {index}"))).collect();
    Page {
        range: Range::Week,
        pools,
        charts,
        longest_waiting: jobs(20),
        recent: jobs(30),
        ..stranger()
    }
}

fn pool(name: &str, charts: &Charts) -> PoolRow {
    PoolRow {
        name: name.to_owned(),
        waiting: 3,
        oldest_ms: Some(61_000),
        running: 5,
        waits: [Waits { p50_ms: Some(1_000), p95_ms: Some(185_000) }; 3],
        arrivals: 1_234,
        waiting_trend: charts.waiting.clone(),
    }
}

fn job(name: &str) -> JobRow {
    JobRow {
        key: name.to_owned(),
        name: name.to_owned(),
        workflow: Some("CI".to_owned()),
        repository: "acme/web".to_owned(),
        pool: "linux".to_owned(),
        labels: vec!["self-hosted".to_owned(), "linux".to_owned()],
        state: JobState::Waiting,
        waited_ms: Some(61_000),
        ran_ms: None,
        runner: Some("runner-1".to_owned()),
        url: Some("https://github.com/acme/web/actions/runs/1/job/2".to_owned()),
        changed_at_ms: NOW_MS - 61_000,
    }
}

fn with_job(job: JobRow) -> String {
    dashboards::page(&Page { recent: vec![job.clone()], longest_waiting: vec![job], ..crowded() })
}

/// Every tag of a document, without its brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

#[test]
fn other_peoples_text_is_never_markup() {
    let evil = r#"<script>alert(1)</script>" onfocus="x"#;
    let labels = vec![evil.to_owned()];
    let html = with_job(JobRow {
        pool: evil.to_owned(),
        repository: evil.to_owned(),
        workflow: Some(evil.to_owned()),
        runner: Some(evil.to_owned()),
        state: JobState::Other(evil.to_owned()),
        labels,
        ..job(evil)
    });
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onfocus="));
    assert!(!html.contains("<script>") && !html.contains(r#"" onfocus"#));
}

#[test]
fn a_link_to_anything_but_http_is_only_text() {
    let html = with_job(JobRow { url: Some("javascript:alert(1)".to_owned()), ..job("lint") });
    assert!(html.contains("lint") && !html.contains("javascript:"));
}

#[test]
fn long_and_foreign_names_are_kept_whole() {
    for name in ["x".repeat(500), "בדיקות".to_owned(), "🚀 deploy".to_owned()] {
        assert!(with_job(job(&name)).contains(&name));
    }
}

#[test]
fn the_strict_policy_has_nothing_to_forbid() {
    let html = dashboards::page(&crowded());
    for tag in tags(&html) {
        assert!(!tag.contains(" style=") && !tag.starts_with("style"), "inline style: {tag}");
        assert!(!tag.contains(" on"), "inline handler: {tag}");
        assert!(
            !tag.starts_with("script") || tag.contains("src=\"/assets/"),
            "inline script: {tag}"
        );
        assert!(!tag.contains("src=\"http") && !tag.starts_with("img"), "foreign file: {tag}");
    }
}

#[test]
fn every_element_is_closed_in_order() {
    for page in [crowded(), stranger()] {
        let html = dashboards::page(&page);
        let mut open = vec![];
        for tag in tags(&html).filter(|tag| !tag.ends_with('/')) {
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None => open.extend(tag.split(' ').next().filter(|name| !VOID.contains(name))),
            }
        }
        assert!(open.is_empty(), "left open: {open:?}");
    }
}

#[test]
fn no_two_elements_share_an_id() {
    let html = dashboards::page(&crowded());
    let mut ids: Vec<_> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn a_crowded_first_visit_stays_within_the_budget() {
    let files =
        dashboards::APP_CSS.len() + dashboards::APP_JS.len() + dashboards::FAVICON_SVG.len();
    let bytes = dashboards::page(&crowded()).len() + files;
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
}

#[test]
fn the_fragment_is_what_the_document_holds() {
    let page = crowded();
    let live = format!("<main id=\"live\" tabindex=\"-1\">{}</main>", dashboards::fragment(&page));
    assert!(dashboards::page(&page).contains(&live));
}

#[test]
fn a_stranger_is_told_what_to_enter() {
    let html = dashboards::page(&stranger());
    for text in
        ["https://ci.example.org/webhook", "application/json", "Workflow jobs", "No webhook"]
    {
        assert!(html.contains(text), "{text}");
    }
    let pinged = Page { last_delivery_ms: Some(NOW_MS - 5_000), ..stranger() };
    assert!(dashboards::page(&pinged).contains("5 s ago"));
}

#[test]
fn an_empty_range_says_so_instead_of_drawing_zero() {
    let charts = Charts::unknown(Grid::ending_at(NOW_MS, Range::Day));
    let html =
        dashboards::page(&Page { pools: vec![pool("linux", &charts)], charts, ..stranger() });
    for text in
        ["no waits in this range", "no jobs in this range", "No job is waiting for a runner."]
    {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn the_range_and_the_pool_stay_chosen_from_link_to_link() {
    let html = dashboards::page(&Page { pool: Some("pool-3".to_owned()), ..crowded() });
    for link in ["/?range=1h&amp;pool=pool-3", "/?range=7d&amp;pool=pool-4", "\"/?range=7d\""] {
        assert!(html.contains(link), "{link}");
    }
}
