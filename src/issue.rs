//! What can be wrong with a video, its label, a class or a split, by name: the words of `issues.parquet`.
//!
//! Who looks for an issue, and by which threshold, is the business of the module that finds it.

use std::fmt;

/// Defines the kinds of issue once: as variants, by name, and in words.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $words:literal,)+) => {
        /// A kind of issue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum IssueKind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl IssueKind {
            /// All kinds, in the order in which a summary lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is written to files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it means, as a fragment that tells of one video or class.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)+
                }
            }
        }
    };
}

kinds! {
    /// The video cannot be decoded; the detail is the reason.
    Unreadable "unreadable" "cannot be decoded",
    /// The video is listed, but not there; the row is left out.
    MissingFile "missing_file" "is listed, but not there",
    /// No features of the video were given, so that it cannot be scored.
    NoFeatures "no_features" "has no features",
    /// The row has no label and is left out.
    NoLabel "no_label" "has no label",
    /// The list says another number of frames than there are; the value is the number that it says.
    FrameCount "frame_count" "has another number of frames than its list says",
    /// The folder holds several sets of frames, of which one is the video; the value is the number of sets.
    FrameSets "frame_sets" "has several sets of frames in its folder",
    /// The file holds no video stream.
    NoVideoStream "no_video_stream" "has no video stream",
    /// The file ends early, or has damaged frames.
    Truncated "truncated" "ends early or is damaged",
    /// Fewer frames than the container promises; the value is the share that is missing.
    MissingFrames "missing_frames" "has fewer frames than its container says",
    /// Too few distinct frames for an honest agreement; the value is their number.
    TooShort "too_short" "has too few distinct frames for its clips to differ",
    /// A gap between two frames; the value is its length over that of the usual one.
    UnevenFrameRate "uneven_frame_rate" "has a gap in its frame times",
    /// The frames come in uneven steps; readers that go by one rate show other frames for a time.
    VariableFrameRate "variable_frame_rate" "has no steady frame rate",
    /// The file is of another kind than its name says; the detail is the kind.
    WrongExtension "wrong_extension" "is of another format than its name says",
    /// The frames are stored turned, and not every program turns them back.
    Rotated "rotated" "is stored turned or mirrored",
    /// Frames woven from two half pictures of different moments; not every program shows them; the value is
    /// their share.
    Interlaced "interlaced" "is interlaced",
    /// An edit list hides frames, and not every program leaves them out; the value is their number.
    EditList "edit_list" "has frames that an edit list hides",
    /// Few pixels; the value is the shorter edge.
    LowResolution "low_resolution" "has very few pixels",
    /// Frames of one colour; the value is the contrast.
    Blank "blank" "shows nothing",
    /// Hardly any light; the value is the level that nine tenths of the picture stay below.
    Dark "dark" "is dark",
    /// Burnt-out highlights; the value is their share of the picture.
    Overexposed "overexposed" "is over-exposed",
    /// No fine detail; the value is the sharpness.
    Blurred "blurred" "is blurred",
    /// Nothing moves; the value is the movement.
    Frozen "frozen" "does not move",
    /// Many frames are repeated; the value is the share of distinct ones.
    RepeatedFrames "repeated_frames" "repeats its frames",
    /// A change of scene; the value is the size of the jump.
    SceneCut "scene_cut" "has a cut in it",
    /// Black bars; the value is their share of the picture.
    Letterboxed "letterboxed" "has black bars",
    /// No face is found; the value is the detector's score of what is most like one, 0 for nothing.
    NoFace "no_face" "shows no face",
    /// The face that is followed is not found for long; the value is the share of the frames that were looked at.
    FaceLost "face_lost" "loses its face for long",
    /// Other faces are there beside the one that is followed; the value is their number.
    SeveralFaces "several_faces" "shows several faces",
    /// The same bytes, or the same frames, as another video.
    ExactDuplicate "exact_duplicate" "is another video, byte by byte or frame by frame",
    /// The same recording as another video, encoded, scaled, cropped or cut differently; the value is their likeness.
    NearDuplicate "near_duplicate" "is the same recording as another video",
    /// The mirror image of another video; the value is their likeness.
    MirroredDuplicate "mirrored_duplicate" "is the mirror image of another video",
    /// A duplicate of a video with another label: one of the two is wrong.
    DuplicateLabelConflict "duplicate_label_conflict" "has another label than its duplicate",
    /// The same video, or a duplicate of it, on both sides of a given split.
    SplitLeak "split_leak" "is on both sides of a split, itself or as a duplicate",
    /// A group on both sides of a given split.
    GroupLeak "group_leak" "belongs to a group on both sides of a split",
    /// Duplicates that the data set puts into different groups.
    DuplicateAcrossGroups "duplicate_across_groups" "has a duplicate in another group",
    /// A class with far fewer videos than the largest one; the value is the ratio.
    ClassImbalance "class_imbalance" "is much smaller than the largest class",
    /// A class with too few independent videos for the folds; the value is their number.
    SmallClass "small_class" "is too small for the folds",
    /// Two labels that differ only by case, spaces or a letter.
    AlikeLabels "alike_labels" "is spelt almost like another label",
    /// One group supplies most of a class; the value is its share.
    GroupLabelCorrelation "group_label_correlation" "comes mostly from one group",
    /// The path names another class than the label.
    PathLabelConflict "path_label_conflict" "has another class's name in its path",
    /// Unlike every other video to the network; the value is by how many robust standard deviations the distance from its
    /// neighbours exceeds the median.
    Outlier "outlier" "is unlike all other videos",
    /// The nearest videos to the network have another label; the value is their share.
    NeighbourLabelConflict "neighbour_label_conflict" "has neighbours with another label",
}

impl fmt::Display for IssueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// An issue that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// The video, an index into the manifest; none where it is about a class or the whole set.
    pub video: Option<usize>,
    /// What it is.
    pub kind: IssueKind,
    /// The other video that is part of it.
    pub other: Option<usize>,
    /// The measured value; what it is stands with the kind. NaN where there is none.
    pub value: f32,
    /// The case in plain words.
    pub detail: String,
}

impl Issue {
    /// An issue of one video.
    pub fn of(video: usize, kind: IssueKind, value: f32, detail: String) -> Self {
        Self {
            video: Some(video),
            kind,
            other: None,
            value,
            detail,
        }
    }

    /// An issue of a class or of the whole set.
    pub fn of_set(kind: IssueKind, value: f32, detail: String) -> Self {
        Self {
            video: None,
            kind,
            other: None,
            value,
            detail,
        }
    }

    /// The same issue, with the other video that is part of it.
    #[must_use]
    pub fn with(mut self, other: usize) -> Self {
        self.other = Some(other);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let names: std::collections::BTreeSet<&str> =
            IssueKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), IssueKind::ALL.len());
    }
}
