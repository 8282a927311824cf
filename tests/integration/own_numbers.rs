//! `score --from`: classes keep the numbers that people know them by, columns are read by their names, and remedies help.

use std::fmt::Write;

use crate::support::Workspace;

const VIDEOS: usize = 60;
const CLASSES: usize = 4;
const WORDS: [&str; CLASSES] = ["angry", "happy", "neutral", "sad"];

/// The class that the predictions show; every twelfth label is another one.
fn shown(video: usize) -> usize {
    video * 7 % CLASSES
}

fn given(video: usize) -> usize {
    (shown(video) + usize::from(video.is_multiple_of(12))) % CLASSES
}

/// A table of some videos: a name, the label as `label` writes it, and each column's probability, of the class that it
/// stands for, as `prob` writes it.
fn table(
    header: &str,
    videos: impl Iterator<Item = usize>,
    label: impl Fn(usize) -> String,
    columns: [usize; CLASSES],
    prob: impl Fn(f64) -> String,
) -> String {
    let mut text = header.to_owned() + "\n";
    for video in videos {
        write!(text, "v/{video:03}.mp4,{}", label(given(video))).unwrap();
        let sure = 0.61 + 0.03 * (video % 10) as f64;
        for class in columns {
            let share = if class == shown(video) {
                sure
            } else {
                (1.0 - sure) / 3.0
            };
            write!(text, ",{}", prob(share)).unwrap();
        }
        text += "\n";
    }
    text
}

fn plain(share: f64) -> String {
    format!("{share:.4}")
}

fn word(class: usize) -> String {
    WORDS[class].to_owned()
}

const IN_ORDER: [usize; CLASSES] = [0, 1, 2, 3];

#[test]
fn a_class_keeps_the_number_of_its_labels() {
    for (header, first) in [
        ("id,label,p1,p2,p3,p4", 0),
        ("id,label,p0,p1,p2,p3", 1),
        ("id,label,1,2,3,4", 0),
    ] {
        let workspace = Workspace::new();
        let number = |class: usize| (class + first).to_string();
        let text = table(header, 0..VIDEOS, number, IN_ORDER, plain);
        workspace.write("p.csv", &text);
        let answer = workspace.done("score --from p.csv --out r");
        let order: Vec<String> = (0..CLASSES).map(number).collect();
        let told = format!(
            "classes in the order of the probabilities: {} (the labels' numbers",
            order.join(", ")
        );
        assert!(answer.stderr.contains(&told), "{}", answer.stderr);
        // The given labels are right by the judged sample, and the raters agree with them.
        let (mut judged, mut votes) = ("id,label\n".to_owned(), "id,rater,label\n".to_owned());
        for video in 0..VIDEOS {
            let label = number(given(video));
            if given(video) > 0 {
                writeln!(judged, "v/{video:03}.mp4,{label}").unwrap();
            }
            for rater in ["anna", "ben", "cleo"] {
                writeln!(votes, "v/{video:03}.mp4,{rater},{label}").unwrap();
            }
        }
        workspace.write("j.csv", &judged);
        workspace.write("v.csv", &votes);
        let answer = workspace.done("score r --judged j.csv --json");
        let summary: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        assert!(
            summary["promise"]["errors"]["low"].as_f64().unwrap() < 1.0,
            "{summary}"
        );
        let answer = workspace.done("score r --votes v.csv");
        assert!(!answer.stdout.contains("guess"), "{}", answer.stdout);
        // The first video has the second class for its label, which is what the journal keeps.
        workspace.write(
            "d.csv",
            &format!(
                "id,action,label\nv/000.mp4,keep,{}\nv/001.mp4,relabel,{}\n",
                number(1),
                number(1)
            ),
        );
        let answer = workspace.done("review r --apply d.csv");
        assert_eq!(answer.stdout, "2 lines written: 1 keep, 1 relabel\n");
    }
}

