//! Ranking on small tables made by hand and on arbitrary ones.

use proptest::prelude::*;

use super::*;
use crate::score::ClipVotes;

fn rank(labels: &[usize], rows: &[Vec<f64>], scorable: &[bool]) -> Ranking {
    let table = ProbabilityTable::new(labels, rows, rows[0].len()).unwrap();
    Ranking::new(&table, scorable, None, NoiseModelSettings::default()).unwrap()
}

/// Forty confident videos per class, of which the first two of class 0 carry label 1.
fn planted() -> (Vec<usize>, Vec<Vec<f64>>) {
    let mut labels = Vec::new();
    let mut rows = Vec::new();
    for class in 0..3 {
        for video in 0..40 {
            let top = 0.7 + 0.005 * f64::from(video);
            let row = (0..3)
                .map(|c| if c == class { top } else { (1.0 - top) / 2.0 })
                .collect();
            labels.push(if class == 0 && video < 2 { 1 } else { class });
            rows.push(row);
        }
    }
    (labels, rows)
}

#[test]
fn planted_errors_come_first() {
    let (labels, rows) = planted();
    let ranking = rank(&labels, &rows, &[true; 120]);
    assert_eq!(ranking.order[..2], [1, 0]);
    assert_eq!((ranking.videos[1].rank, ranking.videos[0].rank), (1, 2));
    let (found, clean) = (&ranking.videos[1], &ranking.videos[60]);
    assert!(found.noise_score.unwrap() > 0.99);
    assert!(found.noise_posterior > 10.0 * clean.noise_posterior);
    let (label, probability) = ranking.videos[0].suggestion(1, Verdict::Mislabeled);
    assert_eq!(label, 0);
    assert!(probability > 0.6);
    assert_eq!(ranking.videos[50].suggestion(1, Verdict::Clean).0, 1);
}

#[test]
fn a_mislabeled_verdict_never_suggests_the_label() {
    let (labels, rows) = planted();
    let ranking = rank(&labels, &rows, &[true; 120]);
    for (video, &label) in ranking.videos.iter().zip(&labels) {
        assert_ne!(video.suggestion(label, Verdict::Mislabeled).0, label);
    }
}

#[test]
fn undefined_videos_come_last_and_change_no_estimate() {
    let (mut labels, mut rows) = planted();
    let before = rank(&labels, &rows, &[true; 120]);
    labels.push(2);
    rows.push(vec![1.0, 0.0, 0.0]);
    let mut scorable = [true; 121];
    scorable[120] = false;
    let after = rank(&labels, &rows, &scorable);
    assert_eq!(after.noise_model, before.noise_model);
    assert_eq!(after.videos[..120], before.videos);
    assert_eq!(
        (after.videos[120].noise_score, after.videos[120].rank),
        (None, 121)
    );
    assert_eq!(after.order[120], 120);
    let none = rank(&labels, &rows, &[false; 121]);
    assert!(none.videos.iter().all(|video| video.noise_score.is_none()));
    assert!(
        none.videos
            .iter()
            .all(|video| video.noise_score.is_none() && video.noise_posterior.is_finite())
    );
}

#[test]
fn bad_input_is_refused() {
    let table = ProbabilityTable::new(&[0], &[[0.5, 0.5]], 2).unwrap();
    assert!(Ranking::new(&table, &[], None, NoiseModelSettings::default()).is_err());
    let settings = NoiseModelSettings { steps: 1001 };
    assert!(Ranking::new(&table, &[true], None, settings).is_err());
}

#[test]
fn log_margin_breaks_ties_of_signed_agreement_only() {
    let score = |rows: &[[f64; 2]], label| {
        VideoScore::new(&ClipVotes::count(rows).unwrap(), label).unwrap()
    };
    let scores = [
        score(&[[0.9, 0.1], [0.9, 0.1]], 0),
        score(&[[0.6, 0.4], [0.6, 0.4]], 0),
        score(&[[0.6, 0.4], [0.6, 0.4]], 1),
        score(&[[0.9, 0.1], [0.3, 0.7]], 1),
        score(&[[0.8, 0.2], [0.7, 0.3]], 1),
    ];
    let order = signed_agreement_order(&scores);
    assert_eq!(order, [0.0, 0.25, 0.75, 0.5, 1.0]);
}

