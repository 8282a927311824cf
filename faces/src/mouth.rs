//! The mouth: lips, what shows between them, and the moustache above.

use crate::action_unit::ActionUnit::{
    ChinRaiser, JawDrop, LipCornerDepressor, LipCornerPuller, LipPressor, LipStretcher,
    LipTightener, LipsPart, LowerLipDepressor, MouthStretch, NoseWrinkler, UpperLipRaiser,
};
use crate::action_unit::Side;
use crate::canvas::{mix, shade};
use crate::head::jaw_drop;
use crate::identity::Beard;
use crate::sketch::Sketch;

/// Points along each edge of the lips.
const POINTS: u8 = 24;

/// The four edges of the lips from the left corner to the right one, in face units.
struct Lips {
    upper_outer: Vec<[f32; 2]>,
    upper_inner: Vec<[f32; 2]>,
    lower_inner: Vec<[f32; 2]>,
    lower_outer: Vec<[f32; 2]>,
    /// The largest gap between the lips.
    opening: f32,
    /// How much of the lower teeth shows, 0 to 1.
    lower_teeth: f32,
}

fn lips(sketch: &Sketch) -> Lips {
    let (person, units) = (sketch.person, &sketch.units);
    let middle = |unit| units.middle(unit);
    let [spoken, rounded] = sketch.state.speech;
    let drop = jaw_drop(sketch);
    let stretched = middle(LipStretcher);
    let part = middle(LipsPart);
    let closed_tight = middle(LipPressor).max(0.8 * middle(LipTightener));
    let thin = 1.0 - 0.5 * closed_tight - 0.22 * middle(LipCornerPuller) - 0.2 * stretched;
    let lifted = 0.095 * middle(UpperLipRaiser) + 0.04 * middle(NoseWrinkler) + 0.015 * part;
    let centre = person.mouth_height - 0.4 * lifted - 0.035 * middle(ChinRaiser)
        + 0.02 * middle(LipCornerPuller);
    let open_up =
        0.6 * lifted * part.max(0.25 * middle(UpperLipRaiser)) + 0.016 * part + 0.006 * spoken;
    let open_down =
        0.045 * part + 0.055 * middle(LowerLipDepressor) + drop * (1.0 - 0.1 * closed_tight);
    let opening = open_up + open_down;
    // A stretched mouth is a slot, a hanging jaw makes an oval.
    let slot = 2.0 + 3.0 * stretched.max(0.8 * middle(LowerLipDepressor));
    let oval = 1.0 - 0.4 * (opening / 0.2).min(1.0);
    let side_values = |side: Side| {
        let on = |unit| units.on(side, unit);
        let width = person.mouth_half_width
            * (1.0
                + 0.32 * on(LipCornerPuller)
                + 0.34 * on(LipStretcher)
                + 0.06 * on(LipCornerDepressor)
                - 0.10 * on(LipTightener)
                - 0.18 * on(JawDrop)
                - 0.24 * on(MouthStretch)
                - 0.12 * rounded.clamp(0.0, 1.0));
        let fall = -0.155 * on(LipCornerPuller)
            + 0.14 * on(LipCornerDepressor)
            + 0.045 * on(LipStretcher)
            + 0.03 * on(ChinRaiser)
            + 0.46 * drop
            - person.mouth_curve;
        (width, fall)
    };
    let sides = Side::BOTH.map(side_values);
    let edge = |shape: &dyn Fn(f32) -> f32| -> Vec<[f32; 2]> {
        (0..=POINTS)
            .map(|step| {
                let t = f32::from(step) / f32::from(POINTS) * 2.0 - 1.0;
                let (width, fall) = sides[usize::from(t > 0.0)];
                [t * width, centre + fall * t.abs().powf(1.8) + shape(t)]
            })
            .collect()
    };
    let gap = |t: f32| (1.0 - t.abs().powf(slot)).max(0.0).powf(oval);
    let body = |t: f32| (1.0 - t * t).max(0.0).powf(0.8);
    let bow = |t: f32| 1.0 - 0.28 * (-(t / 0.16) * (t / 0.16)).exp();
    let (upper, lower) = (
        person.upper_lip * thin,
        person.lower_lip * thin * (1.0 + 0.15 * middle(ChinRaiser)),
    );
    Lips {
        upper_outer: edge(&|t| -open_up * gap(t) - upper * body(t) * bow(t)),
        upper_inner: edge(&|t| -open_up * gap(t)),
        lower_inner: edge(&|t| open_down * gap(t)),
        lower_outer: edge(&|t| open_down * gap(t) + lower * body(t)),
        opening,
        lower_teeth: stretched.max(middle(LowerLipDepressor)),
    }
}

