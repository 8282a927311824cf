//! Filling the cache: workers fingerprint, decode and append.
//!
//! Workers take videos from the list one after the other, and each appends what it decoded before it goes on, one of them at a
//! time: a twentieth of the work. So each holds one video at any time, and its memory serves for the next one, still warm.
//! Which worker decodes what, and hence the order in the frame file, is left to chance; nothing that [`Cache`] answers
//! depends on it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::Cache;
use super::decoding::Decoding;
use super::error::CacheError;
use super::fingerprint::{Fingerprint, fingerprint};
use super::packing::{Packing, pack};
use super::record::Outcome;
use super::stock::{self, Stock};
use super::store::Store;
use crate::face::{FaceFinder, Followed, Follower};
use crate::health::Measured;
use crate::video::{DecodeError, DecodeProblem, DecodedVideo, decode};

/// A video to be cached.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name in logs.
    pub id: &'a str,
    /// A video file or a folder of frames.
    pub path: &'a Utf8Path,
    /// Its fingerprint, where that is known; else all of it is read for it.
    pub content: Option<Fingerprint>,
}

/// A video that is called by its path.
impl<'a, T: AsRef<Utf8Path> + ?Sized> From<&'a T> for Source<'a> {
    fn from(path: &'a T) -> Self {
        let path = path.as_ref();
        Self {
            id: path.as_str(),
            path,
            content: None,
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

/// Sees to it that every source is decoded as `decoding` says and in the cache folder, or a part of it, with so many worker
/// threads.
///
/// # Errors
/// When the folder cannot be used or written, or when `stop` was raised before the end. A video that cannot be decoded is
/// no error: [`Cache::video`] gives its reason.
pub fn fill<'a, 'b>(
    folder: impl Into<CacheFolder<'a>>,
    sources: &[Source<'_>],
    decoding: impl Into<Decoding<'b>>,
    threads: usize,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Cache, CacheError> {
    let CacheFolder { dir, packing } = folder.into();
    let decoding = decoding.into();
    let kind = decoding.frames();
    let store = Store::open(dir, kind.clone())?;
    let others = Stock::of(stock::parts(dir)?, &kind)?;
    let task = Task {
        sources,
        decoding,
        packing,
        stop,
        progress,
    };
    task.done(threads, store, others)
}

/// The same, but what is new is written to a part of the cache folder, so that other processes may fill the folder itself and
/// further parts at the same time; and the part's folder. Where another process fills this very part, and has perhaps died on
/// a machine that does not tell so, it is a folder beside.
///
/// # Errors
/// As [`fill`].
pub fn fill_part<'a, 'b>(
    (folder, number): (impl Into<CacheFolder<'a>>, usize),
    sources: &[Source<'_>],
    decoding: impl Into<Decoding<'b>>,
    threads: usize,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Cache, Utf8PathBuf), CacheError> {
    let CacheFolder { dir, packing } = folder.into();
    let decoding = decoding.into();
    let kind = decoding.frames();
    let mut attempt = 0;
    let (store, part) = loop {
        let part = stock::part(dir, number, attempt);
        match Store::open(&part, kind.clone()) {
            Err(CacheError::Busy { .. }) if attempt < MOST_ATTEMPTS => attempt += 1,
            store => break (store?, part),
        }
    };
    let mut others = stock::parts(dir)?;
    others.retain(|other| *other != part);
    others.push(dir.to_owned());
    let others = Stock::of(others, &kind)?;
    let task = Task {
        sources,
        decoding,
        packing,
        stop,
        progress,
    };
    Ok((task.done(threads, store, others)?, part))
}

/// Processes that fill one part at the same time before a further one is refused.
const MOST_ATTEMPTS: usize = 16;

/// What is to be done.
#[derive(Clone, Copy)]
struct Task<'a> {
    sources: &'a [Source<'a>],
    decoding: Decoding<'a>,
    packing: Packing,
    stop: &'a AtomicBool,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl Task<'_> {
    /// Does it; new videos go to `store`, and those of `others` are not decoded again.
    fn done(self, threads: usize, store: Store, others: Stock) -> Result<Cache, CacheError> {
        let sources = self.sources;
        let threads = threads.clamp(1, sources.len().max(1));
        let known = || store.outcomes().iter().chain(others.outcomes());
        let failed_before = known()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Failure { .. }))
            .map(|(fingerprint, _)| *fingerprint)
            .collect();
        let claimed = known().map(|(fingerprint, _)| *fingerprint).collect();
        let work = Work {
            task: self,
            next: AtomicUsize::new(0),
            claimed: Mutex::new(claimed),
            failed_before,
            store: Mutex::new(store),
        };
        let mut videos = vec![None; sources.len()];
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work.run())).collect();
            for worker in workers {
                let identities = worker.join().unwrap_or_else(|why| resume_unwind(why))?;
                for (index, identity) in identities {
                    videos[index] = Some(identity);
                }
            }
            Ok::<_, CacheError>(())
        })?;
        let store = work.store.into_inner();
        let store = store.unwrap_or_else(PoisonError::into_inner);
        let (outcomes, frames) = store.finish()?;
        let finished = videos.iter().flatten().count();
        let videos: Option<Vec<_>> = videos.into_iter().collect();
        let Some(videos) = videos else {
            return Err(CacheError::Interrupted {
                finished,
                total: sources.len(),
            });
        };
        let mut stock = Stock::default();
        stock.add(outcomes, frames);
        stock.extend(others);
        Ok(Cache {
            size: self.decoding.settings.size,
            follow: self.decoding.frames().follow,
            stock,
            videos,
        })
    }
}

