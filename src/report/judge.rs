//! From clip predictions to rows: scores, order, verdicts and the sentence that says why.
//!
//! The formulas are [`crate::score`]'s; this module decides which videos they are applied to, and joins the results.

use std::collections::BTreeMap;

use thiserror::Error;

use super::clips::ClipRow;
use super::dynamics::DynamicsRow;
use super::videos::{Judgement, Scores, TRUNCATED, VideoRow};
use crate::score::confident_learning::{ConfidentJoint, LabelFlags};
use crate::score::dynamics::{EpochRecord, VideoDynamics};
use crate::score::mixture::{MixtureSettings, small_loss_posterior};
use crate::score::noise_model::NoiseModelSettings;
use crate::score::ranking::{Ranking, signed_agreement_order};
use crate::score::reason::reason;
use crate::score::{
    ClipVotes, Order, ProbabilityTable, ScoreError, Verdict, VerdictSettings, VideoScore,
};
use crate::video::VideoFacts;

/// A video as the manifest and the decoder know it.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoFile {
    /// The video's id.
    pub id: String,
    /// The path as the manifest writes it.
    pub path: String,
    /// The given label, an index into the label set.
    pub label: usize,
    /// What was kept together in the folds.
    pub group: Option<String>,
    /// The fold whose network scores it.
    pub fold: u8,
    /// What decoding found, or why it failed.
    pub facts: Result<VideoFacts, String>,
    /// The manifest's other columns' values.
    pub extra: Vec<String>,
}

/// How videos are judged.
#[derive(Debug, Clone, Copy)]
pub struct JudgeSettings<'a> {
    /// Class names, in the order of all probabilities.
    pub labels: &'a [String],
    /// When clips count as agreeing.
    pub verdict: &'a VerdictSettings,
    /// How the noise of the labels is undone.
    pub noise: &'a NoiseModelSettings,
    /// A video with fewer distinct frames has no verdict.
    pub min_distinct_frames: usize,
}

/// Predictions that cannot be judged.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// A readable video has no predictions.
    #[error(
        "video '{id}' can be read but has no row in clips.parquet; scan again with --overwrite"
    )]
    NoClips {
        /// The video.
        id: String,
    },
    /// The predictions of a video are no probabilities.
    #[error("the predictions of video '{id}' cannot be scored")]
    Video {
        /// The video.
        id: String,
        /// What is wrong with them.
        #[source]
        source: ScoreError,
    },
    /// The training dynamics of a video are missing or no numbers.
    #[error(
        "the training dynamics of video '{id}' cannot be summed up; scan again with --overwrite"
    )]
    Dynamics {
        /// The video.
        id: String,
        /// What is wrong with them.
        #[source]
        source: ScoreError,
    },
    /// The set as a whole cannot be scored.
    #[error("the predictions cannot be scored")]
    Set(#[source] ScoreError),
}

/// Judges every video. Returns the rows in order of rank: most suspect first, then those that cannot be scored.
///
/// # Errors
///
/// If a readable video has no predictions, or predictions are no probabilities.
pub fn judge(
    files: Vec<VideoFile>,
    clips: &[ClipRow],
    dynamics: &[DynamicsRow],
    settings: JudgeSettings,
) -> Result<Vec<VideoRow>, JudgeError> {
    let mut clips_by_id: BTreeMap<&str, Vec<&[f32]>> = BTreeMap::new();
    for clip in clips {
        clips_by_id.entry(&clip.id).or_default().push(&clip.probs);
    }
    let mut scored = Vec::new();
    let mut unscored = Vec::new();
    for file in files {
        match scorable(&file, settings.min_distinct_frames) {
            Ok(()) => {
                let probs =
                    clips_by_id
                        .get(file.id.as_str())
                        .ok_or_else(|| JudgeError::NoClips {
                            id: file.id.clone(),
                        })?;
                let score = ClipVotes::count(probs)
                    .and_then(|votes| VideoScore::new(&votes, file.label))
                    .map_err(|source| JudgeError::Video {
                        id: file.id.clone(),
                        source,
                    })?;
                scored.push((file, score));
            }
            Err((verdict, why)) => unscored.push((file, verdict, why)),
        }
    }
    let mut rows = if scored.is_empty() {
        Vec::new()
    } else {
        judge_scored(scored, &records_by_id(dynamics, settings.labels), settings)?
    };
    for (file, verdict, why) in unscored {
        rows.push(row(file, settings.labels, verdict, None, why));
    }
    for (rank, row) in (1..).zip(&mut rows) {
        row.rank = rank;
    }
    Ok(rows)
}

/// Whether a video can be scored honestly; else its verdict and why.
fn scorable(file: &VideoFile, min_distinct_frames: usize) -> Result<(), (Verdict, String)> {
    match &file.facts {
        Err(why) => Err((Verdict::Unreadable, why.clone())),
        Ok(facts) if (facts.distinct_frames as usize) < min_distinct_frames => Err((
            Verdict::Undefined,
            format!(
                "only {} distinct frames, {min_distinct_frames} are needed: clips of it would be alike and agree by construction",
                facts.distinct_frames
            ),
        )),
        Ok(_) => Ok(()),
    }
}

