//! Every format is read, and its bytes come back but for what was changed.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;

use super::*;

struct Disk(tempfile::TempDir);

impl Disk {
    fn new(files: &[(&str, &str)]) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = disk.path(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        disk
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).unwrap().join(name)
    }

    fn read(&self, name: &str) -> (Manifest, Vec<LabelFile>) {
        read_with_files(&self.path(name), &ReadOptions::default()).unwrap()
    }

    fn error(&self, name: &str) -> String {
        let error = read(&self.path(name), &ReadOptions::default()).unwrap_err();
        error.to_string().replace(self.path("").as_str(), "DIR/")
    }
}

fn words(format: Format) -> ReadOptions {
    ReadOptions {
        format,
        words_only: true,
        ..ReadOptions::default()
    }
}

fn relabel(video: usize, label: &str) -> Edits {
    Edits {
        labels: BTreeMap::from([(video, label.to_owned())]),
        ..Edits::default()
    }
}

fn written(file: &LabelFile, edits: &Edits) -> String {
    String::from_utf8(file.rewrite(edits).unwrap()).unwrap()
}

const DFEW: [(&str, &str); 6] = [
    (
        "EmoLabel_DataSplit/train(single-labeled)/set_1.csv",
        "video_name,label\r\n1,1\r\n00002,2\r\n",
    ),
    (
        "EmoLabel_DataSplit/test(single-labeled)/set_1.csv",
        "video_name,label\n3,7\n",
    ),
    (
        "EmoLabel_DataSplit/train(single-labeled)/set_2.csv",
        "video_name,label\n3,7\n1,1",
    ),
    ("Clip/original/part_1/1.mp4", ""),
    ("Clip/original/part_1/2.mp4", ""),
    ("Clip/clip_224x224/a/00002/00002_00001.jpg", ""),
];

#[test]
fn dfew_is_one_data_set_and_a_correction_goes_to_all_its_files() {
    let mut files = DFEW.to_vec();
    files.push(("Clip/original/part_2/3.mp4", ""));
    // The same video is named alike in all of DFEW's tables.
    files[2].1 = "video_name,label\n3,7\n1,1";
    let disk = Disk::new(&files);
    let (manifest, files) = disk.read("");
    assert_eq!(manifest.format, Format::Dfew);
    assert_eq!(manifest.labels.names(), ["happy", "sad", "fear"]);
    let mut found: Vec<(&str, &str)> = manifest
        .videos
        .iter()
        .map(|video| (video.id.as_str(), video.written_path.as_str()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("00002", "Clip/clip_224x224/a/00002"),
            ("1", "Clip/original/part_1/1.mp4"),
            ("3", "Clip/original/part_2/3.mp4"),
        ]
    );
    let third = manifest
        .videos
        .iter()
        .position(|video| video.id == "3")
        .unwrap();
    let texts: Vec<String> = files
        .iter()
        .map(|file| written(file, &relabel(third, "4")))
        .collect();
    assert_eq!(
        texts,
        [
            "video_name,label\n3,4\n",
            "video_name,label\r\n1,1\r\n00002,2\r\n",
            "video_name,label\n3,4\n1,1",
        ]
    );
    assert_eq!(manifest.digests.len(), 3);
}

#[test]
fn files_of_one_data_set_must_agree() {
    let mut files = DFEW.to_vec();
    files[2].1 = "video_name,label\n1,6\n";
    files.truncate(5);
    let error = Disk::new(&files).error("");
    assert!(
        error.contains("'1' has the label '6' in 'EmoLabel_DataSplit/train(single-labeled)/set_2.csv', but '1' in"),
        "{error}"
    );
}

#[test]
fn ferv39k_keeps_its_paths() {
    let disk = Disk::new(&[
        (
            "4_setups/All_scenes/train_All.csv",
            "Action/Happy/0267 Happy\nCrisis/Sad/0001 Sad\n",
        ),
        (
            "4_setups/All_scenes/test_All.csv",
            "Action/Happy/0300 Happy\n",
        ),
        ("4_setups/Action/train_Action.csv", "not read"),
        ("2_ClipsforFaceCrop/Action/Happy/0267/1.jpg", ""),
        ("2_ClipsforFaceCrop/Action/Happy/0300/1.jpg", ""),
        ("2_ClipsforFaceCrop/Crisis/Sad/0001.avi", ""),
    ]);
    let (manifest, files) = disk.read("");
    assert_eq!(manifest.format, Format::Ferv39k);
    assert_eq!(manifest.videos[2].id, "Crisis/Sad/0001");
    assert_eq!(manifest.videos[2].written_path, "Crisis/Sad/0001.avi");
    assert_eq!(
        written(&files[1], &relabel(1, "Sad")),
        "Action/Happy/0267 Sad\nCrisis/Sad/0001 Sad\n"
    );
    // One of its lists alone starts at the face crops as well.
    let (alone, _) = disk.read("4_setups/All_scenes/train_All.csv");
    assert_eq!((alone.format, alone.videos.len()), (Format::Ferv39k, 2));
}

