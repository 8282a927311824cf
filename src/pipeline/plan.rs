//! `plan.json`: what decides the outcome of a run's networks. With it and the decoded frames each network can be trained by
//! itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, anyhow};
use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use tch::Device;

use super::{Job, LIBTORCH};
use crate::fold::{self, FoldError};
use crate::manifest::Manifest;
use crate::rows::fold_card;
use crate::rows::folder::{FolderError, RunFolder};
use crate::seed::Seed;
use crate::settings::Settings;
use crate::train::TrainSettings;
use crate::whole;

/// The version of `plan.json`.
const SCHEMA: u32 = 1;

/// One of the networks of a fold, each from a seed of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    /// The fold on which it does not train, from 0.
    pub(crate) fold: usize,
    /// Which of the fold's networks, from 0.
    pub(crate) repeat: usize,
}

impl Network {
    /// Where its draws come from; those of a fold's first network do not depend on how many others there are.
    pub(crate) fn seed(self, run: Seed) -> Seed {
        let fold = run.derive("fold", self.fold);
        match self.repeat {
            0 => fold,
            repeat => fold.derive("repeat", repeat),
        }
    }
}

/// What is trained, on what, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    schema: u32,
    /// Version of the program.
    version: String,
    /// Version of libtorch.
    libtorch: String,
    /// Digest of the data and of every setting that decides the networks' outcome.
    pub(crate) digest: String,
    /// Digest of ids, labels, folds and contents.
    pub(crate) fingerprint: String,
    /// Digest of the file of weights that the backbones start from; nothing where these are drawn.
    weights: Option<String>,
    /// Digest of features that were given in the place of frames, by which the cache has them; nothing where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) features: Option<String>,
    /// Networks that work side by side on the machine that made the plan.
    pub(crate) side_by_side: usize,
    /// libtorch's threads for each network, which decide how it rounds.
    pub(crate) threads_per_network: usize,
    /// Digest of each file of labels.
    digests: BTreeMap<String, String>,
    /// Class names, in the order of their numbers.
    pub(crate) classes: Vec<String>,
    pub(crate) settings: Settings,
    pub(crate) videos: PlannedVideos,
}

/// The videos of a plan, column by column, in the order of the decoded frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedVideos {
    pub(crate) id: Vec<String>,
    /// Number of the given class.
    pub(crate) label: Vec<usize>,
    pub(crate) fold: Vec<u8>,
    /// Videos of one group are in one fold; copies of one video are in one group.
    group: Vec<Option<String>>,
    /// Digest of the content; empty where the file cannot be read.
    pub(crate) content: Vec<String>,
    /// Places of videos that are scored, but not learnt from.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) left_out: BTreeSet<usize>,
}

