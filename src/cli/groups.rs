//! Groups of flags; a subcommand has those that mean something to it.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{ArgAction, Args};

use super::reading::ReadArgs;
use crate::manifest::ReadOptions;
use crate::settings::{DeviceChoice, Family, Layers, Settings};
use crate::telemetry::Verbosity;

/// Flags of every subcommand, before or after its name.
#[derive(Debug, Clone, Args)]
pub struct GlobalArgs {
    /// Say more: -v what is done, -vv everything; takes the progress bars away.
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Say nothing but errors and the answer.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl GlobalArgs {
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

/// Where settings come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsArgs {
    /// Settings to start from: a preset (cpu, gpu, paper, pretrained, demo) or a TOML file.
    ///
    /// A name with neither folder nor extension is a preset; write './mine.toml' for a file. Without this flag a data set is
    /// scanned with the preset 'gpu' if there is a CUDA device, else 'cpu', and a run is gone on with as it was made. What a
    /// file leaves out has its default value.
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
    /// Set one setting, as in 'train.epochs=20'; may be given often.
    ///
    /// Wins over '--config', loses to a flag of its own such as '--epochs'. '--print-config' lists all keys.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Print the settings as TOML, with where each comes from, and do nothing else.
    ///
    /// The output is a file that '--config' takes.
    #[arg(long)]
    pub print_config: bool,
}

impl SettingsArgs {
    /// The layers that these flags make: `base`, a preset or a file, where no `--config` was given, then `--set`.
    pub fn layers<S: Family>(&self, base: &str) -> Layers<S> {
        let config = self.config.as_deref().unwrap_or(base);
        self.lay(Layers::default().config(config))
    }

    /// Lays `--set` over what is there.
    pub fn lay<S: Family>(&self, layers: Layers<S>) -> Layers<S> {
        self.set
            .iter()
            .fold(layers, |layers, assignment| layers.set(assignment))
    }
}

/// Where random draws come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Settings")]
pub struct SeedArgs {
    /// The seed of everything random [default: 0].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(0..))]
    pub seed: Option<i64>,
}

impl SeedArgs {
    /// Lays the flag over `layers`.
    pub fn lay<S: Family>(&self, layers: Layers<S>) -> Layers<S> {
        layers.flag("--seed", "seed", self.seed)
    }
}

/// How many threads work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Settings")]
pub struct ThreadsArgs {
    /// Threads for decoding and for the network on the CPU; 0 means one per core [default: 0].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(0..))]
    pub threads: Option<i64>,
}

impl ThreadsArgs {
    /// Lays the flag over `layers`.
    pub fn lay<S: Family>(&self, layers: Layers<S>) -> Layers<S> {
        layers.flag("--threads", "threads", self.threads)
    }
}

/// Where the network runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Settings")]
pub struct DeviceArgs {
    /// Where the networks run: auto, cpu, cuda:N, or several side by side as in cuda:0,cuda:1 [default: auto].
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// How many threads work.
    #[command(flatten)]
    pub threads: ThreadsArgs,
}

impl DeviceArgs {
    /// Lays the flags over `layers`.
    pub fn lay<S: Family>(&self, layers: Layers<S>) -> Layers<S> {
        let device = self.device.clone().map(String::from);
        self.threads.lay(layers).flag("--device", "device", device)
    }
}

/// The settings of whatever trains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct TrainingArgs {
    /// Where settings come from.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Where random draws come from.
    #[command(flatten)]
    pub seed: SeedArgs,
    /// Where the network runs.
    #[command(flatten)]
    pub device: DeviceArgs,
}

impl TrainingArgs {
    /// The layers that these flags make over `base`, a preset or a file.
    pub fn layers<S: Family>(&self, base: &str) -> Layers<S> {
        self.lay(self.settings.layers(base))
    }

    /// Lays the flags of their own over `layers`.
    pub fn lay<S: Family>(&self, layers: Layers<S>) -> Layers<S> {
        self.device.lay(self.seed.lay(layers))
    }
}

/// A data set, and the folder that is written of it.
#[derive(Debug, Clone, Args)]
pub struct DataSetArgs {
    /// A folder with one folder of videos per class (perhaps below train, val and test), a file of labels, a folder with some, or
    /// the folder of DFEW, FERV39k or MAFW.
    ///
    /// A file of labels is a CSV or Parquet file with the columns path and label (others with '--columns'), JSON Lines with the
    /// members path and label, or a list with a line 'path label' or 'path frames label' per video.
    /// A video is a file, or a folder of frames (.jpg, .png, .bmp, .webp). A CSV file may also have the columns id (name in the reports)
    /// and group (subject or film: its videos are never split between training and scoring); others are kept.
    #[arg(value_name = "DATASET", required = true)]
    dataset: Option<Utf8PathBuf>,
    /// Further lists that belong to the data set, such as those of its test videos.
    #[arg(value_name = "LIST")]
    pub lists: Vec<Utf8PathBuf>,
    /// People's votes on the videos: a CSV or TSV file, or 'none' [default: the data set's own columns, where they are votes].
    ///
    /// It has a column id (or path, video, fileName, order) and beside it rater and label, a row per vote; or a column per
    /// class with the number of votes; or columns 'rater…' with a class each. DFEW's sheet, saved as CSV, and CREMA-D's
    /// finishedResponses.csv and tabulatedVotes.csv are read as they are. Votes are never trained on; the ranking weighs them.
    #[arg(long, value_name = "FILE")]
    pub votes: Option<Utf8PathBuf>,
    /// The folder to write to, in which `scan` finds what `check` has decoded [default: reports/ and the data set's name].
    #[arg(long, value_name = "RUN")]
    pub out: Option<Utf8PathBuf>,
    /// How the data set is read.
    #[command(flatten)]
    pub read: ReadArgs,
}

impl DataSetArgs {
    /// The data set; the empty path for a step that takes none.
    pub fn dataset(&self) -> &Utf8Path {
        self.dataset.as_deref().unwrap_or(Utf8Path::new(""))
    }

    /// The folder to write to: `--out`, or `reports/` and the data set's name.
    pub fn run_folder(&self) -> Utf8PathBuf {
        self.out.clone().unwrap_or_else(|| {
            Utf8Path::new("reports").join(self.dataset().file_stem().unwrap_or("run"))
        })
    }

    /// How the data set is to be read.
    pub fn options(&self, settings: &Settings) -> ReadOptions {
        self.read.options(settings.labels.clone())
    }
}