#[test]
fn mafw_videos_are_found_by_name() {
    let disk = Disk::new(&[
        (
            "split/single/no_caption/set_1/train.txt",
            "00001.mp4 anger\n00002.mp4 anxiety\n",
        ),
        ("split/single/no_caption/set_1/test.txt", "00003.mp4 fear\n"),
        ("data/frames/00001/0001.png", ""),
        ("data/clips/00002.mp4", ""),
        ("data/clips/00003.mp4", ""),
    ]);
    let (manifest, files) = disk.read("");
    assert_eq!(manifest.format, Format::Mafw);
    let paths: Vec<&str> = manifest
        .videos
        .iter()
        .map(|video| video.written_path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "data/clips/00003.mp4",
            "data/frames/00001",
            "data/clips/00002.mp4"
        ]
    );
    assert_eq!(manifest.videos[0].id, "00003");
    assert_eq!(
        written(&files[1], &relabel(2, "fear")),
        "00001.mp4 anger\n00002.mp4 fear\n"
    );
}

#[test]
fn lists_have_frame_counts_or_not() {
    let disk = Disk::new(&[("a b/1.mp4", ""), ("a b/2/0.jpg", "")]);
    fs_err::write(disk.path("counted.txt"), "a b/1 16 0\na b/2\t20\t1 \n").unwrap();
    let (manifest, files) = disk.read("counted.txt");
    assert_eq!(manifest.format, Format::List);
    assert_eq!(manifest.extra_columns, ["num_frames"]);
    assert_eq!(
        (
            manifest.videos[1].id.as_str(),
            manifest.videos[1].extra[0].as_str()
        ),
        ("a b/2", "20")
    );
    assert_eq!(
        written(&files[0], &relabel(1, "0")),
        "a b/1 16 0\na b/2\t20\t0 \n"
    );
    fs_err::write(disk.path("plain.txt"), "a b/1.mp4 happy\na b/2 sad\n").unwrap();
    let (plain, _) = disk.read("plain.txt");
    assert_eq!(
        (plain.format, plain.videos[1].written_path.as_str()),
        (Format::List, "a b/2")
    );
    fs_err::write(disk.path("broken.txt"), "a happy\nalone\n").unwrap();
    let error = read(&disk.path("broken.txt"), &words(Format::List)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("line 2: 'alone' is not a path and a label"),
        "{error}"
    );
}

