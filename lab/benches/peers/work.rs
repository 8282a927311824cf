//! What this program does where the peers do the like.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rand::RngExt;
use rayon::prelude::*;
use rdfer_audit::cache::{self, Progress, Source};
use rdfer_audit::predictions::{self, GivenLabels};
use rdfer_audit::rows::clips::{self, ClipRow};
use rdfer_audit::score::ProbabilityTable;
use rdfer_audit::score::confident_learning::{ConfidentJoint, LabelFlags};
use rdfer_audit::score::label_quality::{
    confidence_weighted_entropy, normalized_margin, self_confidence,
};
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{self, DecodeSettings};

use super::THREADS;

/// Decodes to memory.
pub(crate) fn decode(paths: &[Utf8PathBuf]) -> usize {
    let settings = DecodeSettings::default();
    let decoded = paths
        .par_iter()
        .map(|path| video::decode(path, &settings).unwrap());
    let frames: usize = decoded.map(|video| video.kept.len()).sum();
    assert!(frames > 0, "nothing was decoded");
    paths.len()
}

/// Fills a cache; where all `is_found`, nothing may be decoded.
pub(crate) fn fill(paths: &[Utf8PathBuf], dir: &Utf8Path, is_found: bool) -> usize {
    let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
    let decoded = AtomicUsize::new(0);
    let count = |news| {
        if matches!(news, Progress::Decoded(_)) {
            decoded.fetch_add(1, Ordering::Relaxed);
        }
    };
    let (settings, never) = (DecodeSettings::default(), AtomicBool::new(false));
    let cache = cache::fill(dir, &sources, &settings, THREADS, &never, &count).unwrap();
    assert!(
        !is_found || decoded.into_inner() == 0,
        "something was decoded again"
    );
    cache.len()
}

/// The table of a file of out-of-fold predictions.
pub(crate) fn table(file: &Utf8Path) -> ProbabilityTable {
    let given = predictions::read(&[file], GivenLabels::default(), false).unwrap();
    let labels: Vec<usize> = given.videos.iter().map(|video| video.label).collect();
    let rows: Vec<&[f32]> = given.clips.iter().map(|clip| &clip.probs[..]).collect();
    ProbabilityTable::new(&labels, &rows, given.labels.len()).unwrap()
}

/// cleanlab's three scores, its confident joint and its masks.
pub(crate) fn label_issues(table: &ProbabilityTable) -> usize {
    let scores = [
        self_confidence(table),
        normalized_margin(table),
        confidence_weighted_entropy(table),
    ];
    let flags = LabelFlags::find(table, &ConfidentJoint::count(table));
    assert!(flags.label_issues() <= scores[0].len());
    scores[0].len()
}

/// 40,000 videos of ten clips of seven probabilities.
pub(crate) fn clips() -> Vec<ClipRow> {
    let mut random = Seed(0).stream("bench", "");
    (0..400_000_u32)
        .map(|row| {
            let mut probs: Vec<f32> = (0..7).map(|_| random.random_range(0.0..1.0)).collect();
            let sum: f32 = probs.iter().sum();
            for prob in &mut probs {
                *prob /= sum;
            }
            ClipRow {
                id: format!("clip_224x224/{:05}", row / 10),
                repeat: 0,
                clip: (row % 10) as u16,
                start_frame: 0,
                end_frame: 63,
                flipped: false,
                prediction: "happy".to_owned(),
                probs,
                key_frames: Vec::new(),
            }
        })
        .collect()
}

/// Writes the rows and reads them back; says how many there were.
pub(crate) fn parquet(rows: &[ClipRow], dir: &Utf8Path) -> usize {
    let path = dir.join("clips.parquet");
    clips::write(&path, rows).unwrap();
    let found = clips::read(&path).unwrap();
    assert_eq!(found.len(), rows.len());
    found.len()
}
