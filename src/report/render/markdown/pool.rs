//! One pool, folded away behind its name.

use model::capacity::{HourOfWeek, PoolReport, Report, SlowJob, Table};
use scaler::capacity::{hours, length, money, number};

use super::{advice, code, instances, seconds, share};

/// Rows of a table here; JSON and CSV have more.
const ROWS_MAX: usize = 10;

/// Jobs that waited longest.
const SLOWEST_MAX: usize = 10;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// From no demand to the most.
const SHADES: [char; 5] = ['.', '░', '▒', '▓', '█'];

/// What is told of one pool.
pub(super) fn section(pool: &PoolReport, report: &Report) -> String {
    let name = super::plain(&pool.name);
    let mut text =
        format!("\n<details><summary>Pool {name}: {} jobs</summary>\n\n", number(pool.jobs));
    text += &advice::advised(pool, report);
    text += &measured(pool, report);
    for (title, table) in [
        ("Repository", &pool.repositories),
        ("Workflow", &pool.workflows),
        ("Runner group", &pool.runner_groups),
    ] {
        text += &rows(title, table, report);
    }
    text += &heat_map(&pool.hours_of_week);
    text += &slowest(&pool.slowest);
    text + "\n</details>\n"
}

fn measured(pool: &PoolReport, report: &Report) -> String {
    let (waits, counts, bursts) = (&pool.wait_secs, &pool.job_counts, &pool.bursts);
    let mut text = format!(
        "Waits: mean {}, p50 {}, p90 {}, p95 {}, p99 {}, {} within {}",
        seconds(waits.mean),
        seconds(waits.p50),
        seconds(waits.p90),
        seconds(waits.p95),
        seconds(waits.p99),
        share(pool.within_slo),
        length(report.slo.wait_secs),
    );
    let others = [
        (counts.waiting, "waiting still"),
        (counts.ended_waiting, "ended without a runner"),
        (counts.wait_unknown, "of unknown wait"),
        (counts.ghosts, "given up for lost"),
    ];
    for (n, what) in others.into_iter().filter(|(n, _)| *n > 0) {
        text += &format!("; {} {what}", number(n));
    }
    text += &format!(
        ".\n\nBursts: {} ({:.1} an hour), of {:.1} jobs on average; p95 {} jobs, at most {}{}.\n\n",
        number(bursts.count),
        bursts.per_hour,
        bursts.jobs_mean,
        bursts.jobs_p95,
        bursts.jobs_max,
        bursts.largest_at.map_or(String::new(), |at| format!(" at {at}")),
    );
    text += &cost(pool, report);
    text
}

fn cost(pool: &PoolReport, report: &Report) -> String {
    let currency = report.prices.currency.as_str();
    let mut text = format!("Runner time: {}", hours(pool.runner_hours));
    if let Some(cost) = pool.cost.on_demand {
        text += &format!(", {} on demand", money(cost, currency));
    }
    if let Some(spot) = &pool.cost.spot {
        text += &format!("; {} of it suits spot", hours(spot.spot_hours));
        text += &match spot.long_jobs {
            0 => ", no job is too long for that".to_owned(),
            jobs => format!(
                ", {} of {} long jobs should stay on demand",
                hours(spot.long_hours),
                number(jobs)
            ),
        };
        if let (Some(mixed), Some(long)) = (spot.mixed, spot.long_on_demand) {
            text += &format!(
                ", together {} ({} of it the long jobs)",
                money(mixed, currency),
                money(long, currency)
            );
        }
    }
    text += ".\n\n";
    text + &instances::told(pool, currency)
}

