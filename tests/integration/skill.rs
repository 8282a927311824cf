//! Networks that have not learnt: what a scan, `score` and everything after them make of their word.

use std::fmt::Write;
use std::io::Cursor;

use polars::prelude::*;
use rand::RngExt;
use rdfer_audit::seed::Seed;

use crate::support::{SMALL, Workspace};

const SENTENCE: &str = "cannot be said: the networks are right on ";

/// `SMALL` as it comes, without taking networks at their word.
fn small() -> String {
    SMALL.replace("--set verdict.require_skill=false ", "")
}

fn json(text: &[u8]) -> serde_json::Value {
    serde_json::from_slice(text).unwrap()
}

fn videos(workspace: &Workspace, run: &str) -> DataFrame {
    let bytes = workspace.read(&format!("{run}/videos.parquet"));
    ParquetReader::new(Cursor::new(bytes)).finish().unwrap()
}

/// That a run accuses nobody, in any of its files.
fn accuses_nobody(workspace: &Workspace, run: &str) {
    let card = json(&workspace.read(&format!("{run}/run.json")));
    assert_eq!(card["skill"]["grade"], "unable");
    assert_eq!(card["promise"], serde_json::Value::Null);
    assert_eq!(card["verdicts"]["mislabeled"], serde_json::Value::Null);
    for file in ["cuts", "classes", "transitions"] {
        assert!(
            !workspace.path(run).join(format!("{file}.parquet")).exists(),
            "{file}"
        );
    }
    let table = videos(workspace, run);
    for column in [
        "noise_score",
        "noise_posterior",
        "corrected_log_margin",
        "suggested_prob",
    ] {
        assert_eq!(
            table.column(column).unwrap().null_count(),
            table.height(),
            "{column}"
        );
    }
    assert_eq!(table.column("mean_probs").unwrap().null_count(), 0);
    let page = String::from_utf8(workspace.read(&format!("{run}/report.html"))).unwrap();
    let (head, _) = page.split_once("class=\"verdicts\"").unwrap();
    assert!(head.contains(SENTENCE), "not at the page's head");
    assert!(!page.contains("Review the first") && !page.contains("id=\"suspects\""));
    assert!(!page.contains("these are mislabeled"));
}

