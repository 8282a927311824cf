//! How much better a noise model by class explains the given labels than one share of wrong labels does.

/// The advantage of the model by class, in standard deviations of single videos (ours, after Akaike 1974 and Vuong 1989): the mean
/// of `differences`, less half a nat for each parameter that the model by class has more, over all videos, over their spread. It
/// does not depend on how many videos there are, but for the parameters' part; 0 for fewer than two.
///
/// `differences`: `ln P(given label)` by the model by class less that by the one share, one per video. `classes`: C; the
/// former has C·(C − 1) rates, the latter one.
pub(super) fn advantage(differences: &[f64], classes: usize) -> f64 {
    /// So that equal differences have an advantage too.
    const LEAST_SPREAD: f64 = 1e-9;
    let videos = differences.len() as f64;
    if videos < 2.0 {
        return 0.0;
    }
    let mean = differences.iter().sum::<f64>() / videos;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let parameters = (classes * (classes - 1) - 1) as f64;
    (mean - parameters / 2.0 / videos) / (squares / (videos - 1.0)).sqrt().max(LEAST_SPREAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advantage_must_outweigh_parameters() {
        // C = 3 has five parameters more: 2.5 nats over 100 videos.
        let scattered = |mean: f64| -> Vec<f64> {
            let sides = (0..100).map(|video| f64::from(video % 2) - 0.5);
            sides.map(|side| mean + side).collect()
        };
        let spread = (25.0_f64 / 99.0).sqrt();
        let found = advantage(&scattered(0.125), 3);
        approx::assert_relative_eq!(found, 0.1 / spread, epsilon = 1e-12);
        assert!(advantage(&scattered(0.02), 3) < 0.0);
        assert!(advantage(&[0.125; 100], 3) > 1.0);
    }

    #[test]
    fn a_single_video_is_no_evidence() {
        approx::assert_relative_eq!(advantage(&[9.0], 2), 0.0);
        approx::assert_relative_eq!(advantage(&[], 2), 0.0);
    }
}
