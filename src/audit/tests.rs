//! For every issue of labels, groups and splits a set that shows it and one that nearly does.

use camino::Utf8Path;

use super::*;
use crate::duplicates::{DuplicatePair, Duplicates, Sameness};
use crate::issue::{Issue, IssueKind};
use crate::label::LabelSet;
use crate::manifest::{Format, Manifest, ReadOptions, Video, read_with_files};
use crate::video::samples::TempDir;

/// A manifest of (path, label, group), none of which is on disk.
fn manifest_of(videos: &[(&str, &str, Option<&str>)]) -> Manifest {
    let mut names: Vec<&str> = videos.iter().map(|(_, label, _)| *label).collect();
    names.sort_unstable();
    names.dedup();
    let labels = LabelSet::new(names).unwrap();
    Manifest {
        source: "data.csv".into(),
        format: Format::Csv,
        extra_columns: Vec::new(),
        videos: videos
            .iter()
            .map(|(path, label, group)| Video {
                id: (*path).to_owned(),
                path: (*path).into(),
                written_path: (*path).to_owned(),
                label: labels.index_of(label).unwrap(),
                group: group.map(str::to_owned),
                row: None,
                extra: Vec::new(),
            })
            .collect(),
        labels,
        warnings: Vec::new(),
        root: "".into(),
        digests: std::collections::BTreeMap::new(),
        reading: crate::manifest::Reading::default(),
        understood: crate::manifest::Understood::default(),
    }
}

/// So many videos of each class.
fn sized(sizes: &[(&str, usize)]) -> Manifest {
    let paths: Vec<(String, &str)> = sizes
        .iter()
        .flat_map(|(label, count)| (0..*count).map(move |n| (format!("{label}_x{n}"), *label)))
        .collect();
    let videos: Vec<_> = paths
        .iter()
        .map(|(path, label)| (path.as_str(), *label, None))
        .collect();
    manifest_of(&videos)
}

fn of_kind(issues: &[Issue], kind: IssueKind) -> Vec<&Issue> {
    issues.iter().filter(|issue| issue.kind == kind).collect()
}

fn label_issues(manifest: &Manifest, kind: IssueKind) -> usize {
    let issues = labels(manifest, 3, &AuditSettings::default());
    of_kind(&issues, kind).len()
}

fn copies_of(first: usize, second: usize) -> DuplicatePair {
    DuplicatePair {
        first,
        second,
        sameness: Sameness::Recording,
        likeness: 0.9,
        later_secs: 0.4,
    }
}

#[test]
fn classes_that_are_small_beside_the_largest() {
    let imbalance = |small| {
        let manifest = sized(&[("happy", 44), ("fear", small)]);
        label_issues(&manifest, IssueKind::ClassImbalance)
    };
    assert_eq!((imbalance(4), imbalance(5)), (1, 0));
}

#[test]
fn classes_too_small_for_the_folds() {
    let small = |manifest: &Manifest| label_issues(manifest, IssueKind::SmallClass);
    assert_eq!(small(&sized(&[("happy", 5), ("fear", 2)])), 1);
    assert_eq!(small(&sized(&[("happy", 5), ("fear", 3)])), 0);
    // Three videos of two people are two independent ones.
    let videos = [
        ("a", "fear", Some("p")),
        ("b", "fear", Some("p")),
        ("c", "fear", Some("q")),
        ("d", "sad", None),
        ("e", "sad", None),
        ("f", "sad", None),
    ];
    assert_eq!(small(&manifest_of(&videos)), 1);
}

#[test]
fn labels_in_two_spellings() {
    let alike =
        |first, second| label_issues(&sized(&[(first, 3), (second, 3)]), IssueKind::AlikeLabels);
    for (first, second) in [
        ("Happy", "happy"),
        ("very_sad", "very sad"),
        ("surprise", "suprise"),
        ("disgust", "digsust"),
        ("neutral", "neutrel"),
    ] {
        assert_eq!(alike(first, second), 1, "{first} {second}");
    }
    for (first, second) in [
        ("sad", "mad"),
        ("class 1", "class 2"),
        ("surprise", "surprised face"),
        ("happiness", "sadness"),
    ] {
        assert_eq!(alike(first, second), 0, "{first} {second}");
    }
}

