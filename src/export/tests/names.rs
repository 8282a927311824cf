//! Names that are no paths, options that a format cannot keep, and files that a client reads otherwise.

use super::*;

fn labels(rows: &[(&str, &str)]) -> Vec<u8> {
    let rows: Vec<String> = rows
        .iter()
        .map(|(path, label)| format!("{path},{label}\n"))
        .collect();
    format!("path,label\n{}", rows.concat()).into_bytes()
}

/// A data set of videos that are there, below `data`.
fn case(rows: &[(&str, &str)]) -> Case {
    let text = labels(rows);
    let mut files: Vec<(&str, &[u8])> = vec![("l.csv", &text)];
    files.extend(
        rows.iter()
            .filter(|(path, _)| !path.contains(".."))
            .map(|(path, _)| (*path, path.as_bytes())),
    );
    Case::new(&files, "data/l.csv", Format::Csv)
}

fn refused(case: &Case, format: ExportFormat) -> String {
    let request = case.request("out", format, Policy::default());
    let made = Plan::make(&case.audit(), &request).and_then(|plan| plan.write(false));
    assert!(!case.path("out").exists(), "nothing was written");
    made.unwrap_err().to_string()
}

/// Everything below the case's folder.
fn everything(case: &Case) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![case.path("")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            found.push(path.to_string());
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn classes_that_are_no_folders_are_refused_and_write_nothing() {
    for (class, told) in [
        ("../../escaped", "has a '/'"),
        ("..", "begins with '.'"),
        ("joy/pleasure", "has a '/'"),
        ("CON", "a device on Windows"),
        ("Sad", "in letters' case alone"),
    ] {
        let case = case(&[("v/0.mp4", "sad"), ("v/1.mp4", class), ("v/2.mp4", "happy")]);
        let before = everything(&case);
        let text = refused(&case, ExportFormat::Folders);
        assert!(
            text.contains(told) && text.contains("--format csv"),
            "{class}: {text}"
        );
        assert_eq!(everything(&case), before, "{class}");
        // The other formats take the name as it is, and it comes back.
        for format in [
            ExportFormat::Csv,
            ExportFormat::Jsonl,
            ExportFormat::Parquet,
        ] {
            let to = format!("out.{}", format.name());
            case.plan(&to, format, Policy::default())
                .write(false)
                .unwrap();
            let found = check(&case.audit(), &case.path(&to), format).unwrap();
            assert_eq!(found, [], "{class} {to}");
        }
    }
}

#[test]
fn paths_stay_below_their_class() {
    let case = case(&[
        ("../outside/0.mp4", "sad"),
        ("v/1.mp4", "happy"),
        ("sad/2.mp4", "sad"),
    ]);
    fs_err::create_dir(case.path("outside")).unwrap();
    fs_err::write(case.path("outside/0.mp4"), "0").unwrap();
    let plan = case.plan("out", ExportFormat::Folders, Policy::default());
    plan.write(false).unwrap();
    for name in [
        "out/sad/outside/0.mp4",
        "out/happy/v/1.mp4",
        "out/sad/2.mp4",
    ] {
        assert!(case.path(name).is_symlink(), "{name}");
    }
    assert_eq!(fs_err::read_dir(case.path("outside")).unwrap().count(), 1);
    assert_eq!(
        check(&case.audit(), &case.path("out"), ExportFormat::Folders).unwrap(),
        []
    );
    // A video that is a folder holds no other one: a link in it would lie in the data set.
    let nested = [("v", "sad"), ("v/1.mp4", "sad"), ("w.mp4", "happy")];
    let text = labels(&nested);
    let case = Case::new(
        &[("l.csv", &text), ("v/1.mp4", b"1"), ("w.mp4", b"w")],
        "data/l.csv",
        Format::Csv,
    );
    let told = refused(&case, ExportFormat::Folders);
    assert!(
        told.contains("'sad/v/1.mp4' would lie below 'sad/v'"),
        "{told}"
    );
}

#[test]
fn class_folders_are_checked_by_what_lies_in_them() {
    for media in [Media::Link, Media::Copy] {
        let case = case(&[
            ("v/0.mp4", "sad"),
            ("v/1.mp4", "happy"),
            ("w/0.mp4", "sad"),
            ("w/1.mp4", "happy"),
        ]);
        case.decide("anna", "v/0", Action::Relabel, Some("happy"));
        let request = Request {
            media,
            ..case.request("out", ExportFormat::Folders, Policy::default())
        };
        Plan::make(&case.audit(), &request)
            .unwrap()
            .write(false)
            .unwrap();
        let flaws = || -> Vec<String> {
            let flaws = check(&case.audit(), &case.path("out"), ExportFormat::Folders).unwrap();
            flaws.iter().map(ToString::to_string).collect()
        };
        assert_eq!(flaws(), [""; 0]);
        fs_err::rename(
            case.path("out/happy/v/1.mp4"),
            case.path("out/sad/moved.mp4"),
        )
        .unwrap();
        assert_eq!(
            flaws(),
            ["'v/1.mp4' has the label 'sad' instead of 'happy', and no decision says so"]
        );
        fs_err::remove_file(case.path("out/sad/moved.mp4")).unwrap();
        fs_err::write(case.path("out/happy/new.mp4"), "new").unwrap();
        let found = flaws();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("'happy/new.mp4' is in the export"),
            "{found:?}"
        );
        assert!(found[1].starts_with("'v/1.mp4' is missing"), "{found:?}");
    }
}