#[test]
fn the_order_that_is_named_helps() {
    let workspace = Workspace::new();
    // Columns whose names were exchanged.
    workspace.write(
        "named.csv",
        &table(
            "id,label,happy,angry,sad,neutral",
            0..VIDEOS,
            word,
            IN_ORDER,
            plain,
        ),
    );
    // Labels that count from 0 where the columns count from 1, with no video of class 0.
    let labeled = (0..VIDEOS).filter(|&video| given(video) > 0 && shown(video) > 0);
    workspace.write(
        "numbers.csv",
        &table(
            "id,label,p1,p2,p3,p4",
            labeled,
            |class| class.to_string(),
            IN_ORDER,
            plain,
        ),
    );
    for (file, order) in [
        ("named.csv", "angry,happy,neutral,sad"),
        ("numbers.csv", "0,1,2,3"),
    ] {
        let answer = workspace.run(&format!("score --from {file} --out r"));
        assert_eq!(answer.code, 2, "{}", answer.stderr);
        assert!(
            answer.stderr.contains(&format!("with --labels {order};")),
            "{}",
            answer.stderr
        );
        let answer = workspace.done(&format!(
            "score --from {file} --labels {order} --out r --overwrite"
        ));
        let told = format!(
            "probabilities: {} (as given with --labels",
            order.replace(',', ", ")
        );
        assert!(answer.stderr.contains(&told), "{}", answer.stderr);
    }
    // An order that the labels do not agree with does not move the columns.
    workspace.write(
        "right.csv",
        &table(
            "id,label,angry,happy,neutral,sad",
            0..VIDEOS,
            word,
            IN_ORDER,
            plain,
        ),
    );
    let answer = workspace
        .done("score --from right.csv --labels happy,angry,sad,neutral --out r --overwrite");
    assert!(
        answer
            .stderr
            .contains("angry, happy, neutral, sad (as the columns are called)"),
        "{}",
        answer.stderr
    );
}

#[test]
fn files_of_folds_are_read_by_the_names_of_their_columns() {
    let workspace = Workspace::new();
    let split = |is_first: bool| (0..VIDEOS).filter(move |video| (*video < 31) == is_first);
    workspace.write(
        "a.csv",
        &table(
            "id,label,angry,happy,neutral,sad",
            split(true),
            word,
            IN_ORDER,
            plain,
        ),
    );
    workspace.write(
        "b.csv",
        &table(
            "id,label,sad,neutral,Happy,angry",
            split(false),
            word,
            [3, 2, 1, 0],
            plain,
        ),
    );
    let answer = workspace.done("score --from a.csv b.csv --out r");
    for told in [
        "the columns of 'b.csv' are in another order than those of 'a.csv': taken by their names",
        "agree with 55 of 60 labels",
    ] {
        assert!(answer.stderr.contains(told), "{}", answer.stderr);
    }
}

#[test]
fn columns_are_told_and_what_they_hold_is_read_or_named() {
    let workspace = Workspace::new();
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    workspace.write(
        "signs.csv",
        &table(
            "video_name,label,angry,happy,neutral,sad",
            0..VIDEOS,
            word,
            IN_ORDER,
            percent,
        ),
    );
    let answer = workspace.done("score --from signs.csv --out r");
    for told in [
        "columns: 'video_name' is the path; 'label' is the label; 'angry', 'happy', 'neutral', 'sad' have the probabilities",
        "percentages where they have the sign: '61.0%' is 0.61",
        "agree with 55 of 60 labels",
    ] {
        assert!(answer.stderr.contains(told), "{told}: {}", answer.stderr);
    }
    let list = workspace.done("review r --list --json").stdout;
    assert!(list.contains("v/000.mp4"), "{list}");
}

