//! The command line: helps with examples, completions, data on stdout and nothing else.

use serde_json::Value;

use crate::world::{headroom, headroom_in, repository};

/// The subcommands that the help lists, so that a new one is held to the same rules.
fn commands() -> Vec<String> {
    let overview = headroom(&["--help"], b"").stdout;
    let listed = overview.lines().skip_while(|line| *line != "Commands:").skip(1);
    let named = listed.take_while(|line| !line.is_empty()).filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty() && name != "help").then(|| name.to_owned())
    });
    let commands: Vec<String> = named.collect();
    assert!(commands.len() >= 6, "{commands:?} in {overview}");
    commands
}

#[test]
fn every_subcommand_has_a_help_with_an_example() {
    for command in commands() {
        for arguments in [&[&command, "--help"][..], &["help", &command]] {
            let help = headroom(arguments, b"");
            assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
            let (_, example) = help.stdout.split_once("Example").unwrap();
            assert!(example.contains(&format!("headroom {command}")), "{}", help.stdout);
        }
    }
    assert!(headroom(&["--help"], b"").stdout.contains("Exit codes:"));
}

#[test]
fn each_example_of_the_help_is_understood() {
    for command in commands() {
        let help = headroom(&[&command, "--help"], b"").stdout;
        let (_, examples) = help.split_once("Example").unwrap();
        for line in examples.lines().filter(|line| line.contains("headroom ")) {
            let arguments = line.split("headroom ").nth(1).unwrap().split('>').next().unwrap();
            let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
            arguments.push("--help");
            assert_eq!(headroom(&arguments, b"").code, Some(0), "{line}");
        }
    }
}

#[test]
fn every_shell_gets_completions_that_know_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = headroom(&["completions", shell], b"");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        for command in commands() {
            assert!(ended.stdout.contains(&command), "{shell} does not know {command}");
        }
    }
}

#[test]
fn a_misspelt_word_is_answered_on_stderr_with_what_was_meant() {
    for (arguments, expected) in [
        (&["srve"][..], "serve"),
        (&["serve", "--lisen", "x"], "--listen"),
        (&["serve", "--listen", "nowhere"], "--listen"),
        (&["metrics", "--format", "xml"], "markdown"),
        (&["metrics", "--cost"], "--repositories"),
        (&["lint"], "FILE"),
        (&["demo", "--speed", "warp"], "max"),
        (&["completions", "tcsh"], "bash"),
        (&[], "Usage"),
    ] {
        let ended = headroom(arguments, b"");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn the_catalogue_has_the_same_rows_in_three_formats() {
    let table = headroom(&["metrics"], b"").stdout;
    let json: Value =
        serde_json::from_str(&headroom(&["metrics", "--format=json"], b"").stdout).unwrap();
    let markdown = headroom(&["metrics", "--format=markdown"], b"").stdout;
    assert_eq!(json.as_array().unwrap().len(), model::catalogue::ALL.len());
    for spec in model::catalogue::ALL {
        assert!(table.contains(spec.name) && markdown.contains(spec.name), "{}", spec.name);
        assert!(json.to_string().contains(&format!("\"{}\"", spec.name)), "{}", spec.name);
    }
}

#[test]
fn piped_output_has_no_escape_codes_with_or_without_no_color() {
    let folder = tempfile::tempdir().unwrap();
    for vars in [&[][..], &[("NO_COLOR", "1")]] {
        for arguments in [
            &["--help"][..],
            &["serve", "--help"],
            &["metrics"],
            &["metrics", "--cost", "--repositories=5", "--jobs-per-day=100"],
            &["doctor"],
            &["srve"],
            &["serve", "--store=a/b", "--log-format=text"],
        ] {
            let ended = headroom_in(folder.path(), vars, arguments, b"");
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!said.is_empty() && !said.contains('\u{1b}'), "{arguments:?}: {said:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let script =
        format!("{} metrics --format=markdown | head -c 1", env!("CARGO_BIN_EXE_headroom"));
    let mut shell = std::process::Command::new("bash");
    shell.args(["-o", "pipefail", "-c", &script]).current_dir(repository());
    let ended = crate::world::read_with(shell, b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}
