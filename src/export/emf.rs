//! A job as EMF: one line for each of its events, as `serve` writes them event by event, and one for
//! its end where it was given up.
//!
//! `_aws.Timestamp` is the receipt. Lines hold what dimensions cannot: a pool's name that is not
//! ASCII, and a page that is not the usual one.

use ingest::ledger::{self, retell};
use ingest::past::emf::{POOL, URL};
use ingest::{Job, Observer, Route};
use local::PastJob;
use model::emf::{Encoder, Property, dimension_value};

use crate::config::Emf;

/// Writes jobs as EMF.
#[derive(Debug)]
pub struct Lines {
    observer: Observer,
    encoder: Encoder,
}

impl Lines {
    /// With the roll-ups of a configuration.
    pub fn new(emf: &Emf) -> Self {
        let observer = Observer::new(emf.roll_ups.clone());
        Lines { observer, encoder: Encoder::new(emf.roll_ups.clone(), emf.form) }
    }

    /// Appends the lines of one job.
    pub fn write(&self, past: &PastJob, out: &mut Vec<u8>) {
        let route = Route { pool: past.job.pool.clone(), routed: past.job.routed };
        let mut told = None;
        for (at, event) in retell(&past.job, past.receipts) {
            let folded = ledger::fold(told.take(), event, route.clone(), at);
            let (job, transition) = folded.expect("each phase is told once");
            // The first record is the event's own; the others follow from it when it is imported.
            let records = self.observer.job(job.clone(), &transition, None);
            for mut record in records.into_iter().take(1) {
                record.properties.extend(beside(past));
                let written = self.encoder.write(&record, out);
                written.expect("an event gives all dimensions that its metrics are published by");
            }
            told = Some(job);
        }
        if let Some(at) = past.given_up_at {
            let was = Job { expired: false, ..past.job.clone() }.stage();
            let record = self.observer.job_gone(past.job.key, &past.job.pool, was, at);
            let written = self.encoder.write(&record, out);
            written.expect("it gives all dimensions that its metric is published by");
        }
    }
}

fn beside(past: &PastJob) -> impl Iterator<Item = (&'static str, Property)> {
    let pool = &past.job.pool;
    let whole = (dimension_value(pool) != pool.as_str()).then(|| (POOL, pool.clone()));
    let page = past.job.url.clone().map(|url| (URL, url));
    whole.into_iter().chain(page).map(|(key, text)| (key, Property::Text(text)))
}
