//! Votes in a table beside the data set.

use std::collections::{BTreeMap, HashMap};

use camino::Utf8Path;

use super::names::{RATER, Register, VIDEO, WORD, by_letter, class_columns, is_rater};
use super::{Ballot, Named, ReadVotes, Votes, VotesError};
use crate::label::is_no_label;
use crate::manifest::sheet::{Sheet, SheetRow};
use crate::manifest::words::{Classes, Unknown, whole_number};

/// CREMA-D's classes in its tables of votes, a letter each.
const CREMA_LETTERS: [&str; 6] = ["A", "D", "F", "H", "N", "S"];

/// What CREMA-D's raters saw or heard: 1 the voice, 2 the face, 3 both.
const CREMA_STIMULUS: &str = "queryType";
const FACE_ALONE: &str = "2";

/// What a table's columns mean.
enum Form {
    /// A row per vote: columns of rater and word.
    Long { rater: usize, word: usize },
    /// A column per class.
    Counts(Vec<usize>),
    /// A column per rater.
    Raters(Vec<usize>),
}

/// Reads a table of votes on a data set's videos.
///
/// # Errors
/// The file is no table of votes, votes for what is no class, or on none of the videos.
pub fn read(
    source: &Utf8Path,
    videos: &[Named],
    classes: Classes,
) -> Result<ReadVotes, VotesError> {
    let fits = |header: &[String]| form(header, classes).is_some();
    let sheet = Sheet::read_where(source, fits);
    let sheet = sheet.map_err(|error| error.called("file of votes"))?;
    let Some((video, form)) = form(&sheet.header, classes) else {
        return Err(VotesError::NoVotes {
            path: source.to_owned(),
            found: sheet.header,
        });
    };
    let is_crema = is_crema(&sheet.header);
    let mut reading = Reading {
        source,
        sheet: &sheet,
        classes,
        is_crema,
        register: Register::new(videos),
        votes: Votes::default(),
        raters: HashMap::new(),
        strangers: BTreeMap::new(),
        unknown: BTreeMap::new(),
    };
    let mut heard = 0;
    for row in &sheet.rows {
        if is_crema && !is_of_the_face(&sheet, row) {
            heard += 1;
            continue;
        }
        reading.row(row, video, &form)?;
    }
    let mut read = reading.finish()?;
    if heard > 0 {
        read.told.push(format!(
            "{heard} rows of CREMA-D's are of who heard the voice: only votes on the face alone are taken"
        ));
    }
    Ok(read)
}

/// Which column names the video, and what the others mean.
fn form(header: &[String], classes: Classes) -> Option<(usize, Form)> {
    let column = |names: &[&str]| {
        names.iter().find_map(|name| {
            header
                .iter()
                .position(|column| column.trim().eq_ignore_ascii_case(name))
        })
    };
    let video = column(&VIDEO)?;
    let form = if let (Some(rater), Some(word)) = (column(&RATER), column(&WORD)) {
        Form::Long { rater, word }
    } else if is_crema(header) {
        let letters = CREMA_LETTERS.iter().map(|letter| column(&[letter]));
        Form::Counts(letters.collect::<Option<_>>()?)
    } else if let Some(of_class) = class_columns(header, classes) {
        Form::Counts(of_class)
    } else {
        let raters = (0..header.len()).filter(|&column| is_rater(&header[column]));
        let raters: Vec<usize> = raters.collect();
        if raters.is_empty() {
            return None;
        }
        Form::Raters(raters)
    };
    Some((video, form))
}

/// Whether the columns are those of CREMA-D's `finishedResponses.csv` or `tabulatedVotes.csv`.
fn is_crema(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|column| column.trim() == name);
    (has(CREMA_STIMULUS) && has("respEmo")) || (has("emoVote") && has("fileName"))
}

/// Whether a row of CREMA-D's is of raters who saw the face alone. The tabulated votes say it by the first digit of a row's
/// name alone.
fn is_of_the_face(sheet: &Sheet, row: &SheetRow) -> bool {
    match sheet.column(&[CREMA_STIMULUS]) {
        Some(column) => row
            .fields
            .get(column)
            .is_some_and(|field| field == FACE_ALONE),
        None => row
            .fields
            .first()
            .is_some_and(|field| field.starts_with(FACE_ALONE)),
    }
}

