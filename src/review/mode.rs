//! How a review is held.

/// How the review is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mode {
    /// The reviewer; empty for the unnamed one.
    pub reviewer: String,
    /// Whether given label, suggestion and path are hidden until the first vote.
    pub is_blind: bool,
    /// Whether decisions settle what others disputed.
    pub is_adjudication: bool,
    /// The blind sample that is served; none where everything is.
    pub sample: Option<Sample>,
}

/// A blind sample that is served part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The rows served so far, in order.
    pub rows: Vec<u32>,
    /// How many there will be.
    pub asked: usize,
}
