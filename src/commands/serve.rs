//! `headroom serve`: webhooks in, history, page, metrics out.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use dashboards::Banner;
use ingest::Observer;
use local::{Meter, Printer, Reader, Settings, Sink, Store, Writer, WriterSettings};
use model::emf::{Encoder, Record};
use model::{Dimensions, Timestamp, catalogue as c};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::cli::ServeArgs;
use crate::clock::Clock;
use crate::cloud::{Cloud, ScaledGroups, Stream};
use crate::config::{Config, EmfTarget, Flags, Mode, Target};
use crate::exit::{self, Failure};
use crate::http::{App, Limits, Pages, QUESTIONS_MAX, Room, Throttle, router, serve};
use crate::notify::{self, Doorbell};
use crate::scaling::{self, Desk, LOOKS_MAX, Scaling};
use crate::search::{self, Search};
use crate::watch::{self as alarm_watch, Watch};

/// Deliveries that may wait for the store: over a second of a busy organisation's worst burst, and
/// a few megabytes.
const QUEUE_LEN: usize = 4096;

/// Time passes in the store this often.
const TICK: Duration = Duration::from_secs(1);

/// A writer that takes longer is stuck: a usual answer takes milliseconds.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// Threads that may block: those of the questions and of the looks at pools, which bound themselves,
/// and as many again for all others. Each keeps a megabyte or two for its next task, and without a
/// bound a burst of looks leaves a hundred of them.
const BLOCKING_THREADS_MAX: usize = 2 * (QUESTIONS_MAX + LOOKS_MAX);

/// Runs until it is asked to end.
///
/// # Errors
/// When the configuration, the store or the address cannot be used.
pub fn run(args: &ServeArgs) -> Result<u8, Failure> {
    let flags = Flags { emf: args.emf.clone(), ..args.place.flags() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    runtime()?.block_on(async {
        let asked = asked_to_end();
        let listener = listen(config.listen).await?;
        let house = House::build(config, Clock::System, None, &listener)?;
        house.announce();
        house.run(listener, asked).await
    })?;
    Ok(exit::OK)
}

/// The threads that everything runs on.
///
/// # Errors
/// When the system gives none.
pub fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .map_err(|source| Failure::System { what: "threads", source })
}

/// Listens at an address.
///
/// # Errors
/// When the address is taken or not this machine's.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|source| Failure::Listen { address, source })
}

/// A server that is built and not yet running.
#[derive(Debug)]
pub struct House {
    /// What the doors share.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    config: Config,
    close: watch::Sender<bool>,
}

impl House {
    /// Wires everything together.
    ///
    /// # Errors
    /// When the store, the EMF file or AWS cannot be used.
    pub fn build(
        config: Config,
        clock: Clock,
        banner: Option<Banner>,
        listener: &TcpListener,
    ) -> Result<House, Failure> {
        let address = listener
            .local_addr()
            .map_err(|source| Failure::System { what: "the address", source })?;
        let acts = config.scaler.mode == Mode::Act;
        let groups = acts.then(|| groups(&config)).transpose()?;
        let roll_ups = config.emf.roll_ups.clone();
        let meter = Arc::new(Meter::new(roll_ups.clone()));
        let desk = Desk::default();
        let settings = Settings {
            pools: config.pools.clone(),
            roll_ups: roll_ups.clone(),
            retention: config.retention,
            journal: Arc::clone(&desk.journal),
            bell: Arc::clone(&desk.bell),
            deleted: Arc::default(),
        };
        let deleted = Arc::clone(&settings.deleted);
        let mut store = Store::open(&config.store, settings, Arc::clone(&meter))?;
        give_up_other_targets(&mut store, &config, &meter, clock.now())?;
        let reader = Arc::new(Reader::open(&config.store)?);
        let scaler = config.scaler.clone();
        let scaling = Scaling::new(scaler, Arc::clone(&reader), Arc::clone(&meter), desk, groups);
        let writer = WriterSettings { sink: sink(&config)?, queue_len: QUEUE_LEN };
        let writer = Writer::start(store, writer)
            .map_err(|source| Failure::System { what: "a thread", source })?;
        let (close, closing) = watch::channel(false);
        let app = App {
            clock,
            secrets: config.secrets.clone(),
            access: App::access(address.ip().is_loopback(), config.token.clone()),
            observer: Observer::new(roll_ups),
            meter,
            writer,
            deleted,
            is_stuck: AtomicBool::new(false),
            is_emf_stalled: AtomicBool::new(false),
            reader,
            scaling: Arc::new(scaling),
            watch: watch_over(&config, address),
            doorbell: Doorbell::default(),
            throttle: Throttle::default(),
            bodies: Room::default(),
            questions: Arc::new(Semaphore::new(QUESTIONS_MAX)),
            pages: Pages::default(),
            news: watch::channel(0).0,
            closing,
            last_delivery_ms: AtomicI64::new(0),
            banner,
            webhook_url: format!("http://{address}/webhook"),
        };
        Ok(House { app: Arc::new(app), address, config, close })
    }

