//! The parts of docs/ that are made from the code: between `<!-- generated: NAME -->` and `<!-- end -->` stands what the
//! code says now. After a change `UPDATE_DOCS=1 cargo test --test integration generated::` writes the pages again.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use clap::CommandFactory;
use polars::prelude::{ParquetReader, SerReader};
use rdfer_audit::issue::IssueKind;
use rdfer_audit::review::Command;
use rdfer_audit::settings::{DemoSettings, Family, Layers, OwnSettings, Settings};

use crate::support::{SMALL, Workspace, files_below};

const END: &str = "<!-- end -->";

/// Holds the part `name` of a page against `expected`, or writes it.
#[track_caller]
fn hold(page: &str, name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs_err::read_to_string(&path).unwrap();
    let start = format!("<!-- generated: {name} -->\n");
    let from = text.find(&start).expect("the page has the part") + start.len();
    let to = from + text[from..].find(END).expect("the part ends");
    let expected = format!("\n{}\n\n", expected.trim_end());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let text = format!("{}{expected}{}", &text[..from], &text[to..]);
        fs_err::write(&path, text).unwrap();
    } else {
        assert_alike(&text[from..to], &expected, page);
    }
}

#[track_caller]
fn assert_alike(found: &str, expected: &str, page: &str) {
    let differing = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(
        found == expected,
        "{page} is not as the code is now: run UPDATE_DOCS=1 cargo test --test integration generated::\n{differing:#?}"
    );
}

/// Text for a cell of a table: in one line, with links of Rust's documentation made plain.
fn cell(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = text.split("[`");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // An interval may begin with a name as well: only what ends as a link is one.
        match part.split_once('`') {
            Some((name, rest)) if rest.starts_with(']') => {
                write!(plain, "`{name}`{}", &rest[1..]).unwrap();
            }
            _ => write!(plain, "[`{part}").unwrap(),
        }
    }
    plain.replace('|', "\\|")
}

/// Every settings struct of the source by its name: its fields with their types and what their comments say.
type Structs = BTreeMap<String, Vec<(String, String, String)>>;

fn structs() -> Structs {
    let mut structs = Structs::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "faces/src"].map(|folder| files_below(&root.join(folder)));
    for path in files.concat() {
        let text = fs_err::read_to_string(path).unwrap();
        for part in text.split("\npub struct ").skip(1) {
            let Some((name, body)) = part.split_once(" {\n") else {
                continue;
            };
            let body = body.split("\n}").next().unwrap_or_default();
            let (mut fields, mut comment) = (Vec::new(), String::new());
            for line in body.lines().map(str::trim) {
                if let Some(words) = line.strip_prefix("///") {
                    comment += words;
                } else if let Some((field, kind)) = line
                    .strip_prefix("pub ")
                    .and_then(|line| line.split_once(": "))
                {
                    let kind = kind.split(',').next().unwrap_or_default();
                    fields.push((
                        field.to_owned(),
                        kind.to_owned(),
                        std::mem::take(&mut comment),
                    ));
                }
            }
            structs.insert(name.to_owned(), fields);
        }
    }
    structs
}

/// A value as it is typed after `--set key=`.
fn typed(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) if text.is_empty() => "empty".to_owned(),
        toml::Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn lookup<'a>(table: &'a toml::Table, key: &str) -> Option<&'a toml::Value> {
    let mut parts = key.split('.');
    let first = table.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.as_table()?.get(part))
}

/// The words that a setting takes, as the program itself says them when it is given another one.
fn choices(key: &str, value: &toml::Value) -> String {
    if !value.is_str() {
        return String::new();
    }
    let assignment = format!("{key}=no such word");
    let refusal = if key.starts_with("review.") {
        let layers = Layers::<OwnSettings>::default().set(&assignment);
        layers.resolve().err()
    } else {
        let layers = Layers::new().config("cpu").set(&assignment);
        layers.resolve().err()
    };
    let words = refusal.map(|error| error.to_string());
    let words = words.as_deref().and_then(|words| {
        let (_, words) = words
            .rsplit_once("expected one of ")
            .or(words.rsplit_once("expected "))?;
        Some(words.to_owned())
    });
    words.map_or_else(String::new, |words| {
        format!(" One of {}.", words.replace(" or ", ", "))
    })
}

/// The presets' values, from their files.
fn presets() -> BTreeMap<String, toml::Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let files = files_below(&folder).into_iter();
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs_err::read_to_string(&path).unwrap();
            (name, text.parse().unwrap())
        })
        .collect()
}

/// One table of the page of settings, and those below it.
fn settings_table(
    page: &mut String,
    prefix: &str,
    name: &str,
    values: &toml::Table,
    structs: &Structs,
    presets: &BTreeMap<String, toml::Table>,
) {
    let fields = structs.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut below = Vec::new();
    let mut rows = String::new();
    for (field, kind, comment) in fields {
        let key = format!("{prefix}{field}");
        match values.get(field.as_str()) {
            Some(toml::Value::Table(table)) if structs.contains_key(kind) => {
                below.push((key.clone(), kind, comment, table));
            }
            // The keys of the commands have a table of their own, in the page on the review.
            Some(toml::Value::Table(_)) => {
                writeln!(rows, "| `{key}.…` | | | {} |", cell(comment)).unwrap();
            }
            Some(value) => {
                let others = presets.iter().filter_map(|(preset, table)| {
                    let value = lookup(table, &key)?;
                    Some(format!("{preset} {}", typed(value)))
                });
                let others = others.collect::<Vec<_>>().join(", ");
                writeln!(
                    rows,
                    "| `{key}` | {} | {others} | {}{} |",
                    typed(value),
                    cell(comment),
                    choices(&key, value)
                )
                .unwrap();
            }
            None => unreachable!("{key} is no setting"),
        }
        assert!(!comment.is_empty(), "nothing says what {key} means");
    }
    assert_eq!(
        fields.len(),
        values.len(),
        "{name} has fields that are not told"
    );
    if !rows.is_empty() {
        writeln!(
            page,
            "| key | default | presets | meaning |\n|---|---|---|---|\n{rows}"
        )
        .unwrap();
    }
    for (key, kind, comment, table) in below {
        writeln!(page, "## [{key}]\n\n{}\n", cell(comment)).unwrap();
        settings_table(page, &format!("{key}."), kind, table, structs, presets);
    }
}

