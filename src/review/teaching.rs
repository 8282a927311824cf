//! What a decision on each video would teach. Ours, beyond the paper.

use super::run::Run;
use super::state::Marks;

/// Per row what its decision would teach, larger is more: the closeness of its rank to the cut, where precision and
/// recall are decided, times how little is known of its class.
///
/// Closeness is `exp(−|rank − cut| / cut)`. What is unknown of a class is the standard deviation of the share of its
/// given labels that are wrong, under a uniform prior and the decisions made so far: `√(a·b / ((a+b)²·(a+b+1)))` with
/// `a − 1` wrong and `b − 1` right ones.
pub fn worth(run: &Run, marks: &Marks) -> Vec<f64> {
    let mut classes = vec![(1.0_f64, 1.0_f64); run.labels().len()];
    for (row, given) in run.given.iter().enumerate() {
        if let (Some(class), Some(is_wrong)) = (given, marks.is_label_wrong(row)) {
            let (wrong, right) = &mut classes[*class];
            *(if is_wrong { wrong } else { right }) += 1.0;
        }
    }
    let spread = |(a, b): (f64, f64)| (a * b / ((a + b).powi(2) * (a + b + 1.0))).sqrt();
    let cut = run.flagged.max(1) as f64;
    run.rows
        .iter()
        .zip(&run.given)
        .map(|(row, given)| {
            if row.judgement.is_none() {
                return 0.0;
            }
            let distance = (f64::from(row.rank) - cut).abs() / cut;
            let unknown = given.map_or(0.0, |class| spread(classes[class]));
            (-distance).exp() * unknown
        })
        .collect()
}
