//! An independent judge: Prism answers by GitHub's own description of its API, and refuses every
//! request that does not fit it. `tests/setup` installs both.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use client::{Address, Call, Client, Limits, Method, Roots};
use github::{
    AppKey, Credentials, Deregistered, GitHub, GitHubError, Hook, Owner, Registered, Token,
};
use model::{Labels, Repository, Timestamp};

use crate::world::{APP, KEY, NOW, organization};

/// Prism, as long as it is needed.
struct Judge {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Judge {
    fn start() -> Judge {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let modules = root.join("tests/.tools/node/node_modules");
        let full = modules.join("@octokit/openapi/generated/api.github.com.json");
        assert!(full.exists(), "{} is missing: run tests/setup", full.display());
        let folder = tempfile::tempdir().unwrap();
        let cut = folder.path().join("github.json");
        let script = root.join("tests/tools/github_openapi.mjs");
        let mut node = Command::new("node");
        assert!(node.arg(script).arg(full).arg(&cut).status().unwrap().success());
        // Free a moment ago.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut child = Command::new("node")
            .arg(modules.join("@stoplight/prism-cli/dist/index.js"))
            .args(["mock", "--host=127.0.0.1", "--errors"])
            .arg(format!("--port={}", address.port()))
            .arg(cut)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let is_there = lines.any(|line| line.contains("is listening"));
        thread::spawn(move || lines.for_each(drop));
        let judge = Judge { child, address, _folder: folder };
        assert!(is_there, "Prism did not start");
        judge
    }

    fn base(&self) -> Address {
        Address::parse(&format!("http://{}", self.address)).unwrap()
    }

    fn by(&self, who: Credentials, owner: Owner) -> GitHub {
        GitHub::new(client(), self.base(), who, owner)
    }

    fn by_app(&self, owner: Owner) -> GitHub {
        let key = AppKey::new(APP, KEY).unwrap();
        self.by(Credentials::App { key, installation: None }, owner)
    }

    fn by_token(&self, owner: Owner) -> GitHub {
        self.by(Credentials::Token(Token("ghp_secret".into())), owner)
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> Client {
    Client::new(Limits::default(), &Roots::default())
}

/// Everything that can be asked of an owner.
fn ask_everything(github: &mut GitHub, hook: Hook) -> Result<(), GitHubError> {
    let repository = Repository("octo-org/octo-repo".into());
    assert!(!github.deliveries(hook, Timestamp::EPOCH, NOW)?.is_empty());
    github.redeliver(hook, 12_345_678, NOW)?;
    let (url, _) = github.hook(hook, NOW)?;
    assert!(url.is_some());
    assert!(!github.runners(NOW)?.is_empty());
    let name = github.runners(NOW)?[0].name.clone();
    assert!(github.runner_named(&name, NOW)?.is_some());
    let labels = Labels::new(["self-hosted", "linux"]);
    let registered = github.register("i-0123", &labels, Some(3), NOW)?;
    assert!(matches!(registered, Registered::As(config) if !config.encoded.is_empty()));
    assert_eq!(github.deregister(7, NOW)?, Deregistered::Gone);
    github.runner_groups(NOW)?;
    assert!(!github.jobs_of_open_runs(&repository, 3, NOW)?.is_empty());
    assert!(github.job(&repository, 21, NOW)?.is_some());
    github.visibility(&repository, NOW)?;
    Ok(())
}

#[test]
fn every_request_and_answer_is_one_that_github_describes() {
    let judge = Judge::start();
    let repository = || Owner::Repository("octo-org/octo-repo".into());
    for owner in [organization(), repository()] {
        let mut app = judge.by_app(owner.clone());
        ask_everything(&mut app, Hook::App).unwrap();
        assert!(!app.app(NOW).unwrap().permissions.is_empty());
        ask_everything(&mut judge.by_token(owner), Hook::Numbered(5)).unwrap();
    }
    // The judge refuses what does not fit.
    let address = judge.base().join("/orgs/acme/actions/runners/generate-jitconfig").unwrap();
    let headers = [("content-type", "application/json"), ("accept", "application/json")];
    let body = Some(&b"{\"name\":\"i-0123\",\"labels\":\"linux\"}"[..]);
    let call = Call { method: Method::Post, address: &address, headers: &headers, body };
    let answer = client().call(call).unwrap();
    assert_eq!(answer.status, 422, "{}", answer.text);
}
