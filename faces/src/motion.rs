//! What a face does besides its expression: head motion, blinks, gaze, speech; and how the light falls.
//!
//! A video's motion is drawn once and then a pure function of the frame. It knows neither label nor class, except
//! that a neutral face speaks more often, as it does in films, and that nobody blinks at the apex.

use crate::expression::NEUTRAL;
use crate::plan::PlannedVideo;
use crate::stream::stream;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::f32::consts::TAU;

/// A slow random curve: a resting value and two sine waves.
#[derive(Debug, Clone)]
struct Wave {
    rest: f32,
    parts: [[f32; 3]; 2],
}

impl Wave {
    /// Rests within ±`rest` and swings by about `swing`, at up to `fastest` cycles per frame.
    fn new(rest: f32, swing: f32, fastest: f32, random: &mut ChaCha8Rng) -> Self {
        let mut part = |share: f32| {
            [
                swing * share * random.random_range(0.4..1.0_f32),
                fastest * random.random_range(0.3..1.0_f32),
                random.random_range(0.0..TAU),
            ]
        };
        Self {
            parts: [part(0.7), part(0.4)],
            rest: rest * random.random_range(-1.0..1.0_f32),
        }
    }

    fn at(&self, frame: f32) -> f32 {
        let waves = self.parts.iter();
        let sum: f32 = waves
            .map(|[swing, pace, phase]| swing * (pace * frame * TAU + phase).sin())
            .sum();
        self.rest + sum
    }
}

/// Where the head is and how it is turned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadPose {
    /// Turn in the picture plane, radians.
    pub(crate) roll: f32,
    /// Turn to the right, radians.
    pub(crate) yaw: f32,
    /// Nod downwards, radians.
    pub(crate) pitch: f32,
    /// Size as a factor about 1.
    pub(crate) scale: f32,
    /// Shift as a share of the picture.
    pub(crate) shift: [f32; 2],
}

/// How a frame is lit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Light {
    /// Factor per colour channel.
    pub(crate) cast: [f32; 3],
    /// Change of the factor from the picture's middle to its border, to the right and downwards.
    pub(crate) slope: [f32; 2],
}

/// A face's state besides its expression at one frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaceState {
    pub(crate) pose: HeadPose,
    pub(crate) light: Light,
    /// 0 open, 1 closed.
    pub(crate) blink: f32,
    /// Where the eyes look, −1 to 1 to the right and downwards.
    pub(crate) gaze: [f32; 2],
    /// Opening of the mouth by speech, 0 to 1, and its rounding, −1 spread to 1 pursed.
    pub(crate) speech: [f32; 2],
}

/// The motion of one video.
#[derive(Debug, Clone)]
pub(crate) struct Motion {
    roll: Wave,
    yaw: Wave,
    pitch: Wave,
    scale: Wave,
    shift: [Wave; 2],
    gaze: [Wave; 2],
    brightness: Wave,
    cast: [f32; 3],
    slope: [Wave; 2],
    /// Frames in whose middle the lids are closed.
    blinks: Vec<f32>,
    /// Strength of speech, 0 for a silent face.
    speech: f32,
    mouth: [Wave; 2],
    /// Standard deviation of the sensor noise, in [0, 1] units.
    pub(crate) noise: f32,
}

impl Motion {
    pub(crate) fn new(video: &PlannedVideo) -> Self {
        let random = &mut stream(video.seed, "demo motion", &video.id);
        let mut blinks = Vec::new();
        let mut next = random.random_range(2.0..50.0_f32);
        while next < video.frames as f32 {
            // Nobody blinks while an expression is at its strongest.
            if (next - video.apex_frame as f32).abs() > 5.0 {
                blinks.push(next);
            }
            next += random.random_range(25.0..70.0_f32);
        }
        let speaks = random.random_bool(if video.true_label == NEUTRAL {
            0.45
        } else {
            0.25
        });
        let loudness = random.random_range(0.3..0.7_f32);
        Self {
            roll: Wave::new(0.09, 0.05, 0.02, random),
            yaw: Wave::new(0.20, 0.10, 0.02, random),
            pitch: Wave::new(0.10, 0.07, 0.02, random),
            scale: Wave::new(0.04, 0.015, 0.01, random),
            shift: [0.02, 0.015].map(|rest| Wave::new(rest, 0.012, 0.02, random)),
            gaze: [0.45, 0.25].map(|rest| Wave::new(rest, 0.25, 0.02, random)),
            brightness: Wave::new(0.16, 0.03, 0.02, random),
            cast: [0.08, 0.03, 0.09].map(|range| 1.0 + random.random_range(-range..range)),
            slope: [0.22, 0.12].map(|rest| Wave::new(rest, 0.04, 0.015, random)),
            blinks,
            speech: if speaks { loudness } else { 0.0 },
            mouth: [0.0, 0.6].map(|rest| Wave::new(rest, 1.0, 0.16, random)),
            noise: random.random_range(0.006..0.024),
        }
    }

    /// The state at a frame.
    pub(crate) fn at(&self, frame: usize) -> FaceState {
        let frame = frame as f32;
        let nearest = self.blinks.iter().map(|blink| (blink - frame).abs());
        let blink = 1.0 - (nearest.fold(f32::INFINITY, f32::min) / 3.0).min(1.0);
        let [open, round] = self.mouth.each_ref().map(|wave| wave.at(frame));
        let brightness = 1.0 + self.brightness.at(frame);
        FaceState {
            pose: HeadPose {
                roll: self.roll.at(frame),
                yaw: self.yaw.at(frame),
                pitch: self.pitch.at(frame),
                scale: 1.0 + self.scale.at(frame),
                shift: self.shift.each_ref().map(|wave| wave.at(frame)),
            },
            light: Light {
                cast: self.cast.map(|cast| cast * brightness),
                slope: self.slope.each_ref().map(|wave| wave.at(frame)),
            },
            blink: (blink * 1.6).min(1.0),
            gaze: self.gaze.each_ref().map(|wave| wave.at(frame)),
            speech: [self.speech * open.max(0.0), self.speech * round],
        }
    }
}
