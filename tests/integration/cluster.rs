//! The steps of a scan as a job array on a real Slurm, and by themselves, while they are killed, moved and run twice: the files
//! are those of a plain scan, byte for byte.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt;
use rdfer_audit::seed::Seed;

use crate::support::{Workspace, files_below};

/// Three folds of two networks, each of which learns for some seconds.
const FLAGS: &str = "--set verdict.require_skill=false --folds 3 --repeats 2 --clips 3 --threads 1 --device cpu \
    --set video.size=32 --set model.size=32 --set model.width=8 --set model.feature=16 --set model.hidden=16 \
    --set clips.frames=8 --set model.synopsis_frames=8 --set model.shift_segment=8";
const NETWORKS: usize = 6;

/// Epochs of each.
const EPOCHS: usize = 40;

/// The same where nothing has to happen while they learn.
const FEW_EPOCHS: usize = 4;

/// Answer of the fixture where there is no Slurm.
const NO_SLURM: i32 = 77;

/// A data set of 60 videos, scanned in one process, and prepared for several.
struct Prepared {
    workspace: Workspace,
    /// The lines for Slurm: the array, and the merge.
    lines: String,
}

impl Prepared {
    fn new(epochs: usize) -> Self {
        let (workspace, line) = Self::scanned(epochs);
        workspace.done(&format!("{line} --out run --prepare"));
        let lines = workspace.done(&format!("{line} --out run --resume --prepare --slurm"));
        Self {
            workspace,
            lines: lines.stdout,
        }
    }

    /// Only divided: the lines decode shards, and prepare the run after them.
    fn in_shards(epochs: usize, shards: usize) -> Self {
        let (workspace, line) = Self::scanned(epochs);
        let divided = workspace.done(&format!(
            "{line} --out run --prepare --shards {shards} --slurm"
        ));
        let (_, lines) = divided.stdout.split_once("is prepared:\n\n").unwrap();
        Self {
            lines: lines.to_owned(),
            workspace,
        }
    }

    /// A data set that was scanned in one process, and the line that scans it, without the run.
    fn scanned(epochs: usize) -> (Workspace, String) {
        let workspace = Workspace::new();
        workspace.data_set(20);
        let line = format!("scan labels.csv {FLAGS} --epochs {epochs}");
        workspace.done(&format!("{line} --out plain"));
        (workspace, line)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.workspace.path(name)
    }

    fn line(&self, step: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"));
        let line = format!("scan {step} --out run");
        command.current_dir(self.path(".")).args(line.split(' '));
        command
    }

