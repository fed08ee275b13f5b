//! An EMF output that nobody reads, or that breaks: it holds up no delivery and is spoken of once.

use std::fs::{File, OpenOptions};
use std::process::Command;

use model::catalogue as c;

use crate::world::{Job, Setup, until};

/// A server that writes its EMF lines into a pipe, and the end of the pipe from which to read.
fn into_a_pipe(per: &str) -> (Setup, File) {
    let setup = Setup::new().config(&format!("[emf]\nto = \"lines\"\nper = \"{per}\""));
    let path = setup.path("lines");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    // Open for both: opening it for one would wait for the other.
    let reader = OpenOptions::new().read(true).write(true).open(path).unwrap();
    (setup, reader)
}

#[test]
fn a_reader_that_stops_and_then_goes_away_costs_lines_and_no_delivery() {
    let (setup, reader) = into_a_pipe("event");
    let server = setup.start();
    // More lines than a pipe holds.
    let jobs: Vec<_> = (1..=300).map(|id| Job::new(id).queued()).collect();
    server.accepts_many(&jobs);
    assert_eq!(server.pool("linux,self-hosted").totals(), [300, 0, 0]);
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(server.metrics().sum(c::EMF_EVENTS_DROPPED.0, &[]), 0, "they wait");
    drop(reader);
    let dropped = until("the lost lines are counted", || {
        let dropped = server.metrics().sum(c::EMF_EVENTS_DROPPED.0, &[]);
        Some(dropped).filter(|dropped| *dropped > 0)
    });
    assert!(dropped <= 300, "{dropped}");
    server.accepts(&(301..=320).map(|id| Job::new(id).queued()).collect::<Vec<_>>());
    let ready = server.get("/readyz");
    assert_eq!((ready.status, ready.json()["emf"] == "ok"), (200, false));
    assert!(server.get("/").text().contains("EMF lines"));
    let log = server.stop().stderr;
    assert_eq!(log.matches("EMF lines cannot be written").count(), 1, "{log}");
}

#[test]
fn an_output_that_was_closed_does_not_spoil_the_end() {
    let (setup, reader) = into_a_pipe("minute");
    let server = setup.start();
    server.accepts(&Job::new(1).life());
    drop(reader);
    let log = server.stop().stderr;
    assert_eq!(log.matches("EMF lines cannot be written").count(), 1, "{log}");
    assert!(log.contains("everything that was accepted is stored"), "{log}");
}
