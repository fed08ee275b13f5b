//! What every [`Group`] does, whatever it is made of. The tests of each adapter take this file in,
//! and hand each claim a group of their own.

use std::collections::BTreeSet;

use model::{InstanceId, Timestamp};
use scaler::ports::{Busy, Group, Open};
use scaler::{Backlog, Capacity, Fleet, Removal, Source, State};

/// A group of up to 10 instances, protected from scale-in, empty at first, whose boots all end in
/// a runner.
pub(crate) trait Stand {
    /// The group.
    fn group(&mut self) -> &mut dyn Group;

    /// The instant that it is.
    fn now(&self) -> Timestamp;

    /// Lets every boot end.
    fn boots_end(&mut self);
}

type Claim = fn(&mut dyn Stand);

/// Every claim, in words and as a check.
pub(crate) const CLAIMS: [(&str, Claim); 7] = [
    ("a capacity is an absolute number", a_capacity_is_an_absolute_number),
    ("looking changes nothing", looking_changes_nothing),
    ("a removal takes the instance and its place", a_removal_takes_the_instance_and_its_place),
    (REMOVED_TWICE, one_that_is_gone_is_removed),
    ("lowering ends no instance", lowering_ends_no_instance),
    ("stopped ones are held in absolute numbers", stopped_ones_are_held_in_absolute_numbers),
    ("a job takes a runner whatever its name", a_job_takes_a_runner_whatever_its_name),
];

/// A claim that not every emulator can show.
pub(crate) const REMOVED_TWICE: &str = "one that is gone is removed";

fn open(now: Timestamp, busy: &[&str]) -> Open {
    let backlog = Backlog {
        as_of: now,
        source: Source::Jobs,
        queued: 0,
        oldest_queued_at: None,
        ghosts: 0,
        running: u32::try_from(busy.len()).unwrap(),
    };
    let busy = busy.iter().map(|runner| Busy { runner: (*runner).to_owned(), since: now });
    Open { backlog, busy: busy.collect() }
}

fn look(on: &mut dyn Stand) -> Fleet {
    let now = on.now();
    on.group().describe(&open(now, &[]), now).unwrap()
}

fn ids(fleet: &Fleet) -> BTreeSet<InstanceId> {
    fleet.members.iter().map(|member| member.id.clone()).collect()
}

/// So many instances, each with an idle runner.
fn filled(on: &mut dyn Stand, instances: u32) -> Fleet {
    let now = on.now();
    on.group().set_desired(Capacity::of(instances), now).unwrap();
    on.boots_end();
    let fleet = look(on);
    assert_eq!(ids(&fleet).len(), instances as usize);
    assert!(fleet.members.iter().all(|member| member.state == State::Idle), "{fleet:?}");
    fleet
}

fn a_capacity_is_an_absolute_number(on: &mut dyn Stand) {
    assert!(on.group().is_real());
    for _ in 0..2 {
        let now = on.now();
        on.group().set_desired(Capacity::of(3), now).unwrap();
        assert_eq!(on.group().desired(now), Ok(Capacity::of(3)));
        let fleet = look(on);
        assert_eq!((fleet.desired, fleet.members.len(), fleet.as_of), (3, 3, now));
    }
    filled(on, 3);
}

fn looking_changes_nothing(on: &mut dyn Stand) {
    let before = filled(on, 2);
    assert_eq!(look(on), before);
    assert!(on.group().interrupted().is_empty());
}

fn a_removal_takes_the_instance_and_its_place(on: &mut dyn Stand) {
    let before = filled(on, 3);
    let now = on.now();
    let gone = before.members[1].id.clone();
    let removal = Removal { id: gone.clone(), deregister: true };
    assert_eq!(on.group().remove(&removal, now), Ok(true));
    let after = look(on);
    let mut rest = ids(&before);
    rest.remove(&gone);
    assert_eq!((after.desired, ids(&after)), (2, rest), "no other is started for it");
}

fn one_that_is_gone_is_removed(on: &mut dyn Stand) {
    let before = filled(on, 2);
    let now = on.now();
    let removal = Removal { id: before.members[0].id.clone(), deregister: true };
    for _ in 0..2 {
        assert_eq!(on.group().remove(&removal, now), Ok(true));
        assert_eq!(
            on.group().desired(now),
            Ok(Capacity::of(1)),
            "and takes no second place with it"
        );
    }
}

fn lowering_ends_no_instance(on: &mut dyn Stand) {
    let before = filled(on, 3);
    let now = on.now();
    on.group().set_desired(Capacity::of(1), now).unwrap();
    let after = look(on);
    assert_eq!((after.desired, ids(&after)), (1, ids(&before)), "they end by name only");
}

fn stopped_ones_are_held_in_absolute_numbers(on: &mut dyn Stand) {
    filled(on, 1);
    for size in [2, 2, 4, 0] {
        let now = on.now();
        on.group().set_warm(size, now).unwrap();
        let fleet = look(on);
        assert_eq!((fleet.warm.size, fleet.desired, fleet.members.len()), (size, 1, 1));
    }
}

fn a_job_takes_a_runner_whatever_its_name(on: &mut dyn Stand) {
    filled(on, 3);
    let now = on.now();
    let fleet = on.group().describe(&open(now, &["runner-7"]), now).unwrap();
    let busy = fleet.members.iter().filter(|member| member.state == State::Busy).count();
    assert_eq!((busy, fleet.members.len()), (1, 3));
}
