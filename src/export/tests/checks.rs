//! Exports held against the original, undone, and refused.

use super::*;

fn flaws(case: &Case, to: &str, format: ExportFormat) -> Vec<String> {
    match check(&case.audit(), &case.path(to), format) {
        Ok(flaws) => flaws.iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn whatever_else_was_changed_is_found() {
    let case = Case::table();
    case.decide("anna", "v/0", Action::Relabel, Some("sad"));
    case.decide("anna", "v/4", Action::Drop, None);
    let text = case.export("out.csv");
    assert_eq!(flaws(&case, "out.csv", ExportFormat::Same), [""; 0]);
    let tampered = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        fs_err::write(case.path("out.csv"), text.replace(from, to)).unwrap();
        flaws(&case, "out.csv", ExportFormat::Same)
    };
    assert_eq!(
        tampered("v/3.mp4,happy", "v/3.mp4,fear"),
        ["'v/3.mp4' has the label 'fear' instead of 'happy', and no decision says so"]
    );
    assert_eq!(
        tampered("v/0.mp4,sad", "v/0.mp4,happy"),
        ["'v/0.mp4' should be changed (relabel to 'sad'), and is not"]
    );
    assert_eq!(
        tampered("v/1.mp4,sad,b\n", ""),
        ["'v/1.mp4' is missing, and no decision dropped it"]
    );
    assert_eq!(
        tampered("v/5.mp4,fear,f\n", "v/5.mp4,fear,f\nv/9.mp4,fear,f\n"),
        ["'v/9.mp4' is in the export, but not in the data set"]
    );
    assert_eq!(
        tampered("v/5.mp4,fear,f\n", "v/4.mp4,sad,e\nv/5.mp4,fear,f\n"),
        ["'v/4.mp4' should be changed (drop), and is not"]
    );
    assert_eq!(
        tampered(
            "v/1.mp4,sad,b\nv/2.mp4,fear,c\n",
            "v/2.mp4,fear,c\nv/1.mp4,sad,b\n"
        ),
        ["the rows of 'labels.csv' are in another order than the original's"]
    );
    for (from, to) in [(",d\n", ",changed\n"), ("v/5.mp4,fear", "\"v/5.mp4\",fear")] {
        assert_eq!(
            tampered(from, to),
            [
                "'labels.csv' differs from the original in more than labels, left out rows and added columns"
            ]
        );
    }
    // A change that the reviewer has taken back is no longer theirs.
    fs_err::write(case.path("out.csv"), &text).unwrap();
    case.decide("anna", "v/0", Action::Clear, None);
    assert_eq!(
        flaws(&case, "out.csv", ExportFormat::Same),
        [
            "'v/0.mp4' was changed (relabel to 'sad') by anna, but the run does not say so, or no longer"
        ]
    );
}

#[test]
fn added_columns_are_no_flaw_and_hide_none() {
    let list = "v/0 happy\nv/1 sad\n\nv/2 fear\r\n";
    let lines =
        "{\"path\": \"v/0\", \"label\": \"happy\"}\n{\"path\": \"v/1\", \"label\": \"sad\"}\n";
    for (name, text, format) in [
        ("l.txt", list, Format::List),
        ("l.jsonl", lines, Format::Jsonl),
        ("l.csv", "path,label\nv/0,happy\nv/1,sad\n", Format::Csv),
    ] {
        let case = Case::new(&[(name, text.as_bytes())], &format!("data/{name}"), format);
        case.decide("anna", "v/0", Action::Relabel, Some("sad"));
        let request = Request {
            weights: true,
            ..case.request("out", ExportFormat::Same, Policy::default())
        };
        let plan = Plan::make(&case.audit(), &request).unwrap();
        plan.write(false).unwrap();
        assert_eq!(flaws(&case, "out", ExportFormat::Same), [""; 0], "{name}");
        // The diff tells of labels alone, or it would tell of every line.
        let taken = plan.diff.lines().filter(|line| line.starts_with('-'));
        assert_eq!(taken.count(), 2, "{}", plan.diff);
        let spoiled = case.text("out").replace("v/1", "v/3");
        fs_err::write(case.path("out"), spoiled).unwrap();
        assert!(
            !flaws(&case, "out", ExportFormat::Same).is_empty(),
            "{name}"
        );
    }
}

#[test]
fn an_export_over_the_data_set_is_undone_from_the_runs_copy() {
    let case = Case::table();
    let before = case.text("data/labels.csv");
    case.decide("anna", "v/0", Action::Relabel, Some("sad"));
    case.decide("anna", "v/4", Action::Drop, None);
    let plan = case.plan("data/labels.csv", ExportFormat::Same, Policy::default());
    let error = plan.write(false).unwrap_err().to_string();
    assert!(
        error.contains("labels.csv' is there already") && error.contains("--force"),
        "{error}"
    );
    assert_eq!(case.text("data/labels.csv"), before);
    plan.write(true).unwrap();
    assert_ne!(case.text("data/labels.csv"), before);
    // A second export over it starts from what was scanned, not from the first one.
    case.decide("anna", "v/5", Action::Relabel, Some("happy"));
    let second = case.plan("data/labels.csv", ExportFormat::Same, Policy::default());
    assert_eq!(second.decisions.counts(), (2, 1));
    second.write(true).unwrap();
    assert_eq!(flaws(&case, "data/labels.csv", ExportFormat::Same), [""; 0]);
    let undo = case.plan("data/labels.csv", ExportFormat::Same, Policy::nothing());
    undo.write(true).unwrap();
    undo.remove_changes().unwrap();
    assert_eq!(case.text("data/labels.csv"), before);
    assert!(!case.path("data/labels.csv.diff").exists());
}

#[test]
fn labels_that_changed_since_the_scan_are_noticed() {
    let case = Case::table();
    case.audit().require_unchanged().unwrap();
    let text = case.text("data/labels.csv");
    fs_err::write(
        case.path("data/labels.csv"),
        text.replace("v/3.mp4,happy", "v/3.mp4,fear"),
    )
    .unwrap();
    let error = case.audit().require_unchanged().unwrap_err().to_string();
    assert!(
        error.contains("data/labels.csv' changed since the scan") && error.contains("--force"),
        "{error}"
    );
    // What is exported all the same is what was scanned.
    assert_eq!(case.export("out.csv"), text);
    // Without the data set the copy serves, and nothing was changed.
    fs_err::remove_file(case.path("data/labels.csv")).unwrap();
    case.audit().require_unchanged().unwrap();
    assert_eq!(flaws(&case, "out.csv", ExportFormat::Same), [""; 0]);
    // A copy that was tampered with is not taken for what was scanned.
    fs_err::write(
        case.folder().labels().join("labels.csv"),
        text + "v/7.mp4,sad,g\n",
    )
    .unwrap();
    let error = Audit::read(&case.folder(), None, None).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is not the file of labels that was scanned")
    );
}

