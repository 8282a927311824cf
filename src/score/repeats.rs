//! Several networks of one fold as an ensemble (RDFER.md's "repeats", ours).
//!
//! Networks that differ in nothing but their seed err in different places. The mean of what they say of the same clip is
//! steadier than any one of them, and whether each alone comes to the same consensus tells what is the network's own
//! doubt from what is the video's.

use super::ScoreError;
use super::agreement::ClipVotes;

/// What one network says of one clip.
#[derive(Debug, Clone, Copy)]
pub struct RepeatedClip<'a> {
    /// Which of the networks.
    pub repeat: u8,
    /// The clip's number; the same number is the same frames for every network.
    pub clip: u16,
    /// Probability of each class, `[C]`.
    pub probs: &'a [f32],
}

/// How many of the networks come to the ensemble's consensus by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatAgreement {
    /// Number of networks, at least 2.
    pub repeats: usize,
    /// Those whose own clips' consensus is that of the ensemble.
    pub agreeing: usize,
}

impl RepeatAgreement {
    /// The share of networks that agree, in [0, 1].
    pub fn share(self) -> f64 {
        self.agreeing as f64 / self.repeats as f64
    }
}

/// The votes of a video's clips, each the mean over the networks that saw it; and how far these agree, which is nothing
/// where there is a single one.
///
/// # Errors
/// Fails as [`ClipVotes::count`] does; rows are counted within a network.
pub fn count(clips: &[RepeatedClip]) -> Result<(ClipVotes, Option<RepeatAgreement>), ScoreError> {
    let first = clips.first().ok_or(ScoreError::Empty)?.repeat;
    if clips.iter().all(|clip| clip.repeat == first) {
        let rows: Vec<&[f32]> = clips.iter().map(|clip| clip.probs).collect();
        return Ok((ClipVotes::count(&rows)?, None));
    }
    let mut repeats: Vec<u8> = clips.iter().map(|clip| clip.repeat).collect();
    repeats.sort_unstable();
    repeats.dedup();
    let consensuses = repeats
        .iter()
        .map(|repeat| {
            let own = clips.iter().filter(|clip| clip.repeat == *repeat);
            let rows: Vec<&[f32]> = own.map(|clip| clip.probs).collect();
            Ok((ClipVotes::count(&rows)?.consensus(), rows[0].len()))
        })
        .collect::<Result<Vec<_>, ScoreError>>()?;
    let expected = consensuses[0].1;
    if let Some(&(_, found)) = consensuses.iter().find(|(_, width)| *width != expected) {
        return Err(ScoreError::WrongWidth {
            row: 0,
            found,
            expected,
        });
    }
    let means: Vec<Vec<f64>> = means(clips).into_iter().map(|(_, mean)| mean).collect();
    let votes = ClipVotes::count(&means)?;
    let consensus = votes.consensus();
    let agreeing = consensuses.iter().filter(|(own, _)| *own == consensus);
    let agreement = RepeatAgreement {
        repeats: repeats.len(),
        agreeing: agreeing.count(),
    };
    Ok((votes, Some(agreement)))
}

/// Each clip's number and the mean of its rows, ascending. Every row has as many values as the first one, or the others
/// are cut to the shortest.
pub fn means(clips: &[RepeatedClip]) -> Vec<(u16, Vec<f64>)> {
    let mut sorted: Vec<&RepeatedClip> = clips.iter().collect();
    // By network within a clip, so that the order of the rows cannot change the last bit.
    sorted.sort_by_key(|clip| (clip.clip, clip.repeat));
    sorted
        .chunk_by(|one, other| one.clip == other.clip)
        .map(|same| {
            let classes = same.iter().map(|clip| clip.probs.len()).min().unwrap_or(0);
            let mean = |class: usize| {
                let values = same.iter().map(|clip| f64::from(clip.probs[class]));
                values.sum::<f64>() / same.len() as f64
            };
            (same[0].clip, (0..classes).map(mean).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    fn clips<'a>(rows: &'a [(u8, u16, [f32; 2])]) -> Vec<RepeatedClip<'a>> {
        rows.iter()
            .map(|(repeat, clip, probs)| RepeatedClip {
                repeat: *repeat,
                clip: *clip,
                probs,
            })
            .collect()
    }

    #[test]
    fn clips_are_averaged_over_the_networks_before_they_vote() {
        let rows = [
            (0, 0, [0.9, 0.1]),
            (0, 1, [0.6, 0.4]),
            (1, 1, [0.2, 0.8]),
            (1, 0, [0.3, 0.7]),
            (2, 0, [0.9, 0.1]),
            (2, 1, [0.8, 0.2]),
        ];
        let (votes, agreement) = count(&clips(&rows)).unwrap();
        // Six votes would be 4 to 2; the ensemble's two clips both say the first class.
        assert_eq!((votes.clips(), votes.counts()), (2, &[2, 0][..]));
        assert_abs_diff_eq!(votes.mean_probs()[0], 3.7 / 6.0, epsilon = 1e-6);
        let agreement = agreement.unwrap();
        assert_eq!((agreement.repeats, agreement.agreeing), (3, 2));
        assert_abs_diff_eq!(agreement.share(), 2.0 / 3.0);
        let mut reversed = clips(&rows);
        reversed.reverse();
        assert_eq!(count(&reversed).unwrap().0, votes);
    }

    #[test]
    fn one_network_agrees_with_nobody() {
        let rows = [(3, 0, [0.9, 0.1]), (3, 1, [0.6, 0.4])];
        let (votes, agreement) = count(&clips(&rows)).unwrap();
        assert_eq!(votes.clips(), 2);
        assert_eq!(agreement, None);
        assert_eq!(count(&[]).unwrap_err(), ScoreError::Empty);
    }

    #[test]
    fn what_is_no_probability_is_refused_in_every_network() {
        let rows = [(0, 0, [0.9, 0.1]), (1, 0, [f32::NAN, 0.4])];
        assert!(count(&clips(&rows)).is_err());
        let wide = [0.2, 0.3, 0.5];
        let mut mixed = clips(&rows[..1]);
        mixed.push(RepeatedClip {
            repeat: 1,
            clip: 0,
            probs: &wide,
        });
        assert!(matches!(
            count(&mixed).unwrap_err(),
            ScoreError::WrongWidth {
                found: 3,
                expected: 2,
                ..
            }
        ));
    }
}
