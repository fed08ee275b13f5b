//! Looks for what no webhook told, by [`lost::Search`].
//!
//! It runs on a thread of its own, since calls block, and only where there is a section `[github]`.

mod keeper;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use client::{Client, Limits, Roots};
use github::GitHub;

use crate::config::GitHubAccess;
use crate::http::App;
use keeper::Keeper;

/// Lets the thread go on; dropping it ends the thread after the call that is under way.
#[derive(Debug)]
pub struct Search(#[expect(dead_code, reason = "held, not read")] Sender<()>);

/// GitHub as it is configured.
pub fn github(access: &GitHubAccess, roots: &Roots, limits: Limits) -> GitHub {
    let client = Client::new(limits, roots);
    GitHub::new(client, access.api.clone(), access.who.clone(), access.owner.clone())
}

/// Starts to look.
///
/// # Errors
/// When the system gives no thread.
pub fn start(app: &Arc<App>, access: &GitHubAccess, roots: &Roots) -> io::Result<Search> {
    let (search, ended) = channel();
    let keeper =
        Keeper::new(Arc::clone(app), access, github(access, roots, Limits::default()), ended);
    thread::Builder::new().name("to GitHub".into()).spawn(|| keeper.run())?;
    Ok(Search(search))
}
