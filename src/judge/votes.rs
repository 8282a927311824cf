//! What people's votes say of the scored videos.

use std::collections::HashMap;

use super::{Evidence, JudgeError, VideoFile};
use crate::manifest::votes::Votes;
use crate::rows::videos::VoteFacts;
use crate::rows::votes::{RaterRow, VoteCard};
use crate::score::ranking::Ranking;
use crate::score::raters::crowdlab::Crowdlab;
use crate::score::raters::quality::first_choice;
use crate::score::raters::{Joint, RaterQuality, Vote, VoteTable};
use crate::score::table::argmax;
use crate::score::{ProbabilityTable, Verdict, VideoScore};

/// Raters are split where a smaller share of their votes, each as much as its rater knows, is for one class (ours; of ten
/// raters DFEW asks for more than six).
const SPLIT_BELOW: f64 = 0.6;

/// The votes on the scored videos, and what they and the networks say.
pub(super) struct Voted<'a> {
    votes: &'a Votes,
    table: VoteTable,
    alone: Joint,
    joint: Joint,
    raters: Vec<RaterQuality>,
    crowdlab: Option<Crowdlab>,
}

impl<'a> Voted<'a> {
    /// Joins the votes with the order; nothing where no scored video has one.
    pub(super) fn join(
        scored: &[(VideoFile, VideoScore)],
        evidence: Evidence<'a>,
        table: &ProbabilityTable,
        ranking: &mut Ranking,
    ) -> Result<Option<Self>, JudgeError> {
        let Some(votes) = evidence.votes else {
            return Ok(None);
        };
        let files = scored.iter().enumerate();
        let places: HashMap<&str, usize> = files.map(|(i, (f, _))| (f.id.as_str(), i)).collect();
        let list = votes.list.iter().filter_map(|ballot| {
            Some(Vote {
                item: *places.get(ballot.id.as_str())?,
                rater: ballot.rater,
                class: ballot.class,
                count: f64::from(ballot.count),
            })
        });
        let list: Vec<Vote> = list.collect();
        if list.is_empty() {
            return Ok(None);
        }
        let (raters, classes) = (votes.raters.len(), table.classes());
        let voted = VoteTable::new(list, table.videos(), raters, classes);
        let voted = voted.map_err(JudgeError::Set)?;
        let alone = Joint::of_votes(&voted);
        let joint = ranking
            .join(table, (&voted, &alone))
            .map_err(JudgeError::Set)?;
        let probs: Vec<f64> = table
            .rows()
            .flat_map(|(_, row)| row.iter().copied())
            .collect();
        // It compares raters, who must be told apart for it.
        let crowdlab = if votes.raters.iter().any(String::is_empty) {
            None
        } else {
            Crowdlab::settle(&voted, &probs).map_err(JudgeError::Set)?
        };
        Ok(Some(Self {
            votes,
            alone,
            raters: RaterQuality::of(&voted, &joint),
            crowdlab,
            joint,
            table: voted,
        }))
    }

    /// Whether anybody voted on a video.
    fn has(&self, video: usize) -> bool {
        !self.table.of(video).is_empty()
    }

    /// Whether votes and networks together hold the class that is likeliest for another than the label; nothing without votes.
    pub(super) fn contradicts(&self, video: usize, label: usize) -> Option<bool> {
        self.has(video)
            .then(|| self.joint.log_odds_against(video, label) > 0.0)
    }

    fn is_split(&self, video: usize) -> bool {
        let first = first_choice(&self.table, &self.raters, video);
        first.is_none_or(|(_, share)| share < SPLIT_BELOW)
    }

    /// The verdict, where the networks alone would come to `networks`: a label that votes and networks together hold for wrong is
    /// not clean, and one that they hold for right is not mislabeled.
    pub(super) fn verdict(&self, video: usize, label: usize, networks: Verdict) -> Verdict {
        match (networks, self.contradicts(video, label)) {
            (Verdict::Clean | Verdict::Hard, Some(true)) if !self.is_split(video) => {
                Verdict::Mislabeled
            }
            (Verdict::Clean, Some(true)) | (Verdict::Mislabeled, Some(false)) => Verdict::Hard,
            _ => networks,
        }
    }