#[test]
fn a_group_that_makes_a_class() {
    let dominated = |of_one: usize| {
        let groups: Vec<String> = (0..10)
            .map(|n| {
                if n < of_one {
                    "anna".to_owned()
                } else {
                    format!("p{n}")
                }
            })
            .collect();
        let paths: Vec<String> = (0..20).map(|n| format!("v{n}")).collect();
        let videos: Vec<(&str, &str, Option<&str>)> = (0..20)
            .map(|n| {
                let label = if n < 10 { "fear" } else { "sad" };
                (
                    paths[n].as_str(),
                    label,
                    Some(groups[n % 10].as_str()).filter(|_| n < 10),
                )
            })
            .collect();
        label_issues(&manifest_of(&videos), IssueKind::GroupLabelCorrelation)
    };
    assert_eq!((dominated(6), dominated(5)), (1, 0));
}

#[test]
fn paths_that_name_another_class() {
    let conflicts = |videos: &[(&str, &str, Option<&str>)]| {
        let issues = labels(&manifest_of(videos), 1, &AuditSettings::default());
        of_kind(&issues, IssueKind::PathLabelConflict)
            .iter()
            .map(|issue| issue.video.unwrap())
            .collect::<Vec<_>>()
    };
    let mut videos = vec![
        ("happy/1.mp4", "happy", None),
        ("happy/2.mp4", "happy", None),
        ("sad/3.mp4", "sad", None),
        ("Sad/4.mp4", "happy", None),
        ("happy/sad_5.mp4", "happy", None),
        ("happy/unhappy6.mp4", "happy", None),
        ("happy/sad_or_happy.mp4", "happy", None),
    ];
    assert_eq!(conflicts(&videos), [3, 4]);
    // Where most paths name another class, they speak of something else, such as films.
    for path in ["sad/7.mp4", "sad/8.mp4", "sad/9.mp4", "sad/10.mp4"] {
        videos.push((path, "happy", None));
    }
    assert!(conflicts(&videos).is_empty());
}

#[test]
fn copies_with_one_label_and_with_two() {
    let manifest = manifest_of(&[
        ("a", "happy", Some("p")),
        ("b", "sad", Some("p")),
        ("c", "happy", Some("q")),
        ("d", "sad", None),
    ]);
    let found = |pairs: &[(usize, usize)]| {
        let duplicates = Duplicates {
            pairs: pairs.iter().map(|&(a, b)| copies_of(a, b)).collect(),
            groups: pairs.iter().map(|&(a, b)| vec![a, b]).collect(),
        };
        super::duplicates(&manifest, &duplicates)
    };
    let issues = found(&[(0, 1)]);
    assert_eq!(of_kind(&issues, IssueKind::NearDuplicate).len(), 2);
    let conflicts = of_kind(&issues, IssueKind::DuplicateLabelConflict);
    assert_eq!(conflicts.len(), 2);
    assert_eq!((conflicts[0].video, conflicts[0].other), (Some(0), Some(1)));
    assert_eq!(
        conflicts[0].detail,
        "is labeled 'happy', and its duplicate 'b' is labeled 'sad'"
    );
    assert!(of_kind(&issues, IssueKind::DuplicateAcrossGroups).is_empty());
    let mirrored = Duplicates {
        pairs: vec![DuplicatePair {
            sameness: Sameness::Mirrored,
            ..copies_of(0, 3)
        }],
        groups: vec![vec![0, 3]],
    };
    let issues = duplicates(&manifest, &mirrored);
    assert_eq!(of_kind(&issues, IssueKind::MirroredDuplicate).len(), 2);
    assert!(of_kind(&issues, IssueKind::NearDuplicate).is_empty());
    let issues = found(&[(0, 2)]);
    assert!(of_kind(&issues, IssueKind::DuplicateLabelConflict).is_empty());
    assert_eq!(of_kind(&issues, IssueKind::DuplicateAcrossGroups).len(), 2);
}

