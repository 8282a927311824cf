//! Columns of lists, and of words that repeat, without a vector or a word for each row.

use std::collections::HashMap;
use std::ops::Range;

use polars_buffer::Buffer;

/// Lists end to end; cheaper by far than a vector of vectors where there is one for every clip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lists<T> {
    values: Buffer<T>,
    /// Where each list ends among the values.
    ends: Vec<usize>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            values: Buffer::default(),
            ends: Vec::new(),
        }
    }
}

impl<T> Lists<T> {
    /// The values of all lists, and where each ends among them; nothing where an end is before another or beyond the values.
    pub(super) fn new(values: Buffer<T>, ends: Vec<usize>) -> Option<Self> {
        let fit = ends.is_sorted() && ends.last().is_none_or(|&end| end <= values.len());
        fit.then_some(Self { values, ends })
    }

    /// The list of a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub(crate) fn get(&self, row: usize) -> &[T] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[row]]
    }

    /// All lists, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[T]> {
        (0..self.ends.len()).map(|row| self.get(row))
    }
}

impl<'a, T: Clone + 'a> FromIterator<&'a [T]> for Lists<T> {
    fn from_iter<I: IntoIterator<Item = &'a [T]>>(lists: I) -> Self {
        let (mut values, mut ends) = (Vec::new(), Vec::new());
        for list in lists {
            values.extend_from_slice(list);
            ends.push(values.len());
        }
        Self {
            values: values.into(),
            ends,
        }
    }
}

/// The words of a column, each once for all rows with it that follow each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Runs {
    /// The word of each run, and where it ends.
    runs: Vec<(String, usize)>,
}

impl Runs {
    /// Appends so many rows with a word.
    pub(crate) fn extend(&mut self, word: &str, rows: usize) {
        let end = self.runs.last().map_or(0, |(_, end)| *end) + rows;
        match self.runs.last_mut() {
            Some((last, last_end)) if last == word => *last_end = end,
            _ => self.runs.push((word.to_owned(), end)),
        }
    }

    /// Each run's word, and its rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let mut start = 0;
        self.runs
            .iter()
            .map(move |(word, end)| (word.as_str(), std::mem::replace(&mut start, *end)..*end))
    }

    /// The rows of each word, piece by piece.
    pub(crate) fn by_word(&self) -> HashMap<&str, Vec<Range<usize>>> {
        let mut pieces: HashMap<&str, Vec<Range<usize>>> = HashMap::with_capacity(self.runs.len());
        for (word, rows) in self.iter() {
            pieces.entry(word).or_default().push(rows);
        }
        pieces
    }
}

impl<'a> FromIterator<&'a str> for Runs {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        let mut runs = Self::default();
        for word in words {
            runs.extend(word, 1);
        }
        runs
    }
}
