//! `score --from`: anybody's predictions, and what a judged sample makes of them.

use std::fmt::Write;

use polars::prelude::*;

use crate::support::Workspace;

const LABELS: [&str; 3] = ["fear", "happy", "sad"];
const VIDEOS: usize = 300;

/// Every tenth label is wrong.
fn shown(video: usize) -> usize {
    video * 7 % 3
}

fn given(video: usize) -> usize {
    (shown(video) + usize::from(video.is_multiple_of(10))) % 3
}

/// A file as another program writes it: f64 probabilities, labels as words or numbers, `clips` rows a video.
fn predictions(workspace: &Workspace, name: &str, clips: usize, as_words: bool) {
    let rows = VIDEOS * clips;
    let ids: Vec<String> = (0..rows)
        .map(|row| format!("clip_{:03}.mp4", row / clips))
        .collect();
    let labels: Vec<usize> = (0..rows).map(|row| given(row / clips)).collect();
    let mut probs = ListPrimitiveChunkedBuilder::<Float64Type>::new(
        "pred_probs".into(),
        rows,
        rows * 3,
        DataType::Float64,
    );
    for row in 0..rows {
        let sure = 0.5 + 0.4 * ((row * 13 % 29) as f64 / 29.0);
        let mut values = [(1.0 - sure) / 2.0; 3];
        values[shown(row / clips)] = sure;
        probs.append_slice(&values);
    }
    let label = if as_words {
        let words: Vec<&str> = labels.iter().map(|&label| LABELS[label]).collect();
        Column::new("label".into(), words)
    } else {
        Column::new(
            "label".into(),
            labels.iter().map(|&label| label as i64).collect::<Vec<_>>(),
        )
    };
    let mut columns = vec![label, probs.finish().into_column()];
    if clips > 1 {
        columns.push(Column::new("id".into(), ids));
    }
    let mut frame = DataFrame::new(rows, columns).unwrap();
    let file = fs_err::File::create(workspace.path(name)).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
}

#[test]
fn predictions_from_elsewhere_are_ranked_and_a_judged_sample_counts() {
    let workspace = Workspace::new();
    predictions(&workspace, "mine.parquet", 5, true);
    let answer =
        workspace.done("score --from mine.parquet --out run --json --set calibration.plant=0.1");
    let summary: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(summary["verdicts"]["mislabeled"], 30);
    assert_eq!(summary["promise"]["basis"], "range");
    assert!(summary["promise"]["self_test"]["planted"].as_u64().unwrap() > 20);
    for file in ["videos", "clips", "classes", "transitions", "cuts"] {
        assert!(
            workspace
                .path("run")
                .join(format!("{file}.parquet"))
                .exists(),
            "{file}"
        );
    }
    let truth: Vec<String> = (0..VIDEOS)
        .map(|video| format!("clip_{video:03}.mp4,{}", LABELS[shown(video)]))
        .collect();
    workspace.write("truth.csv", &format!("path,label\n{}\n", truth.join("\n")));
    let table = workspace.done("evaluate run --truth truth.csv").stdout;
    assert!(
        table.contains("noise_score") && !table.contains("aum"),
        "{table}"
    );

    // Forty of them, judged.
    let mut judged = "path,label\n".to_owned();
    for line in truth.iter().step_by(7) {
        writeln!(judged, "{line}").unwrap();
    }
    workspace.write("judged.csv", &judged);
    let answer =
        workspace.done("score run --judged judged.csv --json --set verdict.threshold=calibrated");
    let summary: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let promise = &summary["promise"];
    assert_eq!(
        (promise["basis"].as_str(), promise["judged"].as_u64()),
        (Some("judged"), Some(43))
    );
    let (low, high) = (
        promise["errors"]["low"].as_f64().unwrap(),
        promise["errors"]["high"].as_f64().unwrap(),
    );
    assert!(
        low <= 30.0 && 30.0 <= high && high - low < 60.0,
        "{promise}"
    );
    // The report says the same, from the card alone.
    let again: serde_json::Value =
        serde_json::from_str(&workspace.done("report run --json").stdout).unwrap();
    assert_eq!(again["promise"], *promise);
    workspace.write("stranger.csv", "path,label\nnobody.mp4,sad\n");
    let answer = workspace.run("score run --judged stranger.csv");
    assert!(
        answer.code == 2 && answer.stderr.contains("nobody.mp4"),
        "{}",
        answer.stderr
    );
}

#[test]
fn one_prediction_a_video_is_judged_by_its_place() {
    let workspace = Workspace::new();
    predictions(&workspace, "mine.parquet", 1, false);
    let answer = workspace.done("score --from mine.parquet --json");
    let summary: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(summary["run"], "reports/mine");
    assert_eq!(summary["verdicts"]["mislabeled"], 30);
    assert_eq!(summary["classes"][0]["label"], "0");
    // A second time the folder is taken.
    let answer = workspace.run("score --from mine.parquet");
    assert!(
        answer.code == 2 && answer.stderr.contains("--overwrite"),
        "{}",
        answer.stderr
    );
    workspace.done("score --from mine.parquet --overwrite");
}

#[test]
fn predictions_that_cannot_be_used_are_named() {
    let workspace = Workspace::new();
    predictions(&workspace, "mine.parquet", 1, true);
    let answer = workspace.run("score --from mine.parquet --labels sad,happy");
    assert!(
        answer.code == 2 && answer.stderr.contains("3 probabilities"),
        "{}",
        answer.stderr
    );
    workspace.write("text.parquet", "label,pred_probs\n");
    let answer = workspace.run("score --from text.parquet");
    assert!(
        answer.code == 2 && answer.stderr.contains("not a Parquet file"),
        "{}",
        answer.stderr
    );
    let answer = workspace.run("score");
    assert!(
        answer.code == 2 && answer.stderr.contains("<RUN>"),
        "{}",
        answer.stderr
    );
}