fn rows(title: &str, table: &Table, report: &Report) -> String {
    let is_known = table.rows.iter().any(|row| row.name != "(unknown)");
    if !is_known {
        return String::new();
    }
    let slo = length(report.slo.wait_secs);
    let money_title =
        report.pools.iter().any(|pool| pool.cost.on_demand.is_some()).then_some("cost | ");
    let mut text = format!(
        "\n| {title} | jobs | p50 wait | p95 wait | within {slo} | runner-hours | {}\n\
         |---|--:|--:|--:|--:|--:|{}\n",
        money_title.unwrap_or_default(),
        if money_title.is_some() { "--:|" } else { "" }
    );
    for row in table.rows.iter().take(ROWS_MAX) {
        let cost = money_title.map_or(String::new(), |_| {
            let cost = row.cost.on_demand;
            cost.map_or(" |".to_owned(), |cost| {
                format!(" {} |", money(cost, &report.prices.currency))
            })
        });
        text += &format!(
            "| {} | {} | {} | {} | {} | {} |{cost}\n",
            code(&row.name),
            number(row.jobs),
            seconds(row.wait_secs.p50),
            seconds(row.wait_secs.p95),
            share(row.within_slo),
            hours(row.runner_hours),
        );
    }
    let named = table.rows.len().min(ROWS_MAX);
    let jobs: u64 = table.rows[named..].iter().chain(&table.other).map(|row| row.jobs).sum();
    if jobs > 0 {
        text += &format!("\n{} jobs are of others.\n", number(jobs));
    }
    text
}

/// Seven rows of 24 characters.
fn heat_map(cells: &[HourOfWeek]) -> String {
    let most = cells.iter().filter_map(|cell| cell.jobs_per_hour).fold(0.0, f64::max);
    if most <= 0.0 {
        return String::new();
    }
    let mut text = format!(
        "\nJobs by hour of the week, UTC; {} is none, {} is {most:.1} an hour:\n\n```text\n    \
         0     6     12    18\n",
        SHADES[0], SHADES[4]
    );
    for (day, hours) in DAYS.iter().zip(cells.chunks(24)) {
        let shades: String = hours.iter().map(|cell| shade(cell.jobs_per_hour, most)).collect();
        text += &format!("{day} {shades}\n");
    }
    text + "```\n"
}

/// In four steps of equal width above none.
fn shade(jobs_per_hour: Option<f64>, most: f64) -> char {
    let Some(jobs) = jobs_per_hour else { return ' ' };
    let steps = [0.0, 0.25, 0.5, 0.75].into_iter().filter(|step| jobs > step * most).count();
    SHADES[steps]
}

fn slowest(jobs: &[SlowJob]) -> String {
    if jobs.is_empty() {
        return String::new();
    }
    let mut text = "\n| longest waits | job | repository | queued at | running then |\n\
                    |--:|---|---|---|--:|\n"
        .to_owned();
    for job in jobs.iter().take(SLOWEST_MAX) {
        let so_far = if job.is_waiting { " so far" } else { "" };
        let name = match &job.url {
            Some(url) => format!("[{}]({})", code(&job.name), address(url)),
            None => code(&job.name),
        };
        text += &format!(
            "| {}{so_far} | {name} | {} | {} | {} |\n",
            length(job.wait_secs),
            job.repository.as_deref().map_or(String::new(), code),
            job.queued_at,
            number(job.running_then)
        );
    }
    text
}

/// An address in which nothing ends the link or the cell, and which is one of the web.
fn address(url: &str) -> String {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let fits = |c: char| c.is_ascii_graphic() && !"()<>|[]\\`\"".contains(c);
    if is_web && url.chars().all(fits) { url.to_owned() } else { "#".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_darkest_cell_is_the_busiest_and_no_time_is_blank() {
        let shades: String = [None, Some(0.0), Some(0.1), Some(2.6), Some(10.0)]
            .map(|jobs| shade(jobs, 10.0))
            .iter()
            .collect();
        assert_eq!(shades, " .░▒█");
    }

    #[test]
    fn only_an_address_of_the_web_is_a_link() {
        assert_eq!(
            address("https://github.com/o/r/actions/runs/1/job/2"),
            "https://github.com/o/r/actions/runs/1/job/2"
        );
        for bad in ["javascript:alert(1)", "https://x/(a)", "https://x|y", "https://x y"] {
            assert_eq!(address(bad), "#");
        }
    }
}
