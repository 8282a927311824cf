//! Whether a manifest can be divided into folds, and a smaller manifest for a first try.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;

use super::{Manifest, ManifestError, Problem, ProblemKind};
use crate::fold;
use crate::seed::Seed;

impl Manifest {
    /// Checks that every class has at least as many independent videos (groups, and videos without one) as there are
    /// folds, so that every fold can hold each class out and train on it.
    ///
    /// # Errors
    /// All classes that are too small.
    pub fn check_folds(&self, folds: usize) -> Result<(), ManifestError> {
        let mut problems = Vec::new();
        for (label, videos) in self.videos_by_label().iter().enumerate() {
            let units = self.units(videos).len();
            if units < folds {
                problems.push(Problem {
                    row: None,
                    kind: ProblemKind::TooFewForFolds {
                        label: self.labels.name(label).to_owned(),
                        units,
                        unit: if units < videos.len() {
                            "group(s)"
                        } else {
                            "video(s)"
                        },
                        folds,
                    },
                });
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(ManifestError::of(&self.source, problems))
    }

    /// A stratified sample of `count` videos in the manifest's order; the manifest itself where it is no larger.
    ///
    /// Classes keep their shares as nearly as whole videos allow, but each keeps at least one video from `folds` of its
    /// groups (or all that it has), so that a manifest that passes [`Self::check_folds`] still does. The sample is larger
    /// than `count` where those minima alone are.
    #[must_use]
    pub fn limit(mut self, count: usize, folds: usize, seed: Seed) -> Self {
        if self.videos.len() <= count {
            return self;
        }
        let by_label = self.videos_by_label();
        let sizes: Vec<usize> = by_label.iter().map(Vec::len).collect();
        let least: Vec<usize> = by_label
            .iter()
            .map(|videos| self.units(videos).len().min(folds))
            .collect();
        let mut kept = BTreeSet::new();
        for (label, quota) in quotas(&sizes, &least, count).into_iter().enumerate() {
            let mut random = seed.stream("limit", self.labels.name(label));
            let mut units = self.units(&by_label[label]);
            for unit in &mut units {
                unit.shuffle(&mut random);
            }
            units.shuffle(&mut random);
            // One video of each of the first groups, then any of the rest.
            let first = least[label];
            let mut rest: Vec<usize> = Vec::new();
            for (index, unit) in units.iter().enumerate() {
                let taken = usize::from(index < first);
                kept.extend(&unit[..taken]);
                rest.extend(&unit[taken..]);
            }
            rest.shuffle(&mut random);
            kept.extend(rest.into_iter().take(quota - first));
        }
        let mut index = 0;
        self.videos.retain(|_| {
            index += 1;
            kept.contains(&(index - 1))
        });
        self
    }

    fn videos_by_label(&self) -> Vec<Vec<usize>> {
        let mut by_label = vec![Vec::new(); self.labels.len()];
        for (index, video) in self.videos.iter().enumerate() {
            by_label[video.label].push(index);
        }
        by_label
    }

    /// The videos in groups, each without one for itself, in the order of the groups' first videos.
    fn units(&self, videos: &[usize]) -> Vec<Vec<usize>> {
        let group = |video: &usize| self.videos[*video].group.as_deref();
        let mut units = fold::units(videos.iter().map(group));
        for video in units.iter_mut().flatten() {
            *video = videos[*video];
        }
        units
    }
}

/// How many of each class to keep: from `least` on, one more at a time for the class that is furthest below its share.
fn quotas(sizes: &[usize], least: &[usize], count: usize) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let mut quotas = least.to_vec();
    for _ in quotas.iter().sum::<usize>()..count {
        let lacking =
            |class: usize| (count * sizes[class]) as f64 / total as f64 - quotas[class] as f64;
        let next = (0..sizes.len())
            .filter(|&class| quotas[class] < sizes[class])
            .max_by(|&left, &right| {
                lacking(left)
                    .total_cmp(&lacking(right))
                    .then(right.cmp(&left))
            });
        let Some(next) = next else { break };
        quotas[next] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::label::LabelSet;
    use crate::manifest::{Format, Video};

    /// A manifest of videos with the given labels and groups, none of which is on disk.
    fn manifest_of(videos: &[(usize, Option<u8>)], classes: usize) -> Manifest {
        Manifest {
            source: "data.csv".into(),
            format: Format::Csv,
            labels: LabelSet::new((0..classes).map(|class| format!("class {class}"))).unwrap(),
            extra_columns: Vec::new(),
            videos: videos
                .iter()
                .enumerate()
                .map(|(index, (label, group))| Video {
                    id: index.to_string(),
                    path: format!("{index}.mp4").into(),
                    written_path: format!("{index}.mp4"),
                    label: *label,
                    group: group.map(|group| format!("group {group}")),
                    row: None,
                    extra: Vec::new(),
                })
                .collect(),
            warnings: Vec::new(),
            root: "".into(),
            digests: std::collections::BTreeMap::new(),
            reading: crate::manifest::Reading::default(),
            understood: crate::manifest::Understood::default(),
        }
    }

    #[test]
    fn small_classes_are_refused_for_folds() {
        let videos = [
            (0, None),
            (0, None),
            (0, None),
            (1, Some(1)),
            (1, Some(1)),
            (1, Some(2)),
            (2, None),
        ];
        let manifest = manifest_of(&videos, 3);
        manifest.check_folds(1).unwrap();
        insta::assert_snapshot!(manifest.check_folds(3).unwrap_err(), @r"
        data set 'data.csv' has 2 problems:
          class 'class 1' has 2 group(s), too few for 3 folds; use '--folds 2', add videos to the class, or leave it out
          class 'class 2' has 1 video(s), too few for 3 folds; add videos to the class, or leave it out
        ");
    }

    #[test]
    fn a_sample_keeps_class_shares() {
        let videos: Vec<(usize, Option<u8>)> = (0..1000)
            .map(|index| (usize::from(index % 10 == 0), None))
            .collect();
        let sample = manifest_of(&videos, 2).limit(100, 5, Seed(3));
        assert_eq!(sample.videos.len(), 100);
        assert_eq!(
            sample
                .videos
                .iter()
                .filter(|video| video.label == 1)
                .count(),
            10
        );
        let again = manifest_of(&videos, 2).limit(100, 5, Seed(3));
        assert_eq!(sample, again);
        assert_ne!(sample, manifest_of(&videos, 2).limit(100, 5, Seed(4)));
    }

    proptest! {
        #[test]
        fn a_sample_can_still_be_folded(
            videos in prop::collection::vec((0_usize..4, prop::option::of(0_u8..40)), 60..300),
            count in 1_usize..200, folds in 2_usize..6, seed: u64,
        ) {
            let manifest = manifest_of(&videos, 4);
            prop_assume!(manifest.check_folds(folds).is_ok());
            let sample = manifest.clone().limit(count, folds, Seed(seed));
            sample.check_folds(folds).unwrap();
            prop_assert_eq!(sample.videos.len(), count.clamp(4 * folds, videos.len().max(4 * folds)).min(videos.len()));
            // In the manifest's order, and nothing invented.
            let mut rest = manifest.videos.iter();
            prop_assert!(sample.videos.iter().all(|video| rest.any(|other| other == video)));
        }
    }
}
