//! A training that has not come to its end, on disk: who begins it again goes on where it stopped, between two batches.
//!
//! A file is a header as `MessagePack`, with its length before it as 8 bytes, little-endian; the numbers of all tensors, fp32,
//! one tensor after the other; and the digest of all that, BLAKE3. Random streams are named after epochs and videos, all but
//! the dropout's, whose place is kept.

use std::io::{self, Write};
use std::time::Instant;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, TchError, Tensor};
use thiserror::Error;
use tracing::{debug, info, warn};

use super::epoch::{Course, Trainer};
use super::plan::{TrainEvent, Unfinished};
use crate::whole::{self, WholeFile};

const DIGEST: usize = blake3::OUT_LEN;
const LENGTH: usize = size_of::<u64>();
const NUMBER: usize = size_of::<f32>();

/// A file that a training cannot go on from.
#[derive(Debug, Error)]
enum UnfinishedError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is damaged")]
    Damaged,
    #[error("it is of other data, settings, devices or another version")]
    Foreign,
    #[error("libtorch failed")]
    Torch(#[from] TchError),
}

/// What is kept beside the tensors' numbers.
#[derive(Serialize, Deserialize)]
struct Header<C> {
    owner: String,
    /// Steps of the optimiser, and how many of them left the backbones alone.
    steps: (i32, i32),
    /// Words of the dropout's stream that are drawn.
    drawn: u128,
    /// How many numbers each tensor has.
    lens: Vec<usize>,
    course: C,
}

impl Trainer<'_> {
    /// Keeps the training where it is. Where that fails, it goes on all the same.
    pub(super) fn keep(&mut self, watch: &mut dyn FnMut(TrainEvent)) {
        let Some(unfinished) = &self.unfinished else {
            return;
        };
        watch(TrainEvent::Keeps);
        let begin = Instant::now();
        if let Err(error) = self.write(unfinished) {
            warn!("'{}' cannot be written: {error}", unfinished.path);
        }
        if let Some(unfinished) = &mut self.unfinished {
            unfinished.took = begin.elapsed();
            unfinished.kept = Instant::now();
            debug!("'{}' took {:?}", unfinished.path, unfinished.took);
        }
        watch(TrainEvent::Kept);
    }

    /// Takes up where the training stopped that is kept, if any is, and tells again what was done.
    pub(super) fn resume(&mut self, watch: &mut dyn FnMut(TrainEvent)) {
        let Some(unfinished) = self.unfinished.take() else {
            return;
        };
        match self.take_up(&unfinished) {
            Ok(false) => {}
            Ok(true) => {
                let (epoch, batches) = (self.course.epochs.len(), self.course.batches);
                info!(
                    "'{}' goes on after {epoch} epochs and {batches} batches",
                    unfinished.path
                );
                self.course.told(watch);
            }
            Err(error) => warn!(
                "'{}' is not used: {error}; the training begins anew",
                unfinished.path
            ),
        }
        self.unfinished = Some(unfinished);
    }

    /// All tensors that are there from the beginning, in an order of their own.
    fn lasting(&self) -> Vec<Tensor> {
        let mut named: Vec<(String, Tensor)> = self.store.variables().into_iter().collect();
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        let variables = named.into_iter().map(|(_, variable)| variable.detach());
        variables
            .chain(self.optimizer.means().map(Tensor::shallow_clone))
            .collect()
    }

    /// The gradient and what the present epoch has seen.
    fn passing(&self) -> Vec<Tensor> {
        let gradient = self.optimizer.gradient().map(Tensor::shallow_clone);
        gradient.chain(self.course.seen.tensors()).collect()
    }

    fn write(&self, unfinished: &Unfinished) -> Result<(), UnfinishedError> {
        let tensors: Vec<Tensor> = self.lasting().into_iter().chain(self.passing()).collect();
        let header = Header {
            owner: unfinished.owner.clone(),
            steps: self.optimizer.steps(),
            drawn: self.dropout.get_word_pos(),
            lens: tensors.iter().map(Tensor::numel).collect(),
            course: &self.course,
        };
        let header = rmp_serde::to_vec(&header).map_err(io::Error::other)?;
        fs_err::create_dir_all(whole::folder_of(&unfinished.path))?;
        let mut file = WholeFile::create(&unfinished.path)?;
        let mut digest = blake3::Hasher::new();
        let mut write = |bytes: &[u8]| {
            digest.update(bytes);
            file.write_all(bytes)
        };
        write(&(header.len() as u64).to_le_bytes())?;
        write(&header)?;
        for tensor in &tensors {
            write(&bytes(tensor)?)?;
        }
        file.write_all(digest.finalize().as_bytes())?;
        Ok(file.finish()?)
    }

    /// False where there is no file.
    fn take_up(&mut self, unfinished: &Unfinished) -> Result<bool, UnfinishedError> {
        whole::forget_begun(&unfinished.path)?;
        let Some(stored) = read(&unfinished.path)? else {
            return Ok(false);
        };
        let (header, numbers) = parse(&stored)?;
        if header.owner != unfinished.owner {
            return Err(UnfinishedError::Foreign);
        }
        let lasting = self.lasting();
        let lens: Vec<usize> = lasting.iter().map(Tensor::numel).collect();
        if !header.lens.starts_with(&lens) {
            return Err(UnfinishedError::Foreign);
        }
        let mut tensors = tensors(numbers, &header.lens, self.plan.device)?.into_iter();
        for (mut own, kept) in lasting.into_iter().zip(tensors.by_ref()) {
            tch::no_grad(|| own.f_copy_(&kept.view(own.size().as_slice())))?;
        }
        self.course = header.course;
        let mut gradient: Vec<Tensor> = tensors.collect();
        let seen = gradient.split_off(gradient.len() - self.course.seen.kept());
        self.optimizer.resume(header.steps, gradient);
        self.course.seen.resume(seen);
        self.dropout.set_word_pos(header.drawn);
        Ok(true)
    }
}

