//! People's votes: read, joined with the networks, told.

use std::fmt::Write;

use polars::prelude::*;

use crate::support::{SMALL, Workspace};

const NAMES: [&str; 3] = ["right", "down", "left"];

/// Votes of three people who know the movement and of one who always says left, on all videos but the last of each class.
fn votes(count: usize) -> String {
    let mut votes = String::from("video,rater,label\n");
    for (class, name) in NAMES.iter().enumerate() {
        for number in 0..count - 1 {
            for rater in ["anna", "ben", "eve"] {
                writeln!(
                    votes,
                    "videos/{class}_{number}.mp4,{rater},{}",
                    name.to_uppercase()
                )
                .unwrap();
            }
            writeln!(votes, "{class}_{number},zoe,left").unwrap();
        }
    }
    votes
}

fn table(workspace: &Workspace, name: &str) -> DataFrame {
    let file = fs_err::File::open(workspace.path(name)).unwrap();
    ParquetReader::new(file.into_file()).finish().unwrap()
}

fn words(frame: &DataFrame, column: &str) -> Vec<Option<String>> {
    let column = frame.column(column).unwrap().str().unwrap();
    column.iter().map(|word| word.map(str::to_owned)).collect()
}

#[test]
fn votes_weigh_in_the_ranking_and_raters_are_told() {
    let workspace = Workspace::new();
    workspace.data_set(9);
    workspace.write("votes.csv", &votes(9));
    let read = workspace
        .done("check labels.csv --votes votes.csv --out checked")
        .stdout;
    let said = "votes: 96 by 4 raters on 24 of 27 videos, 4.0 a video";
    assert!(read.contains(said), "{read}");
    workspace.done(&format!(
        "scan labels.csv --out run {SMALL} --set verdict.require_skill=false"
    ));
    workspace.done("score run");
    let alone = workspace.read("run/videos.parquet");

    let told = workspace.done("score run --votes votes.csv").stdout;
    let summary = "96 votes on 24 videos by 4 raters, of whom 1 seems to guess, weigh in the ranking: they agree on another label than the given one for 3";
    assert!(told.contains(summary), "{told}");
    let videos = table(&workspace, "run/videos.parquet");
    // The first video of each class is mislabeled, and everybody but zoe says so.
    let paths = words(&videos, "path");
    let mut first: Vec<String> = paths[..3].iter().flatten().cloned().collect();
    first.sort();
    assert_eq!(
        first,
        ["videos/0_0.mp4", "videos/1_0.mp4", "videos/2_0.mp4"]
    );
    let consensus = words(&videos, "vote_consensus");
    assert_eq!(consensus.iter().flatten().count(), 24);
    let verdicts = words(&videos, "verdict");
    assert!(
        verdicts[..3]
            .iter()
            .flatten()
            .all(|verdict| verdict == "mislabeled"),
        "{verdicts:?}"
    );
    assert!(
        words(&videos, "reason")[0]
            .as_ref()
            .unwrap()
            .contains("votes are for ")
    );
    let raters = table(&workspace, "run/raters.parquet");
    assert_eq!(
        words(&raters, "rater").last().unwrap().as_deref(),
        Some("zoe")
    );
    let guesses = raters.column("guesses").unwrap().bool().unwrap();
    assert_eq!(
        guesses.iter().flatten().filter(|guesses| *guesses).count(),
        1
    );
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    assert!(page.contains("What people voted") && page.contains("Labels that raters contradict"));

    // The run keeps its votes, until they are left out: then it is as it was, byte for byte.
    assert_eq!(workspace.done("score run").stdout, told);
    let table = workspace.done("report run --votes").stdout;
    assert!(
        table.starts_with("24 videos with votes, by 4 raters"),
        "{table}"
    );
    workspace.done("score run --votes none");
    assert!(workspace.read("run/videos.parquet") == alone);
    assert!(!workspace.path("run/raters.parquet").exists());
}

#[test]
fn votes_that_cannot_be_taken_are_refused_before_anything_is_decoded() {
    let workspace = Workspace::new();
    workspace.data_set(2);
    workspace.write(
        "votes.csv",
        "id,rater,label\nvideos/0_0,anna,up\nvideos/0_1,anna,left\n",
    );
    let answer = workspace.run("scan labels.csv --votes votes.csv --out run");
    assert_eq!(answer.code, 2);
    let named = "'votes.csv' has votes for what is no class: 'up' (1 rows, the first is line 2); the classes are 'down', 'left', 'right'";
    assert!(answer.stderr.contains(named), "{}", answer.stderr);
    assert!(!workspace.path("run").exists());
}

#[test]
fn a_number_with_a_decimal_comma_is_a_vote_for_its_class() {
    let workspace = Workspace::new();
    let mut text = String::from("id,label,p1,p2,p3\n");
    let mut votes = String::from("id;rater;label\n");
    for video in 0..30 {
        let class = video % 3;
        let mut probs = ["0.1"; 3];
        probs[class] = "0.8";
        let probs = probs.join(",");
        writeln!(text, "c{video},{},{probs}", class + 1).unwrap();
        writeln!(votes, "c{video};anna;{},0", class + 1).unwrap();
    }
    workspace.write("p.csv", &text);
    workspace.write("v.csv", &votes);
    workspace.done("score --from p.csv --out run");
    let answer = workspace.done("score run --votes v.csv");
    assert!(
        answer.stderr.contains("30 by 1 rater on 30 of 30 videos"),
        "{}",
        answer.stderr
    );
}
