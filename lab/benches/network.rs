//! Videos per second of the two-stream network, as `scan` trains and scores it.
//!
//! ```text
//! OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0 cargo bench --package rdfer-lab --bench network -- --backbone resnet18 --batch 16 --steps 3
//! ```
//!
//! A clip has 64 frames of 112×112 pixels, normalised already; the synopsis stream sees 16 of them and the detail stream
//! 16. Training is a forward and a backward pass and a step of AdamW. Figures come from the median step: `videos/s` by
//! the processor time of all threads (what the threads would do if nothing else ran), `wall` by the fastest step's clock.
//! The first step is not counted. Passive waiting keeps the processor time of idle threads out.
//!
//! With `--cuda`, the steps are told to the first CUDA device one after the other, as `scan` does, and waited for at their
//! end: `videos/s` is by the clock, `TFLOP/s` by [`gflop`], and `told in` how long the processor needed for a step.

#![expect(clippy::print_stdout, reason = "figures are what a benchmark is for")]

#[path = "../../src/bin/allocator/mod.rs"]
mod allocator;

use std::time::Instant;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use rdfer_audit::model::{Backbone, Mode, ModelSettings, Rdfer};
use rdfer_audit::seed::Seed;
use rdfer_audit::train::loss::loss;
use rdfer_audit::train::{AdamW, TrainSettings};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

const CLASSES: usize = 7;

