//! The subcommands that run the network, and the way to them from a program without libtorch.
//!
//! Loading libtorch costs a quarter of a second and 100 MB. `rdfer-audit` therefore does not link it: what reads and
//! writes files, and the review screen, start at once, and the rest is handed to a second program beside it. Both are
//! this library; the linker leaves out what a program cannot reach.

use std::os::unix::process::CommandExt;
use std::process::Command as Process;

use anyhow::{Context, bail};

use super::{compare, demo, doctor, libraries, print, scan};
use crate::cli::{Cli, Command, ExitStatus};
use crate::model::device;
use crate::pipeline::networks::borrowed::Checkpoint;
use crate::settings::Layers;

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
    match &cli.command {
        // It starts from the run's own settings and prints them itself.
        Some(Command::Compare(args)) => compare::run(args, &cli.global),
        Some(Command::Scan(args)) => {
            let checkpoint = args.checkpoint.as_deref();
            let checkpoint = checkpoint.map(Checkpoint::read).transpose()?;
            let layers = args.lay(layers(cli));
            let resolved = match &checkpoint {
                Some(checkpoint) => checkpoint.lay(layers).resolve()?,
                None => layers.resolve()?,
            };
            if cli.global.print_config {
                print(&resolved.to_toml())?;
                return Ok(ExitStatus::Done);
            }
            scan::run(args, checkpoint.as_ref(), &resolved)
        }
        _ if cli.global.print_config => {
            print(&layers(cli).resolve()?.to_toml())?;
            Ok(ExitStatus::Done)
        }
        Some(Command::Demo(args)) => demo::run(args, &layers(cli).resolve()?),
        Some(Command::Doctor(args)) => doctor::run(args, &layers(cli).resolve()?.settings),
        // The others never come here, and without any there is nothing to do.
        _ => Ok(ExitStatus::Done),
    }
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

/// The settings of a subcommand: its preset, `--set`, the flags of every subcommand.
fn layers(cli: &Cli) -> Layers {
    cli.global.layers(match &cli.command {
        Some(Command::Demo(_)) => "demo",
        _ if device::cuda_devices() > 0 => "gpu",
        _ => "cpu",
    })
}
