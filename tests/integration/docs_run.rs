//! Every command that README and docs/ show is run, in the pages' order, on a data set that has what the pages speak of.

use std::collections::BTreeSet;

use polars::prelude::*;

use crate::docs::commands;
use crate::support::{SMALL, Workspace, npy, summed_up};

/// Commands that are read only, since they need what a test does not have: a screen, minutes, or other people's files.
fn is_only_read(words: &[&str]) -> bool {
    let has = |flag: &str| words.contains(&flag);
    match words[1] {
        // The screen is tested on a terminal of its own.
        "review" => !has("--list") && !has("--apply"),
        "demo" => true,
        _ => {
            has("--weights")
                || has("faces")
                || has("face=track")
                || words.iter().any(|word| word.contains("DFEW"))
        }
    }
}

/// Whether a command goes on with a run that was prepared.
fn is_step(words: &[&str]) -> bool {
    let steps = ["--decode", "--network", "--merge", "--status"];
    words.iter().any(|word| steps.contains(word))
}

/// Flags that make a command small enough for a test.
fn small(words: &[&str]) -> Vec<&'static str> {
    let all = SMALL.split_whitespace();
    match words[1] {
        // The settings of these are the plan's.
        "scan" if is_step(words) => Vec::new(),
        "scan" if words.contains(&"--checkpoint") => vec!["--threads", "1", "--device", "cpu"],
        // Which devices, the command says.
        "scan" if words.contains(&"--device") => {
            let flags: Vec<&str> = all.collect();
            let pairs = flags
                .chunks(2)
                .filter(|pair| !["--device", "--threads"].contains(&pair[0]));
            pairs.flatten().copied().collect()
        }
        "scan" => all.collect(),
        // Folds, epochs and clips are flags of `scan` alone.
        "compare" => all.skip_while(|word| *word != "--threads").collect(),
        _ => Vec::new(),
    }
}

/// The files of which the pages speak.
fn fixture(workspace: &Workspace) {
    workspace.data_set(4);
    let names = ["right", "down", "left"];
    let mut labels = String::from("path,label,right,down,left\n");
    let mut numbers = String::from("path,label\n");
    for class in 0..3 {
        for number in 0..4 {
            let path = format!("videos/{class}_{number}.mp4");
            let given = names[(class + usize::from(number == 0)) % 3];
            let votes = [0, 1, 2].map(|other| if other == class { "7" } else { "1" });
            labels += &[&path, given, votes[0], votes[1], votes[2]].join(",");
            labels += "\n";
            if class > 0 {
                numbers += &[&path, class.to_string().as_str()].join(",");
                numbers += "\n";
            }
        }
    }
    workspace.write("labels.csv", &labels);
    workspace.write("new.csv", &labels);
    workspace.write("numbers.csv", &numbers);
    let truth = workspace.read("truth.csv");
    workspace.write("judged.csv", &String::from_utf8(truth).unwrap());
    workspace.write("votes.csv", "id,rater,label\nvideos/0_0,anna,left\n");
    workspace.write(
        "decisions.csv",
        "path,action,label\nvideos/0_0.mp4,relabel,right\nvideos/1_1.mp4,keep,\n",
    );
    for video in 0..12_u8 {
        let (class, number) = (video / 4, video % 4);
        let rows: Vec<f32> = (0..24 * 3)
            .map(|place| f32::from(u8::from(place % 3 == class) * 9 + place % 5))
            .collect();
        let path = workspace.path(&format!("feats/{class}_{number}.npy"));
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, npy(&[24, 3], &rows)).unwrap();
    }
    workspace.trace("tower", &[2, 3, 32, 32], |pictures| {
        summed_up(&pictures.unsqueeze(1))
    });
    workspace.write("tower.json", r#"{"size": 32}"#);
    let labels: Vec<u32> = (0..60).map(|row| row % 3).collect();
    let probs: Vec<Series> = labels
        .iter()
        .zip(0..)
        .map(|(label, row)| {
            let chosen = (label + u32::from(row % 11 == 0)) % 3;
            let row = [0, 1, 2].map(|class| if class == chosen { 0.8 } else { 0.1_f64 });
            Series::new("".into(), row)
        })
        .collect();
    let mut frame = DataFrame::new(
        labels.len(),
        vec![
            Column::new("label".into(), labels),
            Column::new("pred_probs".into(), probs),
        ],
    )
    .unwrap();
    let file = fs_err::File::create(workspace.path("predictions.parquet")).unwrap();
    ParquetWriter::new(file.into_file())
        .finish(&mut frame)
        .unwrap();
}

/// Takes away what the command would find in its way.
fn make_way(workspace: &Workspace, words: &[&str]) {
    let has = |flag: &str| words.contains(&flag);
    let value = |flag: &str| {
        words
            .iter()
            .position(|word| *word == flag)
            .map(|at| words[at + 1])
    };
    if (words[1] == "scan" && !is_step(words)) || has("--from") {
        let out = value("--out").unwrap_or("reports/numbers");
        let _gone = fs_err::remove_dir_all(workspace.path(out));
    }
    if words[1] == "export" && !has("--check") && !has("--dry-run") && !has("--revert") {
        let to = value("--to").unwrap();
        for name in [
            to.to_owned(),
            format!("{to}.changes.csv"),
            format!("{to}.diff"),
        ] {
            let _gone = fs_err::remove_file(workspace.path(&name));
        }
    }
}

#[test]
fn every_command_of_the_pages_runs() {
    let workspace = Workspace::new();
    fixture(&workspace);
    for (run, more) in [("reports/mine", ""), ("reports/first", "--seed 1")] {
        workspace.done(&format!("scan labels.csv --out {run} {SMALL} {more}"));
    }
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for (path, command) in commands() {
        let words: Vec<&str> = command.split_whitespace().collect();
        if words[0] != "rdfer-audit"
            || path.starts_with("docs/benchmarks")
            // They have tests of their own, with the files that they speak of.
            || path.ends_with("docs/predictions.md")
            || path.ends_with("docs/export.md")
            || is_only_read(&words)
            || !seen.insert(command.clone())
        {
            continue;
        }
        make_way(&workspace, &words);
        let line = [&words[1..], &small(&words)].concat().join(" ");
        // Two workers of another kind do the same.
        let line = line.replace("cuda:0,cuda:1", "cpu,cpu");
        let answer = workspace.run(&line);
        let place = format!("{}: {line}\n{}", path.display(), answer.stderr);
        let suspect = answer.code == 1 && words.contains(&"--fail-above");
        assert!(answer.code == 0 || suspect, "{place}");
        count += 1;
    }
    assert!(count >= 15, "{count} commands");
}
