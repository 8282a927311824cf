mod packing;
mod parts;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};

use super::*;
use crate::health::MOTION_BYTES;
use crate::video::samples::{TempDir, number_of, write};
use crate::video::{DecodeSettings, EncoderOptions, FaceCrop};

const SETTINGS: DecodeSettings = DecodeSettings {
    size: 32,
    max_frames: 4,
    face_crop: FaceCrop::WHOLE,
};

/// A folder of videos of 3, 4, 5 … frames.
struct Bench {
    dir: TempDir,
    paths: Vec<Utf8PathBuf>,
}

impl Bench {
    fn new(videos: u32) -> Self {
        let dir = TempDir::new();
        let paths = (0..videos)
            .map(|video| {
                let path = dir.path(&format!("{video}.mp4"));
                write(&path, (64, 64), 3 + video, EncoderOptions::default());
                path
            })
            .collect();
        Self { dir, paths }
    }

    fn cache_dir(&self) -> Utf8PathBuf {
        self.dir.path("cache")
    }

    fn try_fill(
        &self,
        settings: &DecodeSettings,
        threads: usize,
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Cache, CacheError> {
        let sources: Vec<Source<'_>> = self.paths.iter().map(Source::from).collect();
        fill(
            &self.cache_dir(),
            &sources,
            settings,
            threads,
            stop,
            progress,
        )
    }

    /// Fills, and says how many were found, decoded and failed.
    fn fill(&self, settings: &DecodeSettings) -> (Cache, [usize; 3]) {
        let counts = Mutex::new([0; 3]);
        let count = |progress| {
            let which = match progress {
                Progress::Found(_) => 0,
                Progress::Decoded(_) => 1,
                Progress::Failed(_) => 2,
            };
            counts.lock().unwrap()[which] += 1;
        };
        let cache = self
            .try_fill(settings, 2, &AtomicBool::new(false), &count)
            .unwrap();
        assert_eq!(cache.len(), self.paths.len());
        (cache, counts.into_inner().unwrap())
    }
}

/// Everything that a cache answers.
fn answers(cache: &Cache) -> Vec<String> {
    (0..cache.len())
        .map(|index| match cache.video(index) {
            Ok(video) => format!(
                "{:?} {:?} {} {}",
                video.facts,
                video.kept,
                video.size,
                blake3::hash(&video.pixels.read().unwrap())
            ),
            Err(reason) => reason.to_owned(),
        })
        .collect()
}

fn append(path: &Utf8Path, bytes: &[u8]) {
    let mut all = fs_err::read(path).unwrap();
    all.extend(bytes);
    fs_err::write(path, all).unwrap();
}

#[test]
fn the_second_run_decodes_nothing() {
    let bench = Bench::new(5);
    let (first, counts) = bench.fill(&SETTINGS);
    assert_eq!(counts, [0, 5, 0]);
    for (index, path) in bench.paths.iter().enumerate() {
        let (cached, decoded) = (
            first.video(index).unwrap(),
            crate::video::decode(path, &SETTINGS).unwrap(),
        );
        assert_eq!(
            (
                cached.facts,
                cached.kept,
                cached.size,
                &cached.pixels.read().unwrap()[..]
            ),
            (decoded.facts, &decoded.kept[..], 32, &decoded.pixels[..])
        );
    }
    let (second, counts) = bench.fill(&SETTINGS);
    assert_eq!(counts, [5, 0, 0]);
    assert_eq!(answers(&first), answers(&second));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let expected = answers(&Bench::new(9).fill(&SETTINGS).0);
    for threads in [1, 3, 50] {
        let bench = Bench::new(9);
        let cache = bench
            .try_fill(&SETTINGS, threads, &AtomicBool::new(false), &|_| ())
            .unwrap();
        assert_eq!(answers(&cache), expected);
    }
}

#[test]
fn moved_files_are_found_and_changed_ones_decoded_again() {
    let mut bench = Bench::new(4);
    bench.fill(&SETTINGS);
    let moved = bench.dir.path("elsewhere.mp4");
    fs_err::rename(&bench.paths[1], &moved).unwrap();
    bench.paths[1] = moved;
    write(&bench.paths[2], (64, 64), 9, EncoderOptions::default());
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!(counts, [3, 1, 0]);
    assert_eq!(cache.video(2).unwrap().facts.frames, 9);
    assert_eq!(
        number_of(
            &cache.video(1).unwrap().pixels.read().unwrap()[3 * 32 * 32 * 3..],
            32
        ),
        3
    );
}

#[test]
fn copies_are_decoded_once() {
    let mut bench = Bench::new(2);
    let copy = bench.dir.path("copy.mp4");
    fs_err::copy(&bench.paths[0], &copy).unwrap();
    bench.paths.push(copy);
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!(counts, [1, 2, 0]);
    assert_eq!(cache.fingerprint(0), cache.fingerprint(2));
    assert_ne!(cache.fingerprint(0), cache.fingerprint(1));
    assert_eq!(
        cache.video(0).unwrap().pixels.read().unwrap(),
        cache.video(2).unwrap().pixels.read().unwrap()
    );
}

#[test]
fn other_settings_are_kept_side_by_side() {
    let bench = Bench::new(2);
    let larger = DecodeSettings {
        size: 40,
        ..SETTINGS
    };
    let before = answers(&bench.fill(&SETTINGS).0);
    let (cache, counts) = bench.fill(&larger);
    assert_eq!((counts, cache.video(0).unwrap().size), ([0, 2, 0], 40));
    let cut = DecodeSettings {
        face_crop: FaceCrop {
            right: 0.5,
            ..FaceCrop::WHOLE
        },
        ..SETTINGS
    };
    let (cache, counts) = bench.fill(&cut);
    assert_eq!(counts, [0, 2, 0]);
    assert_ne!(answers(&cache), before);
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&cache)), ([2, 0, 0], before));
}

