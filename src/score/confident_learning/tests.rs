//! Against the numbers of cleanlab 2.9.0 (`tests/golden/make_golden.py`), and properties that any table must have.

use proptest::prelude::*;
use serde_json::Value;

use super::super::{ProbabilityTable, label_quality};
use super::{ConfidentJoint, LabelFlags};

fn cases() -> Vec<Value> {
    let small: Value =
        serde_json::from_str(include_str!("../../../tests/golden/cleanlab_small.json")).unwrap();
    let larger: Value = serde_json::from_str(include_str!(
        "../../../tests/golden/confident_learning.json"
    ))
    .unwrap();
    std::iter::once(small)
        .chain(larger.as_array().unwrap().iter().cloned())
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn matrix(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn table(case: &Value) -> ProbabilityTable {
    let labels: Vec<usize> = numbers(&case["labels"])
        .into_iter()
        .map(|label| label as usize)
        .collect();
    let rows = matrix(&case["pred_probs"]);
    ProbabilityTable::new(&labels, &rows, rows[0].len()).unwrap()
}

fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (row, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() < 1e-9,
            "{what}, row {row}: {a} instead of {b}"
        );
    }
}

#[test]
fn counts_equal_the_reference() {
    for case in cases() {
        let table = table(&case);
        let joint = ConfidentJoint::count(&table);
        assert_close(
            joint.thresholds(),
            &numbers(&case["thresholds"]),
            "thresholds",
        );
        for (found, expected) in joint.counts().iter().zip(matrix(&case["cj_raw"])) {
            assert_eq!(
                found.iter().map(|&count| count as f64).collect::<Vec<_>>(),
                expected
            );
        }
        for (found, expected) in joint
            .calibrated_counts()
            .iter()
            .zip(matrix(&case["cj_calibrated"]))
        {
            assert_eq!(
                found.iter().map(|&count| count as f64).collect::<Vec<_>>(),
                expected
            );
        }
    }
}

#[test]
fn flags_equal_the_reference_row_for_row() {
    for case in cases() {
        let table = table(&case);
        let flags = LabelFlags::find(&table, &ConfidentJoint::count(&table));
        let rules = [
            ("prune_by_noise_rate", &flags.prune_by_noise_rate),
            ("prune_by_class", &flags.prune_by_class),
            ("both", &flags.both),
            ("confident_learning", &flags.confident_learning),
            ("predicted_neq_given", &flags.predicted_neq_given),
        ];
        for (rule, found) in rules {
            let found: Vec<f64> = (0..found.len())
                .filter(|&video| found[video])
                .map(|video| video as f64)
                .collect();
            assert_eq!(found, numbers(&case[format!("issues_{rule}")]), "{rule}");
        }
        assert_eq!(
            flags.label_issues() as u64,
            case["num_label_issues"].as_u64().unwrap()
        );
    }
}

#[test]
fn quality_scores_equal_the_reference() {
    for case in cases() {
        let table = table(&case);
        let scores = [
            ("self_confidence", label_quality::self_confidence(&table)),
            (
                "normalized_margin",
                label_quality::normalized_margin(&table),
            ),
            (
                "confidence_weighted_entropy",
                label_quality::confidence_weighted_entropy(&table),
            ),
        ];
        for (name, found) in scores {
            assert_close(&found, &numbers(&case[name]), name);
        }
    }
}

/// Labels and rows, some rows one-hot; classes may be absent or have a single member.
fn tables() -> impl Strategy<Value = (Vec<usize>, Vec<Vec<f64>>, usize)> {
    (2_usize..6, 1_usize..40).prop_flat_map(|(classes, videos)| {
        let weights = prop::collection::vec(prop_oneof![Just(0.0), 0.01..1.0_f64], classes);
        let row = weights.prop_map(|mut weights| {
            weights[0] += 1e-3;
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        });
        (
            prop::collection::vec(0..classes, videos),
            prop::collection::vec(row, videos),
            Just(classes),
        )
    })
}

proptest! {
    #[test]
    fn calibrated_rows_sum_to_the_label_counts((labels, rows, classes) in tables()) {
        let table = ProbabilityTable::new(&labels, &rows, classes).unwrap();
        let joint = ConfidentJoint::count(&table);
        for (row, count) in joint.calibrated_counts().iter().zip(table.label_counts()) {
            prop_assert_eq!(row.iter().sum::<i64>(), count as i64);
            prop_assert!(row.iter().all(|&cell| cell >= 0));
        }
    }

    #[test]
    fn every_rule_spares_agreeing_predictions((labels, rows, classes) in tables()) {
        let table = ProbabilityTable::new(&labels, &rows, classes).unwrap();
        let flags = LabelFlags::find(&table, &ConfidentJoint::count(&table));
        let all = flags.predicted_neq_given;
        for rule in [&flags.prune_by_noise_rate, &flags.prune_by_class, &flags.both, &flags.confident_learning] {
            prop_assert!(rule.iter().zip(&all).all(|(&flag, &differs)| !flag || differs));
        }
    }
}
