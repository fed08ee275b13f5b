//! Stores that cannot be used, each with an error that says so and exit code 3.

use std::fs;

use crate::world::{Job, Setup, with_layout};

#[track_caller]
fn is_refused(setup: &Setup, expected: &[&str]) {
    let ended = setup.fails();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    for part in expected {
        assert!(ended.stderr.contains(part), "{part:?} is not in {}", ended.stderr);
    }
}

#[test]
fn a_store_belongs_to_one_process_for_as_long_as_it_lives() {
    let server = Setup::new().start();
    is_refused(&server.setup, &["headroom.db", "in use", "hint: stop the other process"]);
    server.accepts(&[Job::new(1).queued()]);
    let server = server.kill().start();
    assert_eq!(server.pool("linux,self-hosted").totals(), [1, 0, 0], "death frees it");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let server = Setup::new().start();
    let setup = server.setup.clone();
    server.stop();
    with_layout(&setup.store(), 99);
    let before = fs::read(setup.store()).unwrap();
    is_refused(&setup, &["headroom.db", "layout 99", "newer version"]);
    assert_eq!(fs::read(setup.store()).unwrap(), before);
}

#[test]
fn a_file_that_is_no_store_is_left_alone() {
    for text in ["not a database, but long enough for one. ".repeat(20), "notes".into()] {
        let setup = Setup::new();
        setup.write("headroom.db", &text);
        is_refused(&setup, &["headroom.db"]);
        assert_eq!(fs::read_to_string(setup.store()).unwrap(), text);
    }
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    is_refused(&Setup::new().argument("--store=nowhere/h.db"), &["nowhere/h.db"]);
    is_refused(&Setup::new().argument("--emf=nowhere/m.ndjson"), &["nowhere/m.ndjson"]);
}

#[test]
fn an_address_in_use_is_named_and_another_one_suggested() {
    let server = Setup::new().start();
    let taken = server.address.to_string();
    let other = Setup::new().argument(&format!("--listen={taken}"));
    is_refused(&other, &[&taken, "hint: choose another address"]);
}