/// Labels and rows with one-hot and uniform ones among them; classes may be absent or have a single member.
fn tables() -> impl Strategy<Value = (Vec<usize>, Vec<Vec<f64>>, usize)> {
    (2_usize..6, 1_usize..30).prop_flat_map(|(classes, videos)| {
        let weights = prop::collection::vec(prop_oneof![Just(0.0), 0.01..1.0_f64], classes);
        let row = weights.prop_map(|weights| {
            let sum: f64 = weights.iter().sum();
            let share = 1.0 / weights.len() as f64;
            weights
                .iter()
                .map(|weight| if sum > 0.0 { weight / sum } else { share })
                .collect()
        });
        (
            prop::collection::vec(0..classes, videos),
            prop::collection::vec(row, videos),
            Just(classes),
        )
    })
}

fn untied(row: &[f64]) -> Vec<f64> {
    let edges: Vec<f64> = row
        .iter()
        .enumerate()
        .map(|(class, p)| p + 0.0137 * class as f64)
        .collect();
    let sum: f64 = edges.iter().sum();
    edges.iter().map(|p| p / sum).collect()
}

proptest! {
    #[test]
    fn every_number_is_finite_and_in_range((labels, rows, classes) in tables()) {
        let ranking = rank(&labels, &rows, &vec![true; rows.len()]);
        let mut ranks: Vec<usize> = ranking.videos.iter().map(|video| video.rank).collect();
        ranks.sort_unstable();
        prop_assert_eq!(ranks, (1..=rows.len()).collect::<Vec<_>>());
        for video in &ranking.videos {
            prop_assert!((0.0..=1.0).contains(&video.noise_score.unwrap()));
            prop_assert!((0.0..=1.0).contains(&video.noise_posterior));
            prop_assert!(video.corrected_log_margin.abs() < 27.7);
            prop_assert!((video.clean_probs.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert_eq!(video.clean_probs.len(), classes);
        }
        for pair in ranking.order.windows(2) {
            prop_assert!(ranking.videos[pair[0]].noise_score >= ranking.videos[pair[1]].noise_score);
        }
    }

    #[test]
    fn permuting_rows_permutes_scores((labels, rows, classes) in tables(), turn in 0_usize..30) {
        let turn = turn % rows.len();
        let (mut turned_labels, mut turned_rows) = (labels.clone(), rows.clone());
        turned_labels.rotate_left(turn);
        turned_rows.rotate_left(turn);
        let (a, b) = (rank(&labels, &rows, &vec![true; rows.len()]), rank(&turned_labels, &turned_rows, &vec![true; rows.len()]));
        for (video, other) in b.videos.iter().enumerate() {
            let same = &a.videos[(video + turn) % rows.len()];
            prop_assert!((same.noise_posterior - other.noise_posterior).abs() < 1e-9);
            prop_assert!((same.corrected_log_margin - other.corrected_log_margin).abs() < 1e-6);
        }
        prop_assert_eq!(classes, a.noise_model.classes());
    }

    #[test]
    fn relabelling_classes_permutes_the_columns((labels, rows, classes) in tables()) {
        // Ties between classes are broken by their order, so every class gets an edge of its own.
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| untied(row)).collect();
        let mirror = |class: usize| classes - 1 - class;
        let mirrored_labels: Vec<usize> = labels.iter().map(|&label| mirror(label)).collect();
        let mirrored_rows: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
        let a = rank(&labels, &rows, &vec![true; rows.len()]);
        let b = rank(&mirrored_labels, &mirrored_rows, &vec![true; rows.len()]);
        for (video, other) in a.videos.iter().zip(&b.videos) {
            for class in 0..classes {
                prop_assert!((video.clean_probs[class] - other.clean_probs[mirror(class)]).abs() < 1e-9);
            }
            prop_assert!((video.noise_posterior - other.noise_posterior).abs() < 1e-9);
        }
    }
}

#[test]
fn training_dynamics_count_as_much_as_held_out_scores() {
    // Held out, the videos grow less suspect; in training, more: the mean of both is the same for all.
    let rows = [[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]];
    let table = ProbabilityTable::new(&[0, 0, 0], &rows, 2).unwrap();
    let settings = NoiseModelSettings::default();
    let rank =
        |margins: Option<&[f64]>| Ranking::new(&table, &[true; 3], margins, settings).unwrap();
    assert_eq!(rank(None).order, [0, 1, 2]);
    assert_eq!(rank(Some(&[-5.0, 0.0, 5.0])).order, [0, 1, 2]);
    for video in rank(Some(&[5.0, 0.0, -5.0])).videos {
        approx::assert_relative_eq!(video.noise_score.unwrap(), 0.5, epsilon = 1e-12);
    }
    assert!(Ranking::new(&table, &[true; 3], Some(&[0.0]), settings).is_err());
}
