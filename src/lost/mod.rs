//! Finds what no webhook told: GitHub delivers at most once, and not at all while nobody listens.
//!
//! Every few minutes GitHub is asked which deliveries failed, and to make them once more; then which
//! jobs it has that the store does not know as they are. What is found goes into the store by the
//! way of all deliveries. It runs on a thread of its own, since calls block, and only where there is
//! a section `[github]`. Nothing of it is kept over a restart: a new process looks at the last hours
//! again.

mod budget;
mod keeper;
mod mending;
mod redelivery;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use client::{Client, Limits, Roots};
use github::GitHub;

use crate::config::GitHubAccess;
use crate::http::App;
use keeper::Keeper;
pub use redelivery::{LOOKS_BACK, lost};

/// Lets the thread go on; dropping it ends the thread after the call that is under way.
#[derive(Debug)]
pub struct Search(#[expect(dead_code, reason = "held, not read")] Sender<()>);

/// GitHub as it is configured.
pub fn github(access: &GitHubAccess, roots: &Roots) -> GitHub {
    let client = Client::new(Limits::default(), roots);
    GitHub::new(client, access.api.clone(), access.who.clone(), access.owner.clone())
}

/// Starts to look.
///
/// # Errors
/// When the system gives no thread.
pub fn start(app: &Arc<App>, access: &GitHubAccess, roots: &Roots) -> io::Result<Search> {
    let (search, ended) = channel();
    let keeper = Keeper::new(Arc::clone(app), access, github(access, roots), ended);
    thread::Builder::new().name("to GitHub".into()).spawn(|| keeper.run())?;
    Ok(Search(search))
}