#[test]
fn what_is_no_number_is_named() {
    let workspace = Workspace::new();
    let whole = |share: f64| format!("{:.0}", share * 100.0);
    workspace.write(
        "whole.csv",
        &table(
            "id,label,angry,happy,neutral,sad",
            0..VIDEOS,
            word,
            IN_ORDER,
            whole,
        ),
    );
    let level = |share: f64| if share > 0.5 { "high" } else { "low" }.to_owned();
    workspace.write(
        "words.csv",
        &table(
            "id,label,angry,happy,neutral,sad",
            0..VIDEOS,
            word,
            IN_ORDER,
            level,
        ),
    );
    let typo = table(
        "id,label,angry,happy,neutral,sad",
        0..VIDEOS,
        word,
        IN_ORDER,
        plain,
    )
    .replacen(",0.1300", ",O.13", 1);
    workspace.write("typo.csv", &typo);
    for (file, told) in [
        (
            "whole.csv",
            "these are percentages: divide them by 100, or each row by its sum",
        ),
        (
            "words.csv",
            "the columns 'angry', 'happy', 'neutral', 'sad' of 'words.csv' are called as probabilities of classes are, but hold words, as 'high' in line 2",
        ),
        (
            "typo.csv",
            "line 2 of 'typo.csv' has nothing, or no number where a probability must be",
        ),
    ] {
        let answer = workspace.run(&format!("score --from {file} --out r --overwrite"));
        assert!(
            answer.code == 2 && answer.stderr.contains(told),
            "{file}: {}",
            answer.stderr
        );
    }
}

#[test]
fn rows_of_one_video_and_videos_without_a_name_are_told() {
    let workspace = Workspace::new();
    // A row twice is one video with two clips, which is said; so is that nothing names the videos.
    let twice = table(
        "id,label,p0,p1,p2,p3",
        0..VIDEOS,
        |class| class.to_string(),
        IN_ORDER,
        plain,
    );
    let row = twice.lines().nth(5).unwrap().to_owned() + "\n";
    workspace.write("twice.csv", &(twice + &row));
    let answer = workspace.done("score --from twice.csv --out r --overwrite");
    assert!(
        answer.stderr.contains("61 rows of 60 videos"),
        "{}",
        answer.stderr
    );
    workspace.write(
        "nameless.csv",
        &table(
            "note,label,p0,p1,p2,p3",
            0..VIDEOS,
            |class| class.to_string(),
            IN_ORDER,
            plain,
        ),
    );
    let answer = workspace.done("score --from nameless.csv --out r --overwrite");
    assert!(
        answer.stderr.contains("none names the videos"),
        "{}",
        answer.stderr
    );
}

#[test]
fn labels_of_a_file_are_found_by_names_that_are_written_otherwise() {
    let workspace = Workspace::new();
    let mut labels = "path,label\n".to_owned();
    for video in 0..VIDEOS {
        writeln!(labels, "v/{video:03}.mp4,{}", word(given(video))).unwrap();
    }
    workspace.write("l.csv", &labels);
    let text = table(
        "path,note,angry,happy,neutral,sad",
        0..VIDEOS,
        |_| "x".to_owned(),
        IN_ORDER,
        plain,
    );
    workspace.write("p.csv", &text.replace("v/", "v\\"));
    let answer = workspace.done("score --from p.csv --labels l.csv --out r");
    assert!(
        answer.stderr.contains("agree with 55 of 60 labels"),
        "{}",
        answer.stderr
    );
    // An id of one video and the path of another.
    let shifted = text.replace("path,note", "id,note").replace("v/", "");
    let shifted = shifted.lines().zip(0..).map(|(line, row)| match row {
        0 => format!("path,{line}\n"),
        row => format!("v/{:03}.mp4,{line}\n", row % VIDEOS),
    });
    workspace.write("p.csv", &shifted.collect::<String>());
    workspace.write(
        "l.csv",
        &labels
            .replace("path,", "id,path,")
            .replace("v/", "")
            .lines()
            .map(|line| match line.split_once(',') {
                Some((name, _)) if name != "id" => format!("{name},v/{line}\n"),
                _ => format!("{line}\n"),
            })
            .collect::<String>(),
    );
    let answer = workspace.run("score --from p.csv --labels l.csv --out r --overwrite");
    let told = "line 2 of 'p.csv': the id '000.mp4' is that of 'v/000.mp4', but the path 'v/001.mp4' is that of '001.mp4'";
    assert!(
        answer.code == 2 && answer.stderr.contains(told),
        "{}",
        answer.stderr
    );
}
