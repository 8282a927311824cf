//! Ranges of numbers, and rules between two settings.
//!
//! A number without a range here is limited by its type alone. The tests hold the keys against the defaults.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};

use toml::{Table, Value};

use super::{Key, Origin, Settings, SettingsProblem, SettingsProblemKind};
use crate::clip::transform::ExtraFrame;
use crate::fold::MAX_FOLDS;
use crate::review::ReviewSettings;
use crate::video::DecodeSettings;

/// A range of numbers, either end open or closed.
struct Range(Bound<f64>, Bound<f64>);

impl Range {
    const fn from(least: f64) -> Self {
        Self(Bound::Included(least), Bound::Unbounded)
    }

    const fn above(limit: f64) -> Self {
        Self(Bound::Excluded(limit), Bound::Unbounded)
    }

    const fn to(self, most: f64) -> Self {
        Self(self.0, Bound::Included(most))
    }

    const fn below(self, limit: f64) -> Self {
        Self(self.0, Bound::Excluded(limit))
    }

    fn contains(&self, number: f64) -> bool {
        number.is_finite() && (self.0, self.1).contains(&number)
    }

    fn words(&self) -> String {
        let least = match self.0 {
            Bound::Included(least) => format!("at least {least}"),
            Bound::Excluded(limit) => format!("more than {limit}"),
            Bound::Unbounded => "a number".to_owned(),
        };
        match self.1 {
            Bound::Included(most) => format!("{least} and at most {most}"),
            Bound::Excluded(limit) => format!("{least} and less than {limit}"),
            Bound::Unbounded => least,
        }
    }
}

/// Every key whose numbers have limits that its type does not say.
const RANGES: [(&str, Range); 71] = [
    ("seed", Range::from(0.0)),
    ("threads", Range::from(0.0).to(1024.0)),
    ("folds", Range::from(2.0).to(MAX_FOLDS as f64)),
    ("video.size", Range::from(16.0).to(1024.0)),
    ("video.max_frames", Range::from(2.0).to(4096.0)),
    ("video.face_crop.left", Range::from(0.0).to(1.0)),
    ("video.face_crop.top", Range::from(0.0).to(1.0)),
    ("video.face_crop.right", Range::from(0.0).to(1.0)),
    ("video.face_crop.bottom", Range::from(0.0).to(1.0)),
    ("health.missing_share", Range::from(0.0).to(1.0)),
    ("health.shortest_edge", Range::from(0.0)),
    ("health.dark_level", Range::from(0.0).to(255.0)),
    ("health.sharpness", Range::from(0.0)),
    ("health.movement", Range::from(0.0).to(255.0)),
    ("health.cut_change", Range::from(0.0).to(255.0)),
    ("health.face_score", Range::from(0.0)),
    ("duplicates.likeness", Range::above(0.0).to(1.0)),
    ("audit.imbalance", Range::from(1.0)),
    ("clips.count", Range::from(2.0).to(255.0)),
    ("clips.frames", Range::from(2.0).to(256.0)),
    ("clips.window_min", Range::above(0.0).to(1.0)),
    ("clips.min_distinct_frames", Range::from(0.0)),
    ("model.row_width", Range::from(0.0).to(1_048_576.0)),
    ("model.width", Range::from(8.0).to(256.0)),
    ("model.size", Range::from(16.0).to(1024.0)),
    ("model.synopsis_frames", Range::from(2.0).to(256.0)),
    ("model.snippets", Range::from(1.0).to(64.0)),
    ("model.snippet_frames", Range::from(1.0).to(64.0)),
    ("model.shift_segment", Range::from(1.0)),
    ("model.feature", Range::from(8.0).to(4096.0)),
    ("model.hidden", Range::from(8.0).to(4096.0)),
    ("model.lstm_layers", Range::from(1.0).to(8.0)),
    ("model.heads", Range::from(1.0).to(64.0)),
    ("model.dropout", Range::from(0.0).below(1.0)),
    ("train.epochs", Range::from(1.0).to(65535.0)),
    ("train.repeats", Range::from(1.0).to(64.0)),
    ("train.batch_size", Range::from(2.0).to(8192.0)),
    ("train.learning_rate", Range::above(0.0).to(1.0)),
    ("train.final_learning_rate", Range::from(0.0).to(1.0)),
    ("train.relearn_epochs", Range::above(0.0).to(1.0)),
    ("train.warmup_epochs", Range::from(0.0)),
    ("noise.steps", Range::from(0.0).to(1000.0)),
    ("calibration.plant", Range::from(0.0).to(1.0)),
    ("train.layer_decay", Range::above(0.0).to(1.0)),
    ("train.frozen_epochs", Range::from(0.0)),
    ("train.weight_decay", Range::from(0.0).to(1.0)),
    ("train.label_smoothing", Range::from(0.0).below(1.0)),
    ("train.gradient_clip", Range::from(0.0)),
    ("train.crop_scale_min", Range::above(0.0).to(1.0)),
    ("train.flip", Range::from(0.0).to(1.0)),
    ("train.color_jitter", Range::from(0.0).below(1.0)),
    ("train.accumulation", Range::from(1.0).to(4096.0)),
    ("train.held_out_clips", Range::from(0.0).to(65536.0)),
    ("train.memory", Range::from(2.0).to(1000.0)),
    ("train.agreement_threshold", Range::above(0.0).to(1.0)),
    ("train.hard_weight", Range::from(0.0).to(100.0)),
    ("train.noisy_weight", Range::from(0.0).to(100.0)),
    ("train.relabel_margin", Range::from(0.0).to(1.0)),
    ("verdict.agreement_threshold", Range::above(0.0).to(1.0)),
    ("verdict.target_precision", Range::from(0.0).to(1.0)),
    ("neighbours.k", Range::from(0.0).to(1000.0)),
    ("neighbours.other_label_share", Range::from(0.0).to(1.0)),
    ("neighbours.outlier", Range::from(0.0)),
    ("demo.videos", Range::from(20.0).to(100_000.0)),
    ("demo.identities", Range::from(1.0)),
    ("demo.mislabeled_share", Range::from(0.0).below(0.5)),
    ("demo.hard_share", Range::from(0.0).to(1.0)),
    ("demo.size", Range::from(32.0).to(1024.0)),
    ("demo.frames_min", Range::from(24.0).to(10_000.0)),
    ("demo.frames_max", Range::from(24.0).to(10_000.0)),
    ("demo.fps", Range::from(1.0).to(240.0)),
];

