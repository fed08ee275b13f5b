//! Stories of the whole program, in one binary: real processes, real payloads, real sockets.
//!
//! `tests/setup` installs the programs that some of them compare with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod agent;
mod alarm_rules;
mod alarms_command;
mod answers;
mod approvals;
mod bodies;
mod browser;
mod catalogue_is_used;
#[path = "fuzz/checks/mod.rs"]
mod checks;
mod command_line;
mod config_errors;
mod contract;
mod dashboards;
mod demo;
mod deploys;
mod doctor;
mod doctor_github;
mod durability;
mod emf_events;
mod emf_minutes;
mod endings;
mod fixtures_served;
mod fuzz_corpus;
mod generated_is_current;
mod histories;
mod incumbents_defects;
mod lambda;
mod lint_command;
mod lost_webhooks;
mod moving_history;
mod nonsense;
mod notifications;
mod overload;
mod past_lines;
mod percentiles;
mod prices;
mod prometheus;
mod report;
mod report_advice;
mod report_instances;
mod rights;
mod routing;
mod scaling;
mod secrecy;
mod signatures;
mod simulate;
mod stores;
mod template;
mod tidy;
mod unread_output;
mod world;
