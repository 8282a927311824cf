//! The videos that can be scored: order, promise, verdicts, columns.

use rayon::prelude::*;

use super::copies::{Contradiction, contradicted_first, contradictions, sentences};
use super::dynamics::{small_loss, summarise};
use super::neighbours::Neighbours;
use super::promise::{Promise, Ranked};
use super::row::row;
use super::skill::{Competence, Standing};
use super::votes::Voted;
use super::{Evidence, JudgeError, JudgeSettings, Judged, VideoFile};
use crate::rows::skill::SkillCard;
use crate::rows::videos::{Judgement, Scores, VideoRow, VoteFacts};
use crate::score::classes::ClassReport;
use crate::score::confident_learning::{ConfidentJoint, LabelFlags};
use crate::score::dynamics::VideoDynamics;
use crate::score::label_quality::confidence_weighted_entropy;
use crate::score::ranking::{Ranking, signed_agreement_order};
use crate::score::reason::reason;
use crate::score::repeats::RepeatAgreement;
use crate::score::verdict::Thresholds;
use crate::score::{Order, ProbabilityTable, Verdict, VerdictSettings, VideoScore};

/// `agreements`: how far several networks agree on each of the videos.
pub(super) fn judge(
    scored: Vec<(VideoFile, VideoScore)>,
    agreements: &[Option<RepeatAgreement>],
    evidence: Evidence,
    settings: JudgeSettings,
) -> Result<Judged, JudgeError> {
    let competence = Competence::measure(&scored, settings)?;
    let mut whole = rank(&scored, &competence.may_judge, evidence, settings)?;
    let voted = Voted::join(&scored, evidence, &whole.table, &mut whole.ranking)?;
    let voted = voted.as_ref();
    let ranking = &whole.ranking;
    let order = match settings.verdict.order {
        Order::NoiseScore => ranking.order.clone(),
        Order::Agreement => by_signed_agreement(&scored),
    };
    let standing = Standing {
        contradictions: contradictions(&scored, &order),
        competence,
        contradicted_by_votes: (0..scored.len())
            .map(|index| voted?.contradicts(index, scored[index].1.label))
            .collect(),
    };
    let order = contradicted_first(order, &standing.contradictions);
    let order = unranked_last(order, &standing, &scored);
    let (promise, classes) = promised(&scored, &whole, (&order, &standing), evidence, settings)?;
    let by_networks = verdicts(
        &scored,
        (&order, promise.as_ref()),
        &standing,
        settings.verdict,
    );
    let mut verdicts = by_networks.clone();
    for (index, verdict) in verdicts.iter_mut().enumerate() {
        if let Some(voted) = voted.filter(|_| !standing.is_certain(index)) {
            *verdict = voted.verdict(index, scored[index].1.label, *verdict);
        }
    }
    let sentences = sentences(&standing.contradictions, &scored, settings.labels);
    let columns = Columns::new(&whole, agreements, &scored);
    let by_place: Vec<(Judgement, (String, Option<VoteFacts>))> = order
        .par_iter()
        .map(|&index| {
            let ((file, score), verdict) = (&scored[index], verdicts[index]);
            let judgement = columns.judgement(index, score, verdict, &standing, settings.labels);
            // What the clips say is told of a video that cannot be judged as well, and as it is whatever people voted.
            let told = match by_networks[index] {
                Verdict::Undefined => Verdict::Clean,
                told => told,
            };
            let why_not = standing
                .competence
                .why_not(index, (file, score), settings.labels);
            let mut why = sentences[index].clone()
                + &why_not
                + &reason(score, told, agreements[index], settings.labels);
            let facts = voted.and_then(|voted| {
                let facts = voted.facts(index, score, verdict, settings.labels)?;
                why += &voted.sentence(index, &facts, score.label, settings.labels);
                Some(facts)
            });
            (judgement, (why, facts))
        })
        .collect();
    drop(columns);
    let is_required = settings.verdict.require_skill;
    let skill = SkillCard::new(&standing.competence.skill, settings.labels, is_required);
    let files: Vec<VideoFile> = in_order(scored, &order).collect();
    let rows = files.into_par_iter().zip(&order).zip(by_place).map(
        |((file, &index), (judgement, why))| {
            row(file, settings.labels, verdicts[index], Some(judgement), why)
        },
    );
    let rows: Vec<VideoRow> = rows.collect();
    let facts = rows
        .iter()
        .filter_map(|row| Some((row.votes.as_ref()?, row.label.as_str())));
    let votes = voted.map(|voted| voted.card(&facts, settings.labels));
    // Giving memory back takes its time, which the rest need not wait for.
    rayon::spawn(move || drop(whole));
    Ok(Judged {
        rows,
        skill: Some(skill),
        promise,
        classes,
        votes,
    })
}

