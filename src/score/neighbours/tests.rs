//! Neighbours against the obvious way of finding them, and what they say in cases that are clear.

use proptest::prelude::*;

use super::*;

/// The neighbours by three lines in `f64`.
fn plainly(features: &[Vec<f32>], video: usize) -> Vec<(usize, f64)> {
    let cosine = |other: usize| {
        let sum = |a: &[f32], b: &[f32]| -> f64 {
            a.iter()
                .zip(b)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum()
        };
        let (a, b) = (&features[video], &features[other]);
        sum(a, b) / (sum(a, a) * sum(b, b)).sqrt()
    };
    let others = (0..features.len()).filter(|other| *other != video);
    let mut others: Vec<(usize, f64)> = others.map(|other| (other, 1.0 - cosine(other))).collect();
    others.sort_by(|a, b| a.1.total_cmp(&b.1));
    others
}

proptest! {
    #[test]
    fn the_search_finds_what_the_plain_way_finds(
        features in (1..40_usize).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec(-3.0_f32..3.0, width), 1..60)
        }),
        k in 0..12_usize,
    ) {
        // A feature of almost no length has no direction to speak of.
        let length = |feature: &Vec<f32>| feature.iter().map(|value| value * value).sum::<f32>();
        prop_assume!(features.iter().all(|feature| length(feature) > 0.01));
        let labels = vec![0; features.len()];
        let found = neighbourhoods(&features, &labels, k).unwrap();
        for (video, neighbourhood) in found.iter().enumerate() {
            let expected = plainly(&features, video);
            prop_assert_eq!(neighbourhood.nearest.len(), k.min(features.len() - 1));
            let distance_to = |other: usize| {
                expected.iter().find(|(video, _)| *video == other).unwrap().1
            };
            let mut sum = 0.0;
            for (place, &other) in neighbourhood.nearest.iter().enumerate() {
                sum += distance_to(other);
                prop_assert!((distance_to(other) - expected[place].1).abs() < 1e-5);
            }
            let mean = sum / neighbourhood.nearest.len().max(1) as f64;
            prop_assert!((neighbourhood.distance - mean).abs() < 1e-5);
            prop_assert!(neighbourhood.outlier_score.is_finite());
            prop_assert!(neighbourhood.other_label_share.abs() < 1e-9);
        }
    }
}

/// Two bundles of ten directions each, of classes 0 and 1, and two features that point elsewhere.
fn bundles() -> (Vec<Vec<f32>>, Vec<usize>) {
    let mut features: Vec<Vec<f32>> = (0..20_u8)
        .map(|number| {
            let wiggle = 0.01 * f32::from(number % 10);
            match number / 10 {
                0 => vec![1.0, wiggle, 0.0, 0.02 - wiggle * wiggle],
                _ => vec![wiggle, 2.0, 0.03 - wiggle * wiggle, 0.0],
            }
        })
        .collect();
    features.extend([vec![-1.0, -1.0, 0.0, 5.0], vec![0.0, -3.0, -4.0, 0.0]]);
    let mut labels: Vec<usize> = (0..20).map(|number| number / 10).collect();
    labels.extend([0, 1]);
    (features, labels)
}

#[test]
fn a_wrong_label_has_its_neighbours_against_it() {
    let (features, mut labels) = bundles();
    labels[4] = 1;
    let found = neighbourhoods(&features, &labels, 5).unwrap();
    approx::assert_abs_diff_eq!(found[4].other_label_share, 1.0);
    // The others of the bundle have at most the wrong one against them.
    for video in (0..20).filter(|video| *video != 4) {
        assert!(
            found[video].other_label_share <= 0.2,
            "{video}: {:?}",
            found[video]
        );
        assert!(
            found[video].outlier_score < 5.0,
            "{video}: {:?}",
            found[video]
        );
    }
    for video in [20, 21] {
        assert!(
            found[video].outlier_score > 5.0,
            "{video}: {:?}",
            found[video]
        );
    }
}

#[test]
fn length_does_not_count_and_a_feature_without_any_is_far_from_all() {
    let found = neighbourhoods(
        &[
            vec![1.0, 1.0],
            vec![7.0, 7.0],
            vec![0.0, 0.0],
            vec![2.0, 2.1],
        ],
        &[0, 0, 0, 1],
        1,
    )
    .unwrap();
    assert_eq!(found[0].nearest, [1]);
    assert!(found[0].distance < 1e-6);
    approx::assert_abs_diff_eq!(found[2].distance, 1.0);
    approx::assert_abs_diff_eq!(found[3].other_label_share, 1.0);
}

#[test]
fn a_single_video_and_none() {
    let alone = neighbourhoods(&[vec![1.0]], &[0], 10).unwrap();
    assert!(alone[0].nearest.is_empty());
    assert_eq!(
        (alone[0].other_label_share, alone[0].outlier_score),
        (0.0, 0.0)
    );
    assert!(neighbourhoods(&[], &[], 10).unwrap().is_empty());
}

#[test]
fn features_that_cannot_be_compared_are_refused() {
    let error = |features: &[Vec<f32>], labels: &[usize]| {
        neighbourhoods(features, labels, 1).unwrap_err().to_string()
    };
    assert!(error(&[vec![1.0], vec![1.0, 2.0]], &[0, 0]).contains("a feature has '2' entries"));
    assert!(error(&[vec![1.0]], &[]).contains("labels has '0' entries"));
    assert!(error(&[vec![1.0], vec![f32::NAN]], &[0, 0]).contains("entry '1'"));
}

#[test]
fn robust_deviations() {
    // Median 3, median absolute deviation 1.
    let z = robust_z(&[1.0, 2.0, 3.0, 4.0, 100.0]);
    approx::assert_abs_diff_eq!(z[4], 97.0 / 1.482_602, epsilon = 1e-9);
    approx::assert_abs_diff_eq!(z[0], -2.0 / 1.482_602, epsilon = 1e-9);
    // Most are the same: the mean absolute deviation is 2 / 5.
    let z = robust_z(&[1.0, 1.0, 1.0, 1.0, 3.0]);
    approx::assert_abs_diff_eq!(z[4], 2.0 / (1.253_314 * 0.4), epsilon = 1e-9);
    assert_eq!(robust_z(&[2.0; 4]), [0.0; 4]);
    assert!(robust_z(&[]).is_empty());
}
