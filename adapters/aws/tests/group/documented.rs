//! An Auto Scaling group that does what AWS documents, and refuses what AWS refuses, in its words.

use std::sync::{Arc, Mutex};

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Trouble};
use serde_json::Value;

use super::answers::{HAS_WARM_POOL, bounded, told, warm_of};
use super::contract::{CLAIMS, Stand};
use crate::world::{Answer, Call, World, refused};
use aws::{AutoScaling, Freed, Runners};

/// The group `linux` of 0 to 10 instances, protected from scale-in.
#[derive(Default)]
struct Documented {
    desired: usize,
    /// By id and whether they are in service.
    instances: Vec<(String, bool)>,
    made: usize,
    warm: Option<(u32, String)>,
}

const MIN: usize = 0;
const MAX: usize = 10;

fn number(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

impl Documented {
    fn answer(&mut self, call: &Call) -> Answer {
        match call.name.as_str() {
            "DescribeAutoScalingGroups" => self.described(),
            "DescribeWarmPool" => {
                let (min, prepared) = self.warm.clone().unwrap();
                warm_of(min, &prepared, &[], "")
            }
            "SetDesiredCapacity" => self.set(number(&call.body["DesiredCapacity"])),
            "PutWarmPool" => {
                let size = u32::try_from(number(&call.body["MinSize"])).unwrap();
                let prepared = call.body["MaxGroupPreparedCapacity"].as_str().unwrap_or("-1");
                self.warm = Some((size, prepared.to_owned()));
                told(&call.name, "")
            }
            "TerminateInstanceInAutoScalingGroup" => self.end(call),
            other => refused("InvalidAction", &format!("Could not find operation {other}")),
        }
    }

    fn described(&self) -> Answer {
        let state = |is_in_service| if is_in_service { "InService" } else { "Pending" };
        let all: Vec<(&str, &str)> =
            self.instances.iter().map(|(id, service)| (id.as_str(), state(*service))).collect();
        let (min, max) = (u32::try_from(MIN).unwrap(), u32::try_from(MAX).unwrap());
        let desired = u32::try_from(self.desired).unwrap();
        let more = if self.warm.is_some() { HAS_WARM_POOL } else { "" };
        told("DescribeAutoScalingGroups", &bounded((min, max), desired, &all, more))
    }

    fn set(&mut self, desired: i64) -> Answer {
        let Some(allowed) = usize::try_from(desired).ok().filter(|n| (MIN..=MAX).contains(n))
        else {
            let said = format!(
                "New SetDesiredCapacity value {desired} is not in between the MinSize {MIN} and \
                 the MaxSize {MAX}."
            );
            return refused("ValidationError", &said);
        };
        self.desired = allowed;
        self.launch();
        told("SetDesiredCapacity", "")
    }

    fn end(&mut self, call: &Call) -> Answer {
        let id = call.body["InstanceId"].as_str().unwrap();
        let Some(place) = self.instances.iter().position(|(known, _)| known == id) else {
            let said =
                format!("Instance Id not found - No managed instance found for instance ID: {id}");
            return refused("ValidationError", &said);
        };
        self.instances.remove(place);
        if call.body["ShouldDecrementDesiredCapacity"] == "true" {
            self.desired -= 1;
        }
        self.launch();
        told(&call.name, "")
    }

    fn launch(&mut self) {
        while self.instances.len() < self.desired {
            self.made += 1;
            self.instances.push((format!("i-{:017x}", self.made), false));
        }
    }
}

/// Every runner is free.
pub(super) struct AllFree;

impl Runners for AllFree {
    fn deregister(&self, _id: &InstanceId, _: Timestamp) -> Result<Freed, Trouble> {
        Ok(Freed::Yes)
    }

    fn absent_at(&self, _: &InstanceId) -> Option<Timestamp> {
        None
    }
}

struct OnWorld {
    group: AutoScaling,
    documented: Arc<Mutex<Documented>>,
    _world: World,
}

impl OnWorld {
    fn new() -> Self {
        let documented: Arc<Mutex<Documented>> = Arc::default();
        let asked = Arc::clone(&documented);
        let world = World::of(move |call| asked.lock().unwrap().answer(call));
        let group = AutoScaling::named(&world.aws, "linux").with_runners(Box::new(AllFree));
        OnWorld { group, documented, _world: world }
    }
}

impl Stand for OnWorld {
    fn group(&mut self) -> &mut dyn Group {
        &mut self.group
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_000_000)
    }

    fn boots_end(&mut self) {
        let mut documented = self.documented.lock().unwrap();
        documented.instances.iter_mut().for_each(|(_, is_in_service)| *is_in_service = true);
    }
}

#[test]
fn it_does_what_every_group_does() {
    for (claim, check) in CLAIMS {
        eprintln!("{claim}");
        check(&mut OnWorld::new());
    }
}
