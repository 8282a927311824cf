use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;

use super::*;

/// A temporary folder with the given files; a name that ends in `/` is an empty folder.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(files: &[&str]) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        for file in files {
            disk.write(file, b"");
        }
        disk
    }

    fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).unwrap()
    }

    fn write(&self, file: &str, bytes: &[u8]) -> Utf8PathBuf {
        let path = self.root().join(file);
        if file.ends_with('/') {
            fs_err::create_dir_all(&path).unwrap();
        } else {
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(&path, bytes).unwrap();
        }
        path
    }

    fn table(&self, text: impl AsRef<[u8]>) -> Utf8PathBuf {
        self.write("data.csv", text.as_ref())
    }

    /// The problems of a table, one a line, with the temporary folder cut away.
    fn problems(&self, text: impl AsRef<[u8]>, options: &ReadOptions) -> String {
        let error = read(&self.table(text), options).unwrap_err();
        let lines: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
        lines.join("\n").replace(self.root().as_str(), "DIR")
    }
}

fn named(names: &[(&str, &str)]) -> ReadOptions {
    ReadOptions {
        label_names: names
            .iter()
            .map(|(key, name)| ((*key).to_owned(), (*name).to_owned()))
            .collect(),
        ..ReadOptions::default()
    }
}

fn ids(manifest: &Manifest) -> Vec<&str> {
    manifest
        .videos
        .iter()
        .map(|video| video.id.as_str())
        .collect()
}

#[test]
fn folders_give_classes_videos_and_a_warning() {
    let disk = Disk::new(&[
        "sad/b.MP4",
        "happy/subject 1/a.avi",
        "happy/frames/000.jpg",
        "happy/frames/001.PNG",
        "happy/frames/.DS_Store",
        "happy/frames/notes.txt",
        "happy/thumbnail.png",
        "happy/.hidden.mp4",
        ".git/happy.mp4",
        "readme.txt",
        "empty/",
    ]);
    let manifest = read(disk.root(), &ReadOptions::default()).unwrap();
    assert_eq!(manifest.format, Format::Folders);
    assert_eq!(manifest.labels.names(), ["happy", "sad"]);
    assert_eq!(
        ids(&manifest),
        ["happy/frames", "happy/subject 1/a", "sad/b"]
    );
    let sad = &manifest.videos[2];
    assert_eq!(
        (sad.label, sad.written_path.as_str(), sad.row),
        (1, "sad/b.MP4", None)
    );
    assert_eq!(sad.path, disk.root().join("sad/b.MP4"));
    let [stray, empty] = manifest.warnings.as_slice() else {
        panic!("{:?}", manifest.warnings);
    };
    assert!(
        stray.to_string().starts_with("3 files were ignored"),
        "{stray}"
    );
    assert!(empty.to_string().contains("/empty'"), "{empty}");
}

#[test]
fn folders_without_videos_or_with_unknown_classes_are_refused() {
    let disk = Disk::new(&["0/a.mp4", "0/b.mp4", "7/c.mp4", "8/d.mp4"]);
    let error = read(disk.root(), &named(&[("0", "happy"), ("1", "sad")])).unwrap_err();
    assert_eq!(error.problems.len(), 2, "{error}");
    assert!(
        error
            .to_string()
            .contains("label '7' is not in the [labels] table (which has '0', '1')")
    );

    let disk = Disk::new(&["happy/notes.txt"]);
    let error = read(disk.root(), &ReadOptions::default()).unwrap_err();
    assert!(
        error.to_string().contains("one folder per class"),
        "{error}"
    );

    let missing = read(&disk.root().join("nowhere"), &ReadOptions::default()).unwrap_err();
    assert!(missing.to_string().contains("nowhere"), "{missing}");
}

#[cfg(unix)]
#[test]
fn a_link_back_up_ends() {
    let disk = Disk::new(&["happy/a.mp4", "sad/b.mp4"]);
    std::os::unix::fs::symlink(disk.root().join("happy"), disk.root().join("happy/again")).unwrap();
    let manifest = read(disk.root(), &ReadOptions::default()).unwrap();
    assert_eq!(ids(&manifest), ["happy/a", "sad/b"]);
}

