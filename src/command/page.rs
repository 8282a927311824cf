//! What `scan`, `score` and `report` have in common once a run's files are there: tell what they say, in the terminal and
//! as a page.

use std::collections::BTreeMap;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use tracing::info;

use crate::journal::{self, Action, Book, Decision};
use crate::report::compare::Comparison;
use crate::report::findings::{DecisionFacts, Findings, ReviewFacts, ReviewerFacts};
use crate::report::folder::RunFolder;
use crate::report::html::{self, Page};
use crate::report::locate::Locator;
use crate::report::strip::{self, Strip};
use crate::report::summary::Summary;

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
pub(super) fn findings(folder: &RunFolder) -> anyhow::Result<Findings> {
    folder.require_finished()?;
    let book = Book::replay(&journal::read(folder.root())?);
    Ok(Findings::read(folder, review_facts(&book))?)
}

/// Writes `report.html` of a run that has just been judged, and returns the summary that it shares its numbers with.
///
/// # Errors
///
/// If a file of the run cannot be read, or the page cannot be written.
pub(super) fn make(folder: &RunFolder) -> anyhow::Result<Summary> {
    let start = Instant::now();
    let findings = findings(folder)?;
    write(folder, &findings, None, None)?;
    let seconds = start.elapsed().as_secs_f64();
    info!("{} written in {seconds:.1} s", folder.page());
    Ok(findings.summary)
}

/// Writes `report.html`. `root`: where the videos' paths start, if not where the run's card says.
///
/// # Errors
///
/// If the page cannot be written.
pub(super) fn write(
    folder: &RunFolder,
    findings: &Findings,
    comparison: Option<&Comparison>,
    root: Option<&Utf8Path>,
) -> anyhow::Result<()> {
    let strips = strips(findings, root);
    let page = Page {
        findings,
        strips: &strips,
        comparison,
    };
    html::write(&folder.page(), &page)?;
    Ok(())
}

/// The pictures of the videos that the page shows, decoded side by side.
fn strips(findings: &Findings, root: Option<&Utf8Path>) -> BTreeMap<usize, Strip> {
    let locator = Locator::new(&findings.card, root);
    let shown = findings.suspects.iter().chain(&findings.hard);
    let paths: Vec<(usize, Utf8PathBuf)> = shown
        .map(|&place| {
            let row = &findings.rows[place];
            (place, locator.find(&row.id, &row.path))
        })
        .collect();
    paths
        .par_iter()
        .filter_map(|(place, path)| Some((*place, strip::of_video(path)?)))
        .collect()
}

/// What the journals say, as the page tells it.
fn review_facts(book: &Book) -> ReviewFacts {
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
        facts.disputed += usize::from(book.is_disputed(id));
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
