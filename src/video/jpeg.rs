//! JPEG images through libjpeg-turbo, which halves, quarters or eighths a picture while it decodes it.
//!
//! A smaller inverse DCT computes only the pixels that are kept, so that a 224×224 crop for a network that reads 112×112
//! costs half of what decoding and scaling it costs. What is out of the ordinary is left to libavcodec, which also has the
//! say in what counts as damaged.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use turbojpeg::{Colorspace, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor};

use super::crop::FaceCrop;
use super::error::DecodeProblem;
use super::scale::Scaler;
use super::settings::DecodeSettings;

/// The scales in eighths for which libjpeg-turbo has vector code, smallest first.
const EIGHTHS: [usize; 4] = [1, 2, 4, 8];

/// An image with more pixels than this goes the way of everything unusual.
const LARGEST_AREA: usize = 1 << 26;

/// Decodes one JPEG image after the other.
pub(super) struct JpegDecoder {
    decompressor: Decompressor,
}

impl JpegDecoder {
    /// A decoder, where libjpeg-turbo gives one.
    pub(super) fn new() -> Option<Self> {
        let decompressor = Decompressor::new().ok()?;
        Some(Self { decompressor })
    }

    /// Appends an image to `pixels` as the settings want it and gives its width and height; appends nothing where
    /// libavcodec should look at it: unusual colours, a turned camera, the slightest damage.
    ///
    /// # Errors
    /// If the image cannot be scaled.
    pub(super) fn append(
        &mut self,
        bytes: &[u8],
        settings: &DecodeSettings,
        scaler: &mut Scaler,
        pixels: &mut Vec<u8>,
    ) -> Result<Option<(u32, u32)>, DecodeProblem> {
        let Some(header) = self.usual_header(bytes) else {
            return Ok(None);
        };
        let (edge, crop) = (settings.size as usize, settings.face_crop);
        let factor = smallest_factor(&header, crop, edge);
        if self.decompressor.set_scaling_factor(factor).is_err() {
            return Ok(None);
        }
        let scaled = header.scaled(factor);
        let shown = (header.width as u32, header.height as u32);
        let start = pixels.len();
        if crop.is_whole() && (scaled.width, scaled.height) == (edge, edge) {
            pixels.resize(start + edge * edge * 3, 0);
            if !self.decompress(bytes, &mut pixels[start..], &scaled, edge * 3) {
                pixels.truncate(start);
                return Ok(None);
            }
        } else {
            let mut frame =
                frame::Video::new(Pixel::RGB24, scaled.width as u32, scaled.height as u32);
            let pitch = frame.stride(0);
            if !self.decompress(bytes, frame.data_mut(0), &scaled, pitch) {
                return Ok(None);
            }
            scaler.append(&frame, pixels)?;
        }
        Ok(Some(shown))
    }

    fn usual_header(&mut self, bytes: &[u8]) -> Option<DecompressHeader> {
        let header = self.decompressor.read_header(bytes).ok()?;
        let is_usual = matches!(header.colorspace, Colorspace::YCbCr | Colorspace::Gray)
            && !header.is_lossless
            && header.width * header.height <= LARGEST_AREA
            && !has_exif(bytes);
        is_usual.then_some(header)
    }

    /// Whether the image is whole: libjpeg-turbo fills in what is missing, but says so.
    fn decompress(
        &mut self,
        bytes: &[u8],
        pixels: &mut [u8],
        scaled: &DecompressHeader,
        pitch: usize,
    ) -> bool {
        let image = Image {
            pixels,
            width: scaled.width,
            pitch,
            height: scaled.height,
            format: PixelFormat::RGB,
        };
        self.decompressor.decompress(bytes, image).is_ok()
    }
}

/// The smallest scale at which the part of the image is still as large as the stored frame, so that no detail is made up.
fn smallest_factor(header: &DecompressHeader, crop: FaceCrop, edge: usize) -> ScalingFactor {
    EIGHTHS
        .into_iter()
        .map(|eighths| ScalingFactor::new(eighths, 8))
        .find(|factor| {
            let (width, height) = (factor.scale(header.width), factor.scale(header.height));
            let (width, height) = crop.dimensions(width, height);
            width >= edge && height >= edge
        })
        .unwrap_or(ScalingFactor::ONE)
}

/// Whether a camera wrote notes into the image; they may say that it is to be turned. They stand in a segment before the
/// picture.
fn has_exif(bytes: &[u8]) -> bool {
    const APP1: u8 = 0xE1;
    const START_OF_SCAN: u8 = 0xDA;
    const FILL: u8 = 0xFF;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xFF, marker, high, low, ..] = *rest {
        if marker == FILL {
            rest = &rest[1..];
            continue;
        }
        let segment = &rest[2..];
        if marker == APP1 && segment[2..].starts_with(b"Exif\0\0") {
            return true;
        }
        if marker == START_OF_SCAN {
            break;
        }
        let len = usize::from(u16::from_be_bytes([high, low])).max(2);
        rest = segment.get(len..).unwrap_or_default();
    }
    false
}
