//! `plan.json`: what decides the outcome of a run's networks. With it and the decoded frames each network can be trained by
//! itself.

mod difference;
mod earlier;
mod videos;

use std::collections::BTreeSet;

use anyhow::{Context, anyhow, bail};
use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use tch::Device;

pub(crate) use self::difference::of_settings as difference_of_settings;
pub(crate) use self::earlier::{PlannedEarlier, weights_digest};
use self::videos::column;
pub(crate) use self::videos::{PlannedDataSet, PlannedVideos};
use super::LIBTORCH;
use super::networks::weights::Weights;
use crate::cache::{self, Cache, Given};
use crate::face::Follow;
use crate::fold::{self, FoldError};
use crate::manifest::Manifest;
use crate::model::device;
use crate::rows::fold_card::{self, Standing};
use crate::rows::folder::{FolderError, RunFolder};
use crate::rows::run::FeaturesCard;
use crate::seed::Seed;
use crate::settings::Settings;
use crate::telemetry::Stage;
use crate::train::TrainSettings;
use crate::whole;

/// The version of `plan.json`.
const SCHEMA: u32 = 2;

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
    /// What the backbones start from; nothing where their weights are drawn.
    pub(crate) weights: Option<PlannedWeights>,
    /// Features that were given in the place of frames.
    pub(crate) features: Option<FeaturesCard>,
    /// How a face was followed in all videos, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    follow: Option<Follow>,
    /// Where the networks run, as `cpu` or `cuda:0,cuda:1`.
    pub(crate) device: String,
    /// Networks that work side by side on the machine that made the plan.
    pub(crate) side_by_side: usize,
    /// libtorch's threads for each network, which decide how it rounds.
    pub(crate) threads_per_network: usize,
    /// Class names, in the order of their numbers.
    pub(crate) classes: Vec<String>,
    pub(crate) data_set: PlannedDataSet,
    /// The earlier run that the networks learn again from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) earlier: Option<PlannedEarlier>,
    pub(crate) settings: Settings,
    pub(crate) videos: PlannedVideos,
}

/// A file of weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedWeights {
    /// As an absolute path.
    pub(crate) path: String,
    pub(crate) digest: String,
}

