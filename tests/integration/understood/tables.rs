//! Tables and lists: columns, labels, paths, and what is amiss with single lines.

use rdfer_audit::manifest::{Missing, Reading, Unlabeled, Why, parse_columns};

use super::{Data, ids, video};

/// A table of ten videos, the label of each by its number.
fn table(header: &str, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (1..=10).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

fn word(number: usize) -> &'static str {
    ["happy", "sad"][number % 2]
}

#[test]
fn columns_are_mapped_by_name_and_by_number() {
    let data = Data::videos(10);
    let row = |number| format!("{};{};{}", word(number), video(number), number % 3);
    let with = |columns: &str| Reading {
        columns: parse_columns(columns).unwrap(),
        ..Reading::default()
    };
    data.0
        .write("labels.csv", &table("emotion;filename;id", row));
    let refused = data.refused("labels.csv");
    assert!(
        refused.contains("'--columns path=filename,label=emotion'"),
        "{refused}"
    );
    let mapped = data
        .read("labels.csv", with("path=filename,label=emotion,group=id"))
        .unwrap();
    assert_eq!(mapped.understood.groups, Some(3));
    let refused = data
        .read("labels.csv", with("path=clip,label=emotion"))
        .unwrap_err();
    assert!(
        refused.to_string().contains("there is no column 'clip'"),
        "{refused}"
    );
    // A column of ids that names people is told apart.
    let refused = data
        .read("labels.csv", with("path=filename,label=emotion"))
        .unwrap_err();
    assert!(
        refused.to_string().contains("'--columns group=id'"),
        "{refused}"
    );

    let bare = table("", row).trim_start().to_owned();
    data.0.write("bare.csv", &bare);
    let numbered = with("path=2,label=1,group=3");
    let mapped = data.read("bare.csv", numbered.clone()).unwrap();
    assert_eq!(
        (mapped.videos.len(), mapped.understood.groups),
        (10, Some(3))
    );
    // The same numbers for a table that has a header after all.
    let mapped = data.read("labels.csv", numbered).unwrap();
    assert_eq!(mapped.videos.len(), 10);

    let lines = |number| format!("{{\"clip\": \"{}\", \"y\": {}}}", video(number), number % 2);
    data.0.write("labels.jsonl", &table("", lines));
    assert_eq!(
        data.read("labels.jsonl", with("path=clip,label=y"))
            .unwrap()
            .videos
            .len(),
        10
    );
}

#[test]
fn headers_that_would_fail_at_the_end_are_told_at_once() {
    let data = Data::videos(10);
    let row = |number| format!("{},{},,", video(number), word(number));
    data.0.write("trailing.csv", &table("path,label,,", row));
    assert_eq!(data.good("trailing.csv").extra_columns, [""; 0]);
    let row = |number| format!("{},{},a,b,,d", video(number), word(number));
    data.0
        .write("twins.csv", &table("path,label,note,Note,,", row));
    let manifest = data.good("twins.csv");
    assert_eq!(manifest.extra_columns, ["note", "Note 2", "column 6"]);
    assert_eq!(manifest.videos[0].extra, ["a", "b", "d"]);
    assert!(
        data.told("twins.csv")
            .contains("kept under other names: 'Note 2'")
    );
    data.0.write("short.csv", &table("path,label", row));
    let refused = data.refused("short.csv");
    assert!(
        refused.contains("line 1: the header names 2 columns, but all 10 rows have 6"),
        "{refused}"
    );
}

