//! The arguments of each subcommand.

use std::num::NonZeroUsize;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap_complete::Shell;

use super::groups::{DataSetArgs, DeviceArgs, SeedArgs, SettingsArgs, ThreadsArgs, TrainingArgs};
use crate::pipeline::share::Personal;
use crate::review::queue::{Order, Tab};
use crate::settings::{DemoSettings, Layers, OwnSettings};

const WEIGHTS_HELP: &str = "\
A .safetensors file with published ResNet weights to start from, in torchvision's or timm's names. They must be those of \
model.backbone and of model.width, which is 64 of published ones; other tensors in the file are left out. With input rgb+motion the first \
convolution's weights are repeated. A .pth file of torchvision becomes such a file by:

python -c \"import torch, safetensors.torch as s; s.save_file({k: v.clone().contiguous() for k, v in \
torch.load('resnet50.pth', map_location='cpu').items()}, 'resnet50.safetensors')\"";

/// What says how a data set is read and what is done with it, and so means nothing to a step after `--prepare`.
const OF_DATA_SET: [&str; 25] = [
    "dataset",
    "lists",
    "votes",
    "root",
    "format",
    "columns",
    "label_from",
    "replace_prefix",
    "unlabeled",
    "missing",
    "weights",
    "features",
    "backbone",
    "checkpoint",
    "learn_from",
    "keep_order",
    "limit",
    "resume",
    "overwrite",
    "prepare",
    "shards",
    "decode",
    "network",
    "merge",
    "status",
];

/// The settings.
const OF_SETTINGS: [&str; 11] = [
    "config",
    "set",
    "print_config",
    "seed",
    "device",
    "threads",
    "folds",
    "clips",
    "epochs",
    "repeats",
    "fail_above",
];

/// The flags that a step does not go together with.
fn foreign(step: &str) -> impl Iterator<Item = &'static str> {
    OF_DATA_SET.into_iter().filter(move |name| *name != step)
}

/// Arguments of `scan`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit scan videos/
  rdfer-audit scan labels.csv --root videos/ --limit 200 --epochs 5
  rdfer-audit scan labels.csv --out reports/second --fail-above 0.05
  rdfer-audit scan labels.csv --learn-from reports/first --out reports/second
  rdfer-audit scan labels.csv --out reports/third --prepare --slurm")]
