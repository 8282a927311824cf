//! The frame file, memory-mapped for reading.

use std::fmt;
use std::io;

use memmap2::Mmap;

/// A read-only view of the first bytes of the frame file.
pub(super) struct FrameMap {
    /// None when there is nothing to map.
    bytes: Option<Mmap>,
}

impl FrameMap {
    /// Maps the first `length` bytes of the file, which has at least so many.
    pub(super) fn new(file: &fs_err::File, length: u64) -> io::Result<Self> {
        if length == 0 {
            return Ok(Self { bytes: None });
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        #[expect(
            unsafe_code,
            reason = "a mapping is sound only as long as nobody changes the bytes"
        )]
        // SAFETY: the file belongs to the cache. Bytes that an index line speaks for are never written again: filling
        // only appends behind them, or cuts off what lies behind them. Whoever edits the file by hand while a run reads it
        // breaks the run, as with any mapped file.
        let bytes = unsafe { memmap2::MmapOptions::new().len(length).map(file.file())? };
        Ok(Self { bytes: Some(bytes) })
    }

    /// Bytes that an index line speaks for; those lie within the map, as the index was checked when it was read.
    pub(super) fn slice(&self, offset: u64, length: u64) -> &[u8] {
        let bytes = self.bytes.as_deref().unwrap_or_default();
        &bytes[offset as usize..(offset + length) as usize]
    }
}

impl fmt::Debug for FrameMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.bytes.as_deref().map_or(0, <[u8]>::len);
        write!(f, "FrameMap({length} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_a_part_and_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("frames.bin");
        fs_err::write(&path, b"abcdef").unwrap();
        let file = fs_err::File::options().read(true).open(&path).unwrap();
        let map = FrameMap::new(&file, 4).unwrap();
        assert_eq!(map.slice(1, 3), b"bcd");
        assert_eq!(FrameMap::new(&file, 0).unwrap().slice(0, 0), b"");
    }
}
