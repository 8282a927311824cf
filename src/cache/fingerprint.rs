//! A video's identity: a hash over its content, so that a name or a place means nothing.

use std::fmt;
use std::io;
use std::str::FromStr;

use camino::Utf8Path;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::video::frame_files;

/// BLAKE3 over a file's bytes, or over the names and bytes of a folder's frame images in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl From<blake3::Hash> for Fingerprint {
    fn from(hash: blake3::Hash) -> Self {
        Self(*hash.as_bytes())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = blake3::HexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes()))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Hexadecimal digits need no escapes, so the text can be borrowed.
        <&str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Reads all of a video file, or of a folder's frame images, and hashes it.
///
/// # Errors
/// When something cannot be read; the error names it.
pub fn fingerprint(path: &Utf8Path) -> io::Result<Fingerprint> {
    let mut hasher = blake3::Hasher::new();
    if fs_err::metadata(path)?.is_dir() {
        // Lengths keep apart what would otherwise run together; the first word keeps folders apart from files.
        hasher.update(b"folder of frames\n");
        for file in frame_files(path)? {
            let name = file.file_name().unwrap_or_default().as_encoded_bytes();
            let bytes = fs_err::read(&file)?;
            hasher
                .update(&(name.len() as u64).to_le_bytes())
                .update(name);
            hasher
                .update(&(bytes.len() as u64).to_le_bytes())
                .update(&bytes);
        }
    } else {
        hasher.update_reader(fs_err::File::options().read(true).open(path)?)?;
    }
    Ok(Fingerprint(*hasher.finalize().as_bytes()))
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    #[test]
    fn folders_go_by_names_and_bytes_of_their_frames() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(temp.path().to_owned()).unwrap();
        let write = |name: &str, bytes: &[u8]| fs_err::write(dir.join(name), bytes).unwrap();
        write("1.jpg", b"ab");
        write("2.jpg", b"c");
        let before = fingerprint(&dir).unwrap();
        write("notes.txt", b"no frame");
        assert_eq!(fingerprint(&dir).unwrap(), before);
        write("1.jpg", b"a");
        write("2.jpg", b"bc");
        assert_ne!(
            fingerprint(&dir).unwrap(),
            before,
            "bytes moved from one frame to the next"
        );
        write("1.jpg", b"ab");
        write("2.jpg", b"c");
        fs_err::rename(dir.join("2.jpg"), dir.join("3.jpg")).unwrap();
        assert_ne!(
            fingerprint(&dir).unwrap(),
            before,
            "a frame has another name"
        );
    }

    #[test]
    fn text_and_back() {
        let print = Fingerprint([7; 32]);
        let json = serde_json::to_string(&print).unwrap();
        assert_eq!(json, format!("\"{}\"", "07".repeat(32)));
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), print);
        assert!("07".parse::<Fingerprint>().is_err());
    }
}
