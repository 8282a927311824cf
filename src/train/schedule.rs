//! The learning rate over time: linear warm-up, then a cosine (RDFER, arXiv:2502.16129, §4.2).

use super::TrainSettings;

/// The learning rate at `step` of `steps_per_epoch · epochs` steps.
pub fn learning_rate(settings: &TrainSettings, step: usize, steps_per_epoch: usize) -> f64 {
    let total = (settings.epochs * steps_per_epoch) as f64;
    let warmup = (settings.warmup_epochs * steps_per_epoch as f64).min(total);
    let step = step as f64;
    if step < warmup {
        return settings.learning_rate * (step + 1.0) / (warmup + 1.0);
    }
    let progress = ((step - warmup) / (total - warmup).max(1.0)).min(1.0);
    let cosine = f64::midpoint(1.0, (std::f64::consts::PI * progress).cos());
    settings.final_learning_rate + (settings.learning_rate - settings.final_learning_rate) * cosine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_to_the_peak_then_falls_to_the_end() {
        let settings = TrainSettings {
            epochs: 10,
            warmup_epochs: 2.0,
            learning_rate: 1.0,
            final_learning_rate: 0.01,
            ..TrainSettings::default()
        };
        let rates: Vec<f64> = (0..50)
            .map(|step| learning_rate(&settings, step, 5))
            .collect();
        assert!(rates[..10].is_sorted());
        assert!((rates[10] - 1.0).abs() < 1e-12);
        assert!(rates[10..].is_sorted_by(|a, b| a > b));
        assert!((learning_rate(&settings, 50, 5) - 0.01).abs() < 1e-12);
        // Half-way between the peak and the end: the mean of both.
        assert!((rates[30] - 0.505).abs() < 1e-9);
    }
}
