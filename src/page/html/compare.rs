//! How the run differs from another one.

use maud::{Markup, html};

use super::part::{Section, count, figure, percent, wide};
use crate::page::compare::{Comparison, Move};
use crate::page::words;

/// Videos that are named of those that entered or left.
const NAMED: usize = 50;

/// The comparison; nothing where none was asked for.
pub(super) fn section(comparison: Option<&Comparison>) -> Option<Section> {
    let comparison = comparison?;
    let body = html! {
        dl class="tiles" {
            div { dt { "Flagged now" } dd { (count("comparison.flagged_now", comparison.flagged_now)) } }
            div { dt { "Flagged before" } dd { (count("comparison.flagged_before", comparison.flagged_before)) } }
            div { dt { "Entered" } dd { (count("comparison.entered", comparison.entered.len())) } }
            div { dt { "Left" } dd { (count("comparison.left", comparison.left.len())) } }
            @if let Some(held_out) = &comparison.held_out {
                div { dt { "Held-out accuracy now" } dd { (percent("comparison.held_out.now", held_out.now())) } }
                div { dt { "Held-out accuracy before" } dd { (percent("comparison.held_out.before", held_out.before())) } }
            }
            @if let Some(correlation) = comparison.rank_correlation {
                div {
                    dt { "Rank correlation" }
                    dd { (figure("comparison.rank_correlation", correlation, format!("{correlation:.3}"))) }
                }
            }
        }
        @if let Some(held_out) = comparison.held_out_words() { p { (held_out) "." } }
        @for known in &comparison.known { p { (known.words()) "." } }
        (settings_table(comparison))
        @if !comparison.verdicts.is_empty() {
            h3 { "Changed verdicts" }
            ul class="inline" {
                @for change in &comparison.verdicts {
                    li { strong { (words::length(change.videos)) } " " (change.before) " → " (change.now) }
                }
            }
        }
        (moves("Entered the flagged videos", &comparison.entered))
        (moves("Left the flagged videos", &comparison.left))
    };
    Some(Section {
        id: "comparison",
        name: "Comparison",
        title: "What is different from the other run?".to_owned(),
        lead: html! { "Held against " code { (comparison.against) } ": " (comparison.data_words()) "." },
        body,
    })
}

fn settings_table(comparison: &Comparison) -> Markup {
    if comparison.settings.is_empty() {
        return html! { p { "No setting is different." } };
    }
    let table = html! {
        table {
            caption { "Settings that are different." }
            thead { tr { th scope="col" { "setting" } th scope="col" { "before" } th scope="col" { "now" } } }
            tbody {
                @for setting in &comparison.settings {
                    tr {
                        th scope="row" { (setting.name) }
                        td { (setting.before.as_deref().unwrap_or("—")) }
                        td { (setting.now.as_deref().unwrap_or("—")) }
                    }
                }
            }
        }
    };
    wide("Settings that are different", &table)
}

fn moves(title: &str, moves: &[Move]) -> Markup {
    html! {
        @if !moves.is_empty() {
            details {
                summary { (title) " (" (words::length(moves.len())) ")" }
                (wide(title, &html! {
                    table {
                        caption {
                            (title) "."
                            @if moves.len() > NAMED { " The first " (NAMED) " are shown." }
                        }
                        thead {
                            tr {
                                th scope="col" class="number" { "rank before" }
                                th scope="col" class="number" { "now" }
                                @for name in ["video", "label", "suggested", "verdict"] { th scope="col" { (name) } }
                            }
                        }
                        tbody {
                            @for video in moves.iter().take(NAMED) {
                                tr {
                                    td class="number" { (video.rank_before) }
                                    td class="number" { (video.rank_now) }
                                    th scope="row" { (video.path) }
                                    td { (video.label) }
                                    td { (video.suggested_label.as_deref().unwrap_or("—")) }
                                    td { (video.verdict_before) " → " (video.verdict_now) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}
