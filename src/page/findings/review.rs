//! What people decided about a run's videos, in the form in which it is told; who reads it from the journals fills it in.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was decided, and by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReviewFacts {
    /// The reviewers, by name.
    pub reviewers: Vec<ReviewerFacts>,
    /// The decided videos, each decision of each reviewer.
    pub decisions: Vec<DecisionFacts>,
    /// By id, of the videos on which people have come to something: the label that holds, where one does.
    #[serde(skip)]
    pub settled: BTreeMap<String, Option<String>>,
    /// Videos about which anybody decided anything.
    pub decided: usize,
    /// Videos about which reviewers contradict each other, and nobody has settled it.
    pub disputed: usize,
}

/// What one reviewer decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReviewerFacts {
    /// The name; empty for the unnamed reviewer.
    pub name: String,
    /// Decisions by the journal's word for them, in the journal's order, those without any included.
    pub actions: Vec<(&'static str, usize)>,
    /// Decisions that were made without sight of label and suggestion.
    pub blind: usize,
}

/// One decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DecisionFacts {
    /// The video's id.
    pub id: String,
    /// Who decided; empty for the unnamed reviewer.
    pub reviewer: String,
    /// The journal's word for it.
    pub action: &'static str,
    /// The label that goes with it.
    pub label: Option<String>,
    /// Whether it settles a dispute.
    pub is_ruling: bool,
    /// The reviewer's remark.
    pub note: Option<String>,
}
