//! Sandboxes of Lambda: each a thread, of which one runs at a time.
//!
//! A sandbox waits before each call to the outside until it is told to go on, so calls of several are
//! interleaved as the seed says, and one may die between any two of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use model::Timestamp;
use scaler::Occasion;
use scaler_lambda::Event;

use crate::world::World;

/// What a sandbox is invoked with.
pub enum Task {
    /// Look at the queue.
    Look(Occasion),
    /// Lines of the webhook's log group.
    Lines(Vec<String>),
    /// An event of the lifecycle function.
    Event(Event),
}

/// What comes of an invocation.
pub enum Said {
    /// It waits before a call.
    Waits,
    /// It is over.
    Ended(Result<(), String>),
    /// A fault of the code.
    Panicked(String),
}

/// How a sandbox reaches the world.
#[derive(Clone)]
pub struct Line {
    world: Arc<Mutex<World>>,
    says: Sender<Said>,
    go: Arc<Mutex<Receiver<()>>>,
    /// Until when GitHub told this sandbox to ask nothing.
    pub limited_until: Arc<Mutex<Timestamp>>,
}

/// Lambda ended the sandbox.
struct Died;

impl Line {
    /// Waits for its turn, then does something in the world.
    pub fn call<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let _ = self.says.send(Said::Waits);
        if self.go.lock().unwrap().recv().is_err() {
            resume_unwind(Box::new(Died));
        }
        act(&mut self.now())
    }

    /// The world as it is in this turn.
    pub fn now(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

/// A sandbox, as Lambda sees it.
pub struct Sandbox {
    tasks: Sender<Task>,
    go: Sender<()>,
    says: Receiver<Said>,
    thread: JoinHandle<()>,
    /// What is meant for an earlier one is void.
    pub invocation: u64,
    pub is_at_work: bool,
}

impl Sandbox {
    /// Starts one whose function `make` makes.
    pub fn start<F>(
        world: &Arc<Mutex<World>>,
        make: impl FnOnce(Line) -> F + Send + 'static,
    ) -> Self
    where
        F: FnMut(Task) -> Result<(), String>,
    {
        let ((tasks, given), (go, going), (says, said)) = (channel(), channel(), channel());
        let line = Line {
            world: Arc::clone(world),
            says: says.clone(),
            go: Arc::new(Mutex::new(going)),
            limited_until: Arc::new(Mutex::new(Timestamp::EPOCH)),
        };
        let thread = std::thread::spawn(move || {
            let mut function = make(line);
            for task in given {
                match catch_unwind(AssertUnwindSafe(|| function(task))) {
                    Ok(done) => drop(says.send(Said::Ended(done))),
                    Err(why) if why.is::<Died>() => return,
                    Err(why) => {
                        let text = why.downcast_ref::<String>().cloned().unwrap_or_default();
                        drop(says.send(Said::Panicked(text)));
                        return;
                    }
                }
            }
        });
        Sandbox { tasks, go, says: said, thread, invocation: 0, is_at_work: false }
    }

    /// Invokes it, until it waits or is done.
    pub fn begin(&mut self, invocation: u64, task: Task) -> Said {
        (self.invocation, self.is_at_work) = (invocation, true);
        self.tasks.send(task).unwrap();
        self.says.recv().unwrap()
    }

    /// Lets it do the call before which it waits.
    pub fn go_on(&mut self) -> Said {
        self.go.send(()).unwrap();
        self.says.recv().unwrap()
    }

    /// Ends it where it stands.
    pub fn end(self) {
        let Sandbox { tasks, go, says, thread, .. } = self;
        drop((tasks, go, says));
        thread.join().unwrap();
    }
}
