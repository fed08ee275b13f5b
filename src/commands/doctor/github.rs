//! GitHub: does it know who asks, does the webhook tell of jobs and arrive, and whose code may run?
//! Nothing is changed.

use github::{App, GitHub, GitHubError, Hook, Owner, RunnerGroup, Visibility, Why};
use lost::LOOKS_BACK;
use model::{Repository, Timestamp};

use super::{Finding, Verdict};
use crate::config::{Config, GitHubAccess};
use crate::search;

/// Names of these checks.
const CREDENTIALS: &str = "github";
const PERMISSIONS: &str = "github permissions";
const WEBHOOK: &str = "github webhook";
const DELIVERIES: &str = "github deliveries";
const EXPOSURE: &str = "github exposure";

/// Runner groups that are named where several are open.
const NAMED_MAX: usize = 3;

/// The event without which nothing is known of jobs.
const EVENT: &str = "workflow_job";

/// A permission of an App, what it is needed for, and how bad it is without.
struct Needed {
    name: &'static str,
    level: &'static str,
    why: &'static str,
    verdict: Verdict,
}

/// All findings about GitHub; none without the section `[github]`.
pub(super) fn findings(config: &Config, now: Timestamp) -> Vec<Finding> {
    let Some(access) = &config.github else { return Vec::new() };
    let mut github = search::github(access, &config.roots, client::Limits::default());
    let mut findings = Vec::new();
    if github.is_app() {
        match github.app(now) {
            Ok(app) => findings.extend(permissions(access, &app)),
            Err(error) => return vec![failed(CREDENTIALS, &error)],
        }
    }
    let exposure = exposure(&mut github, now);
    findings.insert(0, credentials(&github, &exposure));
    findings.push(told(EXPOSURE, exposure));
    match access.hook {
        Some(hook) => {
            findings.push(told(WEBHOOK, webhook(&mut github, hook, now)));
            findings.push(told(DELIVERIES, deliveries(&mut github, hook, now)));
        }
        None => findings.push(Finding::bad(
            WEBHOOK,
            Verdict::Warning,
            "a token asks and no webhook is named: failed deliveries are not looked for",
            "set github.webhook_id to the number at the end of the webhook's address at GitHub",
        )),
    }
    findings
}

fn told(check: &'static str, finding: Result<Finding, GitHubError>) -> Finding {
    finding.unwrap_or_else(|error| failed(check, &error))
}

/// What GitHub would not tell, and what to do about it.
fn failed(check: &'static str, error: &GitHubError) -> Finding {
    let remedy = match &error.why {
        Why::Credentials { .. } => {
            "compare github.app_id with the App's page and make a new private key there, or a new \
             token; look at this machine's clock as well"
        }
        Why::Forbidden { .. } => {
            "give the App or token the permission that is named, and accept the change at the \
             organisation's installed Apps"
        }
        Why::NotFound => {
            "install the App on the organisation or repository of the section [github], and look \
             for typing mistakes there"
        }
        Why::Limited { .. } => "wait, and look what else uses the same App or token",
        Why::NoAnswer { .. } => {
            "look at github.api_url, at the proxy or firewall between, and at githubstatus.com"
        }
        Why::Refused { .. } | Why::Odd { .. } => {
            "look at github.api_url: an Enterprise Server's ends in /api/v3"
        }
    };
    Finding::bad(check, Verdict::Error, error.to_string(), remedy)
}

/// Whether the owner lets us in; what that answer was is told elsewhere.
fn credentials(github: &GitHub, asked: &Result<Finding, GitHubError>) -> Finding {
    let who = if github.is_app() { "an App" } else { "a token" };
    let owner = match github.owner() {
        Owner::Organization(name) => format!("the organisation {name}"),
        Owner::Repository(name) => format!("the repository {name}"),
    };
    match asked {
        Err(error) if matches!(error.why, Why::Credentials { .. } | Why::NotFound) => {
            failed(CREDENTIALS, error)
        }
        _ => {
            let left = github.rate().map_or_else(String::new, |rate| {
                format!("; {} of {} requests are left", rate.remaining, rate.limit)
            });
            Finding::ok(CREDENTIALS, format!("{who} asks about {owner}{left}"))
        }
    }
}

fn needed(access: &GitHubAccess) -> Vec<Needed> {
    let (runners, hooks) = match access.owner {
        Owner::Organization(_) => ("organization_self_hosted_runners", "organization_hooks"),
        Owner::Repository(_) => ("administration", "repository_hooks"),
    };
    let mut needed = vec![
        Needed {
            name: "actions",
            level: "read",
            why: "jobs cannot be listed, and what no webhook told stays unknown",
            verdict: Verdict::Error,
        },
        Needed {
            name: runners,
            level: "write",
            why: "runners cannot be listed, registered or taken away",
            verdict: Verdict::Warning,
        },
    ];
    if let Some(Hook::Numbered(_)) = access.hook {
        let why = "failed deliveries of the webhook cannot be listed and made again";
        needed.push(Needed { name: hooks, level: "write", why, verdict: Verdict::Error });
    }
    needed
}

