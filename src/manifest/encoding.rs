//! Bytes as text: UTF-8, and the UTF-16 that Excel writes as "Unicode text"; and files that are something else altogether.

use std::borrow::Cow;

use super::{Entries, ProblemKind};

/// How a file's text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16 { is_big_endian: bool },
}

/// The text of a file as UTF-8, and how it is written. What is no UTF-16 is left as it is.
pub(super) fn decode(bytes: &[u8]) -> (Encoding, Cow<'_, [u8]>) {
    let is_big_endian = match bytes {
        [0xFE, 0xFF, ..] => true,
        [0xFF, 0xFE, ..] => false,
        [0, first, 0, second, ..] if *first > 0 && *second > 0 => true,
        [first, 0, second, 0, ..] if *first > 0 && *second > 0 => false,
        _ => return (Encoding::Utf8, Cow::Borrowed(bytes)),
    };
    let encoding = Encoding::Utf16 { is_big_endian };
    let (units, rest) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| {
        if is_big_endian {
            u16::from_be_bytes(*unit)
        } else {
            u16::from_le_bytes(*unit)
        }
    });
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => (encoding, Cow::Owned(text.into_bytes())),
        _ => (Encoding::Utf8, Cow::Borrowed(bytes)),
    }
}

/// Reads bytes as text by `parse`; the files of labels keep the bytes.
pub(super) fn parse(bytes: &[u8], parse: impl FnOnce(&[u8]) -> Entries) -> Entries {
    let (encoding, text) = decode(bytes);
    let mut entries = parse(&text);
    if encoding != Encoding::Utf8 {
        entries.why += ", in UTF-16";
        for file in &mut entries.files {
            file.bytes = bytes.to_vec();
            file.encoding = encoding;
        }
    }
    entries
}

