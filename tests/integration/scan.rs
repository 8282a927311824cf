//! The main job from end to end: real files, real decoding, a real if tiny network.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rdfer_audit::rows::{clips, videos};

use crate::support::{SMALL, Workspace, files_below};

#[test]
fn a_scan_writes_the_files_of_a_run_and_sums_them_up() {
    let workspace = Workspace::new();
    workspace.data_set(6);
    workspace.write("videos/broken.mp4", "this is no video");
    let labels =
        String::from_utf8(workspace.read("labels.csv")).unwrap() + "videos/broken.mp4,left,\n";
    workspace.write("labels.csv", &labels);
    let answer = workspace.done(&format!("scan labels.csv --out run {SMALL}"));
    assert!(answer.stdout.contains("most suspect:"), "{}", answer.stdout);
    assert!(
        answer.stderr.contains("1 videos cannot be read"),
        "{}",
        answer.stderr
    );
    for file in [
        "videos.parquet",
        "clips.parquet",
        "dynamics.parquet",
        "run.json",
        "settings.toml",
        "folds/0/model.safetensors",
    ] {
        assert!(workspace.path("run").join(file).exists(), "{file}");
    }
    let left = files_below(&workspace.path("run"));
    assert!(
        left.iter()
            .all(|path| !path.file_name().unwrap().to_string_lossy().contains(".tmp")),
        "{left:?}"
    );

    let json = workspace.done("report run --json").stdout;
    let summary: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(summary["videos"], 19);
    assert_eq!(summary["verdicts"]["unreadable"], 1);

    let truth =
        String::from_utf8(workspace.read("truth.csv")).unwrap() + "videos/broken.mp4,left\n";
    workspace.write("truth.csv", &truth);
    let json = workspace
        .done("evaluate run --truth truth.csv --json")
        .stdout;
    let evaluation: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(evaluation["scored"], 18);
    assert_eq!(evaluation["mislabeled"], 3);
    assert!(
        workspace
            .done("evaluate run --truth truth.csv")
            .stdout
            .contains("noise_score")
    );
}

#[test]
fn two_runs_with_one_seed_give_the_same_bytes() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out first {SMALL}"));
    workspace.done(&format!(
        "scan labels.csv --out second {SMALL} --set video.max_frames=64"
    ));
    workspace.done(&format!("scan labels.csv --out third {SMALL} --seed 1"));
    for file in ["videos.parquet", "clips.parquet", "dynamics.parquet"] {
        let read = |run: &str| workspace.read(&format!("{run}/{file}"));
        assert!(read("first") == read("second"), "{file} differs");
        assert!(
            read("first") != read("third"),
            "{file} does not depend on the seed"
        );
    }
}

#[test]
fn the_threads_that_decode_do_not_change_a_scan() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out one {SMALL}"));
    workspace.done("check labels.csv --out many --threads 5 --set video.size=32");
    let frames = || {
        let mut files = files_below(&workspace.path("many/cache"));
        files.retain(|path| path.ends_with("frames.bin"));
        assert_eq!(files.len(), 1, "{files:?}");
        fs_err::read(&files[0]).unwrap()
    };
    let decoded = frames();
    workspace.done(&format!("scan labels.csv --out many {SMALL}"));
    assert!(frames() == decoded, "the scan decoded again");
    for file in ["videos.parquet", "clips.parquet", "dynamics.parquet"] {
        let read = |run: &str| workspace.read(&format!("{run}/{file}"));
        assert!(read("one") == read("many"), "{file} differs");
    }
}

#[test]
fn an_interrupted_run_goes_on_at_the_first_unfinished_fold() {
    let workspace = Workspace::new();
    workspace.data_set(6);
    let line = format!("scan labels.csv --out run {SMALL} --epochs 2000");
    // clap takes a flag once: the last of both is what a test wants here.
    let line = line.replacen("--epochs 2 ", "", 1);
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"))
        .current_dir(workspace.path("."))
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while !workspace.path("run/cache/index.jsonl").exists() {
        assert!(
            begin.elapsed() < Duration::from_mins(1),
            "decoding takes too long"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(700));
    let interrupted = Instant::now();
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        interrupted.elapsed() < Duration::from_secs(2),
        "{:?}",
        interrupted.elapsed()
    );

    // A whole run, of which the second fold is then taken away, as if the interruption had come later.
    workspace.done(&format!("scan labels.csv --out run {SMALL} --overwrite"));
    let whole = workspace.read("run/clips.parquet");
    let first = fs_err::metadata(workspace.path("run/folds/0/fold.json"))
        .unwrap()
        .modified()
        .unwrap();
    fs_err::remove_dir_all(workspace.path("run/folds/1")).unwrap();
    let refused = workspace.run(&format!("scan labels.csv --out run {SMALL}"));
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--resume"), "{}", refused.stderr);
    let resumed = workspace.done(&format!("scan labels.csv --out run {SMALL} --resume"));
    assert!(
        resumed.stderr.contains("fold 1 of 2 is finished already"),
        "{}",
        resumed.stderr
    );
    assert!(
        workspace.read("run/clips.parquet") == whole,
        "a resumed run gives other bytes"
    );
    let second = fs_err::metadata(workspace.path("run/folds/0/fold.json"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(first, second);

    let other = workspace.run(&format!(
        "scan labels.csv --out run {SMALL} --resume --seed 5"
    ));
    assert_eq!(other.code, 2);
    assert!(
        other.stderr.contains("other data or with other settings"),
        "{}",
        other.stderr
    );
}

/// Starts the binary and interrupts it after a while; its exit code.
fn interrupted(workspace: &Workspace, line: &str, after: Duration) -> Option<i32> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"))
        .current_dir(workspace.path("."))
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let _sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    let begin = Instant::now();
    let code = child.wait().unwrap().code();
    if code == Some(130) {
        // Two seconds, unless what is learnt is being written, as may last where the disk is busy.
        assert!(begin.elapsed() < Duration::from_secs(22));
    }
    code
}

#[test]
fn an_interrupted_network_goes_on_where_it_was() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let line = |run: &str| {
        let small = SMALL.replacen("--epochs 2 ", "", 1);
        format!("scan labels.csv --out {run} {small} --epochs 150")
    };
    workspace.done(&line("whole"));
    let (mut interruptions, mut after) = (0, Duration::from_millis(800));
    loop {
        match interrupted(&workspace, &(line("run") + " --resume"), after) {
            Some(0) => break,
            Some(130) => interruptions += 1,
            // It was told before it listened.
            code => assert_eq!(code, None),
        }
        // Where the machine is slow, the next try comes farther.
        after += Duration::from_millis(100);
    }
    assert!(interruptions > 0);
    let log = String::from_utf8(workspace.read("run/run.log")).unwrap();
    assert!(log.contains("goes on after"), "{log}");
    for path in files_below(&workspace.path("whole/folds")) {
        let below = path.strip_prefix(workspace.path("whole")).unwrap();
        let resumed = workspace.path("run").join(below);
        assert!(
            fs_err::read(&path).unwrap() == fs_err::read(resumed).unwrap(),
            "{below:?} differs after {interruptions} interruptions"
        );
    }
    assert!(!workspace.path("run/unfinished").exists());
}