#[derive(Debug, Parser)]
struct Args {
    /// Backbones of both streams.
    #[arg(long, value_delimiter = ',', default_value = "resnet18,resnet50")]
    backbone: Vec<Net>,
    /// What the convolutions compute in.
    #[arg(long, value_delimiter = ',', default_value = "fp32,bf16")]
    precision: Vec<Precision>,
    /// What is timed.
    #[arg(long, value_delimiter = ',', default_value = "score,train")]
    task: Vec<Task>,
    /// Clips per step.
    #[arg(long, default_value_t = 16)]
    batch: i64,
    /// Steps that are timed.
    #[arg(long, default_value_t = 3)]
    steps: usize,
    /// Frames per clip.
    #[arg(long, default_value_t = 64)]
    frames: i64,
    /// Side of a frame in pixels.
    #[arg(long, default_value_t = 112)]
    size: i64,
    /// Leave the detail stream out.
    #[arg(long)]
    synopsis_only: bool,
    /// Threads of libtorch.
    #[arg(long, default_value_t = 2)]
    threads: i32,
    /// Run on the first CUDA device.
    #[arg(long)]
    cuda: bool,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Net {
    Small,
    Resnet18,
    Resnet34,
    Resnet50,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Precision {
    Fp32,
    Bf16,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Task {
    Score,
    /// With batch normalisations that are not folded into the convolutions.
    ScoreUnfused,
    Train,
}

impl Args {
    fn model(&self, net: Net) -> ModelSettings {
        ModelSettings {
            backbone: match net {
                Net::Small => Backbone::Small,
                Net::Resnet18 => Backbone::Resnet18,
                Net::Resnet34 => Backbone::Resnet34,
                Net::Resnet50 => Backbone::Resnet50,
            },
            size: self.size,
            detail: !self.synopsis_only,
            synopsis_frames: self.frames.min(16),
            ..ModelSettings::default()
        }
    }
}

fn main() -> anyhow::Result<()> {
    allocator::keep_freed_memory();
    let args = Args::parse();
    tch::set_num_threads(args.threads);
    println!(
        "batch {}, {} threads, {} frames of {3}x{3}{4}",
        args.batch,
        args.threads,
        args.frames,
        args.size,
        if args.synopsis_only {
            ", synopsis stream alone"
        } else {
            ""
        },
    );
    if !args.cuda {
        println!("backbone  task    kind  videos/s      wall  cpu s/video");
    }
    for &net in &args.backbone {
        for &task in &args.task {
            for &precision in &args.precision {
                measure(&args, net, task, precision)?;
            }
        }
    }
    Ok(())
}

fn measure(args: &Args, net: Net, task: Task, precision: Precision) -> anyhow::Result<()> {
    let device = if args.cuda {
        Device::Cuda(0)
    } else {
        Device::Cpu
    };
    let settings = args.model(net);
    let kind = match precision {
        Precision::Fp32 => Kind::Float,
        Precision::Bf16 => Kind::BFloat16,
    };
    tch::manual_seed(0);
    let store = VarStore::new(device);
    let mut network = Rdfer::new(&store.root(), &settings, args.frames as usize, CLASSES);
    if task == Task::Score {
        network.fuse();
    }
    let mut optimizer = AdamW::new(&store, TrainSettings::default().weight_decay);
    let clips = Tensor::randn(
        [
            args.batch,
            args.frames,
            settings.input.channels(),
            args.size,
            args.size,
        ],
        (Kind::Float, device),
    );
    let labels = Tensor::arange(args.batch, (Kind::Int64, device)).remainder(CLASSES as i64);
    let (targets, weights) = (
        &labels.one_hot(CLASSES as i64).to_kind(Kind::Float),
        labels.ones_like().to_kind(Kind::Float),
    );
    let mut random = Seed(0).stream("dropout", "");
    let mut step = || match task {
        Task::Score | Task::ScoreUnfused => tch::no_grad(|| {
            let output = network.forward(&clips, kind, &mut Mode::Score);
            anyhow::Ok(output.logits.get(0).get(0))
        }),
        Task::Train => {
            let output = network.forward(&clips, kind, &mut Mode::Train(&mut random));
            let loss = loss(&output, targets, &weights, &TrainSettings::default());
            optimizer.differentiate(&loss)?;
            optimizer.clip(TrainSettings::default().gradient_clip);
            optimizer.step(1e-5);
            Ok(loss.detach())
        }
    };
    let names = format!(
        "{:<9} {:<7} {:<5}",
        settings.backbone.name(),
        match task {
            Task::Score => "score",
            Task::ScoreUnfused => "unfused",
            Task::Train => "train",
        },
        if kind == Kind::Float { "fp32" } else { "bf16" }
    );
    // The first steps prepare what they need.
    for _ in 0..if args.cuda { 3 } else { 1 } {
        step()?.double_value(&[]);
    }
    if args.cuda {
        let gflop = gflop(&settings, task);
        on_cuda(args, &names, gflop, &mut step)
    } else {
        on_processor(args, &names, &mut step)
    }
}

type Step<'a> = &'a mut dyn FnMut() -> anyhow::Result<Tensor>;

fn on_cuda(args: &Args, names: &str, gflop: Option<f64>, step: Step) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut last = Tensor::new();
    for _ in 0..args.steps {
        last = step()?;
    }
    let told = start.elapsed().as_secs_f64() / args.steps as f64;
    last.double_value(&[]);
    let seconds = start.elapsed().as_secs_f64() / args.steps as f64;
    let videos = args.batch as f64 / seconds;
    println!(
        "{names} {videos:8.1} videos/s {:6.1} TFLOP/s, a step {:.1} ms, told in {:.1} ms",
        gflop.unwrap_or(f64::NAN) * videos / 1e3,
        seconds * 1e3,
        told * 1e3
    );
    Ok(())
}

fn on_processor(args: &Args, names: &str, step: Step) -> anyhow::Result<()> {
    let (mut processor, mut clock) = (Vec::new(), Vec::new());
    for _ in 0..args.steps {
        let (before, start) = (processor_time()?, Instant::now());
        step()?.double_value(&[]);
        processor.push(processor_time()? - before);
        clock.push(start.elapsed().as_secs_f64());
    }
    processor.sort_by(f64::total_cmp);
    clock.sort_by(f64::total_cmp);
    let batch = args.batch as f64;
    let (processor, clock) = (processor[args.steps / 2] / batch, clock[0] / batch);
    println!(
        "{names} {:8.3} {:9.3} {:12.3}",
        f64::from(args.threads) / processor,
        1.0 / clock,
        processor,
    );
    Ok(())
}

/// Billions of operations of the backbones for a video of 112×112 pixels, as PyTorch's counter has them for torchvision's
/// networks, forward or forward and backward.
fn gflop(settings: &ModelSettings, task: Task) -> Option<f64> {
    let (forward, both) = match settings.backbone {
        Backbone::Resnet18 => (31.1, 91.3),
        Backbone::Resnet50 => (68.9, 204.8),
        Backbone::Small | Backbone::Resnet34 => return None,
    };
    let share = settings.synopsis_frames as f64 / 32.0 + if settings.detail { 0.5 } else { 0.0 };
    let pixels = (settings.size as f64 / 112.0).powi(2);
    Some(share * pixels * if task == Task::Train { both } else { forward })
}

/// The processor time of all threads of this process in seconds; Linux counts it in hundredths of a second.
fn processor_time() -> anyhow::Result<f64> {
    let text = fs_err::read_to_string("/proc/self/stat")?;
    // The program's name stands in parentheses and may hold blanks; user and system time are the 12th and 13th after it.
    let after = text
        .rsplit_once(')')
        .context("/proc/self/stat is not as it should be")?
        .1;
    let ticks: Vec<u64> = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / 100.0)
}
