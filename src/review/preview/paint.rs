//! The painting thread: a frame becomes what the terminal is sent, in the terminal's best way of showing pictures.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::Sender;
use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbImage};
use ratatui::layout::Size;
use ratatui_image::Resize;
use ratatui_image::picker::Picker;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;

use super::decode::Clip;
use super::mailbox::Mailbox;
use crate::review::player::Zoom;

/// Characters from dark to bright on a dark screen.
const RAMP: &[u8] = b" .:-=+*#%@";

/// Width and height of a character in pixels, where nothing is known but that it is twice as high as wide.
const CHARACTER: (u32, u32) = (1, 2);

/// How pictures are brought to the terminal.
#[derive(Debug, Clone)]
pub enum Painter {
    /// By a protocol of the terminal.
    Protocol(Box<Picker>),
    /// Two pixels per character.
    HalfBlocks,
    /// Characters of different darkness.
    Text,
    /// Not at all.
    Off,
}

impl Painter {
    /// The edge of frames that is worth decoding, in pixels.
    pub fn decode_size(&self) -> u32 {
        match self {
            Self::Protocol(_) => 256,
            Self::HalfBlocks => 160,
            Self::Text | Self::Off => 96,
        }
    }

    /// Whether both paint in the same way.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Protocol(one), Self::Protocol(other)) => {
                let of = |picker: &Picker| {
                    let font = picker.font_size();
                    (picker.protocol_type(), font.width, font.height)
                };
                of(one) == of(other)
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    fn character(&self) -> (u32, u32) {
        match self {
            Self::Protocol(picker) => {
                let font = picker.font_size();
                (u32::from(font.width).max(1), u32::from(font.height).max(1))
            }
            _ => CHARACTER,
        }
    }
}

/// A frame to be painted.
#[derive(Debug, Clone)]
pub struct PictureRequest {
    /// How.
    pub painter: Arc<Painter>,
    /// The clip.
    pub clip: Arc<Clip>,
    /// The frame, in display order.
    pub frame: u32,
    /// The cut-out.
    pub zoom: Zoom,
    /// The room that there is, in characters.
    pub room: Size,
}

/// What a picture is made of.
pub enum PictureKind {
    /// What the terminal's protocol takes.
    Protocol(Box<Protocol>),
    /// Lines of characters.
    Text(Vec<String>),
}

/// A painted frame.
pub struct Picture {
    /// The row of its video.
    pub row: u32,
    /// Its size in characters.
    pub size: Size,
    /// What it is made of.
    pub kind: PictureKind,
}

/// Starts the thread.
pub fn spawn_painter(
    requests: Arc<Mailbox<PictureRequest>>,
    answers: Sender<Picture>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        while let Some(request) = requests.take() {
            if let Some(picture) = paint(&request)
                && answers.send(picture).is_err()
            {
                return;
            }
        }
    })
}

/// Paints a frame as large as the room allows, with the video's own proportions; nothing where there is no room, or
/// where the protocol fails.
pub fn paint(request: &PictureRequest) -> Option<Picture> {
    let (painter, clip) = (request.painter.as_ref(), &request.clip);
    let image = RgbImage::from_raw(clip.size, clip.size, clip.frame(request.frame).to_vec())?;
    let (image, filter) = match request.zoom {
        Zoom::Centre => {
            let quarter = clip.size / 4;
            let half = clip.size / 2;
            (
                imageops::crop_imm(&image, quarter, quarter, half, half).to_image(),
                FilterType::Triangle,
            )
        }
        Zoom::Whole => (image, FilterType::Triangle),
        // The network's pixels shall be seen as such.
        Zoom::Model => (image, FilterType::Nearest),
    };
    let shape = match request.zoom {
        Zoom::Model => (1, 1),
        Zoom::Whole | Zoom::Centre => (clip.facts.width.max(1), clip.facts.height.max(1)),
    };
    let character = painter.character();
    let size = fit(shape, request.room, character)?;
    let (columns, lines) = (u32::from(size.width), u32::from(size.height));
    let resized = |width, height| imageops::resize(&image, width, height, filter);
    let kind = match painter {
        Painter::Off => return None,
        Painter::Text => PictureKind::Text(text(&resized(columns, lines))),
        Painter::HalfBlocks => {
            let image = DynamicImage::ImageRgb8(resized(columns, lines * 2));
            let blocks = Halfblocks::new(image, size).ok()?;
            PictureKind::Protocol(Box::new(Protocol::Halfblocks(blocks)))
        }
        Painter::Protocol(picker) => {
            let image = resized(columns * character.0, lines * character.1);
            let image = DynamicImage::ImageRgb8(image);
            let protocol = picker.new_protocol(image, size, Resize::Fit(None)).ok()?;
            PictureKind::Protocol(Box::new(protocol))
        }
    };
    Some(Picture {
        row: clip.row,
        size,
        kind,
    })
}