pub struct ScanArgs {
    /// What is scanned.
    #[command(flatten)]
    pub data: DataSetArgs,
    /// A .safetensors file with published ResNet weights to start from, in torchvision's or timm's names.
    #[arg(long, value_name = "FILE", long_help = WEIGHTS_HELP)]
    pub weights: Option<Utf8PathBuf>,
    /// Features of any network in the place of frames: a folder with a .npy file a video, or one .npz, .safetensors or Parquet
    /// file.
    ///
    /// They are named by the videos' ids or paths, and hold rows of numbers: a row a frame, evenly spread frame or window, or
    /// one row. 'features.json' beside them may say what they are. Only what comes after a backbone is trained on them; no
    /// video is decoded, and none needs to be there.
    #[arg(long, value_name = "DIR|FILE", conflicts_with_all = ["weights", "checkpoint"])]
    pub features: Option<Utf8PathBuf>,
    /// Any network in the place of the backbone: a file that torch.jit.trace made, or 'faces'.
    ///
    /// It answers N×3×H×W, or N×T×3×H×W where it sees windows of T frames, with N×D numbers. They are computed once and kept;
    /// only what comes after a backbone is trained on them. Size, mean and std of its pictures stand in 'backbone.json' among
    /// the file's extra files, or in FILE.json beside it. 'faces' is dlib's face recognition network, up to its middle, which
    /// 'scripts/setup --faces' fetches.
    #[arg(long, value_name = "FILE.pt|faces", conflicts_with_all = ["weights", "features", "checkpoint"])]
    pub backbone: Option<Utf8PathBuf>,
    /// The folder of another scan, whose networks score the videos together; nothing is trained.
    ///
    /// Frame size, clip length and the network's shape are those of that scan, and both data sets must have the same classes.
    /// A video that one of the networks has learnt from is scored by the others.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["weights", "resume", "folds", "epochs", "repeats"])]
    pub checkpoint: Option<Utf8PathBuf>,
    /// The folder of an earlier scan of the data set that people have reviewed: its networks learn again from what was found.
    ///
    /// Videos that people decided on are learnt as they said, dropped ones not at all (they are scored all the same), the others
    /// as the earlier scan's probabilities of their classes. The new run starts from the earlier one's settings, networks,
    /// frames and decisions; every video keeps its fold. The networks learn for about a third of a scan's epochs.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["checkpoint", "shards"])]
    pub learn_from: Option<Utf8PathBuf>,
    /// Keep the names of the classes although the networks agree far better with the labels under others.
    #[arg(long, requires = "checkpoint")]
    pub keep_order: bool,
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
    /// Tell progress and the summary as JSON, one event per line; with '--status' the networks, as one list.
    #[arg(long)]
    pub json: bool,
    /// Stop before the first network is trained, and print the lines that do the rest in several processes.
    #[arg(long, conflicts_with_all = ["checkpoint", "fail_above"], help_heading = "Steps")]
    pub prepare: bool,
    /// Print those lines for Slurm: a job array of the networks, then the merge.
    #[arg(long, requires = "prepare", help_heading = "Steps")]
    pub slurm: bool,
    /// With '--prepare': decode nothing yet, and print the lines that decode in N processes and prepare the run after them.
    #[arg(
        long,
        value_name = "N",
        requires = "prepare",
        conflicts_with = "features",
        help_heading = "Steps"
    )]
    pub shards: Option<NonZeroUsize>,
    /// Decode the videos of the shard K of a run, from 0, and nothing else.
    #[arg(long, value_name = "K", requires = "out", conflicts_with_all = foreign("decode").chain(OF_SETTINGS), help_heading = "Steps")]
    pub decode: Option<usize>,
    /// Train and score the network K of a run that was prepared, from 0, and nothing else.
    #[arg(long, value_name = "K", requires = "out", conflicts_with_all = foreign("network").chain(["fail_above"]), help_heading = "Steps")]
    pub network: Option<usize>,
    /// Rank the videos of a run whose networks are all finished.
    #[arg(long, requires = "out", conflicts_with_all = foreign("merge"), help_heading = "Steps")]
    pub merge: bool,
    /// Say how it stands with the networks of a run that was prepared.
    #[arg(long, requires = "out", conflicts_with_all = foreign("status").chain(OF_SETTINGS), help_heading = "Steps")]
    pub status: bool,
    /// Folds of the cross-validation; as many networks are trained [default: 5].
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub folds: Option<i64>,
    /// Clips per video when scoring [default: by preset].
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub clips: Option<i64>,
    /// Epochs of training per fold [default: by preset].
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub epochs: Option<i64>,
    /// Networks per fold, which differ in their seed and judge together [default: 1].
    ///
    /// The videos' clips are judged by the mean of what the networks say, and the report tells whether they agree. It takes
    /// as many times as long. With '--resume' a finished run gets more of them.
    #[arg(long, value_name = "COUNT", help_heading = "Settings")]
    pub repeats: Option<i64>,
    /// The settings.
    #[command(flatten)]
    pub training: TrainingArgs,
}

impl ScanArgs {
    /// Whether it is a step after `--prepare`, whose settings are those of the plan.
    pub fn is_planned(&self) -> bool {
        self.network.is_some() || self.merge || self.status
    }

