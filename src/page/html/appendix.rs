//! How the run was made: settings, seed, versions and timings.

use maud::html;

use super::part::{Section, wide};
use crate::page::compare::flat;
use crate::page::findings::Findings;

/// The run's card.
pub(super) fn section(findings: &Findings) -> Section {
    let card = &findings.card;
    let facts: Vec<(&str, String)> = [
        ("rdfer-audit", card.version.clone()),
        ("libtorch", card.libtorch.clone()),
        ("device", card.device.clone()),
        ("seed", card.seed.to_string()),
        ("weights", card.weights.clone().unwrap_or_default()),
        (
            "features",
            card.features.as_ref().map_or_else(String::new, |features| {
                let name = features.model.as_ref().unwrap_or(&features.source);
                format!("{name}, {} numbers a row", features.width)
            }),
        ),
        ("format", card.format.clone()),
        ("schema", card.schema.to_string()),
        (
            "frames that two clips share",
            format!("{:.2}", card.clip_overlap),
        ),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let settings = flat(&card.settings);
    let body = html! {
        dl class="facts card" {
            @for (name, value) in &facts {
                div { dt { (name) } dd { (value) } }
            }
            @for (stage, seconds) in &card.timings_secs {
                div { dt { "time: " (stage) } dd { (duration(*seconds)) } }
            }
            div { dt { "digest of the data" } dd { code { (card.fingerprint) } } }
        }
        @if !settings.is_empty() {
            details {
                summary { "All settings" }
                (wide("Settings", &html! {
                    table {
                        caption { "Settings as they were resolved; settings.toml in the run's folder has them for " code { "--config" } "." }
                        thead { tr { th scope="col" { "setting" } th scope="col" { "value" } } }
                        tbody {
                            // The keys of the review screen tell nothing of the run.
                            @for (name, value) in settings.iter().filter(|(name, _)| !name.starts_with("review.")) {
                                tr { th scope="row" { (name) } td { (value) } }
                            }
                        }
                    }
                }))
            }
        }
    };
    Section {
        id: "run",
        name: "Run",
        title: "How this run was made".to_owned(),
        lead: html! {},
        body,
    }
}

fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
    }
}
