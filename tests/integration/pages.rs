//! The examples of pages in docs/: each of their commands is run, in the page's order.

use std::fmt::Write;
use std::path::Path;

use polars::prelude::*;

use crate::support::{Workspace, python_of};

/// The commands of a page, without the program's name.
fn commands(page: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    let text = fs_err::read_to_string(path).unwrap();
    let found = text
        .lines()
        .filter_map(|line| line.strip_prefix("rdfer-audit "));
    let found: Vec<String> = found.map(str::to_owned).collect();
    assert!(!found.is_empty(), "{page} has no example");
    found
}

const LABELS: [&str; 3] = ["Happy", "Sad", "Neutral"];
const VIDEOS: usize = 60;

/// The label that is given, which is wrong for a tenth, and the one that is seen.
fn given(video: usize) -> usize {
    (video + usize::from(video.is_multiple_of(10))) % 3
}

fn probs(video: usize) -> [f64; 3] {
    let mut probs = [0.1; 3];
    probs[video % 3] = 0.8;
    probs
}

/// An array of `NumPy` with `shape`.
fn array(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

/// The files of which the page speaks, and one whose columns are in no order that its words tell.
fn prediction_files(workspace: &Workspace) {
    let words: Vec<&str> = (0..VIDEOS).map(|video| LABELS[given(video)]).collect();
    let ids: Vec<String> = (0..VIDEOS)
        .map(|video| format!("v/{video:02}.mp4"))
        .collect();
    let lists: Vec<Series> = (0..VIDEOS)
        .map(|video| Series::new("".into(), probs(video)))
        .collect();
    let sorted: Vec<Series> = (0..VIDEOS)
        .map(|video| {
            let [happy, sad, neutral] = probs(video);
            Series::new("".into(), [happy, neutral, sad])
        })
        .collect();
    for (name, lists) in [("lists", sorted), ("other", lists)] {
        let mut frame = df!("path" => &ids, "label" => &words, "pred_probs" => lists).unwrap();
        let file = fs_err::File::create(workspace.path(&format!("{name}.parquet"))).unwrap();
        ParquetWriter::new(file).finish(&mut frame).unwrap();
    }
    let mut wide = String::from("path;label;prob_happy;prob_sad;prob_neutral\n");
    let mut labels = String::from("path,label\n");
    let mut truth = String::from("path,label\n");
    let mut data = Vec::new();
    let mut numbers = Vec::new();
    for video in 0..VIDEOS {
        let [happy, sad, neutral] = probs(video);
        writeln!(
            wide,
            "{};{};{happy};{sad};{neutral}",
            ids[video], words[video]
        )
        .unwrap();
        writeln!(labels, "{},{}", ids[video], words[video]).unwrap();
        writeln!(truth, "{},{}", ids[video], LABELS[video % 3]).unwrap();
        data.extend(probs(video).iter().flat_map(|prob| prob.to_le_bytes()));
        numbers.extend((given(video) as i64 + 1).to_le_bytes());
    }
    workspace.write("wide.csv", &wide);
    workspace.write("labels.csv", &labels);
    workspace.write("truth.csv", &truth);
    workspace.write(
        "judged.csv",
        &truth
            .to_uppercase()
            .replace("V/", "v/")
            .replace(".MP4", ".mp4"),
    );
    let probs = array("<f8", &format!("({VIDEOS}, 3)"), &data);
    fs_err::write(workspace.path("probs.npy"), &probs).unwrap();
    fold_files(workspace);
    let mut archive =
        ::zip::ZipWriter::new(fs_err::File::create(workspace.path("both.npz")).unwrap());
    for (name, bytes) in [
        ("pred_probs.npy", &probs),
        (
            "labels.npy",
            &array("<i8", &format!("({VIDEOS},)"), &numbers),
        ),
    ] {
        archive
            .start_file(name, ::zip::write::FileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut archive, bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// `fold1.csv` and so on, by the page's lines out of what `VideoMAE`'s programs write: two views a video.
fn fold_files(workspace: &Workspace) {
    for fold in 0..3 {
        let mut lines = String::from("73.1, 99.2\n");
        for video in (fold..VIDEOS).step_by(3) {
            let logits: Vec<String> = probs(video)
                .iter()
                .map(|prob| prob.ln().to_string())
                .collect();
            for chunk in 0..2 {
                let (logits, label) = (logits.join(", "), given(video));
                writeln!(lines, "v/{video:02} [{logits}] {label} {chunk} 0").unwrap();
            }
        }
        workspace.write(&format!("fold{}/0.txt", fold + 1), &lines);
    }
    let code = python_of("predictions.md", "math.exp");
    let folds = ["fold1", "fold2", "fold3"];
    assert!(
        workspace.python(&code, "csv", &folds),
        "there is no python3"
    );
}

#[test]
fn several_files_are_one_table() {
    let workspace = Workspace::new();
    prediction_files(&workspace);
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    workspace.write("labels.csv", &(labels + "v/more.mp4,Sad\nv/most.mp4,Sad\n"));
    let names = "--labels Happy,Sad,Neutral";
    let answer = workspace.done(&format!(
        "score --from fold1.csv fold2.csv --from fold3.csv --labels labels.csv {names} --out run"
    ));
    for told in [
        "3 files, each taken for the part that one network did not learn from, of 20 + 20 + 20 videos",
        "2 of its videos have no predictions (v/more, v/most)",
        "predictions agree with 54 of 60 labels",
    ] {
        assert!(answer.stderr.contains(told), "{told}: {}", answer.stderr);
    }
    let bytes = workspace.read("run/videos.parquet");
    let table = ParquetReader::new(std::io::Cursor::new(bytes))
        .finish()
        .unwrap();
    assert_eq!(table.column("fold").unwrap().n_unique().unwrap(), 3);
    // The labels of the files themselves say the same.
    workspace.done(&format!(
        "score --from fold1.csv fold2.csv fold3.csv {names} --out own"
    ));
    assert!(workspace.read("own/clips.parquet") == workspace.read("run/clips.parquet"));

    workspace.write(
        "nameless.csv",
        "label,p0,p1,p2\n0,0.8,0.1,0.1\n1,0.1,0.8,0.1\n",
    );
    workspace.write("two.csv", "id,label,p0,p1\nx,0,0.8,0.2\ny,1,0.2,0.8\n");
    for (files, told) in [
        (
            "fold1.csv fold2.csv fold1.csv",
            "20 videos are in two files, 'v/00' in 'fold1.csv' and 'fold1.csv'",
        ),
        (
            "fold1.csv nameless.csv",
            "have probabilities of other classes",
        ),
        (
            "nameless.csv nameless.csv",
            "'nameless.csv' does not name its videos",
        ),
        (
            "fold1.csv two.csv",
            "'fold1.csv' and 'two.csv' have probabilities of other classes",
        ),
    ] {
        let answer = workspace.run(&format!("score --from {files} {names} --out refused"));
        assert!(
            answer.code == 2 && answer.stderr.contains(told),
            "{files}: {}",
            answer.stderr
        );
    }
}

#[test]
fn predictions_are_read_as_their_page_says() {
    let workspace = Workspace::new();
    prediction_files(&workspace);
    for line in commands("predictions.md") {
        let answer = workspace.done(&line);
        if line.starts_with("score --from") {
            let told = "predictions agree with 54 of 60 labels";
            assert!(answer.stderr.contains(told), "{line}: {}", answer.stderr);
            assert!(
                answer
                    .stderr
                    .contains("classes in the order of the probabilities")
            );
        }
        if line.contains("--judged") {
            assert!(
                answer.stderr.contains("'HAPPY' as 'Happy'"),
                "{}",
                answer.stderr
            );
        }
    }
    // The columns of the other file are in no order that its words tell.
    let answer = workspace.run("score --from other.parquet --out refused");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("--labels Happy,Sad,Neutral;"),
        "{}",
        answer.stderr
    );
    assert!(!workspace.path("refused").exists(), "nothing was written");
    workspace.done("score --from other.parquet --out refused --labels Happy,Sad,Neutral");
    workspace.done("score --from other.parquet --out kept --keep-order");
}

#[test]
fn exports_are_written_as_their_page_says() {
    const VIDEOS: usize = 30;
    let workspace = Workspace::new();
    let mut labels = String::from("path,label,note\n");
    for video in 0..VIDEOS {
        let label = ["happy", "sad", "fear"][video % 3];
        writeln!(
            labels,
            "videos/{video:06}.mp4,{label},\"a note, as long as it takes\""
        )
        .unwrap();
        workspace.write(&format!("videos/{video:06}.mp4"), "no video, but a file");
    }
    workspace.write("labels.csv", &labels);
    crate::export::write_run(&workspace, VIDEOS);
    workspace.write(
        "decisions.csv",
        "id,action,label\nvideos/000000,relabel,sad\nvideos/000001,drop,\n",
    );
    workspace.done("review run --apply decisions.csv");
    for line in commands("export.md") {
        workspace.done(&line);
    }
    let sad = fs_err::read_dir(workspace.path("classes/sad/videos"))
        .unwrap()
        .count();
    assert_eq!(sad, 10);
    let answer = workspace.run("export run --to x.json --format fiftyone --weights");
    assert!(
        answer.code == 2 && answer.stderr.contains("cannot keep what --weights"),
        "{}",
        answer.stderr
    );
}
