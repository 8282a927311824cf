//! The nose and the furrows that action units fold into the skin.

use crate::action_unit::ActionUnit::{
    BrowLowerer, CheekRaiser, InnerBrowRaiser, LipCornerPuller, LipStretcher, NoseWrinkler,
    OuterBrowRaiser, UpperLipRaiser,
};
use crate::action_unit::Side;
use crate::canvas::{mix, shade};
use crate::sketch::Sketch;

/// Draws the nose; AU9 and AU10 lift its wings.
pub(crate) fn draw_nose(sketch: &mut Sketch) {
    let person = sketch.person;
    let lift =
        0.045 * sketch.units.middle(NoseWrinkler) + 0.012 * sketch.units.middle(UpperLipRaiser);
    let flare = 1.0
        + 0.14 * sketch.units.middle(NoseWrinkler)
        + 0.05 * sketch.units.middle(LipCornerPuller);
    let tip = person.eye_height + person.nose_length - lift;
    let width = person.nose_width * flare;
    let (shadow, bright) = (shade(person.skin, 0.62), mix(person.skin, [1.0; 3], 0.4));
    // One side of the bridge lies in shadow.
    sketch.line(
        &[
            [0.075, person.eye_height - 0.06, 0.012],
            [0.055, person.eye_height + 0.12, 0.014],
            [0.085, tip - 0.06, 0.012],
        ],
        0.03,
        shadow,
        0.40,
    );
    sketch.line(
        &[[-0.01, person.eye_height, 0.012], [-0.01, tip - 0.06, 0.02]],
        0.03,
        bright,
        0.5,
    );
    sketch.spot([0.0, tip + 0.055], [width * 1.3, 0.06], shadow, 0.5);
    sketch.spot([-0.01, tip - 0.03], [0.06, 0.05], bright, 0.7);
    for side in Side::BOTH {
        let sign = side.sign();
        sketch.line(
            &[
                [width * 0.82 * sign, tip - 0.075, 0.005],
                [width * 1.04 * sign, tip - 0.01, 0.010],
                [width * 0.82 * sign, tip + 0.032, 0.008],
            ],
            0.012,
            shadow,
            0.85,
        );
        let nostril = sketch.ellipse([width * 0.46 * sign, tip + 0.026], [0.034, 0.018]);
        let nostril = sketch.inside(&nostril);
        sketch
            .canvas
            .paint(&nostril, shade(person.skin, 0.25), 0.85);
    }
}

/// Draws the folds that come with age and with action units.
pub(crate) fn draw_folds(sketch: &mut Sketch) {
    let person = sketch.person;
    let fold = shade(person.skin, 0.50);
    let old = ((person.age - 0.35) * 0.7).max(0.0);
    let (eye, brow) = (person.eye_height, person.eye_height - person.brow_height);
    let nose = eye + person.nose_length;
    for side in Side::BOTH {
        let sign = side.sign();
        let units = sketch.units;
        let on = |unit| units.on(side, unit);
        let (smile, raised) = (
            on(LipCornerPuller),
            on(UpperLipRaiser).max(0.8 * on(NoseWrinkler)),
        );
        let depth = smile.max(raised).max(0.5 * on(LipStretcher));
        let crow = on(CheekRaiser);
        // From the wing of the nose past the corner of the mouth (nasolabial fold).
        let out = person.mouth_half_width * (1.2 + 0.35 * smile) + 0.03;
        sketch.line(
            &[
                [
                    (person.nose_width + 0.03) * sign,
                    nose - 0.03 - 0.05 * raised,
                    0.006,
                ],
                [(0.6 * out + 0.09) * sign, nose + 0.08 - 0.04 * depth, 0.013],
                [out * sign, person.mouth_height - 0.04 - 0.05 * smile, 0.006],
            ],
            0.022,
            fold,
            (0.16 + 0.5 * old + 0.75 * depth).min(0.9),
        );
        for step in [-1.0, 0.0, 1.0_f32] {
            let start = person.eye_distance + person.eye_half_width + 0.035;
            sketch.line(
                &[
                    [start * sign, eye + 0.02 * step, 0.006],
                    [(start + 0.09) * sign, eye + 0.055 * step + 0.01, 0.003],
                ],
                0.010,
                fold,
                0.75 * crow + 0.4 * old,
            );
        }
        // The furrow between the brows, and the creases on the nose's side.
        let drawn = on(BrowLowerer).max(0.6 * on(NoseWrinkler));
        sketch.line(
            &[
                [0.05 * sign, brow - 0.07 + 0.05 * drawn, 0.005],
                [0.042 * sign, brow + 0.09 + 0.03 * drawn, 0.009],
            ],
            0.012,
            fold,
            0.9 * drawn + 0.25 * old,
        );
        let wrinkled = on(NoseWrinkler);
        for row in [0.0, 1.0, 2.0_f32] {
            let y = eye + 0.02 + 0.055 * row;
            sketch.line(
                &[
                    [0.02 * sign, y, 0.004],
                    [0.10 * sign, y - 0.035, 0.010],
                    [0.15 * sign, y - 0.005, 0.003],
                ],
                0.012,
                fold,
                0.85 * wrinkled,
            );
        }
    }
    draw_forehead(sketch, old);
}

/// Level furrows over raised brows: across for AU2, in the middle for AU1.
fn draw_forehead(sketch: &mut Sketch, old: f32) {
    let person = sketch.person;
    let fold = shade(person.skin, 0.55);
    let inner = sketch.units.middle(InnerBrowRaiser);
    let outer = sketch.units.middle(OuterBrowRaiser);
    let reach = 0.16 + 0.26 * outer;
    let brow = person.eye_height - person.brow_height;
    for row in [0.0, 1.0, 2.0_f32] {
        let y = brow - 0.16 - 0.075 * row;
        let sag = 0.03 * (inner - outer);
        sketch.line(
            &[
                [-reach, y + sag, 0.003],
                [-0.5 * reach, y - 0.012, 0.009],
                [0.0, y + 0.008 - sag, 0.008],
                [0.5 * reach, y - 0.012, 0.009],
                [reach, y + sag, 0.003],
            ],
            0.013,
            fold,
            (0.65 * inner.max(outer) + 0.5 * old).min(0.8),
        );
    }
}
