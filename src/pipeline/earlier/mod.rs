//! `scan --learn-from`: networks that learn again, from an earlier run and what people decided in it.
//!
//! A network of a fold starts from the earlier network of that fold, which learnt from no label in it, and learns from none
//! either: what was decided about a fold's own videos never reaches it. What other folds' undecided videos are learnt as was
//! said by networks that had seen this fold's given labels, which may so come back in small part, by way of two networks.

mod lessons;

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, bail};
use camino::Utf8Path;
use tracing::{info, warn};

use self::lessons::Taught;
use super::absolute;
use super::networks::weights::Weights;
use super::plan::{
    Network, Plan, PlannedEarlier, PlannedVideos, difference_of_settings, weights_digest,
};
use crate::cache;
use crate::journal::{self, Book};
use crate::manifest::Manifest;
use crate::rows::fold_card::Standing;
use crate::rows::folder::{Existing, RunFolder};
use crate::rows::run::FeaturesCard;
use crate::rows::videos::{self, VideoRow};
use crate::settings::Settings;

/// Settings that say what a network is shown and what shape it has.
const OF_NETWORKS: [&str; 3] = ["'video.", "'model.", "'clips.frames'"];

/// A finished run in which people have decided.
pub(crate) struct Earlier {
    folder: RunFolder,
    plan: Plan,
    rows: Vec<VideoRow>,
    book: Book,
    /// Digest of the weights of each network, by fold and repeat.
    weights: Vec<Vec<String>>,
}

impl Earlier {
    /// Reads a run.
    ///
    /// # Errors
    ///
    /// If it is not finished, has no whole networks of its own, or nobody decided anything in it.
    pub(crate) fn read(run: &Utf8Path) -> anyhow::Result<Self> {
        let folder = RunFolder::new(run);
        folder.require_finished()?;
        if !folder.plan().exists() {
            bail!(
                "'{run}' has trained no networks of its own, from which others could start; name the folder of a scan that has"
            );
        }
        let plan = Plan::read(&folder)?;
        let book = Book::replay(&journal::read(run)?);
        let (rows, _extra_columns) = videos::read(&folder.videos())?;
        let settles = |row: &VideoRow| lessons::settled(&book, row, &row.label).is_some();
        if !rows.iter().any(settles) {
            bail!(
                "nobody has decided anything in '{run}' that networks could learn; `rdfer-audit review {run}` is the place, then scan again"
            );
        }
        Ok(Self {
            weights: weights(&plan, &folder)?,
            folder,
            plan,
            rows,
            book,
        })
    }

    /// Holds what is to be scanned against the run.
    ///
    /// # Errors
    ///
    /// If the new run would take the run's place, or classes, settings or first weights are others than the networks'.
    pub(crate) fn check(
        &self,
        manifest: &Manifest,
        settings: &Settings,
        weights: Option<&Weights>,
        out: &RunFolder,
    ) -> anyhow::Result<()> {
        let run = self.folder.root();
        if is_same(run, out.root()) {
            bail!("'{run}' is the run that is learnt from; name another folder with --out");
        }
        let (known, labels) = (&self.plan.classes, manifest.labels.names());
        if known != labels {
            bail!(
                "the networks of '{run}' know the classes {}, but the data set has {}; name its classes as theirs, as with --set labels.NAME={}",
                known.join(", "),
                labels.join(", "),
                known[0]
            );
        }
        let mut others = difference_of_settings(&self.plan.settings, settings);
        others.retain(|words| OF_NETWORKS.iter().any(|of| words.starts_with(of)));
        if !others.is_empty() {
            bail!(
                "networks cannot start from those of '{run}', which are made otherwise: {}; leave that as it was",
                others.join("; ")
            );
        }
        let known = self.plan.weights.as_ref();
        if known.map(|known| known.digest.as_str()) != weights.map(Weights::digest) {
            bail!(
                "the backbones of '{run}' {}; give the same with --weights, or none",
                known.map_or_else(
                    || "started from drawn weights".to_owned(),
                    |known| format!("started from the weights in '{}'", known.path)
                )
            );
        }
        Ok(())
    }

    /// Lets the run that is prepared in `folder` have the run's decoded frames and features.
    ///
    /// # Errors
    ///
    /// If its cache cannot be written.
    pub(crate) fn lend_cache(&self, folder: &RunFolder) -> anyhow::Result<()> {
        cache::lend(&self.folder.cache(), &folder.cache()).with_context(|| {
            format!(
                "the decoded frames of '{}' cannot be used",
                self.folder.root()
            )
        })
    }

