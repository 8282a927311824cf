//! The flags that every subcommand has.

use clap::{ArgAction, Args};

use crate::settings::{DeviceChoice, Layers};
use crate::telemetry::Verbosity;

/// Flags of every subcommand, before or after its name.
#[derive(Debug, Clone, Args)]
pub struct GlobalArgs {
    /// Settings to start from: a preset (cpu, gpu, paper, demo) or a TOML file.
    ///
    /// A name with neither folder nor extension is a preset; write './mine.toml' for a file. Without this flag the preset
    /// is 'gpu' if there is a CUDA device, else 'cpu'. What a file leaves out has its default value.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<String>,
    /// Set one setting, as in 'train.epochs=20'; may be given often.
    ///
    /// Wins over '--config', loses to a flag of its own such as '--epochs'. '--print-config' lists all keys.
    #[arg(
        long,
        global = true,
        value_name = "KEY=VALUE",
        help_heading = "Settings"
    )]
    pub set: Vec<String>,
    /// Print the settings as TOML, with where each comes from, and do nothing else.
    ///
    /// The output is a file that '--config' takes.
    #[arg(long, global = true, help_heading = "Settings")]
    pub print_config: bool,
    /// The seed of everything random [default: 0].
    #[arg(long, global = true, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(0..), help_heading = "Settings")]
    pub seed: Option<i64>,
    /// Threads for decoding and for the network on the CPU; 0 means one per core [default: 0].
    #[arg(long, global = true, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(0..), help_heading = "Settings")]
    pub threads: Option<i64>,
    /// Where the network runs: auto, cpu, or cuda:N [default: auto].
    #[arg(long, global = true, value_name = "DEVICE", help_heading = "Settings")]
    pub device: Option<DeviceChoice>,
    /// Say more: -v what is done, -vv everything; takes the progress bars away.
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Say nothing but errors and the answer.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl GlobalArgs {
    /// The settings' layers that these flags make: `default_preset` where no `--config` was given, then `--set`, then the
    /// flags. A subcommand lays its own flags over them.
    pub fn layers(&self, default_preset: &str) -> Layers {
        let config = self.config.as_deref().unwrap_or(default_preset);
        self.set
            .iter()
            .fold(Layers::new().config(config), |layers, assignment| {
                layers.set(assignment)
            })
            .flag("--seed", "seed", self.seed)
            .flag("--threads", "threads", self.threads)
            .flag("--device", "device", self.device.map(String::from))
    }

    /// How much the program says.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Everything,
        }
    }
}
