//! What is to be pasted: the pool in `headroom.toml`, and the properties of an Auto Scaling group.

use std::time::Duration;

use model::capacity::ScheduleWindow;
use model::{OTHER_POOL, Pool, UNROUTED_POOL};

use crate::{Hot, Policy, SHARE, Stopped, Window};

/// What a pool is called, and the labels of its runners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pool: String,
    labels: Vec<String>,
    runner_group: Option<String>,
    /// Nobody told the labels; these are a guess.
    is_guessed: bool,
}

/// The longest name that the configuration takes.
const NAME_MAX: usize = 255;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Names {
    /// Of a pool that is configured.
    pub fn of(pool: &Pool) -> Names {
        Names {
            pool: pool.name.clone(),
            labels: pool.labels.clone().into(),
            runner_group: pool.runner_group.clone(),
            is_guessed: false,
        }
    }

    /// Of a pool of which the name alone is known. Where no pools are configured, that is the list
    /// of its labels.
    pub fn guessed(pool: &str) -> Names {
        let labels: Vec<String> = pool
            .split(',')
            .map(|label| label.trim().to_owned())
            .filter(|label| !label.is_empty())
            .collect();
        Names {
            pool: pool.to_owned(),
            is_guessed: labels.len() < 2,
            labels: if labels.len() < 2 {
                vec!["self-hosted".to_owned(), pool.to_owned()]
            } else {
                labels
            },
            runner_group: None,
        }
    }

    /// The pool.
    pub(super) fn pool(&self) -> &str {
        &self.pool
    }

    /// Whether its jobs are a mixture that no runner could serve.
    pub(super) fn is_nobodys(&self) -> bool {
        [OTHER_POOL, UNROUTED_POOL].contains(&self.pool.as_str())
    }
}

/// The table `[[pool]]` with this policy. What is the default is left out, but for the sizes.
pub fn toml(names: &Names, policy: &Policy) -> String {
    let labels: Vec<String> = names.labels.iter().map(|label| quoted(label)).collect();
    let mut lines = vec!["[[pool]]".to_owned(), format!("name = {}", quoted(&plain(&names.pool)))];
    if names.is_guessed {
        lines.push("# A guess: put the labels of your runners here.".to_owned());
    }
    lines.push(format!("labels = [{}]", labels.join(", ")));
    lines.extend(
        names.runner_group.as_deref().map(|group| format!("runner_group = {}", quoted(group))),
    );
    lines.push(format!("runners_min = {}", policy.runners_min));
    lines.extend(policy.runners_max.map(|max| format!("runners_max = {max}")));
    lines.push(format!("stopped = {}", stopped(&policy.stopped)));
    lines.extend(hot(&policy.hot).map(|value| format!("hot_spare = {value}")));
    lines.extend(times(policy));
    lines.join("\n") + "\n"
}

/// The value of `stopped`.
pub fn stopped(stopped: &Stopped) -> String {
    match stopped {
        Stopped::None => "\"none\"".to_owned(),
        Stopped::Constant { instances } => instances.to_string(),
        Stopped::Worthwhile { patience } => format!("{{ patience = {patience} }}"),
        Stopped::Share { share } if (share - SHARE).abs() < f64::EPSILON => "\"auto\"".to_owned(),
        Stopped::Share { share } => format!("{{ share = {share} }}"),
    }
}

fn hot(hot: &Hot) -> Option<String> {
    match hot {
        Hot::None => None,
        Hot::Flat { runners } => Some(runners.to_string()),
        Hot::Quantile { share } => Some(format!("{{ share = {share} }}")),
        Hot::Worthwhile { patience } => Some(format!("{{ patience = {patience} }}")),
        Hot::Schedule { otherwise, windows } => {
            let windows: Vec<String> = windows.iter().copied().map(window).collect();
            let otherwise = match otherwise {
                0 => String::new(),
                runners => format!(", otherwise = {runners}"),
            };
            Some(format!("{{ schedule = [{}]{otherwise} }}", windows.join(", ")))
        }
    }
}

fn window(window: Window) -> String {
    let day = |day: u8| DAYS[usize::from(day.min(6))];
    let (first, last) = (day(window.first_day), day(window.last_day));
    let days = if first == last { first.to_owned() } else { format!("{first}-{last}") };
    let Window { from_hour, to_hour, runners, .. } = window;
    format!("{{ days = \"{days}\", hours = \"{from_hour}-{to_hour}\", runners = {runners} }}")
}

