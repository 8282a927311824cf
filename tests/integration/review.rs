//! The review, on a real pseudo-terminal and without one.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use camino::{Utf8Path, Utf8PathBuf};
use rdfer_audit::journal::{self, Action, JournalWriter};
use rdfer_audit::review::preview::ModelView;
use rdfer_audit::review::terminal::{Session, hold};
use rdfer_audit::review::{Mode, ReviewSettings, Run, State};
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::rows::run::RunCard;
use rdfer_audit::rows::videos::{Judgement, Scores, VideoRow};
use rdfer_audit::rows::{SCHEMA, clips, run, videos};
use rdfer_audit::score::Verdict;
use rdfer_audit::video::VideoFacts;

use crate::pty::Terminal;
use crate::support::Workspace;

const LABELS: [&str; 3] = ["right", "down", "left"];

pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_rdfer-audit"))
}

/// A run of `count` videos, all flagged, and their files; without training.
pub(crate) fn run_of(workspace: &Workspace, count: usize) {
    let rows: Vec<VideoRow> = (0..count).map(row).collect();
    for (number, row) in rows.iter().enumerate() {
        workspace.video(&row.path, number % 3, number, 24);
    }
    workspace.write("labels.csv", "path,label\n");
    write_run(workspace, &rows, SCHEMA);
}

fn row(number: usize) -> VideoRow {
    let (given, suggested) = (LABELS[number % 3], LABELS[(number + 1) % 3]);
    VideoRow {
        rank: number as u32 + 1,
        id: format!("videos/{number}"),
        path: format!("videos/{number}.mp4"),
        label: given.into(),
        verdict: Verdict::Mislabeled,
        judgement: Some(Judgement {
            scores: Scores {
                noise_score: 0.9,
                agreement: 1.0,
                ..Scores::default()
            },
            consensus: suggested.into(),
            suggested_label: suggested.into(),
            mean_probs: vec![0.3, 0.4, 0.3],
            neighbours: Vec::new(),
            flags: [true; 4],
        }),
        fold: 0,
        votes: None,
        group: None,
        facts: Some(VideoFacts {
            frames: 24,
            fps: 25.0,
            duration_secs: 0.96,
            width: 64,
            height: 64,
            distinct_frames: 24,
            truncated: false,
        }),
        issues: Vec::new(),
        reason: "3 of 3 clips contradict the label".into(),
        extra: Vec::new(),
    }
}

fn write_run(workspace: &Workspace, rows: &[VideoRow], schema: u32) {
    let folder = run_folder(workspace);
    fs_err::create_dir_all(folder.root()).unwrap();
    videos::write(&folder.videos(), rows, &[]).unwrap();
    let clip_rows: Vec<clips::ClipRow> = rows
        .iter()
        .flat_map(|row| {
            (0..3_u16).map(|clip| clips::ClipRow {
                id: row.id.clone(),
                repeat: 0,
                clip,
                start_frame: u32::from(clip) * 4,
                end_frame: u32::from(clip) * 4 + 12,
                flipped: false,
                key_frames: Vec::new(),
                prediction: "down".into(),
                probs: vec![0.3, 0.4, 0.3],
            })
        })
        .collect();
    clips::write(&folder.clips(), &clip_rows).unwrap();
    let card = RunCard {
        version: "0.1.0".into(),
        schema,
        dataset: "labels.csv".into(),
        format: "csv".into(),
        fingerprint: "f00d".into(),
        labels: LABELS.map(str::to_owned).to_vec(),
        settings: serde_json::json!({"video": {"size": 32, "max_frames": 64}}),
        device: "cpu".into(),
        libtorch: "2.11.0".into(),
        videos: rows.len(),
        clip_overlap: 0.5,
        ..RunCard::default()
    };
    run::write(&folder.card(), &card).unwrap();
}

fn run_folder(workspace: &Workspace) -> RunFolder {
    RunFolder::new(Utf8PathBuf::from_path_buf(workspace.path("run")).unwrap())
}

