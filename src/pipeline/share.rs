//! `report --share`: a run to hand on, without what tells of people.
//!
//! A copy of the run is written in which videos, groups and reviewers have numbers for names; page and summary are made from
//! that copy alone, so that what is not in it cannot slip into them.

use std::collections::{BTreeMap, HashMap};
use std::io;

use anyhow::{Context, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use zip::write::FileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::publish;
use crate::manifest::Reading;
use crate::page::findings::{Findings, ReviewFacts};
use crate::page::html::Page;
use crate::rows::dynamics::{Dynamics, DynamicsRow};
use crate::rows::folder::RunFolder;
use crate::rows::run::{self, RunCard};
use crate::rows::videos::{self, VideoRow};
use crate::rows::{clips, issues};
use crate::score::Verdict;
use crate::whole::{self, WholeFile};

/// Something that tells of people, and is left out unless somebody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// Ids and paths of videos, and every other path.
    Paths,
    /// Names of groups.
    Groups,
    /// Pictures of the videos.
    Pictures,
    /// Names and remarks of reviewers.
    Raters,
    /// The data set's other columns.
    Columns,
}

impl Personal {
    /// All of them, by the word that asks for each.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("paths", Self::Paths),
        ("groups", Self::Groups),
        ("pictures", Self::Pictures),
        ("raters", Self::Raters),
        ("columns", Self::Columns),
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Paths => "names and paths (videos are called by their rank)",
            Self::Groups => "names of groups (they are numbered)",
            Self::Pictures => "pictures",
            Self::Raters => "names of reviewers (they are numbered) and their remarks",
            Self::Columns => "the data set's other columns",
        }
    }
}

/// What is left out where `kept` was asked for, in fragments.
pub(crate) fn left_out(kept: &[Personal]) -> Vec<&'static str> {
    let mut words: Vec<_> = Personal::NAMES
        .iter()
        .filter(|(_, personal)| !kept.contains(personal))
        .map(|(_, personal)| personal.words())
        .collect();
    if !has_remarks(kept) {
        words.push(
            "the remarks on issues and on videos that could not be read, which may name either",
        );
    }
    words
}

/// Whether free text may stay, which names paths and groups.
fn has_remarks(kept: &[Personal]) -> bool {
    kept.contains(&Personal::Paths) && kept.contains(&Personal::Groups)
}

/// Packs the run in `folder` into the file `target`, with what is `kept`. `root`: where the videos' paths start, if not where
/// the run's card says.
///
/// # Errors
///
/// If there is no finished run, one of its files cannot be read, or the file cannot be written.
pub(crate) fn share(
    folder: &RunFolder,
    target: &Utf8Path,
    kept: &[Personal],
    root: Option<&Utf8Path>,
) -> anyhow::Result<()> {
    ensure!(
        target.extension() == Some("zip"),
        "'{target}' does not end in .zip: name the file to write, as in 'audit.zip'"
    );
    let name = target.file_stem().unwrap_or_default();
    let original = publish::findings(folder)?;
    let strips = if kept.contains(&Personal::Pictures) {
        publish::strips(folder, &original, root)
    } else {
        BTreeMap::new()
    };
    let names = Names::new(&original, kept);
    let place = tempfile::tempdir().context("there is no room for temporary files")?;
    let place = Utf8Path::from_path(place.path())
        .context("the folder for temporary files has no plain name")?;
    let copy = RunFolder::new(place);
    let mut files = write_copy(folder, &copy, &names)?;
    let review = names.review(original.review.clone());
    let mut findings = Findings::read(&copy, review)?;
    name.clone_into(&mut findings.summary.run);
    let page = Page {
        findings: &findings,
        strips: &strips,
        comparison: None,
        left_out: &left_out(kept),
    };
    publish::write_page(&copy, &page)?;
    files.extend([copy.page(), copy.summary()]);
    pack(&files, place, target)
}