#[test]
fn json_lines_keep_numbers_and_members() {
    let disk = Disk::new(&[("a.mp4", ""), ("b.mp4", ""), ("c.mp4", "")]);
    let text = "\u{feff}{\"path\": \"a.mp4\", \"label\": 3, \"note\": \"é\"}\r\n\n {\"label\" :\"4\",\"file_name\":\"b.mp4\" } \n{\"path\":\"c.mp4\",\"label\":4}";
    fs_err::write(disk.path("data.jsonl"), text).unwrap();
    let (manifest, files) = disk.read("data.jsonl");
    assert_eq!(
        (manifest.format, manifest.extra_columns.len()),
        (Format::Jsonl, 1)
    );
    assert_eq!(manifest.videos[1].row, Some(3));
    let mut edits = relabel(0, "4");
    edits.labels.insert(1, "3".to_owned());
    assert_eq!(
        written(&files[0], &edits),
        text.replace("\"label\": 3", "\"label\": 4")
            .replace(":\"4\"", ":\"3\"")
    );
    edits.dropped.insert(2);
    edits.columns = vec![AddedColumn {
        name: "weight".to_owned(),
        values: vec![AddedValue::Number(0.5), AddedValue::Nothing],
    }];
    let changed = written(&files[0], &edits);
    for line in changed
        .trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.is_empty())
    {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert!(
        changed.contains("\"note\": \"é\", \"weight\": 0.5000}\r\n"),
        "{changed}"
    );
    fs_err::write(
        disk.path("bad.jsonl"),
        "{\"path\": \"a.mp4\"}\n[1]\n{\"path\":1,\"label\":{}}\n",
    )
    .unwrap();
    let error = disk.error("bad.jsonl");
    for words in [
        "line 1:",
        "'label' is missing",
        "line 2:",
        "line 3:",
        "neither text nor number",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn tables_get_columns_and_lose_rows() {
    let disk = Disk::new(&[("a.mp4", ""), ("b.mp4", ""), ("c.mp4", "")]);
    let text = "\u{feff}label;path;note\r\n\" happy \";a.mp4;\"x;\"\"y\"\r\n\r\nsad ;b.mp4;\r\nsad;c.mp4;z";
    fs_err::write(disk.path("data.csv"), text).unwrap();
    let (_, files) = disk.read("data.csv");
    let edits = Edits {
        labels: BTreeMap::from([(0, "so \"so\"".to_owned()), (2, "a;b".to_owned())]),
        dropped: BTreeSet::from([1]),
        columns: vec![AddedColumn {
            name: "why".to_owned(),
            values: vec![AddedValue::Text("1;2".to_owned())],
        }],
    };
    assert_eq!(
        written(&files[0], &edits),
        "\u{feff}label;path;note;why\r\n\" so \"\"so\"\" \";a.mp4;\"x;\"\"y\";\"1;2\"\r\n\r\n\"a;b\";c.mp4;z;"
    );
}

#[test]
fn a_data_set_in_two_formats_is_not_guessed() {
    let mut files = DFEW.to_vec();
    files.push((
        "4_setups/All_scenes/train_All.csv",
        "Action/Happy/0267 Happy\n",
    ));
    let error = Disk::new(&files).error("");
    assert!(
        error.ends_with("it fits the formats 'dfew', 'ferv39k'; say which one with '--format'"),
        "{error}"
    );
    let error = Disk::new(&[("both.csv", "video_name,path,label\n1,a.mp4,1\n")]).error("both.csv");
    assert!(error.contains("'csv', 'dfew'"), "{error}");
}

/// What a text file of labels looks like on the outside.
fn outside() -> impl Strategy<Value = (bool, bool, usize, bool)> {
    (any::<bool>(), any::<bool>(), 0_usize..3, any::<bool>())
}

/// The lines as a file: byte order mark, Windows line ends, blank lines at the end, a last line end.
fn file_of(lines: &[String], (mark, windows, blank, ends): (bool, bool, usize, bool)) -> Vec<u8> {
    let end = if windows { "\r\n" } else { "\n" };
    let mut text = String::from(if mark { "\u{feff}" } else { "" }) + &lines.join(end);
    if ends || blank > 0 {
        text += end;
    }
    (text + &end.repeat(blank)).into_bytes()
}

/// A word that is a label, as 'na' and 'nil' are none.
fn label() -> impl Strategy<Value = String> {
    "[a-z]{1,3}".prop_filter("no label", |word| !crate::label::is_no_label(word))
}

proptest! {
    #[test]
    fn nothing_changes_without_a_decision(
        rows in prop::collection::vec(("[a-zé/\"; ,]{1,8}[a-z]", label(), "[ -~é\n]{0,6}"), 2..12),
        format in prop::sample::select(vec![Format::Csv, Format::Dfew, Format::List, Format::Mafw, Format::Ferv39k, Format::Jsonl]),
        shape in outside(),
        changed in any::<prop::sample::Index>(),
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut lines: Vec<String> = match format {
            Format::Csv => vec!["note,path,label".to_owned()],
            Format::Dfew => vec!["video_name,label".to_owned()],
            _ => Vec::new(),
        };
        for (index, (path, label, note)) in rows.iter().enumerate() {
            // Distinct paths and at least two classes, so that the data set is one.
            let (path, label) = (format!("{index}{path}"), if index == 0 { "first" } else { label });
            lines.push(match format {
                Format::Csv => format!("{},{},{label} ", quoted(note), quoted(&path)),
                Format::Dfew => format!("{},\"{label}\"", quoted(&path)),
                Format::Jsonl => serde_json::json!({ "path": path, "label": label, "note": note }).to_string(),
                _ => format!("{path} {label}"),
            });
        }
        let bytes = file_of(&lines, shape);
        let disk = Disk::new(&[]);
        let path = disk.path("data");
        fs_err::write(&path, &bytes).unwrap();
        let (manifest, files) = read_with_files(&path, &words(format)).unwrap();
        prop_assert_eq!(manifest.videos.len(), rows.len());
        prop_assert_eq!(&files[0].rewrite(&Edits::default()).unwrap(), &bytes);

        // One changed label is read back, and nothing else is read differently.
        let video = changed.index(rows.len());
        fs_err::write(&path, files[0].rewrite(&relabel(video, "zzzz")).unwrap()).unwrap();
        let (again, _) = read_with_files(&path, &words(format)).unwrap();
        for (index, (before, after)) in manifest.videos.iter().zip(&again.videos).enumerate() {
            let name = if index == video { "zzzz" } else { manifest.labels.name(before.label) };
            prop_assert_eq!(again.labels.name(after.label), name);
            prop_assert_eq!((&before.id, &before.extra), (&after.id, &after.extra));
        }
    }
}
