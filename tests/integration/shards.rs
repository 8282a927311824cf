//! Decoding in several processes: `--prepare --shards`, each shard by itself, and the run that is prepared from them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::steps::{assert_alike, data_set, shell};
use crate::support::{Answer, SMALL, Workspace, files_below};

/// What is printed to decode the shards, and to prepare the run after them.
fn lines(answer: &Answer) -> (&str, &str) {
    let lines = answer.stdout.split_once("is prepared:\n\n").unwrap().1;
    lines.split_once('\n').unwrap()
}

/// The files of frames in a run's cache, and how large they are.
fn frames(run: &Path) -> Vec<(PathBuf, u64)> {
    let mut files = files_below(&run.join("cache"));
    files.retain(|path| path.ends_with("frames.bin"));
    let size = |path: PathBuf| {
        let bytes = fs_err::metadata(&path).unwrap().len();
        (path, bytes)
    };
    files
        .into_iter()
        .map(size)
        .filter(|(_, bytes)| *bytes > 0)
        .collect()
}

fn bytes(frames: &[(PathBuf, u64)]) -> u64 {
    frames.iter().map(|(_, bytes)| bytes).sum()
}

#[test]
fn shards_are_joined_to_the_run_of_a_scan_and_no_frame_is_copied() {
    let workspace = Workspace::new();
    data_set(&workspace);
    let scan = format!("scan labels.csv {SMALL} --out");
    workspace.done(&format!("{scan} whole"));
    let divided = workspace.done(&format!("{scan} run --prepare --shards 3"));
    let (decode, prepare) = lines(&divided);
    assert!(!workspace.path("run/plan.json").exists());
    let told = workspace.done("scan --status --out run").stdout;
    assert!(told.contains("0 of 3 decoded"), "{told}");

    let early = shell(prepare);
    assert_eq!(early.code, 2);
    assert!(
        early.stderr.contains("3 of 3 shards are not decoded"),
        "{}",
        early.stderr
    );
    let second = early.stderr.lines().find(|line| line.contains("shard 1: "));
    let done = shell(second.unwrap().split_once(": ").unwrap().1);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let states = workspace.done("scan --status --json --out run").stdout;
    let states: Vec<Value> = serde_json::from_str(&states).unwrap();
    let states: Vec<_> = states.iter().map(|shard| &shard["decoded"]).collect();
    assert_eq!(states, [false, true, false]);

    let decoded = shell(decode);
    assert_eq!(decoded.code, 0, "{}", decoded.stderr);
    assert!(
        decoded.stderr.contains("shard 1 is decoded already"),
        "{}",
        decoded.stderr
    );
    let before = frames(&workspace.path("run"));
    assert_eq!(before.len(), 3);
    // A copy of a video is another shard's, and decoded twice.
    assert!(bytes(&before) >= bytes(&frames(&workspace.path("whole"))));

    // None of the files has to be read again, and none is decoded.
    let again = shell(prepare);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(frames(&workspace.path("run")), before);
    assert!(workspace.read("run/plan.json") == workspace.read("whole/plan.json"));
    let rest = shell(again.stdout.split_once("the rest:\n\n").unwrap().1);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_alike(&workspace, "whole", "run");
    // The pictures of the page come from the shards too.
    assert_eq!(frames(&workspace.path("run")), before);
}

#[test]
fn what_was_written_to_since_is_decoded_anew() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let scan = format!("scan labels.csv {SMALL} --out");
    let divided = workspace.done(&format!("{scan} run --prepare --shards 2"));
    let (decode, prepare) = lines(&divided);
    assert_eq!(shell(decode).code, 0);
    workspace.video("videos/2_3.mp4", 1, 9, 17);
    workspace.done(&format!("{scan} whole"));
    let prepared = shell(prepare);
    assert!(
        prepared.code == 0
            && prepared
                .stderr
                .contains("12 videos, 11 of them decoded before"),
        "{}",
        prepared.stderr
    );
    workspace.done(&format!("{scan} run --resume"));
    assert_alike(&workspace, "whole", "run");
}

#[test]
fn a_shard_goes_on_where_it_was_killed_and_two_at_once_do_no_harm() {
    let workspace = Workspace::new();
    workspace.data_set(8);
    let scan = format!("scan labels.csv {SMALL} --out");
    workspace.done(&format!("{scan} whole"));
    let divided = workspace.done(&format!("{scan} run --prepare --shards 2"));
    let start = |shard: usize| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"));
        let line = format!("scan --decode {shard} --out run");
        command
            .current_dir(workspace.path("."))
            .args(line.split(' '));
        command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut killed = start(0);
    let index = workspace.path("run/cache/shard-0/index.jsonl");
    let lines_of_index = || {
        let text = fs_err::read_to_string(&index).unwrap_or_default();
        text.lines().count()
    };
    while lines_of_index() < 3 && killed.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let begun = lines_of_index();
    assert!(begun >= 3, "{begun}");
    let copies = [start(0), start(0), start(1), start(1)];
    for copy in copies {
        let output = copy.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(lines_of_index() >= begun);
    let prepared = shell(lines(&divided).1);
    assert!(
        prepared.code == 0
            && prepared
                .stderr
                .contains("24 videos, 24 of them decoded before"),
        "{}",
        prepared.stderr
    );
    workspace.done(&format!("{scan} run --resume"));
    assert_alike(&workspace, "whole", "run");
}

#[test]
fn shards_for_slurm_and_what_is_refused() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let scan = format!("scan labels.csv {SMALL} --out run");
    let refused = |line: &str, words: &str| {
        let answer = workspace.run(line);
        assert_eq!(answer.code, 2, "{line}");
        assert!(answer.stderr.contains(words), "{line}: {}", answer.stderr);
    };
    refused("scan --decode 0 --out run", "--prepare --shards N");
    refused("scan --decode 0", "--out");
    refused(
        "scan labels.csv --decode 0 --out run",
        "cannot be used with",
    );
    refused(
        "scan --decode 0 --out run --threads 1",
        "cannot be used with",
    );
    refused("scan labels.csv --shards 2", "--prepare");
    refused(
        "scan labels.csv --prepare --shards 2 --features x",
        "cannot be used with",
    );
    let divided = workspace.done(&format!("{scan} --prepare --shards 99 --slurm"));
    let (array, prepare) = lines(&divided);
    // More shards than videos would have nothing to do.
    assert!(
        array.starts_with("array=$(sbatch --parsable --array=0-11 "),
        "{array}"
    );
    assert!(
        array.contains("run-logs/decode-%A_%a.log --cpus-per-task=1 "),
        "{array}"
    );
    assert!(
        prepare.contains("--dependency=afterany:${array%;*} --chdir=/"),
        "{prepare}"
    );
    assert!(prepare.contains("run-logs/prepare-%j.log"), "{prepare}");
    assert!(
        prepare
            .trim_end()
            .ends_with(" --out run --prepare --slurm'"),
        "{prepare}"
    );
    refused("scan --decode 12 --out run", "there are 12, from 0 to 11");
    let events = workspace
        .done(&format!("{scan} --prepare --shards 2 --json"))
        .stdout;
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["event"], &last["shards"]),
        (&"divided".into(), &2.into())
    );
    // The shards are not what is wanted any more: then one process does it all.
    fs_err::remove_file(workspace.path("run/cache/shards.json")).unwrap();
    workspace.done(&scan);
}
