//! Tries that meet, and rounds of which a part fails.

use std::time::Duration;

use aws::{Instances, Why as AwsWhy};
use github::{Runner, Why};
use model::Labels;
use scaler::Policy;

use super::*;
use crate::ports;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// GitHub, Parameter Store and Auto Scaling in one.
#[derive(Default)]
struct State {
    /// Numbers of runners by name; none is connected.
    runners: BTreeMap<String, u64>,
    registered: u64,
    parameters: BTreeMap<String, String>,
    /// Another try that is made at once when the next parameter is put.
    meanwhile: Option<Registry>,
    /// What cannot be deleted.
    stuck: String,
    /// How many ids were asked for at a time.
    asked: Vec<usize>,
    /// How often GitHub said that it is asked too much.
    limited: usize,
    limited_until: Option<Timestamp>,
}

#[derive(Clone, Default)]
struct Outside(Arc<Mutex<State>>);

impl Outside {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn registry(&self) -> Registry {
        Registry::behind(Box::new(self.clone()), Arc::new(self.clone()), Box::new(self.clone()))
    }

    fn limit(&self, now: Timestamp) -> Result<(), RegistrationError> {
        let mut state = self.state();
        let Some(until) = state.limited_until.filter(|until| now < *until) else { return Ok(()) };
        state.limited += 1;
        let why = Why::Limited { until };
        Err(GitHubError { asked: "GET /runners".to_owned(), why }.into())
    }
}

impl ports::GitHubRunners for Outside {
    fn register(
        &mut self,
        _pool: &ScaledPool,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Registered, RegistrationError> {
        self.limit(now)?;
        let mut state = self.state();
        if state.runners.contains_key(&id.0) {
            return Ok(Registered::NameTaken);
        }
        state.registered += 1;
        let runner = state.registered;
        state.runners.insert(id.0.clone(), runner);
        Ok(Registered::As(JitConfig { runner, encoded: format!("jit-{runner}") }))
    }

    fn named(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Option<Runner>, RegistrationError> {
        Ok(self.all(now)?.into_iter().find(|runner| runner.name == id.0))
    }

    fn all(&mut self, now: Timestamp) -> Result<Vec<Runner>, RegistrationError> {
        self.limit(now)?;
        let runner = |(name, id): (&String, &u64)| Runner {
            id: *id,
            name: name.clone(),
            is_online: false,
            is_busy: false,
        };
        Ok(self.state().runners.iter().map(runner).collect())
    }

    fn deregister(
        &mut self,
        number: u64,
        now: Timestamp,
    ) -> Result<Deregistered, RegistrationError> {
        self.limit(now)?;
        let mut state = self.state();
        let before = state.runners.len();
        state.runners.retain(|_, known| *known != number);
        let is_gone = state.runners.len() < before;
        Ok(if is_gone { Deregistered::Gone } else { Deregistered::NotThere })
    }
}

impl Parameters for Outside {
    fn is_there(&self, name: &str) -> Result<bool, CallError> {
        Ok(self.state().parameters.contains_key(name))
    }

    fn put_new(&self, name: &str, secret: &str, _: &[(&str, &str)]) -> Result<bool, CallError> {
        let meanwhile = self.state().meanwhile.take();
        if let Some(other) = meanwhile {
            other.register(&pool(), &id(1), "arn", NOW).unwrap();
        }
        let mut state = self.state();
        let is_new = !state.parameters.contains_key(name);
        if is_new {
            state.parameters.insert(name.to_owned(), secret.to_owned());
        }
        Ok(is_new)
    }

    fn put(&self, name: &str, secret: &str, _: &[(&str, &str)]) -> Result<(), CallError> {
        self.state().parameters.insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<bool, CallError> {
        let mut state = self.state();
        if state.stuck == name {
            let why = AwsWhy::Throttled { said: "Rate exceeded".to_owned() };
            return Err(CallError { action: "ssm:DeleteParameter", why });
        }
        Ok(state.parameters.remove(name).is_some())
    }

    fn below(&self, _path: &str) -> Result<Vec<(String, Option<Timestamp>)>, CallError> {
        let state = self.state();
        Ok(state.parameters.keys().map(|name| (name.clone(), Some(Timestamp::EPOCH))).collect())
    }
}

impl ports::Instances for Outside {
    fn groups_of(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, String>, CallError> {
        self.state().asked.push(ids.len());
        Ok(ids.iter().filter(|id| **id == self::id(1)).map(|id| (id.clone(), "g".into())).collect())
    }
}

fn id(number: u64) -> InstanceId {
    InstanceId(format!("i-{number:017x}"))
}

fn pool() -> ScaledPool {
    let (name, group) = ("linux".to_owned(), "g".to_owned());
    let labels = Labels::new(["linux"]);
    ScaledPool {
        name,
        group,
        labels,
        spot_group: None,
        runner_group: None,
        policy: Policy::default(),
    }
}

#[test]
fn of_two_tries_at_once_the_configuration_stays_whose_runner_is_there() {
    let outside = Outside::default();
    outside.state().meanwhile = Some(outside.registry());
    let is_new = outside.registry().register(&pool(), &id(1), "arn", NOW).unwrap();
    // The other took the first runner for one that was left over, and replaced it.
    let state = outside.state();
    assert_eq!((is_new, state.runners[&id(1).0]), (false, 2));
    assert_eq!(state.parameters[&config_of(&id(1))], "jit-2");
}

#[test]
fn a_configuration_whose_runner_was_replaced_is_replaced_too() {
    let outside = Outside::default();
    outside.state().parameters.insert(config_of(&id(1)), "jit-of-before".to_owned());
    assert!(outside.registry().register(&pool(), &id(1), "arn", NOW).unwrap());
    assert_eq!(outside.state().parameters[&config_of(&id(1))], "jit-1");
}

#[test]
fn what_fails_ends_no_round_and_instances_are_asked_for_by_the_fifty() {
    let outside = Outside::default();
    for number in 1..=60 {
        outside.state().parameters.insert(config_of(&id(number)), "jit".to_owned());
        outside.state().runners.insert(id(100 + number).0, number);
    }
    outside.state().stuck = config_of(&id(2));
    let registry = outside.registry();
    let tidied = registry.tidy_if_due(NOW).unwrap();
    let done = (tidied.parameters, tidied.runners, tidied.failed.len());
    assert_eq!(done, (58, 0, 1), "a runner is left alone at first");
    assert_eq!(outside.state().asked, [Instances::ASKED_MAX, 50, 20]);
    let left: Vec<String> = outside.state().parameters.keys().cloned().collect();
    assert_eq!(left, [config_of(&id(1)), config_of(&id(2))]);
    assert!(registry.tidy_if_due(NOW.plus(TIDY_EVERY).minus(Duration::from_secs(1))).is_none());
    let tidied = registry.tidy_if_due(NOW.plus(LEFT_ALONE)).unwrap();
    assert_eq!((tidied.parameters, tidied.runners, tidied.failed.len()), (0, 60, 1));
}

#[test]
fn whom_github_limits_asks_nothing_until_the_limit_is_over() {
    let outside = Outside::default();
    let until = NOW.plus(Duration::from_mins(2));
    outside.state().limited_until = Some(until);
    let registry = outside.registry();
    for secs in [0, 10, 60] {
        let now = NOW.plus(Duration::from_secs(secs));
        let refused = registry.register(&pool(), &id(1), "arn", now).unwrap_err();
        assert!(refused.to_string().contains("used up until"), "{refused}");
    }
    assert_eq!(outside.state().limited, 1);
    assert!(registry.register(&pool(), &id(1), "arn", until).unwrap());
}