impl Course {
    /// Tells what is done.
    fn told(&self, watch: &mut dyn FnMut(TrainEvent)) {
        for &summary in &self.epochs {
            watch(TrainEvent::Clips(summary.training.clips));
            watch(TrainEvent::Epoch(summary));
        }
        watch(TrainEvent::Clips(self.seen.clips()));
    }
}

/// A file's bytes; nothing where there is none.
fn read(path: &Utf8Path) -> io::Result<Option<Vec<u8>>> {
    match fs_err::read(path) {
        Ok(stored) => Ok(Some(stored)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Header and numbers of a file that is whole.
fn parse(stored: &[u8]) -> Result<(Header<Course>, &[u8]), UnfinishedError> {
    let damaged = || UnfinishedError::Damaged;
    let (stored, digest) = stored.split_last_chunk::<DIGEST>().ok_or_else(damaged)?;
    if blake3::hash(stored) != *digest {
        return Err(damaged());
    }
    let (len, rest) = stored.split_first_chunk::<LENGTH>().ok_or_else(damaged)?;
    let header = rest.split_at_checked(u64::from_le_bytes(*len) as usize);
    let (header, numbers) = header.ok_or_else(damaged)?;
    // Whole, but not as this program writes it.
    let header = rmp_serde::from_slice(header).map_err(|_other| UnfinishedError::Foreign)?;
    Ok((header, numbers))
}

/// Vectors of so many numbers each.
fn tensors(
    mut numbers: &[u8],
    lens: &[usize],
    device: Device,
) -> Result<Vec<Tensor>, UnfinishedError> {
    let mut tensors = Vec::with_capacity(lens.len());
    for &len in lens {
        let (own, rest) = numbers
            .split_at_checked(len * NUMBER)
            .ok_or(UnfinishedError::Damaged)?;
        tensors.push(Tensor::f_from_data_size(own, &[len as i64], Kind::Float)?.to_device(device));
        numbers = rest;
    }
    Ok(tensors)
}

/// All numbers of a tensor, in the order of its axes.
fn bytes(tensor: &Tensor) -> Result<Vec<u8>, TchError> {
    let tensor = tensor.f_to_device(Device::Cpu)?.f_contiguous()?;
    let mut bytes = vec![0; tensor.numel() * NUMBER];
    tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use camino::Utf8PathBuf;

    use crate::cache::{Cache, CacheFolder, Packing, Source, fill};
    use crate::clip::ClipSettings;
    use crate::model::{Backbone, ModelSettings};
    use crate::seed::Seed;
    use crate::train::dynamics::Observation;
    use crate::train::plan::{EpochSummary, Stop, TrainPlan};
    use crate::train::{Lessons, TrainError, TrainSettings, TrainingSet, train_fold};
    use crate::video::samples::{TempDir, write};
    use crate::video::{DecodeSettings, EncoderOptions};

    const VIDEOS: usize = 9;

    struct World {
        dir: TempDir,
        cache: Cache,
        ids: Vec<String>,
        clips: ClipSettings,
        model: ModelSettings,
        train: TrainSettings,
    }

    /// What came of a training.
    type Outcome = (
        BTreeMap<String, Tensor>,
        Vec<Observation>,
        Vec<EpochSummary>,
    );

    fn world() -> World {
        tch::set_num_threads(1);
        let dir = TempDir::new();
        let ids: Vec<String> = (0..VIDEOS).map(|number| format!("{number}.mp4")).collect();
        let paths: Vec<Utf8PathBuf> = ids.iter().map(|id| dir.path(id)).collect();
        for (path, frames) in paths.iter().zip(8..) {
            write(path, (32, 32), frames, EncoderOptions::default());
        }
        let sources: Vec<Source> = paths.iter().map(Source::from).collect();
        let folder = CacheFolder {
            dir: &dir.path("cache"),
            packing: Packing::Raw,
        };
        let decode = DecodeSettings {
            size: 24,
            ..DecodeSettings::default()
        };
        let never = AtomicBool::new(false);
        let cache = fill(folder, &sources, &decode, 1, &never, &|_| ()).unwrap();
        World {
            dir,
            cache,
            ids,
            clips: ClipSettings {
                frames: 8,
                ..ClipSettings::default()
            },
            model: ModelSettings {
                backbone: Backbone::Small,
                width: 8,
                size: 24,
                synopsis_frames: 4,
                snippets: 2,
                feature: 16,
                hidden: 8,
                lstm_layers: 1,
                heads: 2,
                ..ModelSettings::default()
            },
            train: TrainSettings {
                epochs: 3,
                batch_size: 2,
                accumulation: 2,
                class_balanced: true,
                warmup_epochs: 1.0,
                robust: true,
                memory: 2,
                held_out_clips: 2,
                ..TrainSettings::default()
            },
        }
    }

    impl World {
        fn unfinished(&self, owner: &str) -> Unfinished {
            Unfinished::new(self.dir.path("unfinished/0-0"), owner.to_owned())
        }

        /// Trains, or goes on; asks `stop` before every batch.
        fn learn(&self, unfinished: Option<Unfinished>, stop: Stop) -> Result<Outcome, TrainError> {
            let labels: Vec<usize> = (0..VIDEOS).map(|video| video % 2).collect();
            let videos: Vec<usize> = (0..VIDEOS).collect();
            let (videos, held_out) = videos.split_at(VIDEOS - 2);
            let plan = TrainPlan {
                clips: &self.clips,
                model: &self.model,
                train: &self.train,
                device: Device::Cpu,
                weights: None,
                features: None,
                few_frames: 0,
                resident: None,
            };
            let set = TrainingSet {
                cache: &self.cache,
                ids: &self.ids,
                labels: &labels,
                lessons: &Lessons::new(),
                classes: 2,
                videos,
                held_out,
                start: None,
            };
            let mut epochs = Vec::new();
            let trained = train_fold(plan, set, Seed(3), unfinished, stop, &mut |event| {
                if let TrainEvent::Epoch(summary) = event {
                    epochs.push(summary);
                }
            })?;
            let weights = trained.store.variables().into_iter();
            let weights = weights.map(|(name, weight)| (name, weight.detach()));
            Ok((weights.collect(), trained.observations, epochs))
        }

        /// Trains with an interruption before every `nth` batch, until it is done; how often it was interrupted.
        fn learn_in_parts(&self, nth: usize) -> (Outcome, usize) {
            let mut interruptions = 0;
            loop {
                let asked = AtomicUsize::new(0);
                let stop = || asked.fetch_add(1, Ordering::Relaxed) + 1 == nth;
                match self.learn(Some(self.unfinished("mine")), &stop) {
                    Ok(outcome) => return (outcome, interruptions),
                    Err(TrainError::Interrupted) => interruptions += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    #[test]
    fn an_interrupted_training_ends_as_an_undisturbed_one() {
        let mut world = world();
        for robust in [true, false] {
            world.train.robust = robust;
            world.train.class_balanced = robust;
            world.train.frozen_epochs = usize::from(robust);
            world.train.layer_decay = if robust { 0.7 } else { 1.0 };
            let undisturbed = world.learn(None, &|| false).unwrap();
            assert_eq!(undisturbed.2.len(), world.train.epochs);
            // Between batches of one step, at an epoch's end, before held-out clips are looked at: wherever it may be.
            for nth in 2..=5 {
                let (outcome, interruptions) = world.learn_in_parts(nth);
                assert!(interruptions >= 3, "{nth}: {interruptions}");
                assert!(
                    outcome == undisturbed,
                    "interrupted before every batch {nth}"
                );
                fs_err::remove_file(world.unfinished("").path).unwrap();
            }
        }
    }

    /// The weights after so many epochs, in the first `frozen` of which the backbones stay.
    fn learnt(world: &mut World, epochs: usize, frozen: usize) -> BTreeMap<String, Tensor> {
        (world.train.epochs, world.train.frozen_epochs) = (epochs, frozen);
        world.learn(None, &|| false).unwrap().0
    }

    #[test]
    fn backbones_stay_in_frozen_epochs_and_learn_after_them() {
        let mut world = world();
        let first = learnt(&mut world, 0, 0);
        let frozen = learnt(&mut world, 2, 2);
        let thawed = learnt(&mut world, 3, 2);
        assert!(
            first
                .keys()
                .any(|name| name.contains("backbone.bn1.running_mean"))
        );
        for (name, weight) in &first {
            if name.contains("backbone.") {
                assert_eq!(frozen[name], *weight, "{name}");
                assert_ne!(thawed[name], *weight, "{name}");
            }
            if name.contains("feature.") {
                assert_ne!(frozen[name], *weight, "{name}");
            }
        }
    }

    #[test]
    fn damaged_and_foreign_files_are_ignored() {
        let world = world();
        let undisturbed = world.learn(None, &|| false).unwrap();
        let path = world.unfinished("").path;
        let interrupt = || {
            let asked = AtomicUsize::new(0);
            let stop = || asked.fetch_add(1, Ordering::Relaxed) == 6;
            world
                .learn(Some(world.unfinished("other")), &stop)
                .unwrap_err();
            fs_err::read(&path).unwrap()
        };
        let whole = interrupt();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        let mut longer = whole.clone();
        longer.push(0);
        for (owner, stored) in [
            ("other", &flipped[..]),
            ("other", &longer),
            ("other", &whole[..whole.len() - 1]),
            ("other", &whole[..DIGEST + 3]),
            ("other", b""),
            ("mine", &whole),
        ] {
            fs_err::write(&path, stored).unwrap();
            let outcome = world
                .learn(Some(world.unfinished(owner)), &|| false)
                .unwrap();
            assert!(outcome == undisturbed, "{owner}, {} bytes", stored.len());
        }
        // What a process that was killed had begun goes with the next try.
        let begun = world.dir.path("unfinished/.0-0.a1B2c3.tmp");
        fs_err::write(&begun, "half").unwrap();
        fs_err::write(&path, &whole).unwrap();
        let outcome = world
            .learn(Some(world.unfinished("other")), &|| false)
            .unwrap();
        assert!(outcome == undisturbed);
        assert!(!begun.exists());
    }
}
