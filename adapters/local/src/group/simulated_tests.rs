//! What a simulated group does when time passes.

use scaler::{Backlog, Source};

use super::*;

const EXACT: Nature = Nature {
    times: Times {
        cold_start: Duration::from_mins(2),
        warm_start: Duration::from_secs(25),
        stopping: Duration::from_secs(30),
        registration_deadline: Duration::from_mins(5),
    },
    jitter: 0.0,
    failing: 0.0,
    interruptions_per_hour: 0.0,
    leaving: Duration::from_secs(5),
};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn quiet() -> Open {
    let backlog = Backlog {
        as_of: at(0),
        source: Source::Jobs,
        queued: 0,
        oldest_queued_at: None,
        ghosts: 0,
        running: 0,
    };
    Open { backlog, busy: Vec::new() }
}

/// Members by state, and the stopped ones that are ready.
fn counts(group: &mut Simulated, secs: i64) -> [usize; 5] {
    let fleet = group.describe(&quiet(), at(secs)).unwrap();
    let of = |state| fleet.members.iter().filter(|member| member.state == state).count();
    let [booting, idle, busy, leaving] =
        [State::Booting, State::Idle, State::Busy, State::Leaving].map(of);
    [booting, idle, busy, leaving, fleet.warm.stopped as usize]
}

#[test]
fn raising_takes_stopped_ones_first_and_the_pool_refills() {
    let mut group = Simulated::new(EXACT, 1);
    group.set_warm(2, at(0)).unwrap();
    assert_eq!(counts(&mut group, 149), [0, 0, 0, 0, 0], "prepared and stopped after 150 s");
    assert_eq!(counts(&mut group, 150), [0, 0, 0, 0, 2]);
    group.set_desired(Capacity::of(3), at(200)).unwrap();
    assert_eq!(counts(&mut group, 224), [3, 0, 0, 0, 0]);
    assert_eq!(counts(&mut group, 225), [1, 2, 0, 0, 0], "two started warm");
    assert_eq!(counts(&mut group, 320), [0, 3, 0, 0, 0], "one started cold");
    assert_eq!(counts(&mut group, 350), [0, 3, 0, 0, 2], "and two were prepared anew");
}

#[test]
fn a_runner_takes_one_job_and_leaves_with_its_place() {
    let mut group = Simulated::new(EXACT, 1);
    group.set_desired(Capacity::of(1), at(0)).unwrap();
    assert_eq!(group.take(at(119)), None);
    let id = group.take(at(120)).unwrap();
    assert_eq!(group.take(at(121)), None);
    let removal = Removal { id: id.clone(), deregister: true };
    assert_eq!(group.remove(&removal, at(130)), Ok(false), "GitHub refuses: it is busy");
    group.finish(&id, at(200));
    assert_eq!(counts(&mut group, 204), [0, 0, 0, 1, 0]);
    assert_eq!(counts(&mut group, 205), [0; 5]);
    assert_eq!(group.desired(at(205)), Ok(Capacity::of(0)), "no other is started for it");
}

#[test]
fn a_boot_that_fails_never_registers_and_can_be_removed() {
    let mut group = Simulated::new(Nature { failing: 1.0, ..EXACT }, 1);
    group.set_desired(Capacity::of(1), at(0)).unwrap();
    let fleet = group.describe(&quiet(), at(10_000)).unwrap();
    assert_eq!(fleet.members[0].state, State::Booting);
    let removal = Removal { id: fleet.members[0].id.clone(), deregister: true };
    assert_eq!(group.remove(&removal, at(10_000)), Ok(true));
    assert_eq!(
        (counts(&mut group, 10_001), group.desired(at(10_001))),
        ([0; 5], Ok(Capacity::of(0)))
    );
}

#[test]
fn an_interrupted_instance_is_replaced_by_its_group() {
    let mut group = Simulated::new(Nature { interruptions_per_hour: 3600.0, ..EXACT }, 1);
    group.set_desired(Capacity::of(1), at(0)).unwrap();
    let first = group.describe(&quiet(), at(0)).unwrap().members[0].id.clone();
    let later = group.describe(&quiet(), at(100)).unwrap();
    assert_eq!((later.members.len(), later.desired), (1, 1));
    assert_ne!(later.members[0].id, first);
}

#[test]
fn the_same_seed_gives_the_same_boots() {
    let boots = |seed| {
        let mut group = Simulated::new(Nature::default(), seed);
        group.set_desired(Capacity::of(5), at(0)).unwrap();
        let changes = group.members.values().map(|machine| machine.until).collect::<Vec<_>>();
        let cold = Times::default().cold_start;
        let fits = |until: &Option<Timestamp>| {
            let took = until.unwrap().saturating_since(at(0));
            took >= cold.mul_f64(0.85) && took <= cold.mul_f64(1.15)
        };
        assert!(changes.iter().all(fits), "{changes:?}");
        changes
    };
    assert_eq!(boots(7), boots(7));
    assert_ne!(boots(7), boots(8));
}

#[test]
fn jobs_on_other_peoples_runners_are_played_by_ours() {
    let mut group = Simulated::new(EXACT, 1);
    group.set_desired(Capacity::of(2), at(0)).unwrap();
    let busy = scaler::ports::Busy { runner: "theirs".into(), since: at(130) };
    let open = Open { busy: vec![busy], ..quiet() };
    let fleet = group.describe(&open, at(130)).unwrap();
    assert_eq!(fleet.members.iter().filter(|m| m.state == State::Busy).count(), 1);
    assert_eq!(counts(&mut group, 140), [0, 1, 0, 1, 0], "it leaves when the job is over");
}

/// What every group does.
#[path = "../../../../scaler/contract/group.rs"]
mod contract;

struct Stand {
    group: Simulated,
    now: Timestamp,
}

impl contract::Stand for Stand {
    fn group(&mut self) -> &mut dyn Group {
        &mut self.group
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn boots_end(&mut self) {
        self.now = self.now.plus(EXACT.times.cold_start);
    }
}

#[test]
fn it_does_what_every_group_does() {
    for (claim, check) in contract::CLAIMS {
        eprintln!("{claim}");
        check(&mut Stand { group: Simulated::new(EXACT, 1), now: at(0) });
    }
}
