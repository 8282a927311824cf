//! The same command line, linked with libtorch: `rdfer-audit` starts it for the subcommands that run the network.

use std::process::ExitCode;

use rdfer_audit::command::{self, network};

fn main() -> ExitCode {
    command::main(network::run)
}
