//! A scan in several processes: each step by itself, in any order, more than once, and at the same time.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Answer, SMALL, Workspace, files_below, npy};

/// Runs lines as a shell does that starts elsewhere.
pub(crate) fn shell(lines: &str) -> Answer {
    let output = Command::new("sh")
        .current_dir("/")
        .args(["-ec", lines])
        .output()
        .unwrap();
    Answer {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The lines that `--prepare` prints after what it says of the data set.
pub(crate) fn lines(answer: &Answer) -> &str {
    answer.stdout.split_once("the rest:\n\n").unwrap().1
}

/// The Parquet files of a run, by name.
fn tables(run: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = files_below(run);
    files.retain(|path| {
        path.parent() == Some(run) && path.extension().is_some_and(|e| e == "parquet")
    });
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs_err::read(path).unwrap())
    };
    files.iter().map(read).collect()
}

pub(crate) fn assert_alike(workspace: &Workspace, one: &str, other: &str) {
    let (one, other) = (tables(&workspace.path(one)), tables(&workspace.path(other)));
    let names = |tables: &[(String, Vec<u8>)]| {
        tables
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&one), names(&other));
    for ((name, one), (_, other)) in one.iter().zip(&other) {
        assert!(one == other, "{name} differs");
    }
}

fn states(workspace: &Workspace) -> Vec<String> {
    let json = workspace.done("scan --status --out run --json").stdout;
    let networks: Vec<Value> = serde_json::from_str(&json).unwrap();
    let state = |network: &Value| network["state"].as_str().unwrap().to_owned();
    networks.iter().map(state).collect()
}

/// A data set with a group, a column of its own, a video that cannot be read and one that is listed twice.
pub(crate) fn data_set(workspace: &Workspace) {
    workspace.data_set(4);
    workspace.write("videos/broken.mp4", "this is no video");
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    let mut rows = labels.lines();
    let mut text = format!("{},group\n", rows.next().unwrap());
    for (number, row) in rows.enumerate() {
        writeln!(text, "{row},{}", number % 4).unwrap();
    }
    text += "videos/broken.mp4,left,,\n";
    workspace.write("labels.csv", &text);
    let video = workspace.read("videos/1_1.mp4");
    fs_err::write(workspace.path("videos/1_2.mp4"), video).unwrap();
}

#[test]
fn steps_in_processes_of_their_own_write_the_tables_of_a_scan() {
    let workspace = Workspace::new();
    data_set(&workspace);
    let scan = format!("scan labels.csv {SMALL} --repeats 2 --out");
    workspace.done(&format!("{scan} whole"));

    let prepared = workspace.done(&format!("{scan} run --prepare"));
    assert!(workspace.path("run/plan.json").exists());
    assert!(!workspace.path("run/folds").exists());
    let plan = workspace.read("run/plan.json");
    assert!(
        plan == workspace.read("whole/plan.json"),
        "the plan differs"
    );
    assert_eq!(states(&workspace), ["missing"; 4]);
    let (networks, merge) = lines(&prepared).split_once('\n').unwrap();
    assert!(
        networks.starts_with("for k in $(seq 0 3); do /"),
        "{networks}"
    );
    let early = shell(merge);
    assert_eq!(early.code, 2);
    assert!(
        early.stderr.contains("4 of 4 networks are not there"),
        "{}",
        early.stderr
    );
    assert!(!workspace.path("run/videos.parquet").exists());

    // The videos are not looked at any more.
    fs_err::rename(workspace.path("videos"), workspace.path("elsewhere")).unwrap();
    let trained = shell(networks);
    assert_eq!(trained.code, 0, "{}", trained.stderr);
    assert_eq!(states(&workspace), ["finished"; 4]);
    for _ in 0..2 {
        let merged = shell(merge);
        assert_eq!(merged.code, 0, "{}", merged.stderr);
        assert!(merged.stdout.contains("most suspect:"), "{}", merged.stdout);
        assert_alike(&workspace, "whole", "run");
    }
    assert!(
        plan == workspace.read("run/plan.json"),
        "somebody planned again"
    );
    let left = files_below(&workspace.path("run/folds"));
    let hidden = left
        .iter()
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with('.'));
    assert_eq!(hidden, None);

    let again = workspace.done("scan --network 2 --out run");
    assert!(
        again
            .stderr
            .contains("fold 2 of 2, repeat 1 of 2 is finished already"),
        "{}",
        again.stderr
    );
    let beyond = workspace.run("scan --network 4 --out run");
    assert_eq!(beyond.code, 2);
    assert!(
        beyond.stderr.contains("the plan has 4, from 0 to 3"),
        "{}",
        beyond.stderr
    );
}

