//! Numbers of frames that a list names, against those that are there.

use crate::issue::{Issue, IssueKind};
use crate::manifest::{Manifest, Role};

/// Names of a column with the number of frames, in lower case.
const COLUMNS: [&str; 6] = [
    "num_frames",
    "n_frames",
    "nframes",
    "total_frames",
    "frame_count",
    "frames",
];

/// Videos that have another number of frames than their list says. `frames`: how many a video has, if it can be read.
pub fn frame_counts(manifest: &Manifest, frames: impl Fn(usize) -> Option<u32>) -> Vec<Issue> {
    let given = manifest.reading.columns.get(&Role::Frames);
    let is_count =
        |name: &String| given == Some(name) || COLUMNS.contains(&name.to_lowercase().as_str());
    let Some(column) = manifest.extra_columns.iter().position(is_count) else {
        return Vec::new();
    };
    let mut issues = Vec::new();
    for (index, video) in manifest.videos.iter().enumerate() {
        let listed = video
            .extra
            .get(column)
            .and_then(|text| text.trim().parse::<u32>().ok());
        if let (Some(listed), Some(found)) = (listed, frames(index))
            && listed != found
        {
            let detail = format!("the list says {listed} frames, there are {found}");
            issues.push(Issue::of(
                index,
                IssueKind::FrameCount,
                listed as f32,
                detail,
            ));
        }
    }
    issues
}
