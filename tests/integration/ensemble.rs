//! Several networks that judge together: repeats of a scan's own, and those of another scan.

use camino::Utf8PathBuf;
use rdfer_audit::rows::dynamics::Dynamics;
use rdfer_audit::rows::videos::VideoRow;
use rdfer_audit::rows::{clips, videos};
use serde_json::Value;

use crate::support::{SMALL, Workspace};

fn path(workspace: &Workspace, file: &str) -> Utf8PathBuf {
    Utf8PathBuf::try_from(workspace.path(file)).unwrap()
}

fn rows(workspace: &Workspace, run: &str) -> Vec<VideoRow> {
    videos::read(&path(workspace, &format!("{run}/videos.parquet")))
        .unwrap()
        .0
}

#[test]
fn repeats_judge_together_and_a_run_gets_more_of_them() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let line = format!("scan labels.csv {SMALL}");
    workspace.done(&format!("{line} --out one"));
    assert!(rows(&workspace, "one").iter().all(|row| {
        row.judgement
            .as_ref()
            .unwrap()
            .scores
            .repeat_agreement
            .is_nan()
            && !row.reason.contains("repeat")
    }));

    workspace.done(&format!("{line} --out run --repeats 2"));
    let both = clips::read(&path(&workspace, "run/clips.parquet")).unwrap();
    assert_eq!(both.len(), 12 * 3 * 2);
    let alone = clips::read(&path(&workspace, "one/clips.parquet")).unwrap();
    let of_repeat = |repeat: u8| {
        let own = both.iter().filter(move |clip| clip.repeat == repeat);
        own.map(|clip| &clip.probs).collect::<Vec<_>>()
    };
    // The first network is the one that a scan without repeats trains; the second is another one.
    assert_eq!(
        of_repeat(0),
        alone.iter().map(|clip| &clip.probs).collect::<Vec<_>>()
    );
    assert_ne!(of_repeat(0), of_repeat(1));
    for row in rows(&workspace, "run") {
        let judgement = row.judgement.unwrap();
        let label = ["down", "left", "right"]
            .iter()
            .position(|name| *name == row.label);
        let own = both.iter().filter(|clip| clip.id == row.id);
        let mean = own.map(|clip| clip.probs[label.unwrap()]).sum::<f32>() / 6.0;
        assert!((judgement.scores.self_confidence - mean).abs() < 1e-6);
        let agree = judgement.scores.repeat_agreement;
        let words = match (agree * 2.0) as u8 {
            2 => "both repeats agree",
            1 => "1 of 2 repeats agrees",
            _ => "0 of 2 repeats agree",
        };
        assert!(row.reason.ends_with(words), "{agree}: {}", row.reason);
    }
    let mut learnt = Dynamics::default();
    learnt
        .read(&path(&workspace, "run/dynamics.parquet"))
        .unwrap();
    assert_eq!(
        learnt.rows().filter(|row| row.repeat == 1).count(),
        learnt.len() / 2
    );

    // A third one on top, the second fold's second one again, and nothing else.
    let begun = |network: &str| {
        let card = workspace.path(&format!("run/folds/{network}/fold.json"));
        fs_err::metadata(card).unwrap().modified().unwrap()
    };
    let before = ["0", "0-repeat-1", "1"].map(begun);
    let second = workspace.read("run/folds/1-repeat-1/clips.parquet");
    fs_err::remove_file(workspace.path("run/folds/1-repeat-1/fold.json")).unwrap();
    let answer = workspace.done(&format!("{line} --out run --repeats 3 --resume"));
    assert!(
        answer
            .stderr
            .contains("fold 1 of 2, repeat 2 of 3 is finished already"),
        "{}",
        answer.stderr
    );
    assert_eq!(["0", "0-repeat-1", "1"].map(begun), before);
    assert!(workspace.read("run/folds/1-repeat-1/clips.parquet") == second);
    assert!(
        rows(&workspace, "run")
            .iter()
            .all(|row| row.reason.contains("3 repeats agree"))
    );
}

