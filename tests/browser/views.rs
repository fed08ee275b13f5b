//! Every view and the ways between them.

use serde_json::json;

use super::driver::Browser;
use super::url;
use crate::world::{Job, NINE, Server, Setup};

/// Two pools, two repositories: jobs that are over, one that runs, two that wait.
pub(super) fn fleet() -> Server {
    let server = Setup::new().start();
    let over: Vec<_> =
        (1..=12).flat_map(|id| Job::new(id).waits(id.cast_signed() * 5).life()).collect();
    server.accepts_many(&over);
    let of = |id| Job::new(id).repository("octo/dog");
    let runs = of(20).labels(&["gpu"]).name("train");
    server.accepts([&runs.queued(), &runs.in_progress()]);
    server.accepts([&Job::new(21).name("build late").queued()]);
    server.accepts([&of(22).labels(&["gpu"]).name("tune").queued()]);
    server
}

#[test]
fn every_place_is_reached_by_its_link_and_nothing_is_complained_of() {
    let server = fleet();
    Browser::with(async |browser| {
        browser.open(&url(&server, "/")).await;
        for (link, text) in [
            ("Jobs", "build late"),
            ("Decisions", "would set desired to"),
            ("Pipeline", "How the news arrives"),
            ("Cost", "Hours by pool"),
            ("Overview", "2 jobs are waiting"),
        ] {
            browser.follow(link).await;
            browser.shows(text).await;
        }
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    });
}

#[test]
fn a_job_is_found_by_its_number_and_by_its_address_and_tells_its_story() {
    let server = fleet();
    Browser::with(async |browser| {
        let address = "https://github.com/octo/dog/actions/runs/3/job/22";
        for wanted in ["22", "#22", address] {
            browser.open(&url(&server, "/alarms?range=1h")).await;
            browser.open(&url(&server, "/jobs")).await;
            browser.fill("#find", wanted).await;
            browser.press("\u{e007}").await;
            browser.shows("Why it waits").await;
            assert!(browser.path().await.starts_with("/jobs/22?"), "{wanted}");
        }
        for text in ["tune", "Queued", "octo/dog", "It is the next in its pool.", "so far"] {
            browser.shows(text).await;
        }
        browser.follow("the decision").await;
        for text in ["Jobs waiting", "Expected demand", "Instances that counted"] {
            browser.shows(text).await;
        }
        browser.open(&url(&server, "/jobs")).await;
        browser.fill("#find", "4711").await;
        browser.press("\u{e007}").await;
        browser.shows("No job here is 4711").await;
    });
}

#[test]
fn a_job_goes_on_while_one_looks_at_it() {
    let server = Setup::new().start();
    let job = Job::new(7).name("deploy");
    server.accepts([&job.queued()]);
    Browser::with(async |browser| {
        browser.open(&url(&server, "/jobs/7")).await;
        browser.shows("Why it waits").await;
        browser.run("window.untouched = true").await;
        server.accepts([&job.in_progress(), &job.completed()]);
        browser.shows("Waited 10 s, ran 1 min 00 s.").await;
        browser.shows("on runner-1").await;
        assert_eq!(browser.run("return window.untouched").await, json!(true), "no reload");
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    });
}

