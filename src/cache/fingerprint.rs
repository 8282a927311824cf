//! A video's identity: a hash over its content, so that a name or a place means nothing.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::UNIX_EPOCH;

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

/// A digest of names, lengths and times of change, for which no content is read: as long as it is the same, the content is
/// taken to be so too.
///
/// # Errors
/// When something cannot be looked at; the error names it.
pub fn stamp(path: &Utf8Path) -> io::Result<Fingerprint> {
    let mut hasher = blake3::Hasher::new();
    let mut add = |name: &[u8], path: &std::path::Path| {
        let metadata = fs_err::metadata(path)?;
        // Before 1970 nobody had videos.
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH);
        let changed = changed.unwrap_or_default().as_nanos();
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name);
        hasher.update(&metadata.len().to_le_bytes());
        hasher.update(&changed.to_le_bytes());
        Ok::<_, io::Error>(metadata.is_dir())
    };
    if add(b"", path.as_std_path())? {
        for file in frame_files(path)? {
            let name = file.file_name().unwrap_or_default().as_encoded_bytes();
            add(name, &file)?;
        }
    }
    Ok(hasher.finalize().into())
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
    fn stamps_tell_what_was_written_to_since() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(temp.path().to_owned()).unwrap();
        let write = |name: &str, bytes: &[u8]| fs_err::write(dir.join(name), bytes).unwrap();
        write("1.jpg", b"ab");
        let (folder, file) = (stamp(&dir).unwrap(), stamp(&dir.join("1.jpg")).unwrap());
        assert_eq!(stamp(&dir).unwrap(), folder);
        // The folder itself does not change by this, and the length neither.
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        write("1.jpg", b"cd");
        let written = fs_err::File::options().write(true).open(dir.join("1.jpg"));
        written.unwrap().file().set_modified(later).unwrap();
        assert_ne!(stamp(&dir).unwrap(), folder);
        assert_ne!(stamp(&dir.join("1.jpg")).unwrap(), file);
        assert!(stamp(&dir.join("2.jpg")).is_err());
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
