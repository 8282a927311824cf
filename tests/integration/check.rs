//! `check` from end to end: real files with known faults, and what it says of them.

use std::fmt::Write;
use std::process::Command;

use crate::support::{SMALL, Workspace};

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
    workspace.video("videos/short.mp4", 1, 9, 3);
    fs_err::copy(
        workspace.path("videos/0_1.mp4"),
        workspace.path("videos/copy.mp4"),
    )
    .unwrap();
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap()
        + "videos/broken.mp4,left,\nvideos/short.mp4,down,\nvideos/copy.mp4,down,\n";
    workspace.write("labels.csv", &labels);
    let line = "labels.csv --out run --config cpu --set duplicates.near=false --set folds=4";
    let (summary, code) = check(&workspace, line);
    assert_eq!(code, 0);
    assert_eq!(
        (&summary["videos"], &summary["readable"]),
        (&15.into(), &14.into())
    );
    for (kind, issues) in [
        ("unreadable", 1),
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
