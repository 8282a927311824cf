//! What `scan`, `score` and `report` have in common once a run's files are there: tell what they say, in the terminal and
//! as a page.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use tracing::info;

use crate::cache::{self, Source};
use crate::face::FaceChoice;
use crate::journal::{self, Action, Book, Decision, Outcome};
use crate::page::compare::Comparison;
use crate::page::filmstrip::{self, Filmstrip, Frames};
use crate::page::findings::{DecisionFacts, Findings, ReviewFacts, ReviewerFacts};
use crate::page::html::{self, Page};
use crate::page::summary::Summary;
use crate::rows::folder::RunFolder;
use crate::rows::locate::Locator;
use crate::rows::run::{self, RunCard};
use crate::rows::videos::{self, VideoRow};
use crate::video::DecodeSettings;
use crate::whole;

/// Edges of cached frames, in pixels, that serve for pictures.
const CACHED_SIZES: RangeInclusive<u32> = 56..=160;

/// What a reviewer can decide, as the page lists it.
const ACTIONS: [Action; 5] = [
    Action::Keep,
    Action::Relabel,
    Action::Drop,
    Action::Ambiguous,
    Action::Skip,
];

/// Reads what a run found, its decisions included.
///
/// # Errors
///
/// If there is no finished run, or one of its files cannot be read.
pub(crate) fn findings(folder: &RunFolder) -> anyhow::Result<Findings> {
    folder.require_finished()?;
    let book = Book::replay(&journal::read(folder.root())?);
    let card = run::read(&folder.card())?;
    let (rows, _extra_columns) = videos::read(&folder.videos())?;
    let facts = review_facts(&book, &rows);
    Ok(Findings::of(folder, card, Arc::new(rows), facts)?)
}

/// Writes `report.html` and `summary.txt` of a run that has just been judged, and returns the summary that it shares its numbers with. `rows`:
/// the run's videos by rank.
///
/// # Errors
///
/// If a file of the run cannot be read, or the page cannot be written.
pub(crate) fn make(
    folder: &RunFolder,
    card: RunCard,
    rows: Arc<Vec<VideoRow>>,
) -> anyhow::Result<Summary> {
    let start = Instant::now();
    let book = Book::replay(&journal::read(folder.root())?);
    let facts = review_facts(&book, &rows);
    let findings = Findings::of(folder, card, rows, facts)?;
    write(folder, &findings, None, None)?;
    let seconds = start.elapsed().as_secs_f64();
    info!("{} written in {seconds:.1} s", folder.page());
    Ok(findings.summary)
}

/// Writes `report.html` and `summary.txt`. `root`: where the videos' paths start, if not where the run's card says.
///
/// # Errors
///
/// If the page cannot be written.
pub(crate) fn write(
    folder: &RunFolder,
    findings: &Findings,
    comparison: Option<&Comparison>,
    root: Option<&Utf8Path>,
) -> anyhow::Result<()> {
    let strips = strips(folder, findings, root);
    let page = Page {
        findings,
        strips: &strips,
        comparison,
        left_out: &[],
    };
    write_page(folder, &page)
}

/// Writes a page, and beside it the summary that the terminal shows.
///
/// # Errors
///
/// If one of them cannot be written.
pub(crate) fn write_page(folder: &RunFolder, page: &Page) -> anyhow::Result<()> {
    html::write(&folder.page(), page)?;
    whole::write(&folder.summary(), page.findings.summary.to_text())?;
    Ok(())
}

/// The pictures of the videos that the page shows: from the run's decoded frames, else from the videos.
pub(crate) fn strips(
    folder: &RunFolder,
    findings: &Findings,
    root: Option<&Utf8Path>,
) -> BTreeMap<usize, Filmstrip> {
    let locator = Locator::new(&findings.card, root);
    let shown = findings.suspects.iter().chain(&findings.hard);
    let paths: Vec<(usize, Utf8PathBuf)> = shown
        .map(|&place| {
            let row = &findings.rows[place];
            (place, locator.find(&row.id, &row.path))
        })
        .collect();
    let mut strips = cached_strips(folder, findings, &paths).unwrap_or_default();
    let decoded: Vec<(usize, Filmstrip)> = paths
        .par_iter()
        .filter(|(place, _)| !strips.contains_key(place))
        .filter_map(|(place, path)| Some((*place, filmstrip::of_video(path)?)))
        .collect();
    strips.extend(decoded);
    strips
}

