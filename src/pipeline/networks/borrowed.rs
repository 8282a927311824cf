//! `scan --checkpoint`: the networks of another run as one ensemble that scores and learns nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use tracing::warn;

use super::files::clip_row;
use super::workers::Workers;
use super::{Answers, Work, resident};
use crate::model::checkpoint::{self, CheckpointCard};
use crate::pipeline::plan::share;
use crate::pipeline::{self, Job};
use crate::predict::{Videos, predict};
use crate::rows::clips::ClipRow;
use crate::rows::dynamics::Dynamics;
use crate::rows::learnt::{self, Learnt};
use crate::rows::run::BorrowedNetworks;
use crate::settings::Layers;
use crate::telemetry::Progress;
use crate::train::plan::Stop;

/// Networks that a table of clips can tell apart.
const MOST: usize = u8::MAX as usize + 1;

/// The networks of a run.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    run: Utf8PathBuf,
    /// In the order of folds and repeats; never empty.
    networks: Vec<Trained>,
}

/// A network that was trained.
#[derive(Debug)]
struct Trained {
    /// Its place among them.
    number: usize,
    folder: Utf8PathBuf,
    card: CheckpointCard,
    /// What it learnt from, where it says so.
    learnt: Option<Learnt>,
}

impl fmt::Display for Trained {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the network in '{}'", self.folder)
    }
}

impl Checkpoint {
    /// Finds the networks below a run's folder, and sees that they belong together.
    ///
    /// # Errors
    ///
    /// If there are none, a file cannot be read, or they are not of one kind.
    pub(crate) fn read(run: &Utf8Path) -> anyhow::Result<Self> {
        let mut networks = Vec::new();
        for folder in folders(run)? {
            networks.push(Trained {
                number: 0,
                card: checkpoint::read(&folder)?,
                learnt: learnt::read(&folder.join("learnt.parquet"))?,
                folder,
            });
        }
        networks.sort_by_key(|network| (network.card.fold, network.card.repeat));
        for (number, network) in networks.iter_mut().enumerate() {
            network.number = number;
        }
        let Some(first) = networks.first() else {
            bail!(
                "'{run}' holds no trained network, as in 'folds/0/model.json'; name the folder of another scan"
            );
        };
        let kind = |network: &Trained| {
            let card = &network.card;
            (
                card.video,
                card.frames,
                card.model.clone(),
                card.labels.clone(),
            )
        };
        if let Some(other) = networks.iter().find(|other| kind(other) != kind(first)) {
            bail!(
                "'{}' and '{}' hold networks of different shapes or classes, which cannot judge together",
                first.folder,
                other.folder
            );
        }
        if networks.len() > MOST {
            bail!(
                "'{run}' holds {} networks, at most {MOST} can judge together",
                networks.len()
            );
        }
        Ok(Self {
            run: run.to_owned(),
            networks,
        })
    }

    fn card(&self) -> &CheckpointCard {
        &self.networks[0].card
    }

    /// Lays what the networks fix over the settings.
    pub(crate) fn lay(&self, layers: Layers) -> Layers {
        let card = self.card();
        layers
            .stage(FLAG, "video", &card.video)
            .stage(FLAG, "model", &card.model)
            .flag(FLAG, "clips.frames", Some(card.frames as i64))
    }

    /// Holds a data set's classes against the networks'.
    ///
    /// # Errors
    ///
    /// If they are not the same ones.
    pub(crate) fn check_labels(&self, labels: &[String]) -> anyhow::Result<()> {
        let known = &self.card().labels;
        if known != labels {
            bail!(
                "the networks of '{}' know the classes {}, but the data set has {}; name its classes as theirs, as with --set labels.NAME={}",
                self.run,
                known.join(", "),
                labels.join(", "),
                known[0]
            );
        }
        Ok(())
    }