impl Plan {
    /// The plan for a data set whose folds are given. `weights`: what the backbones start from; `features`: what stands for
    /// the frames. The videos' contents are then those of their features.
    ///
    /// # Errors
    ///
    /// If the present folder is not known, or the settings cannot be written down: a mistake in the program.
    pub(crate) fn new(
        (manifest, cache): (&Manifest, &Cache),
        settings: &Settings,
        devices: &[Device],
        folds: Vec<u8>,
        weights: Option<&Weights>,
        features: Option<FeaturesCard>,
    ) -> anyhow::Result<Self> {
        let videos = PlannedVideos::new(manifest, cache, folds);
        let fingerprint = videos.fingerprint()?;
        // Neither threads nor device nor the verdict's threshold decide what a network learns and says, nor how many others
        // there are: a run can get more of them.
        let train = TrainSettings {
            repeats: 1,
            ..settings.train.clone()
        };
        let mut parts = serde_json::to_string(&(
            &fingerprint,
            manifest.labels.names(),
            settings.seed,
            &settings.video,
            &settings.clips,
            &settings.model,
            &train,
            weights.map(Weights::digest),
        ))?;
        if let Some(follow) = cache.follow() {
            parts += &serde_json::to_string(follow)?;
        }
        let networks = settings.folds * settings.train.repeats;
        let (side_by_side, threads_per_network) = share(networks, settings.thread_count(), devices);
        Ok(Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: LIBTORCH.to_owned(),
            digest: digest(&parts),
            fingerprint,
            weights: weights.map(Weights::planned).transpose()?,
            features,
            follow: cache.follow().cloned(),
            device: device::names(devices),
            side_by_side,
            threads_per_network,
            classes: manifest.labels.names().to_vec(),
            data_set: PlannedDataSet::new(manifest)?,
            earlier: None,
            settings: settings.clone(),
            videos,
        })
    }

    /// Reads the plan of a run that was prepared.
    ///
    /// # Errors
    ///
    /// If there is none, or another version made it.
    pub(crate) fn read(folder: &RunFolder) -> anyhow::Result<Self> {
        let path = folder.plan();
        if !path.exists() {
            bail!(
                "there is no plan in '{}'; `rdfer-audit scan DATASET --out {} --prepare` makes one",
                folder.root(),
                folder.root()
            );
        }
        read(&path).with_context(|| {
            format!("'{path}' is not a plan of this version; prepare the run again")
        })
    }

    /// What another program than this one made the plan, in a few words; nothing where it was this one.
    pub(crate) fn stranger(&self) -> Option<String> {
        let own = env!("CARGO_PKG_VERSION");
        let told = |name: &str, planned: &str, own: &str| {
            (planned != own)
                .then(|| format!("the plan was made with {name} {planned}, this is {own}"))
        };
        told("rdfer-audit", &self.version, own)
            .or_else(|| told("libtorch", &self.libtorch, LIBTORCH))
    }

    /// The decoded frames of its videos, in its order.
    ///
    /// # Errors
    ///
    /// If they are not all there.
    pub(crate) fn open_cache(&self, folder: &RunFolder) -> anyhow::Result<Cache> {
        if let Some(features) = &self.features {
            let given = Given::read(&folder.cache(), &features.digest);
            let given = given.context(
                "the features are no longer in the run's cache; prepare it again, with --features or --backbone as before",
            )?;
            return Ok(given.cache());
        }
        let videos = &self.videos;
        let of = |(index, content): (usize, &String)| match videos.unreadable.get(&index) {
            Some(reason) => Ok(Err(reason.clone())),
            None => content.parse().map(Ok),
        };
        let listed: Result<Vec<_>, _> = videos.content.iter().enumerate().map(of).collect();
        let listed = listed.context("the plan names videos by no fingerprint")?;
        let opened = cache::open(
            &folder.cache(),
            listed,
            &self.settings.video,
            self.follow.as_ref(),
        );
        opened.with_context(|| {
            format!(
                "the decoded frames of '{}' are not all there; prepare the run again with --resume",
                folder.root()
            )
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

    /// How its networks are trained.
    pub(crate) fn train(&self) -> &TrainSettings {
        let earlier = self.earlier.as_ref();
        earlier.map_or(&self.settings.train, |earlier| &earlier.train)
    }

    /// All networks, fold by fold.
    pub(crate) fn networks(&self) -> impl Iterator<Item = Network> {
        let repeats = self.settings.train.repeats;
        (0..self.settings.folds)
            .flat_map(move |fold| (0..repeats).map(move |repeat| Network { fold, repeat }))
    }

    /// Whether its networks run on GPUs.
    pub(crate) fn is_for_gpu(&self) -> bool {
        self.device.starts_with("cuda")
    }

    /// Digest of all that decides how a network learns on a device, up to rounding.
    pub(crate) fn course(&self, network: Network, device: Device) -> String {
        let Network { fold, repeat } = network;
        let kind = self.settings.train.precision.kind(device);
        let version = env!("CARGO_PKG_VERSION");
        let on = (device.is_cuda(), kind, LIBTORCH, version);
        digest(&format!("{} {fold} {repeat} {on:?}", self.digest))
    }

    /// The part of the work on a network that is called `name`.
    pub(crate) fn stage(&self, name: &'static str, network: Network) -> Stage {
        Stage::of_fold(name, network.fold, self.settings.folds)
            .repeat(network.repeat, self.settings.train.repeats)
    }

    /// How it stands with one of its networks in a run's folder.
    ///
    /// # Errors
    ///
    /// If it was finished under another plan, or a file cannot be read.
    pub(crate) fn standing(
        &self,
        network: Network,
        folder: &RunFolder,
    ) -> Result<Standing, FolderError> {
        fold_card::standing(folder, network.fold, network.repeat, &self.digest)
    }

    /// Writes `plan.json` where no network of another plan is finished.
    ///
    /// # Errors
    ///
    /// If a network was finished under another plan, or a file cannot be read or written.
    pub(crate) fn begin(&mut self, folder: &RunFolder) -> anyhow::Result<()> {
        let earlier = read(&folder.plan()).ok();
        for Network { fold, repeat } in self.networks() {
            let Err(error) = fold_card::require_plan(folder, fold, repeat, &self.digest) else {
                continue;
            };
            return Err(match (&error, &earlier) {
                (FolderError::OtherRun { .. }, Some(earlier)) => {
                    anyhow!(earlier.difference(self)).context(error)
                }
                // A run of an earlier version has another plan or none.
                _ => error.into(),
            });
        }
        if let Some(earlier) = earlier {
            if earlier == *self {
                return Ok(());
            }
            self.keep_threads(&earlier);
        }
        let json = serde_json::to_string(self)?;
        whole::write(&folder.plan(), json + "\n").context("the plan cannot be written")
    }

    /// Takes over the threads for each network from an earlier plan of the same networks, some of which may be finished:
    /// this may be another machine.
    fn keep_threads(&mut self, earlier: &Self) {
        let is_same = earlier.digest == self.digest && earlier.device == self.device;
        if is_same && earlier.settings.threads == self.settings.threads {
            let threads = self.side_by_side * self.threads_per_network;
            self.threads_per_network = earlier.threads_per_network;
            self.side_by_side = (threads / self.threads_per_network).max(1);
        }
    }
}

/// Reads a plan.
///
/// # Errors
///
/// If there is none, or it comes from another version.
fn read(path: &Utf8Path) -> anyhow::Result<Plan> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let text = fs_err::read(path)?;
    let plan = serde_json::from_slice::<Plan>(&text);
    // Another version's plan may have other fields.
    let schema = match &plan {
        Ok(plan) => plan.schema,
        Err(_) => serde_json::from_slice::<Version>(&text)?.schema,
    };
    anyhow::ensure!(
        schema == SCHEMA,
        "'{path}' has schema {schema}, this program reads {SCHEMA}"
    );
    Ok(plan?)
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

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
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
            path: vec!["a.mp4".to_owned(), "b.mp4".to_owned()],
            label: vec![0, 1],
            fold: vec![0, 1],
            group: vec![None, Some("film".to_owned())],
            content: vec!["12".to_owned(), String::new()],
            unreadable: [(1, "is no video".to_owned())].into(),
            ..PlannedVideos::default()
        };
        Plan {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: LIBTORCH.to_owned(),
            digest: "one".to_owned(),
            fingerprint: videos.fingerprint().unwrap(),
            weights: None,
            features: None,
            follow: None,
            device: "cpu".to_owned(),
            side_by_side: 2,
            threads_per_network: 1,
            classes: vec!["calm".to_owned(), "glad".to_owned()],
            data_set: PlannedDataSet::default(),
            earlier: None,
            settings,
            videos,
        }
    }

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(Utf8Path::from_path(folder.path()).unwrap());
        (folder, run)
    }

    fn finish(plan: &Plan, run: &RunFolder) {
        let made = NetworkInTheMaking::create(run, 0, 0).unwrap();
        assert!(made.finish(&plan.digest).unwrap());
    }

    #[test]
    fn a_plan_comes_back_with_its_networks_in_order() {
        let (_keep, run) = folder();
        let told = Plan::read(&run).unwrap_err().to_string();
        assert!(told.contains("--prepare"), "{told}");
        let mut plan = plan();
        plan.settings.train.repeats = 2;
        plan.begin(&run).unwrap();
        assert_eq!(Plan::read(&run).unwrap(), plan);
        assert_eq!(plan.stranger(), None);
        let networks: Vec<_> = plan.networks().map(|n| (n.fold, n.repeat)).collect();
        assert_eq!(networks, [(0, 0), (0, 1), (1, 0), (1, 1)]);
        let text = fs_err::read_to_string(run.plan()).unwrap();
        fs_err::write(run.plan(), text.replacen(":2", ":1", 1)).unwrap();
        let error = Plan::read(&run).unwrap_err();
        let told: Vec<String> = error.chain().map(ToString::to_string).collect();
        assert!(told[1].contains("has schema 1"), "{told:?}");
        let stranger = Plan {
            libtorch: "1.0".to_owned(),
            ..plan
        };
        let words = stranger.stranger().unwrap();
        assert!(words.contains("libtorch 1.0"), "{words}");
    }

    #[test]
    fn another_machine_keeps_the_threads_of_a_network() {
        let (_keep, run) = folder();
        plan().begin(&run).unwrap();
        let share = |side_by_side, threads_per_network, threads| {
            let mut plan = plan();
            (plan.side_by_side, plan.threads_per_network) = (side_by_side, threads_per_network);
            plan.settings.threads = threads;
            plan.begin(&run).unwrap();
            (plan.side_by_side, plan.threads_per_network)
        };
        assert_eq!(share(2, 4, 0), (8, 1));
        assert_eq!(share(2, 4, 8), (2, 4), "as somebody says");
    }

    #[test]
    fn what_another_plan_has_changed_is_named() {
        let (_keep, run) = folder();
        let mut plan = plan();
        plan.begin(&run).unwrap();
        finish(&plan, &run);
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
        assert_eq!(Plan::read(&run).unwrap(), plan, "the old plan stays");
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