/// Opens the review; terminals of tests do not answer questions about pictures.
fn open(workspace: &Workspace, flags: &str, size: (u16, u16)) -> Terminal {
    let mut arguments = vec!["review", "run", "--set", "review.images=half_blocks"];
    arguments.extend(flags.split_whitespace());
    Terminal::start(&program(), &arguments, &workspace.path(""), size)
}

pub(crate) fn actions(workspace: &Workspace) -> Vec<(String, Action, Option<String>)> {
    let lines = journal::read(run_folder(workspace).root()).unwrap();
    lines
        .into_iter()
        .map(|line| (line.id, line.action, line.label))
        .collect()
}

#[test]
fn a_sitting_from_the_first_decision_to_the_last() {
    let workspace = Workspace::new();
    run_of(&workspace, 6);
    let mut terminal = open(&workspace, "", (120, 36));
    terminal.wait_for("1/6 · 6 left");
    // The clip plays: pictures are on the screen, and the clock moves on by itself.
    terminal.wait_for("▀");
    terminal.wait_for("/24 1×");
    let clock = |text: &str| {
        text.lines()
            .find(|line| line.contains("/24 "))
            .map(str::to_owned)
    };
    let first = clock(&terminal.text());
    terminal.wait_until("the next frame", |screen| {
        clock(&screen.contents()) != first
    });
    terminal.send(" +");
    terminal.wait_for("/24 2×");
    terminal.send("a");
    terminal.wait_for("2/6 · 5 left · 1 decided");
    terminal.send("3");
    terminal.wait_for("3/6 · 4 left · 2 decided");
    terminal.send("u");
    terminal.wait_for("2/6 · 5 left · 1 decided");
    terminal.send("k");
    terminal.wait_for("3/6 · 4 left · 2 decided");
    terminal.send("/");
    terminal.send("5.mp4\r");
    terminal.wait_for("1/1 · 1 left");
    terminal.resize(60, 14);
    terminal.wait_for("evidence");
    terminal.wait_for("#6 left → right");
    terminal.resize(120, 36);
    terminal.wait_for("┌ 1 videos");
    terminal.send("d");
    terminal.wait_for("nothing in this list is undecided any more");
    terminal.send("q");
    assert_eq!(terminal.end().exit_code(), 0);
    terminal.assert_usable();
    let expected = [
        ("videos/0", Action::Relabel, Some("down")),
        ("videos/1", Action::Relabel, Some("left")),
        ("videos/1", Action::Clear, None),
        ("videos/1", Action::Keep, Some("down")),
        ("videos/5", Action::Drop, None),
    ];
    let expected =
        expected.map(|(id, action, label)| (id.to_owned(), action, label.map(str::to_owned)));
    assert_eq!(actions(&workspace), expected);
}

#[test]
fn a_killed_review_has_lost_nothing() {
    let workspace = Workspace::new();
    run_of(&workspace, 3);
    let mut terminal = open(&workspace, "--reviewer anna", (80, 24));
    terminal.wait_for("1/3");
    terminal.send("a");
    terminal.wait_for("1 decided");
    terminal.signal("KILL");
    terminal.end();
    // A line that was begun when the power went.
    let path = workspace.path("run/decisions-anna.jsonl");
    let mut text = fs_err::read_to_string(&path).unwrap();
    text.push_str("{\"version\":1,\"at\":\"2026-");
    fs_err::write(&path, text).unwrap();
    let mut terminal = open(&workspace, "--reviewer anna", (80, 24));
    terminal.wait_for("2/3 · 2 left · 1 decided");
    terminal.send("u");
    terminal.wait_for("1/3 · 3 left · 0 decided");
    terminal.send("q");
    assert_eq!(terminal.end().exit_code(), 0);
    assert_eq!(actions(&workspace).len(), 2);
}

