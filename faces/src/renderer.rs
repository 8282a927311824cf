//! Draws the frames of one planned video.
//!
//! A frame is a pure function of the seed, the video's id and the frame's number, so frames may be drawn in any order
//! and on any thread.

use crate::action_unit::ActionUnits;
use crate::canvas::{Canvas, Colour, mix};
use crate::identity::Identity;
use crate::motion::{FaceState, Light, Motion};
use crate::placement::Placement;
use crate::plan::PlannedVideo;
use crate::raster::{Coverage, Point};
use crate::sketch::Sketch;
use crate::stream::stream;
use crate::{eyes, hair, head, mouth, nose};
use rand::{Rng, RngExt};

/// Bytes per noise value.
const NOISE_BYTES: usize = 2;

/// What is drawn once per video: the person, the motion, the background.
#[derive(Debug, Clone)]
pub struct Renderer<'a> {
    video: &'a PlannedVideo,
    person: Identity,
    motion: Motion,
    background: Canvas,
    canvas: Canvas,
    noise: Vec<u8>,
}

impl PlannedVideo {
    /// The renderer of this video's frames.
    pub fn renderer(&self) -> Renderer<'_> {
        let size = self.size as usize;
        let background = background(self, size);
        Renderer {
            video: self,
            person: Identity::new(self.seed, self.identity),
            motion: Motion::new(self),
            canvas: background.clone(),
            background,
            noise: vec![0; size * size * 3 * NOISE_BYTES],
        }
    }
}

/// Two colours that run into each other, with a few soft shapes, drawn from the video's id.
fn background(video: &PlannedVideo, size: usize) -> Canvas {
    let random = &mut stream(video.seed, "demo background", &video.id);
    let mut colour = || -> Colour {
        let grey = random.random_range(0.15..0.8_f32);
        [0; 3].map(|_| (grey + random.random_range(-0.12..0.12_f32)).clamp(0.0, 1.0))
    };
    let (from, to, shape) = (colour(), colour(), colour());
    let mut canvas = Canvas::new(size);
    let side = size as f32;
    for (index, pixel) in canvas.pixels.iter_mut().enumerate() {
        let (x, y) = ((index % size) as f32, (index / size) as f32);
        *pixel = mix(from, to, (0.3 * x + 0.7 * y) / side);
    }
    for _ in 0..random.random_range(1..5_u8) {
        let mut within = |share: f32| side * random.random_range(0.0..share);
        let centre = Point::new(within(1.0), within(1.0));
        let (across, down) = (side * 0.1 + within(0.3), side * 0.1 + within(0.4));
        canvas.paint(&Coverage::spot(centre, across, down, size), shape, 0.6);
    }
    canvas
}

