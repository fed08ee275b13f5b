//! A real server process.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command};
use std::thread;

use serde_json::Value;

use super::lines::Lines;
use super::{Answer, Connection, Delivery, Ended, Exposition, Pool, Request, Setup, send, until};

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) setup: Setup,
    stdout: Lines,
    stderr: Lines,
}

impl Server {
    #[track_caller]
    pub(super) fn start(setup: &Setup) -> Self {
        let mut server = Server::spawn(setup);
        let port = server.stderr.find(port_in);
        let port = port.unwrap_or_else(|| panic!("it did not start: {:#?}", server.log()));
        server.address.set_port(port);
        server
    }

    /// A process of which nobody knows yet where it listens, if it ever does.
    pub(super) fn spawn(setup: &Setup) -> Self {
        let mut child = setup.command().spawn().unwrap();
        let stdout = Lines::collect(child.stdout.take().unwrap());
        let stderr = Lines::collect(child.stderr.take().unwrap());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Server { child, address, setup: setup.clone(), stdout, stderr }
    }

    /// Sends a delivery, signed with the server's secret.
    #[track_caller]
    pub(crate) fn deliver(&self, delivery: &Delivery) -> Answer {
        self.send(&delivery.signed(&self.setup.secret))
    }

    /// Sends deliveries that must be accepted as new.
    #[track_caller]
    pub(crate) fn accepts<'a>(&self, deliveries: impl IntoIterator<Item = &'a Delivery>) {
        for delivery in deliveries {
            assert_eq!(self.deliver(delivery).outcome(), "202 accepted", "{}", delivery.id);
        }
    }

    /// Sends many deliveries over several connections at once; all must be taken.
    pub(crate) fn accepts_many(&self, deliveries: &[Delivery]) {
        let lanes = 8;
        thread::scope(|scope| {
            for lane in deliveries.chunks(deliveries.len().div_ceil(lanes).max(1)) {
                scope.spawn(move || {
                    let mut connection = self.connect();
                    for delivery in lane {
                        let answer = connection.send(&delivery.signed(&self.setup.secret)).unwrap();
                        assert_eq!(answer.status, 202, "{}", answer.text());
                    }
                });
            }
        });
    }

    #[track_caller]
    pub(crate) fn send(&self, request: &Request) -> Answer {
        send(self.address, request)
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&Request::get(path))
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// What `/api/pools` says.
    #[track_caller]
    pub(crate) fn pools(&self) -> Vec<Pool> {
        let answer = self.get("/api/pools");
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The pool of that name.
    #[track_caller]
    pub(crate) fn pool(&self, name: &str) -> Pool {
        let pools = self.pools();
        let told = || panic!("no pool {name:?} in {pools:#?}");
        pools.iter().find(|pool| pool.name == name).cloned().unwrap_or_else(told)
    }

    /// What `/metrics` says.
    #[track_caller]
    pub(crate) fn metrics(&self) -> Exposition {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200, "{}", answer.text());
        Exposition::parse(&answer.text())
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.stderr.so_far()
    }

    /// Waits until the log says something.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        let found = self.stderr.find(|line| line.contains(text).then_some(()));
        assert!(found.is_some(), "{text:?} is not in {:#?}", self.log());
    }

    /// A number in `/proc/PID/status`; memory is in KiB.
    pub(crate) fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    }

    /// How many files and sockets it holds open.
    pub(crate) fn descriptors(&self) -> u64 {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count() as u64
    }

    /// Lets no file of it grow beyond so many bytes, as on a disk that is full; `None` lifts that.
    /// The setup must be [`Setup::that_outlives_a_full_disk`].
    pub(crate) fn limit_files(&self, bytes_max: Option<u32>) {
        let bytes_max = bytes_max.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let mut prlimit = Command::new("prlimit");
        // The soft limit alone, which may be lifted again.
        prlimit.arg(format!("--pid={}", self.child.id())).arg(format!("--fsize={bytes_max}:"));
        assert!(prlimit.status().unwrap().success());
    }

    /// Sends it a signal, such as `TERM`, by which an orchestrator asks it to end.
    pub(crate) fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Ends it in good order.
    #[track_caller]
    pub(crate) fn stop(self) -> Ended {
        self.signal("TERM");
        let ended = self.ended();
        assert_eq!(ended.code, Some(0), "{:#?}", ended.stderr);
        ended
    }

    /// Waits until it has ended.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ended {
        let status = until("the server ends", || self.child.try_wait().unwrap());
        let (stdout, stderr) = (self.stdout.all(), self.stderr.all());
        Ended { code: status.code(), stdout: stdout.join("\n"), stderr: stderr.join("\n") }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Setup {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.setup.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            eprintln!("the server's log:\n{}", self.stderr.so_far().join("\n"));
        }
    }
}

/// The port in the line that says where it listens.
fn port_in(line: &str) -> Option<u16> {
    let line: Value = serde_json::from_str(line).ok()?;
    let url = line["url"].as_str()?;
    url.trim_end_matches('/').rsplit(':').next()?.parse().ok()
}
