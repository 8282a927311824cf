//! Filling the cache: workers fingerprint and decode, one writer appends.
//!
//! Workers take videos from the list one after the other and hand what they decode to the writer through a bounded
//! channel, so that at most a handful of videos is in memory at any time. Which worker decodes what, and hence the order
//! in the frame file, is left to chance; nothing that [`Cache`] answers depends on it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::Utf8Path;
use crossbeam_channel::{Receiver, Sender, bounded};

use super::Cache;
use super::error::CacheError;
use super::fingerprint::{Fingerprint, fingerprint};
use super::packing::{Packing, pack};
use super::record::Outcome;
use super::store::Store;
use crate::health::Measured;
use crate::video::{DecodeError, DecodeProblem, DecodeSettings, DecodedVideo, decode};

/// A video to be cached.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name in logs.
    pub id: &'a str,
    /// A video file or a folder of frames.
    pub path: &'a Utf8Path,
}

/// A video that is called by its path.
impl<'a, T: AsRef<Utf8Path> + ?Sized> From<&'a T> for Source<'a> {
    fn from(path: &'a T) -> Self {
        let path = path.as_ref();
        Self {
            id: path.as_str(),
            path,
        }
    }
}

/// A cache folder, and how frames that are new to it are kept. A path alone stands for raw frames.
#[derive(Debug, Clone, Copy)]
pub struct CacheFolder<'a> {
    /// The folder.
    pub dir: &'a Utf8Path,
    /// How new frames are kept; those that are there are read however they are kept.
    pub packing: Packing,
}

impl<'a, T: AsRef<Utf8Path> + ?Sized> From<&'a T> for CacheFolder<'a> {
    fn from(dir: &'a T) -> Self {
        Self {
            dir: dir.as_ref(),
            packing: Packing::Raw,
        }
    }
}

/// What became of the video at an index of the list; told from the workers, in no particular order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its content was known already, or is that of another video in the list.
    Found(usize),
    /// It was decoded.
    Decoded(usize),
    /// It cannot be decoded, or its content is known for that.
    Failed(usize),
}

/// Sees to it that every source is decoded with `settings` and in the cache folder, with so many worker threads.
///
/// # Errors
/// When the folder cannot be used or written, or when `stop` was raised before the end. A video that cannot be decoded is
/// no error: [`Cache::video`] gives its reason.
pub fn fill<'a>(
    folder: impl Into<CacheFolder<'a>>,
    sources: &[Source<'_>],
    settings: &DecodeSettings,
    threads: usize,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Cache, CacheError> {
    let CacheFolder { dir, packing } = folder.into();
    let mut store = Store::open(dir, *settings)?;
    let threads = threads.clamp(1, sources.len().max(1));
    let (sender, receiver) = bounded(threads);
    let failed_before = store
        .outcomes()
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Failure { .. }))
        .map(|(fingerprint, _)| *fingerprint)
        .collect();
    let work = Work {
        sources,
        settings,
        packing,
        stop,
        progress,
        next: AtomicUsize::new(0),
        claimed: Mutex::new(store.outcomes().keys().copied().collect()),
        failed_before,
    };
    let videos = std::thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            let work = &work;
            scope.spawn(move || work.run(&sender));
        }
        // The workers' own copies keep the channel open until the last of them is done.
        drop(sender);
        write(&mut store, sources.len(), receiver)
    })?;
    let (outcomes, frames) = store.finish()?;
    let finished = videos.iter().flatten().count();
    let videos: Option<Vec<_>> = videos.into_iter().collect();
    let Some(videos) = videos else {
        return Err(CacheError::Interrupted {
            finished,
            total: sources.len(),
        });
    };
    Ok(Cache {
        size: settings.size,
        frames,
        outcomes,
        videos,
    })
}

/// One video, done.
struct Done {
    index: usize,
    identity: Result<Fingerprint, String>,
    /// What was decoded just now, if anything was.
    decoded: Option<Result<Fresh, Failure>>,
}

/// A video that was decoded just now.
struct Fresh {
    video: DecodedVideo,
    /// What it looks like.
    measured: Measured,
    /// Its frames compressed, where they are to be.
    packed: Option<Vec<u8>>,
}

