//! `headroom report`: who waits and for how long, what runs, what it costs, and what to set.

use std::io;
use std::path::Path;
use std::time::Duration;

use model::Timestamp;
use scaler::Policy;
use scaler::capacity::Bounds;

use crate::cli::{ReportArgs, ReportFormat};
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::exit::{self, Failure};
use crate::import::{LOOKED_BACK, LogGroup};
use crate::out::Out;
use crate::report::{self, Ask, Given, Instances, Source, render};

/// Reads the jobs, describes them, replays them and writes the report.
///
/// # Errors
/// When an argument makes no sense, the jobs cannot be read, or the report cannot be written.
pub fn run(args: &ReportArgs) -> Result<u8, Failure> {
    let flags =
        Flags { config: args.config.clone(), store: args.store.clone(), ..Flags::default() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    let format = format(args)?;
    let given = Given {
        per_hour: args.price.as_ref().map(|price| (price.per_hour, price.currency.clone())),
        spot: args.spot,
        hazard_per_hour: args.spot_hazard,
        stopped_part: args.stopped_cost.unwrap_or_else(|| Policy::default().stopped_cost),
    };
    let ask = Ask {
        since: args.since,
        pool: args.pool.clone(),
        slo: args.slo,
        prices: report::prices(args.prices.as_deref(), &given)?,
        bounds: config.pools.iter().map(|pool| bounds(&config, &pool.name)).collect(),
        is_replayed: !args.no_replay,
        now: Clock::System.now(),
    };
    let mut gathered = report::gather(&source(args, &config, ask.now), &ask, &config)?;
    if !args.no_replay {
        let instances = Instances {
            boot: args.boot.map(Duration::from_secs_f64),
            warm_start: args.warm_start.map(Duration::from_secs_f64),
            stopped_cost: args.stopped_cost,
        };
        report::replay(&mut gathered.described, instances, &config);
    }
    let text = render::text(&gathered.described.report, format);
    write(&args.out, &text)?;
    Ok(if gathered.unreadable > 0 { exit::FINDINGS } else { exit::OK })
}

fn source(args: &ReportArgs, config: &Config, now: Timestamp) -> Source {
    if let Some(name) = &args.log_group {
        let from = now.minus(args.since).minus(LOOKED_BACK);
        let account = args.account.or(&config.aws);
        return Source::LogGroup(LogGroup { name: name.clone(), account, from });
    }
    match (&args.emf[..], &args.trace[..]) {
        ([], []) => Source::Store(config.store.clone()),
        ([], traces) => Source::Traces(traces.to_vec()),
        (events, _) => Source::Events(events.to_vec()),
    }
}

fn bounds(config: &Config, pool: &str) -> (String, Bounds) {
    let policy = config.scaler.policy(pool);
    let bounds = Bounds { runners_min: Some(policy.runners_min), runners_max: policy.runners_max };
    (pool.to_owned(), bounds)
}

/// As asked for, or by the extension; stdout is for reading.
fn format(args: &ReportArgs) -> Result<ReportFormat, Failure> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    if args.out == Path::new("-") {
        return Ok(ReportFormat::Markdown);
    }
    ReportFormat::of(&args.out).ok_or_else(|| Failure::Argument {
        key: format!("--out {}", args.out.display()),
        problem: "an extension of .html, .md, .json or .csv was expected, or --format".to_owned(),
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let what = if path == Path::new("-") { "stdout".into() } else { path.display().to_string() };
    let written = Out::open(path).and_then(|mut out| {
        out.write(text.as_bytes())?;
        out.close()
    });
    match written {
        // A reader that went away (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe && path == Path::new("-") => Ok(()),
        written => written.map_err(|source| Failure::File { what, source }),
    }
}
