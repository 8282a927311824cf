//! The ways in which a data set can be wrong, each with its remedy.

use camino::Utf8PathBuf;

use super::words::{
    class_remedy, folds_remedy, instead, lie_in, list, missing_remedy, place, unlabeled_remedy,
};
use crate::manifest::pattern::PatternError;
use crate::table::TableError;

/// The ways in which a data set can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum ProblemKind {
    /// The file or folder cannot be read.
    #[error("{source}; check the path and its permissions")]
    Unreadable {
        /// The cause, which names the path.
        source: std::io::Error,
    },
    /// Paths cannot start there.
    #[error("there is no folder '{root}', which '--root' names; correct the flag")]
    NoRoot {
        /// The root.
        root: Utf8PathBuf,
    },
    /// Folders were asked for, but it is a file.
    #[error("it is a file, not a folder of class folders; leave '--format folders' out")]
    NotAFolder,
    /// A format of a single file was asked for, but it is a folder.
    #[error(
        "it is a folder without files of labels in the format '{format}'; leave '--format {format}' out, or name the file"
    )]
    NotAFile {
        /// The format that was asked for.
        format: &'static str,
    },
    /// More than one format fits, so that the user must say which is meant.
    #[error("it fits the formats {}; {remedy}", list(.formats))]
    SeveralFormats {
        /// The formats' names.
        formats: Vec<String>,
        /// What to do.
        remedy: &'static str,
    },
    /// A folder lacks the files that its format is known by.
    #[error(
        "there are no files '{pattern}' in it, as the format '{format}' has them; name the data set's top folder, or another format"
    )]
    NoLabelFiles {
        /// The format that was asked for.
        format: &'static str,
        /// Where its files lie.
        pattern: &'static str,
    },
    /// A row of a list has no label.
    #[error(
        "'{text}' is not a path and a label, separated by a space; correct the line, or remove it"
    )]
    NoLabel {
        /// The line.
        text: String,
    },
    /// A line is not a JSON object with a path and a label.
    #[error(
        "the line is no JSON object with a path and a label ({reason}); write it as in {{\"path\": \"a.mp4\", \"label\": \"happy\"}}"
    )]
    NotAnObject {
        /// What is wrong with it.
        reason: String,
    },
    /// Two files of a data set give the same video different labels.
    #[error(
        "'{path}' has the label '{label}' in '{file}', but '{first_label}' in '{first_file}'; make both alike"
    )]
    LabelConflict {
        /// The video, as the files write it.
        path: String,
        /// The file.
        file: Utf8PathBuf,
        /// Its label there.
        label: String,
        /// The file that was read before.
        first_file: Utf8PathBuf,
        /// Its label there.
        first_label: String,
    },
    /// A problem in one of several files.
    #[error("'{file}': {kind}")]
    InFile {
        /// The file.
        file: Utf8PathBuf,
        /// What is wrong in it.
        kind: Box<Self>,
    },
    /// The file is no Parquet file that can be read.
    #[error("{source}")]
    Table {
        /// What is wrong with it.
        source: TableError,
    },
    /// A table has the videos themselves.
    #[error(
        "the videos lie within the file, in its column '{column}' ({kind}), where they are not read; write each to a file of its own, and a table with their paths and labels"
    )]
    VideosInside {
        /// The column.
        column: String,
        /// What its type is called.
        kind: String,
    },
    /// The header lacks a column.
    #[error("column '{column}' is missing (found: {}); {remedy}", list(.found))]
    MissingColumn {
        /// The column.
        column: &'static str,
        /// The columns that are there.
        found: Vec<String>,
        /// What to do.
        remedy: String,
    },
    /// There is no such column as `--columns` names.
    #[error("there is no column '{column}', which '--columns {role}={column}' names (found: {}); correct the flag", list(.found))]
    UnknownColumn {
        /// What it was to mean.
        role: &'static str,
        /// The column.
        column: String,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A column was given two meanings.
    #[error(
        "'--columns' gives '{column}' two meanings, {role} and another; name another column for one of them"
    )]
    TwoMeanings {
        /// The column.
        column: String,
        /// One of the meanings.
        role: &'static str,
    },
    /// A row is the header again.
    #[error("the line is the header again; remove it")]
    RepeatedHeader,
    /// All rows have the same number of fields, but the header has another.
    #[error(
        "the header names {expected} columns, but all {rows} rows have {found} fields; correct the header"
    )]
    OtherHeader {
        /// Fields of the header.
        expected: usize,
        /// Fields of each row.
        found: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// The header names a column twice.
    #[error("column '{column}' is there twice; rename one of the two")]
    DuplicateColumn {
        /// The column.
        column: String,
    },
    /// A row has more or fewer fields than the header.
    #[error(
        "the row has {found} fields, but the header has {expected}; quote fields that hold the delimiter"
    )]
    Ragged {
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// A quote is opened and never closed, so that all lines after it are one field.
    #[error(
        "a quote is opened and not closed before the file ends, {lines} lines below; close it, or double it if it is part of the text"
    )]
    OpenQuote {
        /// How many lines the field swallows.
        lines: u64,
    },
    /// A row is not UTF-8.
    #[error("the text is not UTF-8 (it reads '{lossy}'); save the file as UTF-8")]
    NotUtf8 {
        /// The text, with a replacement character for what cannot be read.
        lossy: String,
    },
    /// A path in a folder of folders is not UTF-8.
    #[error("the file name '{lossy}' is not UTF-8; rename it")]
    NameNotUtf8 {
        /// The path, with a replacement character for what cannot be read.
        lossy: String,
    },
    /// The path field is empty.
    #[error("the path is empty; write where the video lies, or remove the row")]
    EmptyPath,
    /// The label field is empty.
    #[error("the label of '{path}' is empty; {}", unlabeled_remedy(*.words_only))]
    EmptyLabel {
        /// The video's path as written.
        path: String,
        /// Whether only words are read, so that rows cannot be left out.
        words_only: bool,
    },
    /// The label is a word for none.
    #[error(
        "the label of '{path}' is '{label}', which mostly means that there is none; {}{}",
        unlabeled_remedy(*.words_only),
        class_remedy(*.words_only)
    )]
    NoLabelWord {
        /// The video's path as written.
        path: String,
        /// The label as written.
        label: String,
        /// Whether only words are read, so that rows cannot be left out.
        words_only: bool,
    },
    /// The label is none of the `[labels]` table.
    #[error("label '{label}' is not in the [labels] table (which has {}); add it there or correct it", list(.known))]
    UnknownLabel {
        /// The label as written.
        label: String,
        /// The keys of the table.
        known: Vec<String>,
    },
    /// The `[labels]` table gives a class no name.
    #[error(
        "label '{label}' has an empty name in the [labels] table; write the class's name there"
    )]
    UnnamedLabel {
        /// The key in the table.
        label: String,
    },
    /// There is an id column, but this row's is empty.
    #[error("the id of '{path}' is empty; fill the column for every row, or remove it")]
    EmptyId {
        /// The video's path as written.
        path: String,
    },
    /// A column of ids names no videos.
    #[error(
        "the column 'id' has {distinct} values in {rows} rows, so it does not name videos; if it says whose video it is, say '--columns group=id', else rename it"
    )]
    RepeatedIds {
        /// How many different ids there are.
        distinct: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// Two videos have the same id.
    #[error("id '{id}' is already that of {}; ids must be unique", place(*.first_row, .first_path))]
    DuplicateId {
        /// The id.
        id: String,
        /// Line of the first video with it.
        first_row: Option<u64>,
        /// Path, as written, of the first video with it.
        first_path: String,
    },
    /// The same video is there twice.
    #[error("'{path}' (label '{label}') is already there at {} with label '{first_label}'; keep one of the two", place(*.first_row, .first_path))]
    DuplicatePath {
        /// The path as written.
        path: String,
        /// The label as written.
        label: String,
        /// Line of its first entry.
        first_row: Option<u64>,
        /// Path, as written, of its first entry.
        first_path: String,
        /// Label, as written, of its first entry.
        first_label: String,
    },
    /// The video is not where the manifest says.
    #[error("there is no file '{path}'; {}", missing_remedy(.path, .written))]
    MissingFile {
        /// The path, the root joined.
        path: Utf8PathBuf,
        /// The path as written.
        written: String,
    },
    /// More than one video may be meant by a path that is not there.
    #[error("there is no file '{path}', but there are {}; write which of them is meant", list(.found))]
    SeveralFiles {
        /// The path as written.
        path: String,
        /// What may be meant.
        found: Vec<String>,
    },
    /// The videos are there, below another folder than the one at which paths start.
    #[error("videos that are missing lie {}; {remedy}", lie_in(.places))]
    Elsewhere {
        /// Where.
        places: Vec<String>,
        /// What to say.
        remedy: String,
    },
    /// More videos are missing than may.
    #[error(
        "{missing} of {videos} videos are not there, more than '--missing skip={limit}' allows; say with '--root' where paths start, or raise the share"
    )]
    TooManyMissing {
        /// How many are missing.
        missing: usize,
        /// Of how many.
        videos: usize,
        /// The share that may be.
        limit: f64,
    },
    /// A link leads nowhere.
    #[error(
        "the link '{path}' leads nowhere ('{target}'); mount or restore what it names, remove the link, or leave it out with '--missing skip'"
    )]
    DanglingLink {
        /// The link.
        path: Utf8PathBuf,
        /// Where it leads.
        target: Utf8PathBuf,
    },
    /// The same videos lie in several places.
    #[error("videos of the same names lie {}; say with '--root' which are meant", lie_in(.places))]
    SeveralPlaces {
        /// Where.
        places: Vec<String>,
    },
    /// A folder has several lists, and nothing says which is meant.
    #[error("it holds the lists {}; name one of them, or several, which are then read as one data set", list(.lists))]
    SeveralLists {
        /// The lists.
        lists: Vec<String>,
    },
    /// It is not certain where the paths name the labels.
    #[error("{what}; {remedy}")]
    UnclearFolders {
        /// What is unclear.
        what: String,
        /// What to say.
        remedy: String,
    },
    /// A path does not fit the pattern by which labels are found.
    #[error("'{path}' does not fit '{pattern}'; correct '--label-from', or move the video away")]
    NotNamed {
        /// The path.
        path: String,
        /// The pattern.
        pattern: String,
    },
    /// A pattern that cannot be used.
    #[error("{source}")]
    Pattern {
        /// Why.
        source: PatternError,
    },
    /// The file is of a kind that holds no list of labels that can be read.
    #[error("it is {kind}; {remedy}")]
    OtherKind {
        /// What it is.
        kind: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The lines of a list have the label before the path.
    #[error("its lines have the label first; write the path first, as in '{path} {label}'")]
    LabelFirst {
        /// The path of the first line.
        path: String,
        /// Its label.
        label: String,
    },
    /// The lines of a list have the number of frames after the label.
    #[error(
        "its lines have the label before the number of frames; write them as in '{path} {frames} {label}', or make a table of it"
    )]
    FramesLast {
        /// The path of the first line.
        path: String,
        /// Its label.
        label: String,
        /// Its number of frames.
        frames: String,
    },
    /// The lines of a list have more than a path, a number of frames and a label.
    #[error(
        "its lines have more than a path, a number of frames and a label, as '{text}'; a video has one label: write 'path label', or a table with a header for the rest"
    )]
    ManyFields {
        /// The first such line.
        text: String,
    },
    /// A line of a list lacks the number of frames that the others have.
    #[error(
        "'{text}' has no number of frames before the label, which {others} other lines have; write it, or take it out of all lines"
    )]
    NoFrameCount {
        /// The line.
        text: String,
        /// How many lines have one.
        others: usize,
    },
    /// The path is that of one picture.
    #[error("'{path}' is a single picture and no video; write the folder of its frames, once")]
    Picture {
        /// The path as written.
        path: String,
    },
    /// The path is a folder in which there are no frames.
    #[error(
        "folder '{path}' holds no frames (.jpg, .jpeg, .png, .bmp or .webp){}; correct the path, or remove the row", instead(.found.as_ref())
    )]
    NoFrames {
        /// The path, the root joined.
        path: Utf8PathBuf,
        /// What it holds instead, if anything.
        found: Option<String>,
    },
    /// There is no video at all.
    #[error("there is no video in it; {remedy}")]
    Empty {
        /// What the format expects.
        remedy: &'static str,
    },
    /// All videos have the same label.
    #[error(
        "all {videos} videos have the label '{label}'; at least two classes are needed to find a wrong one"
    )]
    OneClass {
        /// The number of videos.
        videos: usize,
        /// The class.
        label: String,
    },
    /// A class is too small to be in every fold.
    #[error("class '{label}' has {units} {unit}, too few for {folds} folds; {}", folds_remedy(*.units))]
    TooFewForFolds {
        /// The class.
        label: String,
        /// How many independent videos or groups it has.
        units: usize,
        /// What was counted: `group(s)` or `video(s)`.
        unit: &'static str,
        /// The number of folds.
        folds: usize,
    },
}

impl ProblemKind {
    /// The same where no flag says how a file is read.
    pub(super) fn without_flags(self) -> Self {
        match self {
            Self::SeveralFormats { formats, .. } => Self::SeveralFormats {
                formats,
                remedy: "name its columns as one of them alone has them",
            },
            Self::UnclearFolders { what, .. } => Self::UnclearFolders {
                what,
                remedy: "name a list of the videos and their labels".to_owned(),
            },
            other => other,
        }
    }
}
