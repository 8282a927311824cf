//! The audit of the network's features, which `scan` does after its folds, and `score` again from their files.

use std::collections::BTreeMap;

use anyhow::Context;
use tracing::info;

use crate::judge::VideoFile;
use crate::judge::neighbours::{KINDS, look};
use crate::rows::features;
use crate::rows::folder::RunFolder;
use crate::rows::issues::{self, IssueRow};
use crate::settings::Settings;

/// Says of every video what its neighbours say, and puts what of it is an issue in the place of what was found before; writes
/// `issues.parquet` where that changes it. Nothing is said of videos of a fold without features.
///
/// # Errors
///
/// If a fold's features cannot be read or compared, or the issues cannot be written.
pub(super) fn audit(
    folder: &RunFolder,
    files: &mut [VideoFile],
    issue_rows: &[IssueRow],
    labels: &[String],
    settings: &Settings,
) -> anyhow::Result<()> {
    let mut paths = Vec::new();
    for fold in (0..).take_while(|&fold| folder.fold(fold).exists()) {
        // The features of a fold's further networks are there for who wants them.
        let path = folder.network(fold, 0).join("features.parquet");
        if path.exists() {
            paths.push(path);
        } else {
            info!("fold {} has no features to compare", fold + 1);
        }
    }
    let folds = paths
        .iter()
        .map(|path| features::read(path).map_err(anyhow::Error::from));
    let of_video = files
        .iter()
        .map(|file| (file.id.as_str(), labels[file.label].as_str()));
    let mut found = look(folds, of_video, &settings.neighbours)
        .context("the features of the videos cannot be compared; scan again with --overwrite")?;
    let is_ours = |kind: &str| KINDS.iter().any(|ours| ours.name() == kind);
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for issue in &found.issues {
        let id = issue.id.as_deref().unwrap_or_default();
        kinds.entry(id).or_default().push(&issue.kind);
    }
    for file in files {
        file.issues.retain(|kind| !is_ours(kind));
        let of_file = kinds.remove(file.id.as_str()).unwrap_or_default();
        file.issues.extend(of_file.into_iter().map(str::to_owned));
        file.neighbours = found.of_video.remove(&file.id);
    }
    let others = issue_rows.iter().filter(|row| !is_ours(&row.kind));
    let rows: Vec<IssueRow> = others.cloned().chain(found.issues).collect();
    if rows != issue_rows {
        issues::write(&folder.issues(), &rows)?;
    }
    Ok(())
}