fn judge_scored(
    scored: Vec<(VideoFile, VideoScore)>,
    records: &BTreeMap<&str, Vec<EpochRecord>>,
    settings: JudgeSettings,
) -> Result<Vec<VideoRow>, JudgeError> {
    let labels: Vec<usize> = scored.iter().map(|(file, _)| file.label).collect();
    let mean_probs: Vec<&[f64]> = scored
        .iter()
        .map(|(_, score)| &score.mean_probs[..])
        .collect();
    let table = ProbabilityTable::new(&labels, &mean_probs, settings.labels.len())
        .map_err(JudgeError::Set)?;
    let flags = LabelFlags::find(&table, &ConfidentJoint::count(&table));
    let dynamics = scored
        .iter()
        .map(|(file, _)| summarise(file, records))
        .collect::<Result<Vec<_>, _>>()?;
    let margins: Vec<f64> = dynamics.iter().map(|dynamics| dynamics.aum).collect();
    let everyone = vec![true; labels.len()];
    let ranking = Ranking::new(&table, &everyone, Some(&margins), *settings.noise)
        .map_err(JudgeError::Set)?;
    let order = match settings.verdict.order {
        Order::NoiseScore => ranking.order.clone(),
        Order::Agreement => by_signed_agreement(&scored),
    };
    let losses: Vec<f64> = dynamics.iter().map(|dynamics| dynamics.mean_loss).collect();
    let small_loss =
        small_loss_posterior(&losses, MixtureSettings::default()).map_err(JudgeError::Set)?;
    let mut rows: Vec<Option<VideoRow>> = scored
        .into_iter()
        .enumerate()
        .map(|(index, (file, score))| {
            let verdict = settings.verdict.judge(&score, true);
            let ranked = &ranking.videos[index];
            let (suggested, suggested_prob) = ranked.suggestion(score.label, verdict);
            let learnt = dynamics[index];
            let scores = Scores {
                noise_score: ranked.noise_score.unwrap_or(0.0) as f32,
                noise_posterior: ranked.noise_posterior as f32,
                corrected_log_margin: ranked.corrected_log_margin as f32,
                suggested_prob: suggested_prob as f32,
                agreement: score.agreement as f32,
                pairwise_agreement: score.pairwise_agreement as f32,
                label_support: score.label_support as f32,
                self_confidence: score.self_confidence as f32,
                normalized_margin: score.normalized_margin as f32,
                log_margin: score.log_margin as f32,
                clip_entropy: score.clip_entropy as f32,
                mutual_information: score.mutual_information as f32,
                aum: learnt.aum as f32,
                datamap_confidence: learnt.confidence as f32,
                datamap_variability: learnt.variability as f32,
                datamap_correctness: learnt.correctness as f32,
                small_loss_posterior: small_loss[index] as f32,
            };
            let why = reason(&score, verdict, settings.labels);
            let judgement = Judgement {
                scores,
                consensus: settings.labels[score.consensus].clone(),
                suggested_label: settings.labels[suggested].clone(),
                mean_probs: score.mean_probs.iter().map(|&prob| prob as f32).collect(),
                confident_learning: flags.confident_learning[index],
                prune_by_noise_rate: flags.prune_by_noise_rate[index],
            };
            Some(row(file, settings.labels, verdict, Some(judgement), why))
        })
        .collect();
    Ok(order
        .into_iter()
        .filter_map(|index| rows[index].take())
        .collect())
}

/// Indices of the videos, most suspect first, by the paper's own order.
fn by_signed_agreement(scored: &[(VideoFile, VideoScore)]) -> Vec<usize> {
    let scores: Vec<VideoScore> = scored.iter().map(|(_, score)| score.clone()).collect();
    let suspicion = signed_agreement_order(&scores);
    let mut order: Vec<usize> = (0..scored.len()).collect();
    order.sort_by(|&a, &b| suspicion[b].total_cmp(&suspicion[a]));
    order
}

fn row(
    file: VideoFile,
    labels: &[String],
    verdict: Verdict,
    judgement: Option<Judgement>,
    reason: String,
) -> VideoRow {
    let mut issues = Vec::new();
    match verdict {
        Verdict::Unreadable => issues.push("unreadable".to_owned()),
        Verdict::Undefined => issues.push("too_short".to_owned()),
        Verdict::Clean | Verdict::Hard | Verdict::Mislabeled => {}
    }
    let facts = file.facts.ok();
    if facts.is_some_and(|facts| facts.truncated) {
        issues.push(TRUNCATED.to_owned());
    }
    VideoRow {
        rank: 0, // known when all rows stand in their order
        id: file.id,
        path: file.path,
        label: labels[file.label].clone(),
        verdict,
        judgement,
        fold: file.fold,
        group: file.group,
        facts,
        issues,
        reason,
        extra: file.extra,
    }
}

/// What every video's epochs say, over all networks that trained on it.
fn records_by_id<'a>(
    rows: &'a [DynamicsRow],
    labels: &[String],
) -> BTreeMap<&'a str, Vec<EpochRecord>> {
    let mut records: BTreeMap<&str, Vec<EpochRecord>> = BTreeMap::new();
    for row in rows {
        records.entry(&row.id).or_default().push(EpochRecord {
            label_prob: f64::from(row.label_prob),
            label_margin: f64::from(row.label_margin),
            loss: f64::from(row.loss),
            // A class that the label set does not have is no label's.
            prediction: labels
                .iter()
                .position(|label| *label == row.prediction)
                .unwrap_or(labels.len()),
        });
    }
    records
}

fn summarise(
    file: &VideoFile,
    records: &BTreeMap<&str, Vec<EpochRecord>>,
) -> Result<VideoDynamics, JudgeError> {
    let records = records.get(file.id.as_str()).map_or(&[][..], Vec::as_slice);
    VideoDynamics::summarise(records, file.label).map_err(|source| JudgeError::Dynamics {
        id: file.id.clone(),
        source,
    })
}
