//! The list: which videos it shows, in which order, and where the cursor is.
//!
//! The list is drawn up when tab, filter or order change and stands still otherwise: nothing vanishes under one's hands
//! because it was decided. What decisions teach moves only what is undecided and below the cursor.

use super::lesson::Lesson;
use super::run::Run;
use super::state::Marks;
use super::teaching;
use crate::rows::videos::Scores;
use crate::score::Verdict;

/// The tabs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// Everything.
    #[default]
    All,
    /// Verdict `mislabeled`.
    Flagged,
    /// Verdict `hard`.
    Hard,
    /// Verdict `clean`.
    Clean,
    /// No verdict: undefined or unreadable.
    Unscored,
    /// Not decided by this reviewer.
    Undecided,
    /// Reviewers contradict each other.
    Disputed,
    /// With a bookmark.
    Bookmarked,
}

impl Tab {
    /// All tabs, in order, with their names.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::All, "all"),
        (Self::Flagged, "flagged"),
        (Self::Hard, "hard"),
        (Self::Clean, "clean"),
        (Self::Unscored, "unscored"),
        (Self::Undecided, "undecided"),
        (Self::Disputed, "disputed"),
        (Self::Bookmarked, "bookmarked"),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(tab, _)| *tab == self);
        found.map_or("all", |(_, name)| name)
    }

    /// The tab of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, other)| *other == name);
        found.map(|(tab, _)| *tab)
    }

    /// The tab so many further on, around the end.
    #[must_use]
    pub fn step(self, by: isize) -> Self {
        let at = Self::ALL.iter().position(|(tab, _)| *tab == self);
        let at = at.unwrap_or(0) as isize + by;
        Self::ALL[at.rem_euclid(Self::ALL.len() as isize) as usize].0
    }

    fn holds(self, run: &Run, marks: &Marks, row: usize) -> bool {
        let verdict = run.rows[row].verdict;
        match self {
            Self::All => true,
            Self::Flagged => verdict == Verdict::Mislabeled,
            Self::Hard => verdict == Verdict::Hard,
            Self::Clean => verdict == Verdict::Clean,
            Self::Unscored => matches!(verdict, Verdict::Undefined | Verdict::Unreadable),
            Self::Undecided => !marks.is_decided(row),
            Self::Disputed => marks.is_disputed(row),
            Self::Bookmarked => marks.is_bookmarked(row),
        }
    }
}

/// The orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Flagged videos first, then by rank, until decisions teach another order.
    #[default]
    Queue,
    /// By rank.
    Rank,
    /// What teaches most first: near the cut, and of the classes of which least is known.
    Teaching,
    /// By a score, largest first; an index into [`Scores::NAMES`].
    Score(usize),
}

impl Order {
    /// All orders.
    pub fn all() -> Vec<Self> {
        let scores = (0..Scores::NAMES.len()).map(Self::Score);
        [Self::Queue, Self::Rank, Self::Teaching]
            .into_iter()
            .chain(scores)
            .collect()
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Rank => "rank",
            Self::Teaching => "teaching",
            Self::Score(index) => Scores::NAMES.get(index).copied().unwrap_or_default(),
        }
    }

    /// The order of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|order| order.name() == name)
    }
}

/// What the list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The tab.
    pub tab: Tab,
    /// Only this given class.
    pub given: Option<usize>,
    /// Only this suggested class.
    pub suggested: Option<usize>,
    /// Only paths and ids with this text, whatever its case.
    pub text: String,
}

impl Filter {
    /// Whether a row is shown.
    pub fn holds(&self, run: &Run, marks: &Marks, row: usize) -> bool {
        let is_class =
            |wanted: Option<usize>, class: Option<usize>| wanted.is_none() || wanted == class;
        self.tab.holds(run, marks, row)
            && is_class(self.given, run.given[row])
            && is_class(self.suggested, run.suggested[row])
            && (self.text.is_empty() || {
                let text = self.text.to_lowercase();
                let video = &run.rows[row];
                video.path.to_lowercase().contains(&text) || video.id.to_lowercase().contains(&text)
            })
    }
}

