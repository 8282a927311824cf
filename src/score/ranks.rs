//! Ranks of numbers, ties averaged: the common ground of score combinations and rank statistics.

/// The rank of every value, `1..=n` from the smallest to the largest; equal values share the mean of their ranks.
///
/// NaN sorts by IEEE total order, so that a result never depends on the order of the input.
pub fn average_ranks(values: &[f64]) -> Vec<f64> {
    // Values and their places side by side: a sort that looks values up by place waits for memory.
    let mut sorted: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for ties in sorted.chunk_by(|a, b| same(a.0, b.0)) {
        // Ranks start+1 ..= start+ties have this mean.
        let mean = start as f64 + f64::midpoint(ties.len() as f64, 1.0);
        for &(_, place) in ties {
            ranks[place] = mean;
        }
        start += ties.len();
    }
    ranks
}

/// Ranks scaled to [0, 1]: the smallest value gets 0, the largest 1, a single value 0.5.
pub fn unit_ranks(values: &[f64]) -> Vec<f64> {
    let last = values.len() as f64 - 1.0;
    average_ranks(values)
        .into_iter()
        .map(|rank| if last > 0.0 { (rank - 1.0) / last } else { 0.5 })
        .collect()
}

/// Equality under which +0 and -0 are one value and NaN equals itself.
#[expect(clippy::float_cmp, reason = "a tie is exact equality")]
fn same(a: f64, b: f64) -> bool {
    a == b || a.total_cmp(&b).is_eq()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_rank() {
        assert_eq!(average_ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(average_ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert!(average_ranks(&[]).is_empty());
    }

    #[test]
    fn unit_ranks_span_zero_to_one() {
        assert_eq!(unit_ranks(&[5.0, 7.0, 6.0]), [0.0, 1.0, 0.5]);
        assert_eq!(unit_ranks(&[5.0]), [0.5]);
        assert_eq!(unit_ranks(&[5.0, 5.0]), [0.5, 0.5]);
    }
}
