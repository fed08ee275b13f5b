//! `headroom template`: CloudFormation for AWS, with the pools, roll-ups and alarms of the
//! configuration in it.
//!
//! What is the same for everybody is YAML in `adapters`; what is computed (alarms, dashboards) is
//! JSON, which YAML holds, a resource a line. The parts are put together section by section.

mod groups;
mod image;
mod limits;
mod packed;
mod parts;
mod pools;
mod watched;

use crate::cli::{TemplateArgs, TemplatePart};
use crate::config::{Config, Flags};
use crate::exit::{self, Failure};
use crate::render;

use parts::Parts;
use pools::{Chosen, roll_ups};

/// A variable of the functions.
const ROLL_UPS: &str = "HEADROOM_ROLL_UPS: '@ROLL_UPS@'";

/// The webhook; `@POOLS@` and `@ROLL_UPS@` stand where the configuration's go.
const INGEST: &str = include_str!("../../../adapters/lambda/template/ingest.yaml");

/// Where alarms are told.
const WATCH: &str = include_str!("../../../adapters/aws/template/watch.yaml");

/// The scaler's functions.
const SCALER: &str = include_str!("../../../adapters/aws/template/scaler.yaml");

/// Prints the template.
///
/// # Errors
/// When the configuration or an argument is wrong, when there is more than a template or a variable
/// can hold, or when stdout cannot be written.
pub fn run(args: &TemplateArgs) -> Result<u8, Failure> {
    let text = match args.only {
        Some(TemplatePart::Image) => of_image(args)?,
        Some(TemplatePart::Ingest) | None => of_pools(args)?,
    };
    limits::check(&text, args.without_alarms)?;
    render::print(&text).map_err(super::stdout)?;
    Ok(exit::OK)
}

fn of_image(args: &TemplateArgs) -> Result<String, Failure> {
    match args.pool.is_empty() {
        true => Ok(image::template()),
        false => Err(Failure::Argument {
            key: "--pool".into(),
            problem: "the image is the same for all pools".into(),
        }),
    }
}

fn of_pools(args: &TemplateArgs) -> Result<String, Failure> {
    let flags = Flags { config: args.config.clone(), ..Flags::default() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    let chosen = Chosen::of(args, &config)?;
    let ingest = ingest(&chosen, &config)?;
    match args.only.is_some() {
        true => Ok(Parts::of(&ingest).text()),
        false => whole(&ingest, &chosen, &config, args.without_alarms),
    }
}

fn ingest(chosen: &Chosen, config: &Config) -> Result<String, Failure> {
    let pools = packed::variable("the pools", chosen.for_ingest())?;
    let text = set(INGEST, "HEADROOM_POOLS: '@POOLS@'", &pools);
    Ok(set(&text, ROLL_UPS, &roll_ups(&config.emf.roll_ups)))
}

/// Everything. A pool that is not known is not scaled, so without any there is no scaler.
fn whole(
    ingest: &str,
    chosen: &Chosen,
    config: &Config,
    without_alarms: bool,
) -> Result<String, Failure> {
    // Where the stack has a topic of its own, the webhook's alarms are told there too.
    let told = "[!If [HasAlarmTopic, !Ref AlarmTopicArn, !Ref Topic]]";
    let ingest = ingest
        .replace("!If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]", told)
        .replace(
            "alarms are sent to; empty for none",
            "alarms are sent to; empty for one of its own",
        );
    let mut parts = Parts::of(&ingest);
    parts.add(WATCH);
    if !chosen.pools.is_empty() {
        limits::groups(groups::all_names(chosen))?;
        let scaled = packed::variable("the pools as the scaler reads them", chosen.for_scaler())?;
        let text = set(SCALER, ROLL_UPS, &roll_ups(&config.emf.roll_ups));
        let text = set(&text, "HEADROOM_POOLS: '@SCALER_POOLS@'", &scaled)
            .replace("@GROUP_ARNS@", &groups::arns(chosen))
            .replace("@GROUP_NAMES@", &groups::names(chosen));
        parts.add(&text);
        groups::add(chosen, &mut parts);
    }
    if !without_alarms {
        watched::add_alarms(chosen, config, &mut parts)?;
    }
    watched::add_dashboards(config, &mut parts);
    Ok(parts.text())
}

/// 32-bit FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u32 {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, mix)
}

/// Sets a variable of a function, which stands in a line of its own, or leaves it out where there is
/// nothing to set. It is no parameter: of those a stack that is deployed again keeps what it had, and
/// the configuration would change nothing.
fn set(template: &str, variable: &str, value: &str) -> String {
    let (name, _) = variable.split_once(": ").unwrap_or((variable, ""));
    let lines = template.split_inclusive('\n').filter_map(|line| match line.trim() == variable {
        false => Some(line.to_owned()),
        true if value.is_empty() => None,
        true => Some(line.replace(variable, &format!("{name}: '{}'", quoted(value)))),
    });
    lines.collect()
}

/// Within single quotes YAML knows one escape.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
