//! Files beside a run: right labels and decisions are read as any file of labels is, and their words are never guessed.

use std::fmt::Write;

use polars::prelude::*;

use crate::support::Workspace;

const LABELS: [&str; 3] = ["fear", "happy", "sad"];
const VIDEOS: usize = 60;

/// A run of anybody's predictions, a row a video: of `clip_000` and so on, labelled with the three classes in turn.
pub(crate) fn scored(videos: usize, probs: impl Fn(usize) -> [f32; 3]) -> Workspace {
    let workspace = Workspace::new();
    let ids: Vec<String> = (0..videos)
        .map(|video| format!("clip_{video:03}"))
        .collect();
    let words: Vec<&str> = (0..videos).map(|video| LABELS[video % 3]).collect();
    let probs: Vec<Series> = (0..videos)
        .map(|video| Series::new("".into(), probs(video)))
        .collect();
    let mut frame = df!("id" => ids, "label" => words, "pred_probs" => probs).unwrap();
    let file = fs_err::File::create(workspace.path("mine.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    workspace.done("score --from mine.parquet --out run");
    workspace
}

/// A run of predictions whose labels are all right.
fn run() -> Workspace {
    scored(VIDEOS, |video| {
        let mut probs = [0.05; 3];
        probs[video % 3] = 0.9;
        probs
    })
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

/// A run of videos with ids of their own beside their paths.
fn named() -> Workspace {
    let workspace = Workspace::new();
    let mut text = String::from("id,path,label,fear,happy,sad\n");
    for video in 0..VIDEOS {
        let mut probs = ["0.05"; 3];
        probs[video % 3] = "0.9";
        let (label, probs) = (LABELS[video % 3], probs.join(","));
        writeln!(text, "c{video:02},v/{video:02}.mp4,{label},{probs}").unwrap();
    }
    workspace.write("mine.csv", &text);
    workspace.done("score --from mine.csv --out run");
    workspace
}

#[test]
fn an_id_and_a_path_that_name_two_videos_are_refused() {
    let workspace = named();
    workspace.write("d.csv", "id,path,action\nc06,v/05.mp4,drop\n");
    let answer = workspace.run("review run --apply d.csv");
    let told = "line 2: the id 'c06' is that of 'v/06.mp4', but the path 'v/05.mp4' is that of 'c05'; correct one of the two";
    assert!(
        answer.code == 2 && answer.stderr.contains(told),
        "{}",
        answer.stderr
    );
    let mut text = String::from("id,path,label\n");
    for video in 0..VIDEOS {
        let path = (video + 1) % VIDEOS;
        writeln!(text, "c{video:02},v/{path:02}.mp4,{}", LABELS[video % 3]).unwrap();
    }
    workspace.write("j.csv", &text);
    let answer = workspace.run("score run --judged j.csv");
    let told =
        "line 2: the id 'c00' is that of 'v/00.mp4', but the path 'v/01.mp4' is that of 'c01'";
    assert!(
        answer.code == 2 && answer.stderr.contains(told),
        "{}",
        answer.stderr
    );
    assert!(answer.stderr.contains("and 55 more"), "{}", answer.stderr);
    let answer = workspace.run("evaluate run --truth j.csv");
    assert!(
        answer.code == 2 && answer.stderr.contains("the id 'c00' is that of 'v/00.mp4'"),
        "{}",
        answer.stderr
    );
    // Other slashes are the same names.
    let right = text.lines().zip(0..).map(|(line, row)| match row {
        0 => "path,label\n".to_owned(),
        1 => "v\\00.mp4,sad\n".to_owned(),
        _ => {
            let label = line.rsplit(',').next().unwrap();
            format!("v\\{:02}.mp4,{label}\n", row - 1)
        }
    });
    workspace.write("t.csv", &right.collect::<String>());
    let answer = workspace.done("evaluate run --truth t.csv");
    assert!(
        answer.stdout.contains("1 of them mislabeled"),
        "{}",
        answer.stdout
    );
}

#[test]
fn videos_are_named_as_people_write_them() {
    let workspace = named();
    let spellings = [
        "./v/06.mp4",
        "v/6.mp4",
        "V/06.MP4",
        "v\\06.mp4",
        "v/06",
        "C06",
    ];
    for (number, path) in spellings.into_iter().enumerate() {
        workspace.write("d.csv", &format!("path,action\n{path},drop\n"));
        let answer = workspace.done(&format!("review run --reviewer r{number} --apply d.csv"));
        assert_eq!(answer.stdout, "1 lines written: 1 drop\n", "{path}");
        assert!(
            answer
                .stderr
                .contains(&format!("took '{path}' as 'v/06.mp4'")),
            "{}",
            answer.stderr
        );
        workspace.write("j.csv", &format!("path,label\n{path},fear\n"));
        let answer = workspace.done("score run --judged j.csv");
        assert!(
            answer
                .stderr
                .contains(&format!("took '{path}' as 'v/06.mp4'")),
            "{}",
            answer.stderr
        );
    }
}

#[test]
fn decisions_that_contradict_are_refused() {
    let workspace = named();
    for (text, told) in [
        (
            "v/01.mp4,relabel,sad\nv/01.mp4,keep,\n",
            "line 3: 'keep' 'happy' contradicts line 2, which says 'relabel' 'sad' of the same video 'c01'",
        ),
        (
            "v/01.mp4,drop,\nV/1.mp4,ambiguous,\n",
            "line 3: 'ambiguous' contradicts line 2",
        ),
        (
            "v/01.mp4,relabel,sad\nc01,relabel,fear\n",
            "'relabel' 'fear' contradicts line 2, which says 'relabel' 'sad'",
        ),
        (
            "v/01.mp4,keep,sad\n",
            "line 2: 'keep' says that the label 'happy' is right, but the row has 'sad'",
        ),
        ("v/01.mp4,relabel,NA\n", "line 2: 'relabel' needs a label"),
        (
            "v/01.mp4,drop,happier\n",
            "line 2: there is no class 'happier'",
        ),
    ] {
        workspace.write("d.csv", &format!("path,action,label\n{text}"));
        let answer = workspace.run("review run --apply d.csv");
        assert!(
            answer.code == 2 && answer.stderr.contains(told),
            "{told}: {}",
            answer.stderr
        );
    }
    assert!(!workspace.path("run/decisions-me.jsonl").exists());
    // A note beside a decision, the same row twice, the label that is kept, and what R and pandas write for nothing.
    workspace.write("d.csv", "\"path\",\"action\",\"label\",\"note\"\n\"v/01.mp4\",\"drop\",NA,NA\n\"v/01.mp4\",\"drop\",nan,\n\"v/01.mp4\",\"note\",,\"cut\"\nv/02.mp4,keep,SAD,\n,,,\n");
    let answer = workspace.done("review run --reviewer r --apply d.csv");
    assert_eq!(answer.stdout, "3 lines written: 1 drop, 1 keep, 1 note\n");
    workspace.write("d.csv", "path,action,label\n");
    let answer = workspace.done("review run --apply d.csv");
    assert_eq!(
        answer.stdout,
        "0 lines written: the file has no decisions\n"
    );
    // No label is no class that is written in other words.
    workspace.write("j.csv", "path,label\nv/01.mp4,nan\nv/02.mp4,?\n");
    let answer = workspace.run("score run --judged j.csv");
    let told = "'nan', '?' says that there is no label: write the class, or remove the row";
    assert!(
        answer.code == 2 && answer.stderr.contains(told),
        "{}",
        answer.stderr
    );
    let answer = workspace.run("score run --votes nofile.csv");
    assert!(
        answer.code == 2 && answer.stderr.contains("file of votes 'nofile.csv'"),
        "{}",
        answer.stderr
    );
}
