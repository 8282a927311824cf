//! The subcommands that run the network, and the way to them from a program without libtorch.
//!
//! Loading libtorch costs a quarter of a second and 100 MB. `rdfer-audit` therefore does not link it: what reads and
//! writes files, and the review screen, start at once, and the rest is handed to a second program beside it. Both are
//! this library; the linker leaves out what a program cannot reach.

use std::os::unix::process::CommandExt;
use std::process::Command as Process;

use anyhow::{Context, bail};
use camino::Utf8Path;

use super::scan::{self, Source};
use super::settings::{self, with};
use super::{compare, demo, doctor, libraries, steps};
use crate::cache::Rows;
use crate::cli::{Cli, Command, ExitStatus};
use crate::model::traced::{Traced, TracedError};
use crate::model::{device, faces};
use crate::pipeline::earlier::Earlier;
use crate::pipeline::networks::borrowed::Checkpoint;
use crate::settings::{Layers, Settings};
use crate::vectors::Vectors;

/// The program that is linked with libtorch; it stands in the folder of `rdfer-audit`.
const PROGRAM: &str = "rdfer-audit-network";

/// What the dynamic linker answers to the shell where a library is missing.
const CANNOT_START: i32 = 127;

/// Does what needs libtorch, here.
///
/// # Errors
///
/// Whatever kept it from being done.
pub fn run(cli: &Cli) -> anyhow::Result<ExitStatus> {
    let preset = if device::cuda_devices() > 0 {
        "gpu"
    } else {
        "cpu"
    };
    let Some(command) = &cli.command else {
        return with(cli.training.layers::<Settings>(preset), true, |_| {
            Ok(ExitStatus::Done)
        });
    };
    let base = settings::base(command, preset)?;
    match command {
        Command::Scan(args) if args.is_planned() => steps::run(args),
        Command::Scan(args) => {
            let checkpoint = args.checkpoint.as_deref();
            let checkpoint = checkpoint.map(Checkpoint::read).transpose()?;
            let layers = args.layers(&base);
            let layers = match &checkpoint {
                Some(checkpoint) => checkpoint.lay(layers),
                None => layers,
            };
            let vectors = args.features.as_deref().map(Vectors::open).transpose()?;
            let layers = match &vectors {
                Some(vectors) => lay("--features", vectors.rows, layers),
                None => layers,
            };
            let traced = args.backbone.as_deref().map(backbone).transpose()?;
            let layers = match &traced {
                Some(traced) => lay_traced(traced, layers),
                None => layers,
            };
            let earlier = args.learn_from.as_deref().map(Earlier::read).transpose()?;
            let source = Source {
                earlier: earlier.as_ref(),
                checkpoint: checkpoint.as_ref(),
                vectors: vectors.as_ref(),
                backbone: traced.as_ref(),
            };
            with(layers, args.training.settings.print_config, |resolved| {
                scan::run(args, source, resolved)
            })
        }
        Command::Compare(args) => {
            let (layers, flags) = (args.training.layers(&base), &args.training.settings);
            with(layers, flags.print_config, |resolved| {
                compare::run(args, resolved)
            })
        }
        Command::Demo(args) => {
            let print_config = args.training.settings.print_config;
            with(args.layers(&base), print_config, |resolved| {
                demo::run(args, resolved)
            })
        }
        Command::Doctor(args) => with(args.device.lay(Layers::new()), false, |resolved| {
            doctor::run(args, &resolved.settings)
        }),
        // The others never come here.
        _ => Ok(ExitStatus::Done),
    }
}

/// The network that `--backbone` names.
fn backbone(name: &Utf8Path) -> Result<Traced, TracedError> {
    match name.as_str() {
        "faces" => Traced::faces(&faces::file()),
        _ => Traced::open(name),
    }
}

/// Lays what features fix over the settings: no network of ours looks at frames. `flag`: what they come from.
fn lay(flag: &'static str, rows: Rows, layers: Layers) -> Layers {
    let flips = (!rows.is_mirrored).then_some(false);
    layers
        .flag(flag, "model.row_width", Some(rows.width as i64))
        .flag(flag, "model.frozen_backbone", Some(true))
        .flag(flag, "model.input", Some("rgb"))
        .flag(flag, "clips.flip", flips)
}

/// The same for a traced network, which looks at frames of its own size.
fn lay_traced(traced: &Traced, layers: Layers) -> Layers {
    const FLAG: &str = "--backbone";
    let rows = Rows {
        width: traced.width(),
        is_mirrored: true,
    };
    let size = Some(i64::from(traced.card().size));
    lay(FLAG, rows, layers)
        .flag(FLAG, "video.size", size)
        .flag(FLAG, "model.size", size)
}

/// Lets the program that is linked with libtorch do it, with the same arguments and in place of this process.
///
/// # Errors
///
/// If that program is not there or cannot start, as without libtorch.
pub fn hand_over(cli: &Cli) -> anyhow::Result<ExitStatus> {
    let own = std::env::current_exe().context("where this program lies is not known")?;
    let program = own.with_file_name(PROGRAM);
    if program.exists() {
        libraries::check(&program)?;
    }
    let mut process = Process::new(&program);
    process.args(std::env::args_os().skip(1));
    let started = if matches!(cli.command, Some(Command::Doctor(_))) {
        // The doctor outlives a program that cannot start, to say why.
        process.status()
    } else {
        Err(process.exec())
    };
    let status = started.with_context(|| {
        format!(
            "'{}' cannot be started; it is built and installed together with '{}'",
            program.display(),
            own.display()
        )
    })?;
    match status.code() {
        Some(0) => Ok(ExitStatus::Done),
        Some(CANNOT_START) => bail!(
            "'{}' does not start: get libtorch with 'scripts/setup' and build again",
            program.display()
        ),
        _ => Ok(ExitStatus::Failed),
    }
}