impl Encoding {
    /// UTF-8 text as the file writes it.
    pub(super) fn encode(self, text: Vec<u8>) -> Vec<u8> {
        let Self::Utf16 { is_big_endian } = self else {
            return text;
        };
        let text = String::from_utf8_lossy(&text);
        let bytes = |unit: u16| {
            if is_big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        text.encode_utf16().flat_map(bytes).collect()
    }
}

/// Kinds of file that begin with these bytes, what they are, and what to do.
const KINDS: [(&[u8], &str, &str); 22] = [
    (b"\xD0\xCF\x11\xE0", "an Excel workbook", EXCEL),
    (b"\x1F\x8B", "compressed with gzip", UNPACK),
    (b"BZh", "compressed with bzip2", UNPACK),
    (b"\xFD7zXZ", "compressed with xz", UNPACK),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x93NUMPY", "a NumPy array", TABLE),
    (b"\x89HDF", "an HDF5 or MATLAB file", TABLE),
    (b"MATLAB", "a MATLAB file", TABLE),
    (
        b"ARROW1",
        "an Arrow or Feather file",
        "write it as Parquet: pandas.read_feather(FILE).to_parquet('labels.parquet')",
    ),
    (b"SQLite format 3", "an SQLite database", TABLE),
    (b"\x80\x02", "a Python pickle", TABLE),
    (b"\x80\x03", "a Python pickle", TABLE),
    (b"\x80\x04", "a Python pickle", TABLE),
    (b"\x80\x05", "a Python pickle", TABLE),
    (b"%PDF", "a PDF document", TABLE),
    (b"\xFF\xD8\xFF", "an image", LIST),
    (b"\x89PNG", "an image", LIST),
    (b"\x1A\x45\xDF\xA3", "a video", LIST),
    (
        b"version https://git-lfs",
        "a Git LFS pointer, which stands for a file that was not fetched",
        "fetch it with 'git lfs pull'",
    ),
    (
        b"{\\rtf",
        "a rich text document",
        "save it as plain text (CSV)",
    ),
];

const EXCEL: &str = "save the sheet as CSV (UTF-8) and name that file";
const UNPACK: &str = "unpack it and name what is in it";
const TABLE: &str = "write its labels as a CSV file with the columns path and label";
const LIST: &str = "name the folder of class folders, or a list of videos and labels";

/// Refuses a file that holds no text and is no Parquet file, by what it is.
///
/// # Errors
/// What it is.
pub(super) fn refuse_other_kinds(bytes: &[u8]) -> Result<(), ProblemKind> {
    let refuse = |kind, remedy| Err(ProblemKind::OtherKind { kind, remedy });
    let begins = |(begin, _, _): &&(&[u8], &str, &str)| bytes.starts_with(begin);
    if let Some((_, kind, remedy)) = KINDS.iter().find(begins) {
        return refuse(*kind, *remedy);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let has = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
        // A workbook without its sheets is one by its first part.
        return if has(b"xl/") || has(b"[Content_Types].xml") {
            refuse("an Excel workbook", EXCEL)
        } else if has(b"opendocument.spreadsheet") {
            refuse("a LibreOffice sheet", EXCEL)
        } else {
            refuse("a ZIP archive", UNPACK)
        };
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return refuse("a tar archive", UNPACK);
    }
    if bytes.get(4..8) == Some(b"ftyp") || bytes.starts_with(b"RIFF") {
        return refuse("a video", LIST);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let begin: Vec<u8> = text.trim_ascii_start().iter().take(14).copied().collect();
    match begin.to_ascii_lowercase().as_slice() {
        [b'<', b'h', b't', b'm', b'l', ..] | b"<!doctype html" => refuse(
            "a web page, perhaps of a download that failed",
            "fetch the file again, signed in if need be",
        ),
        [b'<', b'?', b'x', b'm', b'l', ..] => refuse("an XML document", TABLE),
        [b'-', b'-', b'-', b'\n' | b'\r', ..] | [b'-', b' ', ..] if is_yaml(text) => {
            refuse("a YAML document", TABLE)
        }
        [b'[', ..] if serde_json::from_slice::<Vec<serde::de::IgnoredAny>>(text).is_ok() => refuse(
            "a JSON array",
            "write an object a line, as \"jq -c '.[]' FILE > labels.jsonl\" does",
        ),
        _ => Ok(()),
    }
}

/// Whether the first line that begins an item has a key.
fn is_yaml(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    let item = lines.find_map(|line| line.trim_ascii().strip_prefix(b"- "));
    item.is_some_and(|item| item.windows(2).any(|part| part == b": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_text_and_comes_back() {
        let text = "\u{feff}path\tlabel\r\nä/𝄞.mp4\thappy\r\n";
        for is_big_endian in [false, true] {
            let encoding = Encoding::Utf16 { is_big_endian };
            for text in [text, text.trim_start_matches('\u{feff}')] {
                let bytes = encoding.encode(text.as_bytes().to_vec());
                assert_ne!(bytes, text.as_bytes());
                let (found, decoded) = decode(&bytes);
                assert_eq!((found, &*decoded), (encoding, text.as_bytes()));
            }
        }
        for other in [&b"path,label"[..], b"", b"\xff\xfea", b"a\0\0\0"] {
            assert_eq!(decode(other), (Encoding::Utf8, Cow::Borrowed(other)));
        }
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        for (bytes, told) in [
            (&b"PK\x03\x04..xl/workbook.xml"[..], "an Excel workbook"),
            (b"PK\x03\x04..a.txt", "a ZIP archive"),
            (b"\x1f\x8b\x08", "gzip"),
            (b" <!DOCTYPE HTML>", "a web page"),
            (
                b"version https://git-lfs.github.com/spec/v1\n",
                "git lfs pull",
            ),
            (b"\xef\xbb\xbf[\n {\"path\": 1}\n]\n", "jq -c"),
            (b"\0\0\0\x20ftypisom", "a video"),
            (b"- path: a.mp4\n  label: sad\n", "a YAML document"),
            (b"---\n- path: a.mp4\n", "a YAML document"),
        ] {
            let error = refuse_other_kinds(bytes).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        for bytes in [
            &b"path,label\n"[..],
            b"- a.mp4 happy\n",
            b"[a] b\n",
            b"",
            b"PAR1",
            b"{}",
        ] {
            refuse_other_kinds(bytes).unwrap();
        }
    }
}
