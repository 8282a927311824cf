//! The command line: what the user may type, and what the process answers to the shell.
//!
//! Only text becomes values here. Flags that are settings in disguise go to [`Layers`], which lie over what
//! [`Command::base`] names; a subcommand has only the flags that mean something to it, so that clap refuses the others. What
//! a subcommand does stands elsewhere.

mod commands;
mod export;
mod groups;
mod reading;

use camino::Utf8Path;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

pub use commands::{
    CheckArgs, CompletionsArgs, DemoArgs, DoctorArgs, EvaluateArgs, ReportArgs, ReviewArgs,
    ScanArgs, ScoreArgs,
};
pub use export::{Apply, CompareArgs, DropChoice, ExportArgs};
pub use groups::{
    DataSetArgs, DeviceArgs, GlobalArgs, SeedArgs, SettingsArgs, ThreadsArgs, TrainingArgs,
};
pub use reading::ReadArgs;

#[cfg(doc)]
use crate::settings::Layers;

/// Finds mislabeled videos in facial-expression data sets.
///
/// `scan` trains small networks on parts of the data set, lets each judge several clips of the videos that it has not
/// seen, and ranks the videos: clips that agree with each other but not with the label point to a wrong label, clips that
/// do not agree with each other to a hard video.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "rdfer-audit",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Examples:
  rdfer-audit demo
  rdfer-audit scan videos/
  rdfer-audit --config cpu --print-config

Exit codes: 0 done; 1 done, but more than '--fail-above' is suspect; 2 could not be done;
130 interrupted."
)]
pub struct Cli {
    /// Flags of every subcommand.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// Settings to print where there is no subcommand.
    #[command(flatten)]
    pub training: TrainingArgs,
    /// The subcommand; none only with `--print-config`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What is to be done.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Train, score and rank every video of a data set.
    Scan(Box<ScanArgs>),
    /// Check files, labels and splits without training: health, duplicates, leaks.
    Check(CheckArgs),
    /// Make a small labeled data set with known errors, scan it, and say how well they were found.
    Demo(DemoArgs),
    /// Watch the videos of a run and decide about their labels, in the terminal.
    Review(ReviewArgs),
    /// Write cleaned label files, in the format that came in or another.
    Export(ExportArgs),
    /// Train with the original and with cleaned labels, and say whether it helped.
    Compare(CompareArgs),
    /// Measure a run against known true labels.
    Evaluate(EvaluateArgs),
    /// Compute scores and verdicts again from a run's predictions, without training.
    Score(ScoreArgs),
    /// Say again what a run found.
    Report(ReportArgs),
    /// Say which libraries and devices there are, what is missing and how to get it.
    Doctor(DoctorArgs),
    /// Print a shell's completion script.
    Completions(CompletionsArgs),
}

/// What a subcommand's settings start from where no `--config` says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base<'a> {
    /// The preset for the devices that there are: `gpu` or `cpu`.
    Devices,
    /// A preset.
    Preset(&'static str),
    /// The settings of the run in this folder.
    Run(&'a Utf8Path),
    /// The user's own file.
    Own,
    /// It has no settings.
    None,
}

impl Command {
    /// What its settings start from.
    pub fn base(&self) -> Base<'_> {
        match self {
            Self::Scan(args) => match &args.learn_from {
                Some(run) => Base::Run(run),
                None => Base::Devices,
            },
            // Nothing of it depends on a device.
            Self::Check(_) => Base::Preset("cpu"),
            Self::Demo(_) => Base::Preset("demo"),
            Self::Score(args) => match &args.run {
                Some(run) => Base::Run(run),
                None => Base::Preset("cpu"),
            },
            Self::Compare(args) => Base::Run(&args.run),
            Self::Report(args) => Base::Run(&args.run),
            Self::Review(_) => Base::Own,
            Self::Export(_) | Self::Evaluate(_) | Self::Doctor(_) | Self::Completions(_) => {
                Base::None
            }
        }
    }
}

impl Cli {
    /// Reads the arguments, the program's name first.
    ///
    /// # Errors
    /// The arguments are wrong, or ask for help or the version; the error knows its text, stream and exit code
    /// ([`clap::Error::print`], [`clap::Error::exit_code`]).
    pub fn read<Argument>(
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Self, clap::Error>
    where
        Argument: Into<std::ffi::OsString> + Clone,
    {
        let cli = Self::try_parse_from(arguments)?;
        if cli.command.is_none() && !cli.training.settings.print_config {
            return Err(Self::command().error(
                ErrorKind::MissingSubcommand,
                "a subcommand is needed, such as 'scan'; '--help' lists them",
            ));
        }
        if cli.command.is_some() && cli.training != TrainingArgs::default() {
            return Err(Self::command().error(
                ErrorKind::ArgumentConflict,
                "settings stand behind the subcommand, as in 'rdfer-audit scan videos/ --config cpu'",
            ));
        }
        Ok(cli)
    }
}

/// What the process tells the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done.
    Done = 0,
    /// Done, but a larger share than `--fail-above` is suspect.
    Suspect = 1,
    /// It could not be done.
    Failed = 2,
    /// Interrupted by Ctrl-C or a termination signal.
    Interrupted = 130,
}

