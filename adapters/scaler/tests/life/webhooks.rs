//! From GitHub's webhooks to the lines of the log group.
//!
//! GitHub does not deliver a failed webhook again by itself, so a lost one stays lost unless somebody
//! asks for it, as `lost::Search` does, which is not in this world. Here somebody does for `queued`,
//! half of the time (of the other jobs nobody hears, and nothing is claimed about them), and for
//! `completed` where `in_progress` was lost as well: else such a job would count as waiting for a day. A
//! lost `completed` of a job that was heard to start stays lost.

use model::InstanceId;
use scaler_lambda::Event;
use serde_json::json;

use crate::setting::POOL;
use crate::world::{Happening, World};

impl World {
    /// Whether it is heard, at last.
    pub fn tells(
        &mut self,
        job: u64,
        status: &str,
        runner: Option<&InstanceId>,
        is_surely_told: bool,
    ) -> bool {
        let line = self.line(job, status, runner);
        let mut wait = self.chance.millis(500, 4000);
        if self.chance.is(self.faults.webhooks) {
            let is_redelivered = is_surely_told || status == "queued" && self.chance.is(500);
            self.note(|| format!("the webhook {status} of job {job} is lost ({is_redelivered})"));
            if !is_redelivered {
                return false;
            }
            wait = self.chance.secs(60, 1200);
        }
        if self.chance.is(self.faults.repeated) {
            let later = self.chance.secs(0, 90);
            self.after(later, Happening::Written(line.clone()));
        }
        self.after(wait, Happening::Written(line));
        true
    }

    /// As the webhook's function writes it.
    fn line(&self, job: u64, status: &str, runner: Option<&InstanceId>) -> String {
        let at = self.now;
        let mut line = json!({
            "_aws": { "Timestamp": at.as_millis(), "CloudWatchMetrics": [
                { "Namespace": model::catalogue::NAMESPACE, "Dimensions": [["Pool", "Status"]],
                  "Metrics": [{ "Name": "JobEvents" }] },
            ] },
            "JobEvents": 1, "Pool": POOL, "Status": status, "job_id": job, "run_id": 1,
            "run_attempt": 1, "repository": "o/r", "labels": [POOL], "created_at": at.to_string(),
        });
        if let Some(runner) = runner {
            line["runner"] = json!(runner.0);
            line["started_at"] = json!(at.to_string());
        }
        if status == "completed" {
            line["completed_at"] = json!(at.to_string());
            line["Conclusion"] = json!("success");
        }
        line.to_string()
    }

    /// CloudWatch Logs hands a line on to the subscriber, too.
    pub fn written(&mut self, line: String) {
        self.log.push((self.now, line.clone()));
        if !self.chance.is(self.faults.lost) {
            let wait = self.chance.secs(1, 8);
            self.after(wait, Happening::Invoked(Event::Lines(vec![line]), 0));
        }
    }
}