#[test]
fn a_table_keeps_what_it_does_not_know() {
    let disk = Disk::new(&["a.mp4", "sub/b.mp4", "frames/1.png"]);
    let absolute = disk.root().join("frames");
    let text = format!(
        "\u{feff}rater;Label;path;group;id\r\n\r\nR1; 1 ;./a.mp4;s1;x\r\n\"R;2\";0;sub/b.mp4;;y\r\n\"R\r\n3\";1;{absolute};s1;z\r\n"
    );
    let manifest = read(&disk.table(text), &ReadOptions::default()).unwrap();
    assert_eq!(manifest.extra_columns, ["rater"]);
    assert_eq!(manifest.labels.names(), ["0", "1"]);
    assert_eq!(ids(&manifest), ["x", "y", "z"]);
    let rows: Vec<Option<u64>> = manifest.videos.iter().map(|video| video.row).collect();
    assert_eq!(rows, [Some(3), Some(4), Some(5)]);
    let extra: Vec<&str> = manifest
        .videos
        .iter()
        .map(|video| video.extra[0].as_str())
        .collect();
    assert_eq!(extra, ["R1", "R;2", "R\r\n3"]);
    let groups: Vec<Option<&str>> = manifest
        .videos
        .iter()
        .map(|video| video.group.as_deref())
        .collect();
    assert_eq!(groups, [Some("s1"), None, Some("s1")]);
    assert_eq!(manifest.videos[0].path, disk.root().join("a.mp4"));
    assert_eq!(manifest.videos[0].written_path, "./a.mp4");
    assert_eq!(manifest.videos[2].path, absolute);
}

#[test]
fn classes_are_ordered_by_number_and_named_by_the_table() {
    let disk = Disk::new(&["a.mp4", "b.mp4", "c.mp4"]);
    let text = "path,label\na.mp4,10\nb.mp4,9\nc.mp4,1\n";
    let manifest = read(&disk.table(text), &ReadOptions::default()).unwrap();
    assert_eq!(manifest.labels.names(), ["1", "9", "10"]);

    let options = named(&[("1", "sad"), ("9", "happy"), ("10", "sad"), ("11", "fear")]);
    let manifest = read(&disk.table(text), &options).unwrap();
    assert_eq!(manifest.labels.names(), ["sad", "happy"]);
    let labels: Vec<usize> = manifest.videos.iter().map(|video| video.label).collect();
    assert_eq!(labels, [0, 1, 0]);
    assert_eq!(
        manifest.warnings,
        [Warning::UnusedLabels {
            labels: vec!["fear".to_owned()]
        }]
    );
}

#[test]
fn what_may_be_meant_otherwise_is_warned_of() {
    let disk = Disk::new(&["Happy/a.mp4", "happy/b.mp4"]);
    let options = ReadOptions {
        root: Some("elsewhere".into()),
        ..ReadOptions::default()
    };
    let alike = Warning::AlikeLabels {
        first: "Happy".to_owned(),
        second: "happy".to_owned(),
    };
    let unused = Warning::UnusedRoot {
        root: "elsewhere".into(),
    };
    assert_eq!(
        read(disk.root(), &options).unwrap().warnings,
        [unused, alike]
    );
}

#[test]
fn a_format_that_does_not_fit_is_refused() {
    let disk = Disk::new(&["happy/a.mp4"]);
    let with = |format| ReadOptions {
        format,
        ..ReadOptions::default()
    };
    let error = read(disk.root(), &with(Format::Csv)).unwrap_err();
    assert!(
        error.to_string().contains("leave '--format csv' out"),
        "{error}"
    );
    let error = read(&disk.root().join("happy/a.mp4"), &with(Format::Folders)).unwrap_err();
    assert!(
        error.to_string().contains("leave '--format folders' out"),
        "{error}"
    );
}

#[test]
fn ids_keep_the_extension_where_they_must() {
    let disk = Disk::new(&["a.mp4", "a.avi", "b.mp4"]);
    let text = "path,label\na.mp4,x\na.avi,y\nb.mp4,x\n";
    assert_eq!(
        ids(&read(&disk.table(text), &ReadOptions::default()).unwrap()),
        ["a.mp4", "a.avi", "b.mp4"]
    );
}

#[test]
fn paths_start_at_the_root() {
    let disk = Disk::new(&["videos/a.mp4", "videos/b.mp4"]);
    let table = disk.write("labels/train.tsv", b"label\tpath\nx\ta.mp4\ny\tb.mp4\n");
    let options = ReadOptions {
        root: Some(disk.root().join("videos")),
        ..ReadOptions::default()
    };
    assert_eq!(
        read(&table, &options).unwrap().videos[1].path,
        disk.root().join("videos/b.mp4")
    );
    assert_eq!(
        read(&table, &ReadOptions::default())
            .unwrap_err()
            .problems
            .len(),
        2
    );
}

