//! The order by people's votes and networks together.

use super::{Ranking, by_suspicion, held_out};
use crate::score::ranks::unit_ranks;
use crate::score::raters::{Joint, JointPrior, VoteTable};
use crate::score::table::off_class;
use crate::score::{ProbabilityTable, ScoreError};

impl Ranking {
    /// Ranks the same videos by what people's votes say as well, and what both say together.
    ///
    /// The networks' word is the prior of a [`Joint`] model: of the video at each place the probability that the noise
    /// model gives to that place, so that everything that made the order counts. Videos that were left out of the
    /// order stay out; their votes still tell what raters are worth.
    ///
    /// `votes`: on the table's videos, and what they say alone.
    ///
    /// # Errors
    /// Fails where the votes are not on as many videos.
    pub fn join(
        &mut self,
        table: &ProbabilityTable,
        (votes, alone): (&VoteTable, &Joint),
    ) -> Result<Joint, ScoreError> {
        let joint = Joint::with(votes, alone, JointPrior(&self.prior(table)))?;
        let members = self.scored().to_vec();
        let against = |&video: &usize| joint.log_odds_against(video, table.label(video));
        let odds: Vec<f64> = members.iter().map(against).collect();
        for ((&video, &odds), score) in members.iter().zip(&odds).zip(unit_ranks(&odds)) {
            let (label, ranked) = (table.label(video), &mut self.videos[video]);
            ranked.noise_score = Some(score);
            ranked.noise_posterior = 1.0 / (1.0 + (-odds).exp());
            ranked.true_class_probs = joint.posterior(video);
            ranked.clean_probs.clone_from(&ranked.true_class_probs);
            ranked.corrected_log_margin = held_out::margin(&ranked.clean_probs, label);
        }
        self.order = by_suspicion(&mut self.videos);
        Ok(joint)
    }

    /// What is believed of each video's class before votes, n × C: at each place of the order the probability of a wrong label
    /// that is next among those of the noise model, shared by the other classes as it says.
    fn prior(&self, table: &ProbabilityTable) -> Vec<f64> {
        let classes = table.classes();
        let scored = self.scored();
        let mut believed: Vec<f64> = scored
            .iter()
            .map(|&video| self.videos[video].noise_posterior)
            .collect();
        believed.sort_by(|a, b| b.total_cmp(a));
        let mut prior = vec![1.0 / classes as f64; table.videos() * classes];
        for (&video, wrong) in scored.iter().zip(believed) {
            let (label, probs) = (table.label(video), &self.videos[video].true_class_probs);
            let others: f64 = off_class(probs, label).map(|(_, p)| p).sum();
            for (class, &p) in probs.iter().enumerate() {
                prior[video * classes + class] = if class == label {
                    1.0 - wrong
                } else if others > 0.0 {
                    wrong * p / others
                } else {
                    wrong / (classes - 1) as f64
                };
            }
        }
        prior
    }
}
