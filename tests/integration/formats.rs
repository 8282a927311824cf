//! Published data sets, in the layout in which they are given away, from end to end.

use std::fmt::Write;

use crate::support::{SMALL, Workspace};

/// Class, number, and name of each of nine videos, three of each class.
fn videos() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..9).map(|index| (index % 3, index / 3, index + 1))
}

fn scanned(workspace: &Workspace, data_set: &str, format: &str) -> serde_json::Value {
    let line = format!("scan {data_set} --out run/{data_set} --json {SMALL}");
    let line = line.replace("--epochs 2", "--epochs 1");
    let summary: serde_json::Value = workspace.scanned(&line);
    assert_eq!(summary["videos"], 9);
    let card = workspace.read(&format!("run/{data_set}/run.json"));
    let card: serde_json::Value = serde_json::from_slice(&card).unwrap();
    assert_eq!(card["format"], format);
    card["labels"].clone()
}

#[test]
fn published_data_sets_are_scanned_as_they_come() {
    let workspace = Workspace::new();
    let (mut table, mut list, mut scenes) = (
        String::from("video_name,label\n"),
        String::new(),
        String::new(),
    );
    for (class, number, name) in videos() {
        workspace.video(
            &format!("dfew/Clip/original/part_1/{name}.mp4"),
            class,
            number,
            24,
        );
        writeln!(table, "{name:05},{}", [1, 2, 7][class]).unwrap();
        workspace.video(&format!("mafw/data/clips/{name:05}.mp4"), class, number, 24);
        writeln!(
            list,
            "{name:05}.mp4 {}",
            ["anger", "fear", "anxiety"][class]
        )
        .unwrap();
        let label = ["Happy", "Sad", "Fear"][class];
        let path = format!("Action/{label}/{name:04}");
        workspace.video(
            &format!("ferv/2_ClipsforFaceCrop/{path}.mp4"),
            class,
            number,
            24,
        );
        writeln!(scenes, "{path} {label}").unwrap();
    }
    let sets = ["train(single-labeled)/set_1", "test(single-labeled)/set_2"]
        .map(|set| format!("dfew/EmoLabel_DataSplit/{set}.csv"));
    for set in &sets {
        workspace.write(set, &table);
    }
    let lists =
        ["train", "test"].map(|set| format!("mafw/split/single/no_caption/set_1/{set}.txt"));
    for set in &lists {
        workspace.write(set, &list.replace('\n', "\r\n"));
    }
    workspace.write("ferv/4_setups/All_scenes/train_All.csv", &scenes);
    assert_eq!(
        scanned(&workspace, "dfew", "dfew"),
        serde_json::json!(["happy", "sad", "fear"])
    );
    scanned(&workspace, "mafw", "mafw");
    scanned(&workspace, "ferv", "ferv39k");

    exported(
        &workspace,
        "dfew",
        "00004,relabel,fear",
        &sets,
        ("00004,1", "00004,7"),
    );
    exported(
        &workspace,
        "mafw",
        "00002,relabel,anger",
        &lists,
        ("00002.mp4 fear", "00002.mp4 anger"),
    );
    exported(
        &workspace,
        "ferv",
        "Action/Fear/0003,relabel,Sad",
        &["ferv/4_setups/All_scenes/train_All.csv".to_owned()],
        ("Action/Fear/0003 Fear", "Action/Fear/0003 Sad"),
    );
}

/// Exports a scanned data set without decisions, and with one.
fn exported(
    workspace: &Workspace,
    name: &str,
    decision: &str,
    files: &[String],
    line: (&str, &str),
) {
    workspace.done(&format!("export run/{name} --to same"));
    let copy = |to: &str, file: &str| workspace.read(&file.replacen(name, to, 1));
    for file in files {
        assert_eq!(copy("same", file), workspace.read(file), "{file}");
    }
    workspace.write("decisions.csv", &format!("id,action,label\n{decision}\n"));
    workspace.done(&format!("review run/{name} --apply decisions.csv"));
    workspace.done(&format!("export run/{name} --to clean"));
    for file in files {
        let before = String::from_utf8(workspace.read(file)).unwrap();
        assert!(before.contains(line.0), "{before}");
        let after = String::from_utf8(copy("clean", file)).unwrap();
        assert_eq!(after, before.replace(line.0, line.1), "{file}");
    }
    workspace.done(&format!("export run/{name} --to clean --check"));
    workspace.done(&format!("export run/{name} --to clean --revert"));
    for file in files {
        assert_eq!(copy("clean", file), workspace.read(file), "{file}");
    }
    fs_err::remove_dir_all(workspace.path("same")).unwrap();
    fs_err::remove_dir_all(workspace.path("clean")).unwrap();
}
