//! RGB frames into a video file, for demo data and for tests. The same frames give the same bytes on every run.
//!
//! Files are written under the name that is given; a caller who needs all or nothing writes to a temporary name first.

use camino::{Utf8Path, Utf8PathBuf};
use ffmpeg_next::codec::{Context, encoder, threading};
use ffmpeg_next::error::EAGAIN;
use ffmpeg_next::format::{Pixel, context::Output};
use ffmpeg_next::software::scaling;
use ffmpeg_next::{Codec, Dictionary, Error, Packet, Rational, codec, format, frame};
use thiserror::Error;

use super::library;

/// Why a video could not be written.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// This `FFmpeg` has none of the encoders that would do.
    #[error("'{path}' cannot be written, because this FFmpeg has no encoder '{names}'")]
    NoEncoder {
        /// The file to be written.
        path: Utf8PathBuf,
        /// The encoders that were looked for.
        names: String,
    },
    /// A size or rate that no video can have.
    #[error(
        "'{path}' cannot be written with {width}×{height} pixels at {fps} frames per second; all must be above 0, and 4:2:0 needs even sizes"
    )]
    Shape {
        /// The file to be written.
        path: Utf8PathBuf,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Frames per second.
        fps: u32,
    },
    /// A frame with too few or too many bytes.
    #[error("'{path}' needs {expected} bytes for a frame, and got {got}")]
    FrameBytes {
        /// The file to be written.
        path: Utf8PathBuf,
        /// Bytes of one frame.
        expected: usize,
        /// Bytes that were given.
        got: usize,
    },
    /// A frame that is not later than the one before it.
    #[error("'{path}' got a frame at tick {tick}, which is not after the frame before it")]
    Order {
        /// The file to be written.
        path: Utf8PathBuf,
        /// The time of the frame that came too late.
        tick: i64,
    },
    /// `FFmpeg` refused.
    #[error("'{path}' cannot be written")]
    Write {
        /// The file to be written.
        path: Utf8PathBuf,
        /// `FFmpeg`'s answer.
        source: Error,
    },
}

/// How frames are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncoderCodec {
    /// H.264 through x264; where `FFmpeg` was built without it, MPEG-4 part 2.
    H264,
    /// MPEG-4 part 2, which every `FFmpeg` has.
    Mpeg4,
    /// MPEG-2, which every `FFmpeg` has, at the rates that it knows.
    Mpeg2,
    /// FFV1, without loss; for Matroska.
    Ffv1,
    /// Motion JPEG.
    Mjpeg,
    /// PNG images, without loss.
    Png,
}

/// What the pixels are stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncoderPixels {
    /// 8-bit 4:2:0, full range for Motion JPEG.
    Yuv420,
    /// 10-bit 4:2:0 (H.264 only).
    Yuv420TenBit,
    /// 8-bit RGB (PNG only).
    Rgb,
    /// 8-bit RGB with alpha (FFV1 and PNG only); frames are then given as RGBA.
    Rgba,
}

/// How a video is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderOptions {
    /// The codec.
    pub codec: EncoderCodec,
    /// The pixels' layout.
    pub pixels: EncoderPixels,
    /// x264's constant rate factor, 0 (best) to 51; other codecs take the like on their own scales.
    pub quality: u8,
    /// Frames in a row that may refer to later ones.
    pub b_frames: u8,
    /// At most so many frames from one key frame to the next.
    pub keyframe_interval: u16,
    /// Whether the lines of a frame are two half pictures (MPEG-2 and MPEG-4 only).
    pub interlaced: bool,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        Self {
            codec: EncoderCodec::H264,
            pixels: EncoderPixels::Yuv420,
            quality: 18,
            b_frames: 2,
            keyframe_interval: 50,
            interlaced: false,
        }
    }
}

/// A video file that is being written.
pub struct VideoEncoder {
    path: Utf8PathBuf,
    output: Output,
    encoder: encoder::Video,
    scaler: scaling::Context,
    given: Pixel,
    stored: Pixel,
    tick: i64,
    tick_base: Rational,
    stream_base: Rational,
}