/// The windows of a schedule, as data.
pub fn windows(hot: &Hot) -> Vec<ScheduleWindow> {
    let Hot::Schedule { windows, .. } = hot else { return Vec::new() };
    let copy = |window: &Window| ScheduleWindow {
        first_day: window.first_day,
        last_day: window.last_day,
        from_hour: window.from_hour,
        to_hour: window.to_hour,
        runners: window.runners,
    };
    windows.iter().map(copy).collect()
}

/// What instances are like, where it differs from the default.
fn times(policy: &Policy) -> Vec<String> {
    let usual = Policy::default();
    let whole = |time: Duration| time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let (ours, theirs) = (policy.times, usual.times);
    let mut lines: Vec<String> = [
        ("boot_secs", ours.cold_start, theirs.cold_start),
        ("warm_start_secs", ours.warm_start, theirs.warm_start),
        ("registration_deadline_secs", ours.registration_deadline, theirs.registration_deadline),
        ("data_age_max_secs", policy.data_age_max, usual.data_age_max),
    ]
    .into_iter()
    .filter(|(_, ours, theirs)| ours != theirs)
    .map(|(key, ours, _)| format!("{key} = {}", whole(ours).max(1)))
    .collect();
    if (policy.stopped_cost - usual.stopped_cost).abs() > f64::EPSILON {
        lines.push(format!("stopped_cost = {}", policy.stopped_cost));
    }
    lines.extend(policy.idle_hold.map(|hold| format!("idle_hold_secs = {}", whole(hold))));
    lines
}

/// Properties of an `AWS::AutoScaling::AutoScalingGroup` and its `AWS::AutoScaling::WarmPool`. A
/// warm pool that nobody resizes has a constant size where both its numbers are the same.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-autoscaling-warmpool.html>
pub fn cloudformation(policy: &Policy, size: u32) -> Vec<(String, String)> {
    let mut properties = vec![("AutoScalingGroup.MinSize", policy.runners_min.to_string())];
    properties.extend(policy.runners_max.map(|max| ("AutoScalingGroup.MaxSize", max.to_string())));
    if size > 0 {
        properties.push(("WarmPool.PoolState", "Stopped".to_owned()));
        properties.push(("WarmPool.MinSize", size.to_string()));
        properties.push(("WarmPool.MaxGroupPreparedCapacity", size.to_string()));
    }
    properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A basic string of TOML. <https://toml.io/en/v1.0.0#string>
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => quoted += &format!("\\u{:04X}", u32::from(control)),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// As the configuration takes it: visible ASCII.
fn plain(name: &str) -> String {
    let shown = |it: char| if it == ' ' || it.is_ascii_graphic() { it } else { '?' };
    name.chars().map(shown).take(NAME_MAX).collect()
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_pool_without_labels_gets_a_guess_that_says_so() {
        let text = toml(&Names::guessed("linux"), &Policy::default());
        let expected = "[[pool]]\nname = \"linux\"\n\
                        # A guess: put the labels of your runners here.\n\
                        labels = [\"self-hosted\", \"linux\"]\nrunners_min = 0\n\
                        stopped = \"auto\"\n";
        assert_eq!(text, expected);
        let of_labels = toml(&Names::guessed("self-hosted,linux,x64"), &Policy::default());
        assert!(
            of_labels.contains("labels = [\"self-hosted\", \"linux\", \"x64\"]\n"),
            "{of_labels}"
        );
    }

    #[test]
    fn nothing_in_a_name_ends_the_string() {
        assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\u000A""#);
        assert_eq!(plain("a\u{e9}\n"), "a??");
    }

    #[test]
    fn a_schedule_is_written_as_people_write_it() {
        let window = Window { first_day: 0, last_day: 4, from_hour: 8, to_hour: 18, runners: 4 };
        let value = hot(&Hot::Schedule { otherwise: 1, windows: vec![window] }).unwrap();
        let expected = "{ schedule = [{ days = \"mon-fri\", hours = \"8-18\", runners = 4 }], \
                        otherwise = 1 }";
        assert_eq!(value, expected);
    }
}
