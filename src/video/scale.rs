//! From a decoded frame of any format and size to `size`×`size` RGB, upright.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::software::scaling::{Context, Flags};
use ffmpeg_next::{color, frame};

use super::area;
use super::colour::Line;
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
    general: Rgb,
    /// Of the frames that [`halve`] takes.
    line: Option<Line>,
    /// Of the frames that [`area`] takes.
    spans: Option<area::Spans>,
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
            general: Rgb::default(),
            line: None,
            spans: None,
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
        let orientation = Orientation::of(frame, self.orientation);
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
        orientation.turn::<3>(&tile, &mut pixels[start..], edge);
        self.tile = tile;
        Ok(shown)
    }

    fn append_as_stored(
        &mut self,
        frame: &frame::Video,
        pixels: &mut Vec<u8>,
    ) -> Result<(), DecodeProblem> {
        // The lines of a part end beyond those of the frame that it is cut from.
        if self.crop.is_whole()
            && (halve::append(frame, self.size, &mut self.line, pixels)
                || area::append(frame, self.size, &mut self.spans, pixels))
        {
            return Ok(());
        }
        self.append_any(frame, pixels)
    }

    /// By the general scaler, which takes any frame.
    fn append_any(
        &mut self,
        frame: &frame::Video,
        pixels: &mut Vec<u8>,
    ) -> Result<(), DecodeProblem> {
        for row in self.general.scaled(frame, (self.size, self.size))? {
            pixels.extend_from_slice(row);
        }
        Ok(())
    }
}

/// The general scaler: from any frame to RGB; made anew inside when the frames change.
pub(super) struct Rgb {
    context: Option<(Source, (u32, u32), Context)>,
    scaled: frame::Video,
}

impl Default for Rgb {
    fn default() -> Self {
        Self {
            context: None,
            scaled: frame::Video::empty(),
        }
    }
}

impl Rgb {
    /// The frame as it is stored at this width and height: rows of `width`×3 bytes, from the top.
    pub(super) fn scaled(
        &mut self,
        frame: &frame::Video,
        (width, height): (u32, u32),
    ) -> Result<impl Iterator<Item = &[u8]>, DecodeProblem> {
        let source = Source {
            format: frame.format(),
            width: frame.width(),
            height: frame.height(),
            space: frame.color_space(),
            range: frame.color_range(),
        };
        let failed = |error| failed(frame, error);
        let made_for = (source, (width, height));
        let context = match &mut self.context {
            Some((source, shape, context)) if (*source, *shape) == made_for => context,
            slot => {
                // Its frames would have another shape.
                self.scaled = frame::Video::empty();
                let context = make(source, (width, height)).map_err(failed)?;
                &mut slot.insert((source, (width, height), context)).2
            }
        };
        context.run(frame, &mut self.scaled).map_err(failed)?;
        let (stride, row_bytes) = (self.scaled.stride(0), width as usize * 3);
        let rows = self.scaled.data(0).chunks_exact(stride);
        Ok(rows.take(height as usize).map(move |row| &row[..row_bytes]))
    }
}

pub(super) fn failed(frame: &frame::Video, error: ffmpeg_next::Error) -> DecodeProblem {
    DecodeProblem::Scale {
        format: name_of(frame.format()),
        width: frame.width(),
        height: frame.height(),
        source: error,
    }
}

fn make(source: Source, (width, height): (u32, u32)) -> Result<Context, ffmpeg_next::Error> {
    // Asked here, because swscale asserts on some of what it does not know.
    if source.format == Pixel::None || source.width == 0 || source.height == 0 {
        return Err(ffmpeg_next::Error::InvalidData);
    }
    let mut context = Context::get(
        source.format,
        source.width,
        source.height,
        Pixel::RGB24,
        width,
        height,
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

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::seed::Seed;

    /// A BT.709 frame of ramps under noise.
    fn noisy(width: u32, height: u32) -> frame::Video {
        let mut random = Seed(1).stream("scale", width);
        let mut frame = frame::Video::new(Pixel::YUV420P, width, height);
        frame.set_color_space(color::Space::BT709);
        frame.set_color_range(color::Range::MPEG);
        for plane in 0..3 {
            let stride = frame.stride(plane);
            for (y, row) in frame.data_mut(plane).chunks_mut(stride).enumerate() {
                for (x, sample) in row.iter_mut().enumerate() {
                    let ramp = (x * (plane + 1) + y * 2) / 11 % 160;
                    *sample = (ramp as i32 + 40 + random.random_range(-20..20)) as u8;
                }
            }
        }
        frame
    }

    /// The mean of what a pixel covers of a plane of this extent, in floating point.
    fn covered(frame: &frame::Video, plane: usize, pixel: [u32; 2], size: u32) -> f64 {
        let halves = if plane == 0 { 1.0 } else { 2.0 };
        let shares = |axis: usize, extent: u32| -> Vec<(usize, f64)> {
            let length = f64::from(extent) / halves / f64::from(size);
            let (start, end) = (
                f64::from(pixel[axis]) * length,
                f64::from(pixel[axis] + 1) * length,
            );
            (start as usize..end.ceil() as usize)
                .map(|at| {
                    let inside = end.min(at as f64 + 1.0) - start.max(at as f64);
                    (at, inside / length)
                })
                .collect()
        };
        let (columns, rows) = (shares(0, frame.width()), shares(1, frame.height()));
        let mut sum = 0.0;
        for &(y, row) in &rows {
            for &(x, column) in &columns {
                sum += row * column * f64::from(frame.data(plane)[y * frame.stride(plane) + x]);
            }
        }
        sum
    }

    #[test]
    fn area_averages_are_no_worse_than_those_of_the_general_scaler() {
        for (width, height, size) in [(1280, 720, 112), (640, 480, 112), (322, 241, 64)] {
            let frame = noisy(width, height);
            let settings = DecodeSettings {
                size,
                ..DecodeSettings::default()
            };
            let mut scaler = Scaler::new(&settings, None);
            let (mut quick, mut general) = (Vec::new(), Vec::new());
            assert!(area::append(&frame, size, &mut None, &mut quick));
            scaler.append_any(&frame, &mut general).unwrap();
            let (mut ours, mut theirs, mut most) = (0.0, 0.0, 0.0_f64);
            for pixel in 0..size * size {
                let place = [pixel % size, pixel / size];
                let of = |plane| covered(&frame, plane, place, size);
                let luma = (of(0) - 16.0) * 255.0 / 219.0;
                let (u, v) = (
                    (of(1) - 128.0) * 255.0 / 224.0,
                    (of(2) - 128.0) * 255.0 / 224.0,
                );
                let exact = [
                    luma + 1.5748 * v,
                    luma - 0.187_324 * u - 0.468_124 * v,
                    luma + 1.8556 * u,
                ];
                for (channel, exact) in exact.into_iter().enumerate() {
                    let at = pixel as usize * 3 + channel;
                    let error =
                        |pixels: &[u8]| (f64::from(pixels[at]) - exact.clamp(0.0, 255.0)).abs();
                    ours += error(&quick);
                    theirs += error(&general);
                    most = most.max(error(&quick));
                }
            }
            let count = f64::from(size * size * 3);
            let (ours, theirs) = (ours / count, theirs / count);
            assert!(
                ours <= theirs && ours < 0.4 && most < 1.0,
                "{width}×{height}: {ours} (at most {most}), general {theirs}"
            );
        }
    }
}
