//! `headroom demo`: `serve` on a temporary store, and a player that sends a recorded week.

use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use dashboards::{Banner, Severity};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::Secrets;
use local::{PoolView, Retention, StoreError};
use model::document::Table;
use model::{Pool, Timestamp};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinError;

use super::serve::{House, asked_to_end, listen, runtime};
use crate::cli::{DemoArgs, Runners, TableOrJson};
use crate::clock::Clock;
use crate::config::{self, Config, Emf, Mode, Scaler};
use crate::demo::{
    Delivery, Player, Recorded, Simulation, Speed, Tempo, deliveries, recorded_week,
};
use crate::exit::{self, Failure};
use crate::http::{App, api};
use crate::render;

/// So much of the week is there when the page opens: Monday until noon. At the usual speed the
/// first burst comes at once, and the evening's rush while one is still looking around.
const HEAD_START: Duration = Duration::from_mins(12 * 60 + 45);

/// On simulated runners the scaler learns for three days first, so the page opens on Wednesday:
/// soon afterwards the waits fall.
const HEAD_START_SIMULATED: Duration = Duration::from_mins((2 * 24 + 12) * 60 + 45);

/// Longer than the week, so that its percentiles are of all of it.
const ALL: Duration = Duration::from_hours(8 * 24);

/// The summary of `--once`.
#[derive(Debug, Serialize)]
struct Summary {
    /// Whose runners the jobs ran on.
    runners: Runners,
    /// Webhooks that were sent and accepted.
    deliveries: usize,
    /// Jobs that they told of.
    jobs: u64,
    /// Over the whole week.
    wait_p50_secs: Option<u64>,
    /// Over the whole week.
    wait_p95_secs: Option<u64>,
    /// As `/api/pools` shows them at the end of the week.
    pools: Vec<api::Pool>,
}

/// Serves and plays.
///
/// # Errors
/// When the address or the temporary folder cannot be used, or the server does not take its own
/// webhooks.
pub fn run(args: &DemoArgs) -> Result<u8, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|source| Failure::System { what: "a temporary folder", source })?;
    let summary = runtime()?.block_on(serve_and_play(args, folder.path()))?;
    if let Some(summary) = summary {
        match args.format {
            TableOrJson::Json => render::print_json(&summary),
            TableOrJson::Table => render::print(&as_table(&summary)),
        }
        .map_err(super::stdout)?;
    }
    Ok(exit::OK)
}

async fn serve_and_play(args: &DemoArgs, folder: &Path) -> Result<Option<Summary>, Failure> {
    let week = recorded_week(Clock::System.now());
    let all = deliveries(&week);
    let monday = week.first().map_or(Timestamp::EPOCH, Recorded::queued_at);
    let clock = Arc::new(AtomicI64::new(monday.as_millis()));
    let listener = open(args.listen).await?;
    let runners = match args.once {
        true => args.runners.unwrap_or(Runners::Recorded),
        false => args.runners.unwrap_or(Runners::Simulated),
    };
    let config = config(folder, &week, runners)?;
    let secrets = config.secrets.clone();
    let banner = banner(args.speed, runners);
    let house = House::build(config, Clock::Driven(Arc::clone(&clock)), Some(banner), &listener)?;
    let (app, address) = (Arc::clone(&house.app), house.address);
    let interrupted = asked_to_end();
    eprintln!("Headroom plays a recorded week of real jobs. Look at http://{address}/");
    let (end, ended) = oneshot::channel::<()>();
    let asked = async {
        tokio::select! {
            () = interrupted => {}
            _ = ended => {}
        }
    };
    let serving = tokio::spawn(house.run(listener, asked));
    let mut player = Player::connect(address, secrets, clock).await.map_err(Failure::Demo)?;
    let bar = progress_bar(all.len());
    let progress = |sent| bar.set_position(sent);
    let playing = async {
        let monday = midnight_before(monday);
        match runners {
            Runners::Recorded => {
                player.play(&week, &all, args.speed, monday.plus(HEAD_START), progress).await
            }
            Runners::Simulated => {
                let tempo =
                    Tempo { speed: args.speed, head_start: monday.plus(HEAD_START_SIMULATED) };
                Simulation::new(&app, &week).play(&mut player, tempo, progress).await
            }
        }
    };
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return joined(served).map(|()| None),
        end = playing => end.map_err(Failure::Demo)?,
    }
    bar.finish_and_clear();
    drop(player);
    if args.once {
        let summary = tokio::task::block_in_place(|| summary(&app, &all, runners))?;
        drop(end);
        joined(serving.await)?;
        return Ok(Some(summary));
    }
    eprintln!("The week is over. The page stays until you press Ctrl-C.");
    joined(serving.await)?;
    Ok(None)
}

fn joined(served: Result<Result<(), Failure>, JoinError>) -> Result<(), Failure> {
    served.map_err(|error| Failure::System { what: "to serve", source: error.into() })?
}