#[test]
fn a_prepared_run_is_gone_on_with_by_a_plain_scan_too() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let scan = format!("scan labels.csv {SMALL} --out");
    workspace.done(&format!("{scan} whole"));
    let events = workspace
        .done(&format!("{scan} run --prepare --json"))
        .stdout;
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["event"], &last["networks"]),
        (&"prepared".into(), &2.into())
    );
    assert_eq!(last["lines"].as_array().unwrap().len(), 2);
    workspace.done("scan --network 1 --out run");
    let refused = workspace.run(&format!("{scan} run"));
    assert!(
        refused.code == 2 && refused.stderr.contains("--resume"),
        "{}",
        refused.stderr
    );
    let resumed = workspace.done(&format!("{scan} run --resume"));
    assert!(
        resumed.stderr.contains("fold 2 of 2 is finished already"),
        "{}",
        resumed.stderr
    );
    assert_alike(&workspace, "whole", "run");
}

#[test]
fn votes_and_features_go_through_the_steps_as_through_a_scan() {
    let workspace = Workspace::new();
    workspace.data_set(6);
    let mut votes = String::from("video,rater,label\n");
    for (class, name) in ["right", "down", "left"].iter().enumerate() {
        for number in 0..5 {
            for rater in ["anna", "ben"] {
                writeln!(votes, "{class}_{number},{rater},{name}").unwrap();
            }
        }
        let rows = |number: usize| -> Vec<f32> {
            let value = |place: usize| ((number + 3 * place) % 7) as f32 + (class * place) as f32;
            (0..12 * 4).map(value).collect()
        };
        fs_err::create_dir_all(workspace.path("seen")).unwrap();
        for number in 0..6 {
            let path = workspace.path(&format!("seen/{class}_{number}.npy"));
            fs_err::write(path, npy(&[12, 4], &rows(number))).unwrap();
        }
    }
    workspace.write("votes.csv", &votes);
    for (name, given) in [
        ("votes", "--votes votes.csv"),
        ("features", "--features seen"),
    ] {
        let scan = format!("scan labels.csv {SMALL} {given} --out {name}");
        workspace.done(&format!("{scan}.whole"));
        let prepared = workspace.done(&format!("{scan}.run --prepare"));
        // The steps know what was given from the run alone.
        let place = given.split(' ').nth(1).unwrap();
        fs_err::rename(workspace.path(place), workspace.path("elsewhere")).unwrap();
        let rest = shell(lines(&prepared));
        assert_eq!(rest.code, 0, "{}", rest.stderr);
        fs_err::rename(workspace.path("elsewhere"), workspace.path(place)).unwrap();
        let (whole, run) = (format!("{name}.whole"), format!("{name}.run"));
        assert_alike(&workspace, &whole, &run);
        let has_votes = workspace.path(&format!("{run}/raters.parquet")).exists();
        assert_eq!(has_votes, name == "votes");
        let card = |run: &str| -> Value {
            let card = workspace.read(&format!("{run}/run.json"));
            serde_json::from_slice(&card).unwrap()
        };
        let (mut whole, mut run) = (card(&whole), card(&run));
        let timings = |card: &mut Value| {
            let timings = card["timings_secs"].take();
            let parts = timings.as_object().unwrap().keys().cloned();
            parts.collect::<Vec<_>>()
        };
        assert_eq!(timings(&mut run), ["check", "decode", "folds", "scores"]);
        assert_eq!(timings(&mut whole), ["check", "decode", "folds", "scores"]);
        assert_eq!(run, whole);
    }
}

#[test]
fn a_plan_for_a_gpu_is_made_without_one_and_its_networks_are_refused() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let small = SMALL.replace("--device cpu", "--device cuda:7");
    let line = format!("scan labels.csv {small} --out run");
    let here = workspace.run(&line);
    assert!(
        here.code == 2 && here.stderr.contains("device 'cuda:7' is asked for"),
        "{}",
        here.stderr
    );
    let prepared = workspace.done(&format!("{line} --prepare --slurm"));
    assert!(
        lines(&prepared).contains(" --gres=gpu:1 "),
        "{}",
        prepared.stdout
    );
    let network = workspace.run("scan --network 0 --out run --device cuda:7");
    assert!(
        network.code == 2 && network.stderr.contains("device 'cuda:7' is asked for"),
        "{}",
        network.stderr
    );
}

