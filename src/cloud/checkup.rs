//! What CloudWatch says of lines that it could make no metrics of.

use std::time::Duration;

use aws::{Aws, CallError};
use model::Timestamp;

use super::Unusable;

/// So far back.
const BACK: Duration = Duration::from_hours(24);

pub(super) fn unusable(aws: &Aws, group: &str, now: Timestamp) -> Result<Unusable, CallError> {
    let errors = aws::logs::emf_errors(aws, group, now.minus(BACK), now)?;
    Ok(Unusable { unparsed: errors.parsing, invalid: errors.validation })
}
