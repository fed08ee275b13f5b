//! What a price must be true to, whatever rows the catalogue gains.

use std::collections::BTreeSet;

use super::*;
use crate::{Conclusion, Dimension, Kind, Phase, RollUp, catalogue};

fn series(fleet: &Fleet, choice: Choice) -> u64 {
    estimate(fleet, choice, Writing::PerMinute).series
}

/// Series of the catalogue under the sets of one roll-up, by counting values, when there is one
/// pool, one repository and one job name.
fn counted(roll_up: RollUp) -> u64 {
    let values = |dimension: &Dimension| match dimension {
        Dimension::Status | Dimension::ArticleStatus => Phase::ALL.len() as u64,
        Dimension::Conclusion => Conclusion::ALL.len() as u64,
        _ => 1,
    };
    let sets = catalogue::ALL.iter().flat_map(|spec| spec.published);
    sets.filter(|set| set.roll_up == roll_up)
        .map(|set| set.by.iter().map(values).product::<u64>())
        .sum()
}

#[test]
fn a_repository_costs_as_many_series_as_its_sets_have_values() {
    for (repositories, jobs_per_day) in [(0, 0), (1, 10), (1_000, 600_000)] {
        let fleet = Fleet::new(repositories, jobs_per_day);
        let more = series(&fleet, Choice::PoolRepository) - series(&fleet, Choice::Pool);
        assert_eq!(more, repositories * counted(RollUp::Repository));
    }
    assert!(counted(RollUp::Repository) >= (Phase::ALL.len() + Conclusion::ALL.len() + 2) as u64);
}

#[test]
fn the_default_roll_up_does_not_grow_with_repositories() {
    for writing in Writing::ALL {
        let price =
            |repositories| estimate(&Fleet::new(repositories, 5_000), Choice::Pool, writing);
        assert_eq!(price(1), price(1_000_000), "{writing:?}");
        let most = price(1).total_at_most();
        assert!(most < Usd(240.0), "{writing:?}: {most}");
    }
}

#[test]
fn the_articles_metric_for_a_thousand_repositories_is_sixty_thousand_series() {
    for (approvals_percent, expected, usd) in [(0, 60_000, "$8,000.00"), (1, 80_000, "$10,000.00")]
    {
        let fleet = Fleet { approvals_percent, ..Fleet::new(1_000, 20_000) };
        let more = series(&fleet, Choice::PoolArticle) - series(&fleet, Choice::Pool);
        assert_eq!(more, expected);
        assert_eq!(list::full_series(more).to_string(), usd);
    }
}

#[test]
fn a_job_a_day_keeps_a_thirtieth_of_the_articles_series() {
    let fleet = Fleet { approvals_percent: 0, ..Fleet::new(1_000, 20_000) };
    let months = |choice| estimate(&fleet, choice, Writing::PerEvent).metric_months;
    let months = months(Choice::PoolArticle) - months(Choice::Pool);
    // 30 hours of 720 for each of 60,000, less those that share an hour and those never started.
    assert!((2_350.0..2_500.0).contains(&months), "{months}");
}

#[test]
fn expected_never_exceeds_at_most_and_never_the_number_of_events() {
    let sizes = [0, 1, 20, 5_000, u64::MAX];
    for (repositories, jobs_per_day) in sizes.into_iter().flat_map(|r| sizes.map(|j| (r, j))) {
        let fleet = Fleet { pools: repositories.min(10), ..Fleet::new(repositories, jobs_per_day) };
        for estimate in estimates(&fleet) {
            assert!(estimate.metric_months.is_finite(), "{fleet:?} {estimate:?}");
            assert!(estimate.metrics_expected.0 <= estimate.metrics_at_most.0 * (1.0 + 1e-9));
            let quiet = jobs_per_day == 0 && estimate.writing == Writing::PerEvent;
            assert_eq!(quiet, estimate.metric_months + as_f64(estimate.log_bytes) == 0.0);
        }
    }
}

#[test]
fn an_idle_fleet_pays_for_what_is_published_every_minute_only() {
    let idle = estimate(&Fleet::new(100, 0), Choice::All, Writing::PerMinute);
    let pools = Fleet::POOLS;
    let levels = catalogue::ALL.iter().filter(|spec| spec.kind == Kind::Level);
    let at_least: u64 = levels
        .map(|s| s.published.iter().map(|p| if p.by.is_empty() { 1 } else { pools }).sum::<u64>())
        .sum();
    assert!(idle.metric_months >= as_f64(at_least) - 1e-9, "{idle:?}");
    assert!(idle.metric_months.fract() < 1e-9 && idle.log_bytes > 0, "{idle:?}");
}

#[test]
fn office_hours_are_cheaper_than_the_clock_round() {
    for choice in Choice::ALL {
        let price = |active_hours_per_month| {
            let fleet = Fleet { active_hours_per_month, ..Fleet::new(1_000, 20_000) };
            estimate(&fleet, choice, Writing::PerEvent).metrics_expected
        };
        assert!(price(220) < price(HOURS_PER_MONTH), "{choice:?}");
    }
}

#[test]
fn lines_per_event_grow_with_jobs_and_lines_per_minute_stop_growing() {
    let bytes = |jobs_per_day, writing| {
        as_f64(estimate(&Fleet::new(1_000, jobs_per_day), Choice::Pool, writing).log_bytes)
    };
    let (busy, busier) = (60_000_000, 600_000_000);
    let growth = |writing| bytes(busier, writing) / bytes(busy, writing);
    assert!((growth(Writing::PerEvent) - 10.0).abs() < 0.01);
    assert!(growth(Writing::PerMinute) < 1.2, "{}", growth(Writing::PerMinute));
    for jobs_per_day in [60_000, 600_000, busy] {
        let [event, minute] = Writing::ALL.map(|writing| bytes(jobs_per_day, writing));
        assert!(minute < event, "{jobs_per_day} jobs a day: {minute} and {event}");
    }
}

#[test]
fn a_line_is_measured_as_it_is_encoded() {
    let encoder = crate::emf::Encoder::default();
    for phase in Phase::ALL {
        let record = sample::job_event(phase);
        let mut line = Vec::new();
        encoder.write(&record, &mut line).unwrap();
        assert_eq!(volume::bytes(&record, &encoder), (line.len() - 1 + 26) as u64);
        assert!((600..1_400).contains(&line.len()), "{phase}: {}", line.len());
    }
}

#[test]
fn what_is_measured_is_a_line_that_cloudwatch_takes() {
    let records =
        Phase::ALL.map(sample::job_event).into_iter().chain([sample::run_event("completed")]);
    for (record, choice) in records.flat_map(|r| Choice::ALL.map(|choice| (r.clone(), choice))) {
        let encoder =
            crate::emf::Encoder::new(choice.roll_ups().to_vec(), crate::emf::Form::Histogram);
        let mut line = Vec::new();
        encoder.write(&record, &mut line).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert_eq!(crate::lint::check(&line, sample::AT).findings, [], "{line}");
    }
}

#[test]
fn each_choice_and_way_has_a_word_of_its_own() {
    let rows: BTreeSet<_> = estimates(&Fleet::new(1, 1))
        .iter()
        .map(|e| (e.writing.as_str(), e.choice.as_str()))
        .collect();
    assert_eq!(rows.len(), Writing::ALL.len() * Choice::ALL.len());
}