#[test]
fn a_second_reviewer_of_the_same_name_is_refused() {
    let workspace = Workspace::new();
    run_of(&workspace, 1);
    let mut terminal = open(&workspace, "", (80, 24));
    terminal.wait_for("1/1");
    let answer = workspace.run("review run");
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("--reviewer"), "{}", answer.stderr);
    // A queue of one ends where it began.
    terminal.send("k");
    terminal.wait_for("1/1 · 0 left · 1 decided");
    terminal.send("\u{3}");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn a_termination_signal_gives_the_terminal_back() {
    let workspace = Workspace::new();
    run_of(&workspace, 2);
    let mut terminal = open(&workspace, "", (80, 24));
    terminal.wait_for("1/2");
    terminal.send("k");
    terminal.wait_for("1 decided");
    terminal.signal("TERM");
    assert_eq!(terminal.end().exit_code(), 130);
    terminal.assert_usable();
}

#[test]
fn a_suspended_review_leaves_the_terminal_to_the_shell_and_comes_back() {
    let workspace = Workspace::new();
    run_of(&workspace, 2);
    // Only a shell can take the terminal meanwhile.
    let arguments = ["--norc", "--noprofile", "-i"];
    let mut terminal =
        Terminal::start(Path::new("bash"), &arguments, &workspace.path(""), (80, 24));
    let line = format!(
        "{} review run --set review.images=half_blocks\n",
        program().display()
    );
    terminal.send(&line);
    terminal.wait_for("1/2 · 2 left");
    terminal.send("\u{1a}");
    terminal.wait_for("Stopped");
    terminal.assert_own_screen();
    terminal.send("echo still $((20 + 3))\n");
    terminal.wait_for("still 23");
    terminal.send("fg\n");
    terminal.wait_for("1/2 · 2 left");
    terminal.send("k");
    terminal.wait_for("1 decided");
    terminal.send("q");
    // Keys before the prompt would still go to the review.
    terminal.wait_until("the prompt", |screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with(['#', '$'])
    });
    terminal.send("exit\n");
    terminal.end();
    assert_eq!(actions(&workspace).len(), 1);
}

/// Not a test: the review that breaks down.
#[test]
#[ignore = "run by another test in a terminal of its own"]
fn a_review_with_a_mistake_in_it() {
    let folder = RunFolder::new("run");
    let run = Run::read(&folder).unwrap();
    let settings = ReviewSettings::default();
    let keymap = settings.keymap(3).unwrap();
    let mut state = State::new(run, Mode::default(), keymap, &[]);
    // A row that there is not.
    state.queue.visible = vec![99];
    let mut journal = JournalWriter::open(Utf8Path::new("run"), "", "f00d").unwrap();
    let stop = AtomicBool::new(false);
    let session = Session {
        folder: &folder,
        root: None,
        settings: &settings,
        model: ModelView::default(),
        stop: &stop,
    };
    drop(hold(&mut state, &mut journal, &session));
}

#[test]
fn a_panic_leaves_a_usable_terminal() {
    let workspace = Workspace::new();
    run_of(&workspace, 1);
    let test = std::env::current_exe().unwrap();
    let arguments = [
        "--exact",
        "review::a_review_with_a_mistake_in_it",
        "--ignored",
        "--nocapture",
    ];
    let mut terminal = Terminal::start(&test, &arguments, &workspace.path(""), (80, 24));
    assert_ne!(terminal.end().exit_code(), 0);
    terminal.wait_for("index out of bounds");
    terminal.assert_usable();
}

#[test]
fn videos_that_cannot_be_shown_say_why() {
    let workspace = Workspace::new();
    run_of(&workspace, 3);
    fs_err::remove_file(workspace.path("videos/0.mp4")).unwrap();
    workspace.write("videos/1.mp4", "this is no video");
    let mut terminal = open(&workspace, "", (140, 40));
    terminal.wait_for("cannot be shown");
    terminal.wait_for("--root");
    terminal.send("k");
    terminal.wait_for("2/3");
    terminal.wait_for("cannot be shown");
    terminal.send("k");
    terminal.wait_for("▀");
    terminal.send("q");
    assert_eq!(terminal.end().exit_code(), 0);
}

