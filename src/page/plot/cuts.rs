//! Precision and recall by the number of flagged videos, with their intervals.

use maud::{Markup, html};

use super::{Area, At, Scale, picture, points, x_axis, y_axis};
use crate::page::words;
use crate::score::calibration::{Cut, Interval};

/// What is drawn.
#[derive(Debug)]
pub(in crate::page) struct CutPlot<'a> {
    /// The listed cuts, ascending.
    pub(in crate::page) cuts: &'a [Cut],
    /// The recommended cut; 0 where there is none.
    pub(in crate::page) recommended: usize,
}

/// Draws precision and recall; nothing where there are no cuts.
pub(in crate::page) fn cuts(plot: &CutPlot) -> Option<Markup> {
    let all = plot.cuts.last()?.flagged;
    // Far behind the cut nothing happens any more.
    let shown = (plot.recommended * 3)
        .clamp(20, all.max(20))
        .min(all.max(2));
    let cuts: Vec<&Cut> = plot
        .cuts
        .iter()
        .filter(|cut| cut.flagged <= shown)
        .collect();
    let area = Area::new(480.0, 300.0);
    let (x, y) = (area.x(0.0, shown as f64), area.y(0.0, 1.0));
    let x_ticks: Vec<_> = x
        .ticks(5.0)
        .into_iter()
        .map(|tick| (tick, words::count(tick)))
        .collect();
    let y_ticks: Vec<_> = [0.0, 0.25, 0.5, 0.75, 1.0]
        .map(|tick| (tick, words::percent(tick)))
        .into();
    let content = html! {
        (y_axis(&area, &y, &y_ticks, "share"))
        (x_axis(&area, &x, &x_ticks, "flagged videos, from the most suspect on"))
        (series(&cuts, &x, &y, "recall", |cut| cut.recall))
        (series(&cuts, &x, &y, "precision", |cut| cut.precision))
        @if plot.recommended > 0 {
            @let at = x.at(plot.recommended as f64);
            line class="cut" x1=(At(at)) x2=(At(at)) y1=(At(area.top)) y2=(At(area.bottom)) {}
            text class="note" x=(At(at + 5.0)) y=(At(area.bottom - 7.0)) {
                "recommended: " (words::length(plot.recommended))
            }
        }
    };
    Some(picture(
        "cut-plot",
        "Precision and recall by cut",
        "Estimated share of the flagged videos that are mislabeled, and of the mislabeled ones that are flagged, with the \
         interval of each, by the number of videos flagged.",
        &area,
        &content,
    ))
}

fn series(cuts: &[&Cut], x: &Scale, y: &Scale, name: &str, pick: fn(&Cut) -> Interval) -> Markup {
    let at = |cut: &Cut, value: f64| (x.at(cut.flagged as f64), y.at(value));
    let upper = cuts.iter().map(|cut| at(cut, pick(cut).high));
    let lower = cuts.iter().rev().map(|cut| at(cut, pick(cut).low));
    let line = cuts.iter().map(|cut| at(cut, pick(cut).estimate));
    html! {
        polygon class={ "band " (name) } points=(points(upper.chain(lower))) {}
        polyline class={ "line " (name) } points=(points(line)) {}
    }
}
