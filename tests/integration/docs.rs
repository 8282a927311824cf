//! README and docs/: short enough, no dead links, no command that the program does not take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rdfer_audit::cli::{Cli, Command};
use rdfer_audit::settings::{Settings, SettingsError};

use crate::support::files_below;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page by its path from the root, with its text.
fn pages() -> BTreeMap<PathBuf, String> {
    let top = fs_err::read_dir(root()).unwrap();
    let mut files: Vec<PathBuf> = top.map(|entry| entry.unwrap().path()).collect();
    for folder in ["docs", "reports", "findings"] {
        files.extend(files_below(&root().join(folder)));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files
        .into_iter()
        .map(|path| {
            let text = fs_err::read_to_string(&path).unwrap();
            (path.strip_prefix(root()).unwrap().to_owned(), text)
        })
        .collect()
}

/// The lines outside code blocks, and those within, each with its block's language.
fn split(text: &str) -> (Vec<&str>, Vec<(&str, &str)>) {
    let (mut prose, mut code, mut language) = (Vec::new(), Vec::new(), None);
    for line in text.lines() {
        match (line.strip_prefix("```"), language) {
            (Some(_), Some(_)) => language = None,
            (Some(name), None) => language = Some(name),
            (None, Some(name)) => code.push((name, line)),
            (None, None) => prose.push(line),
        }
    }
    assert!(language.is_none(), "a code block does not end");
    (prose, code)
}

/// The name that a heading has in links, as the usual renderers of Markdown give it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(text: &str) -> Vec<String> {
    let headings = split(text).0.into_iter();
    headings
        .filter(|line| line.starts_with('#'))
        .map(anchor)
        .collect()
}

/// What the links of a line point to.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).map(|rest| {
        let end = rest.find(')').expect("a link ends in its line");
        &rest[..end]
    })
}

