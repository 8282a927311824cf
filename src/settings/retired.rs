//! Keys that settings of runs had once, or that are others' now: who reads an old file is told only of what differs.

use toml::{Table, Value};

use super::Key;
use crate::audit::AuditSettings;
use crate::duplicates::DuplicateSettings;
use crate::health::HealthSettings;
use crate::train::TrainSettings;

/// Keys that are constants now, each with its value.
const FIXED: [(&str, f64); 15] = [
    ("health.gap", HealthSettings::GAP),
    ("health.blank_contrast", HealthSettings::BLANK_CONTRAST),
    ("health.bright_share", HealthSettings::BRIGHT_SHARE),
    ("health.distinct_share", HealthSettings::DISTINCT_SHARE),
    ("health.cut_ratio", HealthSettings::CUT_RATIO),
    ("health.bars", HealthSettings::BARS),
    ("health.face_frames", HealthSettings::FACE_FRAMES as f64),
    ("duplicates.picture", DuplicateSettings::PICTURE),
    ("duplicates.votes", DuplicateSettings::VOTES as f64),
    (
        "duplicates.candidates",
        DuplicateSettings::CANDIDATES as f64,
    ),
    ("audit.group_share", AuditSettings::GROUP_SHARE),
    ("audit.path_agreement", AuditSettings::PATH_AGREEMENT),
    ("train.bag_loss", TrainSettings::BAG_LOSS),
    ("train.instance_loss", TrainSettings::INSTANCE_LOSS),
    (
        "train.detail_instance_loss",
        TrainSettings::DETAIL_INSTANCE_LOSS,
    ),
];

/// A key of a file that is none of the settings that are resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Retired {
    /// A constant by now.
    Fixed(f64),
    /// A key of the review or of the demo.
    Others,
}

/// What has become of a key that `values` do not have, if it was one ever.
pub(super) fn find(key: &Key, values: &Table) -> Option<Retired> {
    let top = key.parts().first()?.as_str();
    if ["review", "demo"].contains(&top) {
        // A slip of the pen in the family's own table is none of another's keys.
        return (!values.contains_key(top)).then_some(Retired::Others);
    }
    let text = key.to_string();
    let fixed = FIXED.iter().find(|(name, _)| *name == text);
    fixed.map(|(_, value)| Retired::Fixed(*value))
}

impl Retired {
    /// What is to be said of the key's value; nothing where it changes nothing.
    pub(super) fn words(self, key: &Key, value: &Value) -> Option<String> {
        let Self::Fixed(fixed) = self else {
            return None;
        };
        let number = match value {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            _ => f64::NAN,
        };
        let is_same = (number - fixed).abs() < f64::EPSILON;
        (!is_same)
            .then(|| format!("'{key}' is no setting any more: it is {fixed} instead of {value}"))
    }
}