/// The list.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// What it shows.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Whether the order is turned around.
    pub is_reversed: bool,
    /// The rows that there are at all, in their own order; everything where it is none.
    pub only: Option<Vec<u32>>,
    /// The rows that are shown, in order.
    pub visible: Vec<u32>,
    /// The place of the cursor among them.
    pub cursor: usize,
}

impl Queue {
    /// Draws the list up anew; the cursor stays on its video where that is still shown.
    pub fn refresh(&mut self, run: &Run, marks: &Marks, lesson: Option<&Lesson>) {
        let current = self.current();
        let all: Vec<u32> = match &self.only {
            Some(rows) => rows.clone(),
            None => (0..run.rows.len() as u32).collect(),
        };
        let shown = |row: &u32| self.filter.holds(run, marks, *row as usize);
        let mut visible: Vec<u32> = all.into_iter().filter(shown).collect();
        // A given list, such as a blind sample, keeps the order in which it was drawn.
        if self.only.is_none() || self.order != Order::Queue {
            sort(&mut visible, self.order, run, marks);
        }
        if self.is_reversed {
            visible.reverse();
        }
        self.visible = visible;
        if let Some(lesson) = lesson {
            self.learn(marks, lesson, 0);
        }
        let kept = current.and_then(|row| self.visible.iter().position(|other| *other == row));
        self.cursor = kept.unwrap_or(0);
    }

    /// Puts the undecided videos from place `first` on in the order that decisions taught, in the places that they have together;
    /// videos that are decided, or of which nothing is known, stay. Does nothing in any order but the queue's own.
    pub fn learn(&mut self, marks: &Marks, lesson: &Lesson, first: usize) {
        if self.order != Order::Queue || self.is_reversed || self.only.is_some() {
            return;
        }
        let place_of = |row: u32| lesson.places.get(row as usize).copied().flatten();
        let places: Vec<usize> = (first..self.visible.len())
            .filter(|&place| {
                let row = self.visible[place];
                !marks.is_decided(row as usize) && place_of(row).is_some()
            })
            .collect();
        let mut rows: Vec<u32> = places.iter().map(|&place| self.visible[place]).collect();
        rows.sort_by_key(|&row| place_of(row));
        for (place, row) in places.into_iter().zip(rows) {
            self.visible[place] = row;
        }
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<u32> {
        self.visible.get(self.cursor).copied()
    }

    /// Moves the cursor, as far as the list goes.
    pub fn step(&mut self, by: isize) {
        let last = self.visible.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// Moves on to the next video that is not decided, from the top again after the end. False when there is none.
    pub fn next_undecided(&mut self, marks: &Marks) -> bool {
        let count = self.visible.len();
        let next = (1..=count)
            .map(|step| (self.cursor + step) % count)
            .find(|&place| !marks.is_decided(self.visible[place] as usize));
        if let Some(place) = next {
            self.cursor = place;
        }
        next.is_some()
    }

    /// Moves the cursor to a row; false where it is not shown.
    pub fn go_to(&mut self, row: u32) -> bool {
        let place = self.visible.iter().position(|other| *other == row);
        if let Some(place) = place {
            self.cursor = place;
        }
        place.is_some()
    }
}

fn sort(rows: &mut [u32], order: Order, run: &Run, marks: &Marks) {
    match order {
        // The list of a run is by rank.
        Order::Rank => {}
        Order::Queue => {
            rows.sort_by_key(|&row| run.rows[row as usize].verdict != Verdict::Mislabeled);
        }
        Order::Teaching => {
            let worth = teaching::worth(run, marks);
            rows.sort_by(|&a, &b| worth[b as usize].total_cmp(&worth[a as usize]));
        }
        Order::Score(index) => {
            // Videos without scores come last.
            let value = |row: u32| {
                let judgement = run.rows[row as usize].judgement.as_ref();
                let values = judgement.map(|judgement| judgement.scores.values());
                let value = values.map(|values| values[index]);
                value
                    .filter(|value| !value.is_nan())
                    .unwrap_or(f32::NEG_INFINITY)
            };
            rows.sort_by(|&a, &b| value(b).total_cmp(&value(a)));
        }
    }
}
