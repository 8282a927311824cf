//! What was scanned, what came of it, and what to do next.

use maud::{Markup, html};

use super::part::{self, Section, badge, count, percent, percent_range};
use crate::page::findings::Findings;
use crate::page::words;
use crate::rows::run::PromiseCard;
use crate::rows::skill::SkillCard;
use crate::score::Verdict;
use crate::score::calibration::Basis;

/// The page's head: what was scanned and how.
pub(super) fn header(findings: &Findings, name: &str) -> Markup {
    let card = &findings.card;
    let setting = |path: &str| findings.setting(path).map(ToString::to_string);
    let (epochs, clips) = (setting("train.epochs"), setting("clips.count"));
    let backbone = findings
        .setting("model.backbone")
        .and_then(|value| value.as_str());
    html! {
        header {
            p class="kind" { "Label audit" }
            h1 { (name) }
            dl class="facts" {
                div { dt { "Videos" } dd { (count("videos", card.videos)) } }
                div { dt { "Classes" } dd { (count("classes", card.labels.len())) } }
                @if !findings.folds.is_empty() {
                    div { dt { "Folds" } dd { (count("folds", findings.folds.len())) } }
                }
                @if let Some(clips) = clips {
                    div { dt { "Clips a video" } dd { (clips) } }
                }
                @if let (Some(epochs), Some(backbone)) = (epochs, backbone) {
                    div { dt { "Network" } dd { (backbone) ", " (epochs) " epochs" } }
                }
                div { dt { "Read from" } dd { code { (card.dataset) } } }
            }
            p class="how" {
                "Each video was predicted by a network that never saw it, on several clips of it. Where the clips agree "
                "with each other and not with the label, the label is probably wrong; where they do not agree, the video "
                "is hard."
            }
        }
    }
}

/// The result.
pub(super) fn section(findings: &Findings) -> Section {
    let summary = &findings.summary;
    let promise = summary.promise.as_ref();
    let headline = summary.headline();
    let doubts: Vec<String> = summary.skill.iter().flat_map(SkillCard::doubts).collect();
    let body = html! {
        @for doubt in &doubts {
            p class="doubt" { (doubt) "." }
        }
        (verdict_bar(findings))
        @if let Some(promise) = promise {
            (tiles(findings, promise))
        }
        @let steps = summary.next_steps();
        @if !steps.is_empty() {
            div class="next" {
                h3 { "What to do next" }
                ol {
                    @for step in &steps {
                        li { code { (step.command) } span { (step.why) } }
                    }
                }
            }
        }
    };
    Section {
        id: "result",
        name: "Result",
        title: headline,
        lead: promise.map_or_else(Markup::default, basis),
        body,
    }
}

fn basis(promise: &PromiseCard) -> Markup {
    html! {
        (of_basis(promise))
        @if let Some(doubt) = &promise.doubt { " Beware: " (doubt.sentence) "." }
    }
}

fn of_basis(promise: &PromiseCard) -> Markup {
    match promise.basis {
        Basis::Range => html! {
            "Nobody has looked yet, so this is a range between two assumptions: that errors depend on the true class only (low "
            "end), and that the network is right wherever its clips contradict a label (high end). A judged sample makes it "
            "an estimate."
        },
        Basis::Judged => html! {
            "An estimate with its 90 % interval, from a blind sample of " (count("promise.judged", promise.judged))
            " videos that people judged."
        },
    }
}

/// The videos by verdict, as one bar with its numbers.
fn verdict_bar(findings: &Findings) -> Markup {
    let summary = &findings.summary;
    let counts: Vec<(Verdict, usize)> = [
        Verdict::Mislabeled,
        Verdict::Hard,
        Verdict::Clean,
        Verdict::Undefined,
        Verdict::Unreadable,
    ]
    .into_iter()
    .filter_map(|verdict| Some((verdict, *summary.verdicts.get(verdict.as_str())?)))
    .collect();
    html! {
        div class="verdicts" {
            div class="stack" aria-hidden="true" {
                @for (verdict, videos) in &counts {
                    span class=(verdict) style={ "flex-grow:" (videos) } {}
                }
            }
            ul {
                @for (verdict, videos) in &counts {
                    li {
                        (badge(*verdict)) " "
                        strong { (count(&format!("verdicts.{verdict}"), *videos)) } " "
                        span class="muted" { (words::percent(*videos as f64 / summary.videos.max(1) as f64)) }
                        p { (meaning(*verdict)) }
                    }
                }
            }
        }
    }
}

fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clean => "clips agree, with the label",
        Verdict::Hard => "clips do not agree",
        Verdict::Mislabeled => "clips agree, on another label",
        Verdict::Undefined => "nobody can say",
        Verdict::Unreadable => "could not be decoded",
    }
}

/// The numbers of the promise.
fn tiles(findings: &Findings, promise: &PromiseCard) -> Markup {
    let errors = &promise.errors;
    html! {
        dl class="tiles" {
            div {
                dt { "Wrong labels" }
                dd {
                    @if promise.basis == Basis::Judged {
                        (part::figure("promise.errors.estimate", errors.estimate, words::count(errors.estimate))) " "
                    }
                    span class="range" {
                        (part::figure("promise.errors.low", errors.low, words::count(errors.low))) "–"
                        (part::figure("promise.errors.high", errors.high, words::count(errors.high)))
                    }
                }
            }
            div {
                dt { "Review the first" }
                dd {
                    @if promise.recommended > 0 { (count("promise.recommended", promise.recommended)) }
                    @else { span class="muted" { "no cut reaches the target" } }
                }
            }
            @if let (Some(precision), Some(recall)) = (&promise.precision, &promise.recall) {
                div { dt { "Of these are wrong" } dd { (percent_range("promise.precision", precision)) } }
                div { dt { "Of all wrong ones found" } dd { (percent_range("promise.recall", recall)) } }
            }
            @if let Some(accuracy) = &findings.summary.accuracy {
                div {
                    dt { "Consensus is the label" }
                    dd {
                        (percent("accuracy.war", accuracy.war))
                        span class="unit" { " WAR · " (percent("accuracy.uar", accuracy.uar)) " UAR" }
                    }
                }
            }
            @if let Some(test) = &promise.self_test {
                div {
                    dt { "Self-test: changed labels found" }
                    dd {
                        (count("promise.self_test.found", test.found)) span class="unit" {
                            " of " (count("promise.self_test.planted", test.planted))
                        }
                    }
                }
            }
        }
    }
}
