//! Eyes with their lids, brows, and glasses before them.

use crate::action_unit::ActionUnit::{
    BrowLowerer, CheekRaiser, InnerBrowRaiser, LidDroop, LidTightener, NoseWrinkler,
    OuterBrowRaiser, UpperLidRaiser,
};
use crate::action_unit::Side;
use crate::canvas::{Colour, mix, shade};
use crate::identity::Glasses;
use crate::raster::{Coverage, Point};
use crate::sketch::Sketch;

/// Radius of the iris in face units.
const IRIS: f32 = 0.066;

/// The lids of one eye, in face units about the eye's centre.
struct Lids {
    /// Height of the upper lid's edge over the centre; negative when a blink passes below it.
    upper: f32,
    /// Depth of the lower lid's edge below the centre.
    lower: f32,
}

fn lids(sketch: &Sketch, side: Side) -> Lids {
    let units = sketch.units;
    let on = |unit| units.on(side, unit);
    let open = sketch.person.eye_opening;
    let narrowed = 0.38 * on(LidTightener) + 0.22 * on(CheekRaiser) + 0.28 * on(NoseWrinkler);
    let upper =
        0.066 * open * (1.0 + 0.85 * on(UpperLidRaiser) - narrowed - 0.62 * on(LidDroop)).max(0.12);
    let raised = 0.60 * on(CheekRaiser).max(on(LidTightener)) + 0.25 * on(NoseWrinkler);
    let lower = 0.046 * open * (1.0 - raised + 0.15 * on(UpperLidRaiser)).max(0.15);
    let closed = -lower * 0.85;
    Lids {
        upper: upper + (closed - upper) * sketch.state.blink,
        lower,
    }
}

/// Draws both eyes.
pub(crate) fn draw_eyes(sketch: &mut Sketch) {
    for side in Side::BOTH {
        draw_eye(sketch, side);
    }
}

fn draw_eye(sketch: &mut Sketch, side: Side) {
    let person = sketch.person;
    let lids = lids(sketch, side);
    let sign = side.sign();
    let (centre_x, centre_y) = (person.eye_distance * sign, person.eye_height);
    // From the inner corner (−1) to the outer one (1).
    let edge = |t: f32, height: f32, power: f32| {
        let rise = person.eye_tilt * t * 0.5;
        [
            centre_x + t * person.eye_half_width * sign,
            centre_y - rise - height * (1.0 - t * t).max(0.0).powf(power),
        ]
    };
    let steps = || (0..=12_u8).map(|step| f32::from(step) / 6.0 - 1.0);
    let upper: Vec<[f32; 2]> = steps().map(|t| edge(t, lids.upper, 0.7)).collect();
    let lower: Vec<[f32; 2]> = steps().map(|t| edge(t, -lids.lower, 0.8)).collect();
    let place = sketch.place;
    let opening: Vec<Point> = upper
        .iter()
        .chain(lower.iter().rev())
        .map(|[x, y]| place.at(*x, *y))
        .collect();
    let opening = sketch.inside(&opening);
    sketch.canvas.paint(&opening, [0.93, 0.92, 0.91], 1.0);

    let [gaze_x, gaze_y] = sketch.state.gaze;
    let iris = [centre_x + 0.035 * gaze_x, centre_y - 0.008 + 0.014 * gaze_y];
    let rings = [
        (IRIS, shade(person.iris, 0.45)),
        (IRIS * 0.84, person.iris),
        (IRIS * 0.45, [0.03, 0.03, 0.04]),
    ];
    for (radius, colour) in rings {
        let ring = sketch
            .inside(&sketch.ellipse(iris, [radius, radius]))
            .within(&opening);
        sketch.canvas.paint(&ring, colour, 1.0);
    }
    let glint = sketch.ellipse([iris[0] + 0.02, iris[1] - 0.022], [0.016, 0.016]);
    let glint = sketch.inside(&glint).within(&opening);
    sketch.canvas.paint(&glint, [1.0; 3], 0.9);
    draw_lid_lines(sketch, side, &upper, &lower);
}

