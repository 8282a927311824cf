//! From a decoded frame of any format and size to `size`×`size` RGB, upright.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::side_data;
use ffmpeg_next::software::scaling::{Context, Flags};
use ffmpeg_next::{color, frame};

use super::crop::FaceCrop;
use super::error::DecodeProblem;
use super::halve;
use super::orientation::Orientation;
use super::raw;
use super::settings::DecodeSettings;

/// Everything about a frame that a scaler is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Source {
    format: Pixel,
    width: u32,
    height: u32,
    space: color::Space,
    range: color::Range,
}

/// Scales the frames of one video; made anew inside when the frames change in the middle of it.
pub(super) struct Scaler {
    size: u32,
    crop: FaceCrop,
    orientation: Option<Orientation>,
    context: Option<(Source, Context)>,
    scaled: frame::Video,
    tile: Vec<u8>,
}

impl Scaler {
    /// A scaler to `settings`' size of their part of each frame, which it turns by `orientation`, or by what the frame itself
    /// says.
    pub(super) fn new(settings: &DecodeSettings, orientation: Option<Orientation>) -> Self {
        Self {
            size: settings.size,
            crop: settings.face_crop,
            orientation,
            context: None,
            scaled: frame::Video::empty(),
            tile: Vec::new(),
        }
    }

    /// Appends the frame to `pixels` as `size`×`size`×3 bytes; gives the width and height at which it is to be shown.
    pub(super) fn append(
        &mut self,
        frame: &frame::Video,
        pixels: &mut Vec<u8>,
    ) -> Result<(u32, u32), DecodeProblem> {
        let edge = self.size as usize;
        let orientation = self.orientation.unwrap_or_else(|| {
            frame
                .side_data(side_data::Type::DisplayMatrix)
                .map_or_else(Orientation::default, |data| {
                    Orientation::from_display_matrix(data.data())
                })
        });
        let shown = orientation.dimensions(frame.width(), frame.height());
        let part = self.crop.part(frame, orientation);
        let part = part.map_err(|error| failed(frame, error))?;
        let frame = part.as_ref().unwrap_or(frame);
        if orientation.is_upright() {
            self.append_as_stored(frame, pixels)?;
            return Ok(shown);
        }
        let mut tile = std::mem::take(&mut self.tile);
        tile.clear();
        self.append_as_stored(frame, &mut tile)?;
        let start = pixels.len();
        pixels.resize(start + tile.len(), 0);
        orientation.turn(&tile, &mut pixels[start..], edge);
        self.tile = tile;
        Ok(shown)
    }

    fn append_as_stored(
        &mut self,
        frame: &frame::Video,
        pixels: &mut Vec<u8>,
    ) -> Result<(), DecodeProblem> {
        let source = Source {
            format: frame.format(),
            width: frame.width(),
            height: frame.height(),
            space: frame.color_space(),
            range: frame.color_range(),
        };
        // The lines of a part end beyond those of the frame that it is cut from.
        if self.crop.is_whole() && halve::append(frame, self.size, pixels) {
            return Ok(());
        }
        let failed = |error| failed(frame, error);
        let context = match &mut self.context {
            Some((made_for, context)) if *made_for == source => context,
            slot => {
                &mut slot
                    .insert((source, make(source, self.size).map_err(failed)?))
                    .1
            }
        };
        context.run(frame, &mut self.scaled).map_err(failed)?;
        let row_bytes = self.size as usize * 3;
        let stride = self.scaled.stride(0);
        for row in self
            .scaled
            .data(0)
            .chunks_exact(stride)
            .take(self.size as usize)
        {
            pixels.extend_from_slice(&row[..row_bytes]);
        }
        Ok(())
    }
}

fn failed(frame: &frame::Video, error: ffmpeg_next::Error) -> DecodeProblem {
    DecodeProblem::Scale {
        format: name_of(frame.format()),
        width: frame.width(),
        height: frame.height(),
        source: error,
    }
}

fn make(source: Source, size: u32) -> Result<Context, ffmpeg_next::Error> {
    // Asked here, because swscale asserts on some of what it does not know.
    if source.format == Pixel::None || source.width == 0 || source.height == 0 {
        return Err(ffmpeg_next::Error::InvalidData);
    }
    let mut context = Context::get(
        source.format,
        source.width,
        source.height,
        Pixel::RGB24,
        size,
        size,
        Flags::AREA,
    )?;
    if source.space != color::Space::Unspecified || source.range != color::Range::Unspecified {
        raw::set_source_colour(&mut context, source.space, source.range);
    }
    Ok(context)
}

fn name_of(format: Pixel) -> String {
    format.descriptor().map_or_else(
        || "unknown".to_owned(),
        |descriptor| descriptor.name().to_owned(),
    )
}
