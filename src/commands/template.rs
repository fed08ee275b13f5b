//! `headroom template`: CloudFormation for the webhook on AWS, with the pools and roll-ups of the
//! configuration in it.

use model::{Pool, RollUp};
use serde_json::json;

use crate::cli::TemplateArgs;
use crate::config::{Config, Flags};
use crate::exit::{self, Failure};
use crate::render;

/// The template; `@POOLS@` and `@ROLL_UPS@` stand where the configuration's go.
const INGEST: &str = include_str!("../../adapters/lambda/template/ingest.yaml");

/// The longest value of a parameter.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const VALUE_BYTES_MAX: usize = 4_096;

/// Prints the template.
///
/// # Errors
/// When the configuration is wrong, has more pools than a parameter can hold, or stdout cannot be
/// written.
pub fn run(args: &TemplateArgs) -> Result<u8, Failure> {
    let flags = Flags { config: args.config.clone(), ..Flags::default() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    let pools = pools(&config.pools);
    if pools.len() > VALUE_BYTES_MAX {
        return Err(Failure::Argument {
            key: "pool".into(),
            problem: format!(
                "the pools are {} bytes of JSON, and a parameter holds {VALUE_BYTES_MAX}",
                pools.len()
            ),
        });
    }
    render::print(&template(&pools, &roll_ups(&config.emf.roll_ups))).map_err(super::stdout)?;
    Ok(exit::OK)
}

fn template(pools: &str, roll_ups: &str) -> String {
    // Within single quotes YAML knows one escape.
    let quoted = |text: &str| text.replace('\'', "''");
    INGEST.replace("@POOLS@", &quoted(pools)).replace("@ROLL_UPS@", &quoted(roll_ups))
}

/// The value of `HEADROOM_POOLS`; none is the empty text.
fn pools(pools: &[Pool]) -> String {
    let row = |pool: &Pool| {
        let mut row = json!({ "name": pool.name, "labels": pool.labels });
        if let Some(group) = &pool.runner_group {
            row["runner_group"] = json!(group);
        }
        row
    };
    let rows: Vec<_> = pools.iter().map(row).collect();
    if rows.is_empty() { String::new() } else { json!(rows).to_string() }
}

/// The value of `HEADROOM_ROLL_UPS`.
fn roll_ups(on: &[RollUp]) -> String {
    let opted = on.iter().filter(|roll_up| **roll_up != RollUp::Pool);
    opted.map(|roll_up| roll_up.as_str()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;

    #[test]
    fn pools_stand_in_the_template_as_the_function_reads_them() {
        let labels = Labels::new(["x", "self-hosted"]);
        let group = Some("default".to_owned());
        let pool = Pool { name: "bob's".into(), labels, runner_group: group };
        let expected =
            r#"[{"labels":["self-hosted","x"],"name":"bob's","runner_group":"default"}]"#;
        assert_eq!(pools(std::slice::from_ref(&pool)), expected);
        let yaml = template(expected, "repository,article");
        assert!(yaml.contains(&format!("'{}'", expected.replace('\'', "''"))), "{yaml}");
        assert!(yaml.contains("Default: 'repository,article'") && !yaml.contains('@'), "{yaml}");
        assert_eq!(pools(&[]), "");
    }

    #[test]
    fn roll_ups_are_named_as_the_template_allows_them() {
        for on in [&[][..], &[RollUp::Pool], &[RollUp::Repository], &RollUp::ALL] {
            let named = roll_ups(on);
            let allowed = [named.is_empty(), INGEST.contains(&format!("\"{named}\""))];
            assert!(allowed.contains(&true) || INGEST.contains(&format!(", {named},")), "{named}");
        }
    }
}