#[test]
fn labels_that_are_numbers_are_numbers_and_no_label_is_none() {
    let data = Data::videos(10);
    let written = |number: usize| ["1", "1.0", "01", "0", "0.0"][number % 5];
    data.0.write(
        "labels.csv",
        &table("path,label", |number| {
            format!("{},{}", video(number), written(number))
        }),
    );
    let manifest = data.good("labels.csv");
    assert_eq!(manifest.labels.names(), ["0", "1"]);
    assert!(
        data.told("labels.csv")
            .contains("labels: '0.0' is 0, '01' is 1, '1.0' is 1")
    );
    for none in ["nan", "N/A", "", "-1", "None", "?", "unknown", "-1.0"] {
        let row = |number| {
            let label = if number == 4 { none } else { word(number) };
            format!("{},{label}", video(number))
        };
        data.0.write("labels.csv", &table("path,label", row));
        let refused = data.refused("labels.csv");
        assert!(
            refused.contains("line 5: the label of 'videos/00004.mp4' is")
                && refused.contains("'--unlabeled skip'"),
            "{refused}"
        );
        let with = |unlabeled| Reading {
            unlabeled,
            ..Reading::default()
        };
        let manifest = data.read("labels.csv", with(Unlabeled::Skip)).unwrap();
        assert_eq!((manifest.videos.len(), manifest.labels.len()), (9, 2));
        let left_out = &manifest.understood.left_out[0];
        assert_eq!((left_out.row, left_out.why), (Some(5), Why::Unlabeled));
        match data.read("labels.csv", with(Unlabeled::Class)) {
            Ok(manifest) => assert_eq!(manifest.labels.len(), 3, "{none}"),
            Err(_) => assert_eq!(none, "", "a class needs a name"),
        }
    }
}

#[test]
fn videos_that_are_gone_are_left_out_up_to_a_limit() {
    let data = Data::videos(8);
    data.0.write(
        "labels.csv",
        &table("path,label", |number| {
            format!("{},{}", video(number), word(number))
        }),
    );
    let with = |missing: &str| Reading {
        missing: missing.parse::<Missing>().unwrap(),
        ..Reading::default()
    };
    assert!(data.refused("labels.csv").contains("has 2 problems"));
    let manifest = data.read("labels.csv", with("skip")).unwrap();
    assert_eq!(manifest.videos.len(), 8);
    let rows: Vec<Option<u64>> = manifest
        .understood
        .left_out
        .iter()
        .map(|row| row.row)
        .collect();
    assert_eq!(rows, [Some(10), Some(11)]);
    let refused = data
        .read("labels.csv", with("skip=0.1"))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("2 of 10 videos are not there, more than '--missing skip=0.1'"),
        "{refused}"
    );
}

#[test]
fn paths_are_completed_and_prefixes_replaced() {
    let data = Data::new(&[
        "videos/00001.mp4",
        "videos/00002.avi",
        "videos/C.mp4",
        "videos/d/1.jpg",
    ]);
    data.0.write(
        "labels.csv",
        "path,label\nvideos/1,x\nvideos/00002.mp4,y\nvideos/c.mp4,x\nvideos\\d.mp4,y\n",
    );
    let manifest = data.good("labels.csv");
    let paths: Vec<&str> = manifest
        .videos
        .iter()
        .map(|video| video.written_path.as_str())
        .collect();
    assert_eq!(
        paths[..3],
        ["videos/00001.mp4", "videos/00002.avi", "videos/C.mp4"]
    );
    // What is written stays the id.
    assert_eq!(ids(&manifest)[0], "videos/1");

    data.0.write(
        "old.txt",
        "/mnt/old/data/videos/00001.mp4 1\n/mnt/old/data/videos/00002.avi 0\n",
    );
    let refused = data.refused("old.txt");
    assert!(
        refused.contains("say '--replace-prefix /mnt/old/data=.'"),
        "{refused}"
    );
    let reading = Reading {
        prefixes: vec!["/mnt/old/data=.".parse().unwrap()],
        ..Reading::default()
    };
    assert_eq!(data.read("old.txt", reading).unwrap().videos.len(), 2);
    // The root is not guessed, but what it should be is said.
    data.0.write(
        "lists/labels.csv",
        "path,label\nvideos/00001.mp4,x\nvideos/C.mp4,y\n",
    );
    let refused = data.refused("lists/labels.csv");
    assert!(refused.contains("say '--root "), "{refused}");
}

#[test]
fn the_odd_line_is_named_and_the_path_that_exists_wins() {
    let data = Data::new(&[
        "clip 7/1.jpg",
        "clip 8/1.jpg",
        "f/1/1.jpg",
        "f/2/1.jpg",
        "f/3/1.jpg",
    ]);
    data.0.write("list.txt", "clip 7 happy\nclip 8 sad\n");
    assert_eq!(ids(&data.good("list.txt")), ["clip 7", "clip 8"]);
    data.0
        .write("list.txt", "f/1 20 happy\nf/2 sad\nf/3 20 sad\n");
    let refused = data.refused("list.txt");
    assert_eq!(
        refused,
        "data set 'DIR/list.txt': line 2: 'f/2 sad' has no number of frames before the label, which 2 other lines have; \
         write it, or take it out of all lines"
    );
}

