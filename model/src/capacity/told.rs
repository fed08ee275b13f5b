//! Warnings as a reader is told of them: what many pools have in common is told once.

use super::{Subject, Warning};

/// Pools that are told of one by one; a reader of more would not reach the summary.
const POOLS_EACH_MAX: usize = 2;

/// Pools that are named where there are more.
const POOLS_NAMED_MAX: usize = 3;

/// One point of the list that a reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// The first of the pools that it concerns; none: all.
    pub pools: Vec<&'a str>,
    /// How many more there are.
    pub more: usize,
    /// What is the matter. Where pools differ in figures, it is that of the first pool.
    pub text: &'a str,
    /// Whether each of the pools has that very text.
    pub is_of_all: bool,
    /// What follows for the figures.
    pub effect: &'a str,
}

/// The points of these warnings, in their order.
pub fn told(warnings: &[Warning]) -> Vec<Told<'_>> {
    let mut groups: Vec<((Subject, &str), Vec<&Warning>)> = Vec::new();
    for warning in warnings {
        let key = (warning.subject, warning.effect.as_str());
        match groups.iter_mut().find(|(it, _)| *it == key && warning.pool.is_some()) {
            Some((_, group)) if group.iter().all(|it| it.pool.is_some()) => group.push(warning),
            _ => groups.push((key, vec![warning])),
        }
    }
    groups.into_iter().flat_map(|(_, group)| points(&group)).collect()
}

fn points<'a>(group: &[&'a Warning]) -> Vec<Told<'a>> {
    match group.len() {
        0..=POOLS_EACH_MAX => group.chunks(1).map(point).collect(),
        _ => vec![point(group)],
    }
}

fn point<'a>(group: &[&'a Warning]) -> Told<'a> {
    let named = group.iter().filter_map(|warning| warning.pool.as_deref());
    let (text, effect) = group.first().map_or(("", ""), |it| (it.text.as_str(), &it.effect));
    Told {
        pools: named.take(POOLS_NAMED_MAX).collect(),
        more: group.len().saturating_sub(POOLS_NAMED_MAX),
        text,
        is_of_all: group.iter().all(|it| it.text == text),
        effect,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(pool: Option<&str>, text: &str) -> Warning {
        let subject = Subject::TooLittleData;
        let pool = pool.map(str::to_owned);
        Warning { subject, pool, text: text.to_owned(), effect: "So what.".to_owned() }
    }

    #[test]
    fn what_concerns_all_and_what_concerns_few_pools_is_told_one_by_one() {
        let warnings = [
            warning(None, "A."),
            warning(None, "B."),
            warning(Some("a"), "C."),
            warning(Some("b"), "D."),
        ];
        let points = told(&warnings);
        let texts: Vec<&str> = points.iter().map(|point| point.text).collect();
        assert_eq!(texts, ["A.", "B.", "C.", "D."]);
        assert_eq!(points[2].pools, ["a"]);
        assert!(points.iter().all(|point| point.more == 0 && point.is_of_all));
    }

    #[test]
    fn what_many_pools_have_in_common_is_told_once() {
        let of = |texts: [&str; 5]| -> Vec<Warning> {
            let pools = ["a", "b", "c", "d", "e"];
            pools.iter().zip(texts).map(|(pool, text)| warning(Some(pool), text)).collect()
        };
        let (same, differing) = (of(["5 days."; 5]), of(["1.", "2.", "3.", "4.", "5."]));
        let [same, differing] = [&same, &differing].map(|warnings| told(warnings));
        assert_eq!((same.len(), differing.len()), (1, 1));
        assert_eq!((&same[0].pools[..], same[0].more), (&["a", "b", "c"][..], 2));
        assert!(same[0].is_of_all);
        assert!(!differing[0].is_of_all && differing[0].text == "1.");
    }
}
