//! What each subcommand does, one file per subcommand.

mod check;
mod compare;
mod decode;
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
mod settings;
mod steps;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use self::settings::with;
use crate::cli::{Cli, Command, ExitStatus};
use crate::interrupt::{self, Interrupted};
use crate::page::summary::Summary;
use crate::settings::Layers;
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
    let Some(command) = &cli.command else {
        // Which settings hold by default depends on the devices that libtorch finds.
        return network(cli);
    };
    let base = settings::base(command, "cpu")?;
    match command {
        Command::Scan(args) if args.decode.is_some() => decode::run(args),
        Command::Scan(_) | Command::Compare(_) | Command::Demo(_) | Command::Doctor(_) => {
            network(cli)
        }
        Command::Check(args) => {
            let print_config = args.settings.print_config;
            with(args.layers(&base), print_config, |resolved| {
                check::run(args, resolved)
            })
        }
        Command::Score(args) => {
            let print_config = args.settings.print_config;
            with(args.layers(&base), print_config, |resolved| {
                score::run(args, resolved)
            })
        }
        Command::Review(args) => {
            let layers = args.layers(settings::own_file().as_deref());
            with(layers, args.settings.print_config, |own| {
                review::run(args, &own.settings.review)
            })
        }
        Command::Report(args) if args.print_config => {
            with(Layers::new().config(&base), true, |_| Ok(ExitStatus::Done))
        }
        Command::Report(args) => report::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Export(args) => export::run(args),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "rdfer-audit", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            Ok(ExitStatus::Done)
        }
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
