//! The dashboards: the definitions of what is drawn ([`board`]) and the Headroom page: plain data
//! in, one HTML document out.
//!
//! The host aggregates and sorts; this crate draws. It never reads a clock, a file or a socket, so
//! the same [`Page`] always yields the same bytes. Every text that came from a webhook is escaped.
//!
//! - [`page`] is the whole document, [`fragment`] the part inside `<main id="live">` that the
//!   script swaps when something changed.
//! - [`assets`] holds the stylesheet, the script and the icon; nothing is loaded from elsewhere.
//!   There are no inline scripts, styles or handlers: [`CONTENT_SECURITY_POLICY`] is enough.
//! - The host serves `/`, the [`assets`] (cacheable for good, their addresses carry a
//!   fingerprint), and `/events`: an event stream that says `changed` when something did. The
//!   script then asks for the same address with the header `X-Headroom-Fragment: 1`.
//! - Instants are milliseconds since the Unix epoch (`_ms`), shown in UTC. Durations are
//!   milliseconds too, except in chart series, which are in seconds (`_secs`).

mod alarms;
pub mod assets;
pub mod board;
mod chart;
pub mod cloudwatch;
mod data;
mod difference;
mod format;
pub mod grafana;
mod grid;
mod job;
mod layout;
mod link;
pub mod panel;
mod range;
mod rendering;
pub mod report;
mod text;
mod utc;
mod view;
mod views;

pub use alarms::{AlarmChange, AlarmRow, AlarmSeverity, AlarmState};
pub use assets::{APP_CSS, APP_JS, FAVICON_SVG};
pub use data::{
    Banner, BoardView, Choices, Content, Headline, Overview, Page, PoolRow, PoolTable, Severity,
    Waits,
};
pub use difference::{Difference, differences};
pub use format::{duration, duration_secs};
pub use grid::{Grid, HeatMap, STEPS_MAX, Series, WAIT_BOUNDS_SECS};
pub use job::{JobRow, JobState};
pub use link::decisions_url;
pub use panel::{Panel, Picture, Section, Table};
pub use range::Range;
pub use rendering::Rendering;
pub use view::{JobFilter, Listing, Place, Sort, Span, View};
pub use views::{
    AlarmList, Change, Decision, DecisionList, JobList, JobStory, Launch, Moment, Reasons, Scaling,
    ScalingMode, Stretch,
};

/// The strictest policy under which the page works in full.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
     script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// The whole document, ready to be served as `text/html; charset=utf-8`.
pub fn page(page: &Page) -> String {
    layout::document(page).into_string()
}

/// What stands inside `<main id="live">`: the answer to a request with `X-Headroom-Fragment: 1`.
pub fn fragment(page: &Page) -> String {
    layout::live(page).into_string()
}
