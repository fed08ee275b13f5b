//! The loop over the Lambda Runtime API.

use std::sync::{Arc, Mutex, PoisonError};

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use model::Timestamp;
use serde_json::Value;

use crate::{Event, Lifecycle, Tick};

/// One of the two functions.
pub enum Function {
    /// Looks at the queues.
    Tick(Box<Tick>),
    /// Hears of instances.
    Lifecycle(Box<Lifecycle>),
}

impl Function {
    fn handle(
        &mut self,
        event: Event,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Result<Value, String> {
        match self {
            Function::Tick(tick) => tick.handle(event, deadline),
            Function::Lifecycle(lifecycle) => lifecycle.handle(event, now),
        }
    }
}

/// Answers one event after the other until Lambda ends the sandbox. What is no event, and a fault of
/// ours, are the error of that invocation, and the next one is awaited.
///
/// # Errors
/// When the Runtime API does not answer any more.
pub async fn run(function: Function, clock: fn() -> Timestamp) -> Result<(), Error> {
    let function = Arc::new(Mutex::new(function));
    let answer = move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move {
            let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
            let deadline = Timestamp::from_millis(deadline);
            let event = Event::read(&event.payload)?;
            // AWS is waited for, which no thread of the event loop may do.
            let work = move || {
                let mut function = function.lock().unwrap_or_else(PoisonError::into_inner);
                function.handle(event, clock(), deadline)
            };
            Ok::<Value, Error>(tokio::task::spawn_blocking(work).await??)
        }
    };
    Runtime::new(service_fn(answer)).run().await
}
