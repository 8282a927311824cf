//! Looking for faces in pictures that follow each other: in the whole picture now and then, else near where they were, which
//! takes a sixth of the time.

use super::detector::{Face, FaceFinder};
use crate::video::{Glances, part_of_grey};

/// One in so many pictures is looked at as a whole, in which faces may be new.
const WHOLE: usize = 4;

/// With more faces, looking near each takes as long as the whole picture.
const MOST_NEAR: usize = 3;

/// Edge of what is looked at around a face, in its edges: it may move by most of one.
const AROUND: f32 = 2.8;

/// A face is brought to so many pixels: a few more than the smallest that the detector finds.
const FACE_EDGE: f32 = 48.0;

/// The detector takes no smaller picture.
const SMALLEST_PICTURE: usize = 48;

/// Boxes that share more than this of their union are one face.
const SAME: f32 = 0.3;

/// The faces in each picture, doubtful ones too. A picture on which the detector gives up has none.
pub(super) fn search(finder: &mut FaceFinder, glances: &Glances) -> Vec<Vec<Face>> {
    let shape = glances.shape;
    let pictures = glances.pixels.chunks_exact((shape.0 * shape.1) as usize);
    let count = glances.at.len();
    let mut found: Vec<Vec<Face>> = Vec::with_capacity(count);
    for (at, grey) in pictures.take(count).enumerate() {
        let known = found.last().map_or(&[][..], Vec::as_slice);
        let is_whole = at % WHOLE == 0 || at + 1 == count;
        let near = (!is_whole && (1..=MOST_NEAR).contains(&known.len()))
            .then(|| all_near(finder, grey, shape, known))
            .flatten();
        let faces = near.or_else(|| finder.faces(grey, shape));
        found.push(faces.unwrap_or_default());
    }
    found
}

/// The faces near those of the picture before; nothing where one of them is not found.
fn all_near(
    finder: &mut FaceFinder,
    grey: &[u8],
    shape: (u32, u32),
    known: &[Face],
) -> Option<Vec<Face>> {
    let mut faces: Vec<Face> = Vec::new();
    for face in known {
        let found = near(finder, grey, shape, face)?;
        if found.is_empty() {
            return None;
        }
        faces.extend(found);
    }
    Some(without_doubles(faces))
}

fn near(
    finder: &mut FaceFinder,
    grey: &[u8],
    (width, height): (u32, u32),
    face: &Face,
) -> Option<Vec<Face>> {
    let along = |middle: f32, length: u32| {
        let half = AROUND * face.edge / 2.0;
        let start = (middle - half).max(0.0);
        (start, (middle + half).min(length as f32) - start)
    };
    let ((left, across), (top, down)) = (along(face.x, width), along(face.y, height));
    let factor = (FACE_EDGE / face.edge).min(1.0);
    let pixels = |length: f32| (length * factor).round() as usize;
    let size = (pixels(across), pixels(down));
    if size.0.min(size.1) < SMALLEST_PICTURE {
        return None;
    }
    let part = part_of_grey(grey, width as usize, [left, top, across, down], size);
    let faces = finder.faces(&part, (size.0 as u32, size.1 as u32))?;
    let (x_scale, y_scale) = (across / size.0 as f32, down / size.1 as f32);
    let in_picture = |found: Face| Face {
        x: left + found.x * x_scale,
        y: top + found.y * y_scale,
        edge: found.edge * x_scale,
        score: found.score,
    };
    Some(faces.into_iter().map(in_picture).collect())
}

/// Of boxes that are the same face the surest one.
fn without_doubles(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|one, other| other.score.total_cmp(&one.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.iter().all(|other| overlap(&face, other) < SAME) {
            kept.push(face);
        }
    }
    kept
}

/// What two boxes share of their union.
fn overlap(one: &Face, other: &Face) -> f32 {
    let along = |one_middle: f32, other_middle: f32| {
        let end = (one_middle + one.edge / 2.0).min(other_middle + other.edge / 2.0);
        let start = (one_middle - one.edge / 2.0).max(other_middle - other.edge / 2.0);
        (end - start).max(0.0)
    };
    let common = along(one.x, other.x) * along(one.y, other.y);
    common / (one.edge.powi(2) + other.edge.powi(2) - common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_boxes_of_one_face_the_surest_is_kept() {
        let face = |x, edge, score| Face {
            x,
            y: 50.0,
            edge,
            score,
        };
        let faces = vec![
            face(50.0, 40.0, 3.0),
            face(54.0, 42.0, 9.0),
            face(120.0, 40.0, 2.0),
        ];
        let kept = without_doubles(faces);
        assert_eq!(kept, [face(54.0, 42.0, 9.0), face(120.0, 40.0, 2.0)]);
        assert!((overlap(&kept[0], &kept[0]) - 1.0).abs() < 1e-6);
        assert!(overlap(&kept[0], &kept[1]).abs() < 1e-6);
    }
}
