//! Predictions in each of their formats, written by hand.

use std::io::{Cursor, Write as _};

use camino::Utf8PathBuf;
use zip::write::FileOptions;

use super::*;
use crate::table::TableWriter;

const PROBS: [[f32; 2]; 3] = [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]];

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> Utf8PathBuf {
        let path = Utf8Path::from_path(self.0.path()).unwrap().join(name);
        fs_err::write(&path, bytes).unwrap();
        path
    }
}

fn read_with(path: &Utf8Path, labels: &[&str]) -> Result<Predictions, String> {
    let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
    GivenLabels::parse(&labels)
        .and_then(|given| read(&[path], given, false))
        .map_err(|error| error.to_string())
}

fn table(labels: &[&str], ids: Option<&[&str]>) -> Vec<u8> {
    let text = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    let mut table = TableWriter::default()
        .text("label", text(labels).into_iter())
        .f32_list("pred_probs", PROBS.iter().map(|row| Some(&row[..])));
    if let Some(ids) = ids {
        table = table.text("id", text(ids).into_iter());
    }
    table.into_bytes().unwrap()
}

/// The bytes of an array of a type, `C` or Fortran.
fn array(kind: &str, is_fortran: bool, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(|side| format!("{side},")).collect();
    let order = if is_fortran { "True" } else { "False" };
    let mut header = format!(
        "{{'descr': '{kind}', 'fortran_order': {order}, 'shape': ({}), }}",
        sides.join(" ")
    );
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

fn doubles(is_fortran: bool, shape: &[usize], values: &[f64]) -> Vec<u8> {
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    array("<f8", is_fortran, shape, &data)
}

fn whole(values: &[i64]) -> Vec<u8> {
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    array("<i8", false, &[values.len()], &data)
}

fn words_array(words: &[&str]) -> Vec<u8> {
    let padded = words.iter().flat_map(|word| {
        let characters = word.chars().map(u32::from).chain(std::iter::repeat(0));
        characters.take(8).collect::<Vec<_>>()
    });
    let data: Vec<u8> = padded.flat_map(u32::to_le_bytes).collect();
    array("<U8", false, &[words.len()], &data)
}

#[test]
fn words_are_sorted_and_rows_of_an_id_are_clips() {
    let folder = Folder::new();
    let path = folder.file(
        "p.parquet",
        table(&["fear", "sad", "sad"], Some(&["a", "b", "b"])),
    );
    let found = read_with(&path, &[]).unwrap();
    assert_eq!(found.labels, ["fear", "sad"]);
    assert_eq!(found.videos.len(), 2);
    assert_eq!((found.videos[0].label, found.videos[1].label), (0, 1));
    assert_eq!(
        (found.clips[2].clip, found.clips[2].prediction.as_str()),
        (1, "sad")
    );
    assert!(
        found.told[2].contains("fear, sad (the labels' words by alphabet"),
        "{:?}",
        found.told
    );
    assert!(
        found.told[3].contains("agree with 2 of 2 labels"),
        "{:?}",
        found.told
    );
    let named = read_with(&path, &["sad,fear"]).unwrap();
    assert_eq!(named.videos[0].label, 1);
    let text = read_with(&path, &["sad"]).unwrap_err();
    assert!(
        text.contains("2 probabilities a row, but 1 class names (sad)"),
        "{text}"
    );
    let path = folder.file(
        "p.parquet",
        table(&["sad", "fear", "sad"], Some(&["a", "b", "b"])),
    );
    let text = read_with(&path, &[]).unwrap_err();
    assert!(text.contains("row 2") && text.contains("'b'"), "{text}");
}

#[test]
fn a_table_of_text_has_a_column_per_class_or_lists() {
    let folder = Folder::new();
    let is_same = |name: &str, text: &str, labels: &str, meant: [usize; 3]| {
        let found = read_with(&folder.file(name, text), &[]).unwrap();
        assert_eq!(found.labels.join(" "), labels, "{text}");
        let classes: Vec<usize> = found.videos.iter().map(|video| video.label).collect();
        assert_eq!(classes, meant, "{text}");
        let sad = found
            .labels
            .iter()
            .position(|label| label == "sad" || label == "1")
            .unwrap();
        let probs: Vec<f32> = found.clips.iter().map(|clip| clip.probs[sad]).collect();
        assert_eq!(probs, [0.1, 0.6, 0.8], "{text}");
    };
    is_same(
        "a.csv",
        "label,p0,p1\n0,0.9,0.1\n1,0.4,0.6\n1,0.2,0.8\n",
        "0 1",
        [0, 1, 1],
    );
    is_same(
        "a.csv",
        "p1;label;p0;note\n0,1;0;0,9;x\n0,6;1;0,4;y\n0,8;1;0,2;z\n",
        "0 1",
        [0, 1, 1],
    );
    is_same(
        "a.tsv",
        "id\tprob_sad\tprob_fear\tlabel\nv\t0.1\t0.9\tfear\nw\t0.6\t0.4\tsad\nx\t0.8\t0.2\tsad\n",
        "sad fear",
        [1, 0, 0],
    );
    is_same(
        "a.csv",
        "Sad,Label,fear,score\n0.1,fear,0.9,7\n0.6,sad,0.4,8\n0.8,sad,0.2,9\n"
            .replace("Sad", "sad")
            .as_str(),
        "sad fear",
        [1, 0, 0],
    );
    is_same(
        "a.csv",
        "label,pred_probs\n0,\"[0.9, 0.1]\"\n1,\"[0.4 0.6]\"\n1,\"(0.2,0.8)\"\n",
        "0 1",
        [0, 1, 1],
    );
    // A class that no video has.
    let text = "label,happy,sad,joy\nsad,0.1,0.8,0.1\nhappy,0.8,0.1,0.1\n";
    let found = read_with(&folder.file("a.csv", text), &[]).unwrap();
    assert_eq!(found.labels, ["happy", "sad", "joy"]);
    for (text, told) in [
        ("label,a,b\nsad,0.5,0.5\n", "no class: 'sad'"),
        ("label,p0,p1\n0,0.9,0.1\n1,,0.6\n", "line 3 of"),
        ("label,p0,p1\n0,0.9,0.1\n-1,0.4,0.6\n", "1 rows of"),
        (
            "label,p0,p1\n0,0.9,0.1\nN/A,0.4,0.6\n",
            "the first is line 3 ('N/A')",
        ),
        ("label,p0,p1\n0,0.9,0.1\n1,0.4\n", "line 3 of"),
        ("label,note\nsad,x\n", "no column 'pred_probs'"),
        ("p0,p1\n0.9,0.1\n", "has no labels"),
        ("id,label,p0,p1\nv,0,0.9,0.1\n,1,0.4,0.6\n", "line 3 of"),
    ] {
        let found = read_with(&folder.file("a.csv", text), &[]).unwrap_err();
        assert!(found.contains(told), "{told}: {found}");
    }
}

#[test]
fn arrays_are_read_with_labels_from_elsewhere() {
    let folder = Folder::new();
    let values = [0.9, 0.1, 0.4, 0.6, 0.2, 0.8];
    let by_row = folder.file("p.npy", doubles(false, &[3, 2], &values));
    let by_column = folder.file(
        "f.npy",
        doubles(true, &[3, 2], &[0.9, 0.4, 0.2, 0.1, 0.6, 0.8]),
    );
    let numbers = folder.file("y.npy", whole(&[0, 1, 1]));
    let words = folder.file("w.npy", words_array(&["fear", "sad", "sad"]));
    let list = folder.file("l.txt", "label\nfear\nsad\nsad\n");
    let table = folder.file("l.csv", "path,label\nx.mp4,fear\ny.mp4,sad\nz.mp4,sad\n");
    for probs in [&by_row, &by_column] {
        assert!(read_with(probs, &[]).unwrap_err().contains("has no labels"));
        for labels in [&numbers, &words, &list, &table] {
            let found = read_with(probs, &[labels.as_str()]).unwrap();
            let rows: Vec<&[f32]> = found.clips.iter().map(|clip| &clip.probs[..]).collect();
            assert_eq!(rows, PROBS, "{probs}");
            let classes: Vec<usize> = found.videos.iter().map(|video| video.label).collect();
            assert_eq!(classes, [0, 1, 1], "{labels}");
            let id = if labels == &table { "x" } else { "0" };
            assert_eq!(found.videos[0].id, id);
        }
    }
    // Names of the classes beside them, and in a file of their own.
    let named = read_with(&by_row, &[numbers.as_str(), "calm,angry"]).unwrap();
    assert_eq!(named.labels, ["calm", "angry"]);
    let text = read_with(
        &by_row,
        &[folder.file("few.txt", "fear\nsad\nsad\nsad\n").as_str()],
    )
    .unwrap_err();
    assert!(
        text.contains("3 videos") && text.contains("has 4 labels"),
        "{text}"
    );
    // Clips of a video.
    let clips = folder.file(
        "c.npy",
        doubles(
            false,
            &[3, 2, 2],
            &[0.9, 0.1, 0.8, 0.2, 0.4, 0.6, 0.1, 0.9, 0.2, 0.8, 0.0, 1.0],
        ),
    );
    let found = read_with(&clips, &[table.as_str()]).unwrap();
    assert_eq!((found.videos.len(), found.clips.len()), (3, 6));
    assert_eq!((found.clips[1].id.as_str(), found.clips[1].clip), ("x", 1));
    for (bytes, told) in [
        (doubles(false, &[6], &values), "of shape 6;"),
        (
            doubles(false, &[3, 2], &values)[..150].to_vec(),
            "ends before its last value",
        ),
        (words_array(&["a"]), "of shape 1;"),
    ] {
        let found = read_with(&folder.file("x.npy", bytes), &[]).unwrap_err();
        assert!(found.contains(told), "{told}: {found}");
    }
}

#[test]
fn archives_of_arrays_are_read_by_name() {
    let folder = Folder::new();
    let archive = |arrays: &[(&str, Vec<u8>)]| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, array) in arrays {
            writer
                .start_file(format!("{name}.npy"), FileOptions::default())
                .unwrap();
            writer.write_all(array).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let probs = || doubles(false, &[3, 2], &[0.9, 0.1, 0.4, 0.6, 0.2, 0.8]);
    let labels = || whole(&[1, 2, 2]);
    for names in [["labels", "pred_probs"], ["arr_0", "arr_1"]] {
        let path = folder.file(
            "p.npz",
            archive(&[(names[0], labels()), (names[1], probs())]),
        );
        let found = read_with(&path, &[]).unwrap();
        assert_eq!(
            (found.labels.join(" "), found.videos[1].label),
            ("1 2".to_owned(), 1)
        );
    }
    let path = folder.file("p.npz", archive(&[("labels", labels())]));
    assert!(
        read_with(&path, &[])
            .unwrap_err()
            .contains("has no array 'pred_probs' (found: 'labels')")
    );
}

#[test]
fn labels_of_a_data_set_are_found_by_name() {
    let folder = Folder::new();
    let labels = folder.file(
        "l.csv",
        "path;label\na/x.mp4;fear\na/y.mp4;sad\na/z.mp4;sad\na/u.mp4;sad\n",
    );
    let text = "path,fear,sad\na/z.mp4,0.2,0.8\na/x.mp4,0.9,0.1\na/y.mp4,0.4,0.6\n";
    let found = read_with(&folder.file("p.csv", text), &[labels.as_str(), "fear,sad"]).unwrap();
    let of: Vec<(&str, usize)> = found
        .videos
        .iter()
        .map(|v| (v.id.as_str(), v.label))
        .collect();
    assert_eq!(of, [("a/z.mp4", 1), ("a/x.mp4", 0), ("a/y.mp4", 1)]);
    assert!(
        found.told[1].contains("1 of its videos have no predictions"),
        "{:?}",
        found.told
    );
    let strange = text.replace("a/z", "b/z");
    let told = read_with(
        &folder.file("p.csv", strange),
        &[labels.as_str(), "fear,sad"],
    )
    .unwrap_err();
    assert!(
        told.contains("1 rows") && told.contains("'b/z.mp4'"),
        "{told}"
    );
}

#[test]
fn another_order_is_refused_and_kept_where_that_is_said() {
    let folder = Folder::new();
    let mut text = String::from("label,pred_probs\n");
    for video in 0..30 {
        let word = ["Happy", "Sad", "Fear"][video % 3];
        let mut probs = ["0.1"; 3];
        probs[video % 3] = "0.8";
        text += &[word, ",\"[", &probs.join(","), "]\"\n"].concat();
    }
    let path = folder.file("p.csv", text);
    let told = read_with(&path, &[]).unwrap_err();
    assert!(
        told.contains("order Fear, Happy, Sad") && told.contains("--labels Happy,Sad,Fear;"),
        "{told}"
    );
    assert!(
        read_with(&path, &["Sad,Happy,Fear"]).is_err(),
        "a given order is held against the labels too"
    );
    assert_eq!(
        read_with(&path, &["Happy,Sad,Fear"]).unwrap().labels[0],
        "Happy"
    );
    let kept = read(&[path], GivenLabels::default(), true).unwrap();
    assert_eq!(kept.labels, ["Fear", "Happy", "Sad"]);
}

#[test]
fn lists_of_rare_types_are_read_and_words_for_no_label_refused() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/parquet/");
    for name in ["fixed_size_list", "float16"] {
        let path = Utf8PathBuf::from(format!("{source}{name}.parquet"));
        let found = read_with(&path, &[]).unwrap();
        assert_eq!(found.labels, ["happy", "sad"], "{name}");
        assert_eq!(found.clips[3].probs, [0.125, 0.875]);
    }
    let folder = Folder::new();
    for word in ["unknown", "?", "N/A", "-1.0", "unlabeled"] {
        let text = format!("id,label,p_a,p_b\n1,a,0.9,0.1\n2,{word},0.2,0.8\n3,b,0.4,0.6\n");
        let told = read_with(&folder.file("p.csv", &text), &[]).unwrap_err();
        assert!(
            told.contains("have no label, the first is line 3"),
            "{word}: {told}"
        );
    }
    for word in ["unknown", "?", "N/A", "unlabeled"] {
        let rows = format!("1,a,0.9,0.1\n2,{word},0.2,0.8\n3,{word},0.4,0.6\n");
        let named = format!("id,label,p_a,p_{word}\n{rows}");
        read_with(&folder.file("p.csv", named), &[]).unwrap();
    }
}