#[test]
fn excel_is_read_as_it_writes() {
    let data = Data::videos(2);
    let path = data.path("labels.txt");
    let text = "path\tlabel\r\nvideos/00001.mp4\thappy\r\nvideos/00002.mp4\tsad\r\n";
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    fs_err::write(&path, &utf16).unwrap();
    assert!(data.told("labels.txt").contains("in UTF-16"));
    data.0.write("labels.csv", "sep=;\r\npath;label\r\nvideos/00001.mp4;happy\r\nvideos/00002.mp4;sad\r\nvideos/3.mp4;sad\r\n");
    assert!(
        data.refused("labels.csv")
            .contains("line 5: there is no file")
    );
}

#[test]
fn comments_are_passed_over_and_stay() {
    let data = Data::videos(2);
    let list = "# path label\n#\nvideos/00001.mp4 happy\n## rest\nvideos/00002.mp4 sad\n";
    data.0.write("list.txt", list);
    assert!(
        data.told("list.txt")
            .contains("comments: 3 lines that begin with '#' are passed over"),
        "{}",
        data.told("list.txt")
    );
    let table = "# by anna\n# in May\npath,label\nvideos/00001.mp4,happy\nvideos/00002.mp4,sad\n";
    data.0.write("labels.csv", table);
    let told = data.told("labels.csv");
    assert!(told.contains("after 2 lines of comment"), "{told}");
    assert_eq!(data.good("labels.csv").videos[0].row, Some(4));
    // A name may begin like that.
    let data = Data::new(&["#1.mp4", "#2.mp4"]);
    data.0.write("list.txt", "#1.mp4 happy\n#2.mp4 sad\n");
    assert_eq!(ids(&data.good("list.txt")), ["#1", "#2"]);
    data.0
        .write("labels.csv", "path,label\n#1.mp4,happy\n#2.mp4,sad\n");
    assert_eq!(data.good("labels.csv").videos.len(), 2);
}

#[test]
fn lines_that_are_otherwise_are_named_as_what_they_are() {
    let data = Data::videos(4);
    let lines = |end: &str, line: &dyn Fn(usize) -> String| -> String {
        (1..=4).map(|number| line(number) + end).collect()
    };
    let listed = |number| format!("{} {}", video(number), word(number));
    data.0.write("list.txt", &lines("\r", &listed));
    assert_eq!(data.good("list.txt").videos.len(), 4);
    for (text, told) in [
        (
            lines("\n", &|number| {
                format!("{} {}", word(number), video(number))
            }),
            "have the label first; write the path first, as in 'videos/00001.mp4 sad'",
        ),
        (
            lines("\n", &|number| {
                format!("{}, {}", video(number), word(number))
            }),
            "(or by number: '--columns path=1,label=2')",
        ),
        (
            lines("\n", &|number| {
                format!("C:\\set\\{number}.mp4 {}", word(number))
            }),
            "line 1: there is no file 'DIR/C:\\set\\1.mp4'; correct the row, or say what its beginning is",
        ),
        (
            lines("\n", &|number| {
                format!("https://a.b/{number}.mp4 {}", word(number))
            }),
            "it is an address: fetch the file",
        ),
        (
            "- path: a.mp4\n  label: sad\n".to_owned(),
            "it is a YAML document",
        ),
    ] {
        data.0.write("list.txt", &text);
        let refused = data.refused("list.txt");
        assert!(refused.contains(told), "{told}: {refused}");
    }
    let data = Data::new(&["f/1/1.jpg", "f/1/2.jpg"]);
    data.0
        .write("list.txt", "f/1/1.jpg happy\nf/1/2.jpg happy\n");
    let refused = data.refused("list.txt");
    assert!(
        refused.contains("'f/1/1.jpg' is a single picture"),
        "{refused}"
    );
    let member = |number| format!("{{\"clip\": \"{number}\", \"emotion\": \"sad\"}}\n");
    data.0.write("list.jsonl", &lines("", &member));
    let refused = data.refused("list.jsonl");
    assert!(
        refused.contains("'--columns path=clip,label=emotion'") && !refused.contains("line 2"),
        "{refused}"
    );
}

