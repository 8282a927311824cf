//! The plane of clean, hard and mislabeled: how many clips support the label against how many agree.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{Area, At, picture, x_axis, y_axis};
use crate::page::words;
use crate::score::Verdict;

/// Cells of the plane in each direction; with ten clips a video can only stand on every fourth.
const CELLS: f64 = 40.0;

/// The radius of the fullest cell.
const LARGEST: f64 = 24.0;

/// The smallest radius.
const SMALLEST: f64 = 2.6;

/// What is drawn.
#[derive(Debug)]
pub(in crate::page) struct Plane {
    /// Per video its label support, agreement and verdict.
    pub(in crate::page) videos: Vec<(f32, f32, Verdict)>,
    /// The share of clips from which they count as agreeing, where it is one for all classes.
    pub(in crate::page) threshold: Option<f64>,
}

/// Draws the plane: an area per place and verdict, in proportion to its videos.
pub(in crate::page) fn plane(plane: &Plane) -> Markup {
    let area = Area::new(480.0, 400.0);
    // Agreement cannot fall below one over the classes, and hardly ever comes near.
    let agreements = plane.videos.iter().map(|video| f64::from(video.1));
    let least = agreements.fold(0.5, f64::min);
    let (x, y) = (area.x(-0.06, 1.06), area.y(least - 0.06, 1.07));
    let mut cells: BTreeMap<(i64, i64, Verdict), usize> = BTreeMap::new();
    for &(support, agreement, verdict) in &plane.videos {
        let cell = |share: f32| (f64::from(share) * CELLS).round() as i64;
        *cells
            .entry((cell(support), cell(agreement), verdict))
            .or_default() += 1;
    }
    let most = cells.values().copied().max().unwrap_or(1) as f64;
    // Large ones first, so that none hides a smaller one.
    let mut cells: Vec<_> = cells.into_iter().collect();
    cells.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let percent = |value: f64| words::percent(value);
    let x_ticks: Vec<_> = [0.0, 0.25, 0.5, 0.75, 1.0].map(|v| (v, percent(v))).into();
    let y_ticks: Vec<_> = [0.25, 0.5, 0.75, 1.0]
        .into_iter()
        .filter(|value| *value >= least)
        .map(|value| (value, percent(value)))
        .collect();
    let word = |verdict: Verdict, support: f64, agreement: f64, anchor: &str| {
        html! {
            text class={ "region " (verdict) } x=(At(x.at(support))) y=(At(y.at(agreement) + 4.0)) text-anchor=(anchor) {
                (verdict)
            }
        }
    };
    let content = html! {
        (y_axis(&area, &y, &y_ticks, "clips that agree"))
        (x_axis(&area, &x, &x_ticks, "clips that support the given label"))
        @if let Some(threshold) = plane.threshold {
            line class="cut" x1=(At(area.left)) x2=(At(area.right)) y1=(At(y.at(threshold))) y2=(At(y.at(threshold))) {}
            text class="note" x=(At(x.at(0.5))) y=(At(y.at(threshold) - 5.0)) text-anchor="middle" {
                "agreement threshold " (words::decimal(threshold))
            }
        }
        @for ((support, agreement, verdict), count) in &cells {
            @let (support, agreement) = (*support as f64 / CELLS, *agreement as f64 / CELLS);
            @let radius = (LARGEST * (*count as f64 / most).sqrt()).max(SMALLEST);
            circle class={ "dot " (verdict) } cx=(At(x.at(support))) cy=(At(y.at(agreement))) r=(At(radius)) {
                title {
                    (words::of(*count, "video", "videos")) ", " (verdict) ": " (percent(agreement))
                    " of the clips agree, " (percent(support)) " support the label"
                }
            }
        }
        (word(Verdict::Mislabeled, 0.09, 1.0, "start"))
        (word(Verdict::Clean, 0.91, 1.0, "end"))
        (word(Verdict::Hard, 0.75, f64::midpoint(least, 0.75), "start"))
    };
    let description = format!(
        "{} by the share of clips that support the given label and the share of clips that agree. On the diagonal the \
         clips say the label; at the upper left they agree on another one.",
        words::of(plane.videos.len(), "video", "videos")
    );
    picture(
        "plane",
        "Label support against agreement",
        &description,
        &area,
        &content,
    )
}
