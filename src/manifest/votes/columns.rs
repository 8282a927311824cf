//! Votes among a manifest's other columns.
//!
//! Nobody said that these are votes, so that what is doubtful is left alone, and told.

use super::names::{class_columns, is_rater};
use super::{Ballot, Named, ReadVotes, Votes};
use crate::label::is_no_label;
use crate::manifest::words::{Classes, whole_number};

/// Takes the votes from a manifest's other columns; none where they have none. `columns`: their names.
pub fn of_columns(columns: &[String], videos: &[Named], classes: Classes) -> ReadVotes {
    match class_columns(columns, classes) {
        Some(of_class) => counts(columns, &of_class, videos),
        None => words(columns, videos, classes),
    }
}

/// Columns by class with the number of votes. `of_class`: the column of each.
fn counts(columns: &[String], of_class: &[usize], videos: &[Named]) -> ReadVotes {
    let count = |video: &Named, column: usize| {
        let text = video.extra.get(column).map_or("", |text| text.trim());
        let is_none = text.is_empty() || is_no_label(text);
        if is_none {
            Some(0)
        } else {
            whole_number(text).and_then(|n| u32::try_from(n).ok())
        }
    };
    let mut read = ReadVotes::default();
    let mut is_the_label = true;
    for video in videos {
        for (class, &column) in of_class.iter().enumerate() {
            let Some(count) = count(video, column) else {
                return ReadVotes {
                    votes: Votes::default(),
                    told: vec![format!(
                        "the columns '{}' … are named after the classes, but hold other than whole numbers: not taken for votes",
                        columns[of_class[0]]
                    )],
                };
            };
            is_the_label &= count == u32::from(class == video.label);
            if count > 0 {
                read.votes.list.push(Ballot {
                    id: video.id.to_owned(),
                    rater: 0,
                    class,
                    count,
                });
            }
        }
    }
    // A column per class that only repeats the label is another way to write it.
    if is_the_label || read.votes.is_empty() {
        return ReadVotes::default();
    }
    read.votes.raters = vec![String::new()];
    read
}

/// Columns by rater with a class's name.
fn words(columns: &[String], videos: &[Named], classes: Classes) -> ReadVotes {
    let mut read = ReadVotes::default();
    for (column, name) in columns
        .iter()
        .enumerate()
        .filter(|(_, name)| is_rater(name))
    {
        let said = videos.iter().filter_map(|video| {
            let word = video.extra.get(column)?.trim();
            (!is_no_label(word)).then(|| (video.id, word, classes.of(word)))
        });
        let known = said.clone().filter(|(_, _, class)| class.is_some()).count();
        let unknown = said.clone().count() - known;
        if known <= unknown {
            continue;
        }
        if unknown > 0 {
            let first = said.clone().find(|(_, _, class)| class.is_none());
            read.told.push(format!(
                "{unknown} votes of '{name}' are for no class, such as '{}': not counted",
                first.map_or("", |(_, word, _)| word)
            ));
        }
        let rater = read.votes.raters.len();
        read.votes.raters.push(name.clone());
        read.votes.list.extend(said.filter_map(|(id, _, class)| {
            Some(Ballot {
                id: id.to_owned(),
                rater,
                class: class?,
                count: 1,
            })
        }));
    }
    read
}