    /// Scores every readable video with the networks that did not learn from it.
    ///
    /// # Errors
    ///
    /// If a network cannot be read, libtorch fails, or somebody interrupts.
    pub(crate) fn score(&self, job: &Job) -> anyhow::Result<Answers> {
        let work = Work::new(job);
        let residents = resident::prepare(&work)?;
        let asked = self.asked(&work);
        let settings = &job.plan.settings;
        let workers = Workers::new(
            job.devices,
            share(self.networks.len(), settings.thread_count(), job.devices),
        );
        let clips: usize = asked.iter().map(Vec::len).sum::<usize>() * settings.clips.count;
        let bar = Progress::start("score", clips as u64);
        let rows = Mutex::new(BTreeMap::new());
        let networks = self.networks.iter().collect();
        let done = workers.work(networks, job.stop, &|network, device, stop| {
            let work = work.on(device, &residents);
            let said = network.score(&work, &asked[network.number], &bar, stop)?;
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            rows.insert(network.number, said);
            Ok(())
        });
        bar.finish();
        done?;
        let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        let videos = job.plan.videos.id.len();
        let (mut votes, mut folds) = (vec![0; videos], vec![0; videos]);
        for (network, asked) in self.networks.iter().zip(&asked) {
            for &video in asked {
                if votes[video] == 0 {
                    folds[video] = network.card.fold as u8;
                }
                votes[video] += 1;
            }
        }
        let is_learnt: Vec<bool> = (0..videos)
            .map(|video| votes[video] == 0 && work.is_readable(video))
            .collect();
        let networks = BorrowedNetworks {
            run: pipeline::absolute(&self.run)?,
            count: self.networks.len(),
            untold: self.networks.iter().filter(|n| n.learnt.is_none()).count(),
            known_videos: votes
                .iter()
                .filter(|votes| (1..self.networks.len()).contains(*votes))
                .count(),
            unscored_videos: is_learnt.iter().filter(|learnt| **learnt).count(),
        };
        if networks.untold > 0 {
            warn!("{}", networks.sentence());
        }
        Ok(Answers {
            folds,
            is_learnt,
            clips: rows.into_values().flatten().collect(),
            dynamics: Dynamics::default(),
            borrowed: Some(networks),
        })
    }

    /// By network: the videos that it is asked about.
    fn asked(&self, work: &Work) -> Vec<Vec<usize>> {
        let (ids, contents) = (&work.plan.videos.id, &work.plan.videos.content);
        let is_content_known: Vec<bool> = contents
            .iter()
            .map(|content| {
                let mut learnt = self.networks.iter().filter_map(|n| n.learnt.as_ref());
                learnt.any(|learnt| learnt.contents.contains(content))
            })
            .collect();
        let has_learnt = |learnt: &Learnt, video: usize| {
            if is_content_known[video] {
                learnt.contents.contains(&contents[video])
            } else {
                // The same video may have been cut or encoded anew since.
                learnt.ids.contains(&ids[video])
            }
        };
        self.networks
            .iter()
            .map(|network| {
                (0..ids.len())
                    .filter(|&video| work.is_readable(video))
                    .filter(|&video| {
                        let learnt = network.learnt.as_ref();
                        !learnt.is_some_and(|learnt| has_learnt(learnt, video))
                    })
                    .collect()
            })
            .collect()
    }
}

/// The flag, as the origin of what it decides.
const FLAG: &str = "--checkpoint";

impl Trained {
    fn score(
        &self,
        work: &Work,
        videos: &[usize],
        bar: &Progress,
        stop: Stop,
    ) -> anyhow::Result<Vec<ClipRow>> {
        let (network, _store) = checkpoint::load(&self.folder, &self.card, work.device)?;
        let videos = Videos {
            cache: work.cache,
            ids: &work.plan.videos.id,
            indices: videos,
            seed: work.plan.settings.seed(),
        };
        let said = predict(&network, work.train_plan(), &videos, stop, &mut |clips| {
            bar.advance(clips as u64);
        })?;
        Ok(said
            .clips
            .iter()
            .map(|clip| clip_row(work.plan, self.number, clip))
            .collect())
    }
}

/// The folders below `folds/` that hold a network.
fn folders(run: &Utf8Path) -> anyhow::Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![run.join("folds")];
    while let Some(folder) = waiting.pop() {
        let entries = folder.read_dir_utf8().with_context(|| {
            format!("'{run}' is not the folder of a scan with networks, which has a folder 'folds'")
        })?;
        for entry in entries {
            let entry = entry?;
            // What a process that was killed had begun.
            let is_hidden = entry.file_name().starts_with('.');
            if entry.file_type()?.is_dir() && !is_hidden {
                let folder = entry.into_path();
                if folder.join("model.json").exists() {
                    found.push(folder.clone());
                }
                waiting.push(folder);
            }
        }
    }
    Ok(found)
}