/// Numbers that are outside their range.
pub(super) fn ranges(merged: &Table, origins: &BTreeMap<Key, Origin>) -> Vec<SettingsProblem> {
    let out_of_range = |(text, range): &(&str, Range)| {
        let key = Key::parse(text)?;
        let value = key.get(merged)?;
        let number = match value {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            _ => return None,
        };
        let kind = SettingsProblemKind::OutOfRange {
            value: value.clone(),
            range: range.words(),
            key: key.clone(),
        };
        (!range.contains(number)).then(|| problem(&key, origins, kind))
    };
    RANGES.iter().filter_map(out_of_range).collect()
}

/// Pairs of values that do not go together.
pub(super) fn rules(
    settings: &Settings,
    merged: &Table,
    origins: &BTreeMap<Key, Origin>,
) -> Vec<SettingsProblem> {
    let Settings {
        clips,
        model,
        train,
        video,
        ..
    } = settings;
    let frames = clips.frames as i64;
    let broken = [
        (
            model.synopsis_frames % model.shift_segment != 0,
            ("model.shift_segment", "divide", "model.synopsis_frames"),
        ),
        (
            model.detail && model.synopsis_frames > frames,
            ("model.synopsis_frames", "not be above", "clips.frames"),
        ),
        (
            // The other frames would be loaded for nothing.
            !model.detail && model.synopsis_frames != frames,
            (
                "model.synopsis_frames",
                "equal (as 'model.detail' is false)",
                "clips.frames",
            ),
        ),
        (
            // A frame's feature would be another in every clip.
            model.frozen_backbone && model.input.extra_frame() == Some(ExtraFrame::Before),
            (
                "model.input",
                "be 'rgb', 'motion' or 'rgb+motion', or end in '_first', with",
                "model.frozen_backbone",
            ),
        ),
        (
            (2 * model.hidden) % model.heads != 0,
            ("model.heads", "divide twice", "model.hidden"),
        ),
        (
            train.final_learning_rate > train.learning_rate,
            (
                "train.final_learning_rate",
                "not be above",
                "train.learning_rate",
            ),
        ),
        (
            train.frozen_epochs > 0 && train.frozen_epochs >= train.epochs,
            ("train.frozen_epochs", "be below", "train.epochs"),
        ),
        (
            settings.min_distinct_frames() > video.max_frames,
            (
                "clips.min_distinct_frames",
                "not be above (0 stands for 'model.synopsis_frames')",
                "video.max_frames",
            ),
        ),
    ];
    let told = |(key, must, other): Rule| {
        let (key, other) = (Key::parse(key)?, Key::parse(other)?);
        let origin = origins.get(&other).unwrap_or(&Origin::Default);
        let rule = format!(
            "{must} '{other}', which is '{}' ({origin})",
            other.get(merged)?
        );
        let kind = SettingsProblemKind::Rule {
            value: key.get(merged)?.clone(),
            rule,
            key: key.clone(),
        };
        Some(problem(&key, origins, kind))
    };
    crop_rules(video)
        .into_iter()
        .chain([follow_rule(settings)])
        .chain(broken)
        .filter(|(is_broken, _)| *is_broken)
        .filter_map(|(_, rule)| told(rule))
        .collect()
}

