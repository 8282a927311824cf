//! Hair: what falls behind the head and what lies on it.

use crate::canvas::{Colour, mix, shade};
use crate::identity::HairStyle;
use crate::placement::mirrored;
use crate::raster::Coverage;
use crate::sketch::Sketch;

/// Draws the hair behind the neck and the head.
pub(crate) fn draw_back(sketch: &mut Sketch) {
    let person = sketch.person;
    let reach = person.half_width + person.hair_volume;
    let dark = shade(person.hair, 0.72);
    let half = match person.hair_style {
        HairStyle::Long | HairStyle::LongParted => {
            vec![
                [0.0, -1.1],
                [0.85 * reach, -0.8],
                [1.08 * reach, -0.2],
                [1.12 * reach, 0.5],
                [1.16 * reach, 1.2],
                [0.8 * reach, 1.45],
                [0.0, 1.4],
            ]
        }
        HairStyle::Bob | HairStyle::Fringe => {
            vec![
                [0.0, -1.1],
                [0.85 * reach, -0.8],
                [1.08 * reach, -0.2],
                [1.15 * reach, 0.4],
                [1.05 * reach, 0.78],
                [0.6 * reach, 0.8],
                [0.0, 0.7],
            ]
        }
        HairStyle::Curly => {
            let ring = ringlets(sketch, reach);
            sketch.fill(&ring, dark, 1.0);
            return;
        }
        HairStyle::Bun => {
            let bun = sketch.ellipse([0.0, -1.12], [0.30, 0.24]);
            let coverage = sketch.inside(&bun);
            sketch.canvas.paint(&coverage, dark, 1.0);
            return;
        }
        _ => return,
    };
    sketch.fill(&mirrored(&half), dark, 1.0);
}

/// The bumpy outline of curls about the head, from ear height upwards.
fn ringlets(sketch: &Sketch, reach: f32) -> Vec<[f32; 2]> {
    let volume = sketch.person.hair_volume;
    (0..44_u8)
        .map(|index| {
            let angle = (f32::from(index) / 43.0 * 1.36 - 0.18) * std::f32::consts::PI;
            let bump = if index % 2 == 0 { 1.0 } else { 0.94 };
            [
                -(reach + 0.10) * bump * angle.cos(),
                -0.12 - (0.95 + volume) * bump * angle.sin(),
            ]
        })
        .collect()
}

/// The hairline from the right temple to the left one: x as a share of the face's half width, y in face units.
fn hairline(style: HairStyle, parting: f32) -> Vec<[f32; 2]> {
    let half: &[[f32; 2]] = match style {
        HairStyle::Fringe => &[[1.02, 0.30], [0.93, -0.10], [0.86, -0.44], [0.45, -0.50]],
        HairStyle::Bob => &[[1.04, 0.45], [0.96, -0.05], [0.86, -0.45], [0.5, -0.68]],
        HairStyle::Long | HairStyle::LongParted => {
            &[[1.05, 0.70], [0.96, 0.0], [0.86, -0.45], [0.42, -0.74]]
        }
        HairStyle::Receding => &[[1.0, -0.05], [0.97, -0.35], [0.76, -0.80], [0.40, -0.86]],
        HairStyle::Cap => &[[1.0, -0.37], [0.96, -0.44], [0.75, -0.54], [0.36, -0.58]],
        HairStyle::Bun => &[[1.0, -0.12], [0.93, -0.42], [0.74, -0.68], [0.36, -0.78]],
        _ => &[[1.0, 0.0], [0.93, -0.36], [0.76, -0.62], [0.38, -0.69]],
    };
    let crown: &[[f32; 2]] = match style {
        HairStyle::Fringe => &[[0.0, -0.52]],
        HairStyle::Receding => &[[0.0, -0.76]],
        HairStyle::Cap => &[[0.0, -0.59]],
        HairStyle::Long => &[[0.0, -0.86]],
        HairStyle::SidePart | HairStyle::LongParted => &[],
        _ => &[[0.0, -0.71]],
    };
    let mut line = half.to_vec();
    line.extend_from_slice(crown);
    line.extend(half.iter().rev().map(|[x, y]| [-x, *y]));
    if matches!(style, HairStyle::SidePart | HairStyle::LongParted) {
        // The parting stands high on one side, from where the hair sweeps low across the forehead.
        line[3] = [0.42, -0.86];
        line[4] = [-0.40, -0.60];
        line[5] = [-0.84, -0.46];
    }
    if parting < 0.0 {
        line.reverse();
        for point in &mut line {
            point[0] = -point[0];
        }
    }
    line
}

