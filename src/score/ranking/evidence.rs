//! How much better a noise model by class explains the given labels than one share of wrong labels does.

/// The advantage in nats a video, at least 0, that is beyond doubt (ours, after Akaike 1974 and Vuong 1989): the mean of
/// `differences`, less half a nat for each parameter that the model by class has more, over all videos, less the mean's
/// standard error.
///
/// `differences`: `ln P(given label)` by the model by class less that by the one share, one per video. `classes`: C; the
/// former has C·(C − 1) rates, the latter one.
pub(super) fn advantage(differences: &[f64], classes: usize) -> f64 {
    let videos = differences.len() as f64;
    if videos < 2.0 {
        return 0.0;
    }
    let mean = differences.iter().sum::<f64>() / videos;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let error = (squares / (videos - 1.0) / videos).sqrt();
    let parameters = (classes * (classes - 1) - 1) as f64;
    (mean - parameters / 2.0 / videos - error).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advantage_must_outweigh_parameters_and_chance() {
        // C = 3 has five parameters more: 2.5 nats over 100 videos.
        approx::assert_relative_eq!(advantage(&[0.125; 100], 3), 0.1, epsilon = 1e-12);
        approx::assert_relative_eq!(advantage(&[0.02; 100], 3), 0.0);
        let scattered: Vec<f64> = (0..100).map(|video| f64::from(video % 2)).collect();
        let error = (0.25_f64 / 99.0).sqrt();
        approx::assert_relative_eq!(advantage(&scattered, 3), 0.475 - error, epsilon = 1e-12);
    }

    #[test]
    fn a_single_video_is_no_evidence() {
        approx::assert_relative_eq!(advantage(&[9.0], 2), 0.0);
        approx::assert_relative_eq!(advantage(&[], 2), 0.0);
    }
}
