//! What cannot be opened says so.

use std::path::Path;

use crate::world::{World, job};
use local::{Reader, Settings, Store, StoreError};

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, Settings::default(), std::sync::Arc::default())
}

fn files_beside(path: &Path) -> usize {
    path.parent().unwrap().read_dir().unwrap().count()
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let mut world = World::new();
    world.queued(job(1));
    let path = world.path();
    drop(world.take_store());
    let file = rusqlite::Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    for error in [open(&path).unwrap_err(), Reader::open(&path).unwrap_err()] {
        assert!(matches!(error, StoreError::Newer { found: 99, known: ..99, .. }));
        assert!(error.to_string().contains("layout 99"), "{error}");
    }
}

#[test]
fn a_sqlite_file_of_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    for error in [open(&path).unwrap_err(), Reader::open(&path).unwrap_err()] {
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    }
    let mode: String = file.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!((mode.as_str(), files_beside(&path)), ("delete", 1));
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to look like something".repeat(9))
        .unwrap();
    let error = open(&path).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        matches!(error, StoreError::Open { .. }) && cause.contains("not a database"),
        "{cause}"
    );
    assert_eq!(files_beside(&path), 1);
}

#[test]
fn an_empty_file_is_a_store_to_write_and_none_to_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.db");
    std::fs::write(&path, "").unwrap();
    assert!(matches!(Reader::open(&path).unwrap_err(), StoreError::Foreign { .. }));
    open(&path).unwrap();
    Reader::open(&path).unwrap();
}

#[test]
fn a_store_has_one_writer_also_through_a_link() {
    let world = World::new();
    let link = world.path().with_file_name("link.db");
    #[cfg(unix)]
    std::os::unix::fs::symlink(world.path(), &link).unwrap();
    #[cfg(not(unix))]
    let link = world.path();
    for path in [world.path(), link] {
        let error = open(&path).unwrap_err();
        assert!(matches!(error, StoreError::InUse { .. }), "{error}");
        assert!(error.to_string().contains("in use by another headroom process"));
    }
    drop(world);
}

#[test]
fn the_next_writer_may_come_when_the_last_one_has_gone() {
    let mut world = World::new();
    drop(world.take_store());
    open(&world.path()).unwrap();
}

#[test]
fn a_directory_is_no_store() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("inner");
    std::fs::create_dir(&path).unwrap();
    for error in [open(&path).unwrap_err(), Reader::open(&path).unwrap_err()] {
        assert!(matches!(error, StoreError::Folder { .. }), "{error}");
        assert!(error.to_string().contains("inner"));
    }
    assert_eq!(files_beside(&path), 1);
}

/// `/proc/self` refuses new files to everybody; permissions would not stop the superuser.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_takes_no_files_is_named() {
    let error = open(Path::new("/proc/self/headroom.db")).unwrap_err();
    assert!(matches!(error, StoreError::Beside { .. }), "{error}");
    assert!(error.to_string().contains("/proc/self/headroom.db"));
}

#[test]
fn a_directory_that_does_not_exist_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("missing/headroom.db");
    assert!(matches!(open(&path).unwrap_err(), StoreError::Beside { .. }));
    assert!(matches!(Reader::open(&path).unwrap_err(), StoreError::Open { .. }));
}
