//! Where the detail stream looked, held against the moment at which the expression is strongest.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::manifest::Manifest;
use crate::rows::clips::ClipRow;

/// The truth column that says at which frame the expression is strongest, in display order from 0.
const APEX: &str = "apex_frame";

/// Distances in frames, means over clips.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct KeyFrameQuality {
    /// Clips that hold the apex of a video and whose key frames are known.
    pub clips: usize,
    /// Mean distance of a clip's key frames to the apex.
    pub distance: f64,
    /// The same for as many frames spread evenly over the clip.
    pub even_distance: f64,
    /// `distance` over `even_distance`: below 1 where the network looks nearer to the apex.
    pub ratio: f64,
}

impl KeyFrameQuality {
    /// Measures it; nothing where no video's apex or no clip's key frames are known. Clips that do not reach the apex are
    /// left out: a network cannot look where it has no frames.
    pub(super) fn measure(clips: &[ClipRow], truth: &Manifest) -> Option<Self> {
        let column = truth.extra_columns.iter().position(|name| name == APEX)?;
        let apexes: BTreeMap<&str, f64> = truth
            .videos
            .iter()
            .filter_map(|video| {
                let apex: u32 = video.extra.get(column)?.trim().parse().ok()?;
                Some((video, f64::from(apex)))
            })
            .flat_map(|(video, apex)| {
                [
                    (video.id.as_str(), apex),
                    (video.written_path.as_str(), apex),
                ]
            })
            .collect();
        let (mut count, mut distance, mut even_distance) = (0, 0.0, 0.0);
        for clip in clips {
            let (start, end) = (f64::from(clip.start_frame), f64::from(clip.end_frame));
            let Some(&apex) = apexes.get(clip.id.as_str()) else {
                continue;
            };
            if clip.key_frames.is_empty() || !(start..=end).contains(&apex) {
                continue;
            }
            let frames = clip.key_frames.len() as f64;
            let keys = clip.key_frames.iter().map(|&frame| f64::from(frame));
            // The middles of as many equal parts.
            let even = (0..clip.key_frames.len())
                .map(|part| start + (part as f64 + 0.5) / frames * (end - start));
            distance += keys.map(|frame| (frame - apex).abs()).sum::<f64>() / frames;
            even_distance += even.map(|frame| (frame - apex).abs()).sum::<f64>() / frames;
            count += 1;
        }
        let clips = count as f64;
        (even_distance > 0.0).then(|| Self {
            clips: count,
            distance: distance / clips,
            even_distance: even_distance / clips,
            ratio: distance / even_distance,
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;
    use crate::manifest::{self, ReadOptions};

    fn clip(id: &str, (start_frame, end_frame): (u32, u32), key_frames: &[u32]) -> ClipRow {
        ClipRow {
            id: id.into(),
            repeat: 0,
            clip: 0,
            start_frame,
            end_frame,
            flipped: false,
            prediction: "sad".into(),
            probs: vec![0.0, 1.0],
            key_frames: key_frames.to_vec(),
        }
    }

    #[test]
    fn key_frames_are_held_against_evenly_spread_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8Path::from_path(folder.path())
            .unwrap()
            .join("truth.csv");
        let read = |text: &str| {
            fs_err::write(&path, text).unwrap();
            let options = ReadOptions {
                words_only: true,
                ..ReadOptions::default()
            };
            manifest::read(&path, &options).unwrap()
        };
        let truth = read("path,label,apex_frame\na.mp4,sad,20\nb.mp4,sad,\n");
        let clips = [
            clip("a.mp4", (0, 40), &[18, 22]),
            clip("a.mp4", (10, 30), &[10, 30]),
            // It does not reach the apex; nothing is known of the apex; nothing is known of the key frames.
            clip("a.mp4", (21, 40), &[25, 26]),
            clip("b.mp4", (0, 40), &[1, 2]),
            clip("a.mp4", (0, 40), &[]),
        ];
        let quality = KeyFrameQuality::measure(&clips, &truth).unwrap();
        assert_eq!(quality.clips, 2);
        // Even ones: 10 and 30, then 15 and 25.
        assert_abs_diff_eq!(quality.distance, f64::midpoint(2.0, 10.0));
        assert_abs_diff_eq!(quality.even_distance, f64::midpoint(10.0, 5.0));
        assert_abs_diff_eq!(quality.ratio, 0.8);
        let unknown = read("path,label\na.mp4,sad\n");
        assert_eq!(KeyFrameQuality::measure(&clips, &unknown), None);
        assert_eq!(KeyFrameQuality::measure(&clips[4..], &truth), None);
    }
}
