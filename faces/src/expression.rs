//! The seven classes and the action units that show them.
//!
//! Each class is a distribution: a variant of its prototype is drawn, optional units come or stay away, intensities
//! and the two halves of the face differ. When an expression comes and goes is left to `movement`.

use crate::action_unit::ActionUnit::{
    BrowLowerer, CheekRaiser, ChinRaiser, InnerBrowRaiser, JawDrop, LidDroop, LidTightener,
    LipCornerDepressor, LipCornerPuller, LipPressor, LipStretcher, LipTightener, LipsPart,
    LowerLipDepressor, MouthStretch, NoseWrinkler, OuterBrowRaiser, UpperLidRaiser, UpperLipRaiser,
};
use crate::action_unit::{ActionUnit, ActionUnits, Side};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The class names in the order of the DFEW data set (Jiang et al., "DFEW", ACM MM 2020).
pub const CLASSES: [&str; 7] = [
    "happy", "sad", "neutral", "angry", "surprise", "disgust", "fear",
];

/// The place of "neutral" in [`CLASSES`].
pub const NEUTRAL: usize = 2;

/// The classes that people take for this one most often; mislabeled and mixed videos draw from them.
pub(crate) fn confusable(class: usize) -> &'static [usize] {
    match class {
        0 | 1 => &[NEUTRAL],
        2 => &[1, 0],
        3 => &[5],
        4 => &[6],
        5 => &[3],
        _ => &[4],
    }
}

/// A unit of a prototype: with probability `chance` it is shown, at an intensity from `low` to `high`.
struct Part {
    unit: ActionUnit,
    low: f32,
    high: f32,
    chance: f64,
}

const fn always(unit: ActionUnit, low: f32, high: f32) -> Part {
    sometimes(unit, low, high, 1.0)
}

const fn sometimes(unit: ActionUnit, low: f32, high: f32, chance: f64) -> Part {
    Part {
        unit,
        low,
        high,
        chance,
    }
}

/// The variants of each class's prototype, after the emotion predictions of EMFACS (Friesen & Ekman, "EMFACS-7",
/// 1983) and the table of prototypes and major variants in the FACS Investigator's Guide (Ekman, Friesen & Hager,
/// 2002). Intensity ranges are ours.
const VARIANTS: [&[&[Part]]; 7] = [
    &[
        // 6 + 12, closed lips
        &[
            always(CheekRaiser, 0.5, 1.0),
            always(LipCornerPuller, 0.7, 1.0),
        ],
        // 6 + 12 + 25 (+ 26), a broad smile or a laugh
        &[
            always(CheekRaiser, 0.6, 1.0),
            always(LipCornerPuller, 0.75, 1.0),
            always(LipsPart, 0.6, 1.0),
            sometimes(JawDrop, 0.2, 0.5, 0.4),
        ],
    ],
    &[
        // 1 + 4 + 15 (+ 17)
        &[
            always(InnerBrowRaiser, 0.7, 1.0),
            always(BrowLowerer, 0.3, 0.6),
            always(LipCornerDepressor, 0.7, 1.0),
            sometimes(ChinRaiser, 0.3, 0.8, 0.6),
            sometimes(LidDroop, 0.3, 0.6, 0.7),
        ],
        // 1 + 15 with lowered lids
        &[
            always(InnerBrowRaiser, 0.7, 1.0),
            always(LipCornerDepressor, 0.75, 1.0),
            always(LidDroop, 0.4, 0.7),
            sometimes(BrowLowerer, 0.2, 0.5, 0.5),
        ],
    ],
    &[&[]],
    &[
        // 4 + 5 + 7 + 23 (+ 24), closed lips
        &[
            always(BrowLowerer, 0.8, 1.0),
            always(LidTightener, 0.4, 0.8),
            always(LipTightener, 0.6, 1.0),
            sometimes(LipPressor, 0.4, 0.9, 0.7),
            sometimes(UpperLidRaiser, 0.4, 0.8, 0.7),
            sometimes(ChinRaiser, 0.2, 0.5, 0.3),
        ],
        // 4 + 5 + 7 + 10 + 23 + 25, bared teeth
        &[
            always(BrowLowerer, 0.85, 1.0),
            always(LidTightener, 0.4, 0.7),
            always(LipTightener, 0.4, 0.7),
            always(LipsPart, 0.6, 0.9),
            always(LowerLipDepressor, 0.6, 1.0),
            sometimes(UpperLidRaiser, 0.4, 0.8, 0.8),
            sometimes(UpperLipRaiser, 0.2, 0.4, 0.5),
        ],
    ],
    &[
        // 1 + 2 + 5 + 26
        &[
            always(InnerBrowRaiser, 0.8, 1.0),
            always(OuterBrowRaiser, 0.8, 1.0),
            always(UpperLidRaiser, 0.6, 1.0),
            always(LipsPart, 0.5, 0.9),
            always(JawDrop, 0.6, 1.0),
        ],
        // 1 + 2 + 5 + 27
        &[
            always(InnerBrowRaiser, 0.8, 1.0),
            always(OuterBrowRaiser, 0.8, 1.0),
            always(UpperLidRaiser, 0.7, 1.0),
            always(LipsPart, 0.7, 1.0),
            always(MouthStretch, 0.5, 0.9),
        ],
    ],
    &[
        // 9 (+ 10) + 17
        &[
            always(NoseWrinkler, 0.8, 1.0),
            always(ChinRaiser, 0.4, 0.8),
            always(UpperLipRaiser, 0.4, 0.8),
            sometimes(LipCornerDepressor, 0.3, 0.5, 0.5),
            sometimes(LidTightener, 0.4, 0.7, 0.7),
            sometimes(BrowLowerer, 0.2, 0.4, 0.4),
        ],
        // 9 + 10 + 16 + 25
        &[
            always(NoseWrinkler, 0.7, 1.0),
            always(UpperLipRaiser, 0.8, 1.0),
            always(LipsPart, 0.4, 0.7),
            sometimes(LowerLipDepressor, 0.2, 0.4, 0.4),
            sometimes(LidTightener, 0.4, 0.8, 0.7),
            sometimes(CheekRaiser, 0.3, 0.6, 0.5),
        ],
    ],
    &[
        // 1 + 2 + 4 + 5 (+ 7) + 20 + 25
        &[
            always(InnerBrowRaiser, 0.8, 1.0),
            always(OuterBrowRaiser, 0.3, 0.6),
            always(BrowLowerer, 0.5, 0.9),
            always(UpperLidRaiser, 0.7, 1.0),
            always(LipStretcher, 0.7, 1.0),
            always(LipsPart, 0.4, 0.8),
            sometimes(LidTightener, 0.2, 0.4, 0.4),
        ],
        // 1 + 2 + 4 + 5 + 20 + 26
        &[
            always(InnerBrowRaiser, 0.8, 1.0),
            always(OuterBrowRaiser, 0.3, 0.6),
            always(BrowLowerer, 0.4, 0.8),
            always(UpperLidRaiser, 0.7, 1.0),
            always(LipStretcher, 0.8, 1.0),
            always(LipsPart, 0.5, 0.9),
            always(JawDrop, 0.2, 0.5),
        ],
    ],
];