#[test]
fn copies_are_kept_together_with_their_groups() {
    let manifest = manifest_of(&[
        ("a", "happy", Some("p")),
        ("b", "sad", Some("q")),
        ("c", "happy", Some("q")),
        ("d", "sad", None),
        ("e", "sad", None),
        ("f", "happy", None),
    ]);
    let duplicates = Duplicates {
        pairs: Vec::new(),
        groups: vec![vec![0, 1], vec![3, 4]],
    };
    let together = keep_together(manifest, &duplicates);
    let groups: Vec<Option<&str>> = together
        .videos
        .iter()
        .map(|video| video.group.as_deref())
        .collect();
    let copies = Some("duplicates of d");
    assert_eq!(
        groups,
        [Some("p"), Some("p"), Some("p"), copies, copies, None]
    );
}

/// A data set of files in a folder, with the words of its tables.
fn read(files: &[(&str, &str)], source: &str) -> (Manifest, Vec<crate::manifest::LabelFile>) {
    let dir = TempDir::new();
    for (name, text) in files {
        let path = dir.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let options = ReadOptions {
        words_only: true,
        ..ReadOptions::default()
    };
    let source = dir.path(source);
    read_with_files(
        Utf8Path::new(source.as_str().trim_end_matches('/')),
        &options,
    )
    .unwrap()
}

#[test]
fn a_split_column_with_and_without_leaks() {
    let leaks_of = |last: &str| {
        let text = format!(
            "path,label,group,split\na.mp4,happy,p,train\nb.mp4,sad,p,train\nc.mp4,happy,q,test\nd.mp4,sad,{last}\n"
        );
        let (manifest, files) = read(&[("labels.csv", &text)], "labels.csv");
        let duplicates = Duplicates {
            pairs: vec![copies_of(1, 3)],
            groups: vec![vec![1, 3]],
        };
        let splits = manifest.splits(&files);
        assert_eq!(splits.len(), 1);
        leaks(&manifest, &splits, &duplicates)
    };
    let issues = leaks_of("p,test");
    let copies = of_kind(&issues, IssueKind::SplitLeak);
    assert_eq!(copies.len(), 2);
    assert_eq!(
        copies[0].detail,
        "is in train of split 'split', its duplicate 'd.mp4' in test"
    );
    let groups = of_kind(&issues, IssueKind::GroupLeak);
    // The side with fewer videos of the group is told.
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].video, Some(3));
    assert!(leaks_of("p,train").is_empty());
    // A video that is on no side leaks to none.
    assert!(leaks_of("p,").is_empty());
}

#[test]
fn published_splits_are_read_from_their_files() {
    let table = |rows: &[(&str, u8)]| {
        let rows: Vec<String> = rows
            .iter()
            .map(|(name, label)| format!("{name},{label}\n"))
            .collect();
        format!("video_name,label\n{}", rows.concat())
    };
    let splits_of = |test_1: &[(&str, u8)]| {
        let (train, test) = (table(&[("3", 2), ("4", 1)]), table(test_1));
        let (train_2, test_2) = (table(&[("1", 1), ("2", 2)]), table(&[("3", 2), ("4", 1)]));
        let folder = |side: &str, set: u8| {
            format!("d/EmoLabel_DataSplit/{side}(single-labeled)/set_{set}.csv")
        };
        let files = [
            (folder("train", 1), train),
            (folder("test", 1), test),
            (folder("train", 2), train_2),
            (folder("test", 2), test_2),
        ];
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let (manifest, files) = read(&files, "d/");
        let splits = manifest.splits(&files);
        assert_eq!(splits.len(), 2);
        let duplicates = Duplicates::default();
        leaks(&manifest, &splits, &duplicates)
    };
    assert!(splits_of(&[("1", 1), ("2", 2)]).is_empty());
    let issues = splits_of(&[("1", 1), ("2", 2), ("3", 2)]);
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0].kind, IssueKind::SplitLeak);
    assert!(
        issues[0].detail.contains("in test and in train of"),
        "{}",
        issues[0].detail
    );
}
