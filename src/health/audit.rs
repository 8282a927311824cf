//! From measurements to issues: the decode audit and the picture audit of one video.

use camino::Utf8Path;

use super::{HealthSettings, Looks};
use crate::face::Followed;
use crate::issue::{Issue, IssueKind};
use crate::video::{ContainerFacts, VideoFacts};

/// What is known of a decoded video.
#[derive(Debug, Clone, Copy)]
pub struct Inspected<'a> {
    /// Its index in the manifest.
    pub video: usize,
    /// Where it lies.
    pub path: &'a Utf8Path,
    /// What the decoder found.
    pub facts: VideoFacts,
    /// What the container says.
    pub container: &'a ContainerFacts,
    /// The kept frames' indices in display order.
    pub kept: &'a [u32],
    /// What it looks like.
    pub looks: &'a Looks,
    /// The score of the surest face in it; nothing where nobody looked.
    pub face_score: Option<f64>,
    /// What following a face came to; nothing where none was to be followed.
    pub face: Option<Followed>,
}

/// Formats by `FFmpeg`'s name (one of a list of names counts) and the extensions that they go by, in lower case.
const EXTENSIONS: [(&str, &[&str]); 9] = [
    ("mp4", &["mp4", "m4v", "mov", "3gp", "3g2", "m4a", "qt"]),
    ("matroska", &["mkv", "webm", "mka"]),
    ("avi", &["avi"]),
    ("flv", &["flv", "f4v"]),
    ("asf", &["wmv", "asf"]),
    ("mpeg", &["mpg", "mpeg", "vob", "m2p"]),
    ("mpegvideo", &["mpg", "mpeg", "m1v", "m2v"]),
    ("mpegts", &["ts", "mts", "m2ts"]),
    ("ogg", &["ogv", "ogg"]),
];

/// The issues of one video: those of its file first, then those of its picture. `min_distinct_frames`: fewer distinct
/// frames are too few for its clips to differ.
pub fn audit(
    video: Inspected,
    min_distinct_frames: usize,
    settings: &HealthSettings,
) -> Vec<Issue> {
    let mut found = Found {
        video: video.video,
        issues: Vec::new(),
    };
    found.file(&video, min_distinct_frames, settings);
    found.picture(&video, settings);
    found.issues
}

struct Found {
    video: usize,
    issues: Vec<Issue>,
}

impl Found {
    fn add(&mut self, kind: IssueKind, value: f64, detail: String) {
        let issue = Issue::of(self.video, kind, value as f32, detail);
        self.issues.push(issue);
    }

    fn file(&mut self, video: &Inspected, min_distinct_frames: usize, settings: &HealthSettings) {
        let (facts, container) = (video.facts, video.container);
        if facts.truncated {
            let detail = if container.lacks_index {
                "the index at its end is missing: the recording was broken off"
            } else {
                "data is missing or cannot be decoded"
            };
            self.add(IssueKind::Truncated, f64::NAN, detail.to_owned());
        }
        let promised = f64::from(container.promised_frames);
        let decoded = if container.format.is_empty() {
            video.kept.len() as f64
        } else {
            f64::from(facts.frames)
        };
        // One frame less is what a packed stream looks like, however short it is.
        if promised - decoded > 1.0 && (promised - decoded) / promised > settings.missing_share {
            self.add(
                IssueKind::MissingFrames,
                (promised - decoded) / promised,
                format!("{decoded} frames can be decoded, {promised} are promised"),
            );
        }
        if (facts.distinct_frames as usize) < min_distinct_frames {
            self.add(
                IssueKind::TooShort,
                f64::from(facts.distinct_frames),
                format!(
                    "{} distinct frames, {min_distinct_frames} are needed",
                    facts.distinct_frames
                ),
            );
        }
        if f64::from(container.largest_gap) > HealthSettings::GAP {
            self.add(
                IssueKind::UnevenFrameRate,
                f64::from(container.largest_gap),
                format!(
                    "one frame is shown {:.1} times as long as is usual",
                    container.largest_gap
                ),
            );
        }
        if let Some(right) = wrong_extension(video.path, &container.format) {
            self.add(
                IssueKind::WrongExtension,
                f64::NAN,
                format!(
                    "the file is '{}', as '.{right}' would say",
                    container.format
                ),
            );
        }
        self.readers(container);
        let shortest = facts.width.min(facts.height);
        let window = video.face.filter(Followed::is_followed);
        let window = window.map(|face| face.edge.round() as u32);
        if shortest < settings.shortest_edge {
            self.add(
                IssueKind::LowResolution,
                f64::from(shortest),
                format!("{}×{} pixels", facts.width, facts.height),
            );
        } else if let Some(edge) = window.filter(|&edge| edge < settings.shortest_edge) {
            self.add(
                IssueKind::LowResolution,
                f64::from(edge),
                format!("the face that is cut out has {edge}×{edge} pixels"),
            );
        }
    }

