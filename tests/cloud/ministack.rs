//! `MiniStack`, an emulator of AWS that executes functions and deploys templates: a process of its own
//! on a free port that ends with the test.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::until;

/// Whose everything is.
pub const ACCOUNT: &str = "123456789012";

/// The emulator.
pub struct Ministack {
    child: Child,
    address: SocketAddr,
}

impl Ministack {
    /// Of the repository that lies there, in that region.
    pub fn start(repository: &Path, region: &str) -> Ministack {
        // It takes a port by number only: one that was free a moment ago.
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut child = Command::new(repository.join("tests/.tools/ministack/bin/ministack"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", region)
            .env("AWS_DEFAULT_REGION", region)
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("ministack: {error}; run tests/setup"));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        until("MiniStack is there", || {
            assert!(child.try_wait().unwrap().is_none(), "MiniStack ended");
            TcpStream::connect(address).ok()
        });
        Ministack { child, address }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // One that ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
