//! News of jobs does not come, comes late, or cannot be used.

use std::time::Duration;

use model::Dimension::Status;
use model::expr::Relation;
use model::{Expr, Phase, catalogue as c};

use super::{
    DELIVERY_LAG, DUPLICATES_SURGE, GITHUB_RATE_LIMIT_LOW, JOBS_UNROUTED, WEBHOOK_SILENCE,
    WEBHOOKS_LOST, WEBHOOKS_REJECTED, Words, alarm, compared,
};
use crate::{Alarm, Scope, Severity};

/// A minute late is a decision a minute late, which a boot of two minutes still hides.
const LAG_MILLIS_MAX: f64 = 60_000.0;

/// Of fewer deliveries a percentile is one of them.
const DELIVERIES_MIN: f64 = 10.0;

/// GitHub repeats a few deliveries by itself; fifty in a quarter of an hour are somebody's doing.
const DUPLICATES_MIN: f64 = 50.0;

/// An hour in which fewer events are usual may well be silent.
const USUAL_MIN: f64 = 12.0;

/// Less than a twentieth of the usual is as good as nothing.
const SHARE_MIN: f64 = 5.0;

/// A scanner or a mistyped secret shows within minutes; single stray requests do not.
const REJECTED_MAX: f64 = 10.0;

/// GitHub loses single webhooks without anybody's fault; more within an hour have a cause.
const LOST_MAX: f64 = 5.0;

/// GitHub allows 5,000 requests an hour to a token, more to an App: a tenth is left.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
const REQUESTS_MIN: f64 = 500.0;

const FLEET_TICKET: (Severity, Scope) = (Severity::Ticket, Scope::Fleet);

const QUARTER: Duration = Duration::from_mins(15);

pub fn all() -> Vec<Alarm> {
    vec![silence(), rejected(), lost(), lag(), duplicates(), unrouted(), rate_limit()]
}

/// A counter that is told only when it counts.
fn counted(counter: model::Counter) -> Expr {
    Expr::from(counter.sum()).fill(0.0)
}

/// Job events that were taken.
fn taken() -> Expr {
    Expr::from(c::DELIVERY_LAG.samples()).fill(0.0)
}

/// Job events of all phases; an event of another phase than these three is rare.
fn events() -> Expr {
    let of = |phase: Phase| Expr::from(c::JOB_EVENTS.sum().of(Status, phase.as_str())).fill(0.0);
    of(Phase::Queued) + of(Phase::InProgress) + of(Phase::Completed)
}

/// The share of what usually comes in a quarter of an hour, in per cent. What only GitHub's API told
/// is no news: a webhook that is dead stays so.
fn silence() -> Alarm {
    let usual = || Expr::from(c::JOB_EVENTS_USUAL.average()).fill(0.0);
    let share = (events() - counted(c::JOBS_MENDED)) * 400.0 / usual();
    let condition = compared(usual().at_least(USUAL_MIN).choose(share, 100.0), "%")
        .over(Relation::Below, SHARE_MIN)
        .in_periods(4, 4)
        .showing([
            ("usual events an hour", c::JOB_EVENTS_USUAL.average()),
            ("jobs queued", c::JOB_EVENTS.sum().of(Status, Phase::Queued.as_str())),
            ("jobs completed", c::JOB_EVENTS.sum().of(Status, Phase::Completed.as_str())),
        ])
        .every(QUARTER);
    alarm(
        WEBHOOK_SILENCE,
        (Severity::Page, Scope::Fleet),
        condition,
        Words {
            title: "No news from GitHub",
            meaning: "For an hour almost no job events came, at a time of the week at which even \
                      the weakest of the last weeks had many. Headroom is blind: it sees no queue \
                      and orders nothing.",
            causes: &[
                "the webhook was deleted, disabled or points elsewhere",
                "a proxy, tunnel or certificate in front is broken",
                "the secret was changed on one side only: then requests are rejected",
                "GitHub has an incident",
                "a holiday",
            ],
            remedy: &[
                "look at GitHub's recent deliveries of the webhook",
                "send a ping from there and look whether it arrives",
                "when it works again, redeliver what was missed",
            ],
        },
    )
}

fn rejected() -> Alarm {
    let condition = compared(counted(c::DELIVERIES_REJECTED), "requests")
        .over(Relation::Above, REJECTED_MAX)
        .in_periods(2, 3)
        .showing([
            ("requests refused", c::DELIVERIES_REJECTED.sum()),
            ("job events", c::DELIVERY_LAG.samples()),
        ])
        .every(Duration::from_mins(5));
    alarm(
        WEBHOOKS_REJECTED,
        FLEET_TICKET,
        condition,
        Words {
            title: "Webhooks rejected",
            meaning: "Requests to the webhook are refused again and again. If they are GitHub's, \
                      jobs are missing.",
            causes: &[
                "the secret here and at GitHub are not the same",
                "the webhook sends a content type or a size that is not taken",
                "the store cannot be written, or too much is under way",
                "somebody who is not GitHub tries the address",
            ],
            remedy: &[
                "see by reason which it is",
                "compare with GitHub's recent deliveries: are they answered 401?",
                "redeliver what was refused, when it works again",
            ],
        },
    )
}