    /// The layers that the flags make over `base`, a preset.
    pub fn layers(&self, base: &str) -> Layers {
        self.training
            .layers(base)
            .flag("--folds", "folds", self.folds)
            .flag("--clips", "clips.count", self.clips)
            .flag("--epochs", "train.epochs", self.epochs)
            .flag("--repeats", "train.repeats", self.repeats)
    }
}

/// Arguments of `check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit check videos/
  rdfer-audit check labels.csv --root videos/ --json
  rdfer-audit check labels.csv --set duplicates.near=false --fail-above 0")]
pub struct CheckArgs {
    /// What is checked.
    #[command(flatten)]
    pub data: DataSetArgs,
    /// Exit with 1 if a larger share of the videos than this has an issue, from 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub fail_above: Option<f64>,
    /// Print the summary as JSON; of a data set that is refused, all its problems.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// How many threads decode.
    #[command(flatten)]
    pub threads: ThreadsArgs,
}

impl CheckArgs {
    /// The layers that the flags make over `base`, a preset.
    pub fn layers(&self, base: &str) -> Layers {
        self.threads.lay(self.settings.layers(base))
    }
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit demo
  rdfer-audit demo --quick
  rdfer-audit demo faces/ --out reports/faces --set demo.videos=400")]
pub struct DemoArgs {
    /// The folder to make the data set in.
    #[arg(value_name = "DIR", default_value = "rdfer-demo")]
    pub folder: Utf8PathBuf,
    /// The folder to write the run to.
    #[arg(long, value_name = "RUN", default_value = "reports/demo")]
    pub out: Utf8PathBuf,
    /// Fewer faces and folds, a fifth of the training: sooner done, and the networks learn less.
    #[arg(long)]
    pub quick: bool,
    /// A .safetensors file with published ResNet weights to start from; `scan --help` tells more.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<Utf8PathBuf>,
    /// The settings.
    #[command(flatten)]
    pub training: TrainingArgs,
}

impl DemoArgs {
    /// The layers that the flags make over `base`, a preset.
    pub fn layers(&self, base: &str) -> Layers<DemoSettings> {
        let quick = |layers: Layers<DemoSettings>, (key, value): &(&str, i64)| {
            layers.flag("--quick", key, self.quick.then_some(*value))
        };
        let settings = &self.training.settings;
        let base = settings.config.as_deref().unwrap_or(base);
        let layers = QUICK.iter().fold(Layers::default().config(base), quick);
        self.training.lay(settings.lay(layers))
    }
}

/// What makes a demo quick.
const QUICK: [(&str, i64); 3] = [("demo.videos", 240), ("demo.identities", 60), ("folds", 3)];

/// Arguments of `review`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit review reports/videos
  rdfer-audit review reports/videos --reviewer anna --blind
  rdfer-audit review reports/videos --reviewer anna --calibrate 80
  rdfer-audit review reports/videos --list --show flagged --json
  rdfer-audit review reports/videos --apply decisions.csv")]
pub struct ReviewArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// Who decides: each reviewer has a journal, 'decisions-NAME.jsonl' in the run's folder.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub reviewer: String,
    /// Hide given label, suggestion and path until the first vote on each video.
    #[arg(long)]
    pub blind: bool,
    /// Settle what other reviewers disputed; the list begins with that.
    #[arg(long, conflicts_with = "blind")]
    pub adjudicate: bool,
    /// Serve a blind sample of N videos over the whole ranking; the summary then states precision and recall.
    ///
    /// The sample is the same for every reviewer of the run; 40 to 120 videos are a good start.
    #[arg(long, value_name = "N", conflicts_with = "adjudicate")]
    pub calibrate: Option<NonZeroUsize>,
    /// Where the videos' paths start [default: the data set's folder].
    #[arg(long, value_name = "DIR")]
    pub root: Option<Utf8PathBuf>,
    /// Print the queue instead of opening a screen.
    #[arg(long, conflicts_with = "apply")]
    pub list: bool,
    /// Print the queue, or what was applied, as JSON.
    #[arg(long)]
    pub json: bool,
    /// Take decisions from a CSV file with the columns id or path, action, and perhaps label and note.
    ///
    /// Actions: keep, relabel (needs a label), drop, ambiguous, skip, note, bookmark, clear. Nothing is taken from a file
    /// with a row that makes no sense.
    #[arg(long, value_name = "FILE")]
    pub apply: Option<Utf8PathBuf>,
    /// Begin with this tab.
    #[arg(long, value_name = "TAB", value_parser = tab_parser(), help_heading = "Queue")]
    pub show: Option<Tab>,
    /// Begin with this order: queue, rank, teaching, or the name of a score, such as agreement.
    #[arg(long, value_name = "ORDER", default_value = Order::Queue.name(), value_parser = order_parser(), hide_possible_values = true, help_heading = "Queue")]
    pub order: Order,
    /// Only videos whose path or id has this text.
    #[arg(
        long = "match",
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true,
        help_heading = "Queue"
    )]
    pub matching: String,
    /// The settings: those of the screen alone.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl ReviewArgs {
    /// The layers that the flags make over the user's own file, where there is one.
    pub fn layers(&self, own: Option<&Utf8Path>) -> Layers<OwnSettings> {
        match own {
            Some(own) => self.settings.layers(own.as_str()),
            None if self.settings.config.is_some() => self.settings.layers(""),
            None => self.settings.lay(Layers::default()),
        }
    }
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
    /// The true labels, in a file of labels as `scan` takes it, by path or by id.
    #[arg(long, value_name = "FILE")]
    pub truth: Utf8PathBuf,
    /// Print the metrics as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `score`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit score reports/videos --set verdict.agreement_threshold=0.9
  rdfer-audit score reports/videos --judged judged.csv --set verdict.threshold=calibrated
  rdfer-audit score --from predictions.parquet --out reports/mine
  rdfer-audit score --from fold1.csv fold2.csv fold3.csv --labels labels.csv --out reports/mine
  rdfer-audit score --from probs.npy --labels labels.csv --labels Happy,Sad,Neutral --out reports/mine")]