#[test]
fn filter_and_range_are_a_form_that_works_without_scripts() {
    let server = fleet();
    Browser::with(async |browser| {
        browser.cdp("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        browser.open(&url(&server, "/jobs")).await;
        browser.click("#filter summary").await;
        browser.fill("#filter-repository", "octo/dog").await;
        browser.click("#filter-form button[value='24h']").await;
        browser.shows("train").await;
        let path = browser.path().await;
        assert!(path.contains("repository=octo%2Fdog") && path.contains("span=24h"), "{path}");
        let names = "return document.getElementById('jobs').innerText";
        let shown = browser.run(names).await;
        assert!(!shown.as_str().unwrap().contains("build 1"), "{shown}");
        browser.follow("30 d").await;
        browser.shows("Repository octo/dog").await;
        browser.follow("Overview").await;
        browser.shows("One repository").await;
        browser.follow("gpu").await;
        browser.shows("1 job is waiting").await;
    });
}

#[test]
fn any_stretch_of_the_past_can_be_looked_at() {
    let server = fleet();
    let past = "/?from=2020-01-01T00:00&to=2020-02-01T00:00";
    Browser::with(async |browser| {
        browser.open(&url(&server, past)).await;
        browser.shows("2020-01-01 00:00 to 2020-02-01 00:00").await;
        browser.shows("nothing in this range").await;
        browser.follow("Jobs").await;
        browser.shows("No job is like that in this stretch of time.").await;
        // What is open now belongs to no stretch of the past.
        let shown = browser.run("return document.getElementById('live').innerText").await;
        assert!(!shown.as_str().unwrap().contains("build late"), "{shown}");
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    });
}

/// Labels of time axes that reach over the edge of their panel; a narrow page leaves some out.
const REACH_OVER: &str = "return [...document.querySelectorAll('.plot .x')].filter(label => { \
    const text = label.getBoundingClientRect(); \
    const panel = label.closest('figure').getBoundingClientRect(); \
    return text.width > 0 && (text.left < panel.left || text.right > panel.right); \
    }).map(label => label.textContent)";

#[test]
fn no_label_of_a_time_axis_reaches_over_its_panel() {
    let server = fleet();
    Browser::with(async |browser| {
        for width in ["wide", "narrow"] {
            if width == "narrow" {
                browser.phone().await;
            }
            // Their last days begin ever further before the end.
            for end in ["31T00:30", "31T06:30", "31T18:30", "30T06:30", "29T00:30"] {
                let path = format!("/cost?from=2026-01-01T00:00&to=2026-01-{end}");
                browser.open(&url(&server, &path)).await;
                let over = browser.run(REACH_OVER).await;
                assert_eq!(over, json!([]), "{width}, until {end}");
            }
        }
    });
}

#[test]
fn a_decision_explains_itself_and_stays_open_while_the_page_goes_on() {
    let server = Setup::new().start();
    server.accepts([&Job::new(1).queued(), &Job::new(2).queued()]);
    Browser::with(async |browser| {
        browser.open(&url(&server, "/?range=1h")).await;
        browser.shows("would set desired to 2 (now 0)").await;
        browser.shows("2 jobs wait; 0 idle and 0 booting stand against that: 2 more.").await;
        browser.run("document.getElementById('figures').open = true").await;
        server.accepts([&Job::new(3).queued()]);
        browser.shows("would set desired to 3 (now 0)").await;
        let open = "return document.getElementById('figures').open";
        assert_eq!(browser.run(open).await, json!(true), "what is open stays open");
        browser.follow("would set desired to 3 (now 0)").await;
        browser.shows("a dry run: nothing was set").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.picture("decision").await;
    });
}

#[test]
fn many_pools_are_searched_and_sorted_by_the_server() {
    let server = Setup::new().start();
    let of = |id: u64| {
        let label = format!("pool-{id:03}");
        Job::new(id).labels(&[&label]).waits(id.cast_signed()).life()
    };
    let jobs: Vec<_> = (1..=90).flat_map(of).collect();
    server.accepts_many(&jobs);
    Browser::with(async |browser| {
        browser.cdp("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        browser.open(&url(&server, "/?sort=name")).await;
        browser.shows("Page 1 of 4").await;
        browser.shows("pool-025").await;
        browser.follow("Next").await;
        browser.shows("pool-050").await;
        browser.fill("#pool-search", "pool-08").await;
        browser.press("\u{e007}").await;
        browser.shows("10 of 90 pools").await;
        browser.click(".pools a[href$='sort=wait']").await;
        let first = "return document.querySelector('.pools tbody th').innerText";
        assert_eq!(browser.run(first).await, json!("pool-089"), "the longest wait is the first");
    });
}

#[test]
fn what_is_not_there_says_so_and_what_cannot_be_is_refused() {
    let server = fleet();
    for (path, status) in [
        ("/jobs/4711", 404),
        ("/jobs/x", 400),
        ("/?pool=nobody", 404),
        ("/?range=2w", 400),
        ("/?from=2026-01-02T00:00&to=2026-01-01T00:00", 400),
        ("/?page=-1", 400),
        ("/jobs?before=x", 400),
        ("/decision?of=linux&at=7", 404),
        ("/decision", 400),
        ("/runbooks/none", 404),
        ("/jobs?find=4711", 404),
    ] {
        assert_eq!(server.get(path).status, status, "{path}");
    }
    let long = format!("/?pool={}", "x".repeat(600));
    assert_eq!(server.get(&long).status, 400);
    let answer = server.get("/jobs?find=20&pool=gpu");
    let location = answer.header("location").unwrap_or_default();
    assert_eq!((answer.status, location), (303, "/jobs/20?range=24h&pool=gpu"));
}

#[test]
fn a_name_from_a_webhook_is_text_in_every_view() {
    let server = Setup::new().start();
    let evil = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>";
    let job = Job::new(1).name(evil).repository(evil).labels(&[evil]).created_at(NINE);
    server.accepts(&job.life());
    server.accepts([&Job::new(2).name(evil).labels(&[evil]).queued()]);
    let pool = server.pools()[0].name.clone();
    let pool: String = url::form_urlencoded::byte_serialize(pool.as_bytes()).collect();
    Browser::with(async |browser| {
        for path in [
            "/",
            "/jobs",
            "/jobs/1",
            "/jobs/2",
            "/decisions",
            "/pipeline",
            "/cost",
            &format!("/?pool={pool}"),
            &format!("/jobs?find={pool}"),
            &format!("/?q={pool}"),
        ] {
            browser.open(&url(&server, path)).await;
            let foreign = "return document.querySelectorAll('img, script:not([src])').length";
            assert_eq!(browser.run(foreign).await, json!(0), "{path}");
        }
        let complaints = browser.complaints().await;
        let about_policy = |text: &&String| text.contains("Content Security Policy");
        assert_eq!(complaints.iter().find(about_policy), None);
    });
}
