//! CloudWatch's dashboards: what is there, and putting others in their place.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::error::SdkError;
use aws_sdk_cloudwatch::operation::put_dashboard::PutDashboardError;
use aws_sdk_cloudwatch::types::DashboardValidationMessage;

use crate::{Aws, CallError, Why};

/// The dashboards of an account: they are of all regions.
#[derive(Clone, Debug)]
pub struct Dashboards {
    aws: Aws,
    client: Client,
}

impl Dashboards {
    /// Those of that account.
    pub fn of(aws: &Aws) -> Self {
        Dashboards { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// The body of the dashboard of that name, as JSON; `None` if there is none.
    ///
    /// # Errors
    /// When CloudWatch does not say.
    pub fn body(&self, name: &str) -> Result<Option<String>, CallError> {
        let answer = self.aws.wait(self.client.get_dashboard().dashboard_name(name).send());
        match answer.map_err(|error| CallError::of("cloudwatch:GetDashboard", &error)) {
            Ok(found) => Ok(found.dashboard_body),
            Err(error) if error.is_not_there() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts a dashboard in place of the one of that name; gives what CloudWatch remarks on it.
    ///
    /// # Errors
    /// When CloudWatch refuses; what it found wrong is in the error.
    pub fn put(&self, name: &str, body: &str) -> Result<Vec<String>, CallError> {
        let ask = self.client.put_dashboard().dashboard_name(name).dashboard_body(body);
        match self.aws.wait(ask.send()) {
            Ok(answer) => Ok(remarks(answer.dashboard_validation_messages())),
            Err(error) => Err(refused(&error)),
        }
    }
}

fn refused<R: std::fmt::Debug + 'static>(error: &SdkError<PutDashboardError, R>) -> CallError {
    let told = CallError::of("cloudwatch:PutDashboard", error);
    let Some(PutDashboardError::DashboardInvalidInputError(invalid)) = error.as_service_error()
    else {
        return told;
    };
    let remarks = remarks(invalid.dashboard_validation_messages());
    match told.why {
        Why::Refused { code, said } if !remarks.is_empty() => {
            let said = format!("{said} ({})", remarks.join("; "));
            CallError { why: Why::Refused { code, said }, ..told }
        }
        why => CallError { why, ..told },
    }
}

/// `/widgets/3/properties/region: should be a string`.
fn remarks(messages: &[DashboardValidationMessage]) -> Vec<String> {
    let remark = |message: &DashboardValidationMessage| {
        let (path, said) = (message.data_path(), message.message().unwrap_or_default());
        path.map_or_else(|| said.to_owned(), |path| format!("{path}: {said}"))
    };
    messages.iter().map(remark).collect()
}
