//! Values made of the fuzzer's bytes, within what the types promise.

use arbitrary::{Result, Unstructured};
use ingest::past::PastEvent;
use model::emf::{Form, Record};
use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp, catalogue};
use model::{Dimension, Dimensions, Histogram, Kind, Point, Quantity};

use super::line::Pen;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// So many values of a distribution: more than two documents hold.
const VALUES_MAX: usize = 250;

pub(super) fn pen(u: &mut Unstructured<'_>) -> Result<Pen> {
    let form = *u.choose(&[Form::Histogram, Form::Array])?;
    Ok(Pen::of(u.arbitrary()?, form))
}

/// An instant of this age of the world, 1976 to 2286.
fn instant(u: &mut Unstructured<'_>) -> Result<Timestamp> {
    u.int_in_range(200_000_000_000..=9_999_999_999_999).map(Timestamp::from_millis)
}

fn stamp(u: &mut Unstructured<'_>) -> Result<Option<Timestamp>> {
    Ok(if u.arbitrary()? { Some(instant(u)?) } else { None })
}

/// News of a job. What only a later phase knows is there in that phase alone.
pub(super) fn event(u: &mut Unstructured<'_>) -> Result<PastEvent> {
    let phase = *u.choose(&Phase::ALL)?;
    let (over, has_runner) = (phase == Phase::Completed, phase >= Phase::InProgress);
    let event = JobEvent {
        key: JobKey { job: u.arbitrary()?, attempt: u.arbitrary()? },
        phase,
        run: u.arbitrary()?,
        repository: Repository(u.arbitrary()?),
        name: u.arbitrary()?,
        workflow: u.arbitrary()?,
        branch: u.arbitrary()?,
        url: u.arbitrary()?,
        labels: Labels::new(u.arbitrary::<Vec<String>>()?),
        created_at: stamp(u)?,
        started_at: stamp(u)?,
        completed_at: stamp(u)?,
        conclusion: if over { Some(*u.choose(&Conclusion::ALL)?) } else { None },
        runner: if has_runner { u.arbitrary()? } else { None },
        runner_group: if has_runner { u.arbitrary()? } else { None },
    };
    let (pool, received_at) = (Some(u.arbitrary()?), instant(u)?);
    Ok(PastEvent { event, pool, received_at, is_receipt_known: true })
}

/// What was counted in one minute: any metrics, each once, by all dimensions. Levels are written
/// under the dimensions that are exactly theirs, so they are made apart.
pub(super) fn minute(u: &mut Unstructured<'_>) -> Result<Record> {
    let at = Timestamp::from_millis(instant(u)?.as_millis() / MINUTE_MS * MINUTE_MS);
    let are_levels = u.arbitrary()?;
    let mut dimensions = Dimensions::none();
    for dimension in Dimension::ALL.into_iter().take(if are_levels { 1 } else { usize::MAX }) {
        dimensions = dimensions.with(dimension, u.arbitrary::<String>()?);
    }
    let mut record = Record::new(at, dimensions);
    let kinds = |kind| (kind == Kind::Level) == are_levels;
    for spec in catalogue::ALL.iter().copied().filter(|spec| kinds(spec.kind)) {
        if u.arbitrary()? {
            let quantity = match spec.kind {
                Kind::Counter => Quantity::Add(u.arbitrary()?),
                Kind::Level => Quantity::Is(u.arbitrary()?),
                Kind::Timing => Quantity::Distribution(histogram(u)?),
            };
            record.points.push(Point { spec, quantity });
        }
    }
    Ok(record)
}

/// Any values; a distribution that is published holds one at least.
fn histogram(u: &mut Unstructured<'_>) -> Result<Histogram> {
    let len = u.int_in_range(1..=VALUES_MAX)?;
    let spread = u.int_in_range(0..=40)?;
    (0..len).map(|_| u.int_in_range(0..=1_u64 << spread)).collect()
}