/// What the order promises, and the state of the classes, as far as anybody may judge.
fn promised(
    scored: &[(VideoFile, VideoScore)],
    whole: &Whole,
    (order, standing): (&[usize], &Standing),
    evidence: Evidence,
    settings: JudgeSettings,
) -> Result<(Option<Promise>, Option<ClassReport>), JudgeError> {
    let (table, ranking) = (&whole.table, &whole.ranking);
    let contradicted: Vec<bool> = scored
        .iter()
        .enumerate()
        .map(|(index, (_, score))| {
            let by_votes = standing.contradicted_by_votes[index];
            by_votes.unwrap_or(score.consensus != score.label) || standing.is_certain(index)
        })
        .collect();
    let places = order.iter().copied();
    let places: Vec<usize> = places.filter(|&index| standing.counts(index)).collect();
    let ranked: Vec<Ranked> = places
        .iter()
        .map(|&index| Ranked {
            noise_posterior: standing.noise_posterior(index, &ranking.videos[index]),
            agreement: scored[index].1.agreement,
            contradicts: contradicted[index],
            is_error: evidence.judged.get(&scored[index].0.id).copied(),
        })
        .collect();
    let competence = &standing.competence;
    let promise = Promise::state(&ranked, settings.verdict, settings.seed)
        .map_err(JudgeError::Set)?
        .in_doubt(ranking.doubt, ranked.len());
    let Some(mut promise) = competence.doubt(promise) else {
        return Ok((None, None));
    };
    if competence.is_nobody() {
        return Ok((Some(promise), None));
    }
    // Where a changed label would stand is only known by networks alone.
    if evidence.votes.is_none() {
        promise.self_test =
            settings
                .calibration
                .self_test(table, ranking, promise.recommended, settings.seed);
    }
    let error_probs = promise
        .error_probs
        .as_ref()
        .map(|by_place| by_video(by_place, &places, scored.len()));
    let report = ClassReport::summarise(table, ranking, &contradicted, error_probs.as_deref())
        .map_err(JudgeError::Set)?;
    let classes = competence.doubt_classes(report, promise.basis);
    Ok((Some(promise), Some(classes)))
}

/// The verdict of each video.
fn verdicts(
    scored: &[(VideoFile, VideoScore)],
    (order, promise): (&[usize], Option<&Promise>),
    standing: &Standing,
    settings: &VerdictSettings,
) -> Vec<Verdict> {
    let scores: Vec<&VideoScore> = scored.iter().map(|(_, score)| score).collect();
    let calibrated = promise.and_then(|promise| promise.agreement_threshold);
    let recommended = promise.map_or(0, |promise| promise.recommended);
    let thresholds = Thresholds::new(settings, calibrated, &scores);
    let mut is_inside = vec![false; scores.len()];
    for &index in order.iter().take(recommended) {
        is_inside[index] = true;
    }
    let verdict = |(index, score): (usize, &&VideoScore)| {
        if standing.is_certain(index) {
            Verdict::Mislabeled
        } else if standing.is_ranked(index) {
            thresholds.judge(score, is_inside[index])
        } else {
            Verdict::Undefined
        }
    };
    scores.iter().enumerate().map(verdict).collect()
}