#[test]
fn numbers_that_are_kept_as_words_are_read() {
    let text =
        |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.to_owned()).collect() };
    let parquet = |sad: &[&str]| {
        TableWriter::default()
            .text("label", text(&["fear", "sad", "sad"]).into_iter())
            .text("note", text(&["x", "y", "z"]).into_iter())
            .text("fear", text(&["0.9", "0.4", "0.2"]).into_iter())
            .text("sad", text(sad).into_iter())
            .into_bytes()
            .unwrap()
    };
    let folder = Folder::new();
    let path = folder.file("p.parquet", parquet(&["0.1", "0.6", "0.8"]));
    let found = read_with(&path, &[]).unwrap();
    let rows: Vec<&[f32]> = found.clips.iter().map(|clip| &clip.probs[..]).collect();
    assert_eq!(rows, PROBS);
    assert_eq!(found.labels, ["fear", "sad"]);
    assert!(
        found.told[0].contains(
            "'label' is the label; 'fear', 'sad' have the probabilities; none names the videos"
        ),
        "{:?}",
        found.told
    );
    let path = folder.file("p.parquet", parquet(&["low", "high", "high"]));
    let told = read_with(&path, &[]).unwrap_err();
    assert!(
        told.contains("the columns 'fear', 'sad' of")
            && told.contains("hold words, as 'low' in row 0"),
        "{told}"
    );
}