pub struct ScoreArgs {
    /// The run's folder.
    #[arg(
        value_name = "RUN",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    pub run: Option<Utf8PathBuf>,
    /// Rank anybody's out-of-fold predictions instead: a Parquet, CSV, TSV, .npy or .npz file.
    ///
    /// It has the given labels (`label`, words or class numbers) and a probability per class: `pred_probs` with lists, or a
    /// column per class such as `prob_happy`; perhaps `id` and `path`. Several rows of one id are clips. Several files are the
    /// test parts of several folds, each by the network that did not learn from it; no video may be in two of them.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<Utf8PathBuf>,
    /// The class names in the order of the probabilities, or a file with the labels of the videos, or one of each.
    ///
    /// Without names the order is that of the columns' names, of class numbers, or of the alphabet; it is said which was taken.
    #[arg(long, value_name = "NAME,...|FILE", requires = "from")]
    pub labels: Vec<String>,
    /// Keep to the order of the classes although the predictions agree far better with the labels in another one.
    #[arg(long, requires = "from")]
    pub keep_order: bool,
    /// The folder to write the run of --from to [default: reports/ and the file's name].
    #[arg(long, value_name = "RUN", requires = "from")]
    pub out: Option<Utf8PathBuf>,
    /// Throw a run away that is in that folder already.
    #[arg(long, requires = "from")]
    pub overwrite: bool,
    /// The right labels of videos that were judged blind, in a file of labels as `scan` takes it: turns the range of the
    /// estimates into intervals. Blind decisions of `review` count without it.
    #[arg(long, value_name = "FILE")]
    pub judged: Option<Utf8PathBuf>,
    /// People's votes on the videos, as `scan` takes them, or 'none' [default: those that the run has].
    #[arg(long, value_name = "FILE")]
    pub votes: Option<Utf8PathBuf>,
    /// Words in --judged that are no class of the run and mean that the given label is wrong, such as 'contempt'.
    #[arg(
        long,
        value_name = "WORD,...",
        value_delimiter = ',',
        requires = "judged"
    )]
    pub judged_wrong: Vec<String>,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Where random draws come from.
    #[command(flatten)]
    pub seed: SeedArgs,
}

