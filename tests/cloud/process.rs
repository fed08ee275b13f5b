//! CloudWatch and CloudWatch Logs as an emulator has them: tests/emulators/cloud, which tells where it
//! differs from AWS.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What builds it.
const BUILD: &str = "cargo build --locked --manifest-path tests/emulators/cloud/Cargo.toml \
                     --target-dir tests/.tools/emulator";

/// A server of its own on a free port; it ends with the test.
pub struct CloudWatch {
    child: Child,
    address: SocketAddr,
}

impl CloudWatch {
    /// Of the repository that lies there.
    pub fn start(repository: &Path) -> CloudWatch {
        let program = repository.join("tests/.tools/emulator/debug/cloud-emulator");
        let mut child = Command::new(&program)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run {BUILD}", program.display()));
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let address = url.trim().strip_prefix("http://").and_then(|it| it.parse().ok());
        let address = address.unwrap_or_else(|| panic!("it says where it listens: {url:?}"));
        CloudWatch { child, address }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for CloudWatch {
    fn drop(&mut self) {
        // One that ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
