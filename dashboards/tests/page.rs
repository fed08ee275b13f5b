//! What the page promises to readers, browsers and security policies.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use dashboards::board::Role;
use dashboards::panel::{Chart, Figure, Layer, Mark, Measured, Shape, Tone};
use dashboards::{
    AlarmChange, AlarmList, AlarmRow, AlarmSeverity, AlarmState, BoardView, Change, Choices,
    Content, Decision, DecisionList, Grid, Headline, HeatMap, JobFilter, JobList, JobRow, JobState,
    JobStory, Launch, Listing, Moment, Overview, Page, Panel, Picture, Place, PoolRow, PoolTable,
    Range, Reasons, Scaling, ScalingMode, Section, Series, Span, Stretch, Table, View, Waits,
};

const NOW_MS: i64 = 1_795_386_665_000;
/// The budget for everything a first visit loads.
const BYTES_MAX: usize = 300_000;
/// Elements that HTML never closes.
const VOID: [&str; 4] = ["meta", "link", "!DOCTYPE", "input"];
const EVIL: &str = r#"<script>alert(1)</script>" onfocus="x"#;

fn page_of(place: Place, content: Content) -> Page {
    let view = View { span: Span::Last(Range::Week), ..View::of(place) };
    Page {
        now_ms: NOW_MS,
        version: "1.2.3",
        grid: view.span.grid(NOW_MS),
        view,
        banners: vec![],
        firing: Some(vec![]),
        choices: Choices::default(),
        waiting: 3,
        last_delivery_ms: None,
        content,
    }
}

/// A page of somebody who was never told of a job.
fn stranger() -> Page {
    let url = "https://ci.example.org/webhook".to_owned();
    page_of(Place::Overview, Content::FirstSteps(url))
}

fn small(value: usize) -> f64 {
    f64::from(u32::try_from(value).unwrap())
}

fn series(steps: usize, factor: f64) -> Series {
    let value = |step: usize| small(step * 37 % 101) * factor;
    (0..steps).map(|step| Some(value(step))).collect()
}

/// A chart with so many lines; every step is different.
fn chart(id: &str, name: &str, lines: usize) -> Panel {
    let steps = Span::Last(Range::Week).grid(NOW_MS).len;
    let mut heat = HeatMap::empty(steps);
    for step in 0..steps {
        for wait in 0..40_u32 {
            heat.add(step, f64::from(wait * wait) * small(step % 7));
        }
    }
    let layer = |i: usize, shape| Layer {
        name: format!("{name} {i}"),
        tone: if i == 0 { Tone::Role(Role::High) } else { Tone::Part(i) },
        shape,
        values: series(steps, small(i) + 0.5),
    };
    Panel {
        id: id.to_owned(),
        title: name.to_owned(),
        help: format!("{name} at a glance."),
        columns: 12,
        picture: Picture::Chart(Chart {
            unit: if lines <= 3 { Measured::Waits } else { Measured::Count },
            layers: match lines {
                ..=3 => [layer(0, Shape::Heat(heat))].into_iter().collect(),
                _ => Vec::new(),
            }
            .into_iter()
            .chain((1..=lines).map(|i| layer(i, Shape::Line)))
            .collect(),
            marks: match lines {
                ..=3 => vec![Mark { name: "alarm above 30 min".to_owned(), at: 1800.0 }],
                _ => Vec::new(),
            },
            note: "the 8 busiest of 500".to_owned(),
        }),
    }
}

fn sections(charts: usize, name: &str) -> Vec<Section> {
    let figures = vec![Figure { name: name.to_owned(), value: "3".to_owned() }];
    let table = Table {
        by: "Pool".to_owned(),
        columns: vec![name.to_owned()],
        rows: vec![(name.to_owned(), vec!["1".to_owned()])],
        note: String::new(),
    };
    // Two of the waits over their distribution, the others with a line for each of the busiest.
    let lines = |i| if i < 2 { 3 } else { 5 };
    let mut panels: Vec<Panel> =
        (0..charts).map(|i| chart(&format!("chart-{i}"), name, lines(i))).collect();
    for (id, picture) in [
        ("figure", Picture::Figures(figures)),
        ("table", Picture::Table(table)),
        ("states", Picture::Alarms(vec![alarm(name)])),
        ("text", Picture::Text),
    ] {
        panels.push(Panel { id: id.to_owned(), picture, ..chart(id, name, 1) });
    }
    vec![Section { title: name.to_owned(), panels }]
}

