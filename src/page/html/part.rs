//! The parts of which sections are made.

use std::fmt::Display;

use maud::{Markup, Render, html};

use crate::page::words;
use crate::score::Verdict;
use crate::score::calibration::Interval;

/// A section of the page.
#[derive(Debug)]
pub(super) struct Section {
    /// Where links point.
    pub(super) id: &'static str,
    /// Its name in the list of sections.
    pub(super) name: &'static str,
    /// Its heading.
    pub(super) title: String,
    /// What it says, in a sentence or two; may be empty.
    pub(super) lead: Markup,
    /// The rest.
    pub(super) body: Markup,
}

impl Render for Section {
    fn render(&self) -> Markup {
        html! {
            section id=(self.id) aria-labelledby={ (self.id) "-heading" } {
                h2 id={ (self.id) "-heading" } { (self.title) }
                @if !self.lead.0.is_empty() {
                    p class="lead" { (self.lead) }
                }
                (self.body)
            }
        }
    }
}

/// A number: as people read it, with its full value and its name in the run's files.
pub(super) fn figure(key: &str, value: impl Display, words: impl Render) -> Markup {
    html! { data data-key=(key) value=(value) { (words) } }
}

/// A number of videos.
pub(super) fn count(key: &str, value: usize) -> Markup {
    figure(key, value, words::length(value))
}

/// A share in percent.
pub(super) fn percent(key: &str, value: f64) -> Markup {
    figure(key, value, words::percent(value))
}

/// An interval of shares, `43–98 %`; the keys are those of its ends.
pub(super) fn percent_range(key: &str, interval: &Interval) -> Markup {
    let (low, high) = (words::percent(interval.low), words::percent(interval.high));
    let short = low.strip_suffix(" %").unwrap_or(&low);
    html! {
        span class="range" {
            (figure(&format!("{key}.low"), interval.low, short)) "–" (figure(&format!("{key}.high"), interval.high, high))
        }
    }
}

/// A verdict as a word on its colour.
pub(super) fn badge(verdict: Verdict) -> Markup {
    html! { span class={ "badge " (verdict) } { (verdict) } }
}

/// A square of a colour with a word, as a plot's key has it.
pub(super) fn key(class: &str, name: &str) -> Markup {
    html! { span class="key" { span class={ "swatch " (class) } aria-hidden="true" {} (name) } }
}

/// A plot with its words.
pub(super) fn plot(picture: &Markup, keys: &Markup, caption: &Markup) -> Markup {
    html! {
        figure class="chart" {
            (picture)
            figcaption {
                @if !keys.0.is_empty() {
                    div class="keys" { (keys) }
                }
                p { (caption) }
            }
        }
    }
}

/// A wide table that scrolls for itself on a narrow screen.
pub(super) fn wide(name: &str, table: &Markup) -> Markup {
    html! { div class="wide" role="region" aria-label=(name) tabindex="0" { (table) } }
}

/// The name of a data set: the last part of its path, and for a file the folder before it, since many files of labels
/// have the same name.
pub(super) fn data_set_name(path: &str) -> String {
    let mut parts = path.trim_end_matches('/').rsplit('/');
    let (last, folder) = (parts.next().unwrap_or(path), parts.next());
    match folder {
        Some(folder) if last.contains('.') && !matches!(folder, "" | "." | "..") => {
            format!("{folder}/{last}")
        }
        _ if last.is_empty() => path.to_owned(),
        _ => last.to_owned(),
    }
}