#[test]
fn several_devices_of_a_kind_change_nothing() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out one {SMALL}"));
    let two = SMALL.replacen(
        "--threads 1 --device cpu",
        "--threads 2 --device cpu,cpu",
        1,
    );
    workspace.done(&format!("scan labels.csv --out two {two}"));
    let card: serde_json::Value = serde_json::from_slice(&workspace.read("two/run.json")).unwrap();
    assert_eq!(card["device"], "cpu,cpu");
    for file in ["videos.parquet", "clips.parquet", "dynamics.parquet"] {
        let read = |run: &str| workspace.read(&format!("{run}/{file}"));
        assert!(read("one") == read("two"), "{file} differs");
    }
    let mixed = workspace.run(&format!(
        "scan labels.csv --out mixed {} --device cpu,cuda:0",
        SMALL.replacen("--device cpu ", "", 1)
    ));
    assert_eq!(mixed.code, 2);
    assert!(
        mixed.stderr.contains("several of a kind"),
        "{}",
        mixed.stderr
    );
}

#[test]
fn too_short_a_video_for_several_clips_is_ranked_by_one() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.video("videos/short.mp4", 0, 1, 3);
    let labels =
        String::from_utf8(workspace.read("labels.csv")).unwrap() + "videos/short.mp4,right,\n";
    workspace.write("labels.csv", &labels);
    let summary = workspace.scanned(&format!("scan labels.csv --out run --json {SMALL}"));
    assert_eq!(summary["verdicts"]["undefined"], serde_json::Value::Null);
    let path = |name: &str| camino::Utf8PathBuf::try_from(workspace.path(name)).unwrap();
    let clips = clips::read(&path("run/clips.parquet")).unwrap();
    let clips_of = |id: &str| clips.iter().filter(|clip| clip.id == id).count();
    assert_eq!((clips_of("videos/short"), clips_of("videos/0_1")), (1, 3));
    let (rows, _) = videos::read(&path("run/videos.parquet")).unwrap();
    let short = rows.iter().find(|row| row.id == "videos/short").unwrap();
    assert!(short.judgement.is_some());
    assert!(short.issues.contains(&"too_short".to_owned()));
    let before = workspace.read("run/videos.parquet");
    workspace.done("score run");
    assert!(workspace.read("run/videos.parquet") == before);
}

#[test]
fn scores_follow_the_settings_without_training() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out run {SMALL}"));
    let before = workspace.read("run/videos.parquet");
    workspace.done("score run");
    assert!(
        workspace.read("run/videos.parquet") == before,
        "the same settings give other scores"
    );
    workspace.done("score run --set verdict.order=agreement");
    assert!(
        workspace.read("run/videos.parquet") != before,
        "the order does not follow the settings"
    );
    let json = workspace
        .done("score run --json --set verdict.agreement_threshold=0.1")
        .stdout;
    let summary: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        summary["verdicts"]["hard"],
        serde_json::Value::Null,
        "a threshold of 0.1 leaves nothing hard"
    );
}

#[test]
fn the_share_of_suspects_decides_the_exit_code() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    // Every clip agrees with itself at a threshold of 0.1, so a video is clean or mislabeled.
    let line = format!("scan labels.csv --out run {SMALL} --set verdict.agreement_threshold=0.1");
    let summary = workspace.scanned(&format!("{line} --json"));
    let mislabeled = summary["verdicts"]["mislabeled"].as_f64().unwrap() / 12.0;
    assert!(mislabeled > 0.0);
    let limit = |share: f64| {
        workspace
            .run(&format!("{line} --overwrite --fail-above {share}"))
            .code
    };
    assert_eq!(limit(mislabeled - 0.01), 1);
    assert_eq!(limit(mislabeled), 0);
}

#[test]
fn class_folders_and_frame_folders_are_data_sets_too() {
    let workspace = Workspace::new();
    for class in 0..3 {
        for number in 0..3 {
            workspace.video(
                &format!("set/class {class}/{number}.mp4"),
                class,
                number,
                24,
            );
        }
    }
    let answer = workspace.done(&format!("scan set {SMALL}"));
    assert!(answer.stdout.contains("class 2"), "{}", answer.stdout);
    assert!(workspace.path("reports/set/videos.parquet").exists());
}
