//! Shoulders, neck, ears, the head's outline with its shading, and the beard.

use crate::action_unit::ActionUnit::{
    CheekRaiser, ChinRaiser, JawDrop, LipCornerPuller, MouthStretch,
};
use crate::action_unit::Side;
use crate::canvas::{mix, shade};
use crate::identity::Beard;
use crate::placement::mirrored;
use crate::raster::Coverage;
use crate::sketch::Sketch;

/// How far the jaw hangs, in face units: AU26, AU27 and speech.
pub(crate) fn jaw_drop(sketch: &Sketch) -> f32 {
    let units = &sketch.units;
    let dropped = 0.20 * units.middle(JawDrop);
    let stretched = 0.30 * units.middle(MouthStretch);
    dropped.max(stretched).max(0.055 * sketch.state.speech[0])
}

/// The right half of the head's outline from top to chin.
fn outline_half(sketch: &Sketch) -> Vec<[f32; 2]> {
    let person = sketch.person;
    let (width, drop) = (person.half_width, jaw_drop(sketch) * 0.75);
    let jaw = width * person.jaw;
    vec![
        [0.0, -1.0],
        [0.50 * width, -0.94],
        [0.86 * width, -0.66],
        [0.98 * width, -0.30],
        [width, 0.05],
        [f32::midpoint(width, jaw) * 1.02, 0.40 + 0.2 * drop],
        [jaw * 0.97, 0.62 + 0.5 * drop],
        [f32::midpoint(jaw, person.chin) * 0.98, 0.84 + 0.8 * drop],
        [person.chin, 0.96 + drop],
        [0.0, 1.0 + drop],
    ]
}

/// Draws clothes; the neck comes after the hair behind it.
pub(crate) fn draw_clothes(sketch: &mut Sketch) {
    let shoulders = sketch.place.shoulders();
    let outline = mirrored(&[
        [0.0, 1.0],
        [0.35, 1.03],
        [0.85, 1.18],
        [1.25, 1.45],
        [1.3, 2.2],
    ]);
    let coverage = sketch.inside(&shoulders.outline(&outline));
    let colour = sketch.person.clothes;
    sketch.canvas.paint(&coverage, colour, 1.0);
}

/// Draws the neck with the chin's shadow on it.
pub(crate) fn draw_neck(sketch: &mut Sketch) {
    let shoulders = sketch.place.shoulders();
    let width = 0.36 + 0.1 * sketch.person.jaw;
    let outline = mirrored(&[
        [0.0, 0.5],
        [width, 0.6],
        [width, 0.95],
        [width + 0.05, 1.12],
        [0.0, 1.36],
    ]);
    let coverage = sketch.inside(&shoulders.outline(&outline));
    let skin = shade(sketch.person.skin, 0.80);
    sketch.canvas.paint(&coverage, skin, 1.0);
}

/// Draws the ears, which the hair may hide.
pub(crate) fn draw_ears(sketch: &mut Sketch) {
    let person = sketch.person;
    for side in Side::BOTH {
        let centre = [(person.half_width + 0.015) * side.sign(), 0.06];
        let outer = sketch.ellipse(centre, [0.095 * person.ears, 0.17 * person.ears]);
        let inner = sketch.ellipse(centre, [0.05 * person.ears, 0.10 * person.ears]);
        let (outer, inner) = (sketch.inside(&outer), sketch.inside(&inner));
        sketch.canvas.paint(&outer, shade(person.skin, 0.90), 1.0);
        sketch.canvas.paint(&inner, shade(person.skin, 0.72), 0.7);
    }
}

/// Draws the head's skin, darker towards its border, and returns its coverage for what lies on it.
pub(crate) fn draw_head(sketch: &mut Sketch) -> Coverage {
    let coverage = sketch.inside(&sketch.place.outline(&mirrored(&outline_half(sketch))));
    let person = sketch.person;
    let (skin, middle) = (person.skin, sketch.place.at(0.0, -0.05));
    let across = 1.0 / (person.half_width * 1.05 * sketch.place.unit);
    let down = 1.0 / (1.15 * sketch.place.unit);
    let rim = [skin[0] * 0.74, skin[1] * 0.68, skin[2] * 0.66];
    sketch.canvas.paint_with(&coverage, 1.0, |x, y| {
        let distance = ((x - middle.x) * across).powi(2) + ((y - middle.y) * down).powi(2);
        mix(skin, rim, (distance * distance * 0.6).min(1.0))
    });
    draw_relief(sketch);
    coverage
}