impl From<ExitStatus> for std::process::ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Key, Origin};

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::read(line.split_whitespace())
    }

    fn scan(line: &str) -> ScanArgs {
        let cli = read(line).unwrap();
        let Some(Command::Scan(scan)) = cli.command else {
            panic!("{line}: not a scan");
        };
        *scan
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_example_in_the_help_is_accepted() {
        let mut commands = vec![Cli::command()];
        commands.extend(Cli::command().get_subcommands().cloned());
        for command in commands {
            let help = command
                .get_after_help()
                .unwrap_or_else(|| panic!("{} has no example", command.get_name()));
            let help = help.to_string();
            let examples: Vec<&str> = help
                .lines()
                .map(str::trim)
                .filter(|line| line.starts_with("rdfer-audit"))
                .collect();
            assert!(
                !examples.is_empty(),
                "{} has no example",
                command.get_name()
            );
            for example in examples {
                let typed = example.split(" > ").next().unwrap();
                read(typed).unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }

    #[test]
    fn flags_become_settings_with_their_names() {
        let scan = scan(
            "rdfer-audit scan videos --config cpu --seed 4 --set train.epochs=3 --epochs 6 --clips 4 --folds 3 --device cpu",
        );
        let resolved = scan.layers("gpu").resolve().unwrap();
        let settings = &resolved.settings;
        assert_eq!(
            (settings.seed, settings.train.epochs, settings.folds),
            (4, 6, 3)
        );
        assert_eq!(settings.clips.count, 4);
        let origin = |key: &str| resolved.origin(&Key::parse(key).unwrap()).clone();
        assert_eq!(origin("train.epochs"), Origin::Flag { name: "--epochs" });
        assert_eq!(origin("device"), Origin::Flag { name: "--device" });
        assert_eq!(origin("video.size").to_string(), "preset cpu");
        assert_eq!(origin("threads"), Origin::Default);
    }

    #[test]
    fn the_preset_is_the_callers_where_none_is_named() {
        let resolved = scan("rdfer-audit scan videos")
            .layers("cpu")
            .resolve()
            .unwrap();
        assert_eq!(
            resolved
                .origin(&Key::parse("video.size").unwrap())
                .to_string(),
            "preset cpu"
        );
    }

    #[test]
    fn runs_lie_in_reports_by_default() {
        for (dataset, run) in [
            ("videos/", "reports/videos"),
            ("data/train.csv", "reports/train"),
            ("..", "reports/run"),
            ("a --out b", "b"),
        ] {
            assert_eq!(
                scan(&format!("rdfer-audit scan {dataset}"))
                    .data
                    .run_folder(),
                run
            );
        }
    }

    #[test]
    fn wrong_arguments_are_refused_with_code_2() {
        for line in [
            "rdfer-audit",
            "rdfer-audit --config cpu",
            "rdfer-audit scan",
            "rdfer-audit scan a --resume --overwrite",
            "rdfer-audit scan a --fail-above 1.5",
            "rdfer-audit scan a --limit 0",
            "rdfer-audit scan a --device tpu",
            "rdfer-audit scan a --format xml",
            "rdfer-audit scan a -v -q",
            "rdfer-audit evaluate run",
            // Flags that would mean nothing.
            "rdfer-audit report run --set folds=3",
            "rdfer-audit report run --config cpu",
            "rdfer-audit export run --to a.csv --print-config",
            "rdfer-audit evaluate run --truth a.csv --seed 1",
            "rdfer-audit completions bash --set folds=3",
            "rdfer-audit doctor --set folds=3",
            "rdfer-audit check a --device cpu",
            "rdfer-audit check a --seed 1",
            "rdfer-audit score run --threads 2",
            "rdfer-audit review run --device cpu",
            "rdfer-audit --config cpu scan a",
            "rdfer-audit --print-config report run",
        ] {
            assert_eq!(read(line).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(read("rdfer-audit scan --help").unwrap_err().exit_code(), 0);
        assert!(
            read("rdfer-audit --print-config")
                .unwrap()
                .command
                .is_none()
        );
    }
}