/// Draws the hair on the head.
pub(crate) fn draw_front(sketch: &mut Sketch, head: &Coverage) {
    let person = sketch.person;
    let style = person.hair_style;
    let hair = if style == HairStyle::Cap {
        person.cap
    } else {
        person.hair
    };
    if style == HairStyle::Bald {
        // A shine, and a thin wreath that greys the temples.
        sketch.spot(
            [0.15, -0.80],
            [0.30, 0.14],
            mix(person.skin, [1.0; 3], 0.6),
            0.7,
        );
        for sign in [-1.0, 1.0] {
            let wreath = Coverage::spot(
                sketch.place.at(person.half_width * 0.98 * sign, -0.20),
                0.13 * sketch.place.unit,
                0.32 * sketch.place.unit,
                sketch.canvas.size(),
            );
            sketch.canvas.paint(&wreath.within(head), hair, 0.35);
        }
        return;
    }
    let width = person.half_width;
    let (volume, top) = match style {
        HairStyle::Buzz => (0.015, 0.0),
        HairStyle::Quiff => (person.hair_volume * 0.6, 0.14),
        HairStyle::Receding | HairStyle::Bun => (0.03, 0.0),
        HairStyle::Cap => (0.02, 0.03),
        _ => (person.hair_volume, 0.0),
    };
    let line = hairline(style, person.parting);
    let end = line[0][1];
    // A cap ends above the ears, close to the head.
    let (low, flare) = if style == HairStyle::Cap {
        (-0.33, 1.02)
    } else {
        (-0.1, 1.06)
    };
    let reach = width + volume * 0.8;
    let mut outline: Vec<[f32; 2]> = line.iter().map(|[x, y]| [x * width, *y]).collect();
    let lean = top * person.parting;
    outline.extend([
        [-reach * flare, end.max(low)],
        [-reach * 1.05, -0.36],
        [-reach * 0.88, -0.76 - 0.3 * volume],
        [-reach * 0.50, -1.0 - volume - top * 0.6 + lean * 0.5],
        [0.0, -1.04 - volume - top],
        [reach * 0.50, -1.0 - volume - top * 0.6 - lean * 0.5],
        [reach * 0.88, -0.76 - 0.3 * volume],
        [reach * 1.05, -0.36],
        [reach * flare, end.max(low)],
    ]);
    if style == HairStyle::Curly {
        let curls = ringlets(sketch, width + volume);
        outline.truncate(line.len());
        outline.extend(curls);
    }
    paint_hair(sketch, &outline, hair);
}

/// Fills hair with light on its crown and a few strands.
fn paint_hair(sketch: &mut Sketch, outline: &[[f32; 2]], hair: Colour) {
    let coverage = sketch.inside(&sketch.place.outline(outline));
    let buzz = sketch.person.hair_style == HairStyle::Buzz;
    let crown = sketch.place.at(-0.1, -0.86);
    let scale = 1.0 / (0.75 * sketch.place.unit);
    let bright = mix(hair, [1.0, 0.95, 0.9], 0.22);
    let dark = shade(hair, 0.80);
    let opacity = if buzz { 0.75 } else { 1.0 };
    sketch.canvas.paint_with(&coverage, opacity, |x, y| {
        let distance = ((x - crown.x) * scale).hypot((y - crown.y) * scale * 1.8);
        // Strands: narrow rays out of the crown.
        let ray = ((x - crown.x).atan2(y - crown.y - 12.0) * 23.0).sin() * 0.06;
        mix(bright, dark, (distance + ray).clamp(0.0, 1.0))
    });
}