/// The videos' files in the order, which holds each once.
fn in_order(
    scored: Vec<(VideoFile, VideoScore)>,
    order: &[usize],
) -> impl Iterator<Item = VideoFile> {
    let mut files: Vec<Option<VideoFile>> =
        scored.into_iter().map(|(file, _)| Some(file)).collect();
    order.iter().filter_map(move |&index| files[index].take())
}

/// The order with the videos last that nobody can judge: contradicted ones as they stand, then by id.
fn unranked_last(
    order: Vec<usize>,
    standing: &Standing,
    scored: &[(VideoFile, VideoScore)],
) -> Vec<usize> {
    let (mut ranked, mut unranked): (Vec<usize>, Vec<usize>) = order
        .into_iter()
        .partition(|&index| standing.is_ranked(index));
    unranked.sort_by(|&a, &b| {
        let key = |index: usize| {
            let file = &scored[index].0;
            (file.copies.is_empty(), &file.id)
        };
        key(a).cmp(&key(b))
    });
    ranked.append(&mut unranked);
    ranked
}

/// Values by place as values of `videos` videos. `places`: the video at each place.
fn by_video(by_place: &[f64], places: &[usize], videos: usize) -> Vec<f64> {
    let mut by_video = vec![0.0; videos];
    for (&index, &value) in places.iter().zip(by_place) {
        by_video[index] = value;
    }
    by_video
}

/// What is found for all scored videos at once.
struct Whole {
    table: ProbabilityTable,
    ranking: Ranking,
    flags: LabelFlags,
    /// What their training said, and the posteriors of a small loss; nothing where none was watched.
    learnt: Option<(Vec<VideoDynamics>, Vec<f64>)>,
}

fn rank(
    scored: &[(VideoFile, VideoScore)],
    may_judge: &[bool],
    evidence: Evidence,
    settings: JudgeSettings,
) -> Result<Whole, JudgeError> {
    let labels: Vec<usize> = scored.iter().map(|(file, _)| file.label).collect();
    let mean_probs: Vec<&[f64]> = scored
        .iter()
        .map(|(_, score)| &score.mean_probs[..])
        .collect();
    let table = ProbabilityTable::new(&labels, &mean_probs, settings.labels.len())
        .map_err(JudgeError::Set)?;
    let (learnt, flags) = rayon::join(
        || summarise(scored, evidence.dynamics),
        || LabelFlags::find(&table, &ConfidentJoint::count(&table)),
    );
    let learnt = learnt?;
    let margins: Option<Vec<f64>> = learnt
        .as_ref()
        .map(|learnt| learnt.iter().map(|learnt| learnt.aum).collect());
    let (ranking, small_loss) = rayon::join(
        || Ranking::new(&table, may_judge, margins.as_deref(), *settings.noise),
        || learnt.as_deref().map(small_loss).transpose(),
    );
    Ok(Whole {
        ranking: ranking.map_err(JudgeError::Set)?,
        table,
        flags,
        learnt: learnt.zip(small_loss?),
    })
}

/// Indices of the videos, most suspect first, by the paper's own order.
fn by_signed_agreement(scored: &[(VideoFile, VideoScore)]) -> Vec<usize> {
    let scores: Vec<VideoScore> = scored.iter().map(|(_, score)| score.clone()).collect();
    let suspicion = signed_agreement_order(&scores);
    let mut order: Vec<usize> = (0..scored.len()).collect();
    order.sort_by(|&a, &b| suspicion[b].total_cmp(&suspicion[a]));
    order
}

/// The columns that are found for the whole set at once.
struct Columns<'a> {
    whole: &'a Whole,
    confidence_weighted_entropy: Vec<f64>,
    agreements: &'a [Option<RepeatAgreement>],
    neighbours: Vec<Option<&'a Neighbours>>,
}

