//! Answers to lifecycle hooks.
//!
//! An instance waits at a hook until it is answered or its time is over; then the hook's default
//! applies. Events that tell of it may come twice, so what is answered already is answered.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html>

use aws_sdk_autoscaling::Client;
use model::InstanceId;

use crate::{Aws, CallError, Why};

const COMPLETE: &str = "autoscaling:CompleteLifecycleAction";

/// What waits at a hook, as its event names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting<'a> {
    /// The Auto Scaling group.
    pub group: &'a str,
    /// The hook.
    pub hook: &'a str,
    /// The instance.
    pub id: &'a InstanceId,
    /// What names this one wait; an instance may wait at the same hook again later. None: the wait
    /// that there is.
    pub token: Option<&'a str>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on: into service, into the warm pool, or to its end.
    Continue,
    /// A launch that failed: it is ended, and the group launches another. An end goes on.
    Abandon,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Continue => "CONTINUE",
            Verdict::Abandon => "ABANDON",
        }
    }
}

/// The lifecycle hooks of a region's groups.
#[derive(Clone, Debug)]
pub struct Hooks {
    aws: Aws,
    client: Client,
}

impl Hooks {
    /// Nothing is asked of AWS yet.
    pub fn of(aws: &Aws) -> Self {
        Hooks { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// Answers a hook. `false`: it does not wait any more, because it was answered before, its time
    /// is over or its instance is gone.
    ///
    /// # Errors
    /// When the call fails; then the hook still waits, and may be answered again.
    pub fn answer(&self, waiting: Waiting<'_>, verdict: Verdict) -> Result<bool, CallError> {
        let ask = self
            .client
            .complete_lifecycle_action()
            .auto_scaling_group_name(waiting.group)
            .lifecycle_hook_name(waiting.hook)
            .instance_id(&waiting.id.0)
            .set_lifecycle_action_token(waiting.token.map(str::to_owned))
            .lifecycle_action_result(verdict.word());
        let Err(error) = self.aws.wait(ask.send()) else { return Ok(true) };
        let error = CallError::of(COMPLETE, &error);
        match is_over(&error) {
            true => Ok(false),
            false => Err(error),
        }
    }
}

/// `ValidationError: No active Lifecycle Action found with token 1e0c..`, or `.. instance ID i-..`
fn is_over(error: &CallError) -> bool {
    matches!(&error.why, Why::Refused { said, .. } if said.contains("No active Lifecycle Action found"))
}
