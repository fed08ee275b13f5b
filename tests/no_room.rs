//! A disk without room: nothing is acknowledged that is not stored, and service comes back by itself.

use crate::world::{Job, Setup, until};

/// Below what any store has, so that no file of the server can grow.
const FULL_AT_BYTES: u32 = 16 * 1024;

#[test]
fn without_room_deliveries_are_to_be_sent_again_and_with_room_they_are_taken() {
    let server = Setup::new().that_outlives_a_full_disk().start();
    server.accepts(&[Job::new(1).queued()]);
    server.limit_files(Some(FULL_AT_BYTES));
    // What the log of the store has room for inside of what it has may still be taken.
    let mut ids = 2..;
    let refused = until("a delivery is refused", || {
        let job = Job::new(ids.next()?);
        let answer = server.deliver(&job.queued());
        assert!([202, 503].contains(&answer.status), "{}", answer.text());
        (answer.status == 503).then_some(job)
    });
    assert_eq!(server.get("/readyz").status, 503);
    assert_eq!(server.get("/").status, 200, "who looks sees what was stored");
    server.limit_files(None);
    until("the server stores again", || (server.get("/readyz").status == 200).then_some(()));
    server.accepts(&[refused.queued()]);
    let queued = server.pool("linux,self-hosted").totals()[0];
    assert_eq!(queued, refused.id, "each of them once");
    let again = server.kill().start();
    assert_eq!(again.pool("linux,self-hosted").totals()[0], queued);
}
