//! `scan --learn-from`: networks that learn again, from an earlier run and what people decided in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use rdfer_audit::rows::{clips, learnt};
use serde_json::Value;
use tch::Tensor;

use crate::steps::{assert_alike, lines, shell};
use crate::support::{SMALL, Workspace, npy};

/// A reviewed run `first`: two of the wrong labels mended, one right label confirmed, one video dropped, one undecidable.
fn reviewed(workspace: &Workspace, flags: &str) {
    workspace.data_set(4);
    scanned_and_reviewed(workspace, flags);
}

fn scanned_and_reviewed(workspace: &Workspace, flags: &str) {
    let small = SMALL.replace("--epochs 2", "--epochs 4");
    workspace.done(&format!("scan labels.csv {small} {flags} --out first"));
    workspace.write(
        "decisions.csv",
        "path,action,label\nvideos/0_0.mp4,relabel,right\nvideos/1_0.mp4,relabel,down\nvideos/1_2.mp4,keep,\n\
         videos/2_3.mp4,drop,\nvideos/2_1.mp4,ambiguous,\n",
    );
    workspace.done("review first --apply decisions.csv");
}

fn plan(workspace: &Workspace, run: &str) -> Value {
    serde_json::from_slice(&workspace.read(&format!("{run}/plan.json"))).unwrap()
}

/// The place of a video in a plan.
fn place(plan: &Value, id: &str) -> String {
    let ids = plan["videos"]["id"].as_array().unwrap();
    let place = ids
        .iter()
        .position(|own| own.as_str().unwrap().contains(id));
    place.unwrap().to_string()
}

fn refused(workspace: &Workspace, line: &str, words: &[&str]) {
    let answer = workspace.run(line);
    assert_eq!(answer.code, 2, "{line}\n{}", answer.stdout);
    for words in words {
        assert!(answer.stderr.contains(words), "{line}\n{}", answer.stderr);
    }
}

/// Nobody learns the dropped video, and no network a video of its own fold; all are scored.
fn assert_left_out(workspace: &Workspace, now: &Value) {
    let fold_of =
        |id: &str| now["videos"]["fold"][place(now, id).parse::<usize>().unwrap()].as_u64();
    let mut scored = BTreeSet::new();
    for fold in 0..2_u64 {
        let path = |name: &str| workspace.path(&format!("second/folds/{fold}/{name}"));
        let file = camino::Utf8PathBuf::from_path_buf(path("learnt.parquet")).unwrap();
        let learnt = learnt::read(&file).unwrap().unwrap();
        assert!(
            learnt
                .ids
                .iter()
                .all(|id| !id.contains("2_3") && fold_of(id) != Some(fold))
        );
        let file = camino::Utf8PathBuf::from_path_buf(path("clips.parquet")).unwrap();
        scored.extend(clips::read(&file).unwrap().into_iter().map(|clip| clip.id));
        let log = String::from_utf8(workspace.read(&format!("second/folds/{fold}/training.jsonl")))
            .unwrap();
        assert_eq!(log.lines().count(), 1);
    }
    assert_eq!(scored.len(), 12);
}

#[test]
fn what_people_decided_is_learnt_and_every_video_keeps_its_fold() {
    let workspace = Workspace::new();
    reviewed(&workspace, "");
    let told = workspace.done("scan labels.csv --learn-from first --out second");
    for words in [
        "the networks start from those of",
        "for 1 epoch they learn 3 videos as people decided, 2 of them with another label, 1 video dropped, not learnt from, \
         8 videos by the earlier probabilities",
    ] {
        assert!(told.stdout.contains(words), "{}", told.stdout);
    }
    let (before, now) = (plan(&workspace, "first"), plan(&workspace, "second"));
    assert_eq!(before["videos"]["fold"], now["videos"]["fold"]);
    assert_eq!(before["fingerprint"], now["fingerprint"]);
    assert_ne!(before["digest"], now["digest"]);
    let lessons = &now["videos"]["lessons"];
    let class = |name: &str| {
        let classes = now["classes"].as_array().unwrap();
        classes.iter().position(|class| class == name).unwrap()
    };
    for (id, label) in [("0_0", "right"), ("1_0", "down"), ("1_2", "down")] {
        assert_eq!(lessons[place(&now, id)]["decided"], class(label), "{id}");
    }
    let soft = lessons[place(&now, "2_1")]["soft"].as_array().unwrap();
    let sum: u64 = soft.iter().map(|part| part.as_u64().unwrap()).sum();
    assert!((9_998..=10_002).contains(&sum), "{soft:?}");
    let dropped = place(&now, "2_3");
    assert_eq!(
        now["videos"]["left_out"].to_string(),
        format!("[{dropped}]")
    );
    assert_eq!(lessons.get(&dropped), None);

    assert_left_out(&workspace, &now);

    // What was decided stays decided, and is no suspect any more.
    assert_eq!(
        workspace.read("first/decisions.jsonl"),
        workspace.read("second/decisions.jsonl")
    );
    let suspects = told.stdout.split_once("most suspect:").unwrap().1;
    for id in ["0_0", "1_0", "1_2", "2_3", "2_1"] {
        assert!(
            !suspects.contains(&format!("videos/{id}.mp4")),
            "{suspects}"
        );
    }
    assert!(suspects.contains("videos/2_0.mp4"), "{suspects}");
    let frames = fs_err::metadata(workspace.path("second/cache/frames.bin")).unwrap();
    assert_eq!(frames.len(), 0, "decoded again");

    let compared = workspace.done("report second --against first").stdout;
    for words in [
        "3 videos that people decided on, against what they decided: WAR ",
        "7 videos that nobody decided on, against their given labels: WAR ",
        "95 % interval",
        "(learns from): — → ",
    ] {
        assert!(compared.contains(words), "{compared}");
    }

    // A run that learnt from another one is learnt from in turn.
    let told = workspace
        .done("scan labels.csv --learn-from second --out third --set train.soft_targets=false");
    assert!(
        told.stdout.contains("8 videos as labelled"),
        "{}",
        told.stdout
    );
}

