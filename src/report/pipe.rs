//! Reading on one thread, counting on another.

use std::sync::mpsc::{SyncSender, sync_channel};

use scaler::capacity::{Batch, Question, Tally, Vocabulary};

use crate::exit::Failure;

/// Batches between the two: a few megabytes, and neither waits for the other's hiccups.
const BATCHES_MAX: usize = 4;

/// Where facts go.
pub(super) struct Facts {
    /// The names of all that they are told apart by.
    pub(super) words: Vocabulary,
    /// The facts that are gathered now.
    pub(super) batch: Batch,
    sender: SyncSender<Batch>,
}

impl Facts {
    /// Hands the batch over if it is full; to be called after each fact. Whether anybody counts
    /// them still.
    pub(super) fn flow(&mut self) -> bool {
        !self.batch.is_full() || self.hand_over()
    }

    fn hand_over(&mut self) -> bool {
        self.sender.send(std::mem::take(&mut self.batch)).is_ok()
    }
}

/// Counts what `read` tells, while it reads, with names that are known already.
///
/// # Errors
/// Those of `read`.
pub(super) fn count<T>(
    question: Question,
    words: Vocabulary,
    read: impl FnOnce(&mut Facts) -> Result<T, Failure>,
) -> Result<(Tally, Vocabulary, T), Failure> {
    let (sender, receiver) = sync_channel::<Batch>(BATCHES_MAX);
    std::thread::scope(|scope| {
        let counting = scope.spawn(move || {
            let mut tally = Tally::new(question);
            for batch in receiver {
                tally.take(&batch);
            }
            tally
        });
        let mut facts = Facts { words, batch: Batch::default(), sender };
        let read = read(&mut facts);
        facts.hand_over();
        let Facts { words, sender, .. } = facts;
        drop(sender);
        let tally = counting.join().expect("counting does not panic");
        read.map(|read| (tally, words, read))
    })
}