#[test]
fn runs_that_cannot_be_reviewed_are_named() {
    let workspace = Workspace::new();
    run_of(&workspace, 1);
    write_run(&workspace, &[row(0)], SCHEMA + 1);
    let answer = workspace.run("review run --list");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("use a newer rdfer-audit"),
        "{}",
        answer.stderr
    );
    write_run(&workspace, &[row(0)], SCHEMA);
    // Where the journal should be is something else that cannot be written to; root may write to any file.
    fs_err::create_dir(workspace.path("run/decisions.jsonl")).unwrap();
    let answer = workspace.run("review run --apply none.csv");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("make the run folder writable"),
        "{}",
        answer.stderr
    );
    fs_err::remove_dir(workspace.path("run/decisions.jsonl")).unwrap();
    let answer = workspace.run("review run --reviewer a/b");
    assert!(
        answer.stderr.contains("cannot be a reviewer's name"),
        "{}",
        answer.stderr
    );
    let answer = workspace.run("review run --reviewer anna --set review.keys.keep=q");
    assert!(
        answer.stderr.contains("not share the key 'q'"),
        "{}",
        answer.stderr
    );
    let answer = workspace.run("review run --reviewer anna");
    assert!(
        answer.stderr.contains("needs a terminal"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_run_without_videos_opens_and_says_so() {
    let workspace = Workspace::new();
    write_run(&workspace, &[], SCHEMA);
    let mut terminal = open(&workspace, "", (80, 24));
    terminal.wait_for("this run has no videos");
    terminal.send("kda?");
    terminal.wait_for("set this label");
    terminal.send("\u{1b}");
    // At once they would be one key, alt-q.
    terminal.wait_until("the list", |screen| {
        !screen.contents().contains("set this label")
    });
    terminal.send("q");
    assert_eq!(terminal.end().exit_code(), 0);
    assert_eq!(workspace.done("review run --list --json").stdout, "[]\n");
}

#[test]
fn scripts_review_without_a_terminal() {
    let workspace = Workspace::new();
    run_of(&workspace, 4);
    workspace.write(
        "decisions.csv",
        "path,action,label,note\nvideos/0.mp4,relabel,left,seen twice\nvideos/1.mp4,keep,,\nvideos/2.mp4,ambiguous,down,\n",
    );
    let answer = workspace.done("review run --reviewer script --apply decisions.csv");
    assert_eq!(
        answer.stdout,
        "4 lines written: 1 ambiguous, 1 keep, 1 note, 1 relabel\n"
    );
    let again = workspace.done("review run --reviewer script --apply decisions.csv");
    assert_eq!(again.stdout, "0 lines written: all of them held already\n");
    let json = workspace
        .done("review run --reviewer script --list --json")
        .stdout;
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list[0]["decision"], "relabel");
    assert_eq!(list[0]["decision_label"], "left");
    assert_eq!(list[0]["note"], "seen twice");
    assert_eq!(list[3]["decision"], serde_json::Value::Null);
    let open = workspace
        .done("review run --reviewer script --list --show undecided")
        .stdout;
    assert_eq!(open.lines().count(), 2);
    workspace.write(
        "wrong.csv",
        "id,action,label\nvideos/3,relabel,up\nvideos/3,relabel,\nvideos/9,keep,\nvideos/3,burn,\nvideos/3,drop,\n",
    );
    let before = workspace.read("run/decisions-script.jsonl");
    let answer = workspace.run("review run --reviewer script --apply wrong.csv");
    assert_eq!(answer.code, 2);
    for words in [
        "line 2",
        "'up'",
        "line 3",
        "needs a label",
        "videos/9",
        "'burn'",
    ] {
        assert!(answer.stderr.contains(words), "{words}: {}", answer.stderr);
    }
    assert!(!answer.stderr.contains("line 6"));
    assert_eq!(workspace.read("run/decisions-script.jsonl"), before);
}

#[test]
fn a_rescan_leaves_the_journals_alone() {
    let workspace = Workspace::new();
    run_of(&workspace, 1);
    workspace.write("run/decisions-anna.jsonl", "");
    let folder = run_folder(&workspace);
    folder
        .prepare(rdfer_audit::rows::folder::Existing::Overwrite)
        .unwrap();
    assert!(Path::new(&workspace.path("run/decisions-anna.jsonl")).exists());
}
