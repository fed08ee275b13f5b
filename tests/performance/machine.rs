//! What the figures were measured on.

use std::error::Error;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// What the figures were measured on.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: u64,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    pub(crate) date: String,
    pub(crate) load: String,
}

/// Asks the system.
pub(crate) fn describe() -> Result<Machine, Box<dyn Error>> {
    let rustc = Command::new("rustc").arg("--version").output()?.stdout;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = Timestamp::from_secs(i64::try_from(now)?).to_string();
    let memory_kib: u64 = value("/proc/meminfo", "MemTotal").replace(" kB", "").parse()?;
    Ok(Machine {
        cpu: value("/proc/cpuinfo", "model name"),
        cores: thread::available_parallelism()?.get(),
        memory_gib: (memory_kib + 512 * 1024) / (1024 * 1024),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
        rustc: String::from_utf8(rustc)?.trim().to_owned(),
        date: now[..10].to_owned(),
        load: fs::read_to_string("/proc/loadavg")?.split(' ').next().unwrap_or("?").to_owned(),
    })
}

fn value(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':')).map_or("?", |(_, value)| value.trim());
    value.to_owned()
}