/// As full as an overview gets: every list at its limit.
fn crowded() -> Page {
    overview("job")
}

fn overview(name: &str) -> Page {
    let trend = series(48, 1.0);
    let pools = (0..25).map(|index| pool(&format!("{name}-{index}"), &trend)).collect();
    let jobs = |count: usize| (0..count).map(|index| job(&format!("{name} {index}"))).collect();
    let content = Overview {
        headline: Headline { waiting: 3, oldest_in: Some(name.to_owned()), ..Headline::default() },
        pools: PoolTable {
            rows: pools,
            found: 500,
            all: 500,
            pages: 20,
            grid: Grid { start_ms: NOW_MS - 86_400_000, step_ms: 1_800_000, len: 48 },
        },
        sections: sections(8, name),
        scaling: Some(Scaling { mode: ScalingMode::DryRun, changes: vec![change(name)] }),
        longest_waiting: jobs(15),
        recent: jobs(15),
    };
    let pools = (0..150).map(|i| format!("{name}-{i}")).collect();
    Page {
        choices: Choices { pools, repositories: vec![name.to_owned(); 100] },
        firing: Some((0..6).map(|i| alarm(&format!("{name}-{i}"))).collect()),
        ..page_of(Place::Overview, Content::Overview(Box::new(content)))
    }
}

fn pool(name: &str, trend: &Series) -> PoolRow {
    PoolRow {
        name: name.to_owned(),
        waiting: 3,
        oldest_ms: Some(61_000),
        running: 5,
        waits: [Waits { p50_ms: Some(1_000), p95_ms: Some(185_000) }; 3],
        arrivals: 1_234,
        waiting_trend: trend.clone(),
    }
}