/// The largest size in characters of the given proportions that fits the room.
fn fit(shape: (u32, u32), room: Size, character: (u32, u32)) -> Option<Size> {
    if room.width == 0 || room.height == 0 {
        return None;
    }
    let across = f64::from(u32::from(room.width) * character.0) / f64::from(shape.0);
    let down = f64::from(u32::from(room.height) * character.1) / f64::from(shape.1);
    let scale = across.min(down);
    let cells = |pixels: u32, cell: u32| {
        ((f64::from(pixels) * scale / f64::from(cell)).round() as u16).max(1)
    };
    Some(Size {
        width: cells(shape.0, character.0).min(room.width),
        height: cells(shape.1, character.1).min(room.height),
    })
}

fn text(image: &RgbImage) -> Vec<String> {
    image
        .rows()
        .map(|row| {
            row.map(|pixel| {
                let [red, green, blue] = pixel.0.map(u32::from);
                // ITU-R BT.601.
                let grey = (299 * red + 587 * green + 114 * blue) / 1000;
                char::from(RAMP[(grey as usize * RAMP.len()) / 256])
            })
            .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::VideoFacts;

    fn painted(painter: Painter, zoom: Zoom, room: (u16, u16)) -> Option<Picture> {
        // The left half is black, the right half white.
        let pixels = (0..8 * 8).flat_map(|at| [if at % 8 < 4 { 0 } else { 255 }; 3]);
        let clip = Clip {
            row: 3,
            is_model: false,
            facts: VideoFacts {
                frames: 1,
                fps: 25.0,
                duration_secs: 1.0,
                width: 160,
                height: 120,
                distinct_frames: 1,
                truncated: false,
            },
            kept: vec![0],
            size: 8,
            pixels: pixels.collect(),
        };
        paint(&PictureRequest {
            painter: Arc::new(painter),
            clip: Arc::new(clip),
            frame: 0,
            zoom,
            room: room.into(),
        })
    }

    #[test]
    fn proportions_are_the_videos_own() {
        let size = |zoom, room| painted(Painter::Text, zoom, room).unwrap().size;
        // Characters are twice as high as wide: 4:3 is 8:3 in characters.
        assert_eq!(size(Zoom::Whole, (80, 12)), Size::new(32, 12));
        assert_eq!(size(Zoom::Whole, (16, 12)), Size::new(16, 6));
        assert_eq!(size(Zoom::Model, (80, 12)), Size::new(24, 12));
        assert!(painted(Painter::Text, Zoom::Whole, (0, 12)).is_none());
        assert!(painted(Painter::Off, Zoom::Whole, (9, 9)).is_none());
    }

    #[test]
    fn dark_and_bright_are_told_apart_without_colour() {
        let picture = painted(Painter::Text, Zoom::Model, (8, 4)).unwrap();
        let PictureKind::Text(lines) = picture.kind else {
            panic!("not text");
        };
        assert_eq!(lines, ["    @@@@"; 4]);
    }

    #[test]
    fn half_blocks_fill_their_size() {
        let picture = painted(Painter::HalfBlocks, Zoom::Centre, (20, 9)).unwrap();
        assert_eq!((picture.row, picture.size), (3, Size::new(20, 8)));
    }
}
