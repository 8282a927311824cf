//! What the page is made of.

use std::collections::BTreeMap;

use crate::page::compare::Comparison;
use crate::page::filmstrip::Filmstrip;
use crate::page::findings::Findings;

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// What was found.
    pub findings: &'a Findings,
    /// The pictures of the videos to show, by place; a video without any gets a placeholder.
    pub strips: &'a BTreeMap<usize, Filmstrip>,
    /// How the run differs from another one, where that was asked for.
    pub comparison: Option<&'a Comparison>,
    /// What a page that is handed on does not tell, in fragments; empty for the run's own.
    pub left_out: &'a [&'static str],
}
