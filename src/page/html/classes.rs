//! The classes: which label is given for which, and how healthy each class is.

use maud::{Markup, html};

use super::part::{Section, count, figure, percent, percent_range, wide};
use crate::page::findings::Findings;
use crate::page::words;
use crate::rows::classes::TransitionRow;

/// Given against estimated labels as a map of the shares.
pub(super) fn transition_section(findings: &Findings) -> Option<Section> {
    let labels = &findings.card.labels;
    if findings.transitions.is_empty() {
        return None;
    }
    let cell = |given: &str, estimated: &str| {
        findings
            .transitions
            .iter()
            .find(|pair| pair.given == given && pair.estimated == estimated)
    };
    // The diagonal is nearly one everywhere; the colours are for what is off it.
    let strongest = findings
        .transitions
        .iter()
        .filter(|pair| pair.given != pair.estimated)
        .map(|pair| pair.share)
        .fold(0.0_f32, f32::max);
    let table = html! {
        table class="heat" {
            caption { "Videos by given label and estimated true class; the darker, the larger the share of the row." }
            thead {
                tr {
                    th scope="col" { span class="corner" { "given ↓ estimated →" } }
                    @for label in labels { th scope="col" { (label) } }
                }
            }
            tbody {
                @for given in labels {
                    tr {
                        th scope="row" { (given) }
                        @for estimated in labels {
                            (heat_cell(cell(given, estimated), strongest))
                        }
                    }
                }
            }
        }
    };
    Some(Section {
        id: "transitions",
        name: "Confusions",
        title: "Which label is given for which?".to_owned(),
        lead: confused(findings),
        body: wide("Given and estimated labels", &table),
    })
}

fn heat_cell(pair: Option<&TransitionRow>, strongest: f32) -> Markup {
    let Some(pair) = pair else {
        return html! { td {} };
    };
    let key = format!("transitions.{}.{}.count", pair.given, pair.estimated);
    let text = if pair.count < 0.5 {
        "·".to_owned()
    } else {
        words::count(pair.count)
    };
    let title = format!(
        "{} of the videos labelled {} are estimated to be {}",
        words::percent(pair.share.into()),
        pair.given,
        pair.estimated
    );
    if pair.given == pair.estimated {
        return html! { td class="own" title=(title) { (figure(&key, pair.count, text)) } };
    }
    let heat = if strongest > 0.0 {
        pair.share / strongest
    } else {
        0.0
    };
    let class = (heat > 0.6).then_some("hot");
    html! { td class=[class] style={ "--heat:" (format!("{heat:.2}")) } title=(title) { (figure(&key, pair.count, text)) } }
}

/// The pairs that are confused most, in a sentence.
fn confused(findings: &Findings) -> Markup {
    let pairs = findings
        .summary
        .promise
        .as_ref()
        .map_or(&[][..], |promise| &promise.confused[..]);
    html! {
        @if !pairs.is_empty() {
            "Most often: "
            @for (place, pair) in pairs.iter().take(3).enumerate() {
                @if place > 0 { ", " }
                strong { (pair.given) } " where it should be " strong { (pair.estimated) } " (about " (words::count(pair.count)) ")"
            }
            "."
        }
    }
}

/// One row per class.
pub(super) fn class_section(findings: &Findings) -> Option<Section> {
    if findings.classes.is_empty() {
        return None;
    }
    let verdicts = |label: &str, verdict: &str| {
        let class = findings
            .summary
            .classes
            .iter()
            .find(|class| class.label == label);
        class
            .and_then(|class| class.verdicts.get(verdict))
            .copied()
            .unwrap_or(0)
    };
    let table = html! {
        table {
            caption { "Given labels, verdicts and estimates by class." }
            thead {
                tr {
                    @for (name, is_number) in [("class", false), ("videos", true), ("clean", true), ("hard", true),
                        ("mislabeled", true), ("estimated wrong", true), ("interval", true), ("estimated true size", true),
                        ("should often be", false), ("health", false)] {
                        th scope="col" class=[is_number.then_some("number")] { (name) }
                    }
                }
            }
            tbody {
                @for class in &findings.classes {
                    @let name = format!("classes.{}", class.label);
                    tr {
                        th scope="row" { (class.label) }
                        td class="number" { (count(&format!("{name}.videos"), class.videos as usize)) }
                        @for verdict in ["clean", "hard", "mislabeled"] {
                            td class="number" { (count(&format!("{name}.{verdict}"), verdicts(&class.label, verdict))) }
                        }
                        td class="number" {
                            (percent(&format!("{name}.share_mislabeled.estimate"), class.share_mislabeled.estimate))
                        }
                        td class="number" { (percent_range(&format!("{name}.share_mislabeled"), &class.share_mislabeled)) }
                        td class="number" {
                            (figure(&format!("{name}.estimated_true"), class.estimated_true, words::count(class.estimated_true)))
                        }
                        td { (class.confused_with.as_deref().unwrap_or("—")) }
                        td { span class={ "health " (class.health) } { (class.health.replace('_', " ")) } }
                    }
                }
            }
        }
    };
    Some(Section {
        id: "classes",
        name: "Classes",
        title: "How healthy is each class?".to_owned(),
        lead: html! {
            "Good: at most 5 % of the labels are estimated to be wrong; fair: at most 15 %; poor: more."
        },
        body: wide("Classes", &table),
    })
}
