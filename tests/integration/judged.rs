//! Files beside a run: right labels and decisions are read as any file of labels is, and their words are never guessed.

use std::fmt::Write;

use polars::prelude::*;

use crate::support::Workspace;

const LABELS: [&str; 3] = ["fear", "happy", "sad"];
const VIDEOS: usize = 60;

/// A run of predictions whose labels are all right.
fn run() -> Workspace {
    let workspace = Workspace::new();
    let ids: Vec<String> = (0..VIDEOS)
        .map(|video| format!("clip_{video:03}"))
        .collect();
    let words: Vec<&str> = (0..VIDEOS).map(|video| LABELS[video % 3]).collect();
    let probs: Vec<Series> = (0..VIDEOS)
        .map(|video| {
            let mut probs = [0.05_f32; 3];
            probs[video % 3] = 0.9;
            Series::new("".into(), probs)
        })
        .collect();
    let mut frame = df!("id" => ids, "label" => words, "pred_probs" => probs).unwrap();
    let file = fs_err::File::create(workspace.path("mine.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    workspace.done("score --from mine.parquet --out run");
    workspace
}

/// The right labels of every second video, each written by `word`.
fn judged(header: &str, separator: &str, word: impl Fn(usize) -> String) -> String {
    let mut text = header.to_owned() + "\n";
    for video in (0..VIDEOS).step_by(2) {
        writeln!(text, "clip_{video:03}{separator}{}", word(video % 3)).unwrap();
    }
    text
}

#[test]
fn judged_words_are_classes_or_refused() {
    let workspace = run();
    let errors = |file: &str, flags: &str| {
        let answer = workspace.done(&format!("score run --judged {file} --json {flags}"));
        let summary: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        let promise = &summary["promise"];
        assert_eq!(promise["judged"], 30, "{promise}");
        (promise["errors"]["low"].as_f64().unwrap(), answer.stderr)
    };
    let capital = |class: usize| LABELS[class].to_uppercase();
    for (file, text) in [
        (
            "lower.csv",
            judged("path,label", ",", |class| LABELS[class].to_owned()),
        ),
        ("capital.csv", judged("Path;Label", ";", capital)),
        (
            "tabs.tsv",
            judged("label\tpath", "\t", capital).replace("label\tpath", "path\tlabel"),
        ),
        ("list.txt", judged("", " ", capital).trim_start().to_owned()),
        ("ids.csv", judged("id,label", ",", capital)),
        ("ids.tsv", judged("Id\tLabel", "\t", capital)),
        (
            "ids.jsonl",
            judged("", "\", \"label\": \"", capital)
                .trim_start()
                .replace("clip_", "{\"id\": \"clip_")
                .replace('\n', "\"}\n"),
        ),
    ] {
        workspace.write(file, &text);
        let (low, told) = errors(file, "");
        assert!(low < 1.0, "{file}: {low}");
        let is_told = told.contains("'FEAR' as 'fear'");
        assert_eq!(is_told, file != "lower.csv", "{told}");
    }
    // Numbers are no words of this run, unless somebody says which.
    workspace.write(
        "numbers.csv",
        &judged("path,label", ",", |class| (class + 1).to_string()),
    );
    let answer = workspace.run("score run --judged numbers.csv");
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    for word in [
        "'1' (10 rows, the first is line 2)",
        "'2' (10 rows",
        "'3' (10 rows",
        "'happy'",
    ] {
        assert!(answer.stderr.contains(word), "{}", answer.stderr);
    }
    let named = "--set labels.1=fear --set labels.2=happy --set labels.3=sad";
    assert!(errors("numbers.csv", named).0 < 1.0);
    // A word that means that the label is wrong is one where somebody says so.
    let other = |class: usize| ["fear", "Contempt", "sad"][class].to_owned();
    workspace.write("other.csv", &judged("path,label", ",", other));
    let answer = workspace.run("score run --judged other.csv");
    assert!(
        answer.code == 2 && answer.stderr.contains("'Contempt'"),
        "{}",
        answer.stderr
    );
    assert!(errors("other.csv", "--judged-wrong contempt").0 >= 10.0);
}

#[test]
fn a_video_that_is_judged_twice_or_unknown_is_named() {
    let workspace = run();
    workspace.write(
        "judged.csv",
        "path,label\nclip_001,happy\nclip_x,sad\nclip_y,sad\n",
    );
    let answer = workspace.run("score run --judged judged.csv");
    assert!(
        answer.code == 2
            && answer
                .stderr
                .contains("'clip_x', 'clip_y', which the run does not have"),
        "{}",
        answer.stderr
    );
}

#[test]
fn true_labels_are_read_the_same_way() {
    let workspace = run();
    let mut truth = String::from("PATH;LABEL\n");
    for video in 0..VIDEOS {
        let class = if video == 7 { 2 } else { video % 3 };
        writeln!(truth, "clip_{video:03};{}", LABELS[class].to_uppercase()).unwrap();
    }
    workspace.write("truth.csv", &truth);
    let answer = workspace.done("evaluate run --truth truth.csv");
    assert!(
        answer.stdout.contains("1 of them mislabeled"),
        "{}",
        answer.stdout
    );
    workspace.write("truth.csv", &truth.replace("HAPPY", "joyful"));
    let answer = workspace.run("evaluate run --truth truth.csv");
    assert!(
        answer.code == 2
            && answer
                .stderr
                .contains("'joyful' (19 rows, the first is line 3)"),
        "{}",
        answer.stderr
    );
}

#[test]
fn decisions_are_read_as_label_files_are() {
    let workspace = run();
    for (number, (file, text)) in [
        ("d2.csv", "ID;Action;Label\nclip_000;relabel;happy\n"),
        ("d4.tsv", "path\taction\tlabel\nclip_001\trelabel\tsad\n"),
        (
            "d5.csv",
            "\u{feff}Id , Action , Label \r\nclip_002,Keep,\r\n",
        ),
        (
            "d6.csv",
            "file_name|action|label|note\nclip_003|RELABEL|SAD|\"a|b\nsecond\"\n",
        ),
        ("d7.csv", "id,action,label\nclip_004,drop\n"),
    ]
    .into_iter()
    .enumerate()
    {
        workspace.write(file, text);
        let answer = workspace.done(&format!("review run --reviewer r{number} --apply {file}"));
        assert!(
            answer.stdout.contains("lines written: 1 "),
            "{file}: {}",
            answer.stdout
        );
    }
    let journal = String::from_utf8(workspace.read("run/decisions-r3.jsonl")).unwrap();
    assert!(
        journal.contains("\"label\":\"sad\"") && journal.contains("a|b\\nsecond"),
        "{journal}"
    );
    for (text, told) in [
        (
            "id,act,label\nclip_000,keep,\n",
            "has no column 'action' (found: 'id', 'act', 'label')",
        ),
        (
            "name,action\nclip_000,keep\n",
            "has no column 'id' (found: 'name', 'action')",
        ),
        (
            "id,action\nclip_000,keep,happy\n",
            "line 2: the row has 3 fields, but the header has 2",
        ),
        (
            "id,action,label\nclip_000,relabel,joy\n",
            "line 2: there is no class 'joy'",
        ),
        (
            "id,action,label\nclip_000,relabel,1\n",
            "line 2: there is no class '1'",
        ),
        (
            "id,action,label\n\"clip_000,relabel,sad\nclip_001,keep,\nclip_002,keep,\n",
            "file of decisions 'wrong.csv': line 2: a quote is opened",
        ),
    ] {
        workspace.write("wrong.csv", text);
        let answer = workspace.run("review run --apply wrong.csv");
        assert!(
            answer.code == 2 && answer.stderr.contains(told),
            "{told}: {}",
            answer.stderr
        );
    }
}
