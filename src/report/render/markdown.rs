//! Markdown for an issue or a job summary at GitHub: what matters first, the rest folded away.
//!
//! It never grows beyond what an issue holds: pools that have no room are named as left out. Names
//! stand as code, so that none of them is a link, a mention or a table of its own.

mod advice;
mod instances;
mod pool;

use model::capacity::{Figure, PoolReport, Report, Told, told};
use scaler::capacity::{length, money, number, percent};

/// An issue holds 65,536 characters; some are left for what stands around it.
/// <https://github.com/orgs/community/discussions/27190>
const CHARS_MAX: usize = 64_000;

/// The whole report, or as much as has room.
pub(super) fn text(report: &Report) -> String {
    let mut text = head(report);
    let tail = tail(report);
    let room = CHARS_MAX.saturating_sub(tail.chars().count() + 200);
    let mut left_out: Vec<&PoolReport> = Vec::new();
    let mut used = text.chars().count();
    for pool in &report.pools {
        let section = pool::section(pool, report);
        let chars = section.chars().count();
        if used + chars > room {
            left_out.push(pool);
            continue;
        }
        used += chars;
        text += &section;
    }
    if !left_out.is_empty() {
        text += &format!(
            "\n{} have no room here; HTML, JSON and CSV have all of them.\n",
            pools(left_out.len())
        );
    }
    text + &tail
}

fn pools(n: usize) -> String {
    if n == 1 { "One more pool".to_owned() } else { format!("{n} more pools") }
}

fn head(report: &Report) -> String {
    let (from, to) = (report.period.from.to_string(), report.period.to.to_string());
    let day = |at: &str| at.chars().take(10).collect::<String>();
    let mut text = format!("# Runner capacity, {} to {}\n\n", day(&from), day(&to));
    if !report.warnings.is_empty() {
        text += "> [!WARNING]\n";
        for point in told(&report.warnings) {
            let (of, effect) = (concerned(&point), plain(point.effect));
            text += &format!("> - {of}{} {effect}\n", plain(point.text));
        }
        text.push('\n');
    }
    text += &format!("{}\n\n", plain(&report.summary));
    let has_previous = report.previous.is_some();
    text += match has_previous {
        true => "| | value | period before | change |\n|---|--:|--:|--:|\n",
        false => "| | value |\n|---|--:|\n",
    };
    for figure in &report.headline {
        text += &headline(figure, has_previous);
    }
    text += "\n";
    text + &overview(report)
}

/// The pools that a point concerns.
fn concerned(point: &Told<'_>) -> String {
    let Some(first) = point.pools.first() else { return String::new() };
    let named: Vec<String> = point.pools.iter().map(|pool| code(pool)).collect();
    let more = match point.more {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let such = match point.is_of_all {
        true => String::new(),
        false => format!("of {}, and much the same of the others: ", code(first)),
    };
    format!("{}{more}: {such}", named.join(", "))
}

fn headline(figure: &Figure, has_previous: bool) -> String {
    let in_unit = |value: f64| in_unit(value, &figure.unit);
    let value = figure.value.map_or("unknown".to_owned(), in_unit);
    if !has_previous {
        return format!("| {} | {value} |\n", figure.title);
    }
    let (before, change) = match figure.change {
        None => (String::new(), String::new()),
        Some(change) => {
            let by = match (figure.unit.as_str(), change.relative) {
                ("share", _) => format!("{:+.1} points", change.difference * 100.0),
                (_, Some(part)) => format!("{:+.1} %", part * 100.0),
                (_, None) => String::new(),
            };
            (in_unit(change.previous), by)
        }
    };
    format!("| {} | {value} | {before} | {change} |\n", figure.title)
}

/// A figure in its unit.
fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        "seconds" => length(value),
        "share" => percent(value),
        "hours" => scaler::capacity::hours(value),
        "jobs" => number(whole(value)),
        "runners" => format!("{value:.1}"),
        currency => money(value, currency),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn whole(count: f64) -> u64 {
    count.max(0.0).round() as u64
}

/// One row a pool: where people wait, and what to set.
fn overview(report: &Report) -> String {
    /// More rows than a reader compares.
    const ROWS_MAX: usize = 30;
    let slo = length(report.slo.wait_secs);
    let mut text = format!(
        "| pool | jobs | p50 wait | p95 wait | within {slo} | running mean / p95 / max | runner-hours \
         | recommended min / max / stopped |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for pool in report.pools.iter().take(ROWS_MAX) {
        let set = pool.recommendation.as_ref().map_or(String::new(), |set| {
            let max = set.runners_max.map_or("none".to_owned(), |max| max.to_string());
            format!("{} / {max} / {}", set.runners_min, set.warm_pool)
        });
        text += &format!(
            "| {} | {} | {} | {} | {} | {:.1} / {} / {} | {} | {set} |\n",
            code(&pool.name),
            number(pool.jobs),
            seconds(pool.wait_secs.p50),
            seconds(pool.wait_secs.p95),
            share(pool.within_slo),
            pool.concurrency.mean,
            pool.concurrency.p95,
            pool.concurrency.max,
            number(whole(pool.runner_hours)),
        );
    }
    text
}

fn tail(report: &Report) -> String {
    let mut text = "\n<details><summary>How this was found</summary>\n\n".to_owned();
    for sentence in &report.method {
        text += &format!("- {}\n", plain(sentence));
    }
    let sources: Vec<String> = report.sources.iter().take(5).map(|source| code(source)).collect();
    let more = match report.sources.len() {
        0..=5 => String::new(),
        n => format!(" and {} more", n - 5),
    };
    text += &format!("- Made from {}{more} at {}.\n", sources.join(", "), report.generated_at);
    text + "\n</details>\n"
}

/// A length of time, or that nobody knows it.
fn seconds(secs: Option<f64>) -> String {
    secs.map_or("unknown".to_owned(), length)
}

/// A share, or that nobody knows it.
fn share(share: Option<f64>) -> String {
    share.map_or("unknown".to_owned(), percent)
}

/// A name as code: no markup, no mention, one line, and no end of a table's cell.
fn code(name: &str) -> String {
    /// Longer names are cut: a workflow's name may be an essay.
    const CHARS_MAX: usize = 100;
    let line: String = name
        .chars()
        .take(CHARS_MAX)
        .map(|c| match c {
            '`' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let cut = if name.chars().nth(CHARS_MAX).is_some() { "..." } else { "" };
    format!("`{}{cut}`", line.trim().replace('|', "\\|"))
}

/// A sentence of ours, in which names may stand: nothing of it is markup.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' | '_' | '[' | ']' | '|' | '#' | '~' => out.extend(['\\', c]),
            '@' => out.push_str("&#64;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_markup_nor_mention_nor_cell() {
        assert_eq!(code("a|b `x`\n@team"), "`a\\|b 'x' @team`");
        assert_eq!(plain("<b> @x *y* a_b"), "&lt;b&gt; &#64;x \\*y\\* a\\_b");
        assert_eq!(code(&"x".repeat(200)).len(), 105);
    }
}