    fn announce(&self) {
        let House { config, address, .. } = self;
        let pools = match config.pools.len() {
            0 => "each label set is a pool".to_owned(),
            n => format!("{n} configured"),
        };
        let store = config.store.display().to_string();
        let scaler = config.scaler.mode.as_str();
        tracing::info!(url = %format!("http://{address}/"), store, pools, scaler, "serving");
        if config.secrets.is_empty() {
            tracing::warn!(
                "no webhook secret: /webhook answers 503 until HEADROOM_WEBHOOK_SECRET or \
                 webhook.secret_files is set"
            );
        }
        if !config.is_loopback() && config.token.is_none() {
            tracing::warn!(
                "the address reaches beyond this machine and no token is set: page, API and \
                 /metrics answer 401 until HEADROOM_TOKEN or access.token_file is set"
            );
        }
    }

    /// Serves until `asked_to_end`, then answers what is under way, makes durable what was taken
    /// and publishes the open minute.
    ///
    /// # Errors
    /// When the last minute cannot be published.
    pub async fn run(
        self,
        listener: TcpListener,
        asked_to_end: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let House { app, close, config, .. } = self;
        let ticking = tokio::spawn(tick(Arc::clone(&app)));
        let scaling = scale(&app);
        let watching = watch_alarms(&app, &config)?;
        let search = look_for_lost_webhooks(&app, &config)?;
        let closing = async {
            asked_to_end.await;
            tracing::info!("ending: no new requests, finishing those under way");
            let _ = close.send(true);
        };
        serve(listener, router(Arc::clone(&app)), Limits::default(), closing)
            .await
            .map_err(|source| Failure::System { what: "to serve", source })?;
        app.doorbell.end();
        drop(search);
        for task in [Some(ticking), scaling, Some(watching)].into_iter().flatten() {
            task.abort();
            let _ = task.await;
        }
        // What was answered is durable; only the last EMF lines can be left.
        timeout(ANSWER_TIME_MAX, app.writer.finish()).await.map_err(|_| Failure::File {
            what: match app.writer.emf_progress() {
                (0, _) => "the store",
                _ => "the EMF output: its last lines are not read",
            }
            .into(),
            source: io::ErrorKind::TimedOut.into(),
        })??;
        tracing::info!("everything that was accepted is stored");
        Ok(())
    }
}

/// Starts the scaler, unless it is off or the player of the demo moves it with its clock.
fn scale(app: &Arc<App>) -> Option<JoinHandle<()>> {
    let is_ours = matches!(app.clock, Clock::System) && app.scaling.mode() != Mode::Off;
    is_ours.then(|| tokio::spawn(scaling::run(Arc::clone(app))))
}

/// Starts to look at the alarms and to tell of them.
fn watch_alarms(app: &Arc<App>, config: &Config) -> Result<JoinHandle<()>, Failure> {
    let started = notify::start(app, &config.targets, &config.roots);
    started.map_err(|source| Failure::System { what: "a thread", source })?;
    Ok(tokio::spawn(alarm_watch::run(Arc::clone(app))))
}

/// Starts to ask GitHub what was lost, where that is configured.
fn look_for_lost_webhooks(app: &Arc<App>, config: &Config) -> Result<Option<Search>, Failure> {
    let started = config.github.as_ref().map(|access| search::start(app, access, &config.roots));
    started.transpose().map_err(|source| Failure::System { what: "a thread", source })
}

