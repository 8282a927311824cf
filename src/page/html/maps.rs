//! Where the videos stand: the plane of the verdicts, the noise scores, and what each cut promises.

use maud::html;

use super::part::{Section, count, figure, key, percent_range, plot, wide};
use crate::page::findings::Findings;
use crate::page::plot::{CutPlot, Histogram, Plane, cuts, histogram, plane};
use crate::page::words;
use crate::rows::skill::SkillCard;
use crate::score::Verdict;
use crate::score::calibration::Basis;

/// Label support against agreement.
pub(super) fn plane_section(findings: &Findings) -> Option<Section> {
    let videos: Vec<(f32, f32, Verdict)> = findings
        .rows
        .iter()
        .filter_map(|row| {
            let scores = row.judgement.as_ref()?.scores;
            Some((scores.label_support, scores.agreement, row.verdict))
        })
        .collect();
    // Regions of verdicts that nobody reached would accuse after all.
    let skill = findings.summary.skill.as_ref();
    if videos.is_empty() || skill.is_some_and(SkillCard::is_unable) {
        return None;
    }
    let has_undefined = videos.iter().any(|video| video.2 == Verdict::Undefined);
    let picture = plane(&Plane {
        videos,
        threshold: threshold(findings),
    });
    let keys = html! {
        (key("mislabeled", "mislabeled")) (key("hard", "hard")) (key("clean", "clean"))
        @if has_undefined { (key("undefined", "undefined")) }
    };
    let caption = html! {
        "Each spot is as large as the videos that stand there. On the diagonal the clips say the label. At the upper left "
        "they agree on another one: these are mislabeled. Below the threshold they do not agree: these are hard."
    };
    Some(Section {
        id: "plane",
        name: "Agreement map",
        title: "Do the clips agree, and with the label?".to_owned(),
        lead: html! {},
        body: plot(&picture, &keys, &caption),
    })
}

/// The agreement threshold, where all classes have the same.
fn threshold(findings: &Findings) -> Option<f64> {
    if findings.setting("verdict.per_class")?.as_bool()? {
        return None;
    }
    let fixed = findings.setting("verdict.agreement_threshold")?.as_f64();
    let is_calibrated = findings.setting("verdict.threshold")?.as_str() == Some("calibrated");
    let sampled = findings.summary.promise.as_ref()?.agreement_threshold;
    sampled.filter(|_| is_calibrated).or(fixed)
}

/// The histogram of the noise score.
pub(super) fn score_section(findings: &Findings) -> Option<Section> {
    let videos: Vec<(f32, Verdict)> = findings
        .rows
        .iter()
        .filter_map(|row| Some((row.judgement.as_ref()?.noise_score()?, row.verdict)))
        .collect();
    if videos.is_empty() {
        return None;
    }
    let cut = findings.cut_score();
    let picture = histogram(&Histogram { videos, cut });
    let keys = html! {
        (key("mislabeled", "mislabeled")) (key("hard", "hard")) (key("clean", "clean"))
    };
    let caption = html! {
        "The noise score orders the videos: 1 is most suspect. "
        @if let Some(cut) = cut {
            "The recommended cut is at " (figure("cut_score", cut, words::decimal(cut.into())))
            "; what stands right of it is worth a look."
        }
    };
    Some(Section {
        id: "scores",
        name: "Noise scores",
        title: "How suspect are the videos?".to_owned(),
        lead: html! {},
        body: plot(&picture, &keys, &caption),
    })
}

/// Precision and recall by cut.
pub(super) fn cut_section(findings: &Findings) -> Option<Section> {
    let promise = findings.summary.promise.as_ref()?;
    let picture = cuts(&CutPlot {
        cuts: &findings.cuts,
        recommended: promise.recommended,
    })?;
    let ends = match promise.basis {
        Basis::Range => "The bands span the two assumptions; nobody has judged yet.",
        Basis::Judged => "The bands are 90 % intervals from the judged sample.",
    };
    let caption = html! {
        "Of the videos that are flagged, how many are mislabeled (precision); of the mislabeled ones, how many are flagged "
        "(recall). " (ends)
    };
    let keys = html! { (key("precision", "precision")) (key("recall", "recall")) };
    Some(Section {
        id: "cuts",
        name: "Cuts",
        title: "How far down the ranking to look?".to_owned(),
        lead: html! {},
        body: html! {
            (plot(&picture, &keys, &caption))
            details {
                summary { "Cuts as a table" }
                (cut_table(findings, promise.recommended))
            }
        },
    })
}

/// Some of the cuts: about twelve, and the recommended one.
fn cut_table(findings: &Findings, recommended: usize) -> maud::Markup {
    let step = (findings.cuts.len() / 12).max(1);
    let listed = findings
        .cuts
        .iter()
        .enumerate()
        .filter(|(place, cut)| place % step == 0 || cut.flagged == recommended)
        .map(|(_, cut)| cut);
    wide(
        "Cuts",
        &html! {
            table {
                caption { "Estimated precision and recall at some cuts; all are in cuts.parquet." }
                thead { tr { th scope="col" { "flagged" } th scope="col" { "precision" } th scope="col" { "recall" } } }
                tbody {
                    @for cut in listed {
                        @let name = format!("cuts.{}", cut.flagged);
                        tr class=[(cut.flagged == recommended).then_some("chosen")] {
                            th scope="row" { (count(&format!("{name}.flagged"), cut.flagged)) }
                            td { (percent_range(&format!("{name}.precision"), &cut.precision)) }
                            td { (percent_range(&format!("{name}.recall"), &cut.recall)) }
                        }
                    }
                }
            }
        },
    )
}
