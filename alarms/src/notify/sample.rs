//! A notification that only shows what one looks like.

use model::Timestamp;

use super::incident::{Ongoing, Said};
use super::notification::{Draft, Facts, Item, Links, Notification, Told};
use crate::{Alarm, State};

/// A sample about an alarm for a target, as if it fired in a pool named `sample`.
pub fn sample(
    alarm: &Alarm,
    target: &str,
    id: String,
    at: Timestamp,
    links: &Links,
) -> Notification {
    let reason = "this is a sample: nothing is wrong".to_owned();
    let said = Said { figures: Vec::new(), reason };
    let ongoing = Ongoing {
        severity: alarm.severity,
        state: State::Alarm,
        fired_at: at,
        changed_at: at,
        then: said.clone(),
        now: said,
    };
    let item = Item {
        told: Told::Began,
        pool: Some("sample".to_owned()),
        severity: alarm.severity,
        since: at,
        until: None,
        returns: 0,
        alarms: vec![(alarm.name.to_owned(), ongoing)],
    };
    let facts =
        Facts { alarms: [(alarm.name.to_owned(), alarm.clone())].into(), ..Facts::default() };
    let sample = Draft::new(target, at, vec![item]).finish(id, &facts, links);
    Notification { is_sample: true, headline: format!("SAMPLE {}", sample.headline), ..sample }
}
