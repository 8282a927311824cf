//! Which videos an epoch shows, in which order.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use crate::seed::Seed;

/// One showing of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Showing {
    /// The video's index.
    pub video: usize,
    /// How often the epoch has shown the video before; each showing is another clip.
    pub again: usize,
}

/// The epoch's showings of `videos`, whose labels are `labels[video]`: every training video once or, `class_balanced`,
/// as many clips as there are videos, each class
/// equally often. A balanced epoch goes on through a class's videos where the epoch before stopped, so that a class's
/// videos are all shown equally often in the long run; in one epoch a video of a large class may be left out, and one of
/// a small class be shown again.
pub fn epoch_order(
    videos: &[usize],
    labels: &[usize],
    class_balanced: bool,
    seed: Seed,
    epoch: usize,
) -> Vec<Showing> {
    let mut order = if class_balanced {
        balanced(videos, labels, seed, epoch)
    } else {
        videos.to_vec()
    };
    order.shuffle(&mut seed.stream("order", epoch));
    let mut shown: BTreeMap<usize, usize> = BTreeMap::new();
    order
        .into_iter()
        .map(|video| {
            let count = shown.entry(video).or_default();
            let again = *count;
            *count += 1;
            Showing { video, again }
        })
        .collect()
}

fn balanced(training: &[usize], labels: &[usize], seed: Seed, epoch: usize) -> Vec<usize> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &video in training {
        members.entry(labels[video]).or_default().push(video);
    }
    let classes = members.len().max(1);
    let mut drawn = Vec::with_capacity(training.len());
    for (number, (label, videos)) in members.iter().enumerate() {
        // The clips that do not divide evenly go to another class each epoch.
        let share = |epoch: usize| {
            let turn = (number + epoch) % classes;
            (turn + 1) * training.len() / classes - turn * training.len() / classes
        };
        let start: usize = (0..epoch).map(share).sum();
        let mut round = usize::MAX;
        let mut order = Vec::new();
        for position in start..start + share(epoch) {
            if position / videos.len() != round {
                round = position / videos.len();
                order.clone_from(videos);
                order.shuffle(&mut seed.stream("class order", format_args!("{label} {round}")));
            }
            drawn.push(order[position % videos.len()]);
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How often each of 12 videos of 3 classes (2, 3 and 7 videos) is shown in each epoch.
    fn counts(class_balanced: bool, epochs: usize, seed: u64) -> Vec<Vec<usize>> {
        let labels = [0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2];
        let videos: Vec<usize> = (0..labels.len()).collect();
        (0..epochs)
            .map(|epoch| {
                let mut counts = vec![0; labels.len()];
                let order = epoch_order(&videos, &labels, class_balanced, Seed(seed), epoch);
                for Showing { video, again } in order {
                    assert_eq!(again, counts[video]);
                    counts[video] += 1;
                }
                counts
            })
            .collect()
    }

    #[test]
    fn without_balance_each_video_is_shown_once() {
        assert!(
            counts(false, 3, 0)
                .iter()
                .flatten()
                .all(|&count| count == 1)
        );
    }

    proptest! {
        #[test]
        fn with_balance_each_class_is_shown_equally_often(seed: u64) {
            let epochs = counts(true, 7, seed);
            for counts in &epochs {
                let shown = [0..2, 2..5, 5..12].map(|class| counts[class].iter().sum::<usize>());
                prop_assert_eq!(shown, [4, 4, 4]);
            }
            // 28 clips of the 7 videos of the largest class: each has had the same share.
            let total = |video: usize| epochs.iter().map(|counts| counts[video]).sum::<usize>();
            prop_assert!((5..12).all(|video| total(video) == 4));
        }
    }

    #[test]
    fn what_does_not_divide_evenly_goes_round() {
        let labels = [0, 0, 0, 0, 1];
        let videos = [0, 1, 2, 3, 4];
        let mut shown = [0, 0];
        for epoch in 0..4 {
            let order = epoch_order(&videos, &labels, true, Seed(3), epoch);
            assert_eq!(order.len(), 5);
            for showing in order {
                shown[labels[showing.video]] += 1;
            }
        }
        assert_eq!(shown, [10, 10]);
    }
}
