//! Videos to decode: shaded discs that wander over a textured ground, under film grain of a strength of each video's own.
//! The same on every run.

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use rdfer_audit::video::{EncoderCodec, EncoderOptions, EncoderPixels, VideoEncoder};

/// Frames of a video, at 25 a second.
const FRAMES: u32 = 75;

/// Writes the corpus; what is there already stays.
pub(crate) fn write(dir: &Utf8Path, small: u32, large: u32) {
    for folder in ["mp4_224", "mp4_720", "jpeg_224"] {
        fs_err::create_dir_all(dir.join(folder)).unwrap();
    }
    (0..large).into_par_iter().for_each(|number| {
        video(
            &dir.join(format!("mp4_720/{number:05}.mp4")),
            Scene::new(number, 1280, 720),
        );
    });
    (0..small).into_par_iter().for_each(|number| {
        let scene = Scene::new(number, 224, 224);
        video(&dir.join(format!("mp4_224/{number:05}.mp4")), scene);
        images(&dir.join(format!("jpeg_224/{number:05}")), scene);
    });
}

/// Writes under another name first, so that what is there is whole.
fn video(path: &Utf8Path, scene: Scene) {
    if path.exists() {
        return;
    }
    let part = path.with_extension("part.mp4");
    // x264's own defaults, as most files have them.
    let options = EncoderOptions {
        quality: 23,
        b_frames: 3,
        keyframe_interval: 250,
        ..EncoderOptions::default()
    };
    let mut encoder = VideoEncoder::create(&part, scene.width, scene.height, 25, options).unwrap();
    for frame in 0..FRAMES {
        encoder.push(&scene.frame(frame)).unwrap();
    }
    encoder.finish().unwrap();
    fs_err::rename(part, path).unwrap();
}

fn images(folder: &Utf8Path, scene: Scene) {
    if folder.exists() {
        return;
    }
    let part = Utf8PathBuf::from(format!("{folder}.part"));
    fs_err::create_dir_all(&part).unwrap();
    let options = EncoderOptions {
        codec: EncoderCodec::Mjpeg,
        pixels: EncoderPixels::Yuv420,
        quality: 4,
        ..EncoderOptions::default()
    };
    for frame in 0..FRAMES {
        let path = part.join(format!("{frame:05}.jpg"));
        let mut encoder =
            VideoEncoder::create(&path, scene.width, scene.height, 25, options).unwrap();
        encoder.push(&scene.frame(frame)).unwrap();
        encoder.finish().unwrap();
    }
    fs_err::rename(part, folder).unwrap();
}

#[derive(Clone, Copy)]
struct Scene {
    number: u32,
    width: u32,
    height: u32,
}

impl Scene {
    fn new(number: u32, width: u32, height: u32) -> Self {
        Self {
            number,
            width,
            height,
        }
    }

    /// A frame: `height`×`width`×3.
    fn frame(self, frame: u32) -> Vec<u8> {
        let (width, height) = (self.width as f32, self.height as f32);
        let time = frame as f32 / 25.0;
        let phase = self.number as f32;
        let grain = (self.number % 5 * 3 + 2) as f32;
        let discs: Vec<[f32; 4]> = (0..3)
            .map(|disc| {
                let turn = phase + 2.1 * disc as f32 + time * (0.8 + 0.4 * disc as f32);
                let x = width * (0.5 + 0.3 * turn.sin());
                let y = height * (0.5 + 0.3 * (1.3 * turn).cos());
                [x, y, height * (0.12 + 0.05 * disc as f32), disc as f32]
            })
            .collect();
        let mut noise = Noise(self.number.wrapping_mul(7919).wrapping_add(frame) | 1);
        let mut pixels = Vec::with_capacity((self.width * self.height * 3) as usize);
        for y in 0..self.height {
            for x in 0..self.width {
                let (u, v) = (x as f32 / width, y as f32 / height);
                let weave = (40.0 * u + phase).sin() * (31.0 * v - 0.7 * time).cos();
                let mut colour = [
                    110.0 + 60.0 * u + 20.0 * weave,
                    120.0 + 25.0 * weave,
                    100.0 + 70.0 * v,
                ];
                for [at_x, at_y, radius, tint] in &discs {
                    let (dx, dy) = ((x as f32 - at_x) / radius, (y as f32 - at_y) / radius);
                    let square = dx * dx + dy * dy;
                    if square < 1.0 {
                        let light = (1.0 - square).sqrt() * 0.8 + 0.2;
                        colour = [200.0 - 30.0 * tint, 150.0, 110.0 + 40.0 * tint]
                            .map(|channel| channel * light);
                    }
                }
                let speck = grain * noise.next();
                pixels.extend(colour.map(|channel| (channel + speck).clamp(0.0, 255.0) as u8));
            }
        }
        pixels
    }
}

/// Marsaglia's xorshift, 32 bits: grain need not be good, only quick.
struct Noise(u32);

impl Noise {
    /// In [−0.5, 0.5).
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 24) as f32 - 0.5
    }
}