#[test]
fn a_folder_with_the_data_sets_videos_is_never_replaced() {
    let case = case(&[("v/0.mp4", "sad"), ("v/1.mp4", "happy")]);
    case.plan("data", ExportFormat::Csv, Policy::default())
        .write(false)
        .unwrap();
    fs_err::write(case.path("data/changes.csv"), "").unwrap();
    let plan = case.plan("data", ExportFormat::Folders, Policy::default());
    let told = plan.write(true).unwrap_err().to_string();
    assert!(told.contains("holds videos of the data set"), "{told}");
    assert!(case.path("data/v/0.mp4").exists());
}

#[test]
fn options_that_a_format_cannot_keep_are_refused_by_name() {
    let case = case(&[("v/0.mp4", "sad"), ("v/1.mp4", "happy")]);
    let told = |format: ExportFormat, option: &str| {
        let request = Request {
            weights: option == "--weights",
            flags: option == "--flag",
            media: if option == "--copy" {
                Media::Copy
            } else {
                Media::Link
            },
            ..case.request("out", format, Policy::default())
        };
        Plan::make(&case.audit(), &request)
            .map_or_else(|error| error.to_string(), |_| String::new())
    };
    for format in [
        ExportFormat::Fiftyone,
        ExportFormat::Cleanlab,
        ExportFormat::List,
        ExportFormat::Folders,
    ] {
        for option in ["--weights", "--flag"] {
            let told = told(format, option);
            assert!(
                told.contains(&format!("'{}' cannot keep what {option}", format.name())),
                "{told}"
            );
        }
    }
    for format in [
        ExportFormat::Same,
        ExportFormat::Csv,
        ExportFormat::Fiftyone,
    ] {
        assert!(
            told(format, "--copy").contains("cannot keep what --copy"),
            "{format:?}"
        );
    }
    for format in [
        ExportFormat::Same,
        ExportFormat::Csv,
        ExportFormat::Jsonl,
        ExportFormat::Parquet,
    ] {
        assert_eq!(told(format, "--weights"), "");
        assert_eq!(told(format, "--flag"), "");
    }
    assert_eq!(told(ExportFormat::Folders, "--copy"), "");
}

#[test]
fn files_that_fiftyone_takes_for_no_videos_are_named() {
    let case = case(&[
        ("a.mp4", "sad"),
        ("b.GIF", "happy"),
        ("c.m2ts", "sad"),
        ("d.ts", "sad"),
    ]);
    let told = refused(&case, ExportFormat::Fiftyone);
    for word in ["3 files", "'.gif'", "'.m2ts'", "'.ts'", "b.GIF"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    case.decide("anna", "b", Action::Drop, None);
    assert!(refused(&case, ExportFormat::Fiftyone).contains("2 files"));
    let case = self::case(&[("a.mp4", "sad"), ("b.MOV", "happy"), ("c.mkv", "sad")]);
    case.plan("out.json", ExportFormat::Fiftyone, Policy::default())
        .write(false)
        .unwrap();
    let list = self::case(&[("a.mp4", "sad"), ("b.mp4 ", "happy")]);
    let told = refused(&list, ExportFormat::List);
    assert!(told.contains("\"b.mp4 \""), "{told}");
}

#[test]
fn adjudicators_who_contradict_each_other_are_a_dispute_for_export_and_review() {
    let case = case(&[("v/0.mp4", "sad"), ("v/1.mp4", "happy")]);
    case.decide("anna", "v/0", Action::Relabel, Some("happy"));
    case.decide("ben", "v/0", Action::Keep, Some("sad"));
    case.say("cleo", "v/0", Action::Relabel, Some("happy"), true);
    assert!(!case.audit().book.is_disputed("v/0", "sad"));
    case.say("dora", "v/0", Action::Keep, Some("sad"), true);
    let audit = case.audit();
    let disputes = audit.decide(&Policy::default()).unwrap().disputes;
    assert_eq!(disputes.len(), 1);
    assert_eq!(disputes[0].by, "cleo, dora");
    assert!(audit.book.is_disputed("v/0", "sad"));
}

#[test]
fn an_export_is_called_as_what_it_is() {
    let case = Case::table();
    let audit = case.audit();
    for (name, told) in [
        ("o.mp4", "is the name of a video or a picture"),
        ("o.png", "is the name of a video or a picture"),
        ("o.parquet", "is the name of Parquet"),
        ("o.jsonl", "is the name of JSON"),
    ] {
        let error = Plan::make(
            &audit,
            &case.request(name, ExportFormat::Same, Policy::default()),
        )
        .unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    for name in ["o.csv", "o.txt", "o"] {
        Plan::make(
            &audit,
            &case.request(name, ExportFormat::Same, Policy::default()),
        )
        .unwrap();
    }
}
