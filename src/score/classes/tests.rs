//! Class summaries of sets whose wrong labels are known.

use super::*;
use crate::score::noise_model::NoiseModelSettings;
use approx::assert_relative_eq;

/// 200 videos of class 0 and 200 of class 1, sure of themselves; every fifth of class 0 carries label 1. Nobody
/// is of class 2.
fn report(error_probs: Option<&[f64]>) -> ClassReport {
    let mut labels = Vec::new();
    let mut rows = Vec::new();
    for video in 0..400 {
        let truth = usize::from(video >= 200);
        let row: Vec<f64> = (0..3)
            .map(|class| if class == truth { 0.94 } else { 0.03 })
            .collect();
        rows.push(row);
        labels.push(if truth == 0 && video % 5 == 0 {
            1
        } else {
            truth
        });
    }
    let contradicted: Vec<bool> = (0..400)
        .map(|video| labels[video] != usize::from(video >= 200))
        .collect();
    let table = ProbabilityTable::new(&labels, &rows, 3).unwrap();
    let ranking = Ranking::new(&table, &[true; 400], None, NoiseModelSettings::default()).unwrap();
    ClassReport::summarise(&table, &ranking, &contradicted, error_probs).unwrap()
}

#[test]
fn wrong_labels_land_on_their_class() {
    let report = report(None);
    let class = &report.classes[1];
    assert_eq!(
        (class.given, class.ranked, class.confused_with),
        (240, 240, Some(0))
    );
    // 40 of the 240 labels are wrong.
    assert!((0.1..0.2).contains(&class.share_mislabeled.estimate));
    assert!(class.share_mislabeled.low < 1.0 / 6.0 && class.share_mislabeled.high > 1.0 / 6.0);
    assert!(class.share_mislabeled.width() < 0.15);
    assert!(report.classes[0].share_mislabeled.estimate < 0.05);
    assert_eq!(report.classes[0].health, ClassHealth::Good);
    assert_eq!(
        (report.classes[2].given, report.classes[2].health),
        (0, ClassHealth::TooFew)
    );
    assert_relative_eq!(report.classes[2].share_mislabeled.high, 1.0);
}

#[test]
fn transitions_add_up() {
    let report = report(None);
    assert_eq!(report.transitions.len(), 9);
    for given in 0..3 {
        let row = &report.transitions[3 * given..3 * given + 3];
        assert!(
            row.iter()
                .all(|cell| cell.given == given && cell.count >= 0.0)
        );
        let total: f64 = row.iter().map(|cell| cell.count).sum();
        assert_relative_eq!(total, report.classes[given].ranked as f64, epsilon = 1e-9);
    }
    let estimated: f64 = report
        .classes
        .iter()
        .map(|class| class.estimated_true)
        .sum();
    assert_relative_eq!(estimated, 400.0, epsilon = 1e-9);
}

#[test]
fn judged_probabilities_replace_the_posteriors() {
    let mut judged = [0.0; 400];
    // The forty videos of class 0 that carry label 1.
    for video in (0..200).step_by(5) {
        judged[video] = 0.75;
    }
    let report = report(Some(&judged));
    assert_relative_eq!(
        report.classes[1].share_mislabeled.estimate,
        30.0 / 240.0,
        epsilon = 1e-9
    );
    assert_relative_eq!(report.classes[0].share_mislabeled.estimate, 0.0);
    assert_eq!(report.classes[1].health, ClassHealth::Fair);
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    let table = ProbabilityTable::new(&[0], &[[0.5, 0.5]], 2).unwrap();
    let ranking = Ranking::new(&table, &[true], None, NoiseModelSettings::default()).unwrap();
    assert!(ClassReport::summarise(&table, &ranking, &[], None).is_err());
    assert!(ClassReport::summarise(&table, &ranking, &[true], Some(&[])).is_err());
    assert!(ClassReport::summarise(&table, &ranking, &[true], None).is_ok());
}

#[test]
fn wilson_by_hand() {
    let (low, high) = wilson(0.1, 100.0);
    assert_relative_eq!(low, 0.0608, epsilon = 1e-3);
    assert_relative_eq!(high, 0.1602, epsilon = 1e-3);
}
