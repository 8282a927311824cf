//! What a traced network sees in decoded frames: rows that stand for them from then on, as given ones do.

use anyhow::Context;
use tracing::info;

use super::Setup;
use crate::cache::{Cache, CachedVideo, DecodedFrames, Given, GivenVideo, Rows};
use crate::clip::sampler::windows;
use crate::interrupt;
use crate::manifest::Manifest;
use crate::model::traced::TracedNetwork;
use crate::settings::Settings;
use crate::telemetry::Progress;
use crate::train::features;

/// The rows of all videos, from the cache or made now.
///
/// # Errors
///
/// If they cannot be read or written, the network fails, or somebody interrupts.
pub(crate) fn see(
    network: &TracedNetwork,
    (manifest, cache): (&Manifest, &Cache),
    setup: Setup,
) -> anyhow::Result<Given> {
    let settings = &setup.resolved.settings;
    let given = wanted(network, (manifest, cache), settings)?;
    let dir = setup.folder.cache();
    if given.features(&dir)?.is_some() {
        info!("what the network sees is known already");
        return Ok(given);
    }
    tch::set_num_threads(settings.thread_count() as i32);
    let count = given.videos.iter().map(|video| u64::from(video.rows)).sum();
    let bar = Progress::start("features", count);
    let made = given.keep(&dir, |index| {
        interrupt::check(setup.stop)?;
        let video = &given.videos[index];
        let rows = match cache.video(index) {
            Ok(frames) if video.rows > 0 => {
                let windows = windows_of(network, &frames);
                features::of_windows(network, frames, &windows, given.rows.is_mirrored)
                    .with_context(|| format!("'{}' has no features", video.id))?
            }
            _ => Vec::new(),
        };
        anyhow::ensure!(
            rows.len() == given.bytes(index),
            "the network in '{}' answers with other numbers than on trial: does it fix a batch size?",
            network.traced().path()
        );
        bar.advance(u64::from(video.rows));
        Ok(rows)
    });
    bar.finish();
    made?;
    Ok(given)
}

/// What the rows will be, which nobody need compute to find them.
fn wanted(
    network: &TracedNetwork,
    (manifest, cache): (&Manifest, &Cache),
    settings: &Settings,
) -> anyhow::Result<Given> {
    let traced = network.traced();
    let mut by = serde_json::to_string(&(traced.digest(), &settings.video))?;
    if let Some(follow) = cache.follow() {
        by += &serde_json::to_string(follow)?;
    }
    let of = |index: usize| {
        let id = manifest.videos[index].id.clone();
        let found = cache.video(index).map_err(str::to_owned);
        let found = found.and_then(|frames| {
            let content = cache.fingerprint(index).filter(|_| !frames.kept.is_empty());
            Ok((frames, content.ok_or("has no frames")?))
        });
        let (frames, content) = match found {
            Ok(found) => found,
            Err(why) => {
                return GivenVideo {
                    id,
                    rows: 0,
                    frames: 0,
                    content: Err(why),
                    decoded: None,
                };
            }
        };
        let middle = |window: &Vec<usize>| frames.kept[window[window.len() / 2]];
        let at: Vec<u32> = windows_of(network, &frames).iter().map(middle).collect();
        GivenVideo {
            id,
            rows: at.len() as u32,
            frames: frames.facts.frames,
            content: Ok(blake3::hash(format!("{by} {content}").as_bytes()).into()),
            decoded: Some(DecodedFrames {
                facts: frames.facts,
                at,
            }),
        }
    };
    Ok(Given {
        rows: Rows {
            width: traced.width(),
            is_mirrored: settings.train.flip > 0.0 || settings.clips.flip,
        },
        videos: (0..cache.len()).map(of).collect(),
    })
}

/// The windows of a video's kept frames that the network is shown.
fn windows_of(network: &TracedNetwork, frames: &CachedVideo) -> Vec<Vec<usize>> {
    let card = network.traced().card();
    let kept = frames.kept.len();
    let fps = frames.facts.fps * kept as f32 / frames.facts.frames.max(1) as f32;
    windows(kept, card.frames, card.step(fps))
}
