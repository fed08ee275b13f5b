//! The webhook: an event in, EMF lines and an answer out.
//!
//! The checks, their order and the answers are those of `headroom serve`. The difference is that
//! nothing is stored: what becomes known of a job is what its event alone says, and a repeat is
//! known only while it is among the last in this sandbox.

use std::io::Write;

use ingest::{
    Content, Delivery, MediaType, Observer, Rejection, Router, Throttle, receive, stateless,
};
use model::emf::{Encoder, Record, summed};
use model::{DeliveryId, JobKey, Phase, Timestamp};

use crate::answer::{Answer, Reply};
use crate::event::{Door, Event, Message, Sent};
use crate::keys::Keys;
use crate::lines::Lines;
use crate::recent::Recent;
use crate::settings::Settings;

/// The webhook of one sandbox, which invokes it one event at a time.
#[derive(Debug)]
pub struct Webhook {
    keys: Keys,
    router: Router,
    observer: Observer,
    deliveries: Recent<DeliveryId>,
    phases: Recent<(JobKey, Phase)>,
    lines: Lines,
    throttle: Throttle,
}

/// A delivery that was taken in.
struct Taken {
    status: u16,
    outcome: &'static str,
    records: Vec<Record>,
    seen: Option<Seen>,
}

/// By which a repeat is known.
struct Seen {
    delivery: DeliveryId,
    phase: Option<(JobKey, Phase)>,
}

impl Webhook {
    /// As the settings say, with its lines going to `out`.
    pub fn new(settings: Settings, out: Box<dyn Write + Send>) -> Self {
        let Settings { sources, extension, pools, roll_ups, form, stamp } = settings;
        let encoder = Encoder::new(roll_ups.clone(), form);
        Webhook {
            keys: Keys::new(sources, extension),
            router: Router::new(pools, []),
            observer: Observer::new(roll_ups),
            deliveries: Recent::default(),
            phases: Recent::default(),
            lines: Lines::new(out, encoder, stamp),
            throttle: Throttle::default(),
        }
    }

    /// Takes one event in.
    pub async fn answer(&mut self, event: Event, now: Timestamp) -> Answer {
        match event {
            Event::Http(http) => {
                let outcome = self.request(&http.method, &http.sent, now).await;
                Answer::Http(http.door, reply(&outcome))
            }
            Event::Queue(messages) => Answer::Queue(self.batch(&messages, now).await),
            Event::Unknown => {
                let rejection = Rejection::Body(
                    "it came neither from API Gateway nor from a function URL, a load balancer or SQS",
                );
                let records = vec![self.refused(&rejection, now)];
                let written = self.write(&records, now);
                Answer::Http(Door::Gateway, reply(&written.and(Err(rejection))))
            }
        }
    }

    /// One request whose sender waits: taken in only if its lines are written.
    async fn request(
        &mut self,
        method: &str,
        sent: &Sent,
        now: Timestamp,
    ) -> Result<(u16, &'static str), Rejection> {
        let taken = match method {
            "POST" => self.take(sent, now).await,
            _ => Err(Rejection::MethodNotAllowed),
        };
        match taken {
            Ok(taken) => {
                let written = self.write(&taken.records, now);
                if let (Err(_), Some(seen)) = (&written, &taken.seen) {
                    self.forget(seen);
                }
                written.map(|()| (taken.status, taken.outcome))
            }
            Err(rejection) => {
                let record = self.refused(&rejection, now);
                self.write(&[record], now)?;
                Err(rejection)
            }
        }
    }

