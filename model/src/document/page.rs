//! `docs/METRICS.md` in full.

use crate::catalogue::NAMESPACE;
use crate::price::{Fleet, sample};

use super::{Table, cost_markdown, example, table};

/// The fleet that the page is priced for; `headroom metrics --cost` prices any other.
pub const REFERENCE_FLEET: Fleet = Fleet::new(100, 5_000);

/// The page, ending in a newline.
pub fn markdown() -> String {
    [HEAD.to_owned(), how_to_read(), metrics(), exactness(), lines(), properties(), cost()]
        .join("\n")
}

const HEAD: &str = "\
<!-- Generated from model/src/catalogue.rs by `headroom metrics --format markdown`. Do not edit. -->

# Metrics
";

fn how_to_read() -> String {
    format!(
        "\
All metrics are in the CloudWatch namespace `{NAMESPACE}`.

## How to read the table

- A **counter** only rises: take its `Sum`. A **level** rises and falls and is published once a
  minute by the component that knows it: take `Maximum` or `Average`. A **timing** is a distribution:
  take percentiles.
- A **dimension set** in brackets is a series of its own for each combination of values; `[]` is the
  whole fleet. Percentiles of pools do not combine to those of the fleet, therefore both are
  published. Sets after `repository:` or `article:` exist only where that roll-up is switched on;
  the others always.
- In **Prometheus** a metric is one family with the labels shown; an opt-in roll-up adds its
  dimensions as labels. A timing is a histogram (`_bucket`, `_sum`, `_count`), in seconds.
- **Repeats** says what a repeated delivery does, see [Exactness](#exactness).
"
    )
}

fn metrics() -> String {
    let mut table = table();
    for row in &mut table.rows {
        for column in [0, 3, 5] {
            row[column] = format!("`{}`", row[column]);
        }
    }
    format!("## The metrics\n\n{}", table.markdown())
}

fn exactness() -> String {
    "\
## Exactness

GitHub may deliver an event twice, and CloudWatch's delivery of EMF is at least once.

- **exact with a store**: where Headroom keeps a history, the series is folded from job state, so a
  repeated, reordered or late delivery changes nothing. A door without a store, such as a Lambda
  function, knows no job: there a repeat counts twice.
- **per request**: counts requests as they come, repeats included, because that is what it is for.

In CloudWatch itself a line may, rarely, be counted twice in either case. So levels are never derived
from counters: a running sum would drift.
"
    .to_owned()
}

fn lines() -> String {
    format!(
        "\
## The lines

Each line is one JSON document in the
[Embedded Metric Format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
The examples are folded to be read; in the log each is one line.

Where events are written one by one (`per = \"event\"`), a job that got its runner:

```json
{}
```

Where they are batched (`per = \"minute\"`, the default of `serve`), a minute of a pool. `Counts` says how often each of `Values` was
seen; `Min` and `Max` are exact:

```json
{}
```
",
        example::event_line(),
        example::minute_line()
    )
}

fn properties() -> String {
    let rows =
        sample::properties().map(|(name, meaning)| [format!("`{name}`"), meaning.to_owned()]);
    format!(
        "\
## The properties of a line

Lines about a job carry these beside the metrics. They are searchable in Logs Insights, and as they
are no dimensions they add no series. What is not known yet is left out. A property gives way to a
dimension of the same name.

{}",
        Table::new(["Property", "What it is"]).with(rows).markdown()
    )
}

fn cost() -> String {
    let Fleet { repositories, jobs_per_day, .. } = REFERENCE_FLEET;
    format!(
        "\
## The price

For a month of 30 days, in US dollars, as printed by
`headroom metrics --cost --repositories {repositories} --jobs-per-day {jobs_per_day}`:

{}",
        cost_markdown(&REFERENCE_FLEET)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn the_table_names_every_metric_exactly_once() {
        let page = markdown();
        for spec in catalogue::ALL {
            let row = format!("\n| `{}` |", spec.name);
            assert_eq!(page.matches(&row).count(), 1, "{}", spec.name);
            assert!(page.contains(spec.help.trim()), "the help of {} is missing", spec.name);
        }
    }

    #[test]
    fn the_page_names_the_command_that_prints_its_prices() {
        let command = "headroom metrics --cost --repositories 100 --jobs-per-day 5000";
        assert!(markdown().contains(command));
    }

    #[test]
    fn the_same_catalogue_gives_the_same_page() {
        let page = markdown();
        assert_eq!(page, markdown());
        assert!(page.ends_with('\n') && !page.ends_with("\n\n") && !page.contains("\n\n\n"));
    }
}