#[test]
fn what_killed_processes_left_goes_with_the_end() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv {SMALL} --out run --prepare"));
    workspace.done("scan --network 0 --out run");
    workspace.done("scan --network 1 --out run");
    for left in [
        "folds/.1.a1B2c3.tmp/clips.parquet",
        "unfinished/0-0",
        "unfinished/.1-0.a1B2c3.tmp",
    ] {
        workspace.write(&format!("run/{left}"), "half");
    }
    let folder = fs_err::File::open(workspace.path("run/folds/.1.a1B2c3.tmp")).unwrap();
    let before = std::time::SystemTime::now() - Duration::from_mins(5);
    folder.file().set_modified(before).unwrap();
    let gone = r#"{"host":"n1","pid":1,"since":"2020-02-02T02:02:02Z","last_sign":"2020-02-02T02:02:02Z"}"#;
    workspace.write("run/folds/.0.worker", gone);
    // Who gives signs of life is left alone.
    let now = jiff::Timestamp::now();
    let alive = gone.replace("2020-02-02T02:02:02Z", &now.to_string());
    workspace.write("run/folds/.1.worker", &alive);
    workspace.done("scan --merge --out run");
    let left = |folder: &str| -> Vec<String> {
        let folder = workspace.path(folder);
        let files = files_below(&folder).into_iter();
        let below = files.map(|path| path.strip_prefix(&folder).unwrap().display().to_string());
        below.filter(|path| path.starts_with('.')).collect()
    };
    assert_eq!(
        left("run/folds"),
        [".1.a1B2c3.tmp/clips.parquet", ".1.worker"]
    );
    assert_eq!(left("run/unfinished"), [".1-0.a1B2c3.tmp"]);
    workspace.write("run/folds/.1.worker", gone);
    workspace.done("scan --merge --out run");
    assert_eq!(left("run/folds"), [""; 0]);
    assert!(!workspace.path("run/unfinished").exists());
}

#[test]
fn a_merge_names_what_is_missing_or_damaged_and_how_it_is_made_good() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv {SMALL} --out run --prepare"));
    workspace.done("scan --network 0 --out run");
    let clips = workspace.read("run/folds/0/clips.parquet");
    let mut damaged = clips.clone();
    damaged[100] ^= 1;
    fs_err::write(workspace.path("run/folds/0/clips.parquet"), damaged).unwrap();
    assert_eq!(states(&workspace), ["damaged", "missing"]);
    let told = workspace.done("scan --status --out run").stdout;
    assert!(
        told.contains("damaged (clips.parquet)") && told.contains("0 of 2 finished"),
        "{told}"
    );
    let refused = workspace.run("scan --merge --out run");
    assert_eq!(refused.code, 2);
    let remedies = refused
        .stderr
        .lines()
        .filter(|line| line.starts_with("  network"));
    let remedies: Vec<&str> = remedies
        .map(|line| line.rsplit_once("; ").unwrap().1)
        .collect();
    assert_eq!(remedies.len(), 2, "{}", refused.stderr);
    for remedy in remedies {
        let made = shell(remedy);
        assert_eq!(made.code, 0, "{}", made.stderr);
    }
    assert!(workspace.read("run/folds/0/clips.parquet") == clips);
    workspace.done("scan --merge --out run");
}

#[test]
fn two_copies_of_an_element_at_once_do_no_harm() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let scan = format!("scan labels.csv {SMALL} --out");
    workspace.done(&format!("{scan} whole"));
    workspace.done(&format!("{scan} run --prepare"));
    for network in 0..2 {
        let start = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"));
            let command = command.current_dir(workspace.path("."));
            let line = format!("scan --network {network} --out run");
            let command = command.args(line.split(' ')).stdout(Stdio::null());
            command.stderr(Stdio::piped()).spawn().unwrap()
        };
        let copies = [start(), start(), start()];
        let mut said = 0;
        for copy in copies {
            let output = copy.wait_with_output().unwrap();
            let words = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{words}");
            said += usize::from(
                words.contains("another process has finished")
                    || words.contains("finished already"),
            );
        }
        assert_eq!(said, 2);
    }
    workspace.done("scan --merge --out run");
    assert_alike(&workspace, "whole", "run");
}

