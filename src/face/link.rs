//! Which boxes in pictures that follow each other are the same face, and which face is followed.

use super::detector::Face;

/// The middle of a face moves by less than so many of its edges from one picture to the next.
const REACH: f32 = 0.8;

/// How the reach grows with the pictures in which a face was not found: not without bound, since another face may appear.
const LONGEST_REACH: f32 = 1.6;

/// One and the same face is not larger than another time by more than this from one picture to the next.
const SIZE_RATIO: f32 = 1.6;

/// The score from which on the detector is taken to have found a face (`SeetaFace`'s own example); a face that was found so
/// once is also followed where it scores less.
const SURE: f32 = 2.0;

/// Another face counts if it is in this share of the pictures.
const OTHERS_SHARE: f32 = 0.25;

/// A face in one of the pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sighting {
    /// The picture's place in the row.
    pub(super) at: usize,
    pub(super) face: Face,
}

/// One face, picture by picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Track {
    pub(super) sightings: Vec<Sighting>,
}

/// What is known of the faces of a video.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chosen {
    /// The face to follow; without sightings where there is none.
    pub(super) track: Track,
    /// Other faces that are there for a good part of the video.
    pub(super) others: usize,
}

impl Track {
    fn best_score(&self) -> f32 {
        let scores = self.sightings.iter().map(|sighting| sighting.face.score);
        scores.fold(0.0, f32::max)
    }

    /// How much this is the face that the video is about: large, in the middle and there for long.
    fn prominence(&self, (width, height): (f32, f32)) -> f32 {
        let half_diagonal = width.hypot(height) / 2.0;
        let of = |sighting: &Sighting| {
            let Face { x, y, edge, .. } = sighting.face;
            let from_middle = (x - width / 2.0).hypot(y - height / 2.0) / half_diagonal;
            edge * (1.0 - from_middle.min(1.0) / 2.0)
        };
        self.sightings.iter().map(of).sum()
    }

    /// How far a face is from where this one was last, in its edges; nothing where it cannot be the same.
    fn distance(&self, at: usize, face: &Face) -> Option<f32> {
        let last = self.sightings.last()?;
        let edge = f32::midpoint(last.face.edge, face.edge);
        let ratio = (last.face.edge / face.edge).max(face.edge / last.face.edge);
        let distance = (last.face.x - face.x).hypot(last.face.y - face.y) / edge;
        let pictures = (at - last.at) as f32;
        let reach = (REACH * pictures.sqrt()).min(LONGEST_REACH);
        (distance < reach && ratio < SIZE_RATIO).then_some(distance)
    }
}

/// Joins the faces of the pictures to tracks, the nearest ones first, and chooses the one to follow. `shape`: width and height
/// of the pictures.
pub(super) fn choose(pictures: &[Vec<Face>], shape: (f32, f32)) -> Chosen {
    let mut tracks: Vec<Track> = Vec::new();
    for (at, faces) in pictures.iter().enumerate() {
        join(&mut tracks, at, faces);
    }
    tracks.retain(|track| track.best_score() >= SURE);
    let is_there =
        |track: &&Track| track.sightings.len() as f32 >= OTHERS_SHARE * pictures.len() as f32;
    let prominence = |track: &Track| track.prominence(shape);
    let Some(place) = (0..tracks.len())
        .max_by(|&one, &other| prominence(&tracks[one]).total_cmp(&prominence(&tracks[other])))
    else {
        return Chosen::default();
    };
    let track = tracks.swap_remove(place);
    Chosen {
        track,
        others: tracks.iter().filter(is_there).count(),
    }
}

