//! What the input costs of a training step: `cargo bench --package rdfer-lab --bench input [-- PRESET STEPS]`, `cpu` and five steps by default.
//!
//! The same batches are loaded and varied as in training, once with a network that does nothing, and once with a preset's
//! network, its loss, backward pass and optimiser. The processor time of all threads counts, of the median step.
//! `OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0` keeps the time of idle threads out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

#[path = "../../src/bin/allocator/mod.rs"]
mod allocator;

use std::sync::atomic::AtomicBool;

use camino::{Utf8Path, Utf8PathBuf};
use rdfer_audit::cache::{self, Cache, CacheFolder, Packing, Source};
use rdfer_audit::clip::loader::{self, ClipRequest, LoadError, for_each_batch};
use rdfer_audit::clip::sampler::training_clip;
use rdfer_audit::clip::transform::{AugmentSettings, Augmentation, network_input};
use rdfer_audit::model::{Mode, Rdfer};
use rdfer_audit::seed::Seed;
use rdfer_audit::settings::{Layers, Settings};
use rdfer_audit::train::loss::loss;
use rdfer_audit::video::{EncoderOptions, VideoEncoder};
use tch::nn::{AdamW, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor};

const VIDEOS: usize = 48;
const CLASSES: i64 = 7;

fn main() {
    allocator::keep_freed_memory();
    let words = lab::arguments();
    let preset = words.first().map_or("cpu", String::as_str);
    let steps = words.get(1).map_or(5, |word| word.parse().unwrap());
    let settings = Layers::new().config(preset).resolve().unwrap().settings;
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let paths = encode(root);
    println!(
        "preset {preset}, batches of {} clips of {} frames, {steps} steps, {} threads",
        settings.train.batch_size,
        settings.clips.frames,
        settings.thread_count()
    );
    tch::set_num_threads(settings.thread_count() as i32);
    let mut network = Learner::new(&settings);
    let step = median(&times(
        &settings,
        &fill(root, &paths, &settings, Packing::Raw),
        steps,
        |clips| {
            network.learn(clips);
        },
    ));
    println!("{:<36} {step:.3} s", "a step of training");
    for (name, packing) in [("raw", Packing::Raw), ("compressed", Packing::Compressed)] {
        let cache = fill(root, &paths, &settings, packing);
        let input = median(&times(&settings, &cache, 3 * steps, |_| {}));
        println!(
            "{:<36} {input:.3} s, {:.1} % of a step",
            format!("its input alone, {name} frames"),
            100.0 * input / step
        );
    }
}

/// Videos of 64 frames that move.
fn encode(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    (0..VIDEOS as u32)
        .map(|number| {
            let path = root.join(format!("{number}.mp4"));
            let mut encoder =
                VideoEncoder::create(&path, 128, 128, 25, EncoderOptions::default()).unwrap();
            for frame in 0..64 {
                let pixels: Vec<u8> = (0..128 * 128_u32)
                    .flat_map(|at| {
                        let (x, y) = (at % 128 + frame * 2, at / 128 + number * 5);
                        [(x + y) as u8, (y * x / 97) as u8, (x ^ y) as u8]
                    })
                    .collect();
                encoder.push(&pixels).unwrap();
            }
            encoder.finish().unwrap();
            path
        })
        .collect()
}

fn fill(root: &Utf8Path, paths: &[Utf8PathBuf], settings: &Settings, packing: Packing) -> Cache {
    let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
    let dir = root.join(format!("{packing:?}"));
    let folder = CacheFolder { dir: &dir, packing };
    let threads = settings.thread_count();
    cache::fill(
        folder,
        &sources,
        &settings.video,
        threads,
        &AtomicBool::new(false),
        &|_| {},
    )
    .unwrap()
}

/// Seconds of processor time of every step but the first, which warms up.
fn times(
    settings: &Settings,
    cache: &Cache,
    steps: usize,
    mut network: impl FnMut(&Tensor),
) -> Vec<f64> {
    let varied = AugmentSettings {
        crop_scale_min: settings.train.crop_scale_min,
        flip: settings.train.flip,
        color_jitter: settings.train.color_jitter,
    };
    let request = |number: usize| {
        let video = number * 7 % VIDEOS;
        let frames = cache.video(video).unwrap().kept.len();
        ClipRequest {
            video,
            clip: training_clip(&settings.clips, frames, Seed(0), &video.to_string(), number),
            augmentation: Augmentation::draw(&varied, &mut Seed(0).stream("bench", number)),
        }
    };
    let size = settings.train.batch_size;
    let batches =
        (0..=steps).map(|batch| (batch * size..(batch + 1) * size).map(request).collect());
    let mut times = Vec::new();
    let mut before = processor_seconds();
    let source = loader::Source::Frames(cache, settings.model.input);
    for_each_batch(source, batches, |batch| {
        let augmentations: Vec<Augmentation> =
            batch.requests.iter().map(|r| r.augmentation).collect();
        let (input, size) = (settings.model.input, settings.model.size);
        network(&network_input(&batch.frames, &augmentations, input, size));
        let now = processor_seconds();
        times.push(now - before);
        before = now;
        Ok::<(), LoadError>(())
    })
    .unwrap();
    times.split_off(1)
}

/// A preset's network while it learns.
struct Learner {
    network: Rdfer,
    optimizer: tch::nn::Optimizer,
    settings: Settings,
    kind: Kind,
    _store: VarStore,
}

impl Learner {
    fn new(settings: &Settings) -> Self {
        tch::manual_seed(0);
        let store = VarStore::new(Device::Cpu);
        let frames = settings.clips.frames;
        let network = Rdfer::new(&store.root(), &settings.model, frames, CLASSES as usize);
        let optimizer = AdamW::default().build(&store, 1e-5).unwrap();
        Self {
            network,
            optimizer,
            settings: settings.clone(),
            kind: settings.train.precision.kind(Device::Cpu),
            _store: store,
        }
    }

    fn learn(&mut self, clips: &Tensor) {
        let labels = Tensor::arange(clips.size()[0], (Kind::Int64, Device::Cpu)).remainder(CLASSES);
        let targets = labels.one_hot(CLASSES).to_kind(Kind::Float);
        let weights = labels.ones_like().to_kind(Kind::Float);
        let mut random = Seed(0).stream("dropout", "");
        let output = self
            .network
            .forward(clips, self.kind, &mut Mode::Train(&mut random));
        let loss = loss(&output, &targets, &weights, &self.settings.train);
        self.optimizer.backward_step(&loss);
        assert!(loss.double_value(&[]).is_finite());
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The processor time of all threads of this process; Linux counts it in hundredths of a second.
fn processor_seconds() -> f64 {
    let text = fs_err::read_to_string("/proc/self/stat").unwrap();
    // The program's name stands in parentheses and may hold blanks; user and system time are the 12th and 13th after it.
    let after = text.rsplit_once(')').unwrap().1;
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.map(|word| word.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}