fn midnight_before(at: Timestamp) -> Timestamp {
    let day = Duration::from_hours(24);
    let since = at.saturating_since(Timestamp::EPOCH).as_secs() % day.as_secs();
    at.minus(Duration::from_secs(since))
}

/// The usual address, or any free port when that is taken.
async fn open(wanted: Option<SocketAddr>) -> Result<TcpListener, Failure> {
    if let Some(address) = wanted {
        return listen(address).await;
    }
    let usual: SocketAddr = config::LISTEN.parse().expect("the default address is one");
    match listen(usual).await {
        Ok(listener) => Ok(listener),
        Err(_) => listen(SocketAddr::new(usual.ip(), 0)).await,
    }
}

fn config(folder: &Path, week: &[Recorded], runners: Runners) -> Result<Config, Failure> {
    let mut secret = [0; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut secret))
        .map_err(|source| Failure::System { what: "randomness", source })?;
    let secrets = Secrets::new(&[secret]).map_err(config::ConfigError::from)?;
    let labels: std::collections::BTreeSet<&str> =
        week.iter().map(|job| job.pool.as_str()).collect();
    let pool = |label: &&str| Pool {
        name: (*label).to_owned(),
        labels: model::Labels::new([label]),
        runner_group: None,
    };
    Ok(Config {
        github: None,
        file: None,
        listen: config::LISTEN.parse().expect("the default address is one"),
        store: folder.join("demo.db"),
        secrets,
        token: None,
        pools: labels.iter().map(pool).collect(),
        emf: Emf::default(),
        retention: Retention::default(),
        scaler: Scaler::in_mode(match runners {
            Runners::Recorded => Mode::Off,
            Runners::Simulated => Mode::Simulated,
        }),
        targets: Vec::new(),
        rules: alarms::Rules::default(),
        pace: alarms::notify::Policy::default(),
        page_url: None,
        roots: client::Roots::default(),
        aws: crate::cli::aws::Account::default(),
    })
}

fn banner(speed: Speed, runners: Runners) -> Banner {
    let speed = match speed {
        Speed::Times(times) => format!("{times} times faster than life"),
        Speed::Max => "as fast as it goes".to_owned(),
    };
    Banner {
        severity: Severity::Info,
        text: match runners {
            Runners::Recorded => format!(
                "Demo: a recorded week of bitcoin/bitcoin's jobs, {speed}, moved to the last full \
                 week."
            ),
            Runners::Simulated => format!(
                "Demo: a recorded week of bitcoin/bitcoin's jobs, {speed}, moved to the last full \
                 week, on simulated runners. Until Thursday the scaler learns when jobs come, and \
                 each waits for a boot; then it holds stopped instances ready, and the waits fall."
            ),
        },
        remedy: Some("For your own jobs: headroom serve".into()),
    }
}

fn progress_bar(len: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} % of the week")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    // Hidden by itself where stderr is no terminal.
    let target = ProgressDrawTarget::stderr_with_hz(5);
    ProgressBar::with_draw_target(Some(len as u64), target).with_style(style)
}

fn summary(app: &App, sent: &[Delivery], runners: Runners) -> Result<Summary, StoreError> {
    let now = app.clock.now();
    let pools: Vec<PoolView> = app.reader.pools(now, &[api::WINDOW])?;
    let waits = app.reader.fleet_waits(&[ALL])?.first().copied().unwrap_or_default();
    Ok(Summary {
        runners,
        deliveries: sent.len(),
        jobs: pools.iter().map(|pool| pool.queued_total).sum(),
        wait_p50_secs: waits.p50_secs,
        wait_p95_secs: waits.p95_secs,
        pools: pools.into_iter().map(api::Pool::from).collect(),
    })
}

fn as_table(summary: &Summary) -> String {
    let secs = |secs: Option<u64>| secs.map_or("-".to_owned(), |secs| format!("{secs} s"));
    let runners = match summary.runners {
        Runners::Recorded => "recorded",
        Runners::Simulated => "simulated",
    };
    let week = Table::new(["the week", ">"]).with([
        ["runners".to_owned(), runners.to_owned()],
        ["deliveries".to_owned(), summary.deliveries.to_string()],
        ["jobs".to_owned(), summary.jobs.to_string()],
        ["wait p50".to_owned(), secs(summary.wait_p50_secs)],
        ["wait p95".to_owned(), secs(summary.wait_p95_secs)],
    ]);
    let pools = Table::new([
        "pool",
        ">jobs",
        ">completed",
        ">waiting",
        ">running",
        ">p50, last 24 h",
        ">p95, last 24 h",
    ])
    .with(summary.pools.iter().map(|pool| {
        [
            pool.name.clone(),
            pool.queued_total.to_string(),
            pool.completed_total.to_string(),
            pool.waiting.to_string(),
            pool.running.to_string(),
            secs(pool.wait_p50_secs),
            secs(pool.wait_p95_secs),
        ]
    }));
    format!("{}\n{}", render::table(&week), render::table(&pools))
}
