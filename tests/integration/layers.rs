//! The layers: a module uses only modules above it in this list, and each heavy crate lives in its own layer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Modules from the words at the top to the edge at the bottom, as `lib.rs` names them.
const LAYERS: [(&str, &[&str]); 9] = [
    (
        "words",
        &[
            "seed",
            "file_system",
            "whole",
            "label",
            "issue",
            "fold",
            "table",
            "manifest",
        ],
    ),
    ("judgement", &["score", "metrics"]),
    (
        "pixels",
        &["video", "face", "health", "cache", "duplicates", "audit"],
    ),
    ("clips", &["clip"]),
    ("network", &["model", "train", "predict"]),
    (
        "paper",
        &[
            "rows",
            "judge",
            "page",
            "evaluate",
            "predictions",
            "vectors",
            "journal",
            "export",
        ],
    ),
    ("people", &["review"]),
    (
        "pipeline",
        &["settings", "interrupt", "telemetry", "pipeline"],
    ),
    ("edge", &["cli", "command"]),
];

/// A heavy crate and the modules that may name it.
const CRATES: [(&str, &[&str]); 14] = [
    ("csv", &["manifest", "export", "command"]),
    ("ffmpeg_next", &["video"]),
    ("turbojpeg", &["video"]),
    ("rustface", &["face"]),
    ("memmap2", &["file_system"]),
    (
        "tch",
        &["clip", "model", "train", "predict", "pipeline", "command"],
    ),
    ("polars", &["table"]),
    ("maud", &["page"]),
    ("ratatui", &["review"]),
    ("ratatui_image", &["review"]),
    ("crossterm", &["review"]),
    ("clap", &["cli", "command"]),
    // The pipeline hands on the errors of a dozen modules, and nothing asks it which one it was.
    ("anyhow", &["pipeline", "command"]),
    ("indicatif", &["telemetry"]),
];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Every source file with the top-level module that it belongs to, and its code without comments.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap();
            let module = relative
                .components()
                .next()
                .unwrap()
                .as_os_str()
                .to_str()
                .unwrap();
            let module = module.trim_end_matches(".rs").to_owned();
            let code = fs_err::read_to_string(&path)
                .unwrap()
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default())
                .collect::<Vec<_>>()
                .join("\n");
            (module, path.clone(), code)
        })
        .collect()
}

/// The identifiers that follow `prefix` in `code`.
fn names_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).map(move |(start, _)| {
        let rest = &code[start + prefix.len()..];
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let order: BTreeMap<&str, usize> = LAYERS
        .iter()
        .flat_map(|(_, modules)| modules.iter().copied())
        .zip(0..)
        .collect();
    let layer: BTreeMap<&str, usize> = LAYERS
        .iter()
        .zip(0..)
        .flat_map(|((_, modules), layer)| modules.iter().map(move |module| (*module, layer)))
        .collect();
    let edge = LAYERS.len() - 1;
    let mut wrong = Vec::new();
    for (module, path, code) in sources() {
        if module == "lib" || module == "bin" {
            continue;
        }
        let Some(&own) = order.get(module.as_str()) else {
            wrong.push(format!("{} belongs to no layer", path.display()));
            continue;
        };
        for used in names_after(&code, "crate::") {
            match order.get(used) {
                // `crate::{a, b}` would hide what is used.
                None => wrong.push(format!(
                    "{} uses 'crate::{used}', which is in no layer",
                    path.display()
                )),
                // At the edge the modules serve each other; elsewhere the order within a layer holds as well.
                Some(&other) if other > own && layer[module.as_str()] < edge => {
                    wrong.push(format!(
                        "{} uses {used}, which stands below it",
                        path.display()
                    ));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_is_named_in_lib_in_order() {
    let lib =
        fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let named: Vec<&str> = names_after(&lib, "\npub mod ").collect();
    let expected: Vec<&str> = LAYERS
        .iter()
        .flat_map(|(_, modules)| modules.iter().copied())
        .collect();
    assert_eq!(named, expected);
}

#[test]
fn every_module_has_its_row_in_the_architecture() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let page = fs_err::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.split(" | ").nth(1));
    let named: Vec<&str> = rows
        .filter_map(|cell| cell.strip_prefix('`')?.strip_suffix('`'))
        .filter(|name| !name.contains(['/', ':']))
        .collect();
    let expected: Vec<&str> = LAYERS
        .iter()
        .flat_map(|(_, modules)| modules.iter().copied())
        .collect();
    assert_eq!(named, expected);
}

#[test]
fn heavy_crates_live_in_their_layer() {
    let mut wrong = Vec::new();
    for (module, path, code) in sources() {
        for (name, modules) in CRATES {
            // `sketch::` is not `tch::`.
            let uses = code.match_indices(&format!("{name}::")).any(|(start, _)| {
                !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            if uses && !modules.contains(&module.as_str()) {
                wrong.push(format!("{} uses {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines of code: neither blank, nor comment, nor test.
fn code_lines(text: &str) -> usize {
    let tests = text.find("#[cfg(test)]\nmod tests {");
    let code = &text[..tests.unwrap_or(text.len())];
    code.lines()
        .filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"))
        .count()
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, path, _)| code_lines(&fs_err::read_to_string(path).unwrap()) > 400)
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(
        long.is_empty(),
        "more than 400 lines of code: {}",
        long.join(", ")
    );
}

#[test]
fn no_leftovers() {
    let words = ["dbg!", "todo!", "unimplemented!", "FIXME", "XXX"];
    for (_, path, _) in sources() {
        let text = fs_err::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}
