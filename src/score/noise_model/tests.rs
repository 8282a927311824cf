//! The noise model on tables whose noise is known.

use approx::assert_relative_eq;
use rand::RngExt;

use super::*;
use crate::seed::Seed;

fn model(transition: &[[f64; 2]; 2]) -> NoiseModel {
    NoiseModel {
        weights: vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        transition: transition.concat(),
        classes: 2,
    }
}

/// Videos of three classes whose network predicts the given label too timidly: true probabilities `softmax(z)`, labels
/// by the matrix, `mean_probs` = `softmax(z / 2)`.
fn noisy_table(videos: usize, transition: &[[f64; 3]; 3]) -> (ProbabilityTable, Vec<bool>) {
    let mut random = Seed(5).stream("noise model", "");
    let mut draw = |weights: &[f64; 3]| {
        let mut place = random.random_range(0.0..1.0);
        (0..2)
            .find(|&class| {
                place -= weights[class];
                place < 0.0
            })
            .unwrap_or(2)
    };
    let (mut labels, mut rows, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for video in 0..videos {
        let truth = draw(&[0.3, 0.3, 0.4]);
        // Seven degrees of clarity, known to the network.
        let clarity = 0.5 + (video % 7) as f64;
        let sure = clarity.exp() / (clarity.exp() + 2.0);
        let mut seen = [(1.0 - sure) / 2.0; 3];
        seen[truth] = sure;
        let shown = draw(&seen); // the class that the picture shows
        let mut probs = [(1.0 - sure) / 2.0; 3];
        probs[shown] = sure;
        let roots = probs.map(f64::sqrt);
        let sum: f64 = roots.iter().sum();
        rows.push(roots.map(|p| p / sum));
        let label = draw(&transition[truth]);
        labels.push(label);
        wrong.push(label != truth);
    }
    (ProbabilityTable::new(&labels, &rows, 3).unwrap(), wrong)
}

/// Videos of a strong network that has learnt the noise itself: of a video it says the row of the noise matrix of its true class,
/// up to 1 / `sharpness` in each logit; every class is mistaken for three others, a fifth of its videos. With whether labels are
/// wrong.
pub(super) fn learnt_noise(
    videos: usize,
    classes: usize,
    sharpness: f64,
    seed: u64,
) -> (ProbabilityTable, Vec<bool>) {
    let mut random = Seed(seed).stream("noise model", "learnt");
    let transition: Vec<Vec<f64>> = (0..classes)
        .map(|truth| {
            let mut row = vec![1e-4; classes];
            row[truth] = 0.8;
            for (step, share) in [(1, 0.14), (2, 0.05), (3, 0.01)] {
                row[(truth + step) % classes] = share;
            }
            row
        })
        .collect();
    let (mut labels, mut rows, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for video in 0..videos {
        let truth = video % classes;
        let mut place = random.random_range(0.0..1.0);
        let label = transition[truth].iter().position(|rate| {
            place -= rate;
            place < 0.0
        });
        let label = label.unwrap_or(truth);
        let said: Vec<f64> = transition[truth]
            .iter()
            .map(|rate| {
                // Nearly normal: four even numbers, of variance 1/12 each.
                let normal: f64 = (0..4).map(|_| random.random_range(-0.5..0.5_f64)).sum();
                rate * (normal * 3.0_f64.sqrt() / sharpness).exp()
            })
            .collect();
        let sum: f64 = said.iter().sum();
        rows.push(said.iter().map(|p| p / sum).collect::<Vec<f64>>());
        labels.push(label);
        wrong.push(label != truth);
    }
    let table = ProbabilityTable::new(&labels, &rows, classes).unwrap();
    (table, wrong)
}

const NOISE: [[f64; 3]; 3] = [[0.7, 0.3, 0.0], [0.0, 0.95, 0.05], [0.1, 0.0, 0.9]];

#[test]
fn a_known_matrix_is_found_and_the_errors_are_counted() {
    let (table, wrong) = noisy_table(20_000, &NOISE);
    let model = NoiseModel::fit(&table, Structure::ByClass, NoiseModelSettings::default());
    for (truth, row) in NOISE.iter().enumerate() {
        for (given, &rate) in row.iter().enumerate() {
            assert_relative_eq!(model.transition(truth, given), rate, epsilon = 0.03);
        }
    }
    let expected: f64 = table
        .rows()
        .map(|(label, row)| model.noise_posterior(&model.clean_probs(row), label))
        .sum();
    let errors = wrong.iter().filter(|wrong| **wrong).count() as f64;
    assert_relative_eq!(expected / errors, 1.0, epsilon = 0.05);
}

#[test]
fn timid_probabilities_are_recalibrated() {
    let (table, _) = noisy_table(20_000, &[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let model = NoiseModel::fit(&table, Structure::Uniform, NoiseModelSettings::default());
    let sure = 3.5_f64.exp() / (3.5_f64.exp() + 2.0);
    let roots = [sure, (1.0 - sure) / 2.0, (1.0 - sure) / 2.0].map(f64::sqrt);
    let sum: f64 = roots.iter().sum();
    let clean = model.clean_probs(&roots.map(|p| p / sum));
    assert_relative_eq!(clean[0], sure, epsilon = 0.02);
}

#[test]
fn a_uniform_share_is_found() {
    let (table, _) = noisy_table(20_000, &[[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]);
    let model = NoiseModel::fit(&table, Structure::Uniform, NoiseModelSettings::default());
    assert_relative_eq!(model.transition(0, 0), 0.8, epsilon = 0.02);
    assert_relative_eq!(
        model.transition(0, 1),
        model.transition(2, 1),
        epsilon = 1e-12
    );
}

#[test]
fn without_steps_the_probabilities_stay() {
    let (table, _) = noisy_table(50, &NOISE);
    let settings = NoiseModelSettings { steps: 0 };
    let model = NoiseModel::fit(&table, Structure::ByClass, settings);
    for (found, given) in model.clean_probs(table.row(0)).iter().zip(table.row(0)) {
        assert_relative_eq!(found, given, epsilon = 1e-12);
    }
}

#[test]
fn posterior_is_bayes_rule() {
    let model = model(&[[0.8, 0.2], [0.1, 0.9]]);
    assert_relative_eq!(
        model.noise_posterior(&[0.7, 0.3], 1),
        0.7 * 0.2 / (0.7 * 0.2 + 0.3 * 0.9),
        epsilon = 1e-12
    );
    assert_relative_eq!(model.noise_posterior(&[0.0, 1.0], 1), 0.0);
}

#[test]
fn absent_classes_and_certainty_do_no_harm() {
    // Class 2 is neither given nor likely; the network is certain.
    let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
    let table = ProbabilityTable::new(&[0, 1, 0], &rows, 3).unwrap();
    for structure in [Structure::ByClass, Structure::Uniform] {
        let model = NoiseModel::fit(&table, structure, NoiseModelSettings::default());
        for truth in 0..3 {
            let row: Vec<f64> = (0..3).map(|given| model.transition(truth, given)).collect();
            assert_relative_eq!(row.iter().sum::<f64>(), 1.0, epsilon = 1e-12);
            assert!(row.iter().all(|&rate| rate > 0.0));
        }
        let clean = model.clean_probs(&[1.0, 0.0, 0.0]);
        assert!(clean.iter().all(|p| p.is_finite() && *p >= 0.0));
        assert!(clean[0] > 0.9);
    }
}

/// Errors expected by a model by class.
fn counted(table: &ProbabilityTable) -> f64 {
    let model = NoiseModel::fit(table, Structure::ByClass, NoiseModelSettings::default());
    let posterior = |(label, row)| model.noise_posterior(&model.clean_probs(row), label);
    table.rows().map(posterior).sum()
}

#[test]
fn a_small_table_s_errors_are_counted() {
    let (table, wrong) = noisy_table(600, &NOISE);
    let errors = wrong.iter().filter(|wrong| **wrong).count() as f64;
    assert_relative_eq!(counted(&table), errors, max_relative = 0.1);
}

#[test]
fn neither_the_table_s_order_nor_that_of_the_classes_matters() {
    let (table, _) = noisy_table(400, &NOISE);
    // Equally likely rows are told apart by the order of the classes.
    let rows: Vec<Vec<f64>> = (0..400)
        .map(|video| {
            let edges = (0..3).map(|class| 1e-5 * (video * (class + 1)) as f64);
            let row: Vec<f64> = table
                .row(video)
                .iter()
                .zip(edges)
                .map(|(p, edge)| p + edge)
                .collect();
            let sum: f64 = row.iter().sum();
            row.iter().map(|p| p / sum).collect()
        })
        .collect();
    let mirrored_labels: Vec<usize> = table.labels().iter().rev().map(|y| 2 - y).collect();
    let mirrored_rows: Vec<Vec<f64>> = rows
        .iter()
        .rev()
        .map(|row| row.iter().rev().copied().collect())
        .collect();
    let table = ProbabilityTable::new(table.labels(), &rows, 3).unwrap();
    let mirrored = ProbabilityTable::new(&mirrored_labels, &mirrored_rows, 3).unwrap();
    let [one, other] = [&table, &mirrored]
        .map(|table| NoiseModel::fit(table, Structure::ByClass, NoiseModelSettings::default()));
    for truth in 0..3 {
        for given in 0..3 {
            let mirror = other.transition(2 - truth, 2 - given);
            assert_relative_eq!(one.transition(truth, given), mirror, epsilon = 1e-9);
        }
    }
}

#[test]
fn a_class_that_is_often_labelled_as_another_is_not_mistaken_for_it() {
    // Nearly half of class 2 bears label 1, which is rare otherwise; the network has learnt to say what labels say.
    let noise = [[0.66, 0.11, 0.23], [0.0, 0.77, 0.23], [0.04, 0.44, 0.52]];
    let mut random = Seed(7).stream("noise model", "");
    let (mut labels, mut rows, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..15_000 {
        let odds = [0.6, 0.05, 0.35].map(|share| share * random.random_range(-2.0..2.0_f64).exp());
        let clean = odds.map(|own| own / odds.iter().sum::<f64>());
        let mut draw = |shares: &[f64; 3]| {
            let place = random.random_range(0.0..1.0);
            usize::from(place >= shares[0]) + usize::from(place >= shares[0] + shares[1])
        };
        let truth = draw(&clean);
        let label = draw(&noise[truth]);
        labels.push(label);
        wrong.push(label != truth);
        rows.push([0, 1, 2].map(|given| {
            let of_truth = |truth: usize| clean[truth] * noise[truth][given];
            (0..3).map(of_truth).sum::<f64>()
        }));
    }
    let table = ProbabilityTable::new(&labels, &rows, 3).unwrap();
    // The share of errors among half as many of the most suspect as there are errors.
    let precision = |model: &NoiseModel| {
        let posterior = |(label, row)| model.noise_posterior(&model.clean_probs(row), label);
        let mut suspects: Vec<(f64, bool)> = table
            .rows()
            .map(posterior)
            .zip(wrong.iter().copied())
            .collect();
        suspects.sort_by(|a, b| b.0.total_cmp(&a.0));
        let most = wrong.iter().filter(|wrong| **wrong).count() / 2;
        let found = suspects[..most].iter().filter(|(_, wrong)| *wrong);
        found.count() as f64 / most as f64
    };
    // What could be known: the rows are linear in the true probabilities, and the matrix has an inverse.
    let fitted = NoiseModel::fit(&table, Structure::ByClass, NoiseModelSettings::default());
    let found = precision(&fitted);
    assert!(found > 0.7, "{found}");
}

#[test]
fn certain_networks_do_no_harm() {
    // One-hot rows, of which every twentieth contradicts its label: nothing bends the likelihood where a network is certain.
    let labels: Vec<usize> = (0..600).map(|video| video % 3).collect();
    let rows: Vec<[f64; 3]> = (0..600)
        .map(|video| {
            let mut row = [0.0; 3];
            row[(video + usize::from(video % 20 == 0)) % 3] = 1.0;
            row
        })
        .collect();
    let table = ProbabilityTable::new(&labels, &rows, 3).unwrap();
    for structure in [Structure::ByClass, Structure::Uniform] {
        let model = NoiseModel::fit(&table, structure, NoiseModelSettings::default());
        for (video, (label, row)) in table.rows().enumerate() {
            let posterior = model.noise_posterior(&model.clean_probs(row), label);
            assert_eq!(
                posterior > 0.5,
                video % 20 == 0,
                "{structure:?} {video} {posterior}"
            );
        }
    }
}

#[test]
fn the_order_of_a_large_table_does_not_matter() {
    let (table, _wrong) = noisy_table(20_100, &NOISE);
    let labels: Vec<usize> = table.labels().iter().rev().copied().collect();
    let rows: Vec<&[f64]> = (0..table.videos())
        .rev()
        .map(|video| table.row(video))
        .collect();
    let reversed = ProbabilityTable::new(&labels, &rows, 3).unwrap();
    for structure in [Structure::ByClass, Structure::Uniform] {
        let [one, other] = [&table, &reversed]
            .map(|table| NoiseModel::fit(table, structure, NoiseModelSettings::default()));
        for (one, other) in one.weights.iter().zip(&other.weights) {
            assert_relative_eq!(one, other, epsilon = 1e-6);
        }
    }
}

#[test]
fn a_network_that_says_the_noise_is_not_taken_for_the_truth() {
    for (sharpness, classes, seed) in [(8.0, 7, 4), (20.0, 10, 1), (4.0, 10, 2)] {
        let (table, wrong) = learnt_noise(4000, classes, sharpness, seed);
        let model = NoiseModel::fit(&table, Structure::ByClass, NoiseModelSettings::default());
        for class in 0..classes {
            assert!(model.transition(class, class) > 0.65, "{class}");
        }
        let posteriors = table
            .rows()
            .map(|(label, row)| model.noise_posterior(&model.clean_probs(row), label));
        let posteriors: Vec<f64> = posteriors.collect();
        let errors = wrong.iter().filter(|wrong| **wrong).count() as f64;
        assert_relative_eq!(posteriors.iter().sum::<f64>(), errors, max_relative = 0.25);
        let mut order: Vec<usize> = (0..posteriors.len()).collect();
        order.sort_by(|a, b| posteriors[*b].total_cmp(&posteriors[*a]));
        let found = order[..errors as usize]
            .iter()
            .filter(|video| wrong[**video]);
        let precision = found.count() as f64 / errors;
        assert!(precision > 0.95, "{precision}");
    }
}

#[test]
fn right_labels_give_the_identity_back() {
    let (table, _) = noisy_table(4000, &[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let model = NoiseModel::fit(&table, Structure::ByClass, NoiseModelSettings::default());
    for class in 0..3 {
        assert!(model.transition(class, class) > 0.95, "{model:?}");
    }
    assert_eq!(model.doubt(&table), None);
}

#[test]
fn every_video_twice_is_the_same_table() {
    // But for the prior, which then counts half as much.
    let (table, _) = noisy_table(3000, &NOISE);
    let labels = table.labels().repeat(2);
    let rows: Vec<&[f64]> = (0..2)
        .flat_map(|_| table.rows().map(|(_, row)| row))
        .collect();
    let twice = ProbabilityTable::new(&labels, &rows, 3).unwrap();
    let [one, other] = [&table, &twice]
        .map(|table| NoiseModel::fit(table, Structure::ByClass, NoiseModelSettings::default()));
    for (one, other) in one.transition.iter().zip(&other.transition) {
        assert_relative_eq!(one, other, epsilon = 0.02);
    }
}
