//! Parameter Store: a name is taken or free, and the end of a parameter is an event.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html>

use std::collections::BTreeMap;

use aws::{CallError, Why};
use model::{InstanceId, Timestamp};
use scaler_lambda::Event;
use scaler_lambda::ports::Parameters;

use crate::stage::Line;
use crate::world::{Fate, World};

#[derive(Default)]
pub struct Store {
    pub parameters: BTreeMap<String, Parameter>,
}

pub struct Parameter {
    pub value: String,
    /// The ARN in its tag.
    tag: String,
    at: Timestamp,
}

pub fn place(id: &InstanceId, what: &str) -> String {
    format!("/headroom/runners/{id}/{what}")
}

pub fn arn(id: &InstanceId) -> String {
    format!("arn:aws:ec2:eu-central-1:123456789012:instance/{id}")
}

pub fn failed(action: &'static str, fate: Fate) -> CallError {
    let said = "the world fails".to_owned();
    let why = match fate {
        Fate::Refused => Why::Throttled { said },
        _ => Why::NoAnswer { said },
    };
    CallError { action, why }
}

impl World {
    /// Only a new one takes tags.
    fn put_new(&mut self, name: &str, value: &str, tags: &[(&str, &str)]) -> bool {
        if self.store.parameters.contains_key(name) {
            return false;
        }
        let tag = tags.first().map(|(_, arn)| (*arn).to_owned()).unwrap_or_default();
        let one = Parameter { value: value.to_owned(), tag, at: self.now };
        self.note(|| format!("{name} = {value}"));
        self.store.parameters.insert(name.to_owned(), one);
        true
    }

    /// The rule passes on the ends of those that tell of a preparation.
    pub fn delete_parameter(&mut self, name: &str) -> bool {
        let is_gone = self.store.parameters.remove(name).is_some();
        if is_gone {
            self.note(|| format!("{name} is deleted"));
        }
        if is_gone && name.ends_with("/warming") {
            self.emit(&Event::Deleted { name: name.to_owned() });
        }
        is_gone
    }

    /// What an instance reads: only what bears its ARN.
    pub fn read_by(&self, id: &InstanceId, what: &str) -> Option<String> {
        let found = self.store.parameters.get(&place(id, what))?;
        (found.tag == arn(id)).then(|| found.value.clone())
    }
}

impl Line {
    /// A call to AWS.
    pub fn aws<T>(
        &self,
        action: &'static str,
        act: impl FnOnce(&mut World) -> T,
    ) -> Result<T, CallError> {
        self.call(|world| match world.fate(world.faults.aws) {
            Fate::Works => Ok(act(world)),
            Fate::Refused => Err(failed(action, Fate::Refused)),
            Fate::Unheard => {
                act(world);
                Err(failed(action, Fate::Unheard))
            }
        })
    }
}

impl Parameters for Line {
    fn is_there(&self, name: &str) -> Result<bool, CallError> {
        self.aws("ssm:GetParameter", |world| world.store.parameters.contains_key(name))
    }

    fn put_new(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<bool, CallError> {
        self.aws("ssm:PutParameter", |world| world.put_new(name, secret, tags))
    }

    fn put(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<(), CallError> {
        if self.put_new(name, secret, tags)? {
            return Ok(());
        }
        Parameters::delete(self, name)?;
        match self.put_new(name, secret, tags)? {
            true => Ok(()),
            false => {
                let (code, said) = ("ParameterAlreadyExists".to_owned(), String::new());
                Err(CallError { action: "ssm:PutParameter", why: Why::Refused { code, said } })
            }
        }
    }

    fn delete(&self, name: &str) -> Result<bool, CallError> {
        self.aws("ssm:DeleteParameter", |world| world.delete_parameter(name))
    }

    fn below(&self, path: &str) -> Result<Vec<(String, Option<Timestamp>)>, CallError> {
        self.aws("ssm:GetParametersByPath", |world| {
            let all = world.store.parameters.iter().filter(|(name, _)| name.starts_with(path));
            all.map(|(name, one)| (name.clone(), Some(one.at))).collect()
        })
    }
}