/// The pictures whose frames are in the run's cache, which is much faster than to decode long or large videos again.
/// Nothing where the cache is gone or in use, or its frames are a part of the picture, too small to look at or too large
/// for a page.
fn cached_strips(
    folder: &RunFolder,
    findings: &Findings,
    paths: &[(usize, Utf8PathBuf)],
) -> Option<BTreeMap<usize, Filmstrip>> {
    let settings = findings.setting("video")?.clone();
    let settings: DecodeSettings = serde_json::from_value(settings).ok()?;
    let face = FaceChoice::of_run(&findings.card.settings);
    let is_whole = settings.face_crop.is_whole() && !face.follows();
    let is_fit = CACHED_SIZES.contains(&settings.size) && is_whole;
    if !is_fit || !folder.cache().exists() {
        return None;
    }
    let sources: Vec<Source> = paths
        .iter()
        .map(|(place, path)| Source {
            id: &findings.rows[*place].id,
            path,
            content: None,
        })
        .collect();
    let threads = rayon::current_num_threads();
    let never = AtomicBool::new(false);
    let cache = cache::fill(
        &folder.cache(),
        &sources,
        &settings,
        threads,
        &never,
        &|_| {},
    )
    .ok()?;
    let of_place = |(number, (place, _)): (usize, &(usize, Utf8PathBuf))| {
        let video = cache.video(number).ok()?;
        let pixels = video.pixels.read().ok()?;
        let frames = Frames {
            facts: video.facts,
            kept: video.kept,
            size: video.size,
            pixels: &pixels,
        };
        Some((*place, filmstrip::of_frames(&frames)?))
    };
    Some(paths.iter().enumerate().filter_map(of_place).collect())
}

/// What the journals say, as the page tells it.
fn review_facts(book: &Book, rows: &[VideoRow]) -> ReviewFacts {
    let rows = rows.iter();
    let given: HashMap<&str, &str> = rows
        .map(|row| (row.id.as_str(), row.label.as_str()))
        .collect();
    let names = book.reviewers();
    let mut reviewers: Vec<ReviewerFacts> = names
        .into_iter()
        .map(|name| ReviewerFacts {
            name,
            actions: ACTIONS.map(|action| (action.as_str(), 0)).to_vec(),
            blind: 0,
        })
        .collect();
    let mut facts = ReviewFacts::default();
    for id in book.ids() {
        let mut is_decided = false;
        for (name, standing) in book.of_video(id) {
            let note = standing.note.as_ref();
            let fact = |decision: &Decision, is_ruling: bool| {
                let (action, label) = decision.choice.words();
                DecisionFacts {
                    id: id.to_owned(),
                    reviewer: name.to_owned(),
                    action: action.as_str(),
                    label,
                    is_ruling,
                    note: note.cloned(),
                }
            };
            if let Some(vote) = &standing.vote {
                is_decided = true;
                facts.decisions.push(fact(vote, false));
                count(&mut reviewers, name, vote);
            }
            if let Some(ruling) = &standing.ruling {
                is_decided = true;
                facts.decisions.push(fact(ruling, true));
            }
        }
        facts.decided += usize::from(is_decided);
        let label = given.get(id).copied().unwrap_or_default();
        if let Some(settled) = book.settled(id, label) {
            let known = match settled.outcome {
                Outcome::Label(label) => Some(Some(label)),
                Outcome::Drop | Outcome::Ambiguous => Some(None),
                Outcome::Tie => None,
            };
            facts
                .settled
                .extend(known.map(|label| (id.to_owned(), label)));
        }
        facts.disputed += usize::from(book.is_disputed(id, label));
    }
    facts.reviewers = reviewers;
    facts
}

fn count(reviewers: &mut [ReviewerFacts], name: &str, vote: &Decision) {
    let Some(reviewer) = reviewers.iter_mut().find(|reviewer| reviewer.name == name) else {
        return;
    };
    let word = vote.choice.words().0.as_str();
    for (action, decisions) in &mut reviewer.actions {
        *decisions += usize::from(*action == word);
    }
    reviewer.blind += usize::from(vote.blind);
}
