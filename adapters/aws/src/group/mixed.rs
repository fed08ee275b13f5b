//! One pool in two groups: On-Demand instances with the warm pool, and Spot instances beside them.
//!
//! A group of Spot instances takes no warm pool, and a warm pool no Spot instances, so one group
//! cannot be both.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html>

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Open, Trouble};
use scaler::{Capacity, Fleet, Removal, SpotGroup};

use super::{AutoScaling, Look, memory};

/// Knows how many instances AWS took away.
pub trait Interruptions: Send {
    /// Of the pool, within [`scaler::INTERRUPTIONS_WINDOW`] before now, as far as is known.
    fn lately(&mut self, now: Timestamp) -> u32;
}

/// Two groups as one.
#[derive(Debug)]
pub struct Mixed<I> {
    on_demand: AutoScaling,
    spot: AutoScaling,
    interruptions: I,
    /// Spot instances as they were seen last.
    in_spot: Vec<InstanceId>,
}

impl<I: Interruptions> Mixed<I> {
    /// Of these two groups.
    pub fn new(on_demand: AutoScaling, spot: AutoScaling, interruptions: I) -> Self {
        Mixed { on_demand, spot, interruptions, in_spot: Vec::new() }
    }
}

impl<I: Interruptions> Group for Mixed<I> {
    fn names_max(&self) -> u32 {
        u32::MAX
    }

    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        let Look { desired, mut members, warm, registering } = self.on_demand.look(open, now)?;
        let mut spot = self.spot.look(open, now)?;
        spot.members.iter_mut().for_each(|member| member.is_spot = true);
        self.in_spot = spot.members.iter().map(|member| member.id.clone()).collect();
        let group = SpotGroup {
            desired: spot.desired,
            members: u32::try_from(spot.members.len()).unwrap_or(u32::MAX),
            interrupted: self.interruptions.lately(now),
        };
        members.append(&mut spot.members);
        memory::stand_in(&mut members, open);
        let desired = desired.saturating_add(spot.desired);
        let registering = registering.saturating_add(spot.registering);
        let (crowds, spot) = (Vec::new(), Some(group));
        Ok(Fleet { as_of: now, desired, members, crowds, warm, spot, registering })
    }

    fn desired(&mut self, _now: Timestamp) -> Result<Capacity, Trouble> {
        let (on_demand, spot) = (self.on_demand.read()?.desired, self.spot.read()?.desired);
        Ok(Capacity { on_demand, spot })
    }

    /// What falls first: between the two calls both together are never more than is wanted. What
    /// cannot fall yet leaves the other less to rise by.
    fn set_desired(&mut self, desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        let Mixed { on_demand, spot, .. } = self;
        let mut both = [(on_demand, desired.on_demand), (spot, desired.spot)];
        both.sort_by_key(|(group, wanted)| group.desired_seen() <= Some(*wanted));
        let [(first, first_wanted), (second, second_wanted)] = both;
        // One that is refused is no reason to leave the other.
        let first_set = first.set_unless_so(first_wanted);
        let room = desired.total().saturating_sub(first.desired_seen().unwrap_or(first_wanted));
        let present = second.desired_seen().unwrap_or(0);
        let second_wanted = match second_wanted > present {
            true => second_wanted.min(room).max(present),
            false => second_wanted,
        };
        first_set.and(second.set_unless_so(second_wanted))
    }

    fn set_warm(&mut self, size: u32, now: Timestamp) -> Result<(), Trouble> {
        self.on_demand.set_warm(size, now)
    }

    fn remove(&mut self, removal: &Removal, now: Timestamp) -> Result<bool, Trouble> {
        match self.in_spot.contains(&removal.id) {
            true => self.spot.remove(removal, now),
            false => self.on_demand.remove(removal, now),
        }
    }

    /// Whoever hears the warnings counts them.
    fn interrupted(&mut self) -> Vec<InstanceId> {
        Vec::new()
    }

    fn is_real(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use model::Timestamp;
    use scaler::ports::{Group, Trouble};
    use scaler::{Capacity, Warm};

    use super::super::{AutoScaling, Bounds, Counted, Described, GroupCalls, Launch};
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    /// A group whose instances come as they are told to.
    #[derive(Clone)]
    struct Held(Arc<Mutex<Described>>);

    impl Held {
        fn of(desired: u32, launching: u32, in_service: u32) -> Held {
            let one = |number: u32, is_in_service: bool| Counted {
                id: InstanceId(format!("i-{desired}{number:07x}")),
                launch: if is_in_service { Launch::Over } else { Launch::UnderWay },
                is_healthy: true,
                is_protected: is_in_service,
            };
            let all = launching + in_service;
            Held(Arc::new(Mutex::new(Described {
                desired,
                bounds: Bounds { min: 0, max: 100 },
                instances: (0..all).map(|number| one(number, number >= launching)).collect(),
                has_warm_pool: false,
            })))
        }

        fn all_are_in_service(&self) {
            let instances = &mut self.0.lock().unwrap().instances;
            for one in instances {
                (one.launch, one.is_protected) = (Launch::Over, true);
            }
        }

        fn desired(&self) -> u32 {
            self.0.lock().unwrap().desired
        }
    }

    impl GroupCalls for Held {
        fn describe_group(&self) -> Result<Described, Trouble> {
            Ok(self.0.lock().unwrap().clone())
        }

        fn describe_warm_pool(&self, _group: &Described) -> Result<Warm, Trouble> {
            Ok(Warm::default())
        }

        fn put_desired(&self, desired: u32) -> Result<(), Trouble> {
            self.0.lock().unwrap().desired = desired;
            Ok(())
        }

        fn put_warm(&self, _size: u32) -> Result<(), Trouble> {
            Ok(())
        }

        fn terminate(&self, _id: &InstanceId) -> Result<(), Trouble> {
            Ok(())
        }
    }

    #[derive(Debug)]
    struct Never;

    impl Interruptions for Never {
        fn lately(&mut self, _now: Timestamp) -> u32 {
            0
        }
    }

    fn mixed(on_demand: &Held, spot: &Held) -> Mixed<Never> {
        let group = |held: &Held, name| AutoScaling::behind(Box::new(held.clone()), name);
        Mixed::new(group(on_demand, "on-demand"), group(spot, "spot"), Never)
    }

    #[test]
    fn what_one_group_cannot_give_up_yet_the_other_does_not_get() {
        // One of the four is still to come, and one of the three that are there is being launched.
        let (on_demand, spot) = (Held::of(4, 1, 2), Held::of(1, 0, 1));
        let mut both = mixed(&on_demand, &spot);
        let wanted = Capacity { on_demand: 3, spot: 2 };
        both.desired(NOW).unwrap();
        both.set_desired(wanted, NOW).unwrap();
        assert_eq!((on_demand.desired(), spot.desired()), (4, 1), "five together, as wanted");
        on_demand.all_are_in_service();
        both.desired(NOW).unwrap();
        both.set_desired(wanted, NOW).unwrap();
        assert_eq!((on_demand.desired(), spot.desired()), (3, 2));
    }

    #[test]
    fn a_group_that_falls_too_early_keeps_neither_from_rising_within_the_rest() {
        let (on_demand, spot) = (Held::of(4, 1, 2), Held::of(1, 0, 1));
        let mut both = mixed(&on_demand, &spot);
        both.desired(NOW).unwrap();
        both.set_desired(Capacity { on_demand: 3, spot: 4 }, NOW).unwrap();
        assert_eq!((on_demand.desired(), spot.desired()), (4, 3));
    }
}