#[test]
fn runs_of_early_versions_have_no_copy_and_are_exported_from_the_data_set() {
    let case = Case::table();
    fs_err::remove_dir_all(case.folder().labels()).unwrap();
    let card = run::read(&case.folder().card()).unwrap();
    let card = RunCard {
        digests: BTreeMap::new(),
        ..card
    };
    run::write(&case.folder().card(), &card).unwrap();
    let text = case.text("data/labels.csv");
    assert_eq!(case.export("out.csv"), text);
    // Their first export keeps what it started from, but here none did.
    assert!(!case.audit().original.is_copy);
    // Their rows know the labels that were scanned.
    fs_err::write(
        case.path("data/labels.csv"),
        text.replace("v/3.mp4,happy", "v/3.mp4,fear"),
    )
    .unwrap();
    let error = case.audit().decide(&Policy::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("'v/3' had the label 'happy' when it was scanned and has 'fear' now"),
        "{error}"
    );
    fs_err::write(case.path("data/labels.csv"), &text).unwrap();
    case.audit().keep_original(&case.folder()).unwrap();
    fs_err::remove_file(case.path("data/labels.csv")).unwrap();
    assert_eq!(case.audit().original.files[0].bytes, text.as_bytes());
}

#[test]
fn tables_for_other_tools_are_held_against_the_original() {
    let case = Case::table();
    for video in 0..6 {
        let path = case.path("data/v").join(format!("{video}.mp4"));
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, format!("video {video}")).unwrap();
    }
    case.decide("anna", "v/0", Action::Relabel, Some("sad"));
    case.decide("anna", "v/4", Action::Drop, None);
    let written = |name: &str, format| {
        case.plan(name, format, Policy::default())
            .write(false)
            .unwrap();
        assert_eq!(flaws(&case, name, format), [""; 0], "{name}");
    };
    let spoilt = |name: &str, file: &str, format, (from, to): (&str, &str)| {
        let text = case.text(file);
        assert!(text.contains(from), "{text}");
        fs_err::write(case.path(file), text.replacen(from, to, 1)).unwrap();
        let flaws = flaws(&case, name, format).join("\n");
        fs_err::write(case.path(file), text).unwrap();
        flaws
    };
    written("f.json", ExportFormat::Fiftyone);
    let swap = ("\"label\":\"sad\"}", "\"label\":\"fear\"}");
    let told = spoilt("f.json", "f.json", ExportFormat::Fiftyone, swap);
    assert!(
        told.contains("has the label 'fear' instead of 'sad'"),
        "{told}"
    );

    written("hub", ExportFormat::Huggingface);
    let of_hub = |swap| spoilt("hub", "hub/metadata.jsonl", ExportFormat::Huggingface, swap);
    let told = of_hub(("\"label\": \"sad\"", "\"label\": \"fear\""));
    assert!(
        told.contains("has the label 'fear' instead of 'sad'"),
        "{told}"
    );
    let told = of_hub(("videos/000006.mp4", "videos/000001.mp4"));
    assert!(
        told.contains("'videos/000001.mp4' has the label 'fear'"),
        "{told}"
    );

    written("c.parquet", ExportFormat::Cleanlab);
    let bytes = fs_err::read(case.path("c.parquet")).unwrap();
    // The export of other decisions is none of these.
    case.decide("anna", "v/3", Action::Relabel, Some("fear"));
    case.plan("c.parquet", ExportFormat::Cleanlab, Policy::default())
        .write(true)
        .unwrap();
    fs_err::write(case.path("c.parquet"), bytes).unwrap();
    assert_eq!(
        flaws(&case, "c.parquet", ExportFormat::Cleanlab),
        ["'v/3.mp4' should be changed (relabel to 'fear'), and is not"]
    );
}

#[test]
fn class_folders_below_a_split_stay_below_it() {
    let files: [(&str, &[u8]); 4] = [
        ("train/happy/1.mp4", b"1"),
        ("train/sad/2.mp4", b"2"),
        ("val/happy/3.mp4", b"3"),
        ("val/sad/4.mp4", b"4"),
    ];
    let case = Case::new(&files, "data", Format::Folders);
    case.decide("anna", "train/sad/2", Action::Relabel, Some("happy"));
    case.plan("out", ExportFormat::Same, Policy::default())
        .write(false)
        .unwrap();
    assert_eq!(flaws(&case, "out", ExportFormat::Same), [""; 0]);
    let found = manifest::read(&case.path("out"), &ReadOptions::default()).unwrap();
    let told = found.understood.to_text("out");
    assert!(told.contains("split 'split': train 2, val 2"), "{told}");
    let moved = found
        .videos
        .iter()
        .find(|video| video.written_path.ends_with("2.mp4"));
    let moved = moved.unwrap();
    assert_eq!(moved.written_path, "train/happy/2.mp4");
    assert_eq!(
        (found.labels.name(moved.label), &*moved.extra[0]),
        ("happy", "train")
    );
}
