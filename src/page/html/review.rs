//! What people decided, and who.

use maud::{Markup, html};

use super::part::{Section, count, wide};
use crate::page::findings::{DecisionFacts, Findings};
use crate::page::words;

/// Decisions that are named.
const NAMED: usize = 200;

/// The decisions; nothing before a review.
pub(super) fn section(findings: &Findings) -> Option<Section> {
    let review = &findings.review;
    if review.reviewers.is_empty() {
        return None;
    }
    let body = html! {
        (reviewer_table(findings))
        @if !review.decisions.is_empty() {
            details {
                summary { "Decisions, by rank" }
                (decision_table(findings))
            }
        }
    };
    Some(Section {
        id: "review",
        name: "Review",
        title: "What people decided".to_owned(),
        lead: html! {
            (count("review.decided", review.decided)) " of " (words::of(findings.rows.len(), "video", "videos"))
            " are decided, by " (words::of(review.reviewers.len(), "reviewer", "reviewers")) "."
            @if review.disputed > 0 {
                " About " strong { (count("review.disputed", review.disputed)) } " they do not agree."
            }
        },
        body,
    })
}

fn reviewer_table(findings: &Findings) -> Markup {
    let reviewers = &findings.review.reviewers;
    let actions = reviewers
        .first()
        .map_or(&[][..], |first| &first.actions[..]);
    let table = html! {
        table {
            caption { "Decisions that hold, by reviewer." }
            thead {
                tr {
                    th scope="col" { "reviewer" }
                    @for (action, _) in actions { th scope="col" class="number" { (action) } }
                    th scope="col" class="number" { "blind" }
                }
            }
            tbody {
                @for reviewer in reviewers {
                    tr {
                        th scope="row" { (reviewer_name(&reviewer.name)) }
                        @for (action, decisions) in &reviewer.actions {
                            td class="number" { (count(&format!("review.{}.{action}", reviewer.name), *decisions)) }
                        }
                        td class="number" { (words::length(reviewer.blind)) }
                    }
                }
            }
        }
    };
    wide("Reviewers", &table)
}

fn decision_table(findings: &Findings) -> Markup {
    let decisions = &findings.review.decisions;
    let mut named: Vec<(u32, &str, &str, &DecisionFacts)> = Vec::new();
    for row in findings.rows.iter() {
        if named.len() >= NAMED {
            break;
        }
        let of_row = decisions.iter().filter(|decision| decision.id == row.id);
        named.extend(
            of_row.map(|decision| (row.rank, row.path.as_str(), row.label.as_str(), decision)),
        );
    }
    let table = html! {
        table {
            caption {
                "Decisions by rank."
                @if decisions.len() > named.len() { " The first " (named.len()) " of " (words::length(decisions.len())) "." }
            }
            thead {
                tr {
                    th scope="col" class="number" { "rank" }
                    @for name in ["video", "given label", "decision", "note"] { th scope="col" { (name) } }
                }
            }
            tbody {
                @for (rank, path, label, decision) in &named {
                    tr {
                        td class="number" { (rank) }
                        th scope="row" { (path) }
                        td { (label) }
                        td { (decision_words(decision)) }
                        td { (decision.note.as_deref().unwrap_or_default()) }
                    }
                }
            }
        }
    };
    wide("Decisions", &table)
}

fn reviewer_name(name: &str) -> &str {
    if name.is_empty() { "(unnamed)" } else { name }
}

/// A decision in a few words, such as `anna: relabel → sad`.
pub(super) fn decision_words(decision: &DecisionFacts) -> String {
    let label = decision
        .label
        .as_ref()
        .filter(|_| decision.action != "keep")
        .map_or_else(String::new, |label| format!(" → {label}"));
    let ruling = if decision.is_ruling { ", settled" } else { "" };
    let name = reviewer_name(&decision.reviewer);
    format!("{name}: {}{label}{ruling}", decision.action)
}
