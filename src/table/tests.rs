use camino::Utf8Path;
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;

use super::*;

#[test]
fn every_type_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path())
        .unwrap()
        .join("t.parquet");
    let lists = [vec![0.25_f32, 0.75], vec![]];
    let words = [vec!["truncated".to_owned()], vec![]];
    TableWriter::default()
        .text("text", ["a".to_owned(), "ä,\"".to_owned()].into_iter())
        .optional_text("optional_text", [None, Some("b".to_owned())].into_iter())
        .u8("u8", [1, 2].into_iter())
        .u16("u16", [3, 4].into_iter())
        .u32("u32", [5, 6].into_iter())
        .optional_f32("optional_f32", [None, Some(0.5)].into_iter())
        .bool("bool", [true, false].into_iter())
        .f32_list("f32_list", [Some(&lists[0][..]), None].into_iter())
        .text_list("text_list", words.iter().map(Vec::as_slice))
        .write(&path)
        .unwrap();
    let table = TableReader::read(&path).unwrap();
    assert_eq!(table.text("text").unwrap(), ["a", "ä,\""]);
    assert_eq!(
        table.optional_text("optional_text").unwrap(),
        [None, Some("b".to_owned())]
    );
    assert_eq!(table.u8("u8").unwrap(), [1, 2]);
    assert_eq!(table.u16("u16").unwrap(), [3, 4]);
    assert_eq!(table.u32("u32").unwrap(), [5, 6]);
    assert_eq!(
        table.optional_f32("optional_f32").unwrap(),
        [None, Some(0.5)]
    );
    assert_eq!(table.bool("bool").unwrap(), [true, false]);
    assert_eq!(
        table.f32_list("f32_list").unwrap(),
        [Some(lists[0].clone()), None]
    );
    assert_eq!(table.text_list("text_list").unwrap(), words);
    assert!(matches!(
        table.u8("missing"),
        Err(TableError::Column { .. })
    ));
    assert!(matches!(table.u8("text"), Err(TableError::Column { .. })));
    assert!(matches!(
        table.text("optional_text"),
        Err(TableError::Column { .. })
    ));
}

#[test]
fn a_table_in_parts_is_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path())
        .unwrap()
        .join("t.parquet");
    for rows in [0, 3, 300_000] {
        TableWriter::write_parts(&path, rows, |part| {
            TableWriter::default()
                .text("text", part.clone().map(|row| (row / 7).to_string()))
                .u32("u32", part.map(|row| row as u32))
                .describe([("u32", "the row")])
        })
        .unwrap();
        let table = TableReader::read(&path).unwrap();
        let numbers: Vec<u32> = (0..rows as u32).collect();
        assert_eq!(table.u32("u32").unwrap(), numbers);
        let words: Vec<String> = (0..rows).map(|row| (row / 7).to_string()).collect();
        assert_eq!(table.text("text").unwrap(), words);
        // Of a table that is no longer than a part, the bytes are those of one written at once.
        let at_once = TableWriter::default()
            .text("text", words.iter())
            .u32("u32", numbers.iter().copied())
            .describe([("u32", "the row")]);
        let same = fs_err::read(&path).unwrap() == at_once.into_bytes().unwrap();
        assert_eq!(same, rows < 300_000, "{rows}");
    }
}

#[test]
fn files_that_are_foreign_damaged_or_of_another_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path())
        .unwrap()
        .join("t.parquet");
    fs_err::write(&path, "not parquet").unwrap();
    assert!(matches!(
        TableReader::read(&path),
        Err(TableError::Parquet { .. })
    ));

    let write = |metadata: Option<KeyValueMetadata>| {
        let mut frame = df!("a" => [1]).unwrap();
        ParquetWriter::new(fs_err::File::create(&path).unwrap())
            .with_key_value_metadata(metadata)
            .finish(&mut frame)
            .unwrap();
    };
    write(None);
    assert!(matches!(
        TableReader::read(&path),
        Err(TableError::Foreign { .. })
    ));
    for (version, remedy) in [
        (
            "1",
            "schema 1, this program reads 2; scan again with '--overwrite'",
        ),
        (
            "99",
            "schema 99, this program reads 2; use a newer rdfer-audit",
        ),
    ] {
        write(Some(KeyValueMetadata::from_static(vec![(
            SCHEMA_KEY.into(),
            version.into(),
        )])));
        let error = TableReader::read(&path).unwrap_err().to_string();
        assert!(error.ends_with(remedy), "{error}");
    }
}

/// A page that names more values than there are makes polars reserve memory until the program ends, which no test outlives.
#[test]
fn no_damaged_byte_ends_the_program() {
    let path = Utf8Path::new("t.parquet");
    let mut frame = df!(
        "text" => [Some("a"), None, Some("b"), Some("b")],
        "number" => [Some(1_u32), None, Some(3), Some(3)],
        "truth" => [Some(true), None, Some(false), Some(false)],
    )
    .unwrap();
    let read = |bytes: &[u8]| ForeignReader::of_bytes(path, bytes).and_then(|table| table.texts());
    let mut whole = Vec::new();
    writer::to_parquet(&mut whole, &mut frame, Vec::new()).unwrap();
    assert_eq!(read(&whole).unwrap().len(), 3);
    let mut refused = 0;
    for at in 0..whole.len() {
        for value in (0..8).map(|bit| whole[at] ^ (1 << bit)).chain([0, 0xFF]) {
            let mut bytes = whole.clone();
            bytes[at] = value;
            refused += usize::from(read(&bytes).is_err());
        }
    }
    assert!(refused > whole.len(), "{refused} of 10 × {}", whole.len());
}