    /// A batch of which nobody waits for an answer. Gives back the messages that are to come again:
    /// those that could not be taken in by no fault of theirs. What is refused for good would be
    /// refused again.
    async fn batch(&mut self, messages: &[Message], now: Timestamp) -> Vec<String> {
        let (mut records, mut seen, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        // Once for all of them: without any secret each would ask for it and wait as long anew, and
        // the function would end before its answer.
        let verifiable = self.keys.current(now).await.map(drop);
        for message in messages {
            let taken = match &verifiable {
                Ok(()) => self.take(&message.sent, now).await,
                Err(rejection) => Err(rejection.clone()),
            };
            match taken {
                Ok(taken) => {
                    records.extend(taken.records);
                    seen.extend(taken.seen);
                }
                Err(rejection) => {
                    records.push(self.refused(&rejection, now));
                    if rejection.retry_after_secs().is_some() {
                        failed.push(message.id.clone());
                    }
                }
            }
        }
        if self.write(&summed(records, now), now).is_err() {
            for seen in &seen {
                self.forget(seen);
            }
            failed = messages.iter().map(|message| message.id.clone()).collect();
        }
        failed
    }

    async fn take(&mut self, sent: &Sent, now: Timestamp) -> Result<Taken, Rejection> {
        let delivery = self.receive(sent, now).await?;
        Ok(match &delivery.content {
            Content::Ping => {
                tracing::info!(delivery = %delivery.id, "GitHub says hello: the webhook works");
                Taken { status: 200, outcome: "pong", records: Vec::new(), seen: None }
            }
            Content::Ignored => {
                let records = vec![self.observer.ignored(now)];
                Taken { status: 200, outcome: "ignored", records, seen: None }
            }
            Content::Job(event) => {
                let phase = (event.key, event.phase);
                self.observe(delivery, Some(phase), now)
            }
            Content::Run(_) => self.observe(delivery, None, now),
        })
    }

    fn observe(
        &mut self,
        delivery: Delivery,
        phase: Option<(JobKey, Phase)>,
        now: Timestamp,
    ) -> Taken {
        let is_known = |phase| self.phases.knows(phase);
        if self.deliveries.knows(&delivery.id) || phase.as_ref().is_some_and(is_known) {
            let records = vec![self.observer.duplicate(now)];
            return Taken { status: 202, outcome: "duplicate", records, seen: None };
        }
        let seen = Seen { delivery: delivery.id.clone(), phase };
        self.deliveries.remember(seen.delivery.clone());
        seen.phase.into_iter().for_each(|phase| self.phases.remember(phase));
        let records = stateless(delivery, now, &mut self.router, &self.observer);
        Taken { status: 202, outcome: "accepted", records, seen: Some(seen) }
    }

    /// Verifies and reads; a signature that fits no known secret is tried with those of now.
    async fn receive(&mut self, sent: &Sent, now: Timestamp) -> Result<Delivery, Rejection> {
        let secrets = self.keys.current(now).await?;
        let request = sent.request(b"");
        let body = match sent.bytes() {
            Ok(body) => body,
            // What comes before an unreadable body in the order of checks.
            Err(rejection) => {
                MediaType::of(request.content_type)?;
                request.signature.ok_or(Rejection::SignatureMissing)?;
                return Err(rejection);
            }
        };
        let request = sent.request(&body);
        let received = receive(&request, secrets);
        if received != Err(Rejection::SignatureWrong) {
            return received;
        }
        let again = match self.keys.renew(now).await {
            true => receive(&request, self.keys.current(now).await?),
            false => received,
        };
        match again {
            Err(Rejection::SignatureWrong) if !self.keys.are_complete() => {
                Err(Rejection::SecretUnavailable)
            }
            again => again,
        }
    }

    fn refused(&mut self, rejection: &Rejection, now: Timestamp) -> Record {
        if let Some(left_out) = self.throttle.admit(rejection.reason(), now) {
            let (status, reason) = rejection.answer();
            tracing::warn!(status, reason, left_out, %rejection, "a webhook request is refused");
        }
        self.observer.rejected(rejection, now)
    }

    fn write(&mut self, records: &[Record], now: Timestamp) -> Result<(), Rejection> {
        self.lines.write(records, now).map_err(|error| {
            if let Some(left_out) = self.throttle.admit("lines", now) {
                tracing::error!(%error, left_out, "EMF lines cannot be written");
            }
            Rejection::StoreUnavailable
        })
    }

    fn forget(&mut self, Seen { delivery, phase }: &Seen) {
        self.deliveries.forget(delivery);
        if let Some(phase) = phase {
            self.phases.forget(phase);
        }
    }
}

fn reply(outcome: &Result<(u16, &'static str), Rejection>) -> Reply {
    let body = match outcome {
        Ok((_, outcome)) => serde_json::json!({ "outcome": outcome }),
        Err(rejection) => serde_json::json!({ "error": rejection.to_string() }),
    };
    let rejection = outcome.as_ref().err();
    Reply {
        status: outcome.as_ref().map_or_else(Rejection::status, |(status, _)| *status),
        body: format!("{body}\n"),
        retry_after_secs: rejection.and_then(Rejection::retry_after_secs),
        allows_post: rejection == Some(&Rejection::MethodNotAllowed),
    }
}

#[cfg(test)]
mod tests;