/// What is on its way to targets that are no longer configured would stay for ever.
fn give_up_other_targets(
    store: &mut Store,
    config: &Config,
    meter: &Meter,
    now: Timestamp,
) -> Result<(), Failure> {
    let given_up = store.give_up_other_targets(&notify::names(&config.targets), now)?;
    if given_up > 0 {
        tracing::warn!(given_up, "notifications to targets that are no longer configured");
        let counted = c::NOTIFICATIONS_GIVEN_UP.inc_by(given_up);
        meter.observe(Record::new(now, Dimensions::none()).with(counted));
    }
    Ok(())
}

fn watch_over(config: &Config, address: SocketAddr) -> Watch {
    let severities = |target: &Target| (target.name.clone(), target.severities.clone());
    let policy = alarms::notify::Policy {
        targets: config.targets.iter().map(severities).collect(),
        ..config.pace.clone()
    };
    let rules = config.rules.clone();
    let rules = match config.scaler.mode {
        Mode::Off => rules.without(&alarms::list::OF_SCALER),
        Mode::DryRun | Mode::Simulated | Mode::Act => rules.without(&alarms::list::OF_REGISTRATION),
    };
    Watch::new(rules, policy, config.links(address))
}

async fn tick(app: Arc<App>) {
    let mut beat = interval(TICK);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut emf = (0, Instant::now());
    loop {
        beat.tick().await;
        watch_emf(&app, &mut emf);
        let is_stuck = timeout(ANSWER_TIME_MAX, app.writer.tick(app.clock.now())).await.is_err();
        if app.is_stuck.swap(is_stuck, Ordering::Relaxed) != is_stuck {
            if is_stuck {
                tracing::error!("the store is stuck; deliveries are answered 503");
            } else {
                tracing::info!("the store goes on");
            }
        }
    }
}

/// Notes whether EMF lines have waited for long; `last` is how many were written when it went on.
fn watch_emf(app: &App, last: &mut (u64, Instant)) {
    let (waiting, written) = app.writer.emf_progress();
    if waiting == 0 || written != last.0 {
        *last = (written, Instant::now());
    }
    let is_stalled = last.1.elapsed() >= ANSWER_TIME_MAX;
    if app.is_emf_stalled.swap(is_stalled, Ordering::Relaxed) != is_stalled {
        if is_stalled {
            tracing::warn!(
                waiting,
                "nobody reads the EMF output; deliveries are taken all the same"
            );
        } else {
            tracing::info!("the EMF output is read again");
        }
    }
}

fn groups(config: &Config) -> Result<ScaledGroups, Failure> {
    let github = config
        .github
        .as_ref()
        .map(|access| search::github(access, &config.roots, github::LOOK_LIMITS));
    ScaledGroups::connect(&config.aws, github)
}

fn sink(config: &Config) -> Result<Option<Sink>, Failure> {
    let emf = &config.emf;
    let out: Box<dyn Write + Send> = match &emf.to {
        EmfTarget::Off => return Ok(None),
        EmfTarget::Stdout => {
            let out = Printer::stdout();
            Box::new(out.map_err(|source| Failure::File { what: "stdout".to_owned(), source })?)
        }
        EmfTarget::LogGroup(group) => {
            let stream = Stream { group: group.clone(), name: emf.stream.clone() };
            Cloud::printer(&config.aws, &stream)?
        }
        EmfTarget::File(path) => {
            let out = Printer::append(path);
            Box::new(out.map_err(|source| Failure::File {
                what: format!("the EMF file {}", path.display()),
                source,
            })?)
        }
    };
    let encoder = Encoder::new(emf.roll_ups.clone(), emf.form);
    Ok(Some(Sink { out, encoder, per_event: emf.per_event }))
}

/// Takes SIGINT and SIGTERM from this call on, so that the first word of a server is not also its
/// last; resolves on either.
pub fn asked_to_end() -> impl Future<Output = ()> {
    let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        tokio::select! {
            () = heard(interrupt) => {}
            () = heard(terminate) => {}
        }
    }
}

/// Resolves on the signal; never, where the system does not tell of it.
async fn heard(signal: io::Result<Signal>) {
    match signal {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}
