//! The arguments of each subcommand.

use std::num::NonZeroUsize;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap_complete::Shell;

use crate::manifest::Format;
use crate::settings::Layers;

/// Arguments of `scan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit scan videos/
  rdfer-audit scan labels.csv --root videos/ --limit 200 --epochs 5
  rdfer-audit scan labels.csv --out reports/second --fail-above 0.05")]
pub struct ScanArgs {
    /// A folder with one folder of videos per class, a file of labels, or the folder of DFEW, FERV39k or MAFW.
    ///
    /// A file of labels is a CSV file with the columns path and label, JSON Lines with the members path and label, or a list
    /// with a line 'path label' or 'path frames label' per video.
    /// A video is a file, or a folder of frames (.jpg, .png). A CSV file may also have the columns id (name in the reports)
    /// and group (subject or film: its videos are never split between training and scoring); others are kept.
    #[arg(value_name = "DATASET")]
    pub dataset: Utf8PathBuf,
    /// The folder to write to [default: reports/ and the data set's name].
    #[arg(long, value_name = "RUN")]
    pub out: Option<Utf8PathBuf>,
    /// Where the paths of a file of labels start [default: the file's own folder, or where the data set has its videos].
    #[arg(long, value_name = "DIR")]
    pub root: Option<Utf8PathBuf>,
    /// How the data set is written down; auto takes the one format that fits.
    #[arg(long, value_name = "FORMAT", default_value = Format::Auto.name(), value_parser = format_parser())]
    pub format: Format,
    /// Only a sample of about N videos, with the same share of each class: for a first try.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
    /// Go on with an interrupted run; finished folds are kept.
    #[arg(long, conflicts_with = "overwrite")]
    pub resume: bool,
    /// Write to the folder even if there is a run in it, which is lost.
    #[arg(long)]
    pub overwrite: bool,
    /// Exit with 1 if a larger share of the videos than this is suspect, from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub fail_above: Option<f64>,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
    /// Folds of the cross-validation; as many networks are trained [default: 5].
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub folds: Option<i64>,
    /// Clips per video when scoring [default: by preset].
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub clips: Option<i64>,
    /// Epochs of training per fold [default: by preset].
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub epochs: Option<i64>,
}

impl ScanArgs {
    /// Lays the flags that are settings over `layers`.
    #[must_use]
    pub fn lay(&self, layers: Layers) -> Layers {
        layers
            .flag("--folds", "folds", self.folds)
            .flag("--clips", "clips.count", self.clips)
            .flag("--epochs", "train.epochs", self.epochs)
    }

    /// The folder to write to: `--out`, or `reports/` and the data set's name.
    pub fn run_folder(&self) -> Utf8PathBuf {
        self.out.clone().unwrap_or_else(|| {
            let name = self.dataset.file_stem().unwrap_or("run");
            Utf8Path::new("reports").join(name)
        })
    }
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit demo
  rdfer-audit demo faces/ --out reports/faces --set demo.videos=400")]
pub struct DemoArgs {
    /// The folder to make the data set in.
    #[arg(value_name = "DIR", default_value = "rdfer-demo")]
    pub folder: Utf8PathBuf,
    /// The folder to write the run to.
    #[arg(long, value_name = "RUN", default_value = "reports/demo")]
    pub out: Utf8PathBuf,
}

/// Arguments of `evaluate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example:
  rdfer-audit evaluate reports/videos --truth true_labels.csv")]
pub struct EvaluateArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// A CSV file with the true labels, in the columns path and label (id where the run's data set has ids).
    #[arg(long, value_name = "FILE")]
    pub truth: Utf8PathBuf,
    /// Print the metrics as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `score`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example:
  rdfer-audit score reports/videos --set verdict.agreement_threshold=0.9")]
pub struct ScoreArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example:
  rdfer-audit report reports/videos")]
pub struct ReportArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example:
  rdfer-audit doctor")]
pub struct DoctorArgs {
    /// Print the findings as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example:
  rdfer-audit completions bash > ~/.local/share/bash-completion/completions/rdfer-audit")]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::NAMES.map(|(name, _)| name)).map(|name| {
        let named = Format::NAMES.into_iter().find(|(other, _)| *other == name);
        named.map_or(Format::Auto, |(_, format)| format)
    })
}

fn parse_share(text: &str) -> Result<f64, ShareError> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or(ShareError)
}

#[derive(Debug, thiserror::Error)]
#[error("a share is a number from 0 to 1, such as '0.05'")]
struct ShareError;