/// The lids' edges, the crease over the eye and the bag below it.
fn draw_lid_lines(sketch: &mut Sketch, side: Side, upper: &[[f32; 2]], lower: &[[f32; 2]]) {
    let person = sketch.person;
    let width = 0.010 + 0.008 * person.lashes;
    let lash = mix(shade(person.skin, 0.25), [0.04, 0.03, 0.03], person.lashes);
    let with_width = |line: &[[f32; 2]], lift: f32, half: f32| -> Vec<[f32; 3]> {
        line.iter()
            .step_by(2)
            .map(|[x, y]| [*x, y + lift, half])
            .collect()
    };
    let raised = sketch
        .units
        .on(side, CheekRaiser)
        .max(0.7 * sketch.units.on(side, LidTightener));
    let lifted = sketch.units.on(side, UpperLidRaiser);
    let fold = shade(person.skin, 0.52);
    sketch.line(
        &with_width(upper, -0.040 + 0.02 * lifted, 0.006),
        0.012,
        fold,
        0.65,
    );
    sketch.line(
        &with_width(lower, 0.0, 0.004),
        0.012,
        shade(person.skin, 0.45),
        0.7,
    );
    sketch.line(
        &with_width(lower, 0.055, 0.008),
        0.02,
        shade(person.skin, 0.62),
        0.25 + 0.3 * person.age + 0.5 * raised,
    );
    sketch.line(&with_width(upper, 0.0, width), 0.010, lash, 0.95);
}

/// Draws both brows.
pub(crate) fn draw_brows(sketch: &mut Sketch) {
    let person = sketch.person;
    let colour = mix(shade(person.hair, 0.6), shade(person.skin, 0.4), 0.25);
    for side in Side::BOTH {
        let units = sketch.units;
        let on = |unit| units.on(side, unit);
        let (inner_up, outer_up, down) =
            (on(InnerBrowRaiser), on(OuterBrowRaiser), on(BrowLowerer));
        let wrinkled = on(NoseWrinkler);
        // A raised brow that is also drawn together keeps most of its height.
        let drawn = down * (1.0 - 0.65 * inner_up);
        let inner = -0.15 * inner_up + 0.14 * drawn + 0.06 * wrinkled;
        let middle = -0.045 * inner_up - 0.115 * outer_up * (1.0 - 0.4 * down)
            + 0.075 * drawn
            + 0.03 * wrinkled;
        let outer = 0.035 * inner_up * (1.0 - outer_up) - 0.105 * outer_up + 0.01 * drawn;
        let (sign, distance) = (side.sign(), person.eye_distance);
        let base = person.eye_height - person.brow_height;
        let together = 0.055 * down + 0.02 * wrinkled;
        let thick = person.brow_thickness;
        let points = [
            [
                (distance - 0.165 - together) * sign,
                base + 0.02 + inner,
                thick * 0.85,
            ],
            [
                (distance - 0.06 - 0.5 * together) * sign,
                base + f32::midpoint(inner, middle) - 0.5 * person.brow_arch,
                thick,
            ],
            [
                (distance + 0.07) * sign,
                base + middle - person.brow_arch,
                thick * 0.85,
            ],
            [(distance + 0.20) * sign, base + 0.045 + outer, thick * 0.3],
        ];
        sketch.line(&points, 0.014, colour, 0.93);
    }
}

/// Draws glasses, if the person wears any.
pub(crate) fn draw_glasses(sketch: &mut Sketch) {
    let person = sketch.person;
    let (width, height, power) = match person.glasses {
        Glasses::None => return,
        Glasses::Round => (0.215, 0.20, 1.0),
        Glasses::Square => (0.23, 0.165, 0.45),
    };
    let colour: Colour = person.glasses_colour;
    let level = person.eye_height + 0.02;
    for side in Side::BOTH {
        let centre = person.eye_distance * 1.02 * side.sign();
        let rim: Vec<[f32; 3]> = (0..=24_u8)
            .map(|step| {
                let (sin, cos) = (f32::from(step) / 24.0 * std::f32::consts::TAU).sin_cos();
                let round = |value: f32| value.signum() * value.abs().powf(power);
                [
                    centre + width * round(cos),
                    level + height * round(sin),
                    0.011,
                ]
            })
            .collect();
        let outline: Vec<Point> = rim
            .iter()
            .map(|[x, y, _]| sketch.place.at(*x, *y))
            .collect();
        let lens = Coverage::fill(&outline, sketch.canvas.size());
        sketch.canvas.paint(&lens, [0.85, 0.92, 1.0], 0.10);
        sketch.line(&rim, 0.010, colour, 0.95);
        let hinge = (person.eye_distance * 1.02 + width) * side.sign();
        let temple = person.half_width * 0.98 * side.sign();
        sketch.line(
            &[[hinge, level - 0.04, 0.011], [temple, level - 0.02, 0.011]],
            0.010,
            colour,
            0.9,
        );
    }
    let bridge = (person.eye_distance * 1.02 - width).max(0.03);
    sketch.line(
        &[
            [-bridge, level - 0.02, 0.011],
            [0.0, level - 0.05, 0.011],
            [bridge, level - 0.02, 0.011],
        ],
        0.010,
        colour,
        0.95,
    );
}
