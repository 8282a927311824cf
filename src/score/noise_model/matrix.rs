//! The one piece of linear algebra that the fit needs: solving with a small symmetric positive definite matrix.

/// The lower Cholesky factor L of a symmetric positive definite n × n matrix `a`, row by row: `a = L·Lᵀ`.
#[derive(Debug)]
pub(super) struct Cholesky {
    factor: Vec<f64>,
    size: usize,
}

impl Cholesky {
    pub(super) fn new(a: &[f64], size: usize) -> Self {
        let mut factor = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let dot: f64 = (0..column)
                    .map(|k| factor[row * size + k] * factor[column * size + k])
                    .sum();
                let rest = a[row * size + column] - dot;
                factor[row * size + column] = if row == column {
                    rest.sqrt()
                } else {
                    rest / factor[column * size + column]
                };
            }
        }
        Self { factor, size }
    }

    /// Replaces one of the columns of `b`, an n × `columns` matrix row by row, by `a⁻¹` times it.
    pub(super) fn solve(&self, b: &mut [f64], column: usize, columns: usize) {
        let size = self.size;
        let entry = |row: usize, column: usize| self.factor[row * size + column];
        for row in 0..size {
            let known: f64 = (0..row)
                .map(|k| entry(row, k) * b[k * columns + column])
                .sum();
            b[row * columns + column] = (b[row * columns + column] - known) / entry(row, row);
        }
        for row in (0..size).rev() {
            let known: f64 = (row + 1..size)
                .map(|k| entry(k, row) * b[k * columns + column])
                .sum();
            b[row * columns + column] = (b[row * columns + column] - known) / entry(row, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_small_system() {
        // [[4, 2], [2, 3]] · [[1, 0], [2, -1]] = [[8, -2], [8, -3]]
        let mut b = [8.0, -2.0, 8.0, -3.0];
        let factor = Cholesky::new(&[4.0, 2.0, 2.0, 3.0], 2);
        for column in 0..2 {
            factor.solve(&mut b, column, 2);
        }
        for (found, expected) in b.iter().zip([1.0, 0.0, 2.0, -1.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
    }
}