#[test]
fn who_works_on_a_network_is_told_and_who_fell_silent() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let small = SMALL.replacen("--epochs 2 ", "", 1);
    workspace.done(&format!(
        "scan labels.csv {small} --epochs 5000 --out run --prepare"
    ));
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"))
        .current_dir(workspace.path("."))
        .args(["scan", "--network", "1", "--out", "run"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while states(&workspace) != ["missing", "running"] {
        assert!(begin.elapsed() < Duration::from_mins(1), "nobody works");
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = workspace.done("scan --status --out run").stdout;
    let process = format!("(process {})", child.id());
    assert!(told.contains(&process), "{process}: {told}");
    let early = workspace.run("scan --merge --out run");
    assert!(
        early.code == 2 && early.stderr.contains(&process),
        "{}",
        early.stderr
    );
    child.kill().unwrap();
    child.wait().unwrap();
    // Whoever was killed says nothing; two minutes later that shows.
    let file = "run/folds/.1.worker";
    let mut worker: Value = serde_json::from_slice(&workspace.read(file)).unwrap();
    worker["last_sign"] = "2020-02-02T02:02:02Z".into();
    workspace.write(file, &worker.to_string());
    assert_eq!(states(&workspace), ["missing", "missing"]);
    let told = workspace.done("scan --status --out run").stdout;
    assert!(told.contains("missing, begun on"), "{told}");
}

#[test]
fn what_does_not_fit_the_plan_is_refused_with_a_remedy() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let refused = |line: &str, words: &str| {
        let answer = workspace.run(line);
        assert_eq!(answer.code, 2, "{line}");
        assert!(answer.stderr.contains(words), "{line}: {}", answer.stderr);
    };
    for step in ["--network 0", "--merge", "--status"] {
        refused(&format!("scan {step} --out run"), "--prepare");
        refused(&format!("scan {step}"), "--out");
        refused(
            &format!("scan labels.csv {step} --out run"),
            "cannot be used with",
        );
        refused(
            &format!("scan {step} --out run --resume"),
            "cannot be used with",
        );
    }
    refused("scan --status --out run --epochs 3", "cannot be used with");
    refused("scan labels.csv --slurm", "--prepare");
    workspace.done(&format!("scan labels.csv {SMALL} --out run --prepare"));
    let plan = String::from_utf8(workspace.read("run/plan.json")).unwrap();
    for step in ["--network 0", "--merge"] {
        let line = format!("scan {step} --out run --epochs 3 --set verdict.order=agreement");
        refused(&line, "'train.epochs' was 2 and is 3; 'verdict.order' was");
    }
    let other = plan.replacen("\"libtorch\":\"2", "\"libtorch\":\"1", 1);
    workspace.write("run/plan.json", &other);
    refused(
        "scan --network 0 --out run",
        "the plan was made with libtorch 1",
    );
    workspace.write("run/plan.json", &plan);
    // The same settings once more are no others.
    workspace.done(&format!("scan --network 0 --out run {SMALL}"));
    workspace.done("scan --network 1 --out run --epochs 2");
    fs_err::remove_dir_all(workspace.path("run/cache")).unwrap();
    workspace.done("scan --network 0 --out run");
    refused(
        "scan --merge --out run",
        "prepare the run again with --resume",
    );
    workspace.done(&format!(
        "scan labels.csv {SMALL} --out run --prepare --resume"
    ));
    workspace.done("scan --merge --out run");
}

#[test]
fn lines_for_slurm_can_be_pasted_whatever_the_paths() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let mut command =
        workspace.command(&format!("scan labels.csv {SMALL} --prepare --slurm --out"));
    let output = command.arg("it's a run, 100%").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(workspace.path("it's a run, 100%-logs").is_dir());
    let stdout = String::from_utf8(output.stdout).unwrap();
    let (_, lines) = stdout.split_once("the rest:\n\n").unwrap();
    // What would be submitted is run at once; the shell takes the words apart as it would for Slurm's own program.
    let stand_in = r#"sbatch() {
        for word; do
            case $last in --wrap) job=$word;; esac
            case $word in --array=*) echo "$word" >&2;; --dependency=*) echo "$word" >&2;; --output=*) echo "$word" >&2;; esac
            last=$word
        done
        for SLURM_ARRAY_TASK_ID in 0 1; do (export SLURM_ARRAY_TASK_ID; sh -c "$job" >&2); done
        echo "17;cluster"
    }
    "#;
    let answer = shell(&format!("{stand_in}{lines}"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let folder = workspace
        .path("it's a run, 100%%-logs")
        .display()
        .to_string();
    for words in [
        "--array=0-1\n",
        "--dependency=afterany:17\n",
        &format!("--output={folder}/network-%A_%a.log\n"),
        &format!("--output={folder}/merge-%j.log\n"),
    ] {
        assert!(answer.stderr.contains(words), "{words}: {}", answer.stderr);
    }
    assert!(
        lines.contains(" --cpus-per-task=1 --open-mode=append --wrap 'exec /"),
        "{lines}"
    );
    assert!(workspace.path("it's a run, 100%/videos.parquet").exists());
}
