//! The same command line, linked with libtorch: `rdfer-audit` starts it for the subcommands that run the network.

mod allocator;

use std::process::ExitCode;

use rdfer_audit::command::{self, network};

fn main() -> ExitCode {
    allocator::keep_freed_memory();
    command::main(network::run)
}
