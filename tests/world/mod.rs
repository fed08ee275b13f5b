//! The language of the stories: a real server process, a client that can also misbehave, jobs that
//! become signed deliveries, and what can be read back.

mod authority;
mod chance;
mod delivery;
mod doors;
mod emf;
mod extension;
mod github;
mod grafana;
mod http;
mod job;
mod lines;
mod past;
mod program;
mod receiver;
mod runtime_api;
mod sandbox;
mod scrape;
mod server;
mod setup;
mod store;
mod wait;

pub(crate) use authority::Authority;
pub(crate) use chance::Chance;
pub(crate) use delivery::{Delivery, fixture, fixtures, form};
pub(crate) use doors::{Door, Queued, batch};
pub(crate) use emf::Emf;
pub(crate) use extension::{Extension, SESSION_TOKEN};
pub(crate) use github::{GitHub, TOKEN_START, job_told};
pub(crate) use grafana::{Grafana, TOKEN};
pub(crate) use http::{Answer, Connection, Request, send};
pub(crate) use job::{Job, NINE};
pub(crate) use past::{now, queued, waiting_for};
pub(crate) use program::{
    Ended, bound_by_permissions, headroom, headroom_in, headroom_through, lint, python, read_with,
    repository, tool,
};
pub(crate) use receiver::{Manner, Receiver};
pub(crate) use runtime_api::{Outcome, RuntimeApi};
pub(crate) use sandbox::Function;
pub(crate) use scrape::{Exposition, Pool};
pub(crate) use server::Server;
pub(crate) use setup::{SECRET, Setup};
pub(crate) use store::{Refusing, counted, locked, with_layout};
pub(crate) use wait::{PATIENCE, until};
