//! Where a run's votes come from: the file that the user names, what the run has of them, or the data set's own columns.

use anyhow::Context;
use camino::Utf8Path;
use tracing::info;

use crate::judge::VideoFile;
use crate::manifest::votes::{self, Named, ReadVotes, Votes};
use crate::manifest::words::Classes;
use crate::manifest::{Choice, Manifest};
use crate::rows::folder::RunFolder;
use crate::rows::votes as rows;

/// What `--votes` says for there to be none.
const NONE: &str = "none";

/// The votes on a data set's videos, and a word on them among what was understood; nothing where there are none. `given`: what
/// `--votes` says.
///
/// # Errors
///
/// If the file cannot be read as votes.
pub(crate) fn of_data_set(
    given: Option<&Utf8Path>,
    manifest: &mut Manifest,
    classes: Classes,
) -> anyhow::Result<Option<Votes>> {
    let videos: Vec<Named> = manifest
        .videos
        .iter()
        .map(|video| Named {
            id: &video.id,
            path: &video.written_path,
            label: video.label,
            extra: &video.extra,
        })
        .collect();
    let ReadVotes { votes, told } = match given {
        Some(given) if given == NONE => ReadVotes::default(),
        Some(file) => votes::read(file, &videos, classes)?,
        None => votes::of_columns(&manifest.extra_columns, &videos, classes),
    };
    let has_votes = !votes.is_empty();
    let sentence = votes.told(videos.len());
    let sentences = has_votes.then_some(sentence).into_iter().chain(told);
    let choice = |taken: String| Choice {
        what: "votes".to_owned(),
        taken,
        also: Vec::new(),
        remedy: String::new(),
    };
    manifest.understood.choices.extend(sentences.map(choice));
    Ok(has_votes.then_some(votes))
}

/// Videos as votes may name them.
pub(crate) fn named(files: &[VideoFile]) -> Vec<Named<'_>> {
    let named = files.iter().map(|file| Named {
        id: &file.id,
        path: &file.path,
        label: file.label,
        extra: &file.extra,
    });
    named.collect()
}

/// Keeps the votes on a data set's videos in the run's folder, where there are any; `labels`: its classes.
///
/// # Errors
///
/// If they cannot be written.
pub(crate) fn keep(
    votes: Option<&Votes>,
    folder: &RunFolder,
    labels: &[String],
) -> anyhow::Result<()> {
    match votes {
        Some(votes) => rows::write(&folder.votes(), votes, labels)?,
        None if folder.votes().exists() => fs_err::remove_file(folder.votes())?,
        None => {}
    }
    Ok(())
}

/// The votes that a run keeps; nothing where there are none. `labels`: the run's classes.
///
/// # Errors
///
/// If they cannot be read.
pub(crate) fn kept(folder: &RunFolder, labels: &[String]) -> anyhow::Result<Option<Votes>> {
    if !folder.votes().exists() {
        return Ok(None);
    }
    let votes = rows::read(&folder.votes(), labels)?;
    Ok(Some(votes).filter(|votes| !votes.is_empty()))
}

/// The votes on the videos of a run that is judged once more, written into its folder.
///
/// # Errors
///
/// If the file or the run's votes cannot be read, or they cannot be written.
pub(crate) fn of_run(
    given: Option<&Utf8Path>,
    folder: &RunFolder,
    (videos, extra_columns): (&[Named], &[String]),
    classes: Classes,
) -> anyhow::Result<Option<Votes>> {
    if given.is_none() && folder.votes().exists() {
        let votes = rows::read(&folder.votes(), classes.names)
            .context("'score --votes none' leaves the run's votes out")?;
        return Ok(Some(votes).filter(|votes| !votes.is_empty()));
    }
    let ReadVotes { votes, told } = match given {
        Some(given) if given == NONE => {
            // An empty table, so that the next judgement does not find the data set's own.
            rows::write(&folder.votes(), &Votes::default(), classes.names)?;
            return Ok(None);
        }
        Some(file) => votes::read(file, videos, classes)?,
        None => votes::of_columns(extra_columns, videos, classes),
    };
    for sentence in told {
        info!("votes: {sentence}");
    }
    if votes.is_empty() {
        return Ok(None);
    }
    info!("votes: {}", votes.told(videos.len()));
    rows::write(&folder.votes(), &votes, classes.names)?;
    Ok(Some(votes))
}
