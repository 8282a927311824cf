//! How many videos have which noise score, by verdict, and where the recommended cut is.

use maud::{Markup, html};

use super::{Area, At, picture, x_axis, y_axis};
use crate::page::words;
use crate::score::Verdict;

/// Bars of the histogram.
const BARS: usize = 40;

/// The verdicts from the bottom of a bar to its top.
const STACK: [Verdict; 4] = [
    Verdict::Mislabeled,
    Verdict::Hard,
    Verdict::Clean,
    Verdict::Undefined,
];

/// What is drawn.
#[derive(Debug)]
pub(in crate::page) struct Histogram {
    /// Per video its noise score, in [0, 1], and its verdict.
    pub(in crate::page) videos: Vec<(f32, Verdict)>,
    /// The noise score of the recommended cut, if there is one.
    pub(in crate::page) cut: Option<f32>,
}

/// Draws the histogram.
pub(in crate::page) fn histogram(histogram: &Histogram) -> Markup {
    let area = Area::new(480.0, 300.0);
    let mut bars = vec![[0_usize; STACK.len()]; BARS];
    for (score, verdict) in &histogram.videos {
        let bar = (f64::from(*score) * BARS as f64) as usize;
        if let Some(part) = STACK.iter().position(|part| part == verdict) {
            bars[bar.min(BARS - 1)][part] += 1;
        }
    }
    let most = bars.iter().map(|bar| bar.iter().sum::<usize>()).max();
    let (x, y) = (
        area.x(0.0, 1.0),
        area.y(0.0, most.unwrap_or(0).max(1) as f64 * 1.08),
    );
    let x_ticks: Vec<_> = x
        .ticks(5.0)
        .into_iter()
        .map(|tick| (tick, format!("{tick:.1}")))
        .collect();
    let y_ticks: Vec<_> = y
        .ticks(4.0)
        .into_iter()
        .map(|tick| (tick, words::count(tick)))
        .collect();
    let width = (area.right - area.left) / BARS as f64;
    let content = html! {
        (y_axis(&area, &y, &y_ticks, "videos"))
        @for (bar, counts) in bars.iter().enumerate() {
            @let left = area.left + bar as f64 * width;
            @for (part, verdict) in STACK.iter().enumerate() {
                @let below: usize = counts[..part].iter().sum();
                @let (top, bottom) = (y.at((below + counts[part]) as f64), y.at(below as f64));
                @if counts[part] > 0 {
                    rect class={ "bar " (verdict) } x=(At(left + 0.5)) y=(At(top)) width=(At(width - 1.0)) height=(At(bottom - top)) {
                        title { (words::of(counts[part], "video", "videos")) ", " (verdict) }
                    }
                }
            }
        }
        (x_axis(&area, &x, &x_ticks, "noise score"))
        @if let Some(cut) = histogram.cut {
            @let at = x.at(cut.into());
            line class="cut" x1=(At(at)) x2=(At(at)) y1=(At(area.top)) y2=(At(area.bottom)) {}
            @let is_left = f64::from(cut) > 0.6;
            text class="note" x=(At(if is_left { at - 5.0 } else { at + 5.0 })) y=(At(area.top + 9.0)) text-anchor=(if is_left { "end" } else { "start" }) {
                "recommended cut " (words::decimal(cut.into()))
            }
        }
    };
    let description = format!(
        "{} by noise score, in {BARS} bars, coloured by verdict.",
        words::of(histogram.videos.len(), "video", "videos")
    );
    picture(
        "scores",
        "Histogram of the noise score",
        &description,
        &area,
        &content,
    )
}
