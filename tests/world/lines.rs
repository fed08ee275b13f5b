//! What a process writes, line by line, while it runs.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::PATIENCE;

/// The lines so far. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    /// Collects from `source` until it ends.
    pub(super) fn collect(source: impl Read + Send + 'static) -> Self {
        let lines = Lines::default();
        let sink = lines.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(source);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
                sink.change(|state| state.lines.push(text));
                line.clear();
            }
            sink.change(|state| state.ended = true);
        });
        lines
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    /// The first line, now or later, that `wanted` finds something in; `None` when the process
    /// ended without one.
    pub(super) fn find<T>(&self, wanted: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (state, news) = &*self.0;
        let state = state.lock().unwrap();
        let look = |state: &State| state.lines.iter().find_map(|line| wanted(line));
        let (state, _) = news
            .wait_timeout_while(state, PATIENCE, |state| look(state).is_none() && !state.ended)
            .unwrap();
        look(&state)
    }

    /// The lines so far.
    pub(super) fn so_far(&self) -> Vec<String> {
        self.0.0.lock().unwrap().lines.clone()
    }

    /// All lines, once the process has ended.
    pub(super) fn all(&self) -> Vec<String> {
        let (state, news) = &*self.0;
        let state = state.lock().unwrap();
        let (state, late) = news.wait_timeout_while(state, PATIENCE, |state| !state.ended).unwrap();
        assert!(!late.timed_out(), "the output does not end");
        state.lines.clone()
    }
}
