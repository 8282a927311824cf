//! From files to the network's input.

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use camino::{Utf8Path, Utf8PathBuf};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use rdfer_audit::cache::{self, Cache, CacheFolder, Packing, Source};
use rdfer_audit::clip::ClipSettings;
use rdfer_audit::clip::sampler::{scoring_clips, training_clip};
use rdfer_audit::clip::transform::{AugmentSettings, Augmentation, InputKind, network_input};
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{
    self, DecodeSettings, EncoderCodec, EncoderOptions, EncoderPixels, VideoEncoder,
};
use tch::{Device, Kind, Tensor};

/// Frames of a video.
const FRAMES: u32 = 75;

/// Videos in the cache that is read.
const CACHED: usize = 20;

/// Files that live as long as the program.
struct Files {
    folder: tempfile::TempDir,
}

static FILES: LazyLock<Files> = LazyLock::new(|| Files {
    folder: tempfile::tempdir().unwrap(),
});

impl Files {
    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.folder.path()).unwrap().join(name)
    }

    /// A video file of moving stripes; made once.
    fn video(&self, width: u32, height: u32, number: u32) -> Utf8PathBuf {
        let path = self.path(&format!("{width}x{height}-{number}.mp4"));
        if !path.exists() {
            let mut encoder =
                VideoEncoder::create(&path, width, height, 25, EncoderOptions::default()).unwrap();
            for frame in 0..FRAMES {
                encoder
                    .push(&stripes(width, height, frame + 7 * number))
                    .unwrap();
            }
            encoder.finish().unwrap();
        }
        path
    }

    /// The same as a folder of JPEG images.
    fn folder(&self, edge: u32) -> Utf8PathBuf {
        let folder = self.path(&format!("jpeg-{edge}"));
        if !folder.exists() {
            fs_err::create_dir(&folder).unwrap();
            let options = EncoderOptions {
                codec: EncoderCodec::Mjpeg,
                pixels: EncoderPixels::Yuv420,
                quality: 4,
                ..EncoderOptions::default()
            };
            for frame in 0..FRAMES {
                let path = folder.join(format!("{frame:05}.jpg"));
                let mut encoder = VideoEncoder::create(&path, edge, edge, 25, options).unwrap();
                encoder.push(&stripes(edge, edge, frame)).unwrap();
                encoder.finish().unwrap();
            }
        }
        folder
    }
}

fn stripes(width: u32, height: u32, frame: u32) -> Vec<u8> {
    (0..width * height)
        .flat_map(|at| {
            let (x, y) = (at % width + frame * 2, at / width + frame);
            [(x / 2 + y) as u8, (y * x / 97) as u8, (x ^ y) as u8]
        })
        .collect()
}

#[divan::bench(args = [(224, 224), (640, 480), (1280, 720)], sample_count = 10, sample_size = 1)]
fn decode_mp4(bencher: Bencher, (width, height): (u32, u32)) {
    let path = FILES.video(width, height, 0);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| video::decode(&path, &DecodeSettings::default()).unwrap());
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn decode_jpeg_folder(bencher: Bencher) {
    let path = FILES.folder(224);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| video::decode(&path, &DecodeSettings::default()).unwrap());
}

/// A filled cache; what is in its folder already is found.
fn filled(packing: Packing) -> Cache {
    let paths: Vec<Utf8PathBuf> = (0..CACHED)
        .map(|number| FILES.video(224, 224, number as u32))
        .collect();
    let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
    let dir = FILES.path(&format!("{packing:?}"));
    let folder = CacheFolder { dir: &dir, packing };
    let (settings, never) = (DecodeSettings::default(), AtomicBool::new(false));
    cache::fill(folder, &sources, &settings, 2, &never, &|_| {}).unwrap()
}

/// The second run on the same data: fingerprints and the index are read, nothing is decoded.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn cache_found(bencher: Bencher) {
    filled(Packing::Raw);
    bencher
        .counter(ItemsCount::new(CACHED))
        .bench_local(|| filled(Packing::Raw));
}

/// All frames of all videos out of the cache.
#[divan::bench(args = [Packing::Raw, Packing::Compressed])]
fn cache_read(bencher: Bencher, packing: Packing) {
    let cache = filled(packing);
    let bytes: usize = (0..cache.len())
        .map(|index| cache.video(index).unwrap().pixels.len())
        .sum();
    let mut frames = vec![0; bytes / CACHED];
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for index in 0..cache.len() {
            frames.copy_from_slice(&cache.video(index).unwrap().pixels.read().unwrap());
            black_box(&mut frames);
        }
    });
}

#[divan::bench]
fn scoring_clips_of_a_video(bencher: Bencher) {
    let settings = ClipSettings::default();
    bencher
        .counter(ItemsCount::new(settings.count))
        .bench_local(|| scoring_clips(&settings, black_box(64), Seed(0), "part/0001.mp4"));
}

#[divan::bench]
fn training_clip_of_a_video(bencher: Bencher) {
    let settings = ClipSettings::default();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| training_clip(&settings, black_box(64), Seed(0), "part/0001.mp4", 3));
}

/// Eight clips of 16 frames of 112×112, varied as for training or plain as for scoring; on one thread of libtorch.
#[divan::bench(args = [true, false], sample_count = 20, sample_size = 1)]
fn network_input_of_eight_clips(bencher: Bencher, varied: bool) {
    tch::set_num_threads(1);
    let (clips, frames) = (8_usize, 16);
    let stored = Tensor::randint(
        256,
        [clips as i64, frames, 112, 112, 3],
        (Kind::Uint8, Device::Cpu),
    );
    let settings = AugmentSettings {
        crop_scale_min: 0.7,
        flip: 0.5,
        color_jitter: 0.4,
    };
    let mut random = Seed(0).stream("bench", "");
    let augmentations: Vec<Augmentation> = (0..clips)
        .map(|_| {
            if varied {
                Augmentation::draw(&settings, &mut random)
            } else {
                Augmentation::none(false)
            }
        })
        .collect();
    bencher
        .counter(ItemsCount::new(clips))
        .bench_local(|| network_input(&stored, &augmentations, InputKind::Rgb, 112));
}