/// Draws one person's way of showing a class, at its full strength. Neutral has no units at all.
///
/// The two halves of the face differ by up to 15 % in general and by up to 10 % more unit by unit.
pub(crate) fn draw(class: usize, random: &mut ChaCha8Rng) -> ActionUnits {
    let variants = VARIANTS[class];
    let variant = variants[random.random_range(0..variants.len())];
    let lean = random.random_range(-0.15..0.15_f32);
    let mut units = ActionUnits::default();
    for part in variant {
        let shown = random.random_bool(part.chance);
        let intensity = random.random_range(part.low..=part.high);
        for side in Side::BOTH {
            let own = 1.0 + lean * side.sign() + random.random_range(-0.1..0.1_f32);
            if shown {
                units.set(side, part.unit, intensity * own);
            }
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::stream;

    #[test]
    fn neutral_has_no_units_and_the_others_differ_from_draw_to_draw() {
        for class in 0..CLASSES.len() {
            let mut random = stream(1, "test", class);
            let draws: Vec<_> = (0..8).map(|_| draw(class, &mut random)).collect();
            if class == NEUTRAL {
                assert!(draws.iter().all(|units| *units == ActionUnits::default()));
            } else {
                assert!(draws.iter().all(|units| units.total() > 2.0));
                assert_ne!(draws[0], draws[1]);
            }
        }
    }

    #[test]
    fn fear_differs_from_surprise_by_the_drawn_brow_and_the_stretched_lips() {
        let mut random = stream(2, "test", "pair");
        let surprise = draw(4, &mut random);
        let fear = draw(6, &mut random);
        for unit in [BrowLowerer, LipStretcher] {
            assert!(fear.middle(unit) > 0.3 && surprise.middle(unit) < 0.01);
        }
    }

    #[test]
    fn confusable_pairs_go_both_ways() {
        for class in 0..CLASSES.len() {
            for other in confusable(class) {
                assert!(confusable(*other).contains(&class));
            }
        }
    }
}