impl VideoEncoder {
    /// Begins a file whose container goes by the path's extension (`mp4`, `mkv`, `avi`, `mov`, `mpg`; `jpg` or `png` for one image).
    ///
    /// # Errors
    /// When the shape is impossible, `FFmpeg` lacks the encoder, or the file cannot be created.
    pub fn create(
        path: &Utf8Path,
        width: u32,
        height: u32,
        fps: u32,
        options: EncoderOptions,
    ) -> Result<Self, EncodeError> {
        library::prepare();
        let subsampled = matches!(
            options.pixels,
            EncoderPixels::Yuv420 | EncoderPixels::Yuv420TenBit
        );
        let odd = width % 2 + height % 2 > 0 && subsampled && options.codec == EncoderCodec::H264;
        if width == 0 || height == 0 || fps == 0 || odd || width.max(height).max(fps) > 65535 {
            return Err(EncodeError::Shape {
                path: path.to_owned(),
                width,
                height,
                fps,
            });
        }
        let codec = find(path, options.codec)?;
        let failed = |source| EncodeError::Write {
            path: path.to_owned(),
            source,
        };
        let (given, stored) = formats(options);
        let scaler = scaling::Context::get(
            given,
            width,
            height,
            stored,
            width,
            height,
            scaling::Flags::AREA | scaling::Flags::ACCURATE_RND | scaling::Flags::BITEXACT,
        )
        .map_err(failed)?;
        let tick_base = Rational::new(1, fps as i32);
        let mut output = format::output(&format!("file:{path}")).map_err(failed)?;
        let encoder =
            start(&output, codec, (width, height), tick_base, stored, options).map_err(failed)?;
        let mut stream = output.add_stream_with(&encoder).map_err(failed)?;
        stream.set_time_base(tick_base);
        stream.set_avg_frame_rate(tick_base.invert());
        let header: Dictionary<'_> = [
            ("fflags", "+bitexact"),
            ("movflags", "+faststart"),
            ("update", "1"),
        ]
        .into_iter()
        .collect();
        output.write_header_with(header).map_err(failed)?;
        let stream_base = output
            .stream(0)
            .map_or(tick_base, |stream| stream.time_base());
        Ok(Self {
            path: path.to_owned(),
            output,
            encoder,
            scaler,
            given,
            stored,
            tick: -1,
            tick_base,
            stream_base,
        })
    }

    /// Adds a frame, `height`×`width`×3 bytes of RGB (×4 of RGBA where alpha is stored), one tick after the last one.
    ///
    /// # Errors
    /// When the frame has another size, or `FFmpeg` cannot encode or write it.
    pub fn push(&mut self, pixels: &[u8]) -> Result<(), EncodeError> {
        self.push_at(pixels, self.tick + 1)
    }

    /// Adds a frame that is shown from `tick` on, in units of 1/fps seconds, which gives a variable frame rate.
    ///
    /// # Errors
    /// As [`Self::push`], and when the tick is not after the last one.
    pub fn push_at(&mut self, pixels: &[u8], tick: i64) -> Result<(), EncodeError> {
        let (width, height) = (self.encoder.width(), self.encoder.height());
        let row_bytes = width as usize * if self.given == Pixel::RGBA { 4 } else { 3 };
        let expected = row_bytes * height as usize;
        if pixels.len() != expected {
            return Err(EncodeError::FrameBytes {
                path: self.path.clone(),
                expected,
                got: pixels.len(),
            });
        }
        if tick <= self.tick {
            return Err(EncodeError::Order {
                path: self.path.clone(),
                tick,
            });
        }
        self.tick = tick;
        let mut source = frame::Video::new(self.given, width, height);
        let stride = source.stride(0);
        for (to, from) in source
            .data_mut(0)
            .chunks_mut(stride)
            .zip(pixels.chunks_exact(row_bytes))
        {
            to[..row_bytes].copy_from_slice(from);
        }
        // A new frame each time, because the encoder may keep the last ones for reference.
        let mut frame = frame::Video::new(self.stored, width, height);
        self.scaler
            .run(&source, &mut frame)
            .map_err(|source| self.failed(source))?;
        frame.set_pts(Some(tick));
        self.encoder
            .send_frame(&frame)
            .map_err(|source| self.failed(source))?;
        self.write_ready()
    }

    /// Writes what is still held back, and the end of the file.
    ///
    /// # Errors
    /// When `FFmpeg` cannot encode or write it.
    pub fn finish(mut self) -> Result<(), EncodeError> {
        self.encoder
            .send_eof()
            .map_err(|source| self.failed(source))?;
        self.write_ready()?;
        self.output
            .write_trailer()
            .map_err(|source| self.failed(source))
    }

    fn write_ready(&mut self) -> Result<(), EncodeError> {
        loop {
            let mut packet = Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {
                    packet.set_stream(0);
                    if packet.duration() == 0 {
                        packet.set_duration(1);
                    }
                    packet.rescale_ts(self.tick_base, self.stream_base);
                    packet
                        .write_interleaved(&mut self.output)
                        .map_err(|source| self.failed(source))?;
                }
                Err(Error::Eof | Error::Other { errno: EAGAIN }) => return Ok(()),
                Err(source) => return Err(self.failed(source)),
            }
        }
    }

    fn failed(&self, source: Error) -> EncodeError {
        EncodeError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

fn find(path: &Utf8Path, wanted: EncoderCodec) -> Result<Codec, EncodeError> {
    let names: &[&str] = match wanted {
        EncoderCodec::H264 => &["libx264", "mpeg4"],
        EncoderCodec::Mpeg4 => &["mpeg4"],
        EncoderCodec::Mpeg2 => &["mpeg2video"],
        EncoderCodec::Ffv1 => &["ffv1"],
        EncoderCodec::Mjpeg => &["mjpeg"],
        EncoderCodec::Png => &["png"],
    };
    names
        .iter()
        .find_map(|name| encoder::find_by_name(name))
        .ok_or_else(|| EncodeError::NoEncoder {
            path: path.to_owned(),
            names: names.join("' or '"),
        })
}

/// The formats in which frames are given and stored.
fn formats(options: EncoderOptions) -> (Pixel, Pixel) {
    match (options.pixels, options.codec) {
        (EncoderPixels::Yuv420, EncoderCodec::Mjpeg) => (Pixel::RGB24, Pixel::YUVJ420P),
        (EncoderPixels::Yuv420, _) => (Pixel::RGB24, Pixel::YUV420P),
        (EncoderPixels::Yuv420TenBit, _) => (Pixel::RGB24, Pixel::YUV420P10LE),
        (EncoderPixels::Rgb, _) => (Pixel::RGB24, Pixel::RGB24),
        (EncoderPixels::Rgba, EncoderCodec::Ffv1) => (Pixel::RGBA, Pixel::BGRA),
        (EncoderPixels::Rgba, _) => (Pixel::RGBA, Pixel::RGBA),
    }
}

fn start(
    output: &Output,
    codec: Codec,
    (width, height): (u32, u32),
    tick_base: Rational,
    stored: Pixel,
    options: EncoderOptions,
) -> Result<encoder::Video, Error> {
    let mut encoder = Context::new_with_codec(codec).encoder().video()?;
    encoder.set_width(width);
    encoder.set_height(height);
    encoder.set_format(stored);
    encoder.set_time_base(tick_base);
    encoder.set_frame_rate(Some(tick_base.invert()));
    encoder.set_gop(u32::from(options.keyframe_interval));
    encoder.set_threading(threading::Config::count(1));
    let mut flags = codec::Flags::BITEXACT;
    if output
        .format()
        .flags()
        .contains(format::Flags::GLOBAL_HEADER)
    {
        flags |= codec::Flags::GLOBAL_HEADER;
    }
    let mut dictionary = Dictionary::new();
    match codec.name() {
        "libx264" => {
            encoder.set_max_b_frames(options.b_frames.into());
            dictionary.set("crf", &options.quality.to_string());
            dictionary.set("preset", "medium");
            // Its macroblock tree reads memory that nobody wrote where a row of macroblocks does not fill a vector, so
            // the same frames gave other bytes from one run to the next.
            dictionary.set("x264-params", "mbtree=0");
        }
        "mpeg4" | "mpeg2video" | "mjpeg" => {
            // Quantiser 1 to 31 from x264's 0 to 51; FFmpeg counts it in units of 1/118.
            flags |= codec::Flags::QSCALE;
            encoder.set_quality(118 * (1 + usize::from(options.quality.min(51)) * 30 / 51));
            if codec.name() != "mjpeg" {
                encoder.set_max_b_frames(options.b_frames.into());
            }
            if options.interlaced {
                flags |= codec::Flags::INTERLACED_DCT | codec::Flags::INTERLACED_ME;
            }
        }
        _ => {}
    }
    encoder.set_flags(flags);
    encoder.open_as_with(codec, dictionary)
}