    /// The fold of every video, which is that of the run; and why there is none that suits the run's networks.
    pub(crate) fn folds(&self, manifest: &Manifest, folds: usize) -> Result<Vec<u8>, String> {
        let (known, videos) = (self.plan.settings.folds, &self.plan.videos);
        if known != folds {
            return Err(format!("there were {known} folds and are {folds}"));
        }
        let of_id: HashMap<&str, u8> = videos
            .id
            .iter()
            .map(String::as_str)
            .zip(videos.fold.iter().copied())
            .collect();
        let mut of_group: BTreeMap<&str, u8> = BTreeMap::new();
        let mut found = Vec::with_capacity(manifest.videos.len());
        for video in &manifest.videos {
            let Some(&fold) = of_id.get(video.id.as_str()) else {
                return Err(format!("the video '{}' is not in that run", video.id));
            };
            let group = video.group.as_deref();
            if let Some(group) = group
                && *of_group.entry(group).or_insert(fold) != fold
            {
                return Err(format!("the group '{group}' lies in several of its folds"));
            }
            found.push(fold);
        }
        Ok(found)
    }

    /// The plan with networks that learn what was decided. `why_anew`: why they do not start from the run's networks, if they
    /// do not.
    ///
    /// A run that is gone on with learns what it began to learn, whatever was decided since.
    ///
    /// # Errors
    ///
    /// If the networks were shown other features.
    pub(crate) fn teach(
        &self,
        plan: Plan,
        why_anew: Option<String>,
        (folder, existing): (&RunFolder, Existing),
    ) -> anyhow::Result<Plan> {
        self.require_features(&plan)?;
        let run = absolute(self.folder.root())?;
        if existing == Existing::Resume
            && let Some((begun, videos)) = begun(folder, &plan, &run)
        {
            return plan.learning_from(begun, videos.lessons, videos.left_out);
        }
        let train = match why_anew {
            Some(_) => plan.settings.train.clone(),
            None => plan.settings.train.relearning(),
        };
        let Taught {
            lessons,
            left_out,
            mut told,
        } = Taught::new(&plan, &self.rows, &self.book);
        (told.run, told.epochs) = (run, train.epochs);
        if let Some(why) = &why_anew {
            warn!(
                "networks do not start from those of '{}', since {why}",
                self.folder.root()
            );
        }
        let weights = match why_anew {
            Some(_) => Vec::new(),
            None => self.weights.clone(),
        };
        told.why_anew = why_anew;
        info!("{}", told.sentence());
        let earlier = PlannedEarlier {
            told,
            weights,
            train,
        };
        plan.learning_from(earlier, lessons, left_out)
    }

    /// Refuses features that are not those of the run's networks.
    fn require_features(&self, plan: &Plan) -> anyhow::Result<()> {
        let known = &self.plan.videos;
        let content: HashMap<&str, &str> = known
            .id
            .iter()
            .map(String::as_str)
            .zip(known.content.iter().map(String::as_str))
            .collect();
        let videos = plan.videos.id.iter().zip(&plan.videos.content);
        let is_known = |(id, now): (&String, &String)| {
            !now.is_empty() && content.get(id.as_str()) == Some(&now.as_str())
        };
        let (was, is) = (&self.plan.features, &plan.features);
        if was.is_some() == is.is_some() && (was.is_none() || videos.into_iter().any(is_known)) {
            return Ok(());
        }
        bail!(
            "networks cannot start from those of '{}': {}; give the same with --features or --backbone",
            self.folder.root(),
            was.as_ref()
                .map_or_else(|| "they saw frames".to_owned(), FeaturesCard::sentence)
        )
    }

    /// Writes what was decided in the run to the journals of another one's folder, as far as it is not there.
    ///
    /// # Errors
    ///
    /// If a journal cannot be read or written.
    pub(crate) fn hand_on_decisions(&self, folder: &RunFolder) -> anyhow::Result<()> {
        Ok(journal::hand_on(self.folder.root(), folder.root())?)
    }
}

/// What a run learns that was begun before, if it is of these videos and learns from the same run.
fn begun(folder: &RunFolder, plan: &Plan, run: &str) -> Option<(PlannedEarlier, PlannedVideos)> {
    let begun = Plan::read(folder).ok()?;
    let earlier = begun.earlier?;
    let is_same = earlier.told.run == run && begun.videos.id == plan.videos.id;
    is_same.then_some((earlier, begun.videos))
}

/// Digest of the weights of each of a run's networks.
fn weights(plan: &Plan, folder: &RunFolder) -> anyhow::Result<Vec<Vec<String>>> {
    let mut weights = vec![Vec::new(); plan.settings.folds];
    let mut lacking = Vec::new();
    for network in plan.networks() {
        let Network { fold, repeat } = network;
        if plan.standing(network, folder)? == Standing::Finished {
            weights[fold].push(weights_digest(&folder.network(fold, repeat))?);
        } else {
            lacking.push(folder.network(fold, repeat).into_string());
        }
    }
    if !lacking.is_empty() {
        bail!(
            "networks of '{}' are missing or damaged: {}; `rdfer-audit scan {} --out {} --resume` trains them again",
            folder.root(),
            lacking.join(", "),
            plan.data_set.source,
            folder.root()
        );
    }
    Ok(weights)
}

/// Whether two folders are one, by whatever way.
fn is_same(one: &Utf8Path, other: &Utf8Path) -> bool {
    let found = |folder: &Utf8Path| folder.canonicalize_utf8().ok();
    found(one).is_some() && found(one) == found(other)
}
