//! Flags that say how a data set is read, which `check` and `scan` have in common.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::manifest::{
    self, Format, LabelFrom, Missing, ReadOptions, Reading, ReplacedPrefix, Role, Unlabeled,
};

/// What the user says of a data set.
#[derive(Debug, Clone, Args)]
pub struct ReadArgs {
    /// Where the paths of a file of labels start [default: the file's own folder, or where the data set has its videos].
    #[arg(long, value_name = "DIR")]
    pub root: Option<Utf8PathBuf>,
    /// How the data set is written down; auto takes the one format that fits.
    #[arg(long, value_name = "FORMAT", default_value = Format::Auto.name(), value_parser = format_parser())]
    pub format: Format,
    /// Which column of a table means what, as in 'path=clip,label=emotion,group=subject'; numbers in a table without a header.
    ///
    /// Roles are path, label, id (name in the reports), group (never split between training and scoring), split and frames.
    #[arg(long, value_name = "ROLE=COLUMN,...", value_parser = manifest::parse_columns, help_heading = "Reading")]
    columns: Option<BTreeMap<Role, String>>,
    /// Where the paths in a folder of videos name the label: a pattern, or ravdess, crema-d, mead or enterface.
    ///
    /// A pattern has {label}, perhaps {group}, {split}, {id} and {} (any text), each perhaps with a length as in {label:3}; *
    /// stands for any part of a name, ** for any folders. With '/' it is held against the whole path below the folder, else
    /// against the name, in both cases without a video's extension: '{group}/{label}/**', '{}_{label}_{}'.
    #[arg(long, value_name = "PATTERN", help_heading = "Reading")]
    label_from: Option<LabelFrom>,
    /// Another beginning for paths that begin so, as in '/home/anna/data=videos'; may be given several times.
    #[arg(long, value_name = "OLD=NEW", help_heading = "Reading")]
    replace_prefix: Vec<ReplacedPrefix>,
    /// What becomes of videos whose label says that there is none (empty, nan, N/A, unknown, -1): refuse, skip, or class, which
    /// keeps such a word as a class.
    #[arg(long, value_name = "WHAT", default_value = "refuse", value_parser = unlabeled_parser(), help_heading = "Reading")]
    unlabeled: Unlabeled,
    /// What becomes of videos that are not there: refuse, skip (up to a quarter of them), or skip=SHARE with another limit.
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "refuse",
        help_heading = "Reading"
    )]
    missing: Missing,
}

impl ReadArgs {
    /// How to read the data set. `label_names`: what it writes for a class, and the class's name.
    pub fn options(&self, label_names: BTreeMap<String, String>) -> ReadOptions {
        ReadOptions {
            root: self.root.clone(),
            format: self.format,
            label_names,
            words_only: false,
            may_lack_videos: false,
            reading: Reading {
                columns: self.columns.clone().unwrap_or_default(),
                label_from: self.label_from.clone(),
                prefixes: self.replace_prefix.clone(),
                unlabeled: self.unlabeled,
                missing: self.missing,
                ..Reading::default()
            },
        }
    }
}

fn unlabeled_parser() -> impl TypedValueParser<Value = Unlabeled> {
    PossibleValuesParser::new(Unlabeled::NAMES.map(|(name, _)| name)).map(|name| {
        let named = Unlabeled::NAMES
            .into_iter()
            .find(|(other, _)| *other == name);
        named.map_or(Unlabeled::Refuse, |(_, unlabeled)| unlabeled)
    })
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::NAMES.map(|(name, _)| name)).map(|name| {
        let named = Format::NAMES.into_iter().find(|(other, _)| *other == name);
        named.map_or(Format::Auto, |(_, format)| format)
    })
}
