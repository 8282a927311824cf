//! Every flag that a message names is one of the commands that say it.

use std::collections::BTreeMap;
use std::path::Path;

use clap::CommandFactory;
use rdfer_audit::cli::Cli;
use regex::Regex;

use crate::support::files_below;

/// Who says what stands in a folder or file of `src/`; what stands elsewhere must be somebody's flag.
const SAID_BY: [(&str, &[&str]); 10] = [
    ("command/export.rs", &["export"]),
    ("command/score.rs", &["score"]),
    ("export", &["export"]),
    ("journal", &["review"]),
    ("manifest", &["check", "scan"]),
    ("pipeline/compare.rs", &["compare"]),
    ("pipeline/networks", &["scan"]),
    ("pipeline/prepare", &["check", "scan"]),
    ("predictions", &["score"]),
    ("review", &["review"]),
];

/// Flags of messages that `scan` alone has reason to print.
const OF_SCAN: [&str; 2] = ["--folds", "--set"];

/// The string literals of a file, without those of tests and comments.
fn literals(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = code.lines().filter(is_code).collect();
    let code = code.join("\n").replace("'\"'", "").replace("b'\"'", "");
    let literal = Regex::new(r##"(?s)r#"(.*?)"#|"((?:[^"\\]|\\.)*)""##).unwrap();
    let text = |found: regex::Captures<'_>| {
        let text = found.get(1).or(found.get(2));
        text.map_or(String::new(), |text| text.as_str().to_owned())
    };
    literal.captures_iter(&code).map(text).collect()
}

#[test]
fn flags_that_messages_name_are_flags_of_who_says_them() {
    let cli = Cli::command();
    let flags = |command: &clap::Command| -> Vec<String> {
        let own = command.get_arguments().chain(cli.get_arguments());
        own.filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
            .chain(["--help".to_owned(), "--version".to_owned()])
            .collect()
    };
    let commands: BTreeMap<&str, Vec<String>> = cli
        .get_subcommands()
        .map(|command| (command.get_name(), flags(command)))
        .collect();
    let has = |command: &str, flag: &str| commands[command].iter().any(|other| other == flag);
    let flag = Regex::new(r"(^|[^\w(-])(--[a-z][a-z-]*[a-z])").unwrap();
    let named = Regex::new(r"(?:`|'|rdfer-audit |^)([a-z]+)(?: again with| [^`';]*)?$").unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in files_below(&source) {
        let place = path.strip_prefix(&source).unwrap();
        let is_style = place.starts_with("page/html") || place.ends_with("tests.rs");
        // Those lines are sbatch's.
        let is_style = is_style || place.ends_with("pipeline/lines.rs");
        // What starts with two dashes there is a program's own, or a colour.
        if is_style || place.starts_with("cli") || place.ends_with("libraries.rs") {
            continue;
        }
        for text in literals(&fs_err::read_to_string(&path).unwrap()) {
            for found in flag.captures_iter(&text) {
                let name = found.get(2).unwrap();
                let before = &text[..name.start()];
                let before = before.trim_end_matches(['\'', '`']);
                let by_name = named.captures(before.trim_end());
                let by_name = by_name.map(|found| found.get(1).unwrap().as_str());
                let is_right = |command: &&str| has(command, name.as_str());
                let is_known = match by_name.filter(|name| commands.contains_key(name)) {
                    Some(command) => is_right(&command),
                    None if before.contains("scripts/") => true,
                    None if OF_SCAN.contains(&name.as_str()) => is_right(&"scan"),
                    None => match SAID_BY.iter().find(|(part, _)| place.starts_with(part)) {
                        Some((_, said_by)) => said_by.iter().all(is_right),
                        None => commands.keys().any(is_right),
                    },
                };
                count += 1;
                if !is_known {
                    wrong.push(format!(
                        "{}: {} in {text:?}",
                        place.display(),
                        name.as_str()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 80, "{count} flags");
}