    /// Runs a step; its exit code and what it complained of.
    fn step(&self, step: &str) -> (i32, String) {
        let output = self.line(step).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), words)
    }

    fn begin(&self, network: usize) -> Child {
        let mut command = self.line(&format!("--network {network}"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    fn is_finished(&self, network: usize) -> bool {
        let (fold, repeat) = (network / 2, network % 2);
        let name = match repeat {
            0 => fold.to_string(),
            _ => format!("{fold}-repeat-{repeat}"),
        };
        self.path("run/folds").join(name).join("fold.json").exists()
    }

    /// Networks that are not finished.
    fn waiting(&self) -> Vec<usize> {
        let all = 0..NETWORKS;
        all.filter(|network| !self.is_finished(*network)).collect()
    }

    /// Runs what is not finished, as the merge asks for it, and holds the outcome against the plain scan's.
    fn finish(&self, case: &str) {
        let waiting = self.waiting();
        if !waiting.is_empty() {
            let (code, words) = self.step("--merge");
            assert_eq!(code, 2, "{case}: {words}");
            for network in waiting {
                let asked = words
                    .lines()
                    .find(|line| line.contains(&format!("--network {network} ")));
                assert!(asked.is_some(), "{case}: {words}");
                let (code, words) = self.step(&format!("--network {network}"));
                assert_eq!(code, 0, "{case}: {words}");
            }
        }
        let (code, words) = self.step("--merge");
        assert_eq!(code, 0, "{case}: {words}");
        self.assert_as_plain(case);
    }

    fn assert_as_plain(&self, case: &str) {
        let plain = self.path("plain");
        let mut compared = 0;
        for path in files_below(&plain) {
            let below = path.strip_prefix(&plain).unwrap();
            let is_compared =
                below.starts_with("folds") || below.extension().is_some_and(|e| e == "parquet");
            if is_compared && !below.starts_with("cache") {
                let other = self.path("run").join(below);
                let same = fs_err::read(&path).unwrap() == fs_err::read(other).unwrap();
                assert!(same, "{case}: {} differs", below.display());
                compared += 1;
            }
        }
        assert!(compared > NETWORKS * 5, "{compared} files");
    }

    /// Takes away what networks and merge left: only what was prepared stays.
    fn clear(&self) {
        for path in fs_err::read_dir(self.path("run")).unwrap() {
            let path = path.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if ["folds", "unfinished"].contains(&name) {
                fs_err::remove_dir_all(path).unwrap();
            } else if name.ends_with(".parquet") && name != "issues.parquet" || name == "run.json" {
                fs_err::remove_file(path).unwrap();
            }
        }
    }
}

/// A cluster of three nodes of one processor.
struct Slurm {
    folder: tempfile::TempDir,
}

impl Slurm {
    /// Nothing, and a word, where there is no Slurm and none can be had.
    fn start() -> Option<Self> {
        let cluster = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let output = cluster.fixture("start", "");
        let words = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(NO_SLURM) {
            skipped(&words);
            return None;
        }
        assert!(output.status.success(), "{words}");
        Some(cluster)
    }

    fn fixture(&self, verb: &str, node: &str) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/slurm");
        let mut command = Command::new(script);
        command
            .arg(verb)
            .arg(self.folder.path())
            .args(node.split_whitespace());
        command.output().unwrap()
    }

    /// Runs a line of shell; what it printed.
    fn shell(&self, line: &str) -> String {
        let output = Command::new("bash")
            .args(["-c", line])
            .env("SLURM_CONF", self.folder.path().join("slurm.conf"))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {words}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The elements of an array in a state, with the nodes that they are on.
    fn elements(&self, state: &str) -> Vec<(usize, String)> {
        let listed = self.shell(&format!("squeue -h -r -t {state} -o '%K %N'"));
        let lines = listed.lines().filter_map(|line| line.split_once(' '));
        lines
            .filter_map(|(element, node)| Some((element.parse().ok()?, node.to_owned())))
            .collect()
    }

    /// Waits until so many elements run, and a moment more, so that they learn.
    fn wait_for_elements(&self, count: usize) -> Vec<(usize, String)> {
        let mut running = Vec::new();
        wait("elements to run", || {
            running = self.elements("running");
            running.len() >= count
        });
        sleep(Duration::from_millis(1500));
        running
    }

    fn wait_for_the_end(&self) {
        wait("the end of all jobs", || {
            self.shell("squeue -h -r").is_empty()
        });
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        self.fixture("stop", "");
    }
}

#[expect(clippy::print_stdout, reason = "a test that could not be run says so")]
fn skipped(words: &str) {
    println!("skipped: {words}");
}

fn wait(what: &str, mut is_true: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_true() {
        assert!(
            begin.elapsed() < Duration::from_mins(5),
            "waited in vain for {what}"
        );
        sleep(Duration::from_millis(200));
    }
}

/// One array and its merge in which everything goes wrong: a node is lost, an element is requeued in mid-training, one is
/// ended as by a time limit, one runs twice at once, and somebody merges before the end.
fn disturb(prepared: &Prepared, slurm: &Slurm, seed: u64) {
    let case = format!("seed {seed}");
    let mut random = Seed(seed).stream("disturbances", "");
    prepared.clear();
    slurm.shell(&prepared.lines);
    let mut running = slurm.wait_for_elements(3);
    let mut any = || running.swap_remove(random.random_range(0..running.len()));
    let ((_, lost), (requeued, _), (ended, _)) = (any(), any(), any());
    let number = lost.trim_start_matches('n').to_owned();
    slurm.fixture("lose", &number);
    // An element may be done before anybody gets at it.
    let act = |verb: &str, element: usize| {
        slurm.shell(&format!(
            "for job in $(squeue -h -r -o '%i %K' | grep ' {element}$' | cut -d ' ' -f 1); do \
             {verb} $job || [ -z \"$(squeue -h -j $job 2>/dev/null)\" ]; done"
        ))
    };
    act("scontrol requeue", requeued);
    act("scancel", ended);
    // On a quick machine it may be done before anybody ends it.
    let was_done = prepared.is_finished(ended);
    let (code, words) = prepared.step("--merge");
    assert_eq!(code, 2, "{case}: {words}");
    let waiting = prepared.waiting();
    let twice = waiting[random.random_range(0..waiting.len())];
    let mut other = prepared.begin(twice);
    sleep(Duration::from_secs(6));
    slurm.fixture("back", &number);
    assert!(other.wait().unwrap().success(), "{case}");
    slurm.wait_for_the_end();
    assert!(
        !prepared.is_finished(ended) || ended == twice || was_done,
        "{case}"
    );
    prepared.finish(&case);
}

#[test]
fn an_array_gives_the_files_of_a_plain_scan_whatever_becomes_of_its_elements() {
    let Some(slurm) = Slurm::start() else { return };
    let prepared = Prepared::new(EPOCHS);
    slurm.shell(&prepared.lines);
    slurm.wait_for_the_end();
    prepared.assert_as_plain("undisturbed");
    disturb(&prepared, &slurm, 0);
}

#[test]
fn an_array_decodes_shards_and_the_job_after_it_prepares() {
    let Some(slurm) = Slurm::start() else { return };
    let prepared = Prepared::in_shards(FEW_EPOCHS, 3);
    slurm.shell(&prepared.lines);
    slurm.wait_for_the_end();
    let logs = files_below(&prepared.path("run-logs"));
    let is_of = |path: &Path, job: &str| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(job)
    };
    let decoded = logs.iter().filter(|log| is_of(log, "decode-"));
    assert_eq!(decoded.count(), 3, "{logs:?}");
    let log = logs.iter().find(|log| is_of(log, "prepare-")).unwrap();
    let log = fs_err::read_to_string(log).unwrap();
    let (_, networks) = log.split_once("the rest:\n\n").expect(&log);
    slurm.shell(networks);
    slurm.wait_for_the_end();
    prepared.assert_as_plain("in shards");
}

#[test]
#[ignore = "takes minutes; scripts/test runs it"]
fn many_arrays_give_the_files_of_a_plain_scan() {
    let Some(slurm) = Slurm::start() else { return };
    let prepared = Prepared::new(EPOCHS);
    for seed in 1..=5 {
        disturb(&prepared, &slurm, seed);
    }
}

/// Kills processes of random networks at random times, then runs what is left.
fn kill(times: usize) {
    let prepared = Prepared::new(EPOCHS);
    let mut random = Seed(0).stream("kills", "");
    let mut killed = 0;
    while killed < times {
        let waiting = prepared.waiting();
        if waiting.is_empty() {
            prepared.finish("killed");
            prepared.clear();
            continue;
        }
        let mut child = prepared.begin(waiting[random.random_range(0..waiting.len())]);
        sleep(Duration::from_millis(random.random_range(100..3000)));
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
    }
    prepared.finish("killed");
}

#[test]
fn networks_that_are_killed_lose_nothing() {
    kill(5);
}

#[test]
#[ignore = "takes minutes; scripts/test runs it"]
fn networks_that_are_killed_twenty_times_lose_nothing() {
    kill(20);
}