fn join(tracks: &mut Vec<Track>, at: usize, faces: &[Face]) {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (place, track) in tracks.iter().enumerate() {
        let near = |(number, face)| Some((track.distance(at, face)?, place, number));
        pairs.extend(faces.iter().enumerate().filter_map(near));
    }
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut is_taken = vec![false; faces.len()];
    for (_, place, number) in pairs {
        let sightings = &mut tracks[place].sightings;
        let has_one = sightings.last().is_some_and(|last| last.at == at);
        if !has_one && !is_taken[number] {
            is_taken[number] = true;
            let face = faces[number];
            sightings.push(Sighting { at, face });
        }
    }
    let new = faces.iter().zip(is_taken).filter(|(_, is_taken)| !is_taken);
    tracks.extend(new.map(|(&face, _)| Track {
        sightings: vec![Sighting { at, face }],
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: (f32, f32) = (400.0, 300.0);

    fn face(x: f32, y: f32, edge: f32) -> Face {
        Face {
            x,
            y,
            edge,
            score: 10.0,
        }
    }

    fn places(chosen: &Chosen) -> Vec<usize> {
        chosen.track.sightings.iter().map(|seen| seen.at).collect()
    }

    #[test]
    fn a_moving_face_is_one_track_over_gaps() {
        let at = |step: usize| vec![face(50.0 + 20.0 * step as f32, 150.0, 60.0)];
        let mut pictures: Vec<_> = (0..12).map(at).collect();
        pictures[4].clear();
        pictures[7].clear();
        let chosen = choose(&pictures, SHAPE);
        assert_eq!(places(&chosen), [0, 1, 2, 3, 5, 6, 8, 9, 10, 11]);
        assert_eq!(chosen.others, 0);
    }

    #[test]
    fn two_faces_that_pass_each_other_stay_two() {
        let pictures: Vec<_> = (0..10)
            .map(|step| {
                let step = step as f32;
                vec![
                    face(300.0 - 20.0 * step, 190.0, 50.0),
                    face(100.0 + 20.0 * step, 100.0, 70.0),
                ]
            })
            .collect();
        let chosen = choose(&pictures, SHAPE);
        assert_eq!((places(&chosen).len(), chosen.others), (10, 1));
        let sightings = &chosen.track.sightings;
        assert!(sightings.iter().all(|seen| seen.face.y < 110.0));
    }

    #[test]
    fn of_several_the_large_the_central_and_the_lasting_one_is_followed() {
        let followed = |others: &[Face], shown: usize| {
            let of = |at| {
                let mut faces = vec![face(200.0, 150.0, 60.0)];
                faces.extend(others.iter().filter(|_| at < shown));
                faces
            };
            let pictures: Vec<_> = (0..8).map(of).collect();
            choose(&pictures, SHAPE).track.sightings[0].face
        };
        let own = face(200.0, 150.0, 60.0);
        assert_eq!(followed(&[face(50.0, 60.0, 60.0)], 8), own);
        assert_eq!(followed(&[face(80.0, 150.0, 110.0)], 3), own);
        let large = face(80.0, 150.0, 140.0);
        assert_eq!(followed(&[large], 8), large);
    }

    #[test]
    fn what_is_never_sure_is_no_face() {
        let doubtful = Face {
            score: 1.5,
            ..face(200.0, 150.0, 60.0)
        };
        assert_eq!(choose(&vec![vec![doubtful]; 5], SHAPE), Chosen::default());
        let mut pictures = vec![vec![doubtful]; 5];
        pictures[2] = vec![face(201.0, 150.0, 60.0)];
        assert_eq!(places(&choose(&pictures, SHAPE)), [0, 1, 2, 3, 4]);
        assert_eq!(choose(&[], SHAPE), Chosen::default());
        assert_eq!(choose(&[vec![], vec![]], SHAPE), Chosen::default());
    }

    #[test]
    fn a_face_elsewhere_or_of_another_size_is_another_one() {
        let pictures = vec![
            vec![face(100.0, 100.0, 60.0)],
            vec![face(300.0, 100.0, 60.0)],
            vec![face(300.0, 100.0, 130.0)],
        ];
        assert_eq!(choose(&pictures, SHAPE).track.sightings.len(), 1);
    }
}
