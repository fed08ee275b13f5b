//! AWS by its SDK. Commands have a runtime of their own for it, `serve` lends its own.

use std::io::Write;

use aws::logs::{LogGroup, Printer, Span};
use aws::{
    Alarms, Aws, CallError, ConnectError, Dashboards, GroupFacts, Groups, History, HistoryError,
    Parameters, Patience, Place, Why,
};
use model::ports::{self, Series};
use model::{Query, RollUp, Timestamp};
use serde_json::Value;
use tokio::runtime::{Handle, Runtime};

use super::checkup;
use super::{Group, Known, KnownAlarms, Lying, ScaledGroup, Skew, Stream, Trouble, Unusable};
use crate::cli::aws::Account;
use crate::exit::Failure;

/// An account and a region.
#[derive(Debug)]
pub struct Cloud {
    aws: Aws,
    _runtime: Runtime,
}

impl Cloud {
    /// Reaches AWS for a command.
    ///
    /// # Errors
    /// When nothing says which region, or the address is none.
    pub fn connect(account: &Account) -> Result<Cloud, Failure> {
        let runtime = crate::commands::serve::runtime()?;
        let aws = connected(account, Patience::default(), runtime.handle())?;
        Ok(Cloud { aws, _runtime: runtime })
    }

    /// A stream that sends EMF lines to a log stream, on the runtime that this is called from. A
    /// group that is not there, or that nobody may write into, is told at once; what may pass is
    /// tried again with each minute.
    ///
    /// # Errors
    /// When nothing says which region, or the stream cannot be used.
    pub fn printer(account: &Account, stream: &Stream) -> Result<Box<dyn Write + Send>, Failure> {
        tokio::task::block_in_place(|| {
            let aws = connected(account, Patience::serving(), &Handle::current())?;
            let Stream { group, name } = stream.clone();
            let mut printer = Printer::new(&aws, aws::logs::Stream { group, name });
            match printer.open() {
                Err(error) if error.may_pass() => {
                    tracing::warn!(%error, "EMF lines cannot be sent yet; minutes are tried again");
                }
                opened => opened.map_err(|error| failed(&error))?,
            }
            Ok(Box::new(printer) as Box<dyn Write + Send>)
        })
    }

    pub fn region(&self) -> &str {
        self.aws.region()
    }

    /// The dashboard of that name; `None` if there is none.
    pub fn dashboard(&self, name: &str) -> Result<Option<Value>, Failure> {
        let body = Dashboards::of(&self.aws).body(name).map_err(|error| failed(&error))?;
        let Some(body) = body else { return Ok(None) };
        let said = |error: serde_json::Error| Trouble {
            said: format!("the dashboard {name} is no JSON: {error}"),
            hint: None,
        };
        serde_json::from_str(&body).map(Some).map_err(|error| said(error).into())
    }

    /// Puts it there; what CloudWatch remarks on it.
    pub fn put_dashboard(&self, name: &str, body: &str) -> Result<Vec<String>, Failure> {
        Dashboards::of(&self.aws).put(name, body).map_err(|error| failed(&error))
    }

    /// Those that are there and could be ours by their names.
    pub fn alarms(&self) -> Result<KnownAlarms, Failure> {
        let found = Alarms::of(&self.aws).named("headroom-").map_err(|error| failed(&error))?;
        let known = |(name, found): (String, aws::alarms::Found)| {
            let aws::alarms::Found { input, arn, state } = found;
            (name, Known { input, arn, state })
        };
        Ok(found.into_iter().map(known).collect())
    }

    /// An alarm as it would come back.
    #[expect(clippy::unused_self, reason = "the same functions as where there is no AWS")]
    pub fn comparable(&self, input: &Value) -> Value {
        aws::alarms::comparable(input)
    }

    pub fn put_metric_alarm(&self, input: &Value) -> Result<(), Failure> {
        Alarms::of(&self.aws).put_metric_alarm(input).map_err(|error| failed(&error))
    }

    pub fn put_composite_alarm(&self, input: &Value) -> Result<(), Failure> {
        Alarms::of(&self.aws).put_composite_alarm(input).map_err(|error| failed(&error))
    }

    pub fn tag_alarm(&self, arn: &str, input: &Value) -> Result<(), Failure> {
        Alarms::of(&self.aws).tag(arn, input).map_err(|error| failed(&error))
    }

