//! moto, an emulator of AWS: it holds groups and starts instances at once.
//!
//! It differs from AWS where nothing here relies on it: it keeps no bounds, holds no stopped
//! instances, knows no answers to hooks, and fails where an instance is unknown.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_smithy_types::body::SdkBody;
use http::{Request, Response};

/// A server of its own on a free port; it ends with the test.
pub struct Emulator {
    child: Child,
    address: SocketAddr,
}

impl Emulator {
    pub fn start() -> Emulator {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/.tools");
        let program = tools.join("moto/bin/moto_server");
        let mut child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run tests/setup", program.display()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, address) = line.split_once("Running on http://")?;
            address.trim().parse().ok()
        });
        // What it says later is read, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Emulator { child, address: address.expect("moto says where it listens") }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a group of 0 to 10 instances that are protected from scale-in.
    pub fn make_group(&self, name: &str) {
        self.autoscaling(
            "CreateLaunchConfiguration",
            &[
                ("LaunchConfigurationName", name),
                ("ImageId", "ami-12c6146b"),
                ("InstanceType", "t3.micro"),
            ],
        );
        self.autoscaling(
            "CreateAutoScalingGroup",
            &[
                ("AutoScalingGroupName", name),
                ("LaunchConfigurationName", name),
                ("AvailabilityZones.member.1", "eu-west-1a"),
                ("MinSize", "0"),
                ("MaxSize", "10"),
                ("NewInstancesProtectedFromScaleIn", "true"),
            ],
        );
    }

    /// Adds the hook that holds up what starts, and the tag of a pool.
    pub fn as_the_template_has_it(&self, name: &str) {
        self.autoscaling(
            "PutLifecycleHook",
            &[
                ("AutoScalingGroupName", name),
                ("LifecycleHookName", "headroom-launching"),
                ("LifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING"),
                ("HeartbeatTimeout", "300"),
            ],
        );
        self.autoscaling(
            "CreateOrUpdateTags",
            &[
                ("Tags.member.1.ResourceId", name),
                ("Tags.member.1.ResourceType", "auto-scaling-group"),
                ("Tags.member.1.Key", aws::POOL_TAG),
                ("Tags.member.1.Value", "linux"),
                ("Tags.member.1.PropagateAtLaunch", "true"),
            ],
        );
        self.autoscaling(
            "SuspendProcesses",
            &[("AutoScalingGroupName", name), ("ScalingProcesses.member.1", "AZRebalance")],
        );
    }

    /// As AWS does when the machine is off.
    pub fn make_unhealthy(&self, id: &str) {
        self.autoscaling("SetInstanceHealth", &[("InstanceId", id), ("HealthStatus", "Unhealthy")]);
    }

    fn autoscaling(&self, action: &str, fields: &[(&str, &str)]) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", "2011-01-01");
        let body = form.extend_pairs(fields).finish();
        // It tells services apart by the scope of the signature, and checks no signature.
        let scope = "Credential=key/20260101/eu-west-1/autoscaling/aws4_request";
        let request = Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
            )
            .body(SdkBody::from(body))
            .unwrap();
        let answer = forwarded(self.address, &request);
        assert_eq!(answer.status(), 200, "{action}: {answer:?}");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // One that ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What that server answers to a request.
pub(super) fn forwarded(to: SocketAddr, request: &Request<SdkBody>) -> Response<SdkBody> {
    let body = request.body().bytes().unwrap_or_default();
    let path = request.uri().path();
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n");
    for (name, value) in request.headers() {
        if !["host", "connection", "content-length"].contains(&name.as_str()) {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).unwrap();
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        if ["content-type", "smithy-protocol"].contains(&name.to_ascii_lowercase().as_str()) {
            response = response.header(name, value);
        }
    }
    response.body(SdkBody::from(body)).unwrap()
}