#[test]
fn lists_beside_class_folders_are_told() {
    let data = Data::new(&["happy/1.mp4", "happy/2.mp4", "sad/3.mp4", "angry/x.txt"]);
    let told = data.told("");
    assert!(told.contains("one folder per class, 2"), "{told}");
    let warnings: Vec<String> = data
        .good("")
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        warnings
            .iter()
            .any(|told| told.contains("1 folders hold no video")),
        "{warnings:?}"
    );
    data.0.write(
        "labels.csv",
        "path,label\nhappy/1.mp4,x\nhappy/2.mp4,y\nsad/3.mp4,x\n",
    );
    let told = data.told("");
    assert!(
        told.contains("labels: from the list, not from the folders of the videos"),
        "{told}"
    );
}

#[test]
fn folders_in_other_letters_are_found_and_told() {
    let data = Data::new(&["Train/Happy/1.mp4", "Train/sad/2.mp4"]);
    data.0
        .write("list.txt", "train/happy/1.mp4 x\nTrain/Sad/2 y\n");
    let told = data.told("list.txt");
    assert!(
        told.contains("paths: 2 are not as written: 'train/happy/1.mp4' is 'Train/Happy/1.mp4'"),
        "{told}"
    );
    // Two that may be meant are neither.
    data.0.write("train/sad/2.mp4", "");
    data.0
        .write("list.txt", "TRAIN/sad/2.mp4 x\nTrain/Sad/2 y\n");
    let refused = data.refused("list.txt");
    assert!(
        refused.contains("line 1: there is no file 'DIR/TRAIN/sad/2.mp4'"),
        "{refused}"
    );
}

#[test]
fn letters_are_what_they_look_like() {
    // An accent of its own, as file names of macOS have it, and one letter, as a keyboard writes it.
    let data = Data::new(&[
        "vide\u{301}os/e\u{301}te\u{301}.mp4",
        "vide\u{301}os/b.mp4",
        "c.mp4",
    ]);
    data.0.write(
        "labels.csv",
        "path,label\nvid\u{e9}os/\u{e9}t\u{e9}.mp4,g\u{ea}n\u{e9}\nvide\u{301}os/b.mp4,ge\u{302}ne\u{301}\nc.mp4,triste\u{200b}\n",
    );
    let told = data.told("labels.csv");
    assert!(
        told.contains("3 videos in 2 classes: g\u{ea}n\u{e9} 2, triste"),
        "{told}"
    );
    assert!(
        told.contains("labels: 'ge\\u{302}ne\\u{301}' is g\u{ea}n\u{e9}"),
        "{told}"
    );
    assert!(told.contains("paths: 1 are not as written"), "{told}");
    // The file that is written is changed nowhere.
    assert_eq!(
        data.good("labels.csv").videos[1].label,
        data.good("labels.csv").videos[0].label
    );
    let data = Data::videos(4);
    data.0.write(
        "labels.csv",
        &format!(
            "path,label\n{},sad\nx/1.mp4,sad\nx/2.mp4,happy\n{},happy\n",
            video(1),
            video(2)
        ),
    );
    let refused = data.refused("labels.csv");
    assert!(
        refused.contains("\n  2 files are missing (2 in 'DIR/x'): '--missing skip'"),
        "{refused}"
    );
}

#[test]
fn all_problems_are_there_for_machines() {
    let data = Data::videos(1);
    let row = |number| format!("{},{}", video(number * 40), word(number));
    let rows: Vec<String> = (1..=30).map(row).collect();
    data.0
        .write("labels.csv", &format!("path,label\n{}\n", rows.join("\n")));
    let answer = data.0.run("check labels.csv --json");
    assert_eq!(answer.code, 2);
    assert!(
        answer
            .stderr
            .contains("… and 10 more ('check --json' lists all)"),
        "{}",
        answer.stderr
    );
    let told: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let problems = told["problems"].as_array().unwrap();
    assert_eq!((problems.len(), &problems[29]["line"]), (30, &31.into()));
}
