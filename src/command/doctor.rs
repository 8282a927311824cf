//! `doctor`: which libraries and devices there are, what is missing, and how to get it.

use serde::Serialize;

use super::libraries;
use crate::cli::{DoctorArgs, ExitStatus};
use crate::model::device;
use crate::pipeline::LIBTORCH;
use crate::settings::Settings;
use crate::video;

/// What was found.
#[derive(Debug, Serialize)]
struct Findings {
    rdfer_audit: &'static str,
    libtorch: &'static str,
    /// Whether libtorch can multiply two matrices: it loads and runs.
    libtorch_works: bool,
    ffmpeg: String,
    /// Whether the encoder that `demo` prefers is there.
    h264_encoder: bool,
    cuda_devices: i64,
    cuda_built: bool,
    device: String,
    threads: usize,
    cores: usize,
}

/// Prints the findings.
///
/// # Errors
///
/// If they cannot be printed.
pub(super) fn run(args: &DoctorArgs, settings: &Settings) -> anyhow::Result<ExitStatus> {
    let chosen = device::choose(&settings.device);
    let findings = Findings {
        rdfer_audit: env!("CARGO_PKG_VERSION"),
        libtorch: LIBTORCH,
        libtorch_works: libtorch_works(),
        ffmpeg: format!("libavcodec {}", video::libavcodec_version()),
        h264_encoder: video::has_h264_encoder(),
        cuda_devices: device::cuda_devices(),
        cuda_built: device::has_cuda(),
        device: chosen
            .as_ref()
            .map_or_else(ToString::to_string, |devices| device::names(devices)),
        threads: settings.thread_count(),
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    if args.json {
        super::print(&(serde_json::to_string_pretty(&findings)? + "\n"))?;
    } else {
        super::print(&findings.to_text())?;
    }
    Ok(if chosen.is_ok() && findings.libtorch_works {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    })
}

fn libtorch_works() -> bool {
    let one = tch::Tensor::ones([2, 2], (tch::Kind::Float, tch::Device::Cpu));
    one.f_matmul(&one)
        .is_ok_and(|product| (product.double_value(&[0, 0]) - 2.0).abs() < 1e-6)
}

impl Findings {
    fn to_text(&self) -> String {
        let cuda = match (self.cuda_built, self.cuda_devices) {
            (false, _) if libraries::is_packaged() => {
                "not used: NVIDIA's driver is not there, or PyTorch was installed for the CPU alone"
                    .to_owned()
            }
            (false, _) => "this libtorch is for the CPU alone; `scripts/setup --cuda` fetches the one for CUDA, then build again".to_owned(),
            (true, 0) => "this libtorch can use CUDA, but sees no device; check the driver with nvidia-smi".to_owned(),
            (true, 1) => "1 device, cuda:0".to_owned(),
            (true, count) => format!("{count} devices, cuda:0 to cuda:{}", count - 1),
        };
        let encoder = match (self.h264_encoder, libraries::is_packaged()) {
            (true, _) => "found",
            (false, true) => "not in the package: `demo` writes MPEG-4 instead",
            (false, false) => {
                "missing: `demo` writes MPEG-4 instead; install an FFmpeg with libx264"
            }
        };
        let works = if self.libtorch_works {
            "works"
        } else {
            "does not compute: install it again with `scripts/setup`"
        };
        format!(
            "rdfer-audit  {}\nlibtorch     {}, {works}\nCUDA         {cuda}\ndevice       {}\nFFmpeg       {}\nH.264 coder  {encoder}\nthreads      {} of {} cores\n",
            self.rdfer_audit, self.libtorch, self.device, self.ffmpeg, self.threads, self.cores,
        )
    }
}
