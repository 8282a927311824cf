//! A self-test: labels changed on purpose, after the fact, and how many of them the ranking would have caught.
//!
//! An out-of-fold prediction does not depend on the video's own label, so a video can be given another label and
//! scored again without training. Changed labels are far easier to find than human errors: the test says whether the
//! scores work at all, and no promise is based on it. No changed label reaches any file.

use rand::RngExt;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::score::ProbabilityTable;
use crate::score::ranking::Ranking;
use crate::seed::Seed;

/// The self-test's settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationSettings {
    /// Share of the videos outside the recommended cut whose label is changed for the self-test, in [0, 1]; 0 leaves
    /// the test out.
    pub plant: f64,
}

/// What came of the self-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// Labels changed.
    pub planted: usize,
    /// Of those, how many would have stood inside the recommended cut.
    pub found: usize,
}

impl CalibrationSettings {
    /// Changes labels of videos below the `flagged` most suspect ones, to classes drawn by the noise model's rates, and
    /// looks where they would stand by their held-out scores. `None` where nothing is to be changed.
    pub fn self_test(
        &self,
        table: &ProbabilityTable,
        ranking: &Ranking,
        flagged: usize,
        seed: Seed,
    ) -> Option<SelfTest> {
        let mut trusted: Vec<usize> = ranking.scored().iter().skip(flagged).copied().collect();
        let planted = (trusted.len() as f64 * self.plant).round() as usize;
        if planted == 0 {
            return None;
        }
        let mut random = seed.stream("self-test", "");
        trusted.shuffle(&mut random);
        trusted.truncate(planted);
        let places = ranking.places();
        let found = trusted
            .into_iter()
            .filter(|&video| {
                let label = table.label(video);
                let rates: Vec<f64> = (0..table.classes())
                    .map(|other| {
                        if other == label {
                            0.0
                        } else {
                            ranking.noise_model.transition(label, other)
                        }
                    })
                    .collect();
                let mut draw = random.random_range(0.0..1.0) * rates.iter().sum::<f64>();
                let changed = rates
                    .iter()
                    .position(|rate| {
                        draw -= rate;
                        draw < 0.0
                    })
                    .unwrap_or(usize::from(label == 0));
                let clean = &ranking.videos[video].clean_probs;
                places.of(clean, table.row(video), changed) < flagged
            })
            .count();
        Some(SelfTest { planted, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::noise_model::NoiseModelSettings;

    #[test]
    fn clear_videos_are_found_and_unclear_ones_are_not() {
        let found = |sure: f64| {
            let labels: Vec<usize> = (0..300).map(|video| video % 3).collect();
            let rows: Vec<Vec<f64>> = (0..300)
                .map(|video| {
                    let mut row = vec![(1.0 - sure) / 2.0; 3];
                    // Every tenth label is wrong: those are what the cut holds.
                    row[(video + usize::from(video % 10 == 0)) % 3] = sure;
                    row
                })
                .collect();
            let table = ProbabilityTable::new(&labels, &rows, 3).unwrap();
            let ranking =
                Ranking::new(&table, &[true; 300], None, NoiseModelSettings::default()).unwrap();
            let settings = CalibrationSettings { plant: 0.2 };
            settings.self_test(&table, &ranking, 30, Seed(1)).unwrap()
        };
        assert_eq!(
            found(0.9),
            SelfTest {
                planted: 54,
                found: 54
            }
        );
        // Rows that say nothing tie with everything.
        assert!(found(1.0 / 3.0).found < 54);
        assert_eq!(
            CalibrationSettings::default(),
            CalibrationSettings { plant: 0.0 }
        );
    }
}
