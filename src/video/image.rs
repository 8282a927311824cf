//! Single JPEG, PNG, BMP and WebP images through libavcodec, told apart by their first bytes and not by their names.
//!
//! JPEG images come here when [`super::jpeg`] leaves them, and are decoded at full size: halving them while decoding
//! (`lowres`) is slower by 7 % on crops of 224×224, since libavcodec has no vector code for it.

use ffmpeg_next::{Packet, codec, packet};

use super::decoder::{FrameReader, Visit, image_reader};
use super::error::DecodeProblem;

/// A larger file is no frame of a video; libavcodec could not take 2 GiB in one packet.
const LARGEST_IMAGE: usize = 1 << 30;

/// The kinds of image that frame folders hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jpeg,
    Png,
    Bmp,
    Webp,
}

impl Kind {
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"BM") {
            Some(Self::Bmp)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else {
            None
        }
    }

    fn codec(self) -> codec::Id {
        match self {
            Self::Jpeg => codec::Id::MJPEG,
            Self::Png => codec::Id::PNG,
            Self::Bmp => codec::Id::BMP,
            Self::Webp => codec::Id::WEBP,
        }
    }
}

/// Decodes one image after the other, with the same decoder for as long as it serves.
#[derive(Default)]
pub(super) struct ImageDecoder {
    running: Option<(Kind, FrameReader)>,
}

impl ImageDecoder {
    /// Decodes an image and visits its frame. False, perhaps after a visit, when the image is damaged or none at all.
    pub(super) fn decode(
        &mut self,
        bytes: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<bool, DecodeProblem> {
        let Some(kind) = Kind::of(bytes) else {
            return Ok(false);
        };
        if bytes.len() > LARGEST_IMAGE {
            return Ok(false);
        }
        // libavcodec makes up the end of a JPEG image that lacks it.
        if kind == Kind::Jpeg && !jpeg_has_end(bytes) {
            return Ok(false);
        }
        // A decoder that failed may hold pieces of the failed image, so only one that did well is used again.
        let mut reader = match self.running.take() {
            Some((of, reader)) if of == kind => reader,
            // Damage is an error and not a grey area, and checksums are checked.
            _ => image_reader(kind.codec(), &[("err_detect", "crccheck+explode")])?,
        };
        let before = reader.frames;
        let mut packet = Packet::copy(bytes);
        // Else the PNG decoder takes an image of the same size for the difference to the one before.
        packet.set_flags(packet::Flags::KEY);
        reader.feed(&packet, visit)?;
        let whole = !reader.damaged && reader.frames == before + 1;
        if whole {
            self.running = Some((kind, reader));
        }
        Ok(whole)
    }
}

/// Whether the bytes are a JPEG image that has its end.
pub(super) fn is_whole_jpeg(bytes: &[u8]) -> bool {
    Kind::of(bytes) == Some(Kind::Jpeg) && bytes.len() <= LARGEST_IMAGE && jpeg_has_end(bytes)
}

/// Whether the end marker stands within the last bytes; some writers pad after it.
fn jpeg_has_end(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(512)..];
    tail.windows(2).any(|pair| pair == [0xFF, 0xD9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_the_first_bytes() {
        assert_eq!(Kind::of(b"\xFF\xD8\xFF\xE0rest"), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1a\nrest"), Some(Kind::Png));
        assert_eq!(Kind::of(b"BM rest"), Some(Kind::Bmp));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(Kind::Webp));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0AVI LIST"), None);
        assert_eq!(Kind::of(b"GIF89a"), None);
        assert_eq!(Kind::of(b""), None);
    }

    #[test]
    fn the_end_may_be_padded_but_not_missing() {
        let mut bytes = b"\xFF\xD8\xFF\xE0 picture \xFF\xD9".to_vec();
        assert!(jpeg_has_end(&bytes));
        bytes.resize(500, 0);
        assert!(jpeg_has_end(&bytes));
        assert!(!jpeg_has_end(&bytes[..12]));
    }
}
