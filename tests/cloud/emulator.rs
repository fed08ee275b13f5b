//! CloudWatch and CloudWatch Logs as an emulator has them: tests/emulators/cloud.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What builds it.
const BUILD: &str = "cargo build --locked --manifest-path tests/emulators/cloud/Cargo.toml \
                     --target-dir tests/.tools/emulator";

/// A server of its own on a free port; it ends with the test.
pub struct Emulator {
    child: Child,
    url: String,
}

impl Emulator {
    pub fn start() -> Emulator {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.tools");
        let program = tools.join("emulator/debug/cloud-emulator");
        let mut child = Command::new(&program)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run {BUILD}", program.display()));
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "the emulator says where it listens: {url:?}");
        Emulator { child, url: url.trim().to_owned() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same address when nobody listens there any more.
    pub fn gone(mut self) -> Emulator {
        self.end();
        self
    }

    fn end(&mut self) {
        // One that ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.end();
    }
}