/// Draws the mouth and what lies about it.
pub(crate) fn draw_mouth(sketch: &mut Sketch) {
    let lips = lips(sketch);
    draw_moustache(sketch, &lips);
    let person = sketch.person;
    let place = sketch.place;
    let between = |upper: &[[f32; 2]], lower: &[[f32; 2]]| {
        let points: Vec<_> = upper
            .iter()
            .chain(lower.iter().rev())
            .map(|[x, y]| place.at(*x, *y))
            .collect();
        points
    };
    let upper = sketch.inside(&between(&lips.upper_outer, &lips.upper_inner));
    let lower = sketch.inside(&between(&lips.lower_inner, &lips.lower_outer));
    sketch.canvas.paint(&upper, shade(person.lips, 0.86), 1.0);
    sketch.canvas.paint(&lower, person.lips, 1.0);
    let shine = lips.lower_outer[usize::from(POINTS / 2)];
    sketch.spot(
        [shine[0] - 0.03, shine[1] - 0.5 * person.lower_lip],
        [0.09, 0.022],
        mix(person.lips, [1.0; 3], 0.5),
        0.6,
    );
    if lips.opening > 0.008 {
        draw_cavity(sketch, &lips);
    }
    // The line between closed lips; an open mouth keeps it at its corners only.
    let dark = shade(person.lips, 0.30);
    let seam: Vec<[f32; 3]> = lips
        .upper_inner
        .iter()
        .step_by(3)
        .map(|[x, y]| [*x, *y, 0.007])
        .collect();
    sketch.line(
        &seam,
        0.010,
        dark,
        0.9 - 0.6 * (lips.opening / 0.06).min(1.0),
    );
    for corner in [lips.upper_inner[0], lips.upper_inner[usize::from(POINTS)]] {
        sketch.spot(corner, [0.04, 0.035], shade(person.skin, 0.45), 0.7);
    }
}

/// The dark inside of the mouth with teeth and tongue.
fn draw_cavity(sketch: &mut Sketch, lips: &Lips) {
    let place = sketch.place;
    let area = |upper: &dyn Fn(usize) -> f32, lower: &dyn Fn(usize) -> f32| {
        let count = lips.upper_inner.len();
        let above = (0..count).map(|index| (index, upper(index)));
        let below = (0..count).rev().map(|index| (index, lower(index)));
        let points: Vec<_> = above
            .chain(below)
            .map(|(index, y)| place.at(lips.upper_inner[index][0], y))
            .collect();
        points
    };
    let top = |index: usize| lips.upper_inner[index][1];
    let bottom = |index: usize| lips.lower_inner[index][1];
    let cavity = sketch.inside(&area(&top, &bottom));
    sketch.canvas.paint(&cavity, [0.16, 0.05, 0.06], 1.0);
    if lips.opening > 0.10 {
        let tongue = area(&|index| bottom(index) - 0.38 * lips.opening, &|index| {
            bottom(index) + 0.02
        });
        let tongue = sketch.inside(&tongue).within(&cavity);
        sketch.canvas.paint(&tongue, [0.66, 0.28, 0.28], 0.8);
    }
    let height = (lips.opening * 0.75)
        .min(0.075 - 0.14 * lips.opening)
        .max(0.02);
    let teeth = sketch
        .inside(&area(&|index| top(index) - 0.01, &|index| {
            top(index) + height
        }))
        .within(&cavity);
    sketch.canvas.paint(&teeth, [0.94, 0.92, 0.86], 0.95);
    if lips.lower_teeth > 0.1 {
        let row = |index: usize| bottom(index) - 0.45 * lips.opening.min(0.10);
        let teeth = sketch
            .inside(&area(&row, &|index| bottom(index) + 0.01))
            .within(&cavity);
        sketch
            .canvas
            .paint(&teeth, [0.86, 0.84, 0.78], 0.9 * lips.lower_teeth);
        let seam: Vec<[f32; 3]> = (3..lips.upper_inner.len() - 3)
            .step_by(3)
            .map(|index| [lips.upper_inner[index][0], row(index), 0.004])
            .collect();
        sketch.line(&seam, 0.008, [0.25, 0.12, 0.12], 0.8 * lips.lower_teeth);
    }
}

fn draw_moustache(sketch: &mut Sketch, lips: &Lips) {
    let person = sketch.person;
    let opacity = match person.beard {
        Beard::None => return,
        Beard::Stubble => 0.2,
        Beard::Full | Beard::Goatee | Beard::Moustache => 0.93,
    };
    let (edge, last) = (&lips.upper_outer, lips.upper_outer.len() - 1);
    let mut outline: Vec<[f32; 2]> = edge.iter().step_by(3).map(|[x, y]| [*x, *y]).collect();
    outline[0][0] -= 0.03;
    outline[last / 3][0] += 0.03;
    let top = |index: usize| edge[index][1] - 0.085;
    outline.extend([
        [edge[last][0] * 0.7, top(last * 5 / 6)],
        [0.07, top(last / 2) + 0.01],
        [-0.07, top(last / 2) + 0.01],
        [edge[0][0] * 0.7, top(last / 6)],
    ]);
    sketch.fill(&outline, shade(person.hair, 0.88), opacity);
}
