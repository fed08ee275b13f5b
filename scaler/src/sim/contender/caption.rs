//! What is assumed about a contender whose owner does not say.

use super::Contender;

impl Contender {
    /// A sentence on what is assumed; none where the name says it all.
    pub fn caption(&self) -> Option<&'static str> {
        match self {
            Contender::PerWebhookDelayed => Some(
                "per-webhook-delayed: terraform-aws-github-runner's default delay of 30 s, after \
                 the webhook's own.",
            ),
            Contender::QueuedPlusRunning => Some(
                "queued-plus-running: Buildkite's template with its cooldown of 300 s; no buffer; \
                 idle agents leave after 10 min.",
            ),
            Contender::AssignedPlusMin(_) => {
                Some("assigned-plus-min: ARC scale sets; a boot that fails is never given up.")
            }
            Contender::PercentageBusy => Some(
                "percentage-busy: ARC's defaults (0.8 and 0.3, factors 1.3 and 0.7, shrinking \
                 10 min after growth); looks each minute, 1 at least.",
            ),
            Contender::LoadProportional => Some(
                "load-proportional: GitLab's rule; factor 1.1, 1 to 500 spare, idle ones leave \
                 after 20 min: assumed.",
            ),
            Contender::TargetTracking(_) => Some(
                "target-tracking: queued jobs per instance; 3 high minutes to grow, 15 low ones \
                 to shrink by a tenth, 1 at least: assumed.",
            ),
            Contender::NaiveMinute => {
                Some("naive-minute: surplus instances leave after 10 idle minutes: assumed.")
            }
            Contender::OfficeHours(_) => Some("office-hours: Monday to Friday, in UTC."),
            _ => None,
        }
    }
}
