//! `check` from end to end: real files with known faults, and what it says of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use camino::Utf8Path;
use rdfer_audit::rows::issues::{self, IssueRow};
use rdfer_audit::rows::videos::{self, VideoRow};

use crate::support::{SMALL, Workspace, face_model, grid_videos};

/// Runs `check` and returns its JSON and exit code.
fn check(workspace: &Workspace, line: &str) -> (serde_json::Value, i32) {
    let answer = workspace.run(&format!("check {line} --json"));
    assert!(answer.code < 2, "{}", answer.stderr);
    (serde_json::from_str(&answer.stdout).unwrap(), answer.code)
}

/// The number of issues by kind.
fn count(summary: &serde_json::Value, kind: &str) -> u64 {
    let kinds = summary["issues"].as_array().unwrap();
    let found = kinds.iter().find(|found| found["kind"] == kind);
    found.map_or(0, |found| found["issues"].as_u64().unwrap())
}

#[test]
fn files_with_known_faults_are_rows_with_reasons() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.write("videos/broken.mp4", "this is no video");
    // Silence in a file that should be a video.
    let mut sound = b"RIFF\x24\x10\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x10\0\0"
        .to_vec();
    sound.resize(44 + 4096, 0);
    fs_err::write(workspace.path("videos/sound.mp4"), sound).unwrap();
    workspace.video("videos/short.mp4", 1, 9, 3);
    fs_err::copy(
        workspace.path("videos/0_1.mp4"),
        workspace.path("videos/copy.mp4"),
    )
    .unwrap();
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap()
        + "videos/broken.mp4,left,\nvideos/sound.mp4,left,\nvideos/short.mp4,down,\nvideos/copy.mp4,down,\n";
    workspace.write("labels.csv", &labels);
    let line = "labels.csv --out run --config cpu --set duplicates.near=false --set folds=4";
    let (summary, code) = check(&workspace, line);
    assert_eq!(code, 0);
    assert_eq!(
        (&summary["videos"], &summary["readable"]),
        (&16.into(), &14.into())
    );
    for (kind, issues) in [
        ("unreadable", 2),
        ("no_video_stream", 1),
        ("no_face", 0),
        ("too_short", 1),
        ("exact_duplicate", 2),
        ("duplicate_label_conflict", 2),
        ("small_class", 0),
    ] {
        assert_eq!(count(&summary, kind), issues, "{kind}: {summary:#}");
    }
    for file in ["videos.parquet", "issues.parquet", "settings.toml"] {
        assert!(workspace.path("run").join(file).exists(), "{file}");
    }
    assert!(
        !workspace.path("run/folds").exists(),
        "something was trained"
    );
    assert_eq!(check(&workspace, &format!("{line} --fail-above 0.1")).1, 1);
    let text = workspace.done(&format!("check {line}")).stdout;
    assert!(text.contains("unreadable: cannot be decoded"), "{text}");
    // The frames are there for a scan, and nothing of the check is in its way.
    let answer = workspace.done(&format!("scan labels.csv --out run {SMALL}"));
    assert!(answer.stdout.contains("most suspect:"), "{}", answer.stdout);
    let refused = workspace.run(&format!("check {line}"));
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("there is a run"),
        "{}",
        refused.stderr
    );
}

#[test]
fn downloads_that_failed_are_named_and_are_no_duplicates() {
    let workspace = Workspace::new();
    workspace.data_set(3);
    let page = "<!DOCTYPE html><html><title>Quota exceeded</title></html>";
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    for (name, text) in [
        ("0_0", page),
        ("1_1", page),
        ("1_2", ""),
        ("2_1", ""),
        ("2_2", pointer),
    ] {
        workspace.write(&format!("videos/{name}.mp4"), text);
    }
    let line = "labels.csv --out run --config cpu --set duplicates.near=false --set folds=2";
    let (summary, _) = check(&workspace, line);
    assert_eq!(summary["readable"], 4);
    for kind in ["exact_duplicate", "duplicate_label_conflict"] {
        assert_eq!(count(&summary, kind), 0, "{summary:#}");
    }
    let answer = workspace.done(&format!("check {line}"));
    assert!(
        answer.stderr.contains("5 videos cannot be read"),
        "{}",
        answer.stderr
    );
    let cases = summary["issues"][0]["cases"].to_string();
    assert!(
        cases.contains("is a web page: its download failed"),
        "{cases}"
    );
}

