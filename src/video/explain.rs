//! A better word for what `FFmpeg` refuses, from the file's first bytes.

use std::io::{self, Read, Seek, SeekFrom};

use camino::Utf8Path;

use super::error::DecodeProblem;

/// What is wrong with the file, if that is plainer than what was found.
pub(super) fn better(path: &Utf8Path, found: DecodeProblem) -> DecodeProblem {
    let may_be_known = matches!(
        found,
        DecodeProblem::NotAVideo { .. }
            | DecodeProblem::NoVideoStream
            | DecodeProblem::NoDecoder { .. }
            | DecodeProblem::NothingDecodable
    );
    if !may_be_known {
        return found;
    }
    let looked = fs_err::File::open(path).and_then(|mut file| {
        Ok(if is_animated_webp(&mut file)? {
            Some(DecodeProblem::AnimatedWebp)
        } else {
            lacks_moov(&mut file)?.then_some(DecodeProblem::NoIndex)
        })
    });
    looked.ok().flatten().unwrap_or(found)
}

/// Whether it is a WebP file with the animation flag (RFC 9649, 2.7).
fn is_animated_webp(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(21).read_to_end(&mut start)?;
    Ok(matches!(
        start[..],
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', b'V', b'P', b'8', b'X', _, _, _, _, flags]
            if flags & 0b10 != 0
    ))
}

/// Whether it is made of boxes as MP4 and `QuickTime` files are (ISO/IEC 14496-12, 4.2), with media and without an index.
fn lacks_moov(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut place, mut has_media) = (0, false);
    while place + 8 <= end {
        file.seek(SeekFrom::Start(place))?;
        let [mut size, mut kind] = [[0; 4]; 2];
        file.read_exact(&mut size)?;
        file.read_exact(&mut kind)?;
        let size = match u32::from_be_bytes(size) {
            // To the end of the file.
            0 => end,
            1 => {
                let mut long = [0; 8];
                file.read_exact(&mut long)?;
                u64::from_be_bytes(long)
            }
            size => u64::from(size),
        };
        match &kind {
            b"moov" => return Ok(false),
            b"mdat" => has_media = true,
            b"ftyp" | b"free" | b"skip" | b"wide" | b"uuid" | b"pnot" => {}
            // Something else: no such file, or one that was written over.
            _ => return Ok(has_media),
        }
        if size < 8 {
            return Ok(has_media);
        }
        place = place.saturating_add(size);
    }
    Ok(has_media)
}
