//! The arguments of `export` and `compare`.

use camino::Utf8PathBuf;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::groups::TrainingArgs;
use crate::export::{ExportFormat, Media, Policy, Reason, Request};

const FORMAT_HELP: &str = "\
The format: the one that came in, byte for byte but for the changes, or another.

same: class folders become new class folders with links to the videos. csv, jsonl, list, parquet: a row per video with the class's \
name; paths start where the data set's do. folders: a folder per class. huggingface: a video folder with metadata.jsonl for \
datasets.load_dataset('videofolder'). fiftyone: JSON for fiftyone.Dataset.from_json. cleanlab: label and pred_probs in \
Parquet.";

/// Whose word changes labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Apply {
    /// People's decisions; several reviewers by strict majority, adjudication first.
    Reviewed,
    /// The networks' suggestions of at least the probability --min-prob.
    Suggested,
    /// People's decisions, and suggestions where nobody decided.
    Both,
}

/// Which videos are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DropChoice {
    /// Verdict mislabeled, label not settled.
    Mislabeled,
    /// Verdict hard and label not settled, or found ambiguous by people.
    Hard,
    /// Not decodable.
    Unreadable,
    /// Dropped by people.
    Dropped,
    /// Nothing is left out.
    None,
}

/// Arguments of `export`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit export reports/videos --to labels_clean.csv
  rdfer-audit export reports/videos --to labels_clean.csv --apply both --min-prob 0.9 --dry-run
  rdfer-audit export reports/DFEW --to DFEW_clean/ --drop dropped,hard
  rdfer-audit export reports/videos --to weighted.csv --weights
  rdfer-audit export reports/videos --to hub/ --format huggingface
  rdfer-audit export reports/videos --to labels_clean.csv --check")]
pub struct ExportArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// The file to write, or the folder for data sets of several files and for formats that hold the videos.
    ///
    /// What was changed is told in FILE.changes.csv and FILE.diff beside a file, in changes.csv and changes.diff in a folder.
    #[arg(long, value_name = "FILE|DIR")]
    pub to: Utf8PathBuf,
    /// The format: the one that came in, byte for byte but for the changes, or another.
    #[arg(long, value_name = "FORMAT", default_value = ExportFormat::Same.name(), value_parser = format_parser(), long_help = FORMAT_HELP)]
    pub format: ExportFormat,
    /// Whose word changes labels.
    #[arg(long, value_name = "WHOSE", value_enum, default_value_t = Apply::Reviewed, help_heading = "Policy")]
    pub apply: Apply,
    /// The least probability from which a suggested label counts, from 0 to 1.
    #[arg(long, value_name = "P", value_parser = super::commands::parse_share, required_if_eq_any = [("apply", "suggested"), ("apply", "both")], help_heading = "Policy")]
    pub min_prob: Option<f64>,
    /// Which videos to leave out [default: dropped, where people's decisions count].
    #[arg(
        long,
        value_name = "WHICH,...",
        value_enum,
        value_delimiter = ',',
        help_heading = "Policy"
    )]
    pub drop: Vec<DropChoice>,
    /// Add a sample weight: 1 where nothing speaks against the label, less where it is suspect.
    #[arg(long, help_heading = "Columns")]
    pub weights: bool,
    /// Add columns with what the run and its reviewers say of each video, and change no label and no row.
    #[arg(long, conflicts_with_all = ["apply", "drop", "min_prob"], help_heading = "Columns")]
    pub flag: bool,
    /// Copy the videos into an exported folder instead of linking to them.
    #[arg(long)]
    pub copy: bool,
    /// Say what would change, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Replace what is there, and go on where the data set's labels changed since the scan.
    #[arg(long)]
    pub force: bool,
    /// Hold an export that is there against the original: same rows, only decided ones differ. Exit with 2 where not.
    #[arg(long, conflicts_with_all = ["revert", "dry_run", "force", "weights", "flag", "drop"])]
    pub check: bool,
    /// Undo an export: write the labels as they were scanned in its place, and take its changes away.
    #[arg(long, conflicts_with_all = ["dry_run", "weights", "flag", "drop"])]
    pub revert: bool,
    /// Where the data set lies by now [default: where it was scanned].
    #[arg(long, value_name = "DATASET")]
    pub dataset: Option<Utf8PathBuf>,
    /// Where the videos' paths start [default: as in the scan].
    #[arg(long, value_name = "DIR")]
    pub root: Option<Utf8PathBuf>,
    /// Print what was done as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit compare reports/videos --export labels_clean.csv
  rdfer-audit compare reports/videos --export labels_clean.csv --truth true_labels.csv --seed 1")]
pub struct CompareArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// The cleaned labels: what `export` wrote.
    #[arg(long, value_name = "FILE|DIR")]
    pub export: Utf8PathBuf,
    /// True labels, in a file of labels as `scan` takes it, to hold the predictions against.
    ///
    /// Without it they are held against the labels of videos that the export left as they were and the run calls clean.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<Utf8PathBuf>,
    /// The file of weights that the run's backbones started from, where they did.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<Utf8PathBuf>,
    /// Where the data set lies by now [default: where it was scanned].
    #[arg(long, value_name = "DATASET")]
    pub dataset: Option<Utf8PathBuf>,
    /// Where the videos' paths start [default: as in the scan].
    #[arg(long, value_name = "DIR")]
    pub root: Option<Utf8PathBuf>,
    /// Print the numbers as JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub training: TrainingArgs,
}

impl ExportArgs {
    /// What is asked for.
    pub fn request(&self) -> Request {
        Request {
            target: self.to.clone(),
            format: self.format,
            policy: self.policy(),
            weights: self.weights,
            flags: self.flag,
            media: if self.copy { Media::Copy } else { Media::Link },
        }
    }

    fn policy(&self) -> Policy {
        if self.flag {
            return Policy::nothing();
        }
        let reviewed = self.apply != Apply::Suggested;
        let suggested = self.apply != Apply::Reviewed;
        let drop = if self.drop.is_empty() && reviewed {
            vec![DropChoice::Dropped]
        } else {
            self.drop.clone()
        };
        Policy {
            reviewed,
            suggested: self
                .min_prob
                .filter(|_| suggested)
                .map(|least| least as f32),
            drop: drop.into_iter().filter_map(reason).collect(),
        }
    }
}

fn reason(choice: DropChoice) -> Option<Reason> {
    match choice {
        DropChoice::Mislabeled => Some(Reason::Mislabeled),
        DropChoice::Hard => Some(Reason::Hard),
        DropChoice::Unreadable => Some(Reason::Unreadable),
        DropChoice::Dropped => Some(Reason::Dropped),
        DropChoice::None => None,
    }
}

fn format_parser() -> impl TypedValueParser<Value = ExportFormat> {
    PossibleValuesParser::new(ExportFormat::NAMES.map(|(name, _)| name)).map(|name| {
        let named = ExportFormat::NAMES
            .into_iter()
            .find(|(other, _)| *other == name);
        named.map_or(ExportFormat::Same, |(_, format)| format)
    })
}