    /// The columns of a video; `score` is what the networks say of it.
    pub(super) fn facts(
        &self,
        video: usize,
        score: &VideoScore,
        verdict: Verdict,
        labels: &[String],
    ) -> Option<VoteFacts> {
        let counts = self.table.counts(video);
        let votes: f64 = counts.iter().sum();
        let alone = self.alone.posterior(video);
        let consensus = argmax(&alone);
        let [split, unsure, contradict] = VoteFacts::HARD;
        let why = if self.is_split(video) {
            split
        } else if score.consensus == consensus {
            unsure
        } else {
            contradict
        };
        let quality = |crowdlab: &Crowdlab| crowdlab.posterior[video * labels.len() + score.label];
        self.has(video).then(|| VoteFacts {
            votes: votes as u32,
            for_label: (counts[score.label] / votes) as f32,
            consensus: labels[consensus].clone(),
            consensus_prob: alone[consensus] as f32,
            crowdlab_quality: self
                .crowdlab
                .as_ref()
                .map_or(f32::NAN, |c| quality(c) as f32),
            hard_because: (verdict == Verdict::Hard).then_some(why),
        })
    }

    /// What is to be told of a video's votes after what its clips say; empty without votes.
    pub(super) fn sentence(
        &self,
        video: usize,
        facts: &VoteFacts,
        label: usize,
        labels: &[String],
    ) -> String {
        let counts = self.table.counts(video);
        let first = argmax(&counts);
        let others = counts
            .iter()
            .enumerate()
            .filter(|(class, _)| *class != first);
        let second = others
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map_or(first, |(class, _)| class);
        let (most, all) = (counts[first], facts.votes);
        let said = if first == label {
            format!("{most:.0} of {all} votes are for the label")
        } else {
            format!(
                "{most:.0} of {all} votes are for {}, {:.0} for {}",
                labels[first], counts[label], labels[label]
            )
        };
        let [split, unsure, contradict] = VoteFacts::HARD;
        match facts.hard_because {
            Some(why) if why == split && counts[second] > 0.0 => format!(
                "; the raters are split, {most:.0} of {all} votes for {} and {:.0} for {}",
                labels[first], counts[second], labels[second]
            ),
            Some(why) if why == unsure => {
                format!("; the networks are unsure, the raters are not: {said}")
            }
            Some(why) if why == contradict => {
                format!("; the raters contradict the networks: {said}")
            }
            _ => format!("; {said}"),
        }
    }

    /// What is to be told of all votes, and of each rater, who knows most first. `facts`: of the videos, with their labels.
    pub(super) fn card<'f>(
        &self,
        facts: &(impl Iterator<Item = (&'f VoteFacts, &'f str)> + Clone),
        labels: &[String],
    ) -> (VoteCard, Vec<RaterRow>) {
        let [split, ..] = VoteFacts::HARD;
        let count = |is: &dyn Fn(&VoteFacts, &str) -> bool| {
            facts
                .clone()
                .filter(|(facts, label)| is(facts, label))
                .count()
        };
        let hard = count(&|facts, _| facts.hard_because.is_some());
        let split = count(&|facts, _| facts.hard_because == Some(split));
        let mut raters: Vec<RaterRow> = (0..self.raters.len())
            .filter(|&rater| self.raters[rater].votes > 0.0)
            .map(|rater| self.rater(rater, labels))
            .collect();
        raters.sort_by(|a, b| b.knowledge.total_cmp(&a.knowledge));
        let named = raters.iter().filter(|row| !row.rater.is_empty());
        let card = VoteCard {
            videos: facts.clone().count(),
            votes: facts.clone().map(|(facts, _)| facts.votes as usize).sum(),
            raters: named.clone().count(),
            guessing: named.filter(|row| row.is_guessing).count(),
            overruled: count(&|facts, label| facts.consensus != label),
            correlation: self.joint.correlation,
            network_power: self.joint.power,
            split,
            unsure: hard - split,
        };
        (card, raters)
    }

    fn rater(&self, rater: usize, labels: &[String]) -> RaterRow {
        let found = &self.raters[rater];
        let quality = |crowdlab: &Crowdlab| crowdlab.rater_quality[rater] as f32;
        let quality = self.crowdlab.as_ref().map(quality);
        RaterRow {
            rater: self.votes.raters[rater].clone(),
            votes: found.votes as u32,
            agreement: found.agreement as f32,
            knowledge: found.knowledge as f32,
            crowdlab_quality: quality.filter(|quality| !quality.is_nan()),
            confused: found.confused.map(|(class, other, share)| {
                (labels[class].clone(), labels[other].clone(), share as f32)
            }),
            is_guessing: found.is_guessing,
        }
    }
}