/// What things are called in the copy.
struct Names<'a> {
    kept: &'a [Personal],
    /// Ranks by id, and by path.
    ids: HashMap<&'a str, u32>,
    paths: HashMap<&'a str, u32>,
    groups: HashMap<&'a str, usize>,
    reviewers: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn new(original: &'a Findings, kept: &'a [Personal]) -> Self {
        let rows = &original.rows;
        let mut groups = HashMap::new();
        for group in rows.iter().filter_map(|row| row.group.as_deref()) {
            let next = groups.len() + 1;
            groups.entry(group).or_insert(next);
        }
        let reviewers = original.review.reviewers.iter();
        Self {
            kept,
            ids: rows.iter().map(|row| (row.id.as_str(), row.rank)).collect(),
            paths: rows
                .iter()
                .map(|row| (row.path.as_str(), row.rank))
                .collect(),
            groups,
            reviewers: reviewers
                .map(|reviewer| reviewer.name.as_str())
                .zip(1..)
                .collect(),
        }
    }

    fn keeps(&self, personal: Personal) -> bool {
        self.kept.contains(&personal)
    }

    /// The name of the video that `ranks` knows as `name`.
    fn video(&self, ranks: &HashMap<&str, u32>, name: &str) -> String {
        match ranks.get(name) {
            _ if self.keeps(Personal::Paths) => name.to_owned(),
            Some(rank) => format!("video {rank}"),
            None => "a video without rank".to_owned(),
        }
    }

    fn id(&self, id: &str) -> String {
        self.video(&self.ids, id)
    }

    fn group(&self, group: &str) -> String {
        match self.groups.get(group) {
            Some(number) if !self.keeps(Personal::Groups) => format!("group {number}"),
            _ => group.to_owned(),
        }
    }

    /// The unnamed reviewer stays unnamed.
    fn reviewer(&self, name: &str) -> String {
        match self.reviewers.get(name) {
            Some(number) if !self.keeps(Personal::Raters) && !name.is_empty() => {
                format!("reviewer {number}")
            }
            _ => name.to_owned(),
        }
    }

    fn row(&self, mut row: VideoRow) -> VideoRow {
        row.reason = self.reason(&row);
        row.path = self.video(&self.paths, &row.path);
        row.id = self.id(&row.id);
        row.group = row.group.map(|group| self.group(&group));
        if let Some(judgement) = &mut row.judgement {
            for neighbour in &mut judgement.neighbours {
                *neighbour = self.id(neighbour);
            }
        }
        if !self.keeps(Personal::Columns) {
            row.extra.clear();
        }
        row
    }

    /// Why a video has its verdict. What the clips say names classes alone; a duplicate is named before it.
    fn reason(&self, row: &VideoRow) -> String {
        if has_remarks(self.kept) {
            return row.reason.clone();
        }
        match (&row.judgement, row.verdict) {
            (None, Verdict::Unreadable) => "the video could not be decoded".to_owned(),
            (None, _) => "the video could not be scored".to_owned(),
            (Some(_), _) => {
                let other = row.reason.strip_prefix(DUPLICATE);
                let other = other.and_then(|text| text.rsplit_once(IS_LABELED));
                other.map_or_else(
                    || row.reason.clone(),
                    |(path, rest)| {
                        let other = self.video(&self.paths, path);
                        format!("{DUPLICATE}{other}{IS_LABELED}{rest}")
                    },
                )
            }
        }
    }

    fn review(&self, mut facts: ReviewFacts) -> ReviewFacts {
        for reviewer in &mut facts.reviewers {
            reviewer.name = self.reviewer(&reviewer.name);
        }
        for decision in &mut facts.decisions {
            decision.id = self.id(&decision.id);
            decision.reviewer = self.reviewer(&decision.reviewer);
            decision.note = decision
                .note
                .take()
                .filter(|_| self.keeps(Personal::Raters));
        }
        facts
    }

    fn card(&self, mut card: RunCard) -> RunCard {
        if self.keeps(Personal::Paths) {
            return card;
        }
        "the data set".clone_into(&mut card.dataset);
        card.root = None;
        card.digests.clear();
        card.reading = Reading::default();
        if let Some(networks) = &mut card.networks {
            "another run".clone_into(&mut networks.run);
        }
        if let Some(features) = &mut card.features {
            "elsewhere".clone_into(&mut features.source);
        }
        if let Some(model) = card.settings.pointer_mut("/health/face_model") {
            *model = Value::String(String::new());
        }
        card
    }
}

