//! People's votes: what raters are worth, and what they agree on against the labels.

use maud::{Markup, html};

use super::part::{Section, badge, count, percent, wide};
use crate::page::findings::Findings;
use crate::page::words;
use crate::rows::videos::{VideoRow, VoteFacts};
use crate::rows::votes::RaterRow;

/// Videos whose label raters contradict that are named.
const NAMED: usize = 50;

/// The raters and the videos whose label they contradict; nothing where nobody voted.
pub(super) fn section(findings: &Findings) -> Option<Section> {
    let votes = findings.card.votes?;
    let guessing: Vec<&str> = findings
        .raters
        .iter()
        .filter(|row| row.is_guessing)
        .map(name)
        .collect();
    let body = html! {
        @if !guessing.is_empty() {
            p {
                "Votes of " strong { (guessing.join(", ")) } " say next to nothing of the class: guesses, or always the same. "
                "They weigh next to nothing."
            }
        }
        @if votes.split + votes.unsure > 0 {
            p {
                "Of the hard videos with votes the raters are split on " (count("votes.split", votes.split)) ", which may be "
                "ambiguous; on " (count("votes.unsure", votes.unsure)) " they agree, and the networks are unsure or contradict them."
            }
        }
        @if !findings.raters.is_empty() { (rater_table(&findings.raters)) }
        (overruled_table(findings))
    };
    Some(Section {
        id: "votes",
        name: "Votes",
        title: "What people voted".to_owned(),
        lead: html! {
            (count("votes.votes", votes.votes)) " votes on " (words::of(votes.videos, "video", "videos")) " weigh in the ranking. "
            "The raters agree on another label than the given one for " strong { (count("votes.overruled", votes.overruled)) } "."
        },
        body,
    })
}

fn name(row: &RaterRow) -> &str {
    if row.rater.is_empty() {
        "(not told apart)"
    } else {
        &row.rater
    }
}

fn rater_table(raters: &[RaterRow]) -> Markup {
    let table = html! {
        table {
            caption {
                "Raters, who knows most first. Agreement: expected share of votes for the true class, as the other raters and the "
                "networks see it. Knowledge: the same beyond what a guess would reach."
            }
            thead {
                tr {
                    th scope="col" { "rater" }
                    @for name in ["votes", "agreement", "knowledge", "CROWDLAB's quality"] {
                        th scope="col" class="number" { (name) }
                    }
                    th scope="col" { "mistaken most often" }
                }
            }
            tbody {
                @for (place, row) in raters.iter().enumerate() {
                    @let key = format!("raters.{place}");
                    tr {
                        th scope="row" { (name(row)) @if row.is_guessing { " (seems to guess)" } }
                        td class="number" { (count(&format!("{key}.votes"), row.votes as usize)) }
                        td class="number" { (percent(&format!("{key}.agreement"), row.agreement.into())) }
                        td class="number" { (percent(&format!("{key}.knowledge"), row.knowledge.into())) }
                        td class="number" {
                            @if let Some(quality) = row.crowdlab_quality { (words::decimal(quality.into())) }
                        }
                        td {
                            @if let Some((class, other, share)) = &row.confused {
                                (class) " for " (other) ", " (words::percent((*share).into())) " of the votes on it"
                            }
                        }
                    }
                }
            }
        }
    };
    wide("Raters", &table)
}

fn overruled_table(findings: &Findings) -> Markup {
    let voted = findings
        .rows
        .iter()
        .filter_map(|row| Some((row, row.votes.as_ref()?)));
    let overruled = voted.filter(|(row, votes)| row.label != votes.consensus);
    let all = overruled.clone().count();
    let named: Vec<(&VideoRow, &VoteFacts)> = overruled.take(NAMED).collect();
    if named.is_empty() {
        return html! {};
    }
    let table = html! {
        table {
            caption {
                "Videos whose label is not what the raters agree on, by rank."
                @if all > named.len() { " The first " (named.len()) " of " (words::length(all)) "." }
            }
            thead {
                tr {
                    th scope="col" class="number" { "rank" }
                    @for name in ["video", "given label", "raters say"] { th scope="col" { (name) } }
                    @for name in ["its probability", "votes", "for the label"] {
                        th scope="col" class="number" { (name) }
                    }
                    th scope="col" { "verdict" }
                }
            }
            tbody {
                @for (row, votes) in &named {
                    tr {
                        td class="number" { (row.rank) }
                        th scope="row" { (row.path) }
                        td { (row.label) }
                        td { (votes.consensus) }
                        td class="number" { (words::percent(votes.consensus_prob.into())) }
                        td class="number" { (votes.votes) }
                        td class="number" { (words::percent(votes.for_label.into())) }
                        td { (badge(row.verdict)) }
                    }
                }
            }
        }
    };
    wide("Labels that raters contradict", &table)
}