fn job(name: &str) -> JobRow {
    JobRow {
        key: name.to_owned(),
        id: 17,
        attempt: 1,
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

fn evil_job() -> JobRow {
    JobRow {
        pool: EVIL.to_owned(),
        repository: EVIL.to_owned(),
        workflow: Some(EVIL.to_owned()),
        runner: Some(EVIL.to_owned()),
        state: JobState::Other(EVIL.to_owned()),
        labels: vec![EVIL.to_owned()],
        ..job(EVIL)
    }
}

fn change(name: &str) -> Change {
    Change {
        at_ms: NOW_MS - 60_000,
        pool: name.to_owned(),
        summary: format!("set desired to 3 {name}"),
        sentences: vec![name.to_owned()],
        figures: vec![(name.to_owned(), name.to_owned())],
    }
}

fn alarm(name: &str) -> AlarmRow {
    AlarmRow {
        name: name.to_owned(),
        pool: Some(name.to_owned()),
        more: 0,
        severity: AlarmSeverity::Page,
        state: AlarmState::Firing,
        since_ms: Some(NOW_MS - 90_000),
        meaning: format!("It is full: {name}."),
        condition: format!("{name} > 0"),
        figures: name.to_owned(),
        causes: vec![name.to_owned()],
        actions: vec![format!("Raise it. {name}")],
        runbook: Some(name.to_owned()),
    }
}

fn story(row: JobRow) -> JobStory {
    let name = row.name.clone();
    let launch = Launch { pool: name.clone(), at_ms: NOW_MS - 50_000 };
    JobStory {
        run: 1,
        branch: Some(name.clone()),
        runner_group: Some(name.clone()),
        moments: vec![
            Moment {
                at_ms: Some(NOW_MS - 61_000),
                what: "Queued".to_owned(),
                note: name.clone(),
                decision: None,
            },
            Moment {
                at_ms: Some(NOW_MS - 50_000),
                what: "Capacity requested".to_owned(),
                note: name.clone(),
                decision: Some(launch.clone()),
            },
            Moment { at_ms: None, what: "Started".to_owned(), note: name.clone(), decision: None },
        ],
        stretches: vec![Stretch {
            what: "waiting".to_owned(),
            state: JobState::Waiting,
            from_ms: NOW_MS - 61_000,
            to_ms: None,
        }],
        reasons: Some(Reasons {
            ahead: Some(7),
            decision: launch,
            summary: name.clone(),
            sentences: vec![name],
        }),
        attempts: vec![row.clone(), JobRow { key: "again".to_owned(), ..row.clone() }],
        siblings: vec![row.clone()],
        row,
    }
}

/// Every view, each with this text in every place for somebody else's text.
fn every_view(name: &str) -> Vec<Page> {
    let row = if name == EVIL { evil_job() } else { job(name) };
    let decision = Decision {
        change: change(name),
        is_set: false,
        known: vec![(name.to_owned(), vec![(name.to_owned(), name.to_owned())])],
        members: vec![(name.to_owned(), "busy".to_owned(), NOW_MS)],
        json_url: dashboards::decisions_url(name, "now"),
    };
    let list = JobList {
        not_found: Some(name.to_owned()),
        rows: vec![row.clone()],
        older_ms: Some(NOW_MS),
        left_out: 3,
    };
    let alarms = AlarmList {
        rows: vec![alarm(name)],
        changes: vec![AlarmChange {
            at_ms: NOW_MS,
            name: name.to_owned(),
            pool: Some(name.to_owned()),
            severity: AlarmSeverity::Ticket,
            to: AlarmState::Calm,
            figures: name.to_owned(),
            lasted_ms: Some(90_000),
        }],
    };
    let board = BoardView {
        title: "Cost".to_owned(),
        description: name.to_owned(),
        sections: sections(3, name),
    };
    let scaling = Scaling { mode: ScalingMode::Simulated, changes: vec![change(name)] };
    let decisions = DecisionList { scaling, older_ms: Some(NOW_MS) };
    let pages = vec![
        overview(name),
        page_of(Place::Cost, Content::Board(board)),
        page_of(Place::Jobs, Content::Jobs(list)),
        page_of(Place::Job(17, None), Content::Job(Box::new(story(row)))),
        page_of(Place::Decisions, Content::Decisions(decisions)),
        page_of(Place::Decision(name.to_owned(), 7), Content::Decision(Box::new(decision))),
        page_of(Place::Alarms, Content::Alarms(alarms)),
        page_of(Place::Runbook(name.to_owned()), Content::Runbook(format!("# {name}"))),
        page_of(Place::Jobs, Content::Missing(name.to_owned(), name.to_owned())),
        stranger(),
    ];
    let narrowed = |page: Page| Page {
        view: View {
            pool: Some(name.to_owned()),
            repository: Some(name.to_owned()),
            span: Span::Between(NOW_MS - 7_200_000, NOW_MS),
            listing: Listing {
                search: Some(name.to_owned()),
                state: Some(JobFilter::Done),
                before_ms: Some(NOW_MS),
                ..Listing::default()
            },
            ..page.view.clone()
        },
        ..page
    };
    pages.iter().cloned().map(narrowed).chain(pages.clone()).collect()
}

fn with_job(job: JobRow) -> String {
    let list = JobList { rows: vec![job], ..JobList::default() };
    dashboards::page(&page_of(Place::Jobs, Content::Jobs(list)))
}

/// Every tag of a document, without its brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

#[test]
fn other_peoples_text_is_never_markup() {
    for page in every_view(EVIL) {
        let html = dashboards::page(&page);
        let breaks_out = tags(&html).any(|tag| tag.contains(r#"" onfocus"#));
        assert!(!html.contains("<script>") && !breaks_out, "{:?}", page.view);
        let is_told = html.contains("&lt;script&gt;alert(1)&lt;/script&gt;");
        assert!(is_told || matches!(page.content, Content::FirstSteps(_)), "{:?}", page.view);
    }
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
    let html: String = every_view("x").iter().map(dashboards::page).collect();
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
    for page in every_view("x") {
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
    for page in every_view("x") {
        let html = dashboards::page(&page);
        let mut ids: Vec<_> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{:?}", page.view);
    }
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
    for page in every_view("x") {
        let live = dashboards::fragment(&page);
        let live = format!("<main id=\"live\" tabindex=\"-1\">{live}</main>");
        assert!(dashboards::page(&page).contains(&live));
    }
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
    let empty = |unit| Panel {
        picture: Picture::Chart(Chart { unit, layers: vec![], marks: vec![], note: String::new() }),
        ..chart("empty", "empty", 1)
    };
    for unit in [Measured::Waits, Measured::Count] {
        let sections = vec![Section { title: "x".to_owned(), panels: vec![empty(unit)] }];
        let (title, description) = ("Cost".to_owned(), String::new());
        let board = BoardView { title, description, sections };
        let html = dashboards::page(&page_of(Place::Cost, Content::Board(board)));
        assert!(html.contains("nothing in this range"), "{unit:?}");
    }
}

#[test]
fn stretch_and_filter_stay_chosen_from_link_to_link() {
    let page = crowded();
    let view = View { repository: Some("acme/web".to_owned()), ..page.view.clone() };
    let html = dashboards::page(&Page { view, ..page });
    for link in [
        "/?range=1h&amp;repository=acme%2Fweb",
        "/?range=7d&amp;pool=job-4&amp;repository=acme%2Fweb",
        "/alarms?range=7d&amp;repository=acme%2Fweb",
        "/jobs/17?attempt=1&amp;range=7d",
    ] {
        assert!(html.contains(link), "{link}");
    }
}

#[test]
fn a_firing_alarm_is_told_above_every_view_with_what_to_do() {
    for page in every_view("x") {
        let page = Page { firing: Some(vec![alarm("pool-exhausted")]), ..page };
        let html = dashboards::page(&page);
        let told = html.find("What to do: Raise it.").unwrap();
        assert!(told < html.find("<h1").unwrap(), "{:?}", page.view);
        assert!(html.contains("/runbooks/pool-exhausted?"), "{:?}", page.view);
    }
    let jobs = page_of(Place::Jobs, Content::Jobs(JobList::default()));
    let silent = dashboards::page(&Page { firing: None, ..jobs });
    assert!(!silent.contains("/alarms?"), "no place for what is not evaluated");
}

#[test]
fn an_alarm_of_many_pools_is_told_once_and_calm_ones_are_counted() {
    let of_pool = |pool: usize| AlarmRow {
        pool: Some(format!("pool-{pool}")),
        since_ms: Some(NOW_MS - 90_000 - 1_000 * i64::try_from(pool).unwrap()),
        ..alarm("pool-down")
    };
    let firing: Vec<_> = (0..101).map(of_pool).chain([alarm("webhook-silence")]).collect();
    let calm = AlarmRow { state: AlarmState::Calm, more: 99, ..alarm("boots-overdue") };
    let rows = firing.iter().cloned().chain([calm]).collect();
    let list = AlarmList { rows, changes: vec![] };
    let page = page_of(Place::Alarms, Content::Alarms(list));
    let html = dashboards::page(&Page { firing: Some(firing), ..page });
    let (banner, below) = html.split_once("<h1").unwrap();
    assert_eq!(banner.matches("class=\"banner critical\"").count(), 2);
    for text in ["pool-0<", "pool-3<", "97 more pools", "for 3 min 10 s", "webhook-silence"] {
        assert!(banner.contains(text), "{text}");
    }
    assert!(!banner.contains("pool-4<"));
    for text in ["102 alarms fire.", "and 52 more that fire", "and 99 more pools"] {
        assert!(below.contains(text), "{text}");
    }
    assert!(html.len() < BYTES_MAX / 3, "{} bytes", html.len());
}

#[test]
fn a_table_of_many_pools_is_searched_sorted_and_turned_over() {
    let page = crowded();
    let listing = Listing { page: 3, ..Listing::default() };
    let html = dashboards::page(&Page { view: View { listing, ..page.view.clone() }, ..page });
    for text in ["500 pools", "sort=waiting", "Page 4 of 20", "page=2\"", "page=4\""] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn a_job_tells_how_long_each_stretch_took_and_why_it_waits() {
    let story = story(job("lint"));
    let html = dashboards::page(&page_of(Place::Job(17, None), Content::Job(Box::new(story))));
    for text in
        ["1 min 01 s", "so far", "7 of its pool have waited for longer", "11 s", "not known"]
    {
        assert!(html.contains(text), "{text}");
    }
}
