//! `report.html`: what a run found, as one page that needs no network, no other file and no script.
//!
//! Every number is a `data` element with its full value and the name by which it is known in the run's files, so that a
//! test, or anybody's script, can hold the page against them. All text is escaped by the templates.

mod appendix;
mod classes;
mod compare;
mod content;
mod gallery;
mod issues;
mod maps;
mod networks;
mod opening;
mod part;
mod review;
mod votes;

use camino::{Utf8Path, Utf8PathBuf};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use thiserror::Error;

pub use self::content::Page;
use self::part::Section;
use crate::whole;

const STYLE: &str = include_str!("style.css");

/// Nothing may be fetched, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A page that could not be written.
#[derive(Debug, Error)]
#[error("cannot write the page to '{path}'")]
pub struct PageError {
    path: Utf8PathBuf,
    #[source]
    source: std::io::Error,
}

/// Writes the page, whole or not at all.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, page: &Page) -> Result<(), PageError> {
    whole::write(path, render(page)).map_err(|source| PageError {
        path: path.to_owned(),
        source,
    })
}

/// The page's text.
pub fn render(page: &Page) -> String {
    let findings = page.findings;
    let sections: Vec<Section> = [
        Some(opening::section(findings)),
        maps::plane_section(findings),
        maps::score_section(findings),
        maps::cut_section(findings),
        classes::transition_section(findings),
        classes::class_section(findings),
        networks::section(findings),
        votes::section(findings),
        gallery::suspect_section(page),
        gallery::hard_section(page),
        Some(issues::section(findings)),
        review::section(findings),
        compare::section(page.comparison),
        Some(appendix::section(findings)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let name = part::data_set_name(&findings.card.dataset);
    let markup: Markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content={ "rdfer-audit " (env!("CARGO_PKG_VERSION")) };
                title { (name) " · label audit" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#result" { "Skip to the result" }
                (opening::header(findings, &name))
                div class="columns" {
                    nav aria-label="Sections" {
                        ol {
                            @for section in &sections {
                                li { a href={ "#" (section.id) } { (section.name) } }
                            }
                        }
                    }
                    main {
                        @for section in &sections {
                            (section)
                        }
                    }
                }
                footer {
                    "Made by rdfer-audit " (findings.card.version) " from the files in "
                    code { (findings.summary.run) }
                    ". "
                    @if page.left_out.is_empty() {
                        "The page stands alone: it can be sent, printed and archived."
                    } @else {
                        "Left out, to hand it on: " (page.left_out.join("; ")) "."
                    }
                }
            }
        }
    };
    markup.into_string()
}

#[cfg(test)]
mod tests;
