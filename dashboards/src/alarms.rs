//! Alarms as the host knows them: how each stands, and when it changed.
//!
//! The words come with the rows; this crate knows no alarm by name.

/// One alarm of one pool, or of the fleet, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmRow {
    /// Its name, such as `pool-exhausted`.
    pub name: String,
    /// The pool it watches; `None`: the whole fleet.
    pub pool: Option<String>,
    /// Further pools in which it stands as in this one, and which have no row of their own: of five
    /// hundred that are calm, one says all there is to say.
    pub more: usize,
    /// Whom it concerns.
    pub severity: AlarmSeverity,
    /// How it stands.
    pub state: AlarmState,
    /// Since when it stands so, in milliseconds since the Unix epoch; `None` if it never changed.
    pub since_ms: Option<i64>,
    /// What it means when it fires, as a sentence.
    pub meaning: String,
    /// When it fires, in words: `waiting > 0 in 3 of 5 minutes`.
    pub condition: String,
    /// The figures now, as a sentence; empty if there are none.
    pub figures: String,
    /// Likely causes, the likeliest first.
    pub causes: Vec<String>,
    /// What to do, the first thing first.
    pub actions: Vec<String>,
    /// The name of its runbook, which is shown at `/runbooks/NAME`.
    pub runbook: Option<String>,
}

/// One change of an alarm's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmChange {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The alarm's name.
    pub name: String,
    /// The pool it watches; `None`: the whole fleet.
    pub pool: Option<String>,
    /// Whom it concerns.
    pub severity: AlarmSeverity,
    /// How it stands since then.
    pub to: AlarmState,
    /// The figures then, as a sentence; empty if there are none.
    pub figures: String,
    /// How long it had stood as it did before, in milliseconds; `None` if that is not known.
    pub lasted_ms: Option<i64>,
}

/// Whom an alarm concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmSeverity {
    /// Whoever is on call, now.
    Page,
    /// Whoever works on it next.
    Ticket,
    /// Whoever looks.
    Info,
}

/// How an alarm stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmState {
    /// Its condition is met.
    Firing,
    /// Too little is known to say.
    Unknown,
    /// Its condition is not met.
    Calm,
}

impl AlarmSeverity {
    /// The word on the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
            Self::Info => "info",
        }
    }
}

impl AlarmState {
    /// The words on the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Unknown => "no data",
            Self::Calm => "calm",
        }
    }
}
