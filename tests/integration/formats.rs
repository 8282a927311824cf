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
    for set in ["train(single-labeled)/set_1", "test(single-labeled)/set_2"] {
        workspace.write(&format!("dfew/EmoLabel_DataSplit/{set}.csv"), &table);
    }
    workspace.write("mafw/split/single/no_caption/set_1/train.txt", &list);
    workspace.write("ferv/4_setups/All_scenes/train_All.csv", &scenes);
    assert_eq!(
        scanned(&workspace, "dfew", "dfew"),
        serde_json::json!(["happy", "sad", "fear"])
    );
    scanned(&workspace, "mafw", "mafw");
    scanned(&workspace, "ferv", "ferv39k");
}