#[test]
fn a_scan_whose_networks_have_not_learnt_accuses_nobody() {
    let workspace = Workspace::new();
    workspace.data_set(20);
    // Two epochs: accuracy at chance.
    let line = format!("scan labels.csv --out run {}", small());
    let answer = workspace.run(&format!("{line} --fail-above 0"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let said = answer
        .stdout
        .lines()
        .find(|line| line.contains(SENTENCE))
        .unwrap();
    assert!(
        said.ends_with("more epochs, pretrained weights or more videos"),
        "{said}"
    );
    assert!(!answer.stdout.contains("most suspect:") && !answer.stdout.contains("the first "));
    accuses_nobody(&workspace, "run");

    // The same from the run's files, byte for byte.
    let before = workspace.read("run/videos.parquet");
    let again = workspace.done("score run").stdout;
    assert!(again.contains(SENTENCE), "{again}");
    assert!(
        workspace.read("run/videos.parquet") == before,
        "score gives other rows"
    );
    accuses_nobody(&workspace, "run");
    assert!(workspace.done("report run").stdout.contains(SENTENCE));

    // Nothing that reads the run makes an accusation of it.
    let labels = workspace.read("labels.csv");
    workspace.done("export run --to same.csv --apply both --min-prob 0 --drop mislabeled,hard");
    assert!(
        workspace.read("same.csv") == labels,
        "an export changes labels"
    );
    workspace.done("export run --to weighted.csv --weights --flag");
    let weighted = String::from_utf8(workspace.read("weighted.csv")).unwrap();
    assert!(!weighted.contains("NaN"), "{weighted}");
    let queue = json(workspace.done("review run --list --json").stdout.as_bytes());
    assert_eq!(queue.as_array().unwrap().len(), 60);
    let sample = json(
        workspace
            .done("review run --calibrate 40 --list --json")
            .stdout
            .as_bytes(),
    );
    assert!(
        !sample.as_array().unwrap().is_empty(),
        "people can judge all the same"
    );
    let evaluation = json(
        workspace
            .done("evaluate run --truth truth.csv --json")
            .stdout
            .as_bytes(),
    );
    assert_eq!(evaluation["verdict"]["flagged"], 0);

    // Who takes them at their word gets what there was.
    let summary = json(
        workspace
            .done("score run --json --set verdict.require_skill=false")
            .stdout
            .as_bytes(),
    );
    assert!(summary["promise"]["errors"]["high"].as_f64().unwrap() > 20.0);
    assert!(workspace.path("run/cuts.parquet").exists());
    workspace.done("score run --set verdict.require_skill=true");
    accuses_nobody(&workspace, "run");
}

/// Predictions of 7 classes, right with a probability of `accuracy`, and sure of themselves; a tenth of the labels is wrong.
fn predictions(workspace: &Workspace, name: &str, count: usize, accuracy: f64) {
    let mut random = Seed(7).stream("predictions", name);
    let mut labels = Vec::new();
    let mut probs = ListPrimitiveChunkedBuilder::<Float64Type>::new(
        "pred_probs".into(),
        count,
        count * 7,
        DataType::Float64,
    );
    for video in 0..count {
        let shown = video % 7;
        let (other, another) = (random.random_range(1..7), random.random_range(1..7));
        let said = (shown + usize::from(!random.random_bool(accuracy)) * other) % 7;
        labels.push(((shown + usize::from(random.random_bool(0.1)) * another) % 7) as i64);
        let mut row = [0.02; 7];
        row[said] = 0.88;
        probs.append_slice(&row);
    }
    let columns = vec![
        Column::new("label".into(), labels),
        probs.finish().into_column(),
    ];
    let mut frame = DataFrame::new(count, columns).unwrap();
    let file = fs_err::File::create(workspace.path(name)).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
}

#[test]
fn anybodys_predictions_must_have_learnt_as_well() {
    let workspace = Workspace::new();
    let scored = |accuracy: f64| {
        predictions(&workspace, "mine.parquet", 700, accuracy);
        let line = "score --from mine.parquet --out run --overwrite";
        let text = workspace.done(line).stdout;
        (text, json(&workspace.read("run/run.json")))
    };
    let (text, card) = scored(0.9);
    assert_eq!(card["skill"]["grade"], "able");
    assert!(
        card["verdicts"]["mislabeled"].as_u64().unwrap() > 30
            && !text.contains("the networks are right")
    );
    // Weak ones are heard and doubted.
    let (text, card) = scored(0.38);
    assert_eq!(card["skill"]["grade"], "doubtful", "{}", card["skill"]);
    assert!(card["verdicts"]["mislabeled"].as_u64().unwrap() > 0);
    assert!(text.contains("their word counts 0."), "{text}");
    let trust = card["skill"]["trust"].as_f64().unwrap();
    assert!(trust > 0.0 && trust < 1.0);
    // Chance is one in seven.
    let (text, _) = scored(1.0 / 7.0);
    assert!(
        text.contains(SENTENCE) && text.contains("chance is 14 %"),
        "{text}"
    );
    accuses_nobody(&workspace, "run");
}

#[test]
fn videos_of_three_frames_are_judged_by_their_probabilities() {
    let workspace = Workspace::new();
    let mut labels = "path,label\n".to_owned();
    for class in 0..3 {
        for number in 0..4 {
            let path = format!("videos/{class}_{number}.mp4");
            workspace.video(&path, class, number, 3);
            writeln!(labels, "{path},{}", ["right", "down", "left"][class]).unwrap();
        }
    }
    workspace.write("labels.csv", &labels);
    let answer = workspace.done(&format!(
        "scan labels.csv --out run {} --set verdict.require_skill=false",
        small()
    ));
    assert!(!answer.stdout.contains("undefined"), "{}", answer.stdout);
}
