//! Agreement by hand, at its extremes, and against the naive count.

use super::*;
use approx::assert_relative_eq;
use proptest::prelude::*;

fn score(rows: &[Vec<f64>], label: usize) -> VideoScore {
    VideoScore::new(&ClipVotes::count(rows).unwrap(), label).unwrap()
}

#[test]
fn table_of_the_paper_by_hand() {
    let rows = [
        vec![0.7, 0.2, 0.1],
        vec![0.6, 0.3, 0.1],
        vec![0.2, 0.7, 0.1],
        vec![0.5, 0.4, 0.1],
    ];
    let score = score(&rows, 1);
    assert_eq!(
        (score.consensus, score.consensus_votes, score.label_votes),
        (0, 3, 1)
    );
    assert_relative_eq!(score.agreement, 0.75);
    assert_relative_eq!(score.pairwise_agreement, 0.5);
    assert_relative_eq!(score.label_support, 0.25);
    assert_relative_eq!(score.self_confidence, 0.4);
    assert_relative_eq!(score.normalized_margin, 0.45);
    assert_relative_eq!(score.log_margin, (0.4_f64 / 0.5).ln(), epsilon = 1e-12);
    let votes = -(0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln());
    assert_relative_eq!(score.clip_entropy, votes / 3.0_f64.ln(), epsilon = 1e-12);
    assert!(score.mutual_information > 0.0 && score.mutual_information < votes);
    assert_relative_eq!(score.signed_agreement(), 0.75);
}

#[test]
fn a_tied_vote_goes_to_the_larger_mean() {
    let score = score(&[vec![0.51, 0.49], vec![0.1, 0.9]], 0);
    assert_eq!((score.consensus, score.agreement), (1, 0.5));
}

#[test]
fn extremes_are_finite() {
    let one_hot = score(&[vec![0.0, 1.0, 0.0]], 0);
    assert_eq!(
        (
            one_hot.agreement,
            one_hot.pairwise_agreement,
            one_hot.label_support
        ),
        (1.0, 1.0, 0.0)
    );
    assert_relative_eq!(one_hot.log_margin, PROBABILITY_FLOOR.ln());
    assert_eq!(
        (
            one_hot.normalized_margin,
            one_hot.clip_entropy,
            one_hot.mutual_information
        ),
        (0.0, 0.0, 0.0)
    );
    let uniform = score(&[vec![0.25; 4], vec![0.25; 4]], 3);
    assert_eq!(
        (
            uniform.consensus,
            uniform.log_margin,
            uniform.mutual_information
        ),
        (0, 0.0, 0.0)
    );
    let split = score(&[vec![1.0, 0.0], vec![0.0, 1.0]], 0);
    assert_relative_eq!(split.mutual_information, 2.0_f64.ln());
    assert_relative_eq!(split.clip_entropy, 1.0);
}

#[test]
fn bad_clips_are_refused() {
    assert_eq!(
        ClipVotes::count::<f64, Vec<f64>>(&[]).unwrap_err(),
        ScoreError::Empty
    );
    assert!(matches!(
        ClipVotes::count(&[vec![0.5, 0.5], vec![1.0]]).unwrap_err(),
        ScoreError::WrongWidth { row: 1, .. }
    ));
    let votes = ClipVotes::count(&[[0.5_f32, 0.5]]).unwrap();
    assert!(matches!(
        VideoScore::new(&votes, 2).unwrap_err(),
        ScoreError::LabelOutOfRange { label: 2, .. }
    ));
}

/// N × C distributions from arbitrary weights, some of them exactly 0.
fn clips() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2_usize..6, 1_usize..12).prop_flat_map(|(classes, clips)| {
        let weight = prop_oneof![Just(0.0), 0.0..1.0_f64];
        let row = prop::collection::vec(weight, classes).prop_map(|weights| {
            let sum: f64 = weights.iter().sum();
            let classes = weights.len() as f64;
            weights
                .iter()
                .map(|w| if sum > 0.0 { w / sum } else { 1.0 / classes })
                .collect()
        });
        prop::collection::vec(row, clips)
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
    fn order_of_clips_changes_nothing(rows in clips(), rotate in 0_usize..12) {
        let mut turned = rows.clone();
        turned.rotate_left(rotate % rows.len());
        turned.reverse();
        prop_assert_eq!(score(&rows, 0), score(&turned, 0));
    }

    #[test]
    fn agreement_equals_the_naive_count(rows in clips()) {
        let votes: Vec<usize> = rows.iter().map(|row| {
            let top = row.iter().copied().fold(f64::MIN, f64::max);
            row.iter().position(|&p| p >= top).unwrap()
        }).collect();
        let most = (0..rows[0].len()).map(|c| votes.iter().filter(|&&v| v == c).count()).max().unwrap();
        let score = score(&rows, 1);
        prop_assert!((score.agreement - most as f64 / rows.len() as f64).abs() < 1e-12);
        let (mut pairs, mut equal) = (0, 0);
        for i in 0..votes.len() {
            for j in 0..i {
                pairs += 1;
                equal += usize::from(votes[i] == votes[j]);
            }
        }
        if pairs > 0 {
            prop_assert!((score.pairwise_agreement - f64::from(equal as u32) / f64::from(pairs)).abs() < 1e-12);
        }
    }

    #[test]
    fn scores_stay_in_their_ranges(rows in clips()) {
        let classes = rows[0].len() as f64;
        let score = score(&rows, 1);
        prop_assert!(score.agreement >= 1.0 / classes - 1e-12 && score.agreement <= 1.0);
        for share in [score.pairwise_agreement, score.label_support, score.clip_entropy] {
            prop_assert!((0.0..=1.0).contains(&share));
        }
        prop_assert!((-1e-9..=1.0 + 1e-9).contains(&score.normalized_margin));
        prop_assert!(score.log_margin.abs() < 27.7);
        prop_assert!((0.0..=classes.ln() + 1e-9).contains(&score.mutual_information));
    }

    #[test]
    fn relabelling_classes_permutes_the_columns(rows in clips()) {
        // Ties are broken by class order, so every class gets an edge of its own.
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| untied(row)).collect();
        let classes = rows[0].len();
        let mirrored: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
        let (a, b) = (score(&rows, 0), score(&mirrored, classes - 1));
        prop_assert_eq!(a.consensus, classes - 1 - b.consensus);
        prop_assert!((a.agreement - b.agreement).abs() < 1e-12);
        prop_assert!((a.log_margin - b.log_margin).abs() < 1e-12);
        prop_assert_eq!(a.mean_probs, b.mean_probs.into_iter().rev().collect::<Vec<_>>());
    }
}
