//! Decoding in several processes: each decodes its shard of a data set's videos to a part of the run's cache, and `--prepare`
//! finds them decoded.
//!
//! `cache/shards.json` lists the videos. In a part, `videos.json` is written last: the fingerprints of the shard's videos, so
//! that none is read once more, each with a stamp of its file by which it is told whether somebody has written to it since.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::absolute;
use super::lines::Lines;
use super::prepare::faces::Faces;
use super::prepare::{Setup, filling, room};
use crate::cache::{self, CacheFolder, CacheSettings, Decoding, Fingerprint, Source};
use crate::face::{FaceModel, Follow, Follower};
use crate::manifest::Manifest;
use crate::rows::folder::RunFolder;
use crate::settings::Settings;
use crate::video::DecodeSettings;
use crate::whole;

/// The version of the list.
const SCHEMA: u32 = 1;

/// In a part of the cache: what its shard is.
const VIDEOS: &str = "videos.json";

/// `cache/shards.json`: which videos are decoded, how, and in how many processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shards {
    schema: u32,
    pub(crate) count: usize,
    /// Threads that decode a shard.
    pub(crate) threads: usize,
    video: DecodeSettings,
    /// How a face is followed, where one is to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    face: Option<FaceToFollow>,
    cache: CacheSettings,
    /// Absolute paths of the videos' files and folders. Shard K has every `count`-th of them, from the K-th.
    paths: Vec<Utf8PathBuf>,
}

/// A face that is to be followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FaceToFollow {
    /// What the margin and the model come to.
    follow: Follow,
    /// The model's file, as an absolute path.
    model: Utf8PathBuf,
}

impl FaceToFollow {
    fn new(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(follower) = Faces::new(settings)?.follower else {
            return Ok(None);
        };
        let model = FaceModel::file(settings.health.face_model.as_str());
        Ok(Some(Self {
            follow: follower.follow().clone(),
            model: absolute(&model)?.into(),
        }))
    }

    fn follower(&self) -> anyhow::Result<Follower> {
        let model = FaceModel::read(&self.model)?;
        let follower = Follower::new(self.follow.margin(), model);
        ensure!(
            *follower.follow() == self.follow,
            "'{}' is not the detector's model any more that the videos were divided for; divide them anew",
            self.model
        );
        Ok(follower)
    }
}

/// `videos.json` in a part: its shard is decoded.
#[derive(Debug, Serialize, Deserialize)]
struct Decoded {
    /// Digest of the list of shards that it is for.
    shards: String,
    /// How long the process took that finished it.
    seconds: f64,
    /// Of each of its videos: a stamp of the file, taken before it was read; nothing where it cannot be read.
    stamps: Vec<Option<Fingerprint>>,
    /// And the fingerprint.
    contents: Vec<Option<Fingerprint>>,
}

/// The videos that shards have decoded.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Their fingerprints by absolute paths, of those files that nobody has written to since.
    pub(crate) contents: BTreeMap<Utf8PathBuf, Fingerprint>,
    /// How long all shards took together.
    pub(crate) seconds: f64,
}

impl Shards {
    /// Divides a data set, makes the run's folder, and writes the list.
    ///
    /// # Errors
    ///
    /// If the folder cannot be used, or the disk is too small for the frames.
    pub(crate) fn divide(manifest: &Manifest, setup: Setup, count: usize) -> anyhow::Result<Self> {
        let (folder, settings) = (setup.folder, &setup.resolved.settings);
        folder.prepare(setup.existing)?;
        room::check(manifest, folder, settings)?;
        let path = |path: &Utf8Path| absolute(path).map(Utf8PathBuf::from);
        let paths = manifest.videos.iter().map(|video| path(&video.path));
        let shards = Self {
            schema: SCHEMA,
            count: count.clamp(1, manifest.videos.len().max(1)),
            threads: settings.thread_count(),
            video: settings.video,
            face: FaceToFollow::new(settings)?,
            cache: settings.cache,
            paths: paths.collect::<Result<_, _>>()?,
        };
        fs_err::create_dir_all(folder.cache())?;
        whole::write(&list(folder), serde_json::to_string(&shards)? + "\n")?;
        Ok(shards)
    }

    /// The list of a run; nothing where its videos were not divided.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or another version made it.
    pub(crate) fn find(folder: &RunFolder) -> anyhow::Result<Option<Self>> {
        let path = list(folder);
        let text = match fs_err::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let shards: Option<Self> = serde_json::from_slice(&text).ok();
        let shards = shards.filter(|shards| shards.schema == SCHEMA && shards.count > 0);
        let shards = shards.with_context(|| {
            format!("'{path}' is no list of this version; delete it, or divide the videos anew")
        })?;
        Ok(Some(shards))
    }

    fn digest(&self) -> anyhow::Result<String> {
        let json = serde_json::to_string(self)?;
        Ok(blake3::hash(json.as_bytes()).to_hex().to_string())
    }

    /// The videos of a shard.
    fn paths_of(&self, number: usize) -> impl Iterator<Item = &Utf8PathBuf> {
        self.paths.iter().skip(number).step_by(self.count)
    }

    /// What all shards are, in their order.
    fn all_decoded(&self, folder: &RunFolder) -> anyhow::Result<Vec<Option<Decoded>>> {
        let digest = self.digest()?;
        let numbers = (0..self.count).into_par_iter();
        let decoded = numbers.map(|number| decoded(folder, number, &digest));
        decoded.collect()
    }

