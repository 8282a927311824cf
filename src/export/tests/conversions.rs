//! Exports in other formats than the data set's.

use super::*;
use crate::predictions::{self, GivenLabels};

/// Paths and labels that a file says, as its own reader reads it.
fn said(case: &Case, name: &str, format: Format) -> Vec<(String, String)> {
    let options = ReadOptions {
        format,
        words_only: true,
        ..ReadOptions::default()
    };
    let manifest = manifest::read(&case.path(name), &options).unwrap();
    let videos = manifest.videos.iter();
    videos
        .map(|video| {
            (
                video.written_path.clone(),
                manifest.labels.name(video.label).to_owned(),
            )
        })
        .collect()
}

fn decided() -> Case {
    let case = Case::table();
    case.decide("anna", "v/0", Action::Relabel, Some("sad"));
    case.decide("anna", "v/4", Action::Drop, None);
    case
}

#[test]
fn plain_formats_are_read_back_and_checked() {
    let case = decided();
    let expected: Vec<(String, String)> = [
        ("v/0.mp4", "sad"),
        ("v/1.mp4", "sad"),
        ("v/2.mp4", "fear"),
        ("v/3.mp4", "happy"),
        ("v/5.mp4", "fear"),
    ]
    .map(|(path, label)| (path.to_owned(), label.to_owned()))
    .to_vec();
    for (format, name, own) in [
        (ExportFormat::Csv, "out.csv", Format::Csv),
        (ExportFormat::Jsonl, "out.jsonl", Format::Jsonl),
        (ExportFormat::List, "out.txt", Format::List),
        (ExportFormat::Parquet, "out.parquet", Format::Parquet),
    ] {
        case.plan(name, format, Policy::default())
            .write(false)
            .unwrap();
        assert_eq!(said(&case, name, own), expected, "{name}");
        assert_eq!(check(&case.audit(), &case.path(name), format).unwrap(), []);
        if format == ExportFormat::Parquet {
            continue;
        }
        fs_err::write(case.path(name), case.text(name).replace("happy", "sad")).unwrap();
        let flaws = check(&case.audit(), &case.path(name), format).unwrap();
        assert_eq!(flaws.len(), 1, "{name}: {flaws:?}");
    }
    assert!(
        case.text("out.csv")
            .starts_with("id,path,label,note\nv/0,v/0.mp4,sad,a\n")
    );
}

#[test]
fn a_parquet_data_set_is_exported_as_one() {
    let case = decided();
    case.plan("labels.parquet", ExportFormat::Parquet, Policy::nothing())
        .write(false)
        .unwrap();
    let bytes = fs_err::read(case.path("labels.parquet")).unwrap();
    let case = Case::new(
        &[("labels.parquet", &bytes)],
        "data/labels.parquet",
        Format::Parquet,
    );
    let same = |to: &str, policy: Policy| {
        case.plan(to, ExportFormat::Same, policy)
            .write(false)
            .unwrap();
        assert_eq!(
            check(&case.audit(), &case.path(to), ExportFormat::Same).unwrap(),
            []
        );
    };
    same("same.parquet", Policy::default());
    assert_eq!(fs_err::read(case.path("same.parquet")).unwrap(), bytes);
    case.decide("anna", "v/0", Action::Relabel, Some("fear"));
    case.decide("anna", "v/1", Action::Drop, None);
    same("clean.parquet", Policy::default());
    let found = said(&case, "clean.parquet", Format::Parquet);
    assert_eq!(found.len(), 5);
    assert_eq!(found[0], ("v/0.mp4".to_owned(), "fear".to_owned()));
    assert!(
        case.text("clean.parquet.diff")
            .contains("-v/0.mp4\thappy\n-v/1.mp4\tsad\n+v/0.mp4\tfear\n")
    );
}

