//! The people of the demo: shape of the face, skin, hair, glasses, beard, age.
//!
//! A person is a pure function of the seed and a number. The most visible traits step through their ranges by
//! irrational strides, so that no two people agree in all of them; the rest is drawn. How a person is
//! drawn is left to the parts of the face.

use crate::canvas::{Colour, mix, shade};
use crate::stream::stream;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Hair styles, and what covers the hair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HairStyle {
    Bald,
    Buzz,
    Short,
    SidePart,
    Receding,
    Fringe,
    Bob,
    Long,
    LongParted,
    Curly,
    Bun,
    Quiff,
    /// A knitted cap.
    Cap,
}

impl HairStyle {
    const ALL: [Self; 13] = [
        Self::Short,
        Self::Long,
        Self::Curly,
        Self::Bald,
        Self::Fringe,
        Self::SidePart,
        Self::Bun,
        Self::Buzz,
        Self::Bob,
        Self::Receding,
        Self::LongParted,
        Self::Quiff,
        Self::Cap,
    ];

    /// Whether the hair falls beside the face.
    pub(crate) fn is_long(self) -> bool {
        matches!(
            self,
            Self::Bob | Self::Long | Self::LongParted | Self::Fringe
        )
    }
}

/// Hair on the lower face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beard {
    None,
    Stubble,
    Full,
    Goatee,
    Moustache,
}

/// Shapes of glasses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glasses {
    None,
    Round,
    Square,
}

/// One person.
///
/// Lengths are in face units: the face is 2 units high from the top of the head to the chin. Values named after a
/// part without a unit are factors about 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    pub(crate) skin: Colour,
    pub(crate) hair: Colour,
    pub(crate) iris: Colour,
    pub(crate) lips: Colour,
    pub(crate) clothes: Colour,
    pub(crate) cap: Colour,
    /// Half the width of the face at the cheeks.
    pub(crate) half_width: f32,
    /// Width of the jaw as a share of the face's width.
    pub(crate) jaw: f32,
    /// Half the width of the chin.
    pub(crate) chin: f32,
    pub(crate) eye_distance: f32,
    pub(crate) eye_half_width: f32,
    /// How far the lids stand open at rest, a factor.
    pub(crate) eye_opening: f32,
    /// Rise of the outer corner of the eye.
    pub(crate) eye_tilt: f32,
    pub(crate) eye_height: f32,
    pub(crate) lashes: f32,
    pub(crate) brow_thickness: f32,
    pub(crate) brow_arch: f32,
    pub(crate) brow_height: f32,
    pub(crate) nose_length: f32,
    pub(crate) nose_width: f32,
    pub(crate) mouth_half_width: f32,
    pub(crate) mouth_height: f32,
    /// Height of the corners of the mouth at rest over its middle.
    pub(crate) mouth_curve: f32,
    pub(crate) upper_lip: f32,
    pub(crate) lower_lip: f32,
    pub(crate) ears: f32,
    pub(crate) hair_style: HairStyle,
    pub(crate) hair_volume: f32,
    /// −1 or 1: the side of a parting.
    pub(crate) parting: f32,
    pub(crate) beard: Beard,
    pub(crate) glasses: Glasses,
    pub(crate) glasses_colour: Colour,
    /// 0 young, 1 old: wrinkles at rest and greying hair.
    pub(crate) age: f32,
    pub(crate) freckles: bool,
}

const SKIN: [Colour; 6] = [
    [0.97, 0.84, 0.75],
    [0.93, 0.76, 0.63],
    [0.85, 0.65, 0.50],
    [0.72, 0.52, 0.38],
    [0.54, 0.37, 0.26],
    [0.40, 0.27, 0.20],
];

const HAIR: [Colour; 8] = [
    [0.09, 0.07, 0.07],
    [0.22, 0.14, 0.09],
    [0.80, 0.64, 0.36],
    [0.36, 0.22, 0.13],
    [0.58, 0.26, 0.12],
    [0.13, 0.10, 0.10],
    [0.52, 0.38, 0.22],
    [0.30, 0.10, 0.10],
];

const IRIS: [Colour; 5] = [
    [0.28, 0.16, 0.08],
    [0.36, 0.24, 0.10],
    [0.20, 0.36, 0.24],
    [0.24, 0.42, 0.60],
    [0.40, 0.46, 0.50],
];

/// The colour at a share in [0, 1) of the way through a palette.
fn along(palette: &[Colour], share: f32) -> Colour {
    let place = share * (palette.len() - 1) as f32;
    let index = (place as usize).min(palette.len() - 2);
    mix(palette[index], palette[index + 1], place - index as f32)
}

