//! Secrets for instances, in Parameter Store.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html>

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter::GetParameterOutput;
use aws_sdk_ssm::operation::get_parameters_by_path::GetParametersByPathOutput;
use aws_sdk_ssm::types::{Parameter, ParameterTier, ParameterType, Tag};
use model::Timestamp;

use crate::{Aws, CallError, Why};

const PUT: &str = "ssm:PutParameter";
const GET: &str = "ssm:GetParameter";
const DELETE: &str = "ssm:DeleteParameter";
const LIST: &str = "ssm:GetParametersByPath";

/// The parameters of an account and a region.
#[derive(Clone, Debug)]
pub struct Parameters {
    aws: Aws,
    client: Client,
}

impl Parameters {
    /// Nothing is asked of AWS yet.
    pub fn of(aws: &Aws) -> Self {
        Parameters { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// The secret of that name; `None` where there is none.
    ///
    /// # Errors
    /// When the call fails.
    pub fn secret(&self, name: &str) -> Result<Option<String>, CallError> {
        let ask = self.client.get_parameter().name(name).with_decryption(true);
        let found = self.aws.wait(ask.send()).map_err(|error| CallError::of(GET, &error));
        let value = |found: GetParameterOutput| found.parameter?.value;
        match found {
            Ok(found) => Ok(value(found)),
            Err(error) if error.is_not_there() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there is one of that name. Its value is not decrypted.
    ///
    /// # Errors
    /// When the call fails.
    pub fn is_there(&self, name: &str) -> Result<bool, CallError> {
        let ask = self.client.get_parameter().name(name);
        let found = self.aws.wait(ask.send()).map_err(|error| CallError::of(GET, &error));
        present(found.map(drop))
    }

    /// Keeps a secret, encrypted, under a name that may be taken: what was there is gone then.
    /// Tags decide who may read it, so they are never there later than it is.
    ///
    /// # Errors
    /// When a call fails.
    pub fn put(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<(), CallError> {
        match self.created(name, secret, tags) {
            Err(error) if is_taken(&error) => {}
            done => return done,
        }
        // Tags can be given to a new parameter only.
        self.delete(name)?;
        self.created(name, secret, tags)
    }

    /// Keeps a secret, encrypted, under a new name. `false`: it is taken, and what is there stays.
    ///
    /// # Errors
    /// When the call fails.
    pub fn put_new(
        &self,
        name: &str,
        secret: &str,
        tags: &[(&str, &str)],
    ) -> Result<bool, CallError> {
        match self.created(name, secret, tags) {
            Err(error) if is_taken(&error) => Ok(false),
            done => done.map(|()| true),
        }
    }

    fn created(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<(), CallError> {
        let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
        let tags: Result<Vec<Tag>, _> = tags.iter().map(tag).collect();
        let ask = self
            .client
            .put_parameter()
            .name(name)
            .value(secret)
            .r#type(ParameterType::SecureString)
            // A parameter of the standard tier holds 4 KB at most; what is longer must be kept too.
            // <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
            .tier(ParameterTier::IntelligentTiering)
            .set_tags(Some(tags.expect("key and value are given")));
        self.aws.wait(ask.send()).map(drop).map_err(|error| CallError::of(PUT, &error))
    }

    /// Forgets one. `false`: there was none.
    ///
    /// # Errors
    /// When the call fails.
    pub fn delete(&self, name: &str) -> Result<bool, CallError> {
        let ask = self.client.delete_parameter().name(name);
        let gone = self.aws.wait(ask.send()).map_err(|error| CallError::of(DELETE, &error));
        present(gone.map(drop))
    }

    /// The names of those below a path, and when each was put. No value is decrypted or kept.
    ///
    /// # Errors
    /// When a call fails.
    pub fn below(&self, path: &str) -> Result<Vec<(String, Option<Timestamp>)>, CallError> {
        let ask = self.client.get_parameters_by_path().path(path).recursive(true);
        let pages = ask.into_paginator().send();
        let pages = self.aws.wait(pages.collect::<Result<Vec<_>, _>>());
        let pages = pages.map_err(|error| CallError::of(LIST, &error))?;
        let told = |one: &Parameter| {
            let at = one.last_modified_date().and_then(|at| at.to_millis().ok());
            Some((one.name()?.to_owned(), at.map(Timestamp::from_millis)))
        };
        Ok(pages.iter().flat_map(GetParametersByPathOutput::parameters).filter_map(told).collect())
    }
}

/// Whether it was there.
fn present(found: Result<(), CallError>) -> Result<bool, CallError> {
    match found {
        Ok(()) => Ok(true),
        Err(error) if error.is_not_there() => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_taken(error: &CallError) -> bool {
    matches!(&error.why, Why::Refused { code, .. } if code == "ParameterAlreadyExists")
}
