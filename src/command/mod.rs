//! What each subcommand does, one file per subcommand.

mod check;
mod compare;
mod demo;
mod doctor;
mod evaluate;
mod export;
mod libraries;
pub mod network;
mod report;
mod review;
mod scan;
mod score;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, Command, ExitStatus};
use crate::interrupt::{self, Interrupted};
use crate::page::summary::Summary;
use crate::telemetry;

/// Runs a program: reads its arguments, does what they say, and says what went wrong. `network` does what needs
/// libtorch: [`network::run`] where it is linked, else [`network::hand_over`].
pub fn main(network: Network) -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with 0, a wrong word to stderr with 2; a reader that has gone away does not matter.
            drop(error.print());
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    match run(&cli, network) {
        Ok(status) => status.into(),
        Err(error) if error.is::<Interrupted>() => ExitStatus::Interrupted.into(),
        Err(error) => {
            complain(&error);
            ExitStatus::Failed.into()
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last word of a program that failed"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  cause: {cause}");
    }
}

/// Does what a command line says that needs libtorch.
pub type Network = fn(&Cli) -> anyhow::Result<ExitStatus>;

fn run(cli: &Cli, network: Network) -> anyhow::Result<ExitStatus> {
    telemetry::init(cli.global.verbosity())?;
    interrupt::install()?;
    match &cli.command {
        // These start from the run's own settings and print them themselves.
        Some(Command::Score(args)) if args.from.is_some() => score::run_from(args, &cli.global),
        Some(Command::Score(args)) => score::run(args, &cli.global),
        Some(Command::Review(args)) => review::run(args, &cli.global),
        Some(Command::Check(args)) => {
            let resolved = cli.global.layers("cpu").resolve()?;
            if cli.global.print_config {
                print(&resolved.to_toml())?;
                return Ok(ExitStatus::Done);
            }
            check::run(args, &resolved)
        }
        // Which settings hold by default depends on the devices that libtorch finds.
        _ if cli.global.print_config => network(cli),
        Some(Command::Evaluate(args)) => evaluate::run(args),
        Some(Command::Export(args)) => export::run(args),
        Some(Command::Report(args)) => report::run(args),
        Some(Command::Completions(args)) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "rdfer-audit", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            Ok(ExitStatus::Done)
        }
        Some(Command::Scan(_) | Command::Compare(_) | Command::Demo(_) | Command::Doctor(_))
        | None => network(cli),
    }
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

/// What to tell the shell of work that is done: whether a larger share than `limit` is suspect. Both are in [0, 1].
fn status(suspect_share: f64, limit: Option<f64>) -> ExitStatus {
    if limit.is_some_and(|limit| suspect_share > limit) {
        ExitStatus::Suspect
    } else {
        ExitStatus::Done
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
