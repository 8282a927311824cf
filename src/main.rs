//! The command line of rdfer-audit.

use std::process::ExitCode;

use rdfer_audit::cli::{Cli, ExitStatus};
use rdfer_audit::command;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with 0, a wrong word to stderr with 2; a reader that has gone away does not matter.
            drop(error.print());
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    match command::run(&cli) {
        Ok(status) => status.into(),
        Err(error) => {
            report(&error);
            ExitStatus::Failed.into()
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last word of a program that failed"
)]
fn report(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  cause: {cause}");
    }
}