/// How the reason of a video begins that has another label than its duplicate, around the duplicate's path.
const DUPLICATE: &str = "its duplicate '";
const IS_LABELED: &str = "' is labeled ";

/// Writes the run's tables, card and settings under other names; which files there are now.
fn write_copy(
    folder: &RunFolder,
    copy: &RunFolder,
    names: &Names,
) -> anyhow::Result<Vec<Utf8PathBuf>> {
    let (rows, mut columns) = videos::read(&folder.videos())?;
    if !names.keeps(Personal::Columns) {
        columns.clear();
    }
    let rows: Vec<VideoRow> = rows.into_iter().map(|row| names.row(row)).collect();
    videos::write(&copy.videos(), &rows, &columns)?;
    let card = names.card(run::read(&folder.card())?);
    run::write(&copy.card(), &card)?;
    whole::write(&copy.settings(), toml::to_string(&card.settings)?)?;
    let mut files = vec![copy.videos(), copy.card(), copy.settings()];
    files.extend(write_long_tables(folder, copy, names)?);
    // Numbers and classes alone.
    let mut plain = vec![
        (folder.classes(), copy.classes()),
        (folder.transitions(), copy.transitions()),
        (folder.cuts(), copy.cuts()),
    ];
    plain.extend((0..).map_while(|fold| {
        let log = folder.training_log(fold);
        log.exists().then(|| (log, copy.training_log(fold)))
    }));
    for (from, to) in plain.into_iter().filter(|(from, _)| from.exists()) {
        fs_err::create_dir_all(whole::folder_of(&to))?;
        fs_err::copy(&from, &to)?;
        files.push(to);
    }
    Ok(files)
}

/// Those that need not be there.
fn write_long_tables(
    folder: &RunFolder,
    copy: &RunFolder,
    names: &Names,
) -> anyhow::Result<Vec<Utf8PathBuf>> {
    let mut files = Vec::new();
    if folder.issues().exists() {
        let mut rows = issues::read(&folder.issues())?;
        for row in &mut rows {
            row.id = row.id.take().map(|id| names.id(&id));
            row.other_id = row.other_id.take().map(|id| names.id(&id));
            if !has_remarks(names.kept) {
                row.detail.clear();
            }
        }
        issues::write(&copy.issues(), &rows)?;
        files.push(copy.issues());
    }
    if folder.clips().exists() {
        let mut rows = clips::read(&folder.clips())?;
        for row in &mut rows {
            row.id = names.id(&row.id);
        }
        clips::write(&copy.clips(), &rows)?;
        files.push(copy.clips());
    }
    if folder.dynamics().exists() {
        let mut rows = Dynamics::default();
        rows.read(&folder.dynamics())?;
        let mut renamed = Dynamics::default();
        for row in rows.rows() {
            let id = &names.id(row.id);
            renamed.push(DynamicsRow { id, ..row });
        }
        renamed.write(&copy.dynamics())?;
        files.push(copy.dynamics());
    }
    Ok(files)
}

/// Packs `files`, which lie below `place`, into a folder named as the file.
fn pack(files: &[Utf8PathBuf], place: &Utf8Path, target: &Utf8Path) -> anyhow::Result<()> {
    let whole = WholeFile::create(target)?;
    let mut archive = ZipWriter::new(fs_err::File::create(whole.temporary())?);
    for path in files {
        let name =
            Utf8Path::new(target.file_stem().unwrap_or_default()).join(path.strip_prefix(place)?);
        let mut file = fs_err::File::open(path)?;
        let options = FileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(file.metadata()?.len() >= u64::from(u32::MAX));
        archive
            .start_file(name, options)
            .and_then(|()| Ok(io::copy(&mut file, &mut archive)?))
            .with_context(|| format!("cannot write '{target}'"))?;
    }
    archive
        .finish()
        .with_context(|| format!("cannot write '{target}'"))?;
    whole.finish()?;
    Ok(())
}
