//! A column of lists without a vector for each.

/// Lists end to end; cheaper by far than a vector of vectors where there is one for every clip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lists<T> {
    values: Vec<T>,
    /// Where each list ends among the values.
    ends: Vec<usize>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl<T: Clone> Lists<T> {
    /// As many empty lists.
    pub(crate) fn empty(lists: usize) -> Self {
        Self {
            values: Vec::new(),
            ends: vec![0; lists],
        }
    }

    /// Appends a list.
    pub(crate) fn push(&mut self, list: &[T]) {
        self.values.extend_from_slice(list);
        self.ends.push(self.values.len());
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
        let mut all = Self::default();
        for list in lists {
            all.push(list);
        }
        all
    }
}
