//! Stores that cannot be used, each with an error that says so and exit code 3; and a disk that fills
//! up while the server runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::world::{Job, Setup, bound_by_permissions, until, with_layout};

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
fn a_folder_is_no_store() {
    let setup = Setup::new();
    fs::create_dir(setup.store()).unwrap();
    is_refused(&setup, &["headroom.db is a folder", "hint: name a file within it"]);
}

#[test]
fn an_empty_file_becomes_a_store() {
    let setup = Setup::new();
    setup.write("headroom.db", "");
    setup.start().accepts(&[Job::new(1).queued()]);
}

/// Sets the permissions of a path.
fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_store_that_this_user_must_not_write_is_refused_and_named() {
    let server = Setup::new().start();
    let setup = server.setup.clone();
    server.stop();
    let setup = setup.clone().through(&bound_by_permissions(setup.home()));
    permit(&setup.store(), 0o444);
    is_refused(&setup, &["headroom.db", "readonly", "hint: let this user write to the file"]);
    permit(&setup.store(), 0o000);
    is_refused(&setup, &["headroom.db", "unable to open", "hint: "]);
    permit(&setup.store(), 0o644);
    setup.start().accepts(&[Job::new(1).queued()]);
}

#[test]
fn a_folder_that_this_user_must_not_write_is_refused_and_named() {
    let setup = Setup::new().argument("--store=kept/headroom.db");
    fs::create_dir(setup.path("kept")).unwrap();
    permit(&setup.path("kept"), 0o555);
    let setup = setup.clone().through(&bound_by_permissions(setup.home()));
    is_refused(&setup, &["kept/headroom.db", "Permission denied", "hint: make the folder"]);
}

/// A limit on the size of files stands for a full disk: it fails the same writes, and needs neither
/// rights nor a disk.
#[test]
fn a_full_disk_is_answered_503_until_there_is_room_again() {
    let server = Setup::new().that_outlives_a_full_disk().start();
    server.accepts(&[Job::new(1).queued()]);
    server.limit_files(Some(1));
    let refused = server.deliver(&Job::new(2).queued());
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    let ready = server.get("/readyz");
    assert_eq!(ready.status, 503);
    assert!(ready.json()["store"].as_str().unwrap().contains("cannot be written"));
    assert!(server.get("/").text().contains("The store cannot be written"));
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.pool("linux,self-hosted").totals(), [1, 0, 0], "what is there can be read");
    server.limit_files(None);
    until("it goes on by itself", || (server.get("/readyz").status == 200).then_some(()));
    server.accepts(&[Job::new(2).queued()]);
    assert_eq!(server.pool("linux,self-hosted").totals(), [2, 0, 0]);
    let rejected = model::catalogue::DELIVERIES_REJECTED.0;
    assert_eq!(server.metrics().sum(rejected, &[("reason", "store_unavailable")]), 1);
    let setup = server.setup.clone();
    let log = server.stop().stderr;
    for once in ["the store fails", "the store works again"] {
        assert_eq!(log.matches(once).count(), 1, "{once}: {log}");
    }
    assert_eq!(setup.start().pool("linux,self-hosted").totals(), [2, 0, 0]);
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