    /// Hands over the EMF lines of a log group; how many there were.
    pub fn read(
        &self,
        group: &str,
        (from, to): (Timestamp, Timestamp),
        take: &mut dyn FnMut(&str, Timestamp),
    ) -> Result<u64, Failure> {
        let told = LogGroup::named(&self.aws, group).read(Span { from, to }, take);
        told.map(|told| told.events).map_err(|error| failed(&error))
    }

    pub fn log_group(&self, name: &str) -> Result<Option<Group>, Failure> {
        let found = LogGroup::named(&self.aws, name).facts().map_err(|error| failed(&error))?;
        Ok(found.map(|facts| Group {
            retention_days: facts.retention_days,
            is_standard: facts.is_standard,
        }))
    }

    /// Whether there is any EMF line in that time.
    pub fn has_events(
        &self,
        group: &str,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<bool, Failure> {
        LogGroup::named(&self.aws, group)
            .has_events(Span { from, to })
            .map_err(|error| failed(&error))
    }

    pub fn unusable(&self, group: &str, now: Timestamp) -> Result<Unusable, Failure> {
        let told = checkup::unusable(&self.aws, group, now).map_err(|error| failed(&error))?;
        Ok(told)
    }

    /// The start of the newest period that holds data.
    pub fn newest(
        &self,
        query: &Query,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Option<Timestamp>, Failure> {
        let history = History::new(&self.aws, RollUp::ALL.to_vec());
        let series = history.series(query, from, to).map_err(untold)?;
        Ok(series.last().map(|(at, _)| *at))
    }

    /// The groups of these names that are there; without any, those with our tag.
    pub fn groups(&self, names: &[String]) -> Result<Vec<ScaledGroup>, Failure> {
        let told = |facts: GroupFacts| ScaledGroup {
            name: facts.name,
            min: facts.min,
            is_protected: facts.is_protected,
            suspended: facts.suspended,
            has_launch_hook: facts.hooks.iter().any(|hook| hook.is_at_launch),
            at_hook: facts.at_hook,
        };
        let found = Groups::of(&self.aws).facts(names).map_err(|error| failed(&error))?;
        Ok(found.into_iter().map(told).collect())
    }

    /// What lies below a path of Parameter Store. Values are not decrypted.
    pub fn parameters(&self, path: &str) -> Result<Lying, Failure> {
        Parameters::of(&self.aws).below(path).map_err(|error| failed(&error))
    }

    /// By the date of one of its answers; `None` where it tells none.
    pub fn skew(&self, now: &dyn Fn() -> Timestamp) -> Result<Option<Skew>, Failure> {
        let there = LogGroup::date(&self.aws).map_err(|error| failed(&error))?;
        Ok(there.map(|there| Skew::of(now(), there)))
    }
}

/// The metrics of the account, of every roll-up.
impl ports::History for Cloud {
    type Error = Failure;

    fn answers(
        &self,
        queries: &[Query],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Series>, Failure> {
        let history = History::new(&self.aws, RollUp::ALL.to_vec());
        history.answers(queries, from, to).map_err(untold)
    }
}

fn untold(error: HistoryError) -> Failure {
    match error {
        HistoryError::Call(error) => failed(&error),
        HistoryError::Query(_) => Trouble { said: error.to_string(), hint: None }.into(),
    }
}

pub(super) fn connected(
    account: &Account,
    patience: Patience,
    on: &Handle,
) -> Result<Aws, Failure> {
    let place = Place {
        region: account.region.clone(),
        profile: account.access.profile.clone(),
        endpoint_url: account.access.endpoint_url.clone(),
    };
    Aws::connect(&place, patience, on).map_err(|error| match &error {
        ConnectError::Endpoint { .. } => {
            Failure::Argument { key: "--endpoint-url".into(), problem: error.to_string() }
        }
        ConnectError::NoRegion { .. } => {
            Failure::Argument { key: "--region".into(), problem: error.to_string() }
        }
    })
}

/// What to do about it.
fn failed(error: &CallError) -> Failure {
    let hint = match &error.why {
        Why::Denied { missing, .. } => Some(format!("allow whoever asks the action {missing}")),
        Why::Credentials { .. } => Some(
            "sign in, such as by `aws sso login`, or name credentials by --profile or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                .to_owned(),
        ),
        Why::Throttled { .. } => Some("AWS gives this account no more calls; try later".to_owned()),
        Why::NoAnswer { .. } => {
            Some("look at region, network, proxy and --endpoint-url".to_owned())
        }
        Why::NotThere { .. } | Why::Refused { .. } => None,
    };
    Trouble { said: error.to_string(), hint }.into()
}
