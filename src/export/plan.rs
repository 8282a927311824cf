//! What an export writes, made whole in memory before anything is touched.

use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::record::{Record, records};
use super::tree::{Media, Placed};
use super::write::{Planned, write};
use super::{Audit, Decisions, ExportError, Policy};
use super::{changes, columns, convert, interchange, same, tree};
use crate::manifest::{Format, is_media};

/// The format of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExportFormat {
    /// The data set's own, byte for byte but for the changes; class folders become new class folders.
    #[default]
    Same,
    /// A table with commas and a header.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// A line `path label` per video.
    List,
    /// A Parquet file with a row per video.
    Parquet,
    /// A folder with one folder of videos per class.
    Folders,
    /// A video folder for Hugging Face's `datasets`.
    Huggingface,
    /// A data set for `fiftyone`, in JSON.
    Fiftyone,
    /// Labels and probabilities for cleanlab, in Parquet.
    Cleanlab,
}

impl ExportFormat {
    /// Every format, with the name that the user gives it.
    pub const NAMES: [(&str, Self); 9] = [
        ("same", Self::Same),
        ("csv", Self::Csv),
        ("jsonl", Self::Jsonl),
        ("list", Self::List),
        ("parquet", Self::Parquet),
        ("folders", Self::Folders),
        ("huggingface", Self::Huggingface),
        ("fiftyone", Self::Fiftyone),
        ("cleanlab", Self::Cleanlab),
    ];

    /// The format's name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, format)| *format == self);
        named.map_or("same", |(name, _)| name)
    }

    /// What an export of a data set in `format` is made as: the data set's own format is class folders for class folders.
    pub(super) fn resolved(self, format: Format) -> Self {
        match (self, format) {
            (Self::Same, Format::Folders) => Self::Folders,
            (Self::Same, Format::Fiftyone) => Self::Fiftyone,
            (format, _) => format,
        }
    }

    /// The name of a file of this format in a folder that the user named.
    fn file_name(self) -> &'static str {
        match self {
            Self::Same | Self::Folders | Self::Huggingface | Self::Csv => "labels.csv",
            Self::Jsonl => "labels.jsonl",
            Self::List => "labels.txt",
            Self::Parquet => "labels.parquet",
            Self::Fiftyone => "fiftyone.json",
            Self::Cleanlab => "cleanlab.parquet",
        }
    }
}

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Where to write to.
    pub target: Utf8PathBuf,
    /// The format.
    pub format: ExportFormat,
    /// Whose word counts.
    pub policy: Policy,
    /// Whether to add a sample weight.
    pub weights: bool,
    /// Whether to add what the run says of each video.
    pub flags: bool,
    /// What becomes of the videos, where the export has them.
    pub media: Media,
}

impl Request {
    /// Refuses options that the format has no place for, rather than forget them.
    fn check_options(&self, own: Format) -> Result<(), ExportError> {
        let format = self.format.resolved(own);
        let has_columns = !matches!(
            format,
            ExportFormat::List
                | ExportFormat::Folders
                | ExportFormat::Fiftyone
                | ExportFormat::Cleanlab
        );
        let has_videos = matches!(format, ExportFormat::Folders | ExportFormat::Huggingface);
        let tables = "'--format csv', 'jsonl', 'parquet' or 'huggingface'";
        let options = [
            (self.weights && !has_columns, "--weights", tables),
            (self.flags && !has_columns, "--flag", tables),
            (
                self.media == Media::Copy && !has_videos,
                "--copy",
                "'--format folders' or 'huggingface'",
            ),
        ];
        match options.into_iter().find(|(is_refused, ..)| *is_refused) {
            None => Ok(()),
            Some((_, option, others)) => Err(ExportError::Option {
                format: format.name(),
                option,
                others,
            }),
        }
    }
}

/// Where an export lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The file or folder.
    pub path: Utf8PathBuf,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether the folder is made anew, with the videos in it.
    pub is_tree: bool,
}

impl Target {
    /// Where an export to `path` lies: a file goes into a folder that is there already.
    pub fn of(audit: &Audit, path: &Utf8Path, format: ExportFormat) -> Self {
        let format = format.resolved(audit.original.manifest.format);
        let is_tree = matches!(format, ExportFormat::Folders | ExportFormat::Huggingface);
        let several = format == ExportFormat::Same && audit.original.is_folder;
        let is_folder = is_tree || several;
        let path = if !is_folder && path.is_dir() {
            let own = audit.original.files.first().map(|file| file.path.as_str());
            let name = match (format, own) {
                (ExportFormat::Same, Some(own)) => own,
                _ => format.file_name(),
            };
            path.join(name)
        } else {
            path.to_owned()
        };
        Self {
            path,
            is_folder,
            is_tree,
        }
    }

