//! No AWS in this build.

use std::io::Write;

use github::GitHub;
use model::ports::{History, Series};
use model::{Query, Timestamp};
use serde_json::Value;

use super::{Group, KnownAlarms, Lying, ScaledGroup, Skew, Stream, Unusable};
use crate::cli::aws::Account;
use crate::exit::Failure;

/// What nobody gets.
#[derive(Debug)]
pub struct Cloud;

/// What nobody gets either.
#[derive(Debug)]
pub enum ScaledGroups {}

impl ScaledGroups {
    pub fn connect(_: &Account, _: Option<GitHub>) -> Result<ScaledGroups, Failure> {
        Err(absent())
    }

    pub fn group(&self, _: &str) -> Box<dyn scaler::ports::Group> {
        match *self {}
    }
}

const fn absent() -> Failure {
    Failure::NoAws
}

#[expect(clippy::unused_self, reason = "the same functions as where there is AWS")]
impl Cloud {
    pub fn connect(_: &Account) -> Result<Cloud, Failure> {
        Err(absent())
    }

    pub fn printer(_: &Account, _: &Stream) -> Result<Box<dyn Write + Send>, Failure> {
        Err(absent())
    }

    pub fn region(&self) -> &'static str {
        ""
    }

    pub fn dashboard(&self, _: &str) -> Result<Option<Value>, Failure> {
        Err(absent())
    }

    pub fn put_dashboard(&self, _: &str, _: &str) -> Result<Vec<String>, Failure> {
        Err(absent())
    }

    pub fn alarms(&self) -> Result<KnownAlarms, Failure> {
        Err(absent())
    }

    pub fn comparable(&self, input: &Value) -> Value {
        input.clone()
    }

    pub fn put_metric_alarm(&self, _: &Value) -> Result<(), Failure> {
        Err(absent())
    }

    pub fn put_composite_alarm(&self, _: &Value) -> Result<(), Failure> {
        Err(absent())
    }

    pub fn tag_alarm(&self, _: &str, _: &Value) -> Result<(), Failure> {
        Err(absent())
    }

    pub fn read(
        &self,
        _: &str,
        _: (Timestamp, Timestamp),
        _: &mut dyn FnMut(&str, Timestamp),
    ) -> Result<u64, Failure> {
        Err(absent())
    }

    pub fn log_group(&self, _: &str) -> Result<Option<Group>, Failure> {
        Err(absent())
    }

    pub fn has_events(&self, _: &str, _: (Timestamp, Timestamp)) -> Result<bool, Failure> {
        Err(absent())
    }

    pub fn unusable(&self, _: &str, _: Timestamp) -> Result<Unusable, Failure> {
        Err(absent())
    }

    pub fn newest(
        &self,
        _: &Query,
        _: (Timestamp, Timestamp),
    ) -> Result<Option<Timestamp>, Failure> {
        Err(absent())
    }

    pub fn groups(&self, _: &[String]) -> Result<Vec<ScaledGroup>, Failure> {
        Err(absent())
    }

    pub fn parameters(&self, _: &str) -> Result<Lying, Failure> {
        Err(absent())
    }

    pub fn skew(&self, _: &dyn Fn() -> Timestamp) -> Result<Option<Skew>, Failure> {
        Err(absent())
    }
}

impl History for Cloud {
    type Error = Failure;

    fn answers(&self, _: &[Query], _: Timestamp, _: Timestamp) -> Result<Vec<Series>, Failure> {
        Err(absent())
    }
}
