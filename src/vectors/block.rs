//! One video's rows: what an array must be, and how its numbers are kept.

use half::f16;

/// An array: its shape, and its numbers in the order of C.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f64>,
}

/// A video's rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Rows, mirrored ones not counted.
    pub(super) rows: usize,
    pub(super) width: usize,
    /// The numbers in half precision, row by row, in the machine's order of bytes.
    pub(super) halves: Vec<u8>,
}

impl Block {
    /// Takes an array of rows × numbers, or of the numbers of one row; `is_mirrored`: the second half of the rows is that of
    /// the mirrored frames.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment that completes a sentence which begins with its name.
    pub(super) fn new(array: &Array, is_mirrored: bool) -> Result<Self, String> {
        let (all, width) = match array.shape[..] {
            [width] => (1, width),
            [rows, width] => (rows, width),
            _ => {
                return Err(format!(
                    "is of shape {}, not rows × numbers",
                    sides(&array.shape)
                ));
            }
        };
        if all == 0 || width == 0 {
            return Err("is empty".to_owned());
        }
        if is_mirrored && all % 2 == 1 {
            return Err(format!(
                "has {all} rows, an odd number, and 'mirrored' says that half of them are of mirrored frames"
            ));
        }
        let mut halves = Vec::with_capacity(array.values.len() * 2);
        for (row, values) in array.values.chunks_exact(width).enumerate() {
            let kept = half_row(values).map_err(|what| format!("row {row} {what}"))?;
            halves.extend(kept.into_iter().flat_map(f16::to_ne_bytes));
        }
        let rows = if is_mirrored { all / 2 } else { all };
        Ok(Self {
            rows,
            width,
            halves,
        })
    }
}

/// A row in half precision.
fn half_row(values: &[f64]) -> Result<Vec<f16>, String> {
    if let Some(column) = values.iter().position(|value| !value.is_finite()) {
        return Err(format!(
            "has {} at place {column}, which is no number",
            values[column]
        ));
    }
    let kept: Vec<f16> = values.iter().map(|&value| f16::from_f64(value)).collect();
    if let Some(column) = kept.iter().position(|value| !value.is_finite()) {
        return Err(format!(
            "has {} at place {column}, more than half precision holds (65504); divide all features by one number",
            values[column]
        ));
    }
    match kept[..] {
        [first, _, ..] if kept.iter().all(|value| *value == first) => Err(format!(
            "is constant: in half precision all its numbers are {first}"
        )),
        _ => Ok(kept),
    }
}

/// A shape in words.
fn sides(shape: &[usize]) -> String {
    let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
    sides.join(" × ")
}