impl Renderer<'_> {
    /// Draws a frame as RGB24, row by row: size × size × 3 bytes, whatever `pixels` held before.
    pub fn frame(&mut self, frame: usize, pixels: &mut Vec<u8>) {
        let units = self.video.action_units(frame);
        let state = self.motion.at(frame);
        self.draw(units, state);
        let mut random = stream(
            self.video.seed,
            "demo noise",
            format_args!("{} {frame}", self.video.id),
        );
        random.fill_bytes(&mut self.noise);
        self.develop(state.light, pixels);
    }

    /// Draws the unlit, noiseless face.
    fn draw(&mut self, units: ActionUnits, state: FaceState) {
        self.canvas.pixels.copy_from_slice(&self.background.pixels);
        let place = Placement::new(self.canvas.size(), self.person.half_width, state.pose);
        let sketch = &mut Sketch {
            canvas: &mut self.canvas,
            person: &self.person,
            units,
            state,
            place,
        };
        head::draw_clothes(sketch);
        hair::draw_back(sketch);
        head::draw_neck(sketch);
        head::draw_ears(sketch);
        let skin = head::draw_head(sketch);
        head::draw_beard(sketch, &skin);
        nose::draw_folds(sketch);
        nose::draw_nose(sketch);
        eyes::draw_eyes(sketch);
        mouth::draw_mouth(sketch);
        eyes::draw_brows(sketch);
        eyes::draw_glasses(sketch);
        hair::draw_front(sketch, &skin);
    }

    /// Lights the canvas, adds the sensor's noise and writes bytes.
    fn develop(&self, light: Light, pixels: &mut Vec<u8>) {
        pixels.clear();
        let size = self.canvas.size();
        let scale = 2.0 / size as f32;
        // The difference of two even bytes has a standard deviation of 104 steps.
        let noise_scale = self.motion.noise / 104.0;
        let noise = self.noise.chunks_exact(3 * NOISE_BYTES);
        for ((index, pixel), noise) in self.canvas.pixels.iter().enumerate().zip(noise) {
            let x = (index % size) as f32 * scale - 1.0;
            let y = (index / size) as f32 * scale - 1.0;
            let slope = 1.0 + light.slope[0] * x + light.slope[1] * y;
            for channel in 0..3 {
                let grain = f32::from(noise[2 * channel]) - f32::from(noise[2 * channel + 1]);
                let value = pixel[channel] * light.cast[channel] * slope + grain * noise_scale;
                // The cast saturates at both ends.
                pixels.push((value * 255.0 + 0.5) as u8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{FaceSettings, NEUTRAL, PlannedVideo, Trouble, plan};

    fn videos(seed: u64) -> Vec<PlannedVideo> {
        let settings = FaceSettings {
            videos: 140,
            identities: 20,
            ..FaceSettings::default()
        };
        plan(&settings, seed).unwrap()
    }

    fn frame(video: &PlannedVideo, frame: usize) -> Vec<u8> {
        let mut pixels = vec![7; 5];
        video.renderer().frame(frame, &mut pixels);
        pixels
    }

    fn difference(one: &[u8], other: &[u8]) -> f64 {
        let pairs = one.iter().zip(other);
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / one.len() as f64
    }

    #[test]
    fn a_frame_has_the_same_bytes_in_any_order_of_drawing() {
        let video = &videos(1)[3];
        let mut renderer = video.renderer();
        let mut pixels = Vec::new();
        for index in [20, 3, 20] {
            renderer.frame(index, &mut pixels);
        }
        assert_eq!(pixels, frame(video, 20));
        assert_ne!(pixels, frame(video, 21));
        assert_ne!(pixels, frame(&videos(2)[3], 20));
    }

    #[test]
    fn every_pixel_is_written_at_any_size() {
        for size in [32, 50, 128, 224] {
            let mut video = videos(1)[0].clone();
            video.size = size;
            let pixels = frame(&video, 0);
            assert_eq!(pixels.len(), (size * size * 3) as usize);
            let blank = pixels
                .chunks_exact(3)
                .filter(|pixel| *pixel == [0; 3])
                .count();
            assert!(
                blank < pixels.len() / 300,
                "{blank} black pixels at size {size}"
            );
        }
    }

    #[test]
    fn a_hundred_people_differ_pairwise() {
        let mut video = videos(1)
            .into_iter()
            .find(|video| video.true_label == NEUTRAL)
            .unwrap();
        let faces: Vec<_> = (0..100)
            .map(|person| {
                video.identity = person;
                frame(&video, 0)
            })
            .collect();
        for (index, face) in faces.iter().enumerate() {
            for (other, another) in faces.iter().enumerate().skip(index + 1) {
                let apart = difference(face, another);
                assert!(apart > 4.0, "people {index} and {other} differ by {apart}");
            }
        }
    }

    #[test]
    fn an_expression_changes_the_face_beyond_the_noise() {
        for video in videos(3)
            .iter()
            .filter(|video| video.trouble == Trouble::None)
        {
            if video.true_label == NEUTRAL {
                continue;
            }
            let mut silent = video.clone();
            silent.movements.clear();
            let apex = video.apex_frame;
            // The noise is the same in both, so that all of the difference is the expression's.
            let (moved, still) = (frame(video, apex), frame(&silent, apex));
            let pairs = moved.chunks_exact(3).zip(still.chunks_exact(3));
            let visible = pairs
                .filter(|(one, other)| difference(one, other) > 12.0)
                .count();
            assert!(
                visible > 150,
                "video {} changes in {visible} pixels",
                video.id
            );
        }
    }
}
