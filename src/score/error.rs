//! What can be wrong with the numbers that scoring is given.

use thiserror::Error;

/// A reason why scores cannot be computed. Rows and clips are counted from 0.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ScoreError {
    /// There are no rows at all.
    #[error(
        "nothing to score: no clips or videos were given; check that the predictions are not empty"
    )]
    Empty,
    /// Fewer than two classes.
    #[error("'{classes}' class given, at least 2 are needed; check the label set")]
    TooFewClasses {
        /// Number of classes given.
        classes: usize,
    },
    /// Two lists that belong together differ in length.
    #[error("{what} has '{found}' entries, expected '{expected}'; give one entry per video")]
    LengthsDiffer {
        /// Which list is at fault.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that fits.
        expected: usize,
    },
    /// A row of probabilities has another number of columns than there are classes.
    #[error("row '{row}' has '{found}' probabilities, expected '{expected}'; give one per class")]
    WrongWidth {
        /// Row at fault.
        row: usize,
        /// Number of columns found.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// A probability that is negative, above 1 or not a number.
    #[error(
        "row '{row}', class '{class}': '{value}' is not a probability; give softmax outputs, not logits"
    )]
    NotAProbability {
        /// Row at fault.
        row: usize,
        /// Column at fault.
        class: usize,
        /// The value found.
        value: f64,
    },
    /// A row of probabilities that does not sum to 1.
    #[error("row '{row}' sums to '{sum}', expected 1; give softmax outputs over all classes")]
    RowSum {
        /// Row at fault.
        row: usize,
        /// The sum found.
        sum: f64,
    },
    /// A label outside the label set.
    #[error(
        "row '{row}': label '{label}' is outside the '{classes}' classes; check the label set and its order"
    )]
    LabelOutOfRange {
        /// Row at fault.
        row: usize,
        /// The label found.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A loss or logit that is not a finite number.
    #[error(
        "entry '{row}': '{value}' is not a finite number; the training run that produced it has diverged"
    )]
    NotFinite {
        /// Entry at fault.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// A judged place that the ranking does not have.
    #[error(
        "judgement '{row}' is of place '{place}', but the ranking has '{places}'; judge a sample of this ranking"
    )]
    PlaceOutOfRange {
        /// Judgement at fault.
        row: usize,
        /// The place found.
        place: usize,
        /// Number of places.
        places: usize,
    },
    /// A place that was judged more than once.
    #[error("judgement '{row}' repeats place '{place}'; settle on one judgement per video")]
    JudgedTwice {
        /// Judgement at fault.
        row: usize,
        /// The place found.
        place: usize,
    },
    /// A setting outside its range.
    #[error("'{name}' is '{value}', expected a number in {range}")]
    SettingOutOfRange {
        /// Name of the setting.
        name: &'static str,
        /// The value found.
        value: f64,
        /// The range that is allowed.
        range: &'static str,
    },
}

/// Checks that a list has the length that another one asks for.
pub(crate) fn check_length(
    what: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), ScoreError> {
    if found == expected {
        Ok(())
    } else {
        Err(ScoreError::LengthsDiffer {
            what,
            found,
            expected,
        })
    }
}