#[test]
fn every_problem_is_told_with_its_line() {
    let disk = Disk::new(&["a.mp4", "b.mp4", "none/"]);
    let mut text = b"id,path,label\n1,a.mp4,happy\n2,./a.mp4,sad\n1,b.mp4,sad\n".to_vec();
    text.extend(
        b"4,c.mp4,sad\n5,,sad\n6,d\\e.mp4,\n7,none,sad\n8,b.mp4\n9,caf\xe9.mp4,sad\n,b.mp4,glad\n",
    );
    let options = named(&[("happy", "happy"), ("sad", "sad")]);
    insta::assert_snapshot!(disk.problems(text, &options), @r"
    line 3: './a.mp4' (label 'sad') is already there at line 2 with label 'happy'; keep one of the two
    line 4: id '1' is already that of line 2; ids must be unique
    line 5: there is no file 'DIR/c.mp4'; correct the row, or say with '--root' where paths start
    line 6: the path is empty; write where the video lies, or remove the row
    line 7: the label of 'd\e.mp4' is empty; write the class, or leave such rows out with '--unlabeled skip'
    line 7: there is no file 'DIR/d\e.mp4'; write '/' between folders instead of '\'
    line 8: folder 'DIR/none' holds no frames (.jpg, .jpeg, .png, .bmp or .webp); correct the path, or remove the row
    line 9: the row has 2 fields, but the header has 3; quote fields that hold the delimiter
    line 10: the text is not UTF-8 (it reads '9,caf�.mp4,sad'); save the file as UTF-8
    line 11: label 'glad' is not in the [labels] table (which has 'happy', 'sad'); add it there or correct it
    line 11: 'b.mp4' (label 'glad') is already there at line 4 with label 'sad'; keep one of the two
    line 11: the id of 'b.mp4' is empty; fill the column for every row, or remove it
    ");
}

#[test]
fn bad_headers_are_told() {
    let disk = Disk::new(&[]);
    let tables: [&[u8]; 6] = [
        b"a.mp4,happy\n",
        b"path,label,Path\n",
        b"",
        b"path,label\n",
        b"path,label,\xff\n",
        b"path,label,note\na,happy,\"oops\nb,sad,\nc,sad,\n",
    ];
    let told = tables.map(|table| disk.problems(table, &ReadOptions::default()));
    insta::assert_snapshot!(told.join("\n"), @r"
    line 1: column 'path' is missing (found: 'a.mp4', 'happy'); the first line must name the columns, as in 'path,label', or say which is which, as in '--columns path=clip,label=emotion' (or by number: '--columns path=1,label=2')
    line 1: column 'label' is missing (found: 'a.mp4', 'happy'); the first line must name the columns, as in 'path,label', or say which is which, as in '--columns path=clip,label=emotion' (or by number: '--columns path=1,label=2')
    line 1: column 'path' is there twice; rename one of the two
    there is no video in it; below the header 'path,label' it must have a row per video
    there is no video in it; below the header 'path,label' it must have a row per video
    line 1: the text is not UTF-8 (it reads 'path,label,�'); save the file as UTF-8
    line 2: a quote is opened and not closed before the file ends, 2 lines below; close it, or double it if it is part of the text
    ");
}

#[test]
fn long_lists_are_cut() {
    let disk = Disk::new(&["a.mp4"]);
    let rows: Vec<String> = (0..50).map(|row| format!("{row}.mp4,happy")).collect();
    let error = read(
        &disk.table(format!("path,label\n{}", rows.join("\n"))),
        &ReadOptions::default(),
    )
    .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("has 50 problems:"), "{text}");
    assert!(
        text.contains(
            "\n  … and 30 more ('check --json' lists all)\n  50 files are missing (50 in '"
        ),
        "{text}"
    );
    assert!(text.contains("'--missing skip'"), "{text}");
    assert_eq!(text.lines().count(), 23);

    let error = read(
        &disk.table("path,label\na.mp4,happy\n"),
        &ReadOptions::default(),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("at least two classes"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn any_table_is_read_back_as_written(
        rows in prop::collection::vec(
            ("[a-zé./\"; ,|\t]{1,12}[a-z]", "[a-z0-9]{1,3}", "[ -~é\r\n\t]{0,12}", "[a-z,\"]{1,5}"), 1..20),
        delimiter in prop::sample::select(vec![b',', b'\t', b';', b'|']),
        (mark, windows) in any::<(bool, bool)>(),
        order in Just(["path", "label", "note", "group"]).prop_shuffle(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if windows { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(if mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() });
        writer.write_record(order).unwrap();
        for (path, label, note, group) in &rows {
            writer.write_record(order.map(|column| match column {
                "path" => path,
                "label" => label,
                "note" => note,
                _ => group,
            })).unwrap();
        }
        let read = table::parse(
            Utf8Path::new("data.csv"),
            &writer.into_inner().unwrap(),
            lists::names_of(Utf8Path::new("data.csv"), &Reading::default(), true),
        );
        prop_assert!(read.problems.is_empty(), "{:?}", read.problems);
        prop_assert_eq!(read.extra_columns, ["note"]);
        let back: Vec<_> = read.list.into_iter().map(|entry| {
            let [note] = <[String; 1]>::try_from(entry.extra).unwrap();
            (entry.path, entry.label, note, entry.group.unwrap())
        }).collect();
        prop_assert_eq!(back, rows);
    }
}