#[test]
fn settings() {
    let (structs, presets) = (structs(), presets());
    let mut page = String::new();
    let table = Settings::defaults().unwrap();
    settings_table(&mut page, "", "Settings", &table, &structs, &presets);
    let table = OwnSettings::defaults().unwrap();
    settings_table(&mut page, "", "OwnSettings", &table, &structs, &presets);
    let table = DemoSettings::defaults().unwrap();
    let demo = table["demo"].as_table().unwrap();
    page.push_str("## [demo]\n\nThe data set that `demo` makes.\n\n");
    settings_table(&mut page, "demo.", "FaceSettings", demo, &structs, &presets);
    hold("docs/settings.md", "settings", &page);
}

#[test]
fn commands() {
    let mut page = String::from("| command | what it does |\n|---|---|\n");
    for command in rdfer_audit::cli::Cli::command().get_subcommands() {
        let about = command.get_about().unwrap().to_string();
        writeln!(page, "| `{}` | {} |", command.get_name(), cell(&about)).unwrap();
    }
    hold("docs/commands.md", "commands", &page);
}

#[test]
fn keys() {
    let mut page = String::from("| key | what it does | setting |\n|---|---|---|\n");
    for command in Command::ALL {
        let keys: Vec<String> = command
            .default_keys()
            .split(' ')
            .map(|key| format!("`{key}`"))
            .collect();
        writeln!(
            page,
            "| {} | {} | `review.keys.{}` |",
            keys.join(" "),
            command.help(),
            command.name()
        )
        .unwrap();
    }
    hold("docs/review.md", "keys", &page);
}

#[test]
fn kinds_of_issue() {
    let mut page = String::from("| kind | the video or class |\n|---|---|\n");
    for kind in IssueKind::ALL {
        writeln!(page, "| `{}` | {} |", kind.name(), kind.words()).unwrap();
    }
    hold("docs/checks.md", "kinds", &page);
}

#[test]
fn columns() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.write("votes.csv", "id,rater,label\nvideos/0_0,anna,left\n");
    workspace.done(&format!(
        "scan labels.csv --votes votes.csv --out run {SMALL}"
    ));
    let mut page = String::new();
    for path in files_below(&workspace.path("run")) {
        if path
            .extension()
            .is_none_or(|extension| extension != "parquet")
        {
            continue;
        }
        let name = path.strip_prefix(workspace.path("run")).unwrap();
        let name = name.to_str().unwrap();
        // Every fold has the same files; its clips and dynamics become the run's.
        let of_fold = name.strip_prefix("folds/0/");
        if name.starts_with("folds/")
            && of_fold.is_none_or(|name| workspace.path("run").join(name).exists())
        {
            continue;
        }
        let mut reader = ParquetReader::new(fs_err::File::open(&path).unwrap().into_file());
        let metadata = reader.get_metadata().unwrap().clone();
        let notes = metadata.key_value_metadata().iter().flatten();
        let mut notes = notes.filter(|entry| entry.key == "rdfer_audit.columns");
        let notes = notes.next().unwrap().value.clone().unwrap();
        let notes: serde_json::Value = serde_json::from_str(&notes).unwrap();
        let frame = reader.finish().unwrap();
        writeln!(page, "### {}\n", name.replace("folds/0/", "folds/K/")).unwrap();
        writeln!(page, "| column | type | meaning |\n|---|---|---|").unwrap();
        for column in frame.columns() {
            // The data set's own columns are described by who made it.
            let meaning = notes[column.name().as_str()].as_str();
            assert!(
                meaning.is_some() || column.name().starts_with("manifest."),
                "nothing says what {} of {name} means",
                column.name()
            );
            if let Some(meaning) = meaning {
                let kind = column.dtype().to_string().replace("list[", "list of ");
                writeln!(
                    page,
                    "| `{}` | {} | {} |",
                    column.name(),
                    kind.trim_end_matches(']'),
                    cell(meaning)
                )
                .unwrap();
            }
        }
        page.push('\n');
    }
    hold("docs/run-folder.md", "columns", &page);
    // The table of files names every one of them, by itself or by its folder.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/run-folder.md");
    let text = fs_err::read_to_string(folder).unwrap();
    for path in files_below(&workspace.path("run")) {
        let name = path.strip_prefix(workspace.path("run")).unwrap();
        let first = name.iter().next().unwrap().to_str().unwrap();
        let named = [format!("| `{first}`"), format!("| `{first}/")];
        assert!(
            named.iter().any(|row| text.contains(row)),
            "docs/run-folder.md does not name {}",
            name.display()
        );
    }
}
