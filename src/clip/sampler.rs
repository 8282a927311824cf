//! The clip sampler (RDFER, arXiv:2502.16129, §3.1, with windows of mixed length and phase, ours).
//!
//! A clip is an ordered list of T frame positions inside a window of the video. Agreement says something only when the
//! clips of a video differ, so windows differ in length, place and phase.

use rand::RngExt;

use super::ClipSettings;
use crate::seed::Seed;

/// A clip: positions in a video's frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// T positions in `[0, frames)`, ascending; repeated where the video is shorter than the clip.
    pub positions: Vec<usize>,
    /// Whether the clip is mirrored left to right.
    pub flipped: bool,
}

/// The `count` clips on which a video of `frames` frames is scored.
///
/// Clip i's window has a length drawn from `[window_min, 1]` of the video; the windows' starts cover the video evenly,
/// the first at its first frame, the last ending at its last. A clip depends on `(seed, id, i)` alone.
///
/// An empty video has no clips.
pub fn scoring_clips(settings: &ClipSettings, frames: usize, seed: Seed, id: &str) -> Vec<Clip> {
    if frames == 0 {
        return Vec::new();
    }
    (0..settings.count)
        .map(|clip| {
            let mut random = seed.stream("clip", format_args!("{clip} {id}"));
            let length = frames as f64 * random.random_range(settings.window_min..=1.0);
            let place = clip as f64 / (settings.count.max(2) - 1) as f64;
            let start = place * (frames as f64 - length);
            Clip {
                positions: spread(start, length, random.random(), settings.frames, frames),
                flipped: settings.flip && clip % 2 == 1,
            }
        })
        .collect()
}

/// The one clip of a video of which no several can differ: all its frames.
///
/// # Panics
///
/// If the video has no frames.
pub fn whole_clip(settings: &ClipSettings, frames: usize) -> Clip {
    Clip {
        positions: spread(0.0, frames as f64, 0.5, settings.frames, frames),
        flipped: false,
    }
}

/// One clip to train on: window, place and phase drawn afresh for every epoch. Mirroring belongs to the augmentation.
///
/// # Panics
///
/// If the video has no frames.
pub fn training_clip(
    settings: &ClipSettings,
    frames: usize,
    seed: Seed,
    id: &str,
    epoch: usize,
) -> Clip {
    assert!(frames > 0, "a video without frames is not trained on");
    let mut random = seed.stream("training clip", format_args!("{epoch} {id}"));
    let length = frames as f64 * random.random_range(settings.window_min..=1.0);
    let start = random.random_range(0.0..=1.0) * (frames as f64 - length);
    Clip {
        positions: spread(start, length, random.random(), settings.frames, frames),
        flipped: false,
    }
}

/// `count` positions evenly spaced over `[start, start + length)`, each at `phase` ∈ [0, 1) of its part.
fn spread(start: f64, length: f64, phase: f64, count: usize, frames: usize) -> Vec<usize> {
    (0..count)
        .map(|part| {
            let position = start + (part as f64 + phase) * length / count as f64;
            (position as usize).min(frames - 1)
        })
        .collect()
}

/// Windows of `length` frames, `step` frames apart, that cover a video of `frames` frames and overlap by half: the places of
/// each one's frames. There is one at the least; where the video is shorter than it, its last frame is repeated.
///
/// # Panics
///
/// If the video has no frames, or a window none.
pub fn windows(frames: usize, length: usize, step: usize) -> Vec<Vec<usize>> {
    assert!(frames > 0 && length > 0, "a window of nothing");
    let span = (length - 1) * step + 1;
    let room = frames.saturating_sub(span);
    let steps = room.div_ceil((span / 2).max(1));
    let places = |window: usize| {
        let start = (2 * window * room + steps) / (2 * steps).max(1);
        let place = |number: usize| (start + number * step).min(frames - 1);
        (0..length).map(place).collect()
    };
    (0..=steps).map(places).collect()
}

