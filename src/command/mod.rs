//! What each subcommand does, one file per subcommand.

mod cache;
mod demo;
mod doctor;
mod evaluate;
mod folds;
mod outcome;
mod page;
mod report;
mod review;
mod scan;
mod score;
mod score_from;

use std::io::Write;

use clap::CommandFactory;

use crate::cli::{Cli, Command, ExitStatus};
use crate::interrupt;
use crate::model::device;
use crate::report::summary::Summary;
use crate::settings::Resolved;
use crate::telemetry;

/// The libtorch that tch is built for; it refuses any other when it is built.
const LIBTORCH: &str = "2.11.0";

/// Does what the command line says.
///
/// # Errors
///
/// Whatever kept it from being done; every error names what it is about and what to do.
pub fn run(cli: &Cli) -> anyhow::Result<ExitStatus> {
    telemetry::init(cli.global.verbosity())?;
    interrupt::install()?;
    match &cli.command {
        // These start from the run's own settings and print them themselves.
        Some(Command::Score(args)) if args.from.is_some() => score_from::run(args, &cli.global),
        Some(Command::Score(args)) => score::run(args, &cli.global),
        Some(Command::Review(args)) => review::run(args, &cli.global),
        command if cli.global.print_config => {
            print(&resolve(cli, command.as_ref())?.to_toml())?;
            Ok(ExitStatus::Done)
        }
        Some(Command::Scan(args)) => scan::run(args, &resolve(cli, cli.command.as_ref())?),
        Some(Command::Demo(args)) => demo::run(args, &resolve(cli, cli.command.as_ref())?),
        Some(Command::Doctor(args)) => {
            doctor::run(args, &resolve(cli, cli.command.as_ref())?.settings)
        }
        Some(Command::Evaluate(args)) => evaluate::run(args),
        Some(Command::Report(args)) => report::run(args),
        Some(Command::Completions(args)) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "rdfer-audit", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            Ok(ExitStatus::Done)
        }
        None => Ok(ExitStatus::Done), // reading the command line refuses this
    }
}

/// The settings of a subcommand: its preset, `--set`, the flags.
fn resolve(cli: &Cli, command: Option<&Command>) -> anyhow::Result<Resolved> {
    let preset = match command {
        Some(Command::Demo(_)) => "demo",
        _ if device::cuda_devices() > 0 => "gpu",
        _ => "cpu",
    };
    let layers = cli.global.layers(preset);
    let layers = match command {
        Some(Command::Scan(args)) => args.lay(layers),
        _ => layers,
    };
    Ok(layers.resolve()?)
}

/// Writes an answer to stdout. A reader that has gone away, as `head` does, is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Writes a summary to stdout.
fn print_summary(summary: &Summary, json: bool) -> anyhow::Result<()> {
    if json {
        print(&(serde_json::to_string_pretty(summary)? + "\n"))
    } else {
        print(&summary.to_text())
    }
}