#[test]
fn trained_networks_score_another_data_set_and_learn_nothing() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out first {SMALL} --repeats 2"));
    let card: Value =
        serde_json::from_slice(&workspace.read("first/folds/1-repeat-1/model.json")).unwrap();
    assert_eq!((&card["fold"], &card["repeat"]), (&1.into(), &1.into()));
    assert_eq!(card["labels"], serde_json::json!(["down", "left", "right"]));
    assert_eq!(card["metrics"]["epoch"], 2);
    assert_eq!(card["metrics"]["held_out"], 6);
    assert!(card["metrics"]["held_out_war"].is_f64());
    assert_eq!(card["settings"]["folds"], 2);
    assert_eq!(card["libtorch"], "2.11.0");

    // Two videos that the networks know, under another name and under their own, and two that they do not.
    fs_err::copy(
        workspace.path("videos/0_1.mp4"),
        workspace.path("videos/renamed.mp4"),
    )
    .unwrap();
    workspace.video("videos/new.mp4", 1, 17, 24);
    workspace.video("videos/other.mp4", 2, 19, 30);
    workspace.write(
        "other.csv",
        "path,label\nvideos/renamed.mp4,right\nvideos/1_2.mp4,down\nvideos/new.mp4,down\nvideos/other.mp4,left\n",
    );
    let scan = "scan other.csv --checkpoint first --threads 1 --device cpu --clips 3";
    let answer = workspace.done(&format!("{scan} --out second"));
    assert!(
        answer
            .stdout
            .contains("nothing was trained: the 4 networks of")
            && answer
                .stdout
                .contains("2 videos, which some of them had learnt from"),
        "{}",
        answer.stdout
    );
    assert!(!workspace.path("second/folds").exists());
    assert!(!workspace.path("second/dynamics.parquet").exists());
    let said = clips::read(&path(&workspace, "second/clips.parquet")).unwrap();
    let networks = |id: &str| {
        let own = said.iter().filter(|clip| clip.id == id);
        let mut networks: Vec<u8> = own.map(|clip| clip.repeat).collect();
        networks.dedup();
        networks
    };
    assert_eq!(networks("videos/new"), [0, 1, 2, 3]);
    let first = rows(&workspace, "first");
    for (id, original) in [
        ("videos/renamed", "videos/0_1"),
        ("videos/1_2", "videos/1_2"),
    ] {
        let fold = first.iter().find(|row| row.id == original).unwrap().fold;
        assert_eq!(networks(id), [2 * fold, 2 * fold + 1], "{id}");
    }
    // What the held-out fold's networks say of a video is what they said of it in their own scan.
    let before = clips::read(&path(&workspace, "first/clips.parquet")).unwrap();
    let probs = |clips: &[clips::ClipRow]| {
        let own = clips.iter().filter(|clip| clip.id == "videos/1_2");
        own.flat_map(|clip| clip.probs.clone())
            .collect::<Vec<f32>>()
    };
    let (now, then) = (probs(&said), probs(&before));
    assert_eq!(now.len(), then.len());
    assert!(
        now.iter().zip(&then).all(|(a, b)| (a - b).abs() < 1e-4),
        "{now:?} {then:?}"
    );
    workspace.done("score second");
    workspace.done("report second");

    // Networks that came without the list of what they learnt.
    for network in ["0", "0-repeat-1", "1", "1-repeat-1"] {
        fs_err::remove_file(workspace.path(&format!("first/folds/{network}/learnt.parquet")))
            .unwrap();
    }
    let answer = workspace.done(&format!("{scan} --out third"));
    assert!(
        answer.stdout.contains("cannot be told"),
        "{}",
        answer.stdout
    );
}

#[test]
fn networks_that_do_not_fit_are_refused_with_what_to_do() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out first {SMALL}"));
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    workspace.write("other.csv", &labels.replace(",left,", ",leftwards,"));
    let scan =
        "scan labels.csv --threads 1 --device cpu --out second --set verdict.require_skill=false";
    let refused = |line: &str| {
        let answer = workspace.run(line);
        assert_eq!(answer.code, 2, "{line}");
        assert!(!workspace.path("second/clips.parquet").exists());
        answer.stderr
    };
    let told = refused(&scan.replace("labels.csv", "other.csv --checkpoint first"));
    assert!(
        told.contains("know the classes down, left, right")
            && told.contains("has down, leftwards, right"),
        "{told}"
    );
    let told = refused(&format!("{scan} --checkpoint videos"));
    assert!(told.contains("is not the folder of a scan"), "{told}");
    fs_err::create_dir_all(workspace.path("empty/folds")).unwrap();
    let told = refused(&format!("{scan} --checkpoint empty"));
    assert!(told.contains("holds no trained network"), "{told}");
    let told = refused(&format!("{scan} --checkpoint first --epochs 3"));
    assert!(told.contains("cannot be used with"), "{told}");

    // Every network has learnt from a video that was shown to all.
    let learnt = workspace.read("first/folds/0/learnt.parquet");
    fs_err::write(workspace.path("first/folds/1/learnt.parquet"), learnt).unwrap();
    let answer = workspace.done(&format!("{scan} --checkpoint first"));
    assert!(
        answer
            .stdout
            .contains("6 videos, which all of them had learnt from, not at all"),
        "{}",
        answer.stdout
    );
    let known = |verdict: &str| {
        let rows = rows(&workspace, "second");
        rows.into_iter()
            .filter(|row| row.verdict.as_str() == verdict)
            .collect::<Vec<_>>()
    };
    assert_eq!(known("undefined").len(), 6);
    let issues = &known("undefined")[0].issues;
    assert!(!issues.contains(&"too_short".to_owned()), "{issues:?}");
    let before = workspace.read("second/videos.parquet");
    workspace.done("score second");
    assert!(workspace.read("second/videos.parquet") == before);

    fs_err::write(
        workspace.path("first/folds/0/model.json"),
        r#"{"version":1}"#,
    )
    .unwrap();
    let told = workspace
        .run(&format!("{scan} --checkpoint first --overwrite"))
        .stderr;
    assert!(told.contains("has version 1"), "{told}");
}
