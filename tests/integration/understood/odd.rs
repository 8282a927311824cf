//! What people's lists have besides videos and labels: other flags, other rows, other files beside them.

use camino::{Utf8Path, Utf8PathBuf};
use rdfer_audit::manifest::{Missing, ReadOptions, Reading, parse_columns, read_several};

use super::{Data, ids, video};

fn with(columns: &str) -> Reading {
    Reading {
        columns: parse_columns(columns).unwrap(),
        ..Reading::default()
    }
}

fn warned(data: &Data, name: &str, reading: Reading) -> Vec<String> {
    let manifest = data.read(name, reading).unwrap();
    manifest.warnings.iter().map(ToString::to_string).collect()
}

/// Refused as it is, with all of these words.
fn refused(data: &Data, name: &str, reading: Reading, words: &[&str]) {
    let error = data.read(name, reading).unwrap_err().to_string();
    let error = error.replace(data.path("").as_str(), "DIR/");
    for words in words {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn of_several_classifications_one_is_asked_for() {
    let data = Data::new(&["1.mp4", "2.mp4"]);
    let field = |name: &str, label: &str| {
        format!(r#""{name}":{{"_cls":"Classification","label":"{label}"}}"#)
    };
    let samples = |fields: &dyn Fn(&str) -> String| {
        let sample =
            |(path, label): (&str, &str)| format!(r#"{{"filepath":"{path}",{}}}"#, fields(label));
        let samples = [("1.mp4", "sad"), ("2.mp4", "happy")].map(sample);
        format!(r#"{{"samples":[{}]}}"#, samples.join(","))
    };
    let two = |label: &str| format!("{},{}", field("pred", "angry"), field("truth", label));
    data.0.write("two.json", &samples(&two));
    refused(
        &data,
        "two.json",
        Reading::default(),
        &["'pred' and 'truth'", "'--columns label=truth'"],
    );
    let manifest = data.read("two.json", with("label=truth")).unwrap();
    assert_eq!(manifest.labels.names(), ["happy", "sad"]);
    refused(
        &data,
        "two.json",
        with("label=nope"),
        &["no column 'nope'", "'pred', 'truth'"],
    );
    let own = |label: &str| {
        format!(
            "{},{}",
            field("ground_truth", label),
            field("pred", "angry")
        )
    };
    data.0.write("own.json", &samples(&own));
    let told = data.told("own.json");
    assert!(
        told.contains("labels: from 'ground_truth'; also there: 'pred'"),
        "{told}"
    );
    let none = |label: &str| {
        format!(r#""found":{{"_cls":"Classifications","classifications":[{{"label":"{label}"}}]}}"#)
    };
    data.0.write("none.json", &samples(&none));
    refused(
        &data,
        "none.json",
        Reading::default(),
        &["none of its samples has a classification"],
    );
}

#[test]
fn sides_of_a_split_are_known_wherever_their_lists_lie() {
    let data = Data::videos(3);
    let rows = |numbers: [usize; 2], up: &str| {
        let row = |number| {
            format!(
                "{up}{},{}\n",
                video(number),
                if number == 2 { "sad" } else { "happy" }
            )
        };
        format!("path,label\n{}{}", row(numbers[0]), row(numbers[1]))
    };
    data.0.write("a/train.csv", &rows([1, 2], "../"));
    data.0.write("b/test.csv", &rows([2, 3], "../"));
    data.0.write(
        "trainlist01.txt",
        "videos/00001.mp4 1\nvideos/00002.mp4 2\n",
    );
    data.0
        .write("testlist01.txt", "videos/00003.mp4 1\nvideos/00002.mp4 2\n");
    data.0.write("c/train.csv", &rows([1, 2], "../"));
    data.0
        .write("c/test.tsv", &rows([2, 3], "../").replace(',', "\t"));
    for lists in [
        ["a/train.csv", "b/test.csv"],
        ["trainlist01.txt", "testlist01.txt"],
        ["c/train.csv", "c/test.tsv"],
    ] {
        let paths = lists.map(|list| data.path(list));
        let paths: Vec<&Utf8Path> = paths.iter().map(Utf8PathBuf::as_path).collect();
        let (manifest, files) = read_several(&paths, &ReadOptions::default()).unwrap();
        let splits = manifest.splits(&files);
        assert_eq!(splits.len(), 1, "{lists:?}");
        let sizes: Vec<usize> = splits[0].sides.values().map(Vec::len).collect();
        assert_eq!(sizes, [2, 2], "{lists:?}");
    }
    // One side, however it is spelt.
    data.0.write("s.csv", "path,label,split\nvideos/00001.mp4,a,train\nvideos/00002.mp4,b,Train\nvideos/00003.mp4,b,test\n");
    let told = data.told("s.csv");
    assert!(told.contains("split 'split': test 1, train 2"), "{told}");
}

#[test]
fn groups_are_compared_as_numbers_and_no_group_is_none() {
    let data = Data::videos(6);
    let groups = ["3", "3.0", "nan", "", "N/A", "x"];
    let rows: Vec<String> = (1..=6)
        .map(|number| format!("{},{},{}", video(number), number % 2, groups[number - 1]))
        .collect();
    data.0.write(
        "labels.csv",
        &format!("path,label,group\n{}\n", rows.join("\n")),
    );
    let manifest = data.good("labels.csv");
    let found: Vec<Option<&str>> = manifest
        .videos
        .iter()
        .map(|video| video.group.as_deref())
        .collect();
    assert_eq!(found, [Some("3"), Some("3"), None, None, None, Some("x")]);
    let told = data.told("labels.csv");
    assert!(
        told.contains("groups: 1 rows say 'N/A', 1 rows say 'nan', and belong to none"),
        "{told}"
    );
}

#[test]
fn lists_with_other_fields_are_named() {
    let data = Data::videos(3);
    let lines = |line: &dyn Fn(usize) -> String| -> String {
        (1..=3).map(|number| line(number) + "\n").collect()
    };
    data.0.write(
        "turned.txt",
        &lines(&|number| format!("{} {} {}", video(number), number % 2, 16 + number)),
    );
    refused(
        &data,
        "turned.txt",
        Reading::default(),
        &[
            "the label before the number of frames",
            "'videos/00001.mp4 17 1'",
        ],
    );
    // With as many frames as classes there are, nobody can tell, and the format's own order holds.
    data.0.write(
        "right.txt",
        &lines(&|number| format!("{} {} {}", video(number), 16 + number, number % 2)),
    );
    assert_eq!(data.good("right.txt").labels.names(), ["0", "1"]);
    data.0.write(
        "many.txt",
        &lines(&|number| format!("{} happy {}", video(number), number % 2)),
    );
    refused(
        &data,
        "many.txt",
        Reading::default(),
        &["more than a path, a number of frames and a label, as 'videos/00001.mp4 happy 1'"],
    );
    data.0.write(
        "multi.txt",
        &lines(&|number| format!("{} 20 {} 3", video(number), number % 2)),
    );
    refused(
        &data,
        "multi.txt",
        Reading::default(),
        &["a video has one label"],
    );
    data.0.write(
        "tabs.txt",
        &lines(&|number| {
            format!(
                "{}\t{}",
                video(number),
                if number == 1 { "very sad" } else { "happy" }
            )
        }),
    );
    assert_eq!(data.good("tabs.txt").labels.names(), ["happy", "very sad"]);
}

#[test]
fn rows_that_are_no_videos_are_told_or_passed_over() {
    let data = Data::videos(4);
    let rows = |more: &str| {
        format!(
            "path,label,,column 3\n{},happy,a,b\n{more}{},sad,c,d\n{},sad,e,f\n",
            video(1),
            video(2),
            video(3)
        )
    };
    data.0.write("blank.csv", &rows(",,,\n"));
    let manifest = data.good("blank.csv");
    assert_eq!(manifest.videos.len(), 3);
    assert_eq!(manifest.extra_columns, ["column 3", "column 3 2"]);
    let told = data.told("blank.csv");
    assert!(
        told.contains(
            "1 more lie in the same folders and are in no row, such as 'videos/00004.mp4'"
        ),
        "{told}"
    );
    data.0.write("again.csv", &rows("path,label,,column 3\n"));
    refused(
        &data,
        "again.csv",
        Reading::default(),
        &["line 3: the line is the header again"],
    );
    // A class of rows that are left out is no class.
    data.0.write("total.csv", &rows("Total,8,,\n"));
    let reading = Reading {
        missing: Missing::Skip(0.5),
        ..Reading::default()
    };
    let manifest = data.read("total.csv", reading).unwrap();
    assert_eq!(manifest.labels.names(), ["happy", "sad"]);
    refused(
        &data,
        "blank.csv",
        with("path=path,label=path"),
        &["gives 'path' two meanings"],
    );
}

#[test]
fn what_is_no_file_is_told_as_what_it_is() {
    let data = Data::videos(2);
    let pipe = std::process::Command::new("mkfifo")
        .arg(data.0.path("videos/p.mp4"))
        .status();
    assert!(pipe.unwrap().success());
    let rows = format!("path,label\n{},happy\nvideos/p.mp4,sad\n", video(1));
    data.0.write("labels.csv", &rows);
    refused(
        &data,
        "labels.csv",
        Reading::default(),
        &["'DIR/videos/p.mp4' is a pipe, a socket or a device"],
    );
    refused(
        &data,
        "videos/p.mp4",
        Reading::default(),
        &["it is a pipe or a device, which can be read only once"],
    );
    let options = ReadOptions {
        root: Some("nowhere".into()),
        ..ReadOptions::default()
    };
    let error = rdfer_audit::manifest::read(&data.path("labels.csv"), &options).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("there is no folder 'nowhere', which '--root' names"),
        "{error}"
    );
}

#[test]
fn flags_without_a_use_are_told() {
    let data = Data::new(&["happy/1.mp4", "sad/2.mp4"]);
    data.0.write(
        "labels.csv",
        "path,label\nhappy/1.mp4,happy\nsad/2.mp4,sad\n",
    );
    let from = || Reading {
        label_from: "{label}/**".parse().ok(),
        ..Reading::default()
    };
    let moved = || Reading {
        prefixes: vec!["/nope=.".parse().unwrap()],
        ..Reading::default()
    };
    for (name, reading, told) in [
        (
            "labels.csv",
            from(),
            "'--label-from' changes nothing: the labels are those of the list",
        ),
        (
            "labels.csv",
            moved(),
            "'--replace-prefix' changes nothing: no path begins so",
        ),
        (
            "happy/..",
            with("label=emotion"),
            "'--columns' changes nothing",
        ),
        ("happy/..", moved(), "'--replace-prefix' changes nothing"),
    ] {
        if name != "labels.csv" {
            fs_err::remove_file(data.0.path("labels.csv")).unwrap_or(());
        }
        let warnings = warned(&data, name, reading);
        assert!(
            warnings.iter().any(|warning| warning.contains(told)),
            "{told}: {warnings:?}"
        );
    }
}

#[test]
fn beginnings_that_lead_elsewhere_are_named_as_a_shell_takes_them() {
    let data = Data::new(&["v/1.mp4", "v/2.mp4"]);
    for (beginning, told) in [
        ("data/", "say '--replace-prefix data=.'"),
        (
            "C:\\Users\\anna\\",
            "say '--replace-prefix \"C:\\Users\\anna=.\"'",
        ),
        (
            "/home/anna b/data/",
            "say '--replace-prefix \"/home/anna b/data=.\"'",
        ),
    ] {
        data.0.write(
            "labels.csv",
            &format!("path,label\n{beginning}v/1.mp4,a\n{beginning}v/2.mp4,b\n"),
        );
        refused(&data, "labels.csv", Reading::default(), &[told]);
    }
    let root = data.path("v");
    data.0.write(
        "labels.csv",
        &format!("path,label\nfile://{root}/1.mp4,a\nfile://{root}/2.mp4,b\n"),
    );
    assert_eq!(data.good("labels.csv").videos.len(), 2);
}

#[test]
fn layouts_that_only_look_like_another_are_asked_for() {
    // Somebody's own table with the columns of DFEW's.
    let data = Data::new(&["a.mp4", "b.mp4"]);
    data.0.write("own.csv", "video_name,label\na,1\nb,2\n");
    refused(
        &data,
        "own.csv",
        Reading::default(),
        &["'--columns path=video_name,label=label'"],
    );
    assert_eq!(
        ids(&data
            .read("own.csv", with("path=video_name,label=label"))
            .unwrap()),
        ["a", "b"]
    );
    // AFEW: the test side has no class folders.
    let data = Data::new(&[
        "Train_AFEW/Angry/1.avi",
        "Train_AFEW/Happy/2.avi",
        "Test_vid_Distribute/3.avi",
    ]);
    refused(
        &data,
        "",
        Reading::default(),
        &["'Test_vid_Distribute/3.avi' lies there in no folder of a class"],
    );
    let data = Data::new(&[
        "Train_AFEW/Angry/1.avi",
        "Train_AFEW/Happy/2.avi",
        "Val_AFEW/Angry/3.avi",
        "Val_AFEW/Happy/4.avi",
    ]);
    assert_eq!(data.good("").labels.names(), ["Angry", "Happy"]);
    // One file that was not meant hides no layout.
    let data = Data::new(&[
        "1001_DFA_ANG_XX.mp4",
        "1002_IEO_HAP_HI.mp4",
        "1003_DFA_XXX_HI.mp4",
    ]);
    refused(
        &data,
        "",
        Reading::default(),
        &[
            "2 of its 3 names are those of crema-d",
            "'1003_DFA_XXX_HI.mp4'",
        ],
    );
    // A folder around the data set.
    let data = Data::new(&[
        "CAER/train/Anger/1.avi",
        "CAER/train/Happy/2.avi",
        "CAER/test/Anger/3.avi",
    ]);
    refused(
        &data,
        "",
        Reading::default(),
        &["its only folder is 'CAER'", "name that folder itself"],
    );
    // IEMOCAP's sessions are pairs of people.
    let data = Data::new(&["Session1/avi/a.avi", "Session2/avi/b.avi"]);
    refused(&data, "", Reading::default(), &["called as people are"]);
    // Pictures in class folders, as CK+48 has them.
    let data = Data::new(&["anger/S010_1.png", "anger/S010_2.png", "happy/S011_1.png"]);
    refused(
        &data,
        "",
        Reading::default(),
        &[
            "its 2 folders hold pictures and no folders",
            "a folder per class",
        ],
    );
}
