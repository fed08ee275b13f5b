//! moto, an emulator of AWS that holds groups and starts instances at once: a process of its own on a
//! free port that ends with the test.
//!
//! It differs from AWS where nothing here relies on it: it keeps no bounds, holds no stopped
//! instances, knows no answers to hooks, and fails where an instance is unknown.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where the groups are.
pub const REGION: &str = "eu-west-1";

/// The emulator.
pub struct Moto {
    child: Child,
    address: SocketAddr,
}

impl Moto {
    /// Of the repository that lies there.
    pub fn start(repository: &Path) -> Moto {
        let mut child = Command::new(repository.join("tests/.tools/moto/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("moto_server: {error}; run tests/setup"));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            line.split_once("Running on http://")
                .and_then(|(_, address)| address.trim().parse().ok())
        });
        // What it says later is read, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Moto { child, address: address.expect("moto says where it listens") }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a group of 0 to 10 instances that are protected from scale-in.
    pub fn make_group(&self, name: &str) {
        let zone = format!("{REGION}a");
        self.ask(
            "CreateLaunchConfiguration",
            &[
                ("LaunchConfigurationName", name),
                ("ImageId", "ami-12c6146b"),
                ("InstanceType", "t3.micro"),
            ],
        );
        self.ask(
            "CreateAutoScalingGroup",
            &[
                ("AutoScalingGroupName", name),
                ("LaunchConfigurationName", name),
                ("AvailabilityZones.member.1", &zone),
                ("MinSize", "0"),
                ("MaxSize", "10"),
                ("NewInstancesProtectedFromScaleIn", "true"),
            ],
        );
    }

    /// The ids of a group's instances.
    pub fn instances(&self, group: &str) -> Vec<String> {
        let described = self.describe(group);
        let ids = described.split("<InstanceId>").skip(1);
        ids.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
    }

    /// How many a group is to have.
    pub fn desired(&self, group: &str) -> u32 {
        let described = self.describe(group);
        let (_, after) = described.split_once("<DesiredCapacity>").unwrap();
        after.split('<').next().unwrap().parse().unwrap()
    }

    /// The instance is off, and its group has seen that.
    pub fn is_off(&self, id: &str) {
        self.ask("SetInstanceHealth", &[("InstanceId", id), ("HealthStatus", "Unhealthy")]);
    }

    fn describe(&self, group: &str) -> String {
        self.ask("DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", group)])
    }

    /// What Auto Scaling answers.
    pub fn ask(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let all = [("Action", action), ("Version", "2011-01-01")];
        // Nothing here needs to be escaped.
        let pair = |(name, value): &(&str, &str)| format!("{name}={value}");
        let body = all.iter().chain(fields).map(pair).collect::<Vec<_>>().join("&");
        let headers = [
            ("authorization", &*signed_for("autoscaling")),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let (status, said) = ask(self.address, "POST", "/", &headers, body.as_bytes());
        assert_eq!(status, 200, "{action}: {said}");
        said
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // One that ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulators tell services and regions apart by the scope, and check no signature.
pub fn signed_for(service: &str) -> String {
    let scope = format!("Credential=key/20260101/{REGION}/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0")
}

/// Sends a request and reads its answer to the end.
pub fn ask(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    let mut head = format!("{method} {path} HTTP/1.0\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{method} {path}: {answer:?}")), body.to_owned())
}