    /// What other readers make something else of.
    fn readers(&mut self, container: &ContainerFacts) {
        if container.uneven {
            self.add(
                IssueKind::VariableFrameRate,
                f64::NAN,
                "frames come in uneven steps: readers that go by one rate show other frames for a time".to_owned(),
            );
        }
        if container.turned {
            self.add(
                IssueKind::Rotated,
                f64::NAN,
                "a matrix in the container turns the frames upright".to_owned(),
            );
        }
        if container.interlaced > 0.5 {
            self.add(
                IssueKind::Interlaced,
                container.interlaced.into(),
                "frames are woven from two half pictures: what moves has combs, and OpenCV from 4.13 on gives \
                 one wrong picture for all of them; deinterlace it (ffmpeg -vf bwdif)"
                    .to_owned(),
            );
        }
        if container.hidden_frames > 0 {
            self.add(
                IssueKind::EditList,
                f64::from(container.hidden_frames),
                format!(
                    "an edit list hides {} frames at the start or end, which are left out here; other readers count or \
                     invent them, decord2 among them; encode it anew to be rid of them",
                    container.hidden_frames
                ),
            );
        }
    }

    fn picture(&mut self, video: &Inspected, settings: &HealthSettings) {
        let looks = video.looks;
        let [contrast, dark, bright, sharpness, movement] = [
            looks.contrast,
            looks.dark_level,
            looks.bright_share,
            looks.sharpness,
            looks.movement,
        ]
        .map(f64::from);
        if contrast < HealthSettings::BLANK_CONTRAST {
            self.add(
                IssueKind::Blank,
                contrast,
                format!("the picture varies by {contrast:.1} grey levels"),
            );
            // A frame without content has no face, is dark, blurred and frozen as well, which says no more.
            return;
        }
        if dark < settings.dark_level {
            self.add(
                IssueKind::Dark,
                dark,
                format!("nine tenths of the picture are below {dark:.0} of 255"),
            );
        }
        if bright > HealthSettings::BRIGHT_SHARE {
            self.add(
                IssueKind::Overexposed,
                bright,
                format!("{:.0} % of the picture are burnt out", 100.0 * bright),
            );
        }
        if sharpness < settings.sharpness {
            self.add(
                IssueKind::Blurred,
                sharpness,
                format!("no frame has a sharpness above {sharpness:.4}"),
            );
        }
        if movement < settings.movement {
            self.add(
                IssueKind::Frozen,
                movement,
                format!("nothing changes by more than {movement:.1} grey levels"),
            );
        }
        self.course(video, settings);
        if let Some(score) = video.face_score
            && score < settings.face_score
        {
            self.add(
                IssueKind::NoFace,
                score,
                format!(
                    "no face is found in any of {} frames",
                    HealthSettings::FACE_FRAMES.min(video.kept.len())
                ),
            );
        }
        if let Some(face) = &video.face {
            self.face(face);
        }
        let bars = f64::from(looks.bars);
        if bars > HealthSettings::BARS {
            self.add(
                IssueKind::Letterboxed,
                bars,
                format!("{:.0} % of the picture are black bars", 100.0 * bars),
            );
        }
    }

    /// What came of following a face.
    fn face(&mut self, face: &Followed) {
        let looked_at = face.looked_at;
        if !face.is_followed() {
            let found = match face.found_in {
                0 => format!("no face is found in any of {looked_at} frames"),
                found => format!("a face is found in {found} of {looked_at} frames only"),
            };
            let detail = format!("{found}: the whole frame is taken");
            self.add(IssueKind::NoFace, face.score.into(), detail);
            return;
        }
        let lost = f64::from(face.longest_loss) / f64::from(looked_at.max(1));
        if lost > HealthSettings::FACE_LOST {
            let [from, to] = face.lost;
            let detail = format!(
                "the face is not found from frame {from} to {to}, and taken to be on a line between where it was before and \
                 after, or where it was last"
            );
            self.add(IssueKind::FaceLost, lost, detail);
        }
        if face.others > 0 {
            let others = match face.others {
                1 => "another face is".to_owned(),
                others => format!("{others} other faces are"),
            };
            let detail = format!(
                "{others} there for a good part of it; the one that is largest, nearest to the middle and there for longest \
                 is followed"
            );
            self.add(IssueKind::SeveralFaces, face.others.into(), detail);
        }
    }

    /// What is amiss with how frames follow each other.
    fn course(&mut self, video: &Inspected, settings: &HealthSettings) {
        let looks = video.looks;
        let distinct = f64::from(video.facts.distinct_frames) / video.kept.len().max(1) as f64;
        // A video that stands still altogether is told already.
        if distinct < HealthSettings::DISTINCT_SHARE
            && f64::from(looks.movement) >= settings.movement
        {
            self.add(
                IssueKind::RepeatedFrames,
                distinct,
                format!(
                    "{} of {} frames differ",
                    video.facts.distinct_frames,
                    video.kept.len()
                ),
            );
        }
        let change = f64::from(looks.largest_change);
        if change > settings.cut_change
            && change > HealthSettings::CUT_RATIO * f64::from(looks.usual_change)
        {
            let frame = video.kept.get(looks.change_at as usize).unwrap_or(&0);
            self.add(
                IssueKind::SceneCut,
                change,
                format!("the picture jumps by {change:.0} grey levels at frame {frame}"),
            );
        }
    }
}

/// An extension for the format where the file's is that of another; nothing where the format is none of the table's, or
/// the file has no extension.
fn wrong_extension(path: &Utf8Path, format: &str) -> Option<&'static str> {
    let extension = path.extension()?.to_ascii_lowercase();
    let fitting: Vec<&[&str]> = EXTENSIONS
        .iter()
        .filter(|(name, _)| format.split(',').any(|other| other == *name))
        .map(|(_, extensions)| *extensions)
        .collect();
    let fits = fitting
        .iter()
        .any(|extensions| extensions.contains(&extension.as_str()));
    let first = fitting.first()?.first()?;
    (!fits).then_some(*first)
}