/// Why a video was not decoded.
struct Failure {
    reason: String,
    lasting: bool,
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self {
            reason: error.problem.reason(),
            lasting: error.problem.is_lasting(),
        }
    }
}

/// Takes in what the workers send. When it fails, dropping the receiver ends them.
fn write(
    store: &mut Store,
    videos: usize,
    receiver: Receiver<Done>,
) -> Result<Vec<Option<Result<Fingerprint, String>>>, CacheError> {
    let mut identities = vec![None; videos];
    for done in receiver {
        if let (Ok(fingerprint), Some(decoded)) = (&done.identity, done.decoded) {
            match decoded {
                Ok(fresh) => {
                    let Fresh {
                        video,
                        measured,
                        packed,
                    } = fresh;
                    store.append(*fingerprint, video, measured, packed.as_deref())?;
                }
                Err(failure) => {
                    store.append_failure(*fingerprint, failure.reason, failure.lasting)?;
                }
            }
        }
        identities[done.index] = Some(done.identity);
    }
    Ok(identities)
}

/// What the workers share.
struct Work<'a> {
    sources: &'a [Source<'a>],
    settings: &'a DecodeSettings,
    packing: Packing,
    stop: &'a AtomicBool,
    progress: &'a (dyn Fn(Progress) + Sync),
    next: AtomicUsize,
    /// Content that is in the cache, or that some worker has taken on.
    claimed: Mutex<BTreeSet<Fingerprint>>,
    failed_before: BTreeSet<Fingerprint>,
}

impl Work<'_> {
    /// One worker's life.
    fn run(&self, sender: &Sender<Done>) {
        while !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(source) = self.sources.get(index) else {
                return;
            };
            let (done, progress) = self.process(index, source);
            if sender.send(done).is_err() {
                return;
            }
            (self.progress)(progress);
        }
    }

    fn process(&self, index: usize, source: &Source<'_>) -> (Done, Progress) {
        let fingerprint = match fingerprint(source.path) {
            Ok(fingerprint) => fingerprint,
            Err(source) => {
                let done = Done {
                    index,
                    identity: Err(DecodeProblem::Unreadable { source }.reason()),
                    decoded: None,
                };
                return (done, Progress::Failed(index));
            }
        };
        let identity = Ok(fingerprint);
        // A set of plain values is whole whatever happened to the thread that held it.
        let fresh = self
            .claimed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(fingerprint);
        let (decoded, progress) = if fresh {
            let decoded = guarded(source, || {
                let video = decode(source.path, self.settings)?;
                let measured = Measured::new(&video, self.settings.size);
                // Compressing fails where memory does; then the frames are kept as they are.
                let packed = match self.packing {
                    Packing::Raw => None,
                    Packing::Compressed => pack(&video.pixels, self.settings.frame_bytes()).ok(),
                };
                Ok(Fresh {
                    video,
                    measured,
                    packed,
                })
            });
            let progress = if decoded.is_ok() {
                Progress::Decoded(index)
            } else {
                Progress::Failed(index)
            };
            (Some(decoded), progress)
        } else if self.failed_before.contains(&fingerprint) {
            (None, Progress::Failed(index))
        } else {
            (None, Progress::Found(index))
        };
        let done = Done {
            index,
            identity,
            decoded,
        };
        (done, progress)
    }
}

/// Decodes and measures, and turns a panic into a reason: one bad file never ends a run.
fn guarded(
    source: &Source<'_>,
    decode: impl FnOnce() -> Result<Fresh, DecodeError>,
) -> Result<Fresh, Failure> {
    // Whatever the decoder was working on is dropped with it.
    if let Ok(decoded) = catch_unwind(AssertUnwindSafe(decode)) {
        return decoded.map_err(Failure::from);
    }
    tracing::error!(id = source.id, path = %source.path, "the decoder panicked");
    Err(Failure {
        reason:
            "made the decoder panic, which is a bug in rdfer-audit; please report it with the file"
                .to_owned(),
        lasting: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_reason_that_is_not_remembered() {
        let source = Source {
            id: "a",
            path: Utf8Path::new("a.mp4"),
        };
        let failure = guarded(&source, || panic!("on purpose")).err().unwrap();
        assert!(failure.reason.contains("panic") && !failure.lasting);
    }
}
