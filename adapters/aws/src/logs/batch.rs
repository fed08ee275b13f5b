//! Lines cut into batches that `PutLogEvents` takes.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use std::time::Duration;

use model::Timestamp;

/// Bytes of a batch: of its lines, and [`EVENT_BYTES_EXTRA`] for each.
pub const BATCH_BYTES_MAX: usize = 1_048_576;

/// What each event counts for beside its bytes.
pub const EVENT_BYTES_EXTRA: usize = 26;

/// Events of a batch.
pub const BATCH_EVENTS_MAX: usize = 10_000;

/// From the first event of a batch to its last.
pub const BATCH_SPAN_MAX: Duration = Duration::from_hours(24);

/// A line and the time that it tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event<'a> {
    pub(super) at: Timestamp,
    pub(super) text: &'a str,
}

impl<'a> Event<'a> {
    /// An EMF line; one that tells no time is of `otherwise`.
    fn of(text: &'a str, otherwise: Timestamp) -> Self {
        Event { at: told(text).unwrap_or(otherwise), text }
    }

    fn bytes(&self) -> usize {
        self.text.len() + EVENT_BYTES_EXTRA
    }
}

/// The lines of a text as events in order of time, in batches; a line that no batch can hold is
/// left out and counted.
pub(super) fn batches(text: &str) -> (Vec<Vec<Event<'_>>>, u64) {
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut left_out = 0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        let before = events.last().map_or(Timestamp::EPOCH, |event| event.at);
        let event = Event::of(line, before);
        match event.bytes() <= BATCH_BYTES_MAX {
            true => events.push(event),
            false => left_out += 1,
        }
    }
    // Events of a batch have to be in order of time; those of one instant stay as they came.
    events.sort_by_key(|event| event.at);
    (cut(events), left_out)
}

fn cut(events: Vec<Event<'_>>) -> Vec<Vec<Event<'_>>> {
    let mut batches: Vec<Vec<Event<'_>>> = Vec::new();
    let mut bytes = 0;
    for event in events {
        let fits = batches.last().is_some_and(|batch: &Vec<Event<'_>>| {
            batch.len() < BATCH_EVENTS_MAX
                && bytes + event.bytes() <= BATCH_BYTES_MAX
                && batch
                    .first()
                    .is_some_and(|first| event.at.saturating_since(first.at) < BATCH_SPAN_MAX)
        });
        if !fits {
            batches.push(Vec::new());
            bytes = 0;
        }
        bytes += event.bytes();
        if let Some(batch) = batches.last_mut() {
            batch.push(event);
        }
    }
    batches
}

/// The time of an EMF line: `{"_aws":{"Timestamp":1687344058000,..`.
fn told(line: &str) -> Option<Timestamp> {
    let (_, after) = line.split_once("\"Timestamp\":")?;
    let after = after.trim_start();
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_ms: i64, len: usize) -> String {
        let head = format!("{{\"_aws\":{{\"Timestamp\":{at_ms}}},\"x\":\"");
        let fill = "x".repeat(len - head.len() - 2);
        format!("{head}{fill}\"}}")
    }

    fn check(lines: &[String], expected: &[usize]) {
        let text = lines.join("\n");
        let (batches, left_out) = batches(&text);
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        assert_eq!((sizes.as_slice(), left_out), (expected, 0));
        for batch in batches {
            assert!(batch.is_sorted_by_key(|event| event.at));
        }
    }

    #[test]
    fn a_batch_holds_as_many_events_as_aws_takes_and_not_one_more() {
        let lines: Vec<String> = (0..=10_000).map(|i| line(i, 60)).collect();
        check(&lines[1..], &[10_000]);
        check(&lines, &[10_000, 1]);
    }

    #[test]
    fn a_batch_counts_26_bytes_for_each_event() {
        let half = BATCH_BYTES_MAX / 2 - 26;
        check(&[line(1, half), line(2, half)], &[2]);
        check(&[line(1, half), line(2, half + 1)], &[1, 1]);
    }

    #[test]
    fn a_batch_spans_less_than_a_day() {
        let day = 86_400_000;
        check(&[line(1, 60), line(day, 60)], &[2]);
        check(&[line(1, 60), line(day + 1, 60)], &[1, 1]);
    }

    #[test]
    fn events_are_in_order_of_time_and_those_of_an_instant_as_they_came() {
        let lines = [line(5, 60), line(3, 70), line(5, 80), line(3, 61)];
        let text = lines.join("\n");
        let lens: Vec<usize> = batches(&text).0[0].iter().map(|event| event.text.len()).collect();
        assert_eq!(lens, [70, 61, 60, 80]);
    }

    #[test]
    fn a_line_that_no_batch_can_hold_is_left_out_and_counted() {
        let lines = [line(1, BATCH_BYTES_MAX - 26), line(2, BATCH_BYTES_MAX - 25)];
        let text = lines.join("\n");
        let (batches, left_out) = batches(&text);
        assert_eq!((batches.len(), batches[0].len(), left_out), (1, 1, 1));
    }

    #[test]
    fn a_line_without_a_time_is_of_the_time_before_it() {
        let text = format!("{}\nno EMF", line(7, 60));
        assert_eq!(batches(&text).0[0][1].at, Timestamp::from_millis(7));
    }
}
