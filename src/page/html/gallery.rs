//! The videos themselves: a strip of pictures, and below it on the same axis what each clip says.

use maud::{Markup, html};

use super::content::Page;
use super::part::{Section, badge, count, figure};
use crate::page::filmstrip::{self, Filmstrip};
use crate::rows::timeline::Span;
use crate::rows::videos::{Judgement, VideoRow};

/// The most suspect videos.
pub(super) fn suspect_section(page: &Page) -> Option<Section> {
    let findings = page.findings;
    if findings.suspects.is_empty() {
        return None;
    }
    Some(Section {
        id: "suspects",
        name: "Most suspect",
        title: format!("The {} most suspect videos", findings.suspects.len()),
        lead: html! {
            "Below each strip stand the clips that were scored, where they lie in the video, and what each was taken for. "
            span class="vote suggested" { "the suggested label" } " " span class="vote given" { "the given label" } " "
            span class="vote third" { "another class" }
            @if has_key_frames(page) { " Ticks mark the frames at which the network looked closely." }
        },
        body: cards(page, &findings.suspects),
    })
}

/// The hard videos.
pub(super) fn hard_section(page: &Page) -> Option<Section> {
    let findings = page.findings;
    if findings.hard.is_empty() {
        return None;
    }
    let hard = findings.summary.verdicts.get("hard").copied().unwrap_or(0);
    Some(Section {
        id: "hard",
        name: "Hard",
        title: "Hard videos: the clips do not agree".to_owned(),
        lead: html! {
            "Mixed or fleeting expressions, occlusion, bad light: the label may well be right. Of "
            (count("verdicts.hard", hard)) " the " (findings.hard.len()) " with the least agreement are shown."
        },
        body: cards(page, &findings.hard),
    })
}

fn has_key_frames(page: &Page) -> bool {
    let spans = page.findings.clips.values().flatten();
    spans.into_iter().any(|span| !span.key_frames.is_empty())
}

fn cards(page: &Page, places: &[usize]) -> Markup {
    html! {
        ol class="gallery" {
            @for place in places {
                @let row = &page.findings.rows[*place];
                @if let Some(judgement) = &row.judgement {
                    li { (card(page, *place, row, judgement)) }
                }
            }
        }
    }
}

fn card(page: &Page, place: usize, row: &VideoRow, judgement: &Judgement) -> Markup {
    let strip = page.strips.get(&place);
    let clips = page
        .findings
        .clips
        .get(&place)
        .map_or(&[][..], Vec::as_slice);
    let name = format!("videos.{}", row.rank);
    let score = judgement.scores.noise_score;
    html! {
        article class="video" aria-labelledby={ "video-" (row.rank) } {
            header {
                h3 id={ "video-" (row.rank) } {
                    span class="rank" { (row.rank) }
                    span class="path" { (row.path) }
                }
                (badge(row.verdict))
            }
            p class="labels" {
                span class="given" { (row.label) }
                @if judgement.suggested_label != row.label {
                    span class="hidden" { "should rather be" }
                    span class="arrow" aria-hidden="true" { "→" }
                    strong { (judgement.suggested_label) }
                }
                span class="score" {
                    "noise score " (figure(&format!("{name}.noise_score"), score, format!("{score:.3}")))
                }
            }
            @if strip.is_some() || page.left_out.is_empty() {
                (pictures(strip, row))
            }
            (timeline(page, row, judgement, clips, strip))
            p class="reason" { (row.reason) "." }
            @if let Some(note) = decided(page, row) {
                p class="decided" { (note) }
            }
        }
    }
}

/// The strip, or a place for it where there is none.
fn pictures(strip: Option<&Filmstrip>, row: &VideoRow) -> Markup {
    let Some(strip) = strip else {
        return html! {
            div class="strip missing" role="img" aria-label={ "No pictures of " (row.path) } {
                "no pictures: the video is not where it was"
            }
        };
    };
    // The pictures were squared; a browser gives them back the video's shape, within bounds.
    let shape = (f64::from(strip.shape.0) / f64::from(strip.shape.1)).clamp(0.5, 2.0);
    let (width, height) = (strip.size * filmstrip::FRAMES as u32, strip.size);
    html! {
        img class="strip" src=(strip.address) width=(width) height=(height) loading="lazy" decoding="async"
            style={ "aspect-ratio:" (format!("{:.3}", shape * filmstrip::FRAMES as f64)) }
            alt={ (filmstrip::FRAMES) " frames of " (row.path) ", from its beginning to its end" };
    }
}

/// The clips as bars over the length of the video.
fn timeline(
    page: &Page,
    row: &VideoRow,
    judgement: &Judgement,
    clips: &[Span],
    strip: Option<&Filmstrip>,
) -> Markup {
    let counted = row
        .facts
        .map(|facts| facts.frames)
        .or(strip.map(|strip| strip.frames));
    let ends = clips.iter().map(|clip| clip.end_frame + 1).max();
    let frames = f64::from(counted.or(ends).unwrap_or(1).max(1));
    let share = |frame: u32| format!("{:.1}%", (f64::from(frame) / frames * 100.0).min(100.0));
    let labels = &page.findings.card.labels;
    html! {
        @if !clips.is_empty() {
            p class="hidden" { "What each clip says:" }
            ol class="clips" {
                @for clip in clips {
                    @let said = clip.prediction.and_then(|class| labels.get(usize::from(class)));
                    @let said = said.map_or("?", String::as_str);
                    @let class = vote_class(said, row, judgement);
                    @let length = (clip.end_frame + 1).saturating_sub(clip.start_frame);
                    li {
                        span class={ "vote " (class) }
                            style={ "margin-left:" (share(clip.start_frame)) ";width:" (share(length)) }
                            title={ "frames " (clip.start_frame) " to " (clip.end_frame) ": " (said) } { (said) }
                        @for frame in key_frames(clip) {
                            i style={ "left:" (share(frame)) } {}
                        }
                    }
                }
            }
        }
    }
}

/// How a clip's word relates to the labels.
fn vote_class(said: &str, row: &VideoRow, judgement: &Judgement) -> &'static str {
    if said == row.label {
        "given"
    } else if said == judgement.suggested_label {
        "suggested"
    } else {
        "third"
    }
}

/// Each frame at which the detail stream looked, once.
fn key_frames(clip: &Span) -> Vec<u32> {
    let mut frames = clip.key_frames.to_vec();
    frames.sort_unstable();
    frames.dedup();
    frames
}

/// What people decided about the video.
fn decided(page: &Page, row: &VideoRow) -> Option<String> {
    let decisions = page.findings.review.decisions.iter();
    let words: Vec<String> = decisions
        .filter(|decision| decision.id == row.id)
        .map(super::review::decision_words)
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}