impl Plan {
    /// The plan for a run whose folds are given. `weights`: digest of those that the backbones start from.
    ///
    /// # Errors
    ///
    /// If the settings cannot be written down: a mistake in the program.
    pub(crate) fn new(job: &Job, folds: Vec<u8>, weights: Option<&str>) -> anyhow::Result<Self> {
        let Job {
            manifest,
            cache,
            settings,
            ..
        } = *job;
        let content = |index: usize| {
            let content = cache.fingerprint(index);
            content.map_or_else(String::new, |content| content.to_string())
        };
        let videos = PlannedVideos {
            id: column(manifest, |video| video.id.clone()),
            label: column(manifest, |video| video.label),
            fold: folds,
            group: column(manifest, |video| video.group.clone()),
            content: (0..manifest.videos.len()).map(content).collect(),
            left_out: BTreeSet::new(),
        };
        let fingerprint = videos.fingerprint()?;
        // Neither threads nor device nor the verdict's threshold decide what a network learns and says, nor how many others
        // there are: a run can get more of them.
        let train = TrainSettings {
            repeats: 1,
            ..settings.train.clone()
        };
        let parts = serde_json::to_string(&(
            &fingerprint,
            manifest.labels.names(),
            settings.seed,
            &settings.video,
            &settings.clips,
            &settings.model,
            &train,
            weights,
        ))?;
        let networks = settings.folds * settings.train.repeats;
        let (side_by_side, threads_per_network) =
            share(networks, settings.thread_count(), job.devices);
        Ok(Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: LIBTORCH.to_owned(),
            digest: digest(&parts),
            fingerprint,
            weights: weights.map(str::to_owned),
            // The videos' contents are those of their features.
            features: job.features.map(|features| features.digest.clone()),
            side_by_side,
            threads_per_network,
            digests: manifest.digests.clone(),
            classes: manifest.labels.names().to_vec(),
            settings: settings.clone(),
            videos,
        })
    }

    /// The plan without learning from some videos, which are scored all the same.
    pub(crate) fn without(mut self, left_out: BTreeSet<usize>) -> Self {
        if !left_out.is_empty() {
            self.digest = digest(&format!("{} without {left_out:?}", self.digest));
            self.videos.left_out = left_out;
        }
        self
    }

    /// All networks, fold by fold.
    pub(crate) fn networks(&self) -> impl Iterator<Item = Network> {
        let repeats = self.settings.train.repeats;
        (0..self.settings.folds)
            .flat_map(move |fold| (0..repeats).map(move |repeat| Network { fold, repeat }))
    }

    /// Digest of all that decides how a network learns on a device, up to rounding.
    pub(crate) fn course(&self, network: Network, device: Device) -> String {
        let Network { fold, repeat } = network;
        let kind = self.settings.train.precision.kind(device);
        let version = env!("CARGO_PKG_VERSION");
        let on = (device.is_cuda(), kind, LIBTORCH, version);
        digest(&format!("{} {fold} {repeat} {on:?}", self.digest))
    }

    /// Whether one of its networks is finished in a run's folder.
    ///
    /// # Errors
    ///
    /// If it was finished under another plan, or its card cannot be read.
    pub(crate) fn is_finished(
        &self,
        network: Network,
        folder: &RunFolder,
    ) -> Result<bool, FolderError> {
        fold_card::is_finished(folder, network.fold, network.repeat, &self.digest)
    }

    /// Writes `plan.json` where no network of another plan is finished, and returns the networks that are not.
    ///
    /// # Errors
    ///
    /// If a network was finished under another plan, or a file cannot be read or written.
    pub(crate) fn begin(&self, folder: &RunFolder) -> anyhow::Result<Vec<Network>> {
        let mut waiting = Vec::new();
        for network in self.networks() {
            match self.is_finished(network, folder) {
                Ok(true) => {}
                Ok(false) => waiting.push(network),
                Err(error @ FolderError::OtherRun { .. }) => {
                    return Err(match read(&folder.plan()) {
                        Ok(old) => anyhow!(old.difference(self)).context(error),
                        // A run of an earlier version has no plan.
                        Err(_unknown) => error.into(),
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        // Where all is finished, whoever asks again has nothing to plan.
        if !waiting.is_empty() || !folder.plan().exists() {
            let json = serde_json::to_string(self)?;
            whole::write(&folder.plan(), json + "\n").context("the plan cannot be written")?;
        }
        Ok(waiting)
    }

    /// What is different in another plan, in a few words.
    fn difference(&self, other: &Self) -> String {
        let mut differences = Vec::new();
        let (old, new) = (leaves(&self.settings), leaves(&other.settings));
        for (key, value) in &new {
            let was = old.get(key).map_or("unknown", String::as_str);
            // These decide nothing of what a network learns.
            let is_free = ["/threads", "/device", "/train/repeats"].contains(&key.as_str());
            if was != value && !is_free {
                let key = key.trim_start_matches('/').replace('/', ".");
                differences.push(format!("'{key}' was {was} and is {value}"));
            }
        }
        if self.weights != other.weights {
            differences.push("the weights that the backbones start from are others".to_owned());
        }
        let (was, is) = (self.videos.id.len(), other.videos.id.len());
        if was != is {
            differences.push(format!("there were {was} videos and are {is}"));
        } else if self.fingerprint != other.fingerprint {
            differences.push("videos, labels or groups are others".to_owned());
        }
        if differences.is_empty() {
            differences.push("the program's version is another".to_owned());
        }
        differences.join("; ")
    }
}

impl PlannedVideos {
    /// Digest of ids, labels, folds and contents.
    fn fingerprint(&self) -> Result<String, std::fmt::Error> {
        let mut data = String::new();
        for (index, id) in self.id.iter().enumerate() {
            let (label, fold) = (self.label[index], self.fold[index]);
            writeln!(data, "{id}\t{label}\t{fold}\t{}", self.content[index])?;
        }
        Ok(digest(&data))
    }
}

/// Reads a plan.
///
/// # Errors
///
/// If there is none, or it comes from another version.
fn read(path: &Utf8Path) -> anyhow::Result<Plan> {
    let plan: Plan = serde_json::from_slice(&fs_err::read(path)?)?;
    anyhow::ensure!(plan.schema == SCHEMA, "'{path}' has another schema");
    Ok(plan)
}

/// The fold of every video.
///
/// # Errors
///
/// If a class is too small for the folds.
pub(crate) fn assign_folds(manifest: &Manifest, settings: &Settings) -> Result<Vec<u8>, FoldError> {
    let labels = column(manifest, |video| video.label);
    let groups: Vec<Option<&str>> = manifest
        .videos
        .iter()
        .map(|video| video.group.as_deref())
        .collect();
    fold::assign(&labels, &groups, settings.folds, settings.seed())
}

/// How many networks work at a time, and libtorch's threads for each of them.
///
/// On the CPU, networks work side by side, each on its share of the threads: two networks on a core each are faster
/// than one network on two cores, and do not wait for each other when the machine has other work. What one of them
/// does must not depend on its neighbours. Where several devices are named, each has one.
pub(crate) fn share(networks: usize, threads: usize, devices: &[Device]) -> (usize, usize) {
    let most = match devices {
        [Device::Cpu] => threads,
        named => named.len(),
    };
    let count = most.min(networks).max(1);
    (count, (threads / count).max(1))
}

fn column<T>(manifest: &Manifest, of: impl Fn(&crate::manifest::Video) -> T) -> Vec<T> {
    manifest.videos.iter().map(of).collect()
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// All values of the settings, by their path.
fn leaves(settings: &Settings) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &serde_json::Value, found: &mut BTreeMap<String, String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    walk(&format!("{path}/{name}"), value, found);
                }
            }
            value => {
                found.insert(path.to_owned(), value.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    let value = serde_json::to_value(settings).unwrap_or_default();
    walk("", &value, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::fold_card::NetworkInTheMaking;

    fn plan() -> Plan {
        let settings = Settings {
            folds: 2,
            ..Settings::default()
        };
        let videos = PlannedVideos {
            id: vec!["a".to_owned(), "b".to_owned()],
            label: vec![0, 1],
            fold: vec![0, 1],
            group: vec![None, Some("film".to_owned())],
            content: vec!["12".to_owned(), String::new()],
            left_out: BTreeSet::new(),
        };
        Plan {
            schema: SCHEMA,
            version: "0".to_owned(),
            libtorch: LIBTORCH.to_owned(),
            digest: "one".to_owned(),
            fingerprint: videos.fingerprint().unwrap(),
            weights: None,
            features: None,
            side_by_side: 2,
            threads_per_network: 1,
            digests: BTreeMap::new(),
            classes: vec!["calm".to_owned(), "glad".to_owned()],
            settings,
            videos,
        }
    }

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(Utf8Path::from_path(folder.path()).unwrap());
        (folder, run)
    }

    #[test]
    fn a_plan_comes_back_and_names_the_networks_that_wait() {
        let (_keep, run) = folder();
        let plan = plan();
        let (first, second) = (
            Network { fold: 0, repeat: 0 },
            Network { fold: 1, repeat: 0 },
        );
        assert_eq!(plan.begin(&run).unwrap(), [first, second]);
        assert_eq!(read(&run.plan()).unwrap(), plan);
        let made = NetworkInTheMaking::create(&run, 0, 0).unwrap();
        made.finish(&plan.digest).unwrap();
        assert_eq!(plan.begin(&run).unwrap(), [second]);
    }

    #[test]
    fn what_another_plan_has_changed_is_named() {
        let (_keep, run) = folder();
        let plan = plan();
        plan.begin(&run).unwrap();
        let made = NetworkInTheMaking::create(&run, 0, 0).unwrap();
        made.finish(&plan.digest).unwrap();
        let mut other = plan.clone();
        other.digest = "two".to_owned();
        other.settings.seed = 5;
        // This decides nothing of what a network learns.
        other.settings.threads = 7;
        let error = other.begin(&run).unwrap_err();
        let told: Vec<String> = error.chain().map(ToString::to_string).collect();
        assert!(
            told[0].contains("`scan --overwrite` starts anew"),
            "{told:?}"
        );
        assert_eq!(told[1], "'seed' was 0 and is 5");
        assert_eq!(read(&run.plan()).unwrap(), plan, "the old plan stays");
    }

    #[test]
    fn threads_are_shared_out_among_the_networks_that_work_at_a_time() {
        assert_eq!(share(5, 2, &[Device::Cpu]), (2, 1));
        assert_eq!(share(2, 8, &[Device::Cpu]), (2, 4));
        assert_eq!(share(1, 3, &[Device::Cpu]), (1, 3));
        assert_eq!(share(5, 8, &[Device::Cpu; 2]), (2, 4));
        assert_eq!(share(5, 8, &[Device::Cuda(0)]), (1, 8));
        assert_eq!(share(5, 8, &[0, 1, 3].map(Device::Cuda)), (3, 2));
        assert_eq!(share(1, 8, &[0, 1, 3].map(Device::Cuda)), (1, 8));
    }
}
