//! The command line of rdfer-audit. It starts without libtorch; what needs it is handed to `rdfer-audit-network`.

use std::process::ExitCode;

use rdfer_audit::command::{self, network};

fn main() -> ExitCode {
    command::main(network::hand_over)
}
