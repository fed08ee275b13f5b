//! What Auto Scaling answers, as its reference describes it.

use serde_json::Value;

use crate::world::{Answer, done};

/// The answer to a call, around its result.
pub(super) fn told(call: &str, result: &str) -> Answer {
    let xml = format!(
        "<{call}Response xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">\
         <{call}Result>{result}</{call}Result></{call}Response>"
    );
    done(Value::String(xml))
}

/// Instances by id and state, protected from scale-in.
pub(super) fn instances(all: &[(&str, &str)]) -> String {
    let one = |(id, state): &(&str, &str)| {
        format!(
            "<member><InstanceId>{id}</InstanceId><LifecycleState>{state}</LifecycleState>\
             <ProtectedFromScaleIn>true</ProtectedFromScaleIn></member>"
        )
    };
    let all: String = all.iter().map(one).collect();
    format!("<Instances>{all}</Instances>")
}

/// The group `linux` of 0 to 10 instances.
pub(super) fn groups(desired: u32, all: &[(&str, &str)], more: &str) -> String {
    bounded((0, 10), desired, all, more)
}

/// The same within other bounds.
pub(super) fn bounded(
    (min, max): (u32, u32),
    desired: u32,
    all: &[(&str, &str)],
    more: &str,
) -> String {
    let all = instances(all);
    format!(
        "<AutoScalingGroups><member><AutoScalingGroupName>linux</AutoScalingGroupName>\
         <MinSize>{min}</MinSize><MaxSize>{max}</MaxSize>\
         <DesiredCapacity>{desired}</DesiredCapacity>{all}{more}</member></AutoScalingGroups>"
    )
}

pub(super) fn group(desired: u32, all: &[(&str, &str)], more: &str) -> Answer {
    told("DescribeAutoScalingGroups", &groups(desired, all, more))
}

pub(super) fn warm(size: u32, all: &[(&str, &str)], next: &str) -> Answer {
    warm_of(size, &size.to_string(), all, next)
}

/// A warm pool with an upper bound of its own.
pub(super) fn warm_of(min: u32, prepared: &str, all: &[(&str, &str)], next: &str) -> Answer {
    let set = format!(
        "<WarmPoolConfiguration><MinSize>{min}</MinSize><PoolState>Stopped</PoolState>\
         <MaxGroupPreparedCapacity>{prepared}</MaxGroupPreparedCapacity></WarmPoolConfiguration>"
    );
    told("DescribeWarmPool", &format!("{set}{}{next}", instances(all)))
}

pub(super) const HAS_WARM_POOL: &str =
    "<WarmPoolConfiguration><MinSize>2</MinSize></WarmPoolConfiguration>";