/// Votes as they are read.
struct Reading<'a> {
    source: &'a Utf8Path,
    sheet: &'a Sheet,
    classes: Classes<'a>,
    is_crema: bool,
    register: Register<'a>,
    votes: Votes,
    /// The raters' numbers.
    raters: HashMap<String, usize>,
    /// Videos that the data set does not have, and their rows.
    strangers: BTreeMap<String, usize>,
    /// By word that is no class: its first line, and its rows.
    unknown: BTreeMap<String, (u64, usize)>,
}

impl Reading<'_> {
    fn row(&mut self, row: &SheetRow, video: usize, form: &Form) -> Result<(), VotesError> {
        let field = |column: usize| row.fields.get(column).map_or("", String::as_str);
        let Some(id) = self.register.find(field(video)) else {
            *self.strangers.entry(field(video).to_owned()).or_default() += 1;
            return Ok(());
        };
        match form {
            Form::Long { rater, word } => self.word(id, field(*rater), field(*word), row.line),
            Form::Raters(columns) => {
                for &column in columns {
                    let name = self.sheet.header[column].clone();
                    self.word(id, &name, field(column), row.line);
                }
            }
            Form::Counts(columns) => {
                for (place, &column) in columns.iter().enumerate() {
                    let count = self.count(row.line, column, field(column))?;
                    let class = self.counted(place, column);
                    match class {
                        Some(class) if count > 0 => self.add(id, "", class, count),
                        None if count > 0 => self.stranger(column, row.line),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// The class of the column at a place among those with counts.
    fn counted(&self, place: usize, column: usize) -> Option<usize> {
        if self.is_crema {
            by_letter(&self.sheet.header[column], self.classes)
        } else {
            Some(place)
        }
    }

    fn stranger(&mut self, column: usize, line: u64) {
        let word = self.sheet.header[column].clone();
        self.unknown.entry(word).or_insert((line, 0)).1 += 1;
    }

    fn word(&mut self, id: &str, rater: &str, word: &str, line: u64) {
        let letter = || by_letter(word, self.classes).filter(|_| self.is_crema);
        match self.classes.of(word).or_else(letter) {
            Some(class) => self.add(id, rater, class, 1),
            None if is_no_label(word) => {}
            None => self.unknown.entry(word.to_owned()).or_insert((line, 0)).1 += 1,
        }
    }

    fn count(&self, line: u64, column: usize, text: &str) -> Result<u32, VotesError> {
        if text.is_empty() || is_no_label(text) {
            return Ok(0);
        }
        let number = whole_number(text).and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| VotesError::NotACount {
            path: self.source.to_owned(),
            line,
            column: self.sheet.header[column].clone(),
            value: text.to_owned(),
        })
    }

    fn add(&mut self, id: &str, rater: &str, class: usize, count: u32) {
        let rater = self.raters.get(rater).copied().unwrap_or_else(|| {
            self.raters
                .insert(rater.to_owned(), self.votes.raters.len());
            self.votes.raters.push(rater.to_owned());
            self.votes.raters.len() - 1
        });
        self.votes.list.push(Ballot {
            id: id.to_owned(),
            rater,
            class,
            count,
        });
    }

    fn finish(self) -> Result<ReadVotes, VotesError> {
        if !self.unknown.is_empty() {
            let unknown = self.unknown.into_iter();
            let unknown = unknown.map(|(word, (line, rows))| Unknown {
                word,
                line: Some(line),
                rows,
            });
            let known = self.classes.names.iter().map(|name| format!("'{name}'"));
            return Err(VotesError::Unknown {
                path: self.source.to_owned(),
                unknown: unknown.collect(),
                known: known.collect(),
            });
        }
        let strangers = self.strangers;
        match strangers.keys().next() {
            Some(first) if self.votes.is_empty() => Err(VotesError::Strangers {
                path: self.source.to_owned(),
                videos: strangers.len(),
                first: first.clone(),
            }),
            first => Ok(ReadVotes {
                votes: self.votes,
                told: first.map_or_else(Vec::new, |first| {
                    vec![format!(
                        "{} videos with votes are not in the data set, such as '{first}'",
                        strangers.len()
                    )]
                }),
            }),
        }
    }
}