/// One finding for each permission that is missing; one where none is.
fn permissions(access: &GitHubAccess, app: &App) -> Vec<Finding> {
    let rank = |level: &str| ["read", "write", "admin"].iter().position(|known| *known == level);
    let is_missing = |needed: &Needed| {
        let has = app.permissions.get(needed.name).and_then(|level| rank(level));
        has < rank(needed.level)
    };
    let needed = needed(access);
    let missing: Vec<Finding> = needed
        .iter()
        .filter(|needed| is_missing(needed))
        .map(|Needed { name, level, why, verdict }| {
            let has = app.permissions.get(*name).map_or("none", String::as_str);
            let remedy = format!(
                "give the App {} the permission {name}: {level} under Permissions & events, and \
                 accept the change where it is installed",
                app.slug
            );
            Finding::bad(PERMISSIONS, *verdict, format!("{name}: {has}; {why}"), remedy)
        })
        .collect();
    match missing.is_empty() {
        true => {
            let has = |needed: &Needed| format!("{}: {}", needed.name, needed.level);
            let all: Vec<String> = needed.iter().map(has).collect();
            vec![Finding::ok(PERMISSIONS, format!("{} has {}", app.slug, all.join(", ")))]
        }
        false => missing,
    }
}

fn webhook(github: &mut GitHub, hook: Hook, now: Timestamp) -> Result<Finding, GitHubError> {
    let (url, events) = github.hook(hook, now)?;
    let Some(url) = url.filter(|url| !url.is_empty()) else {
        let remedy = "activate it and enter the address of /webhook, or set github.webhook_id to \
                      the webhook that sends here";
        return Ok(Finding::bad(WEBHOOK, Verdict::Error, "it leads nowhere", remedy));
    };
    // A path may be a secret, and a text that is no address is nobody's.
    let place = client::Address::parse(&url).map_or("somewhere".to_owned(), |it| it.to_string());
    if !events.iter().any(|event| event == EVENT || event == "*") {
        let found = format!("it leads to {place} and is not subscribed to {EVENT}");
        let remedy = "subscribe it to the event \"Workflow jobs\": without it no job is known";
        return Ok(Finding::bad(WEBHOOK, Verdict::Error, found, remedy));
    }
    Ok(Finding::ok(WEBHOOK, format!("it leads to {place} and tells of {EVENT}")))
}

fn deliveries(github: &mut GitHub, hook: Hook, now: Timestamp) -> Result<Finding, GitHubError> {
    let listed = github.deliveries(hook, now.minus(LOOKS_BACK), now)?;
    let hours = LOOKS_BACK.as_secs() / 3600;
    let missing = lost::lost(&listed);
    let Some(last) = missing.iter().max_by_key(|one| one.at) else {
        let found = format!("{} attempts within {hours} h, and every event came", listed.len());
        return Ok(Finding::ok(DELIVERIES, found));
    };
    let answer = match last.status {
        0 => "was not answered".to_owned(),
        status => format!("was answered {status}"),
    };
    let found = format!(
        "{} events did not arrive within {hours} h; the last attempt, {}, {answer}",
        missing.len(),
        last.at
    );
    let remedy = match last.status {
        401 | 403 => "compare the webhook's secret here and at GitHub",
        _ => {
            "look whether GitHub reaches /webhook through proxy and firewall; `headroom serve` has \
             what failed delivered again"
        }
    };
    Ok(Finding::bad(DELIVERIES, Verdict::Warning, found, remedy))
}

/// Whether the code of strangers may run on our machines.
/// <https://docs.github.com/en/actions/reference/security/secure-use#hardening-for-self-hosted-runners>
fn exposure(github: &mut GitHub, now: Timestamp) -> Result<Finding, GitHubError> {
    if let Owner::Repository(name) = github.owner() {
        let repository = Repository(name.clone());
        return Ok(match github.visibility(&repository, now)? {
            Visibility::Private => Finding::ok(EXPOSURE, format!("{repository} is private")),
            Visibility::Public => Finding::bad(
                EXPOSURE,
                Verdict::Warning,
                format!("{repository} is public: anybody's pull request may run on its runners"),
                "let strangers' workflows wait for approval, and use runners that run one job",
            ),
        });
    }
    let groups = github.runner_groups(now)?;
    let is_open = |group: &&RunnerGroup| group.allows_public_repositories;
    let open: Vec<&str> = groups.iter().filter(is_open).map(|group| &*group.name).collect();
    if open.is_empty() {
        let found = format!("{} runner groups, none for public repositories", groups.len());
        return Ok(Finding::ok(EXPOSURE, found));
    }
    let named = open.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    let more = match open.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let found = format!(
        "public repositories may use the runner groups {named}{more}: anybody's pull request may \
         run there"
    );
    let remedy = "switch off \"Allow public repositories\" of the group, or give those repositories \
                  a group of their own";
    Ok(Finding::bad(EXPOSURE, Verdict::Warning, found, remedy))
}