#[test]
fn networks_start_from_those_that_never_saw_their_fold() {
    let workspace = Workspace::new();
    reviewed(&workspace, "--repeats 2");
    // So slowly learnt, weights are as they were; what batch normalisation saw is not learnt.
    workspace.done(
        "scan labels.csv --learn-from first --out second --set train.learning_rate=1e-12 \
         --set train.final_learning_rate=0 --set train.weight_decay=0 --repeats 3",
    );
    let weights = |run: &str, network: &str| {
        let path = workspace.path(&format!("{run}/folds/{network}/model.safetensors"));
        let named: BTreeMap<String, Tensor> = Tensor::read_safetensors(path)
            .unwrap()
            .into_iter()
            .collect();
        named
    };
    for (fold, other) in [(0, 1), (1, 0)] {
        for (now, before) in [("", ""), ("-repeat-1", "-repeat-1"), ("-repeat-2", "")] {
            let distance = |before: &str| -> f64 {
                let (now, before) = (
                    weights("second", &format!("{fold}{now}")),
                    weights("first", before),
                );
                let pairs = now
                    .iter()
                    .zip(&before)
                    .filter(|((name, _), _)| !name.contains("running_"));
                let distances = pairs.map(|((_, now), (_, before))| {
                    (now - before)
                        .abs()
                        .sum(None::<tch::Kind>)
                        .double_value(&[])
                });
                distances.sum()
            };
            assert!(distance(&format!("{fold}{before}")) < 1e-3);
            assert!(distance(&format!("{other}{before}")) > 1.0);
        }
    }
}

#[test]
fn steps_and_a_run_that_is_gone_on_with_write_the_tables_of_a_scan() {
    let workspace = Workspace::new();
    reviewed(&workspace, "--repeats 2");
    let scan = "scan labels.csv --learn-from first --out";
    workspace.done(&format!("{scan} whole"));
    let prepared = workspace.done(&format!("{scan} run --prepare"));
    assert!(
        workspace.read("run/plan.json") == workspace.read("whole/plan.json"),
        "the plan differs"
    );
    let (networks, merge) = lines(&prepared).split_once('\n').unwrap();
    for step in [networks, merge] {
        let done = shell(step);
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    assert_alike(&workspace, "whole", "run");

    // Whoever reviews on meanwhile does not change what was begun, and loses nothing.
    workspace.done(&format!("{scan} again --prepare"));
    workspace.done("scan --network 1 --out again");
    workspace.write("more.csv", "path,action\nvideos/0_2.mp4,drop\n");
    workspace.done("review first --apply more.csv");
    workspace.done(&format!("{scan} again --resume"));
    assert_eq!(plan(&workspace, "again"), plan(&workspace, "whole"));
    for fold in 0..2 {
        for name in ["clips.parquet", "model.safetensors"] {
            let read = |run: &str| workspace.read(&format!("{run}/folds/{fold}/{name}"));
            assert!(read("whole") == read("again"), "{name} differs");
        }
    }
    assert_eq!(
        workspace.read("first/decisions.jsonl"),
        workspace.read("again/decisions.jsonl")
    );

    // The networks start from files that must stay what they are.
    workspace.done(&format!("{scan} late --prepare"));
    let mut weights = workspace.read("first/folds/0/model.safetensors");
    *weights.last_mut().unwrap() ^= 1;
    fs_err::write(workspace.path("first/folds/0/model.safetensors"), weights).unwrap();
    refused(
        &workspace,
        "scan --network 0 --out late",
        &[
            "holds other weights than when the run was prepared",
            "--overwrite",
        ],
    );
    refused(
        &workspace,
        &format!("{scan} later"),
        &["missing or damaged", "first/folds/0", "--resume"],
    );
}

#[test]
fn features_are_learnt_from_again_and_others_refused() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    for folder in ["seen", "others"] {
        for class in 0..3 {
            for number in 0..4 {
                let value = |place: usize| {
                    ((number + 3 * place + folder.len()) % 7) as f32 + (class * place) as f32
                };
                let rows: Vec<f32> = (0..12 * 4).map(value).collect();
                fs_err::create_dir_all(workspace.path(folder)).unwrap();
                let path = workspace.path(&format!("{folder}/{class}_{number}.npy"));
                fs_err::write(path, npy(&[12, 4], &rows)).unwrap();
            }
        }
    }
    scanned_and_reviewed(&workspace, "--features seen");
    let scan = "scan labels.csv --learn-from first --out second";
    refused(
        &workspace,
        scan,
        &["give them with --features or --backbone"],
    );
    refused(
        &workspace,
        &format!("{scan} --features others"),
        &[
            "networks cannot start from those of 'first'",
            "features of",
            "give the same",
        ],
    );
    let told = workspace.done(&format!("{scan} --features seen --resume"));
    assert!(
        told.stdout.contains("the networks start from those of"),
        "{}",
        told.stdout
    );
}