#[test]
fn the_readme_is_short() {
    let readme = &pages()[Path::new("README.md")];
    assert!(readme.len() <= 9_000, "{} bytes", readme.len());
    assert!(readme.lines().count() <= 210);
    for line in readme.lines() {
        assert!(line.chars().count() <= 120, "longer than 120: {line}");
    }
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut dead = Vec::new();
    for (path, text) in &pages {
        let folder = root().join(path).parent().unwrap().to_owned();
        for target in split(text).0.into_iter().flat_map(targets) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                root().join(path)
            } else {
                folder.join(file)
            };
            let there = if heading.is_empty() {
                file.exists()
            } else {
                fs_err::read_to_string(&file)
                    .is_ok_and(|text| anchors(&text).iter().any(|name| name == heading))
            };
            if !there {
                dead.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let pages = pages();
    let mut seen = vec![PathBuf::from("README.md")];
    let mut next = 0;
    while let Some(path) = seen.get(next).cloned() {
        next += 1;
        let folder = root().join(&path).parent().unwrap().to_owned();
        for target in split(&pages[&path]).0.into_iter().flat_map(targets) {
            let file = folder.join(target.split('#').next().unwrap_or_default());
            let Ok(file) = fs_err::canonicalize(file) else {
                continue;
            };
            let Ok(file) = file.strip_prefix(fs_err::canonicalize(root()).unwrap()) else {
                continue;
            };
            if pages.contains_key(file) && !seen.iter().any(|other| other == file) {
                seen.push(file.to_owned());
            }
        }
    }
    for path in pages.keys().filter(|path| path.starts_with("docs")) {
        assert!(seen.contains(path), "no page links to {}", path.display());
    }
}

/// The commands of all pages: the lines of blocks of shell, without comments.
pub(crate) fn commands() -> Vec<(PathBuf, String)> {
    let mut commands = Vec::new();
    for (path, text) in pages() {
        for (language, line) in split(&text).1 {
            let command = line.split(" #").next().unwrap_or_default().trim();
            if language == "sh" && !command.is_empty() && !command.starts_with('#') {
                commands.push((path.clone(), command.to_owned()));
            }
        }
    }
    commands
}

/// Resolves what a command line says of settings; over a preset where it would be those of a run.
fn settings(cli: &Cli) -> Result<(), SettingsError> {
    match &cli.command {
        None => cli.training.layers::<Settings>("cpu").resolve().map(drop),
        Some(Command::Scan(args)) => args.layers("cpu").resolve().map(drop),
        Some(Command::Check(args)) => args.layers("cpu").resolve().map(drop),
        Some(Command::Score(args)) => args.layers("cpu").resolve().map(drop),
        Some(Command::Compare(args)) => {
            let layers = args.training.layers::<Settings>("cpu");
            layers.resolve().map(drop)
        }
        Some(Command::Demo(args)) => {
            let layers = args.layers("demo");
            layers.resolve().map(drop)
        }
        Some(Command::Review(args)) => args.layers(None).resolve().map(drop),
        // The others have no settings.
        Some(_) => Ok(()),
    }
}

#[test]
fn the_program_takes_every_command_that_the_pages_show() {
    let manifest = include_str!("../../Cargo.toml");
    let mut count = 0;
    for (path, command) in commands() {
        let place = format!("{}: {command}", path.display());
        let words: Vec<&str> = command
            .split_whitespace()
            .skip_while(|word| {
                word.contains('=') && word.starts_with(|c: char| c.is_ascii_uppercase())
            })
            .collect();
        match words[0] {
            "rdfer-audit" => {
                let cli = Cli::read(&words).unwrap_or_else(|error| panic!("{place}: {error}"));
                settings(&cli).unwrap_or_else(|error| panic!("{place}: {error}"));
            }
            "cargo" => {
                if let Some(at) = words.iter().position(|word| *word == "--bench") {
                    let name = format!("name = \"{}\"", words[at + 1]);
                    assert!(manifest.contains(&name), "{place}: no such bench");
                }
            }
            script
                if ["scripts/", "lab/", "findings/"]
                    .iter()
                    .any(|folder| script.starts_with(folder)) =>
            {
                use std::os::unix::fs::PermissionsExt;
                let file = fs_err::metadata(root().join(script)).unwrap();
                assert!(
                    file.permissions().mode() & 0o111 != 0,
                    "{place}: not executable"
                );
            }
            // `scripts/matrix` runs it.
            "pip" if words.iter().any(|word| word.contains("rdfer_audit-")) => {}
            _ => panic!("{place}: not a command of this project"),
        }
        count += 1;
    }
    assert!(count >= 25, "{count} commands");
}

#[test]
fn the_pages_tell_the_exit_codes_that_there_are() {
    use rdfer_audit::cli::ExitStatus;

    let page = &pages()[Path::new("docs/commands.md")];
    for (status, words) in [
        (ExitStatus::Done, "done"),
        (
            ExitStatus::Suspect,
            "done, but a larger share than `--fail-above` is suspect",
        ),
        (ExitStatus::Failed, "could not be done"),
        (ExitStatus::Interrupted, "interrupted"),
    ] {
        let row = format!("| {} | {words} |", status as i32);
        assert!(page.contains(&row), "{row}");
    }
}

/// All text of the program and its scripts, with its white space made alike.
fn sources() -> String {
    let files = ["src", "scripts"]
        .into_iter()
        .flat_map(|folder| files_below(&root().join(folder)));
    let texts = files.filter_map(|path| fs_err::read_to_string(path).ok());
    let words: Vec<String> = texts
        .flat_map(|text| {
            let words = text.split_whitespace().map(str::to_owned);
            words.collect::<Vec<String>>()
        })
        .collect();
    words.join(" ")
}

#[test]
fn troubleshooting_quotes_messages_that_there_are() {
    let (sources, pages) = (sources(), pages());
    let page = &pages[Path::new("docs/troubleshooting.md")];
    let mut count = 0;
    for line in page.lines() {
        let Some((message, rest)) = line
            .strip_prefix("| `")
            .and_then(|line| line.split_once('`'))
        else {
            continue;
        };
        // What other programs say is marked by whose it is.
        if rest.starts_with(" (") && !rest.starts_with(" (doctor)") {
            continue;
        }
        for part in message.split('…').filter(|part| part.trim().len() > 2) {
            assert!(
                sources.contains(part.trim()),
                "nothing says '{part}': {message}"
            );
        }
        count += 1;
    }
    assert!(count >= 20, "{count} messages");
}
