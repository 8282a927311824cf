//! What is wrong with files and labels.

use std::collections::BTreeMap;

use maud::html;

use super::part::{Section, count};
use crate::page::findings::Findings;
use crate::page::words;
use crate::rows::issues::IssueRow;

/// Issues of one kind that are named.
const NAMED: usize = 20;

/// The issues by kind, the most frequent first.
pub(super) fn section(findings: &Findings) -> Section {
    let mut kinds: BTreeMap<&str, Vec<&IssueRow>> = BTreeMap::new();
    for issue in &findings.issues {
        kinds.entry(&issue.kind).or_default().push(issue);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, issues)| std::cmp::Reverse(issues.len()));
    let paths: BTreeMap<&str, &str> = findings
        .rows
        .iter()
        .map(|row| (row.id.as_str(), row.path.as_str()))
        .collect();
    let path = |id: &Option<String>| {
        let id = id.as_deref().unwrap_or_default();
        paths.get(id).copied().unwrap_or(id).to_owned()
    };
    let body = html! {
        @for (kind, issues) in &kinds {
            details class="issue" {
                summary {
                    strong { (kind.replace('_', " ")) } " "
                    (count(&format!("issues.{kind}"), issues.len()))
                }
                ul {
                    @for issue in issues.iter().take(NAMED) {
                        li {
                            code { (path(&issue.id)) }
                            @if issue.other_id.is_some() { " and " code { (path(&issue.other_id)) } }
                            @if !issue.detail.is_empty() { ": " (issue.detail) }
                        }
                    }
                    @if issues.len() > NAMED {
                        li class="muted" { "and " (words::length(issues.len() - NAMED)) " more in the Parquet files" }
                    }
                }
            }
        }
    };
    Section {
        id: "issues",
        name: "Issues",
        title: "Files and labels with issues".to_owned(),
        lead: html! {
            @if kinds.is_empty() { "None was found." }
            @else { (words::of(findings.issues.len(), "issue", "issues")) " of " (words::of(kinds.len(), "kind", "kinds")) "." }
        },
        body,
    }
}