#[test]
fn runs_that_do_not_suit_are_refused_by_name() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    refused(
        &workspace,
        "scan labels.csv --learn-from nowhere --out second",
        &["no finished run in 'nowhere'"],
    );
    workspace.done(&format!("scan labels.csv {SMALL} --out first --prepare"));
    let scan = "scan labels.csv --learn-from first";
    refused(
        &workspace,
        &format!("{scan} --out second"),
        &["no finished run in 'first'"],
    );
    workspace.done(&format!("scan labels.csv {SMALL} --out first --resume"));
    refused(
        &workspace,
        &format!("{scan} --out second"),
        &[
            "nobody has decided anything in 'first'",
            "rdfer-audit review first",
        ],
    );
    workspace.write(
        "decisions.csv",
        "path,action,label\nvideos/0_0.mp4,relabel,right\n",
    );
    workspace.done("review first --apply decisions.csv");
    refused(
        &workspace,
        &format!("{scan} --out ./first --overwrite"),
        &["is the run that is learnt from", "--out"],
    );
    assert!(workspace.path("first/videos.parquet").exists());
    refused(
        &workspace,
        &format!("{scan} --out second --set model.width=16"),
        &[
            "networks cannot start",
            "'model.width' was 8 and is 16",
            "leave that as it was",
        ],
    );
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    workspace.write("french.csv", &labels.replace(",left,", ",gauche,"));
    refused(
        &workspace,
        "scan french.csv --learn-from first --out second",
        &["know the classes ", "--set labels."],
    );
    workspace.done(
        &format!("scan labels.csv {SMALL} --checkpoint first --out borrowed")
            .replace("--folds 2 --epochs 2 ", ""),
    );
    workspace.done("review borrowed --apply decisions.csv");
    refused(
        &workspace,
        "scan labels.csv --learn-from borrowed --out second",
        &["has trained no networks of its own"],
    );
    assert!(!workspace.path("second").exists());
}

#[test]
fn networks_start_anew_where_folds_do_not_agree() {
    let workspace = Workspace::new();
    reviewed(&workspace, "");
    let told = workspace.done("scan labels.csv --learn-from first --out more --folds 3");
    assert!(
        told.stdout.contains("from the beginning, since there were 2 folds and are 3; for 4 epochs they learn 3 videos"),
        "{}",
        told.stdout
    );
    // Labels that were exported are learnt as they are; a video that was dropped is not there.
    workspace.done("export first --to clean.csv");
    let told = workspace.done("scan clean.csv --learn-from first --out clean");
    assert!(
        told.stdout.contains(
            "for 1 epoch they learn 3 videos as people decided, 0 of them with another label"
        ),
        "{}",
        told.stdout
    );
    let mut labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    workspace.video("videos/new.mp4", 1, 9, 24);
    writeln!(labels, "videos/new.mp4,down,").unwrap();
    workspace.write("grown.csv", &labels);
    let told = workspace.done("scan grown.csv --learn-from first --out grown");
    assert!(
        told.stdout
            .contains("since the video 'videos/new' is not in that run"),
        "{}",
        told.stdout
    );
}