/// A rule between two settings: the one that breaks it, what it must, and the other one.
type Rule = (&'static str, &'static str, &'static str);

/// The borders of a crop must come in their order; whether each pair does not.
fn crop_rules(video: &DecodeSettings) -> [(bool, Rule); 2] {
    let crop = video.face_crop;
    let below = |first, second| (first, "be below", second);
    [
        (
            crop.left >= crop.right,
            below("video.face_crop.left", "video.face_crop.right"),
        ),
        (
            crop.top >= crop.bottom,
            below("video.face_crop.top", "video.face_crop.bottom"),
        ),
    ]
}

/// A face is looked for in the whole frame; whether that is a part, and by which border.
fn follow_rule(settings: &Settings) -> (bool, Rule) {
    let crop = settings.video.face_crop;
    let borders = [
        (crop.left > 0.0, "video.face_crop.left"),
        (crop.top > 0.0, "video.face_crop.top"),
        (crop.right < 1.0, "video.face_crop.right"),
    ];
    let moved = borders.into_iter().find(|(is_moved, _)| *is_moved);
    let border = moved.map_or("video.face_crop.bottom", |(_, border)| border);
    let must = "be 'whole' with a part of the frame, as by";
    let is_broken = settings.face.follows() && !crop.is_whole();
    (is_broken, ("face", must, border))
}

/// A key of the review that means two things.
pub(super) fn key_conflict(
    review: &ReviewSettings,
    merged: &Table,
    origins: &BTreeMap<Key, Origin>,
) -> Option<SettingsProblem> {
    let conflict = review.keymap(0).err()?;
    let key = |name: &str| Key::parse(&format!("review.{name}"));
    let (first, second) = (key(&conflict.first)?, key(&conflict.second)?);
    // The one that the user wrote is told.
    let (key, other) = if origins.contains_key(&second) {
        (second, first)
    } else {
        (first, second)
    };
    let kind = SettingsProblemKind::Rule {
        value: key.get(merged)?.clone(),
        rule: format!(
            "not share the key '{}' with '{other}', which is '{}' ({})",
            conflict.key,
            other.get(merged)?.as_str()?,
            origins.get(&other).unwrap_or(&Origin::Default),
        ),
        key: key.clone(),
    };
    Some(problem(&key, origins, kind))
}

fn problem(
    key: &Key,
    origins: &BTreeMap<Key, Origin>,
    kind: SettingsProblemKind,
) -> SettingsProblem {
    SettingsProblem {
        origin: Some(origins.get(key).cloned().unwrap_or(Origin::Default)),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DemoSettings, Family};

    #[test]
    fn every_range_is_that_of_a_number_and_holds_its_default() {
        let defaults = DemoSettings::defaults().unwrap();
        for (text, _) in &RANGES {
            let value = Key::parse(text).unwrap().get(&defaults).cloned();
            assert!(
                matches!(value, Some(Value::Integer(_) | Value::Float(_))),
                "{text}"
            );
        }
        assert!(ranges(&defaults, &BTreeMap::new()).is_empty());
        assert!(rules(&Settings::default(), &defaults, &BTreeMap::new()).is_empty());
    }

    #[test]
    fn every_number_has_a_range() {
        let defaults = DemoSettings::defaults().unwrap();
        for (key, value) in super::super::key::leaves(&defaults) {
            if matches!(value, Value::Integer(_) | Value::Float(_)) {
                let text = key.to_string();
                assert!(
                    RANGES.iter().any(|(other, _)| *other == text),
                    "{text} has no range"
                );
            }
        }
    }

    #[test]
    fn ends_are_open_or_closed() {
        let range = Range::above(0.0).to(1.0);
        assert!(range.contains(1.0) && !range.contains(0.0) && !range.contains(f64::NAN));
        assert_eq!(range.words(), "more than 0 and at most 1");
        assert_eq!(
            Range::from(0.0).below(1.0).words(),
            "at least 0 and less than 1"
        );
        assert!(!Range::from(0.0).contains(f64::INFINITY));
    }
}