fn lost() -> Alarm {
    let condition =
        compared(counted(c::WEBHOOKS_REDELIVERED) + counted(c::JOBS_MENDED), "webhooks")
            .over(Relation::Above, LOST_MAX)
            .showing([
                ("redelivered", c::WEBHOOKS_REDELIVERED.sum()),
                ("jobs mended", c::JOBS_MENDED.sum()),
                ("calls of GitHub's API that failed", c::GITHUB_FAILURES.sum()),
            ])
            .every(Duration::from_hours(1));
    alarm(
        WEBHOOKS_LOST,
        FLEET_TICKET,
        condition,
        Words {
            title: "Webhooks lost",
            meaning: "Webhooks did not arrive, and Headroom learned minutes later from GitHub's API \
                      what they told. Jobs waited meanwhile without anybody knowing.",
            causes: &[
                "Headroom, or the proxy or tunnel in front of it, was down or too slow",
                "the secret was changed on one side only: redelivered webhooks are refused too",
                "the webhook is not subscribed to workflow jobs, or not by all repositories",
                "GitHub has an incident",
            ],
            remedy: &[
                "run `headroom doctor`: it lists what failed, and looks at the subscription",
                "look at GitHub's recent deliveries of the webhook: what were they answered?",
                "nothing needs to be redelivered by hand",
            ],
        },
    )
}

fn rate_limit() -> Alarm {
    let condition = compared(c::GITHUB_RATE_LIMIT_REMAINING.average().into(), "requests")
        .over(Relation::Below, REQUESTS_MIN)
        .in_periods(3, 5)
        .showing([("requests left", c::GITHUB_RATE_LIMIT_REMAINING.average())]);
    alarm(
        GITHUB_RATE_LIMIT_LOW,
        FLEET_TICKET,
        condition,
        Words {
            title: "GitHub rate limit low",
            meaning: "GitHub's API will soon refuse requests until the hour is over. Runners that \
                      boot then cannot register.",
            causes: &[
                "the same token or App is used by something else",
                "instances fail and register again and again",
                "many short jobs, each with a runner of its own",
            ],
            remedy: &[
                "find what else uses the token, and give it one of its own",
                "use a GitHub App: its limit grows with the organisation",
            ],
        },
    )
}

fn lag() -> Alarm {
    let p90 = Expr::from(c::DELIVERY_LAG.percentile(90)).fill(0.0);
    let condition = compared(taken().at_least(DELIVERIES_MIN).choose(p90, 0.0), "ms")
        .over(Relation::Above, LAG_MILLIS_MAX)
        .in_periods(3, 5)
        .showing([
            ("90 % came within", c::DELIVERY_LAG.percentile(90)),
            ("job events", c::DELIVERY_LAG.samples()),
        ])
        .every(Duration::from_mins(5));
    alarm(
        DELIVERY_LAG,
        FLEET_TICKET,
        condition,
        Words {
            title: "News late",
            meaning: "News of jobs arrives more than a minute after it happened. Levels and \
                      decisions are late by as much.",
            causes: &[
                "GitHub delivers late: see its status page",
                "the webhook is answered slowly or was down, and GitHub delivers again",
                "this machine's clock is ahead",
            ],
            remedy: &[
                "look at GitHub's recent deliveries of the webhook and at githubstatus.com",
                "run `headroom doctor`: it checks the clock and the store",
            ],
        },
    )
}

fn duplicates() -> Alarm {
    let repeated = || counted(c::DELIVERIES_DUPLICATE);
    let share = repeated() * 100.0 / (repeated() + taken()).max(1.0);
    let condition = compared(repeated().at_least(DUPLICATES_MIN).choose(share, 0.0), "%")
        .over(Relation::Above, 50.0)
        .showing([
            ("repeated deliveries", c::DELIVERIES_DUPLICATE.sum()),
            ("job events", c::DELIVERY_LAG.samples()),
        ])
        .every(QUARTER);
    alarm(
        DUPLICATES_SURGE,
        (Severity::Info, Scope::Fleet),
        condition,
        Words {
            title: "Many repeated deliveries",
            meaning: "More than half of the deliveries repeat earlier ones. They change nothing, \
                      and somebody sends them for a reason.",
            causes: &[
                "two webhooks of the organisation and a repository point here",
                "a proxy or queue in front delivers again although it was answered",
                "somebody redelivers by hand or by script",
            ],
            remedy: &[
                "list the webhooks of the organisation and its repositories",
                "look at what the proxy in front makes of a 202",
            ],
        },
    )
}

fn unrouted() -> Alarm {
    let condition = compared(counted(c::JOBS_UNROUTED), "jobs")
        .showing([("jobs without pool", c::JOBS_UNROUTED.sum())])
        .every(QUARTER);
    alarm(
        JOBS_UNROUTED,
        FLEET_TICKET,
        condition,
        Words {
            title: "Jobs without pool",
            meaning: "Jobs ask for labels that no configured pool has. Nobody starts runners for \
                      them, and after a day GitHub fails them.",
            causes: &[
                "a typing mistake in `runs-on`",
                "a new kind of runner whose pool is not configured yet",
                "a job for GitHub's own runners with labels that look like yours",
            ],
            remedy: &[
                "read the labels in the log of `headroom serve`, or open the pool `unrouted` on \
                 the page",
                "add a pool with these labels, or correct the workflow",
            ],
        },
    )
}
