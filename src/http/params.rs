//! From the parameters of an address to the view that it names. Everything is bounded: an address
//! can be typed by anybody who may look.

use dashboards::{JobFilter, Listing, Place, Range, Sort, Span, View};
use model::Timestamp;
use serde::Deserialize;

/// Longer names and searches name nothing.
const TEXT_BYTES_MAX: usize = 512;

/// Pages of the table of pools; there are far fewer pools.
const PAGE_MAX: u32 = 1_000;

/// The longest stretch of time that is looked at: ten years.
const SPAN_MS_MAX: i64 = 3_653 * 24 * 60 * 60 * 1_000;

/// What may stand in the address of any view.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Params {
    range: Option<String>,
    from: Option<String>,
    to: Option<String>,
    span: Option<String>,
    pool: Option<String>,
    repository: Option<String>,
    q: Option<String>,
    sort: Option<String>,
    page: Option<String>,
    state: Option<String>,
    before: Option<String>,
    all: Option<String>,
    /// Which attempt of a job.
    pub(super) attempt: Option<String>,
    /// Of which pool a decision is.
    pub(super) of: Option<String>,
    /// When a decision was made, in milliseconds since the Unix epoch.
    pub(super) at: Option<String>,
    /// The number or address of a job that is looked for.
    pub(super) find: Option<String>,
}

impl Params {
    /// The view of a place.
    ///
    /// # Errors
    /// What is wrong with a parameter, in words.
    pub(super) fn view(&self, place: Place) -> Result<View, String> {
        Ok(View {
            place,
            span: self.span()?,
            pool: text("pool", self.pool.as_deref())?,
            repository: text("repository", self.repository.as_deref())?,
            listing: Listing {
                search: text("q", self.q.as_deref())?,
                sort: word("sort", self.sort.as_deref(), Sort::parse)?.unwrap_or_default(),
                page: number("page", self.page.as_deref())?.unwrap_or(0).min(PAGE_MAX),
                state: word("state", self.state.as_deref(), JobFilter::parse)?,
                before_ms: number("before", self.before.as_deref())?,
                everything: self.all.as_deref() == Some("1"),
            },
        })
    }

    fn span(&self) -> Result<Span, String> {
        let named = |name: &str| given(self.span.as_deref()).is_none_or(|span| span == name);
        if let (Some(from), Some(to)) = (given(self.from.as_deref()), given(self.to.as_deref()))
            && named("between")
        {
            return between(instant("from", from)?, instant("to", to)?);
        }
        let key = given(self.span.as_deref()).filter(|span| *span != "between");
        match key.or(given(self.range.as_deref())) {
            None => Ok(Span::default()),
            Some(key) => match Range::parse(key) {
                Some(range) => Ok(Span::Last(range)),
                None => {
                    let all = Range::ALL.map(Range::key).join(", ");
                    Err(format!("range must be one of {all}; or give from and to"))
                }
            },
        }
    }
}

fn between(from_ms: i64, to_ms: i64) -> Result<Span, String> {
    match to_ms.saturating_sub(from_ms) {
        ..=0 => Err("from must lie before to".to_owned()),
        SPAN_MS_MAX.. => Err("from and to lie more than ten years apart".to_owned()),
        _ => Ok(Span::Between(from_ms, to_ms)),
    }
}

/// As forms write it (`2026-11-22T10:00`), with seconds, or as a whole timestamp; in UTC.
fn instant(name: &str, value: &str) -> Result<i64, String> {
    let forms = [value.to_owned(), format!("{value}Z"), format!("{value}:00Z")];
    let found = forms.iter().find_map(|form| form.parse::<Timestamp>().ok());
    let found = found.filter(|at| *at >= Timestamp::EPOCH);
    found.map(Timestamp::as_millis).ok_or_else(|| {
        format!("{name} must be an instant such as 2026-11-22T10:00, in UTC and since 1970")
    })
}

/// A parameter that says something: fields that were left empty do not.
fn given(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

pub(super) fn text(name: &str, value: Option<&str>) -> Result<Option<String>, String> {
    match given(value) {
        Some(value) if value.len() > TEXT_BYTES_MAX => {
            Err(format!("{name} must not be longer than {TEXT_BYTES_MAX} bytes"))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

fn word<T>(
    name: &str,
    value: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let Some(value) = given(value) else { return Ok(None) };
    parse(value).map(Some).ok_or_else(|| format!("{name} has a value that it does not know"))
}

pub(super) fn number<T: std::str::FromStr>(
    name: &str,
    value: Option<&str>,
) -> Result<Option<T>, String> {
    let Some(value) = given(value) else { return Ok(None) };
    value.parse().map(Some).map_err(|_| format!("{name} must be a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(from: &str, to: &str, span: &str, range: &str) -> Result<Span, String> {
        let some = |text: &str| Some(text.to_owned());
        let params = Params {
            from: some(from),
            to: some(to),
            span: some(span),
            range: some(range),
            ..Params::default()
        };
        params.view(Place::Overview).map(|view| view.span)
    }

    #[test]
    fn a_stretch_is_read_as_forms_and_people_write_it() {
        let expected = Ok(Span::Between(1_795_341_600_000, 1_795_345_200_000));
        for (from, to) in [
            ("2026-11-22T10:00", "2026-11-22T11:00"),
            ("2026-11-22T10:00:00", "2026-11-22T11:00:00"),
            ("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
            ("2026-11-22T12:00:00+02:00", "2026-11-22T11:00:00.000Z"),
        ] {
            assert_eq!(with(from, to, "", ""), expected, "{from} {to}");
            assert_eq!(with(from, to, "between", "1h"), expected);
        }
        let day = Ok(Span::Last(Range::Day));
        assert_eq!(
            with("2026-11-22T10:00", "2026-11-22T11:00", "24h", ""),
            day,
            "the other button"
        );
        assert_eq!(with("", "", "", ""), day);
        assert_eq!(with("", "", "", "1h"), Ok(Span::Last(Range::Hour)));
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        for (from, to, range) in [
            ("2026-11-22T11:00", "2026-11-22T10:00", ""),
            ("2026-11-22T10:00", "2026-11-22T10:00", ""),
            ("1970-01-01T00:00", "2026-11-22T10:00", ""),
            ("yesterday", "2026-11-22T10:00", ""),
            ("-0001-01-01T00:00", "2026-11-22T10:00", ""),
            ("", "", "2 fortnights"),
        ] {
            assert!(with(from, to, "", range).is_err(), "{from} {to} {range}");
        }
        let long = Params { pool: Some("x".repeat(TEXT_BYTES_MAX + 1)), ..Params::default() };
        assert!(long.view(Place::Overview).is_err());
        for params in [
            Params { sort: Some("x".into()), ..Params::default() },
            Params { page: Some("-1".into()), ..Params::default() },
            Params { state: Some("x".into()), ..Params::default() },
            Params { before: Some("9".repeat(30)), ..Params::default() },
        ] {
            assert!(params.view(Place::Jobs).is_err(), "{params:?}");
        }
    }
}