impl ScoreArgs {
    /// The layers that the flags make over `base`, a preset or the settings of a run.
    pub fn layers(&self, base: &str) -> Layers {
        self.seed.lay(self.settings.layers(base))
    }

    /// The folder to write to: `--out`, or `reports/` and the name of the predictions' file.
    pub fn run_folder(&self, source: &Utf8Path) -> Utf8PathBuf {
        self.out.clone().unwrap_or_else(|| {
            let name = source.file_stem().unwrap_or("predictions");
            Utf8Path::new("reports").join(name)
        })
    }
}

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  rdfer-audit report reports/videos
  rdfer-audit report reports/videos --against reports/first
  rdfer-audit report reports/videos --votes
  rdfer-audit report reports/videos --share audit.zip")]
pub struct ReportArgs {
    /// The run's folder.
    #[arg(value_name = "RUN")]
    pub run: Utf8PathBuf,
    /// Say instead how the verdicts relate to people's votes, where the data set has them.
    ///
    /// Votes are other columns of the data set: one per class with the number of votes for it (named after the class), or one
    /// per rater with a class's name (rater…, annotator…). They are never trained on.
    #[arg(long, conflicts_with = "against")]
    pub votes: bool,
    /// Another run of the same data set: print what is different from it, and add that to the page.
    #[arg(long, value_name = "OTHER")]
    pub against: Option<Utf8PathBuf>,
    /// Pack page, summary, tables and settings to hand them on, without what tells of people.
    ///
    /// Left out are names and paths of videos, names of groups, pictures, names and remarks of reviewers, and the data set's
    /// other columns. The names of the classes stay.
    #[arg(long, value_name = "FILE.zip", conflicts_with_all = ["votes", "against", "json"])]
    pub share: Option<Utf8PathBuf>,
    /// What '--share' leaves in all the same: paths, groups, pictures, raters, columns.
    #[arg(long, value_name = "WHAT,...", value_delimiter = ',', requires = "share", value_parser = personal_parser())]
    pub include: Vec<Personal>,
    /// Where the videos' paths start, for the page's pictures [default: the data set's folder].
    #[arg(long, value_name = "DIR")]
    pub root: Option<Utf8PathBuf>,
    /// Print the answer as JSON.
    #[arg(long)]
    pub json: bool,
    /// Print the settings that the run was made with as TOML, with where each comes from, and do nothing else.
    #[arg(long)]
    pub print_config: bool,
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
    /// Where the network would run.
    #[command(flatten)]
    pub device: DeviceArgs,
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

fn personal_parser() -> impl TypedValueParser<Value = Personal> {
    let names = PossibleValuesParser::new(Personal::NAMES.map(|(name, _)| name));
    names.map(|name| {
        let named = Personal::NAMES
            .into_iter()
            .find(|(other, _)| *other == name);
        named.map_or(Personal::Columns, |(_, personal)| personal)
    })
}

fn tab_parser() -> impl TypedValueParser<Value = Tab> {
    PossibleValuesParser::new(Tab::ALL.map(|(_, name)| name))
        .map(|name| Tab::from_name(&name).unwrap_or_default())
}

fn order_parser() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(Order::all().into_iter().map(Order::name))
        .map(|name| Order::from_name(&name).unwrap_or_default())
}

pub(super) fn parse_share(text: &str) -> Result<f64, ShareError> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or(ShareError)
}

#[derive(Debug, thiserror::Error)]
#[error("a share is a number from 0 to 1, such as '0.05'")]
pub(super) struct ShareError;
