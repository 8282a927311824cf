//! The examples of `docs/data-sets.md` are read, or refused, as the page says; and what is exported is read again.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use rdfer_audit::manifest::{ReadOptions, Reading, read_with_files};

use super::Data;
use crate::support::{SMALL, Workspace};

/// The blocks of the page that have a name besides their kind: kind, name and text.
fn examples() -> Vec<(String, String, String)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/data-sets.md");
    let text = fs_err::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    for (number, block) in text
        .split("\n```")
        .enumerate()
        .filter(|(number, _)| number % 2 == 1)
    {
        let (info, body) = block.split_once('\n').unwrap();
        if let Some((kind, name)) = info.split_once(' ') {
            blocks.push((kind.to_owned(), name.to_owned(), format!("{body}\n")));
        }
        assert!(!info.is_empty(), "block {number} has no language");
    }
    blocks
}

#[test]
fn the_examples_of_the_page_are_read_as_it_says() {
    let data = Data::new(&[]);
    let examples = examples();
    assert!(examples.len() > 15, "{}", examples.len());
    for (kind, name, text) in &examples {
        let is_file = name.rsplit('/').next().unwrap().contains('.');
        if is_file {
            let folder = name
                .rsplit_once('/')
                .map_or(String::new(), |(folder, _)| format!("{folder}/"));
            data.0.write(name, text);
            let is_end =
                |character: char| !character.is_alphanumeric() && !"/._-".contains(character);
            for path in text.split(is_end).filter(|word| word.contains(".mp4")) {
                if kind != "tree" && !name.starts_with("mafw") {
                    data.0.write(&format!("{folder}{path}"), "");
                }
            }
        } else {
            text.lines()
                .for_each(|path| data.0.write(&format!("{name}/{path}"), ""));
        }
    }
    for (kind, name, _) in &examples {
        // A data set of several files is read by its top folder.
        let several = ["hf", "lists", "dfew", "ferv", "mafw"];
        let top = name.split('/').next().unwrap();
        let source = if several.contains(&top) { top } else { name };
        match (kind.as_str(), data.read(source, Reading::default())) {
            ("refused", Ok(_)) => panic!("'{name}' is read"),
            ("refused", Err(_)) => {}
            (_, Ok(manifest)) => assert!(manifest.videos.len() > 1, "{name}"),
            (_, Err(error)) => panic!("{error}"),
        }
    }
}

/// Label by the name of a video's file.
fn labels(data: &Workspace, name: &str) -> BTreeMap<String, String> {
    let path = Utf8PathBuf::from_path_buf(data.path(name)).unwrap();
    let (manifest, _) = read_with_files(&path, &ReadOptions::default()).unwrap();
    let videos = manifest.videos.iter().map(|video| {
        let path = video.path.canonicalize_utf8().unwrap();
        let label = manifest.labels.name(video.label).to_owned();
        (path.file_name().unwrap().to_owned(), label)
    });
    videos.collect()
}

#[test]
fn exports_are_data_sets_again_and_rows_that_were_left_out_stay() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let given = labels(&workspace, "labels.csv");
    assert_eq!(given.len(), 12);
    let listed = String::from_utf8(workspace.read("labels.csv")).unwrap();
    let listed = format!("{listed}videos/gone.mp4,left,\nvideos/none.mp4,nan,\n");
    workspace.write("labels.csv", &listed);
    let refused = workspace.run("check labels.csv");
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("--missing skip") || refused.stderr.contains("there is no file"),
        "{}",
        refused.stderr
    );
    let line = format!("scan labels.csv --out run --missing skip --unlabeled skip {SMALL}");
    let told = workspace.done(&line).stdout;
    assert!(
        told.contains("left out: 1 whose video is not there (videos/gone.mp4)"),
        "{told}"
    );
    assert!(
        told.contains("left out: 1 without a label (videos/none.mp4)"),
        "{told}"
    );
    workspace.done("export run --to same.csv");
    assert_eq!(
        String::from_utf8(workspace.read("same.csv")).unwrap(),
        listed
    );
    workspace.done("export run --to flagged.csv --flag");
    let flagged = String::from_utf8(workspace.read("flagged.csv")).unwrap();
    let commas = |line: &str| line.replace("\"n, ", "").matches(',').count();
    let counts: Vec<usize> = flagged.lines().map(commas).collect();
    assert!(counts.iter().all(|count| *count == counts[0]), "{flagged}");

    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out again {SMALL}"));
    for (format, name) in [
        ("csv", "out.csv"),
        ("jsonl", "out.jsonl"),
        ("list", "out.txt"),
        ("parquet", "out.parquet"),
        ("huggingface", "hf"),
        ("folders", "folders"),
        ("fiftyone", "out.json"),
    ] {
        workspace.done(&format!("export again --format {format} --to {name}"));
        assert_eq!(labels(&workspace, name), given, "{format}");
    }
}
