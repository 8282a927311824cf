//! From a data set to frames and issues: what `check` does, and `scan` first.

pub(crate) mod check;
pub(crate) mod decode;
pub(crate) mod faces;
pub(crate) mod filling;
mod given;
pub(crate) mod room;
pub(crate) mod seen;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use tracing::warn;

use self::faces::Faces;
use crate::cache::Cache;
use crate::duplicates::Duplicates;
use crate::interrupt;
use crate::manifest::votes::Votes;
use crate::manifest::words::Classes;
use crate::manifest::{self, LabelFile, Manifest, ManifestError, ReadOptions};
use crate::model::traced::Traced;
use crate::pipeline::earlier::Earlier;
use crate::pipeline::votes;
use crate::rows::folder::{Existing, RunFolder};
use crate::rows::issues::IssueRow;
use crate::settings::{Resolved, Settings};
use crate::telemetry;
use crate::vectors::{Checked, Vectors};
use crate::whole;

/// What is scanned or checked.
pub(crate) struct DataSet {
    /// Its videos.
    pub(crate) manifest: Manifest,
    /// The files of labels that it was read from.
    pub(crate) label_files: Vec<LabelFile>,
    /// People's votes on the videos, where there are any.
    pub(crate) votes: Option<Votes>,
    /// Whether the videos are only a part of what the files list.
    is_sample: bool,
}

impl DataSet {
    /// Reads a data set's labels, which may be several lists, and warns of what may be meant otherwise.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(crate) fn read(
        (dataset, more): (&Utf8Path, &[Utf8PathBuf]),
        options: &ReadOptions,
    ) -> Result<Self, ManifestError> {
        let mut lists = vec![dataset];
        lists.extend(more.iter().map(Utf8PathBuf::as_path));
        let (manifest, label_files) = manifest::read_several(&lists, options)?;
        for warning in &manifest.warnings {
            warn!("{warning}");
        }
        Ok(Self {
            manifest,
            label_files,
            votes: None,
            is_sample: false,
        })
    }

    /// The same with people's votes on the videos. `votes`: what `--votes` says; `options`: how the data set was read.
    ///
    /// # Errors
    ///
    /// If the votes cannot be read.
    pub(crate) fn with_votes(
        mut self,
        votes: Option<&Utf8Path>,
        options: &ReadOptions,
    ) -> anyhow::Result<Self> {
        let names = self.manifest.labels.names().to_vec();
        let classes = Classes {
            names: &names,
            written: &options.label_names,
        };
        self.votes = votes::of_data_set(votes, &mut self.manifest, classes)?;
        Ok(self)
    }

    /// What it was understood to be, as people read it. `dataset`: as they name it.
    pub(crate) fn told(&self, dataset: &Utf8Path) -> String {
        self.manifest.understood.to_text(dataset.as_str()) + "\n"
    }

    /// A sample of about so many videos, with the same share of each class.
    pub(crate) fn sample(self, videos: usize, settings: &Settings) -> Self {
        Self {
            manifest: self.manifest.limit(videos, settings.folds, settings.seed()),
            is_sample: true,
            ..self
        }
    }
}

/// Features, and what they are for the data set's videos.
pub(crate) type Given<'a> = (&'a Vectors, &'a Checked);

/// Where a run is to be made, and how.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub(crate) resolved: &'a Resolved,
    pub(crate) folder: &'a RunFolder,
    /// What is done with a run that is there already.
    pub(crate) existing: Existing,
    /// Features that stand for the frames, which then nobody looks at.
    pub(crate) features: Option<Given<'a>>,
    /// Whose rows stand for the frames after these were looked at.
    pub(crate) backbone: Option<&'a Traced>,
    /// A run whose networks learn again; its decoded frames are used.
    pub(crate) earlier: Option<&'a Earlier>,
    /// Raised where somebody wants the work to stop.
    pub(crate) stop: &'a AtomicBool,
}

/// A data set that was decoded and checked.
pub(crate) struct Prepared {
    /// The frames, in the manifest's order.
    pub(crate) cache: Cache,
    pub(crate) duplicates: Duplicates,
    /// The rows of `issues.parquet`: of every video in turn, then of pairs, splits and classes.
    pub(crate) issue_rows: Vec<IssueRow>,
    /// Seconds that it took, by step.
    pub(crate) timings_secs: BTreeMap<String, f64>,
}

/// Makes the run's folder, decodes every video that is not in the cache yet or keeps what was given in the place of frames,
/// and looks for what is amiss.
///
/// # Errors
///
/// If the folder or a file that the settings name cannot be used, no video can be read, or somebody interrupts.
pub(crate) fn prepare(data_set: &DataSet, setup: Setup) -> anyhow::Result<Prepared> {
    let Setup {
        resolved,
        folder,
        existing,
        features,
        stop,
        ..
    } = setup;
    let (manifest, settings) = (&data_set.manifest, &resolved.settings);
    // A wrong file shall be told before everything is decoded.
    let faces = Faces::new(settings)?;
    folder.prepare(existing)?;
    telemetry::log_to(&folder.log())?;
    whole::write(&folder.settings(), resolved.to_toml())?;
    if let Some(earlier) = setup.earlier {
        earlier.lend_cache(folder)?;
    }

    let start = Instant::now();
    let (cache, of_shards) = match features {
        Some(features) => (given::keep(features, folder, stop)?, 0.0),
        None => decode::fill_cache(manifest, folder, settings, faces.follower.as_ref(), stop)?,
    };
    let decoded = Instant::now();
    let findings = check::audit(&check::Subject {
        manifest,
        // The rows of a sample's files speak of the whole data set.
        files: if data_set.is_sample {
            &[]
        } else {
            &data_set.label_files
        },
        cache: &cache,
        features: features.map(|(_, checked)| checked),
        face_model: faces.model.as_ref(),
        settings,
        stop,
    });
    interrupt::check(stop)?;
    let issue_rows = check::write(folder, manifest, &findings.issues)?;
    let timings_secs = BTreeMap::from([
        (
            "decode".to_owned(),
            of_shards + (decoded - start).as_secs_f64(),
        ),
        ("check".to_owned(), decoded.elapsed().as_secs_f64()),
    ]);
    Ok(Prepared {
        cache,
        duplicates: findings.duplicates,
        issue_rows,
        timings_secs,
    })
}