    /// Refuses a file whose name says that it is something else: a video, or a table of another kind.
    fn check_name(&self, audit: &Audit, format: ExportFormat) -> Result<(), ExportError> {
        let refuse = |reason| {
            let path = self.path.clone();
            Err(ExportError::OtherName { path, reason })
        };
        if self.is_folder {
            return Ok(());
        }
        if is_media(&self.path) {
            return refuse("a video or a picture");
        }
        let kind = |path: &Utf8Path| match path.extension()?.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "tab" | "txt" | "lst" => Some("text"),
            "jsonl" | "json" | "ndjson" => Some("JSON"),
            "parquet" => Some("Parquet"),
            _ => None,
        };
        let own = audit
            .original
            .files
            .first()
            .and_then(|file| kind(&file.path));
        let format = format.resolved(audit.original.manifest.format);
        match (format, own, kind(&self.path)) {
            (ExportFormat::Same, Some(own), Some(named)) if own != named => refuse(named),
            _ => Ok(()),
        }
    }
}

/// An export that is ready to be written.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it lies.
    pub target: Target,
    /// What becomes of each video.
    pub decisions: Decisions,
    /// The changed labels as a unified diff of the label files; of class folders and Parquet files, as one of the list of
    /// their videos.
    pub diff: String,
    /// Files; those of a tree have paths relative to it.
    files: Vec<Planned>,
    /// Videos of a tree.
    placed: Vec<Placed>,
    media: Media,
}

impl Plan {
    /// Makes an export.
    ///
    /// # Errors
    /// The run does not fit its data set, or the format cannot hold it.
    pub fn make(audit: &Audit, request: &Request) -> Result<Self, ExportError> {
        let original = &audit.original;
        let manifest = &original.manifest;
        request.check_options(manifest.format)?;
        let decisions = audit.decide(&request.policy)?;
        let rows = audit.by_id();
        let target = Target::of(audit, &request.target, request.format);
        target.check_name(audit, request.format)?;
        let records = records(manifest, &rows, &decisions);
        let columns = columns::added(
            manifest,
            &records,
            &decisions,
            request.weights,
            request.flags,
        )?;
        let place = |path: &Utf8Path| {
            if target.is_folder {
                target.path.join(path)
            } else {
                target.path.clone()
            }
        };
        // Folders and Parquet files have no lines.
        let is_text = !original.files.is_empty() && manifest.format != Format::Parquet;
        let diff = if is_text {
            same::diff(original, &decisions)?
        } else {
            listing_diff(&records)
        };
        let mut placed = Vec::new();
        let one = |bytes: Vec<u8>| vec![Planned::new(target.path.clone(), bytes)];
        let mut files = match request.format.resolved(manifest.format) {
            ExportFormat::Same => same::files(original, &decisions, &columns, place)?,
            ExportFormat::Csv => one(convert::csv(manifest, &records, &columns)?),
            ExportFormat::Jsonl => one(convert::jsonl(manifest, &records, &columns)),
            ExportFormat::List => one(convert::list(&records, &columns)?),
            ExportFormat::Parquet => one(convert::parquet(manifest, &records, &columns)?),
            ExportFormat::Folders => {
                placed = tree::class_folders(manifest, &records, &audit.root)?;
                Vec::new()
            }
            ExportFormat::Huggingface => {
                let (videos, metadata) =
                    tree::video_folder(manifest, &records, &columns, &audit.root)?;
                placed = videos;
                vec![metadata]
            }
            ExportFormat::Fiftyone => {
                // Where a list lies beside, its root is empty.
                let root = Utf8Path::new(".").join(&audit.root);
                let root = camino::absolute_utf8(&root).map_err(ExportError::File)?;
                let name = target.path.file_stem().unwrap_or("rdfer-audit");
                one(interchange::fiftyone(manifest, &records, name, &root)?)
            }
            ExportFormat::Cleanlab => one(interchange::cleanlab(manifest, &records)?),
        };
        let base = if target.is_tree {
            Utf8Path::new("")
        } else {
            &target.path
        };
        let (table, unified) = changes::places(base, target.is_folder);
        // The export itself comes last: whoever sees the new one sees its changes as well.
        files.insert(0, Planned::new(table, changes::table(&decisions.changes)?));
        files.insert(1, Planned::new(unified, diff.clone().into_bytes()));
        Ok(Self {
            target,
            decisions,
            diff,
            files,
            placed,
            media: request.media,
        })
    }

    /// Writes the export, all of it or nothing. `force`: over what is there.
    ///
    /// # Errors
    /// Something is there, or a file cannot be written.
    pub fn write(&self, force: bool) -> Result<(), ExportError> {
        if self.target.is_tree {
            let target = &self.target.path;
            tree::make(target, &self.placed, &self.files, self.media, force)
        } else {
            write(&self.files, force)
        }
    }

    /// Takes away what tells of the changes.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_changes(&self) -> Result<(), ExportError> {
        let (table, diff) = changes::places(&self.target.path, self.target.is_folder);
        for path in [table, diff] {
            fs_err::remove_file(path).map_err(ExportError::File)?;
        }
        Ok(())
    }
}

/// The unified diff of the list of videos, for data sets without lines of labels.
fn listing_diff(records: &[Record]) -> String {
    let (mut before, mut after) = (String::new(), String::new());
    for record in records {
        let line = |text: &mut String, label: &str| {
            writeln!(text, "{}\t{label}", record.video.written_path)
                .unwrap_or_else(|_| unreachable!("a String takes every word"));
        };
        line(&mut before, record.given);
        if !record.is_dropped() {
            line(&mut after, record.label);
        }
    }
    changes::diff(Utf8Path::new("labels"), before.as_bytes(), after.as_bytes())
}
