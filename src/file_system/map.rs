//! The first bytes of a file: mapped, so that they are read as they are needed, or else read whole.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use memmap2::{Mmap, MmapOptions};

/// A read-only view of the first bytes of a file.
pub struct Map(Bytes);

enum Bytes {
    Mapped(Mmap),
    Read(Vec<u8>),
}

impl Map {
    /// Maps the first `length` bytes of the file, which has at least so many. They must not change while the view lives:
    /// whoever changes a mapped file in place breaks its reader.
    ///
    /// # Errors
    /// The file can be neither mapped nor read.
    pub fn new(file: &fs_err::File, length: u64) -> io::Result<Self> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let mut options = MmapOptions::new();
        options.len(length);
        #[expect(
            unsafe_code,
            reason = "a mapping is sound only as long as nobody changes the bytes"
        )]
        // SAFETY: callers map files of ours, whose bytes are only ever added to or replaced whole, by a rename.
        let mapped = unsafe {
            // Some network file systems have no shared mappings, but private ones.
            let shared = options.map(file.file());
            shared.or_else(|_| options.map_copy_read_only(file.file()))
        };
        match mapped {
            Ok(map) => Ok(Self(Bytes::Mapped(map))),
            Err(error) => {
                tracing::debug!(%error, path = %file.path().display(), "cannot be mapped; it is read whole");
                read(file, length).map(|bytes| Self(Bytes::Read(bytes)))
            }
        }
    }

    /// Some of the bytes.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn slice(&self, offset: u64, length: u64) -> &[u8] {
        &self.as_ref()[offset as usize..(offset + length) as usize]
    }
}

fn read(mut file: &fs_err::File, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Mapped(map) => map,
            Bytes::Read(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Map({} bytes)", self.as_ref().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_a_part_and_nothing_and_reads_the_same() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("frames.bin");
        fs_err::write(&path, b"abcdef").unwrap();
        let file = fs_err::File::options().read(true).open(&path).unwrap();
        for length in [0, 4, 6] {
            let map = Map::new(&file, length as u64).unwrap();
            assert!(matches!(map.0, Bytes::Mapped(_)) || length == 0);
            assert_eq!(map.as_ref(), &b"abcdef"[..length]);
            assert_eq!(read(&file, length).unwrap(), &b"abcdef"[..length]);
        }
        assert!(read(&file, 7).is_err());
    }
}
