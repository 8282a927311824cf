//! Whether the disk has room for the decoded frames, before any is decoded.

use anyhow::bail;
use camino::Utf8Path;

use crate::cache::Packing;
use crate::manifest::Manifest;
use crate::rows::folder::RunFolder;
use crate::settings::Settings;
use crate::video::{count_frames, evenly_spread};

/// How many videos are looked at for the length of all.
const SAMPLE: usize = 24;

/// Refuses a run whose decoded frames would not fit on the disk, by the lengths of some of its videos; those that are there
/// already need no room. Frames that are kept compressed take less than anybody can say: nothing is refused then.
///
/// # Errors
///
/// If the frames take more than there is free.
pub(crate) fn check(
    manifest: &Manifest,
    folder: &RunFolder,
    settings: &Settings,
) -> anyhow::Result<()> {
    if settings.cache.frames != Packing::Raw {
        return Ok(());
    }
    let needed = needed(manifest, settings).saturating_sub(size(&folder.cache()));
    match free(folder.root()) {
        Some(free) if needed > free => bail!(
            "decoded frames take about {}, but where '{}' lies {} are free; name another disk with --out, make room, or keep frames compressed with --set cache.frames=compressed",
            amount(needed),
            folder.root(),
            amount(free)
        ),
        _ => Ok(()),
    }
}

/// About how many bytes the frames of all videos take.
fn needed(manifest: &Manifest, settings: &Settings) -> u64 {
    let videos = manifest.videos.len();
    let sample = evenly_spread(videos, SAMPLE.min(videos));
    let lengths: Vec<usize> = sample
        .iter()
        .filter_map(|&video| count_frames(&manifest.videos[video as usize].path))
        .map(|frames| frames.min(settings.video.max_frames))
        .collect();
    let mean = lengths.iter().sum::<usize>() as f64 / lengths.len().max(1) as f64;
    (mean * videos as f64 * settings.video.frame_bytes() as f64) as u64
}

/// The bytes of the files in a folder and the folders in it; none where there is no such folder.
fn size(folder: &Utf8Path) -> u64 {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(entry.path()),
        _ => entry.metadata().map_or(0, |metadata| metadata.len()),
    });
    sizes.sum()
}

/// The bytes that are free where a folder lies, or would.
#[cfg(unix)]
fn free(folder: &Utf8Path) -> Option<u64> {
    let there = folder.ancestors().find(|folder| folder.exists());
    let there = there
        .filter(|folder| !folder.as_str().is_empty())
        .unwrap_or(Utf8Path::new("."));
    let found = rustix::fs::statvfs(there.as_std_path()).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Utf8Path) -> Option<u64> {
    None
}

fn amount(bytes: u64) -> String {
    match bytes {
        ..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