#[test]
fn class_folders_become_new_ones() {
    let files: [(&str, &[u8]); 5] = [
        ("happy/a/1.mp4", b"1"),
        ("happy/2.mp4", b"2"),
        ("sad/2.mp4", b"3"),
        ("sad/frames/0.jpg", b"4"),
        ("fear/5.mp4", b"5"),
    ];
    let case = Case::new(&files, "data", Format::Folders);
    case.decide("anna", "happy/2", Action::Relabel, Some("sad"));
    case.decide("anna", "sad/frames", Action::Relabel, Some("fear"));
    for (to, media) in [("linked", Media::Link), ("copied", Media::Copy)] {
        let request = Request {
            media,
            ..case.request(to, ExportFormat::Same, Policy::default())
        };
        Plan::make(&case.audit(), &request)
            .unwrap()
            .write(false)
            .unwrap();
        let read = |name: &str| fs_err::read(case.path(to).join(name)).unwrap();
        assert_eq!(read("happy/a/1.mp4"), b"1");
        assert_eq!(read("sad/2.mp4"), b"3");
        // The name was taken in the new class.
        assert_eq!(read("sad/happy-2.mp4"), b"2");
        assert_eq!(read("fear/frames/0.jpg"), b"4");
        assert_eq!(read("fear/5.mp4"), b"5");
        let is_link = fs_err::symlink_metadata(case.path(to).join("fear/5.mp4"))
            .unwrap()
            .is_symlink();
        assert_eq!(is_link, cfg!(unix) && media == Media::Link);
        let found = said(&case, to, Format::Folders);
        assert_eq!(found.len(), 5);
        assert_eq!(
            check(&case.audit(), &case.path(to), ExportFormat::Same).unwrap(),
            []
        );
    }
    assert!(
        case.text("linked/changes.diff")
            .contains("-happy/2.mp4\thappy\n+happy/2.mp4\tsad\n")
    );
    fs_err::rename(
        case.path("linked/fear/5.mp4"),
        case.path("linked/sad/5.mp4"),
    )
    .unwrap();
    let flaws = check(&case.audit(), &case.path("linked"), ExportFormat::Same).unwrap();
    let told: Vec<String> = flaws.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["'fear/5.mp4' has the label 'sad' instead of 'fear', and no decision says so"]
    );
    // An export is replaced when that is asked for; the data set is not.
    let plan = case.plan("linked", ExportFormat::Same, Policy::default());
    assert!(matches!(plan.write(false), Err(ExportError::Exists { .. })));
    plan.write(true).unwrap();
    assert_eq!(
        check(&case.audit(), &case.path("linked"), ExportFormat::Same).unwrap(),
        []
    );
    let over = case.plan("data", ExportFormat::Same, Policy::default());
    assert!(matches!(
        over.write(true),
        Err(ExportError::NotAnExport { .. })
    ));
    assert!(case.path("data/happy/2.mp4").exists());
}

#[test]
fn a_video_folder_has_metadata_and_videos() {
    let case = decided();
    for video in 0..6 {
        let path = case.path("data/v").join(format!("{video}.mp4"));
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, "video").unwrap();
    }
    case.plan("hub", ExportFormat::Huggingface, Policy::default())
        .write(false)
        .unwrap();
    let lines: Vec<serde_json::Value> = case
        .text("hub/metadata.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[0],
        serde_json::json!({"id": "v/0", "file_name": "videos/000001.mp4", "label": "sad", "given_label": "happy", "path": "v/0.mp4", "note": "a"})
    );
    for line in &lines {
        let file = case.path("hub").join(line["file_name"].as_str().unwrap());
        assert_eq!(fs_err::read(file).unwrap(), b"video");
    }
    assert!(!case.path("hub/videos/000005.mp4").exists());
}

#[test]
fn probabilities_are_read_by_our_own_reader_of_predictions() {
    let case = decided();
    case.plan("out.parquet", ExportFormat::Cleanlab, Policy::default())
        .write(false)
        .unwrap();
    let found =
        predictions::read(&[case.path("out.parquet")], GivenLabels::default(), false).unwrap();
    // The unreadable video has no probabilities, and one was dropped.
    let ids: Vec<&str> = found.videos.iter().map(|video| video.id.as_str()).collect();
    assert_eq!(ids, ["v/0", "v/1", "v/3", "v/5"]);
    // The classes are in the data set's order: fear, happy, sad.
    assert_eq!(found.videos[0].label, 2);
    assert_eq!(found.labels, ["fear", "happy", "sad"]);
    assert_eq!(found.clips[0].probs, [0.05, 0.05, 0.9]);
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let case = Case::new(
        &[("l.csv", b"path,label\na.mp4,very happy\nb.mp4,sad\n")],
        "data/l.csv",
        Format::Csv,
    );
    let request = case.request("out.txt", ExportFormat::List, Policy::default());
    let error = Plan::make(&case.audit(), &request).unwrap_err().to_string();
    assert!(error.contains("'very happy'"), "{error}");
    fs_err::create_dir(case.path("data/a.mp4")).unwrap();
    for format in [ExportFormat::Huggingface, ExportFormat::Fiftyone] {
        let error = Plan::make(
            &case.audit(),
            &case.request("out", format, Policy::default()),
        );
        let error = error.unwrap_err().to_string();
        assert!(error.contains("is a folder of frames"), "{error}");
    }
}