impl<'a> Columns<'a> {
    fn new(
        whole: &'a Whole,
        agreements: &'a [Option<RepeatAgreement>],
        scored: &'a [(VideoFile, VideoScore)],
    ) -> Self {
        let files = scored.iter().map(|(file, _)| file);
        Self {
            whole,
            confidence_weighted_entropy: confidence_weighted_entropy(&whole.table),
            agreements,
            neighbours: files.map(|file| file.neighbours.as_ref()).collect(),
        }
    }

    fn judgement(
        &self,
        index: usize,
        score: &VideoScore,
        verdict: Verdict,
        standing: &Standing,
        labels: &[String],
    ) -> Judgement {
        let ranked = Some(&self.whole.ranking.videos[index]);
        let ranked = ranked.filter(|_| standing.competence.may_judge[index]);
        let certain = standing.certain(index);
        let (suggested, suggested_prob) = match (certain, ranked) {
            // What the copies say is known, what the network says is not.
            (Some(Contradiction { label, .. }), _) => (
                label,
                ranked.map_or(f64::NAN, |ranked| ranked.clean_probs[label]),
            ),
            (None, Some(ranked)) => ranked.suggestion(score.label, verdict),
            (None, None) => (score.label, f64::NAN),
        };
        // Of a label that is wrong for certain no network need say so.
        let unjudged = if certain.is_some() { 1.0 } else { f64::NAN };
        let noise_score = ranked.map_or(unjudged, |ranked| ranked.noise_score.unwrap_or(0.0));
        let learnt = self.whole.learnt.as_ref();
        let learnt = learnt.map(|(learnt, small_loss)| (learnt[index], small_loss[index]));
        let dynamics =
            |pick: fn(VideoDynamics) -> f64| learnt.map_or(f32::NAN, |(l, _)| pick(l) as f32);
        let neighbours = self.neighbours[index];
        let flags = &self.whole.flags;
        let scores = Scores {
            noise_score: noise_score as f32,
            noise_posterior: ranked.map_or(unjudged, |ranked| ranked.noise_posterior) as f32,
            corrected_log_margin: ranked.map_or(f64::NAN, |ranked| ranked.corrected_log_margin)
                as f32,
            suggested_prob: suggested_prob as f32,
            agreement: score.agreement as f32,
            pairwise_agreement: score.pairwise_agreement as f32,
            label_support: score.label_support as f32,
            repeat_agreement: self.agreements[index].map_or(f32::NAN, |a| a.share() as f32),
            self_confidence: score.self_confidence as f32,
            normalized_margin: score.normalized_margin as f32,
            confidence_weighted_entropy: self.confidence_weighted_entropy[index] as f32,
            log_margin: score.log_margin as f32,
            clip_entropy: score.clip_entropy as f32,
            mutual_information: score.mutual_information as f32,
            aum: dynamics(|l| l.aum),
            datamap_confidence: dynamics(|l| l.confidence),
            datamap_variability: dynamics(|l| l.variability),
            datamap_correctness: dynamics(|l| l.correctness),
            datamap_forgetting: dynamics(|l| l.forgetting.unwrap_or(f64::NAN)),
            small_loss_posterior: learnt.map_or(f32::NAN, |(_, small_loss)| small_loss as f32),
            neighbour_disagreement: neighbours.map_or(f32::NAN, |n| n.other_label_share),
            outlier_score: neighbours.map_or(f32::NAN, |n| n.outlier_score),
            // Decisions come after the judgement.
            learnt_posterior: f32::NAN,
        };
        Judgement {
            scores,
            consensus: labels[score.consensus].clone(),
            suggested_label: labels[suggested].clone(),
            mean_probs: score.mean_probs.iter().map(|&prob| prob as f32).collect(),
            neighbours: neighbours.map_or_else(Vec::new, |n| n.nearest.clone()),
            flags: [
                flags.confident_learning[index],
                flags.prune_by_noise_rate[index],
                flags.prune_by_class[index],
                flags.both[index],
            ],
        }
    }
}