#[test]
fn certain_errors_stand_at_the_top_of_a_scan_and_say_why() {
    let workspace = Workspace::new();
    workspace.data_set(6);
    // Three copies of one video, of which one has another label.
    for copy in ["copy_a", "copy_b"] {
        let path = workspace.path(&format!("videos/{copy}.mp4"));
        fs_err::copy(workspace.path("videos/1_2.mp4"), path).unwrap();
    }
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap()
        + "videos/copy_a.mp4,down,\nvideos/copy_b.mp4,right,\n";
    workspace.write("labels.csv", &labels);
    let line = format!("scan labels.csv --out run --set duplicates.near=false {SMALL}");
    let summary = workspace.scanned(&format!("{line} --json"));
    let first = &summary["suspects"][0];
    assert_eq!(first["path"], "videos/copy_b.mp4");
    assert_eq!(
        (&first["verdict"], &first["suggested_label"]),
        (&"mislabeled".into(), &"down".into())
    );
    let reason = first["reason"].as_str().unwrap();
    assert!(
        reason.starts_with(
            "its duplicate 'videos/1_2.mp4' is labeled down, so one of the two is wrong; "
        ),
        "{reason}"
    );
    let before = workspace.read("run/videos.parquet");
    workspace.done("score run");
    assert!(workspace.read("run/videos.parquet") == before);
}

#[test]
fn neighbours_in_feature_space_are_told_and_found_again_from_the_files() {
    let workspace = Workspace::new();
    workspace.data_set(6);
    // Thresholds that some video is sure to pass.
    let loose =
        "--set neighbours.k=3 --set neighbours.other_label_share=0.3 --set neighbours.outlier=0.5";
    workspace.done(&format!("scan labels.csv --out run {SMALL} {loose}"));
    let issues = |kind: &str| -> Vec<IssueRow> {
        let path = workspace.path("run/issues.parquet");
        let rows = issues::read(Utf8Path::from_path(&path).unwrap()).unwrap();
        rows.into_iter().filter(|row| row.kind == kind).collect()
    };
    let rows = || {
        let path = workspace.path("run/videos.parquet");
        videos::read(Utf8Path::from_path(&path).unwrap()).unwrap().0
    };
    let (conflicts, outliers) = (issues("neighbour_label_conflict"), issues("outlier"));
    assert!(!conflicts.is_empty() && !outliers.is_empty());
    let by_id: BTreeMap<String, VideoRow> = rows()
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    for row in by_id.values() {
        let judgement = row.judgement.as_ref().unwrap();
        assert_eq!(judgement.neighbours.len(), 3);
        let others = judgement.neighbours.iter();
        let differ = others.clone().filter(|id| by_id[*id].label != row.label);
        let share = differ.count() as f32 / 3.0;
        assert!((judgement.scores.neighbour_disagreement - share).abs() < 1e-6);
        // Only a fold's own network can compare.
        assert!(others.clone().all(|id| by_id[id].fold == row.fold));
        let is_told = |kind: &str| row.issues.iter().any(|issue| issue == kind);
        assert_eq!(is_told("neighbour_label_conflict"), share >= 0.3);
        assert_eq!(is_told("outlier"), judgement.scores.outlier_score >= 0.5);
    }
    let other = conflicts[0].other_id.as_ref().unwrap();
    assert!(conflicts[0].detail.contains(other), "{conflicts:?}");

    let files = ["run/videos.parquet", "run/issues.parquet"];
    let before = files.map(|file| workspace.read(file));
    workspace.done("score run");
    assert!(before == files.map(|file| workspace.read(file)));
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    assert!(page.contains("nearest videos have another label"));

    workspace.done("score run --set neighbours.other_label_share=1 --set neighbours.outlier=99");
    assert!(issues("outlier").is_empty());
    // A run of an early version has no features, and does without.
    for fold in 0..2 {
        fs_err::remove_file(workspace.path(&format!("run/folds/{fold}/features.parquet"))).unwrap();
    }
    workspace.done(&format!("score run {loose}"));
    assert!(issues("outlier").is_empty() && issues("neighbour_label_conflict").is_empty());
    let nothing = |row: &VideoRow| {
        let judgement = row.judgement.as_ref().unwrap();
        judgement.neighbours.is_empty() && judgement.scores.outlier_score.is_nan()
    };
    assert!(rows().iter().all(nothing));
}