impl Identity {
    /// The person of a number; the same number gives the same person under the same seed.
    pub fn new(seed: u64, number: usize) -> Self {
        let mut start = stream(seed, "demo people", "start");
        // Powers of the root of x⁵ = x + 1: the four-dimensional sequence of Roberts ("The unreasonable effectiveness of
        // quasirandom sequences", 2018), which keeps points apart in all four traits at once.
        let mut step = |stride: f64| {
            let offset: f64 = start.random();
            (offset + number as f64 * stride).fract() as f32
        };
        let (style, tone, hair_shade, width) = (
            step(0.628_706_721),
            step(0.538_597_256),
            step(0.733_891_857),
            step(0.856_674_884),
        );
        let mut random = stream(seed, "demo person", number);
        let mut person = Self::drawn(&mut random);
        person.hair_style = HairStyle::ALL[(style * 13.0) as usize % 13];
        person.skin = along(&SKIN, tone).map(|value| value + random.random_range(-0.015..0.015));
        person.half_width = 0.68 + 0.14 * width;
        let dark_skin = tone > 0.65;
        let natural = HAIR[(hair_shade * 8.0) as usize % 8];
        let dark = HAIR[if hair_shade < 0.5 { 0 } else { 5 }];
        let hair = if dark_skin { dark } else { natural };
        let grey = ((person.age - 0.7) * 3.3).clamp(0.0, 0.85);
        person.hair = mix(
            shade(hair, random.random_range(0.85..1.25)),
            [0.78, 0.77, 0.76],
            grey,
        );
        let iris = if dark_skin {
            0
        } else {
            random.random_range(0..IRIS.len())
        };
        person.iris = shade(IRIS[iris], random.random_range(0.85..1.15));
        let red = [0.72, 0.24, 0.26];
        person.lips = mix(
            shade(person.skin, 0.82),
            red,
            random.random_range(0.3..0.65),
        );
        if person.hair_style.is_long() || person.hair_style == HairStyle::Bun {
            person.beard = Beard::None;
            person.lashes = random.random_range(0.5..1.0);
            person.brow_thickness *= 0.8;
        }
        person
    }

    /// All traits drawn alike, before the stepped ones replace theirs.
    fn drawn(random: &mut ChaCha8Rng) -> Self {
        let beard = match random.random_range(0..20) {
            0..3 => Beard::Stubble,
            3..6 => Beard::Full,
            6..8 => Beard::Goatee,
            8..10 => Beard::Moustache,
            _ => Beard::None,
        };
        let glasses = match random.random_range(0..10) {
            0 => Glasses::Round,
            1 => Glasses::Square,
            _ => Glasses::None,
        };
        let frame = random.random_range(0.05..0.4);
        Self {
            skin: SKIN[0],
            hair: HAIR[0],
            iris: IRIS[0],
            lips: SKIN[0],
            clothes: mix(
                [0; 3].map(|_| random.random_range(0.1..0.9)),
                [0.4; 3],
                0.35,
            ),
            cap: [0; 3].map(|_| random.random_range(0.1..0.75)),
            half_width: 0.75,
            jaw: random.random_range(0.70..0.92),
            chin: random.random_range(0.17..0.32),
            eye_distance: random.random_range(0.285..0.335),
            eye_half_width: random.random_range(0.125..0.155),
            eye_opening: random.random_range(0.85..1.15),
            eye_tilt: random.random_range(-0.01..0.04),
            eye_height: random.random_range(-0.14..-0.08),
            lashes: random.random_range(0.0..0.4),
            brow_thickness: random.random_range(0.020..0.042),
            brow_arch: random.random_range(0.01..0.045),
            brow_height: random.random_range(0.215..0.26),
            nose_length: random.random_range(0.36..0.45),
            nose_width: random.random_range(0.105..0.16),
            mouth_half_width: random.random_range(0.215..0.275),
            mouth_height: random.random_range(0.53..0.58),
            mouth_curve: random.random_range(-0.012..0.016),
            upper_lip: random.random_range(0.028..0.06),
            lower_lip: random.random_range(0.045..0.08),
            ears: random.random_range(0.8..1.25),
            hair_style: HairStyle::Short,
            hair_volume: random.random_range(0.06..0.15),
            parting: if random.random_bool(0.5) { 1.0 } else { -1.0 },
            beard,
            glasses,
            glasses_colour: mix(
                [frame, frame * 0.8, frame * 0.7],
                [0.5, 0.1, 0.15],
                random.random_range(0.0..0.5),
            ),
            age: random.random_range(0.0..1.0),
            freckles: random.random_bool(0.12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_function_of_seed_and_number() {
        assert_eq!(Identity::new(3, 5), Identity::new(3, 5));
        assert_ne!(Identity::new(3, 5), Identity::new(4, 5));
    }

    #[test]
    fn every_style_appears_among_forty_people() {
        for style in HairStyle::ALL {
            assert!((0..40).any(|number| Identity::new(0, number).hair_style == style));
        }
    }
}
