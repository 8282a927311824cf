//! How a fold's network learnt: accuracy on its training clips and on held-out ones, by epoch.

use maud::{Markup, html};

use super::{Area, picture, points, x_axis, y_axis};
use crate::page::words;
use crate::rows::training::EpochRow;

/// Draws the epochs of a fold, counted from 0.
pub(in crate::page) fn learning(fold: usize, epochs: &[EpochRow]) -> Markup {
    let area = Area::new(300.0, 210.0);
    let last = epochs.last().map_or(1, |row| row.epoch).max(2);
    let (x, y) = (area.x(1.0, last as f64), area.y(0.0, 1.0));
    let x_ticks: Vec<_> = x
        .ticks(4.0)
        .into_iter()
        .map(|tick| (tick, words::count(tick)))
        .collect();
    let y_ticks: Vec<_> = [0.0, 0.5, 1.0].map(|v| (v, words::percent(v))).into();
    let line = |pick: fn(&EpochRow) -> Option<f64>| {
        points(epochs.iter().filter_map(|row| {
            let value = pick(row)?;
            Some((x.at(row.epoch as f64), y.at(value)))
        }))
    };
    let lines = [
        ("training", line(|row| Some(row.accuracy))),
        ("training uar", line(|row| Some(row.uar))),
        ("held-out", line(|row| Some(row.held_out?.accuracy))),
        ("held-out uar", line(|row| Some(row.held_out?.uar))),
    ];
    let content = html! {
        (y_axis(&area, &y, &y_ticks, "accuracy"))
        (x_axis(&area, &x, &x_ticks, "epoch"))
        @for (class, points) in &lines {
            @if !points.is_empty() {
                polyline class={ "line " (class) } points=(points) {}
            }
        }
    };
    picture(
        &format!("learning-{fold}"),
        &format!("Learning curves of fold {}", fold + 1),
        "Accuracy by epoch on training clips and on held-out clips.",
        &area,
        &content,
    )
}
