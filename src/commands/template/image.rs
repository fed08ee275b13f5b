//! The image's part of the template: the components of EC2 Image Builder, with the agent's files in
//! them.
//!
//! A component is text of a limited length in which `{{` means something, so a file is packed: gzip,
//! then base64. Components and recipes cannot be changed, only replaced by one of another version,
//! so their versions are made of their content.

use super::packed::packed;

const IMAGE: &str = include_str!("../../../adapters/aws/template/image.yaml");
const RUNNER: &str = include_str!("../../../adapters/aws/image/runner.yaml");

/// The files stand where `@FILES@` is.
const AGENT: &str = include_str!("../../../adapters/aws/image/agent.yaml");

/// A file of the agent: where it lies on an instance, with which permissions, and what is in it.
struct Packed(&'static str, &'static str, &'static str);

const FILES: [Packed; 5] = [
    Packed(
        "/usr/local/bin/headroom-runner",
        "0755",
        include_str!("../../../adapters/aws/agent/headroom-runner"),
    ),
    Packed(
        "/usr/local/lib/headroom/job-started.sh",
        "0755",
        include_str!("../../../adapters/aws/agent/job-started.sh"),
    ),
    Packed(
        "/usr/local/lib/headroom/job-completed.sh",
        "0755",
        include_str!("../../../adapters/aws/agent/job-completed.sh"),
    ),
    Packed(
        "/etc/systemd/system/headroom-runner.service",
        "0644",
        include_str!("../../../adapters/aws/agent/headroom-runner.service"),
    ),
    Packed(
        "/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json",
        "0644",
        include_str!("../../../adapters/aws/agent/amazon-cloudwatch-agent.json"),
    ),
];

/// A part of a version: Image Builder takes up to 2^30 - 1.
/// <https://docs.aws.amazon.com/imagebuilder/latest/userguide/ibhow-semantic-versioning.html>
const VERSION_MASK: u32 = (1 << 30) - 1;

/// The whole template.
pub fn template() -> String {
    let files: Vec<String> = FILES.iter().map(line).collect();
    let agent = AGENT.replace("@FILES@", files.join("\n").as_str());
    let recipe = format!("{RUNNER}{agent}");
    IMAGE
        .replace("@RUNNER_DATA@", &indented(RUNNER))
        .replace("@RUNNER_VERSION@", &version(RUNNER))
        .replace("@AGENT_DATA@", &indented(&agent))
        .replace("@AGENT_VERSION@", &version(&agent))
        .replace("@RECIPE_VERSION@", &version(&recipe))
}

fn line(Packed(path, mode, text): &Packed) -> String {
    format!("              put {mode} {path} <<<{}", packed(text))
}

/// As the block of a member two levels deeper than a resource.
fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| match line {
        "" => String::new(),
        line => format!("        {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn version(text: &str) -> String {
    (super::hash(text) & VERSION_MASK).to_string()
}
