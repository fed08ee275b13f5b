//! What a process has used, as Linux tells.

use std::fs;
use std::io;

/// Linux counts CPU time in hundredths of a second for whoever reads `/proc`.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
const TICKS_PER_SEC: f64 = 100.0;

/// CPU time since the process began, and memory now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) user_secs: f64,
    pub(crate) system_secs: f64,
    pub(crate) rss_mib: f64,
    pub(crate) rss_mib_max: f64,
}

impl Usage {
    /// Of the process of that id.
    pub(crate) fn of(pid: u32) -> io::Result<Usage> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name of the program stands in brackets and may hold spaces.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let secs = |field: usize| {
            fields.get(field).and_then(|ticks| ticks.parse().ok()).unwrap_or(0.0) / TICKS_PER_SEC
        };
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kib.unwrap_or(0.0) / 1024.0
        };
        Ok(Usage {
            user_secs: secs(11),
            system_secs: secs(12),
            rss_mib: mib("VmRSS:"),
            rss_mib_max: mib("VmHWM:"),
        })
    }
}