/// The mean share of frames that two clips of one video have in common, in [0, 1]: `|A ∩ B| / min(|A|, |B|)` over all
/// pairs, with A and B the sets of positions. 0 for fewer than two clips.
pub fn mean_overlap(clips: &[Clip]) -> f64 {
    let sets: Vec<Vec<usize>> = clips
        .iter()
        .map(|clip| {
            let mut set = clip.positions.clone();
            set.dedup();
            set
        })
        .collect();
    let mut sum = 0.0;
    let mut pairs = 0_usize;
    for (index, first) in sets.iter().enumerate() {
        for second in sets.iter().skip(index + 1) {
            let common = first
                .iter()
                .filter(|position| second.binary_search(position).is_ok())
                .count();
            sum += common as f64 / first.len().min(second.len()).max(1) as f64;
            pairs += 1;
        }
    }
    if pairs == 0 { 0.0 } else { sum / pairs as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settings(count: usize, frames: usize, window_min: f64) -> ClipSettings {
        ClipSettings {
            count,
            frames,
            window_min,
            ..ClipSettings::default()
        }
    }

    proptest! {
        #[test]
        fn positions_are_ascending_and_in_range(
            frames in 1_usize..400, count in 1_usize..12, length in 1_usize..40, window in 0.05_f64..1.0, seed: u64,
        ) {
            let settings = settings(count, length, window);
            let clips = scoring_clips(&settings, frames, Seed(seed), "video");
            prop_assert_eq!(clips.len(), count);
            let training = training_clip(&settings, frames, Seed(seed), "video", 3);
            for clip in clips.iter().chain([&training]) {
                prop_assert_eq!(clip.positions.len(), length);
                prop_assert!(clip.positions.is_sorted());
                prop_assert!(clip.positions.iter().all(|&position| position < frames));
            }
            prop_assert!((0.0..=1.0).contains(&mean_overlap(&clips)));
        }

        #[test]
        fn windows_cover_a_video_and_overlap(frames in 1_usize..300, length in 1_usize..20, step in 1_usize..9) {
            let windows = windows(frames, length, step);
            let span = (length - 1) * step + 1;
            prop_assert_eq!(windows[0][0], 0);
            prop_assert_eq!(windows[windows.len() - 1][length - 1], frames - 1);
            for window in &windows {
                prop_assert!(window.windows(2).all(|pair| pair[1] == (pair[0] + step).min(frames - 1)));
            }
            for pair in windows.windows(2) {
                prop_assert!(pair[0][0] < pair[1][0] && pair[1][0] - pair[0][0] <= (span / 2).max(1));
            }
        }

        #[test]
        fn windows_have_the_length_that_was_asked_for(frames in 64_usize..400, seed: u64) {
            let settings = settings(10, 16, 0.5);
            for clip in scoring_clips(&settings, frames, Seed(seed), "video") {
                let span = clip.positions[15] - clip.positions[0];
                // 16 positions, one in each sixteenth of the window: they span 15/16 of it, a frame up or down.
                prop_assert!(span as f64 >= 0.5 * frames as f64 * 15.0 / 16.0 - 1.0);
            }
        }
    }

    #[test]
    fn first_clip_starts_and_last_clip_ends_the_video() {
        for seed in 0..50 {
            let clips = scoring_clips(&settings(5, 60, 0.4), 60, Seed(seed), "video");
            assert!(clips[0].positions[0] <= 1);
            assert!(clips[4].positions[59] >= 58);
        }
    }

    #[test]
    fn a_clip_depends_on_its_own_name_alone() {
        let all = scoring_clips(&settings(10, 16, 0.4), 50, Seed(1), "a");
        assert_eq!(all, scoring_clips(&settings(10, 16, 0.4), 50, Seed(1), "a"));
        assert_ne!(all, scoring_clips(&settings(10, 16, 0.4), 50, Seed(1), "b"));
        assert_ne!(all, scoring_clips(&settings(10, 16, 0.4), 50, Seed(2), "a"));
    }

    #[test]
    fn short_videos_repeat_frames_evenly() {
        let clip = &scoring_clips(&settings(2, 16, 1.0), 4, Seed(0), "video")[0];
        for frame in 0..4 {
            let times = clip.positions.iter().filter(|&&p| p == frame).count();
            assert!((3..=5).contains(&times), "{:?}", clip.positions);
        }
    }

    #[test]
    fn every_second_clip_is_mirrored_on_request() {
        let mut settings = settings(4, 16, 0.4);
        settings.flip = true;
        let flips: Vec<bool> = scoring_clips(&settings, 50, Seed(0), "video")
            .iter()
            .map(|clip| clip.flipped)
            .collect();
        assert_eq!(flips, [false, true, false, true]);
    }

    #[test]
    fn a_window_of_one_frame_is_every_frame() {
        assert_eq!(windows(3, 1, 5), [[0], [1], [2]]);
        assert_eq!(windows(6, 4, 1), [[0, 1, 2, 3], [2, 3, 4, 5]]);
        // Too short: at its own pace, and then it stands still.
        assert_eq!(windows(3, 4, 2), [[0, 2, 2, 2]]);
    }

    #[test]
    fn overlap_of_equal_and_of_disjoint_clips() {
        let clip = |positions: &[usize]| Clip {
            positions: positions.to_vec(),
            flipped: false,
        };
        assert!((mean_overlap(&[clip(&[0, 1]), clip(&[0, 1])]) - 1.0).abs() < 1e-12);
        assert!(mean_overlap(&[clip(&[0, 1]), clip(&[2, 3])]).abs() < 1e-12);
        assert!((mean_overlap(&[clip(&[0, 1]), clip(&[1, 2])]) - 0.5).abs() < 1e-12);
    }
}
