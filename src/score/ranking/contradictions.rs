//! How far doubt explains that the networks contradict labels.

use crate::score::table::argmax;

/// The most confident part of each predicted class that is held against all of it.
const SUREST: f64 = 0.25;
/// The part from which on the surest are as good as all.
const NEARLY_ALL: f64 = 0.9;

/// The share in [0, 1] of contradictions that the networks' doubt does not explain (ours).
///
/// A contradiction is a label other than the predicted class. Where errors depend on the class only, as many labels
/// are wrong among the videos that a network is surest of as among the others, so that contradictions are as
/// frequent there: close to 1, less what a weak network gets wrong itself. Where people err on ambiguous material
/// they are rare there: close to 0. The ratio of both frequencies, the first over the surest quarter of every
/// predicted class; equally sure videos are in or out together. Half a contradiction in one more video is added to
/// each, so that tables with few or none have a value too.
///
/// `None` where the surest are nearly all: a network that is equally sure of everything leaves nothing to compare.
///
/// `videos`: label and C probabilities of each.
pub(super) fn unexplained_share<'a>(
    videos: impl Iterator<Item = (usize, &'a [f64])>,
    classes: usize,
) -> Option<f64> {
    let mut by_class: Vec<Vec<(f64, bool)>> = vec![Vec::new(); classes];
    for (label, row) in videos {
        let predicted = argmax(row);
        by_class[predicted].push((row[predicted], predicted != label));
    }
    let (mut surest, mut all) = (Frequency::default(), Frequency::default());
    for videos in &mut by_class {
        videos.sort_by(|a, b| b.0.total_cmp(&a.0));
        let part = ((videos.len() as f64 * SUREST).round() as usize).max(1);
        let Some(&(least, _)) = videos.get(part - 1) else {
            continue; // a class that is never predicted
        };
        for &(confidence, is_contradiction) in videos.iter() {
            all.count(is_contradiction);
            if confidence >= least {
                surest.count(is_contradiction);
            }
        }
    }
    let is_tied = surest.videos as f64 >= NEARLY_ALL * all.videos as f64;
    (!is_tied).then(|| (surest.share() / all.share()).min(1.0))
}

#[derive(Default)]
struct Frequency {
    contradictions: usize,
    videos: usize,
}

impl Frequency {
    fn count(&mut self, is_contradiction: bool) {
        self.videos += 1;
        self.contradictions += usize::from(is_contradiction);
    }

    fn share(&self) -> f64 {
        (self.contradictions as f64 + 0.5) / (self.videos as f64 + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share_of(labels: &[usize], rows: &[[f64; 2]]) -> Option<f64> {
        let rows = rows.iter().map(|row| &row[..]);
        unexplained_share(labels.iter().copied().zip(rows), 2)
    }

    /// A hundred videos of each of two classes, less and less sure; `is_wrong` says which labels are the other class.
    fn share(is_wrong: impl Fn(usize) -> bool) -> f64 {
        let mut labels = Vec::new();
        let mut rows = Vec::new();
        for place in 0..100 {
            for class in 0..2 {
                let sure = 0.99 - 0.004 * place as f64;
                let mut row = [1.0 - sure; 2];
                row[class] = sure;
                rows.push(row);
                labels.push(if is_wrong(place) { 1 - class } else { class });
            }
        }
        share_of(&labels, &rows).unwrap()
    }

    #[test]
    fn errors_that_follow_the_class_stay_unexplained() {
        let spread = share(|place| place % 10 == 0);
        assert!(spread > 0.9, "{spread}");
    }

    #[test]
    fn errors_on_ambiguous_material_are_explained() {
        let doubtful = share(|place| place >= 90);
        assert!(doubtful < 0.15, "{doubtful}");
    }

    #[test]
    fn where_all_are_equally_sure_nothing_tells() {
        assert_eq!(share_of(&[0, 1, 0], &[[0.5, 0.5]; 3]), None);
        assert_eq!(share_of(&[1], &[[0.5, 0.5]]), None);
        assert_eq!(share_of(&[], &[]), None);
    }
}