#[test]
fn failures_are_rows_and_are_remembered() {
    let mut bench = Bench::new(2);
    let (text, missing) = (bench.dir.path("text.mp4"), bench.dir.path("missing.mp4"));
    fs_err::write(&text, b"").unwrap();
    bench.paths.extend([text, missing.clone()]);
    for counts in [[0, 2, 2], [2, 0, 2]] {
        let (cache, counted) = bench.fill(&SETTINGS);
        assert_eq!(counted, counts);
        assert_eq!(cache.video(2).unwrap_err(), "is an empty file");
        assert_eq!(
            cache.video(3).unwrap_err(),
            "cannot be read: entity not found"
        );
        assert!(cache.fingerprint(2).is_some() && cache.fingerprint(3).is_none());
    }
    write(&missing, (64, 64), 20, EncoderOptions::default());
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!(
        (counts, cache.video(3).unwrap().facts.frames),
        ([2, 1, 1], 20)
    );
}

#[test]
fn what_a_killed_run_left_behind_is_repaired() {
    let bench = Bench::new(3);
    let expected = answers(&bench.fill(&SETTINGS).0);
    let (data, index) = (
        bench.cache_dir().join("frames.bin"),
        bench.cache_dir().join("index.jsonl"),
    );
    // Frames without a line, and half a line.
    append(&data, &[9; 1000]);
    append(&index, b"{\"fingerprint\":\"00");
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&cache)), ([3, 0, 0], expected.clone()));
    drop(cache);
    // A line torn off, as by a full disk.
    let bytes = fs_err::read(&index).unwrap();
    fs_err::write(&index, &bytes[..bytes.len() - 10]).unwrap();
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&cache)), ([2, 1, 0], expected.clone()));
    drop(cache);
    // Lines whose frames never reached the disk.
    let bytes = fs_err::read(&data).unwrap();
    fs_err::write(&data, &bytes[..bytes.len() - 10]).unwrap();
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&cache)), ([2, 1, 0], expected.clone()));
    drop(cache);
    // Something else altogether.
    fs_err::write(&index, b"hello\n").unwrap();
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&cache)), ([0, 3, 0], expected));
}

#[test]
fn an_interrupted_run_is_gone_on_with() {
    let bench = Bench::new(8);
    let stop = AtomicBool::new(false);
    let raise = |progress| {
        if matches!(progress, Progress::Decoded(_)) {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let error = bench.try_fill(&SETTINGS, 1, &stop, &raise).unwrap_err();
    assert!(
        matches!(
            error,
            CacheError::Interrupted {
                finished: 1,
                total: 8
            }
        ),
        "{error}"
    );
    let (_, counts) = bench.fill(&SETTINGS);
    assert_eq!(counts, [1, 7, 0]);
    // Nothing is left to stop.
    let cache = bench.try_fill(&SETTINGS, 1, &AtomicBool::new(true), &|_| ());
    assert!(matches!(
        cache,
        Err(CacheError::Interrupted { finished: 0, .. })
    ));
}

#[test]
fn a_folder_is_filled_by_one_run_at_a_time() {
    let bench = Bench::new(1);
    let busy = AtomicBool::new(false);
    let again = |_| {
        let second = bench.try_fill(&SETTINGS, 1, &AtomicBool::new(false), &|_| ());
        busy.store(
            matches!(second, Err(CacheError::Busy { .. })),
            Ordering::Relaxed,
        );
    };
    bench
        .try_fill(&SETTINGS, 1, &AtomicBool::new(false), &again)
        .unwrap();
    assert!(busy.load(Ordering::Relaxed));
}

#[test]
fn folders_that_cannot_be_used_are_named() {
    let bench = Bench::new(1);
    fs_err::write(bench.cache_dir(), b"a file").unwrap();
    let error = bench
        .try_fill(&SETTINGS, 1, &AtomicBool::new(false), &|_| ())
        .unwrap_err();
    assert!(matches!(error, CacheError::Unusable { .. }) && error.to_string().contains("cache"));
    fs_err::remove_file(bench.cache_dir()).unwrap();
    fs_err::create_dir(bench.cache_dir()).unwrap();
    fs_err::write(
        bench.cache_dir().join("index.jsonl"),
        "{\"rdfer_audit_cache\":9}\n",
    )
    .unwrap();
    let error = bench
        .try_fill(&SETTINGS, 1, &AtomicBool::new(false), &|_| ())
        .unwrap_err();
    assert!(
        matches!(error, CacheError::Newer { found: 9, .. }),
        "{error}"
    );
}

#[test]
fn no_videos_at_all() {
    let (cache, counts) = Bench::new(0).fill(&SETTINGS);
    assert!(cache.is_empty());
    assert_eq!(counts, [0; 3]);
}