#[test]
fn faces_are_found_in_real_videos_and_missed_where_there_are_none() {
    let (Some(model), Some(grid)) = (face_model(), grid_videos()) else {
        println!("skipped: no face model of the crate 'rustface', or no GRID videos");
        return;
    };
    let workspace = Workspace::new();
    let mut labels = String::from("path,label\n");
    let mut names: Vec<PathBuf> = fs_err::read_dir(&grid)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    for (number, path) in names.iter().step_by(100).enumerate() {
        writeln!(labels, "{},{}", path.display(), ["a", "b"][number % 2]).unwrap();
    }
    for class in 0..2 {
        workspace.video(&format!("videos/{class}.mp4"), class, 3, 24);
        writeln!(labels, "videos/{class}.mp4,{}", ["a", "b"][class]).unwrap();
    }
    workspace.write("labels.csv", &labels);
    let line = "labels.csv --config cpu --set folds=2 --set duplicates.near=false";
    let (without, _) = check(&workspace, &format!("{line} --out without"));
    assert_eq!(count(&without, "no_face"), 0);
    let model = format!("--set health.face_model={}", model.display());
    let (with, _) = check(&workspace, &format!("{line} --out with {model}"));
    assert_eq!(count(&with, "no_face"), 2, "{with:#}");
    // A threshold that no face reaches.
    let (strict, _) = check(
        &workspace,
        &format!("{line} --out strict {model} --set health.face_score=1000"),
    );
    assert_eq!(
        count(&strict, "no_face"),
        names.len().div_ceil(100) as u64 + 2
    );
    let refused = workspace.run(&format!(
        "check {line} --out refused --set health.face_model=labels.csv"
    ));
    assert_eq!(refused.code, 2);
    assert!(
        refused
            .stderr
            .contains("'labels.csv' is no SeetaFace model"),
        "{}",
        refused.stderr
    );
    assert!(!workspace.path("refused").exists(), "decoded for nothing");
}

#[test]
fn leaks_between_the_sides_of_a_split() {
    let workspace = Workspace::new();
    for (class, name) in ["right", "down"].into_iter().enumerate() {
        for number in 0..4 {
            workspace.video(&format!("videos/{name}_{number}.mp4"), class, number, 24);
        }
    }
    fs_err::copy(
        workspace.path("videos/down_0.mp4"),
        workspace.path("videos/down_9.mp4"),
    )
    .unwrap();
    let rows = |copy_side: &str| {
        let mut rows = String::from("path,label,group,split\n");
        for name in ["right", "down"] {
            for number in 0..4 {
                let side = if number < 2 { "train" } else { "test" };
                writeln!(
                    rows,
                    "videos/{name}_{number}.mp4,{name},{name}{number},{side}"
                )
                .unwrap();
            }
        }
        rows + &format!("videos/down_9.mp4,down,down0,{copy_side}\n")
    };
    let line = "labels.csv --config cpu --set duplicates.near=false";
    workspace.write("labels.csv", &rows("test"));
    let (leaking, _) = check(&workspace, &format!("{line} --out leaking"));
    assert_eq!(count(&leaking, "split_leak"), 2, "{leaking:#}");
    assert_eq!(count(&leaking, "group_leak"), 1, "{leaking:#}");
    workspace.write("labels.csv", &rows("train"));
    let (tight, _) = check(&workspace, &format!("{line} --out tight"));
    assert_eq!(count(&tight, "split_leak") + count(&tight, "group_leak"), 0);
    assert_eq!(count(&tight, "exact_duplicate"), 2);
}

#[test]
fn the_same_check_writes_the_same_bytes() {
    let workspace = Workspace::new();
    workspace.data_set(5);
    let run = |out: &str, threads: usize| {
        workspace.done(&format!(
            "check labels.csv --config cpu --out {out} --threads {threads}"
        ));
        (
            workspace.read(&format!("{out}/videos.parquet")),
            workspace.read(&format!("{out}/issues.parquet")),
        )
    };
    let first = run("first", 1);
    assert!(first == run("second", 2), "it depends on the threads");
    assert!(
        first == run("first", 2),
        "it depends on what is in the cache"
    );
}

#[test]
fn an_interrupted_check_says_so() {
    let workspace = Workspace::new();
    workspace.data_set(20);
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"))
        .current_dir(workspace.path("."))
        .args(["check", "labels.csv", "--config", "cpu", "--threads", "1"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(60));
    let pid = child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().unwrap();
    // Either it was still at work, or it was done before.
    let code = child.wait().unwrap().code();
    assert!(matches!(code, Some(130 | 0)) || code.is_none(), "{code:?}");
}