/// A video's fingerprint, or why its bytes cannot be read.
type Identity = Result<Fingerprint, String>;

/// A video that was decoded just now.
struct Fresh {
    video: DecodedVideo,
    /// What following a face came to.
    face: Option<Followed>,
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

/// What the workers share.
struct Work<'a> {
    task: Task<'a>,
    next: AtomicUsize,
    /// Content that is in the cache, or that some worker has taken on.
    claimed: Mutex<BTreeSet<Fingerprint>>,
    failed_before: BTreeSet<Fingerprint>,
    store: Mutex<Store>,
}

impl Work<'_> {
    /// One worker's life; the videos that it saw to.
    fn run(&self) -> Result<Vec<(usize, Identity)>, CacheError> {
        let mut seen = Vec::new();
        let follower = self.task.decoding.follower;
        let mut finder = follower.map(Follower::finder);
        while !self.task.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(source) = self.task.sources.get(index) else {
                break;
            };
            let (identity, progress) =
                self.process(index, source, finder.as_mut())
                    .inspect_err(|_| {
                        // What one worker cannot write, no other can.
                        self.next.store(self.task.sources.len(), Ordering::Relaxed);
                    })?;
            seen.push((index, identity));
            (self.task.progress)(progress);
        }
        Ok(seen)
    }

    fn process(
        &self,
        index: usize,
        source: &Source<'_>,
        finder: Option<&mut FaceFinder>,
    ) -> Result<(Identity, Progress), CacheError> {
        let known = source.content.map(Ok);
        let fingerprint = match known.unwrap_or_else(|| fingerprint(source.path)) {
            Ok(fingerprint) => fingerprint,
            Err(source) => {
                let reason = DecodeProblem::Unreadable { source }.reason();
                return Ok((Err(reason), Progress::Failed(index)));
            }
        };
        let progress = if lock(&self.claimed).insert(fingerprint) {
            self.add(fingerprint, (index, source), finder)?
        } else if self.failed_before.contains(&fingerprint) {
            Progress::Failed(index)
        } else {
            Progress::Found(index)
        };
        Ok((Ok(fingerprint), progress))
    }

    /// Decodes a video that is new and appends what came of it.
    fn add(
        &self,
        fingerprint: Fingerprint,
        (index, source): (usize, &Source<'_>),
        finder: Option<&mut FaceFinder>,
    ) -> Result<Progress, CacheError> {
        let Decoding { settings, follower } = self.task.decoding;
        let decoded = guarded(source, || {
            let (video, face) = match follower.zip(finder) {
                None => (decode(source.path, settings)?, None),
                Some((follower, finder)) => {
                    let (video, face) = follower.decode(finder, source.path, settings)?;
                    (video, Some(face))
                }
            };
            let measured = Measured::new(&video, settings.size);
            // Compressing fails where memory does; then the frames are kept as they are.
            let packed = match self.task.packing {
                Packing::Raw => None,
                Packing::Compressed => pack(&video.pixels, settings.frame_bytes()).ok(),
            };
            Ok(Fresh {
                video,
                face,
                measured,
                packed,
            })
        });
        let mut store = lock(&self.store);
        match decoded {
            Ok(fresh) => {
                store.append(
                    fingerprint,
                    (&fresh.video, fresh.face),
                    fresh.measured,
                    fresh.packed.as_deref(),
                )?;
                Ok(Progress::Decoded(index))
            }
            Err(failure) => {
                store.append_failure(fingerprint, failure.reason, failure.lasting)?;
                Ok(Progress::Failed(index))
            }
        }
    }
}

/// What is locked here is whole whatever happened to the thread that held it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            content: None,
        };
        let failure = guarded(&source, || panic!("on purpose")).err().unwrap();
        assert!(failure.reason.contains("panic") && !failure.lasting);
    }
}