/// Eye sockets, cheeks and chin: what makes the skin look round, and what AU6, AU12 and AU17 raise.
fn draw_relief(sketch: &mut Sketch) {
    let person = sketch.person;
    let (shadow, bright) = (shade(person.skin, 0.70), mix(person.skin, [1.0; 3], 0.30));
    let blush = mix(person.skin, [0.85, 0.30, 0.28], 0.45);
    let (drop, chin) = (jaw_drop(sketch), sketch.units.middle(ChinRaiser));
    for side in Side::BOTH {
        let sign = side.sign();
        let raised = sketch
            .units
            .on(side, CheekRaiser)
            .max(0.6 * sketch.units.on(side, LipCornerPuller));
        sketch.spot(
            [person.eye_distance * sign * 0.92, person.eye_height - 0.03],
            [0.24, 0.17],
            shadow,
            0.45,
        );
        sketch.spot(
            [0.42 * sign, 0.26 - 0.06 * raised],
            [0.22, 0.17],
            blush,
            0.35 + 0.25 * raised,
        );
        sketch.spot(
            [0.40 * sign, 0.17 - 0.05 * raised],
            [0.20, 0.10],
            bright,
            0.35 + 0.45 * raised,
        );
        sketch.spot(
            [0.41 * sign, 0.40 - 0.04 * raised],
            [0.20, 0.09],
            shadow,
            0.30 * raised,
        );
    }
    sketch.spot([0.0, -0.60], [0.40, 0.20], bright, 0.35);
    sketch.spot(
        [0.0, 0.90 + 0.8 * drop - 0.03 * chin],
        [0.16, 0.09],
        bright,
        0.35,
    );
    sketch.spot(
        [0.0, 0.745 + 0.9 * drop - 0.03 * chin],
        [0.20, 0.06],
        shadow,
        0.45 + 0.35 * chin,
    );
    if chin > 0.05 {
        // The boss of the chin bunches up in small pits.
        for (x, y) in [(-0.07, 0.85), (0.02, 0.83), (0.08, 0.87), (-0.02, 0.89)] {
            sketch.spot(
                [x, y - 0.03 * chin + 0.8 * drop],
                [0.035, 0.03],
                shadow,
                0.9 * chin,
            );
        }
    }
    if person.freckles {
        for index in 0..14_u8 {
            let angle = f32::from(index) * 2.4;
            let reach = 0.05 + 0.012 * f32::from(index);
            let side = if index % 2 == 0 { 0.33 } else { -0.33 };
            sketch.spot(
                [side + reach * angle.cos(), 0.17 + 0.6 * reach * angle.sin()],
                [0.022, 0.022],
                shadow,
                0.8,
            );
        }
    }
}

/// Draws the beard on the head; the moustache is drawn with the mouth.
pub(crate) fn draw_beard(sketch: &mut Sketch, head: &Coverage) {
    let person = sketch.person;
    let (width, drop) = (person.half_width, jaw_drop(sketch));
    let (half, opacity) = match person.beard {
        Beard::None | Beard::Moustache => return,
        Beard::Stubble | Beard::Full => (
            vec![
                [0.0, 0.42],
                [0.30, 0.43],
                [0.45, 0.55],
                [0.62 * width, 0.40],
                [0.86 * width, 0.05],
                [1.05 * width, 0.0],
                [1.05 * width, 0.55],
                [0.8 * width, 0.98 + drop],
                [0.0, 1.12 + drop],
            ],
            if person.beard == Beard::Full {
                0.92
            } else {
                0.22
            },
        ),
        Beard::Goatee => (
            vec![
                [0.0, 0.68 + 0.8 * drop],
                [0.20, 0.70 + 0.7 * drop],
                [0.25, 0.86 + drop],
                [0.16, 1.02 + drop],
                [0.0, 1.05 + drop],
            ],
            0.9,
        ),
    };
    let coverage = sketch
        .inside(&sketch.place.outline(&mirrored(&half)))
        .within(head);
    sketch
        .canvas
        .paint(&coverage, shade(person.hair, 0.9), opacity);
}