    /// Whether each shard is decoded.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub(crate) fn are_decoded(&self, folder: &RunFolder) -> anyhow::Result<Vec<bool>> {
        let decoded = self.all_decoded(folder)?;
        Ok(decoded.iter().map(Option::is_some).collect())
    }

    /// Decodes a shard, which is told where it is decoded already.
    ///
    /// # Errors
    ///
    /// If there is no such shard, its part of the cache cannot be written, or somebody interrupts.
    pub(crate) fn decode(
        &self,
        folder: &RunFolder,
        number: usize,
        stop: &AtomicBool,
    ) -> anyhow::Result<()> {
        ensure!(
            number < self.count,
            "there is no shard {number}: there are {}, from 0 to {}",
            self.count,
            self.count - 1
        );
        let digest = self.digest()?;
        if decoded(folder, number, &digest)?.is_some() {
            info!("shard {number} is decoded already");
            return Ok(());
        }
        let begin = Instant::now();
        let follower = self.face.as_ref().map(FaceToFollow::follower);
        let follower = follower.transpose()?;
        let decoding = Decoding {
            settings: &self.video,
            follower: follower.as_ref(),
        };
        let paths: Vec<&Utf8PathBuf> = self.paths_of(number).collect();
        // First the stamps: what is written meanwhile shall be noticed.
        let stamps = paths.par_iter().map(|path| cache::stamp(path).ok());
        let stamps: Vec<_> = stamps.collect();
        let sources: Vec<Source> = paths.iter().copied().map(Source::from).collect();
        let dir = folder.cache();
        let part = CacheFolder {
            dir: &dir,
            packing: self.cache.frames,
        };
        let (cache, part) = filling::shown(sources.len(), |watch| {
            let threads = self.threads;
            cache::fill_part((part, number), &sources, decoding, threads, stop, watch)
        })?;
        let decoded = Decoded {
            shards: digest,
            seconds: begin.elapsed().as_secs_f64(),
            stamps,
            contents: (0..cache.len()).map(|at| cache.fingerprint(at)).collect(),
        };
        Ok(whole::write(
            &part.join(VIDEOS),
            serde_json::to_string(&decoded)? + "\n",
        )?)
    }
}

/// What a shard is; nothing where it is not decoded. `digest`: of the list of shards.
fn decoded(folder: &RunFolder, number: usize, digest: &str) -> anyhow::Result<Option<Decoded>> {
    for part in cache::parts_of(&folder.cache(), number)? {
        let text = match fs_err::read(part.join(VIDEOS)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            text => text?,
        };
        // What another list asked for, or another version wrote, is told anew, of the frames that are there.
        let decoded: Option<Decoded> = serde_json::from_slice(&text).ok();
        let decoded = decoded.filter(|decoded| decoded.shards == digest);
        if decoded.is_some() {
            return Ok(decoded);
        }
    }
    Ok(None)
}

/// What shards have decoded for these settings, and the way in which a face is followed; nothing where the videos were not divided.
///
/// # Errors
///
/// If a shard is not decoded, each with the line that does it; or a file cannot be read.
pub(crate) fn known(
    folder: &RunFolder,
    settings: &Settings,
    follow: Option<&Follow>,
) -> anyhow::Result<Known> {
    let Some(shards) = Shards::find(folder)? else {
        return Ok(Known::default());
    };
    let followed = shards.face.as_ref().map(|face| &face.follow);
    if shards.video != settings.video || followed != follow {
        warn!("the shards were decoded with other settings; all videos are decoded here");
        return Ok(Known::default());
    }
    let decoded = shards.all_decoded(folder)?;
    require(&decoded, folder)?;
    let decoded: Vec<Decoded> = decoded.into_iter().flatten().collect();
    let unchanged = |(place, path): (usize, &Utf8PathBuf)| {
        let (shard, at) = (&decoded[place % shards.count], place / shards.count);
        let content = shard.contents.get(at).copied().flatten()?;
        let stamp = cache::stamp(path).ok()?;
        (shard.stamps.get(at) == Some(&Some(stamp))).then(|| (path.clone(), content))
    };
    let contents = shards.paths.par_iter().enumerate().filter_map(unchanged);
    Ok(Known {
        contents: contents.collect(),
        seconds: decoded.iter().map(|shard| shard.seconds).sum(),
    })
}

/// Refuses shards that are not all decoded.
fn require(decoded: &[Option<Decoded>], folder: &RunFolder) -> anyhow::Result<()> {
    let lacking = (0..decoded.len()).filter(|number| decoded[*number].is_none());
    let lacking: Vec<usize> = lacking.collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let lines = Lines::new(folder)?;
    let mut told = String::new();
    for number in &lacking {
        let line = lines.decode(&number.to_string());
        // Writing to a text cannot fail.
        let _infallible = write!(told, "\n  shard {number}: {line}");
    }
    bail!(
        "{} of {} shards are not decoded; each with the line that does it (or delete '{}', and all that is left is decoded here):{told}",
        lacking.len(),
        decoded.len(),
        list(folder)
    )
}

fn list(folder: &RunFolder) -> Utf8PathBuf {
    folder.cache().join("shards.json")
}
