//! How the networks learnt, fold by fold.

use maud::{Markup, html};

use super::part::{Section, count, key, percent, wide};
use crate::page::findings::{Findings, FoldAccuracy};
use crate::page::plot::learning;
use crate::page::words;
use crate::rows::training::EpochRow;

/// Learning curves and the accuracy of every fold.
pub(super) fn section(findings: &Findings) -> Option<Section> {
    if findings.folds.is_empty() {
        return None;
    }
    if let Some(networks) = &findings.card.networks {
        return Some(Section {
            id: "networks",
            name: "Networks",
            title: "Whose networks scored the videos?".to_owned(),
            lead: html! { (networks.sentence()) "." },
            body: html! {},
        });
    }
    let held_out = findings
        .training
        .iter()
        .flatten()
        .find_map(|row| row.held_out);
    let body = html! {
        @if !findings.training.is_empty() {
            figure {
                div class="keys" {
                    (key("training", "training clips, WAR"))
                    (key("training uar", "UAR"))
                    @if held_out.is_some() {
                        (key("held-out", "held-out clips, WAR"))
                        (key("held-out uar", "UAR"))
                    }
                }
                div class="small-plots" {
                    @for (fold, epochs) in findings.training.iter().enumerate() {
                        div {
                            h3 { "Fold " (fold + 1) }
                            (learning(fold, epochs))
                        }
                    }
                }
                figcaption {
                    "Accuracy against the given labels, right or wrong. WAR: all clips alike; UAR: mean over the classes. "
                    @if let Some(held_out) = held_out {
                        "Held-out: one clip each of up to " (words::length(held_out.clips)) " videos that the fold's network "
                        "does not learn from."
                    }
                }
            }
        }
        (fold_table(findings))
    };
    Some(Section {
        id: "networks",
        name: "Networks",
        title: "How well did the networks learn?".to_owned(),
        lead: html! {
            @if let Some(earlier) = &findings.summary.earlier { (earlier) ". " }
            "A network that learnt little finds little: where the held-out accuracy is low, most of what is flagged is the "
            "network's own error."
        },
        body,
    })
}

fn fold_table(findings: &Findings) -> Markup {
    let last = |fold: &FoldAccuracy| -> Option<&EpochRow> {
        findings.training.get(usize::from(fold.fold))?.last()
    };
    let table = html! {
        table {
            caption { "Consensus of all clips of each video against its given label, by the fold that never saw it." }
            thead {
                tr {
                    th scope="col" { "fold" }
                    @for name in ["videos", "WAR", "UAR", "epochs", "last loss", "last training accuracy"] {
                        th scope="col" class="number" { (name) }
                    }
                }
            }
            tbody {
                @for fold in &findings.folds {
                    @let name = format!("folds.{}", fold.fold);
                    tr {
                        th scope="row" { (fold.fold + 1) }
                        td class="number" { (count(&format!("{name}.videos"), fold.accuracy.videos)) }
                        td class="number" { (percent(&format!("{name}.war"), fold.accuracy.war)) }
                        td class="number" { (percent(&format!("{name}.uar"), fold.accuracy.uar)) }
                        @if let Some(row) = last(fold) {
                            td class="number" { (row.epoch) }
                            td class="number" { (words::decimal(row.loss)) }
                            td class="number" { (words::percent(row.accuracy)) }
                        } @else {
                            td colspan="3" class="muted" { "no training log" }
                        }
                    }
                }
            }
        }
    };
    wide("Folds", &table)
}
