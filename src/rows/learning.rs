//! What the order learnt from decisions, as `run.json` says it.

use serde::{Deserialize, Serialize};

/// From what the order learnt, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearningCard {
    /// Ranked videos about which people decided.
    pub decided: usize,
    /// What foretold decisions that were held out better than the order alone, and moves it: `classes`, `groups`,
    /// `neighbours`; empty where nothing did.
    pub by: Vec<String>,
    /// Undecided videos of which a decision on an exact copy speaks.
    pub by_copies: usize,
}

impl LearningCard {
    /// What was learnt, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        let decided = match self.decided {
            1 => "1 video is decided".to_owned(),
            count => format!("{count} videos are decided"),
        };
        let learnt = if self.by.is_empty() {
            format!(
                "{decided}, which foretells no other decision yet: the order of the review stands"
            )
        } else {
            let by = self.by.join(", ");
            format!(
                "{decided}, from which the order of the review learns by {by} (learnt_posterior)"
            )
        };
        match self.by_copies {
            0 => learnt,
            1 => format!("{learnt}; 1 undecided video has a decided copy"),
            count => format!("{learnt}; {count} undecided videos have decided copies"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_is_said_plainly() {
        let mut card = LearningCard {
            decided: 1,
            ..LearningCard::default()
        };
        assert!(
            card.sentence()
                .starts_with("1 video is decided, which foretells no")
        );
        card.decided = 60;
        card.by = vec!["classes".to_owned(), "groups".to_owned()];
        card.by_copies = 1;
        assert_eq!(
            card.sentence(),
            "60 videos are decided, from which the order of the review learns by classes, groups (learnt_posterior); 1 undecided video has a decided copy"
        );
    }
}
