//! The Auto Scaling groups: what those that are made look like, and how statements name all.

use super::parts::Parts;
use super::pools::{Chosen, Group, Made, Scaled};
use super::{hash, quoted};

/// What the groups have in common.
const RUNNERS: &str = include_str!("../../../adapters/aws/template/runners.yaml");

/// A group of one pool; the words between `@` stand where the pool's go.
const ON_DEMAND: &str = include_str!("../../../adapters/aws/template/on-demand.yaml");
const SPOT: &str = include_str!("../../../adapters/aws/template/spot.yaml");

/// The maximum of a group whose pool has none: what a group may have unless AWS was asked for more.
const MEMBERS_MAX: u32 = 500;

/// A hook waits this long at least and at most, in seconds.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html>
const HEARTBEAT_SECS: [u64; 2] = [30, 7_200];

/// Characters of a logical id are 255 at most; some are for what stands around a pool's.
const ID_LEN_MAX: usize = 200;

/// Characters of a tag's value.
const TAG_LEN_MAX: usize = 256;

/// Adds the groups that are to be made.
pub fn add(chosen: &Chosen, parts: &mut Parts) {
    let made: Vec<String> = chosen.pools.iter().flat_map(texts).collect();
    if made.is_empty() {
        return;
    }
    parts.add(RUNNERS);
    for text in &made {
        parts.add(text);
    }
}

/// Those of the pool's groups that are to be made.
fn texts(scaled: &Scaled) -> Vec<String> {
    let id = id(&scaled.pool.name);
    // No pool's id ends so, as it ends in a hash where it is not in small letters.
    let all = [(Some(&scaled.group), id.clone()), (scaled.spot.as_ref(), format!("{id}Spot"))];
    all.into_iter().filter_map(|(group, id)| text(scaled, group?, &id)).collect()
}

fn text(scaled: &Scaled, group: &Group, id: &str) -> Option<String> {
    let policy = &scaled.policy;
    let max = policy.runners_max_exhausted.or(policy.runners_max).unwrap_or(MEMBERS_MAX);
    let [shortest, longest] = HEARTBEAT_SECS;
    let boot = policy.times.registration_deadline.as_secs().clamp(shortest, longest);
    let (text, kinds) = match group.made.as_ref()? {
        Made::OnDemand(kind) => (ON_DEMAND, vec![kind.as_str()]),
        Made::Spot(kinds) => (SPOT, kinds.iter().map(String::as_str).collect()),
    };
    let overrides: Vec<String> =
        kinds.iter().map(|kind| format!("{{InstanceType: '{}'}}", quoted(kind))).collect();
    let text = text
        .replace("@ID@", id)
        .replace("@TYPE@", &quoted(kinds.first().copied().unwrap_or_default()))
        .replace("@OVERRIDES@", &format!("[{}]", overrides.join(", ")))
        .replace("@MAX@", &max.to_string())
        .replace("@BOOT@", &boot.to_string())
        .replace("@GROUP@", &quoted(&group.name))
        .replace("@NAME@", &named(&scaled.pool.name))
        .replace("@TAG@", &quoted(&tag(&scaled.pool.name)))
        .replace("@POOL@", &plain(&scaled.pool.name));
    Some(text)
}

fn all(scaled: &Scaled) -> impl Iterator<Item = &Group> {
    std::iter::once(&scaled.group).chain(&scaled.spot)
}

/// As they are called.
pub fn all_names(chosen: &Chosen) -> impl Iterator<Item = &str> {
    chosen.pools.iter().flat_map(all).map(|group| group.name.as_str())
}

/// ARNs of all groups. The part that only AWS knows is open; the name is not.
pub fn arns(chosen: &Chosen) -> String {
    let arn = |group: &Group| {
        let arn = format!(
            "arn:${{AWS::Partition}}:autoscaling:${{AWS::Region}}:${{AWS::AccountId}}:\
             autoScalingGroup:*:autoScalingGroupName/{}",
            group.name
        );
        format!("\n                  - !Sub '{}'", quoted(&arn))
    };
    chosen.pools.iter().flat_map(all).map(arn).collect()
}

/// Names of all groups.
pub fn names(chosen: &Chosen) -> String {
    let name = |group: &Group| format!("'{}'", quoted(&group.name));
    format!("[{}]", chosen.pools.iter().flat_map(all).map(name).collect::<Vec<_>>().join(", "))
}

/// The beginning of the logical ids of a pool: letters and digits of its name, and, where there are
/// others in it, what tells it from pools whose names are alike.
pub fn id(pool: &str) -> String {
    let name = alarms::cloudwatch::name("", Some(pool));
    let words = name.trim_start_matches("headroom-").split(|c: char| !c.is_ascii_alphanumeric());
    let camel = words.map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    let camel: String = camel.collect::<String>().chars().take(ID_LEN_MAX).collect();
    match pool.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        true => format!("Pool{camel}"),
        false => format!("Pool{camel}{:08x}", hash(pool)),
    }
}

/// Tags take fewer characters than names of pools.
fn tag(text: &str) -> String {
    let is_allowed = |c: char| c.is_alphanumeric() || " +-=._:/@".contains(c);
    text.chars().map(|c| if is_allowed(c) { c } else { '-' }).take(TAG_LEN_MAX).collect()
}

/// A setting of the agent, which keeps these characters in its metrics and no others.
fn named(text: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || " _.,:;/@()=+-".contains(c);
    text.chars().map(|c| if is_kept(c) { c } else { '?' }).collect()
}

/// In a description and a comment.
fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " -_.,/".contains(c);
    text.chars().map(|c| if is_plain(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_letters_and_digits_and_pools_stay_apart() {
        let names =
            ["linux", "linux-x64", "linuxx64", "linux x64", "Linux", "x,y", "\u{fc}n\u{ef}"];
        let ids: BTreeSet<String> = names.iter().map(|name| id(name)).collect();
        assert_eq!(ids.len(), names.len(), "{ids:?}");
        assert!(ids.contains("PoolLinux"));
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_alphanumeric())), "{ids:?}");
    }
}
