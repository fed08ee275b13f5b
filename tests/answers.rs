//! The other doors: page, assets, API, events.

use crate::world::{Job, Request, Setup, until};

#[test]
fn the_page_shows_a_job_and_may_be_asked_for_its_live_part_alone() {
    let server = Setup::new().start();
    server.accepts(&[Job::new(4711).name("a <b>bold</b> job").queued()]);
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").is_some());
    let html = page.text();
    assert!(html.contains("linux,self-hosted") && html.contains("a &lt;b&gt;bold&lt;/b&gt; job"));
    assert!(!html.contains("<b>bold"), "what jobs are called is text, not HTML");
    let part = server.send(&Request::get("/").header("x-headroom-fragment", "1"));
    assert!(part.status == 200 && part.body.len() < page.body.len());
}

#[test]
fn every_range_and_pool_is_a_view_and_anything_else_is_told_so() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).life());
    for (path, expected) in [
        ("/?range=1h", 200),
        ("/?range=24h", 200),
        ("/?range=7d&pool=linux%2Cself-hosted", 200),
        ("/?pool=nobody", 404),
        ("/?pool=", 200),
        ("/?pool=%ff%00", 404),
        ("/?range=1y", 400),
        ("/?range=", 200),
        ("/?range=1h&range=7d", 400),
        ("/assets/nothing.js", 404),
        ("/assets/../Cargo.toml", 404),
        ("/api", 404),
        ("/api/pools/", 404),
        ("//", 404),
    ] {
        assert_eq!(server.get(path).status, expected, "{path}");
    }
    for path in ["/", "/api/pools", "/metrics", "/events", "/healthz", "/readyz"] {
        assert_eq!(server.send(&Request::post(path)).status, 405, "{path} is for reading");
    }
}

#[test]
fn what_is_not_there_is_not_there_however_often_it_is_asked_for() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).life());
    for path in ["/?pool=nobody", "/jobs/2", "/runbooks/nothing", "/decision?of=nobody&at=1"] {
        // The second is answered by what was kept of the first.
        for time in ["first", "second", "third"] {
            assert_eq!(server.get(path).status, 404, "{path} for the {time} time");
        }
    }
}

#[test]
fn every_asset_that_the_page_names_is_there_and_may_be_kept_for_good() {
    let server = Setup::new().start();
    let html = server.get("/").text();
    let named: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .map(|part| part.split('#').next().unwrap())
        .collect();
    assert!(named.len() >= 3, "{named:?}");
    for path in named {
        let asset = server.get(path);
        assert_eq!(asset.status, 200, "{path}");
        assert!(asset.header("cache-control").unwrap().contains("immutable"), "{path}");
        assert!(!asset.body.is_empty(), "{path}");
    }
}

#[test]
fn who_listens_to_events_hears_of_a_delivery() {
    let server = Setup::new().start();
    let mut events = server.connect();
    events.write(&Request::get("/events").head()).unwrap();
    let head = events.read().unwrap();
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    server.accepts(&[Job::new(1).queued()]);
    while events.line().unwrap() != "event: changed" {}
}

#[test]
fn a_heat_map_says_what_it_counts() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).life());
    let shows = |path: &str, text: &str| {
        until(text, || server.get(path).text().contains(text).then_some(()));
    };
    shows("/", "1 job<");
    shows("/pipeline", "1 event<");
}
