//! One plain sentence that says why a video got its verdict, for people who have not read the paper.

use std::fmt::{self, Display};

use super::repeats::RepeatAgreement;
use super::{Verdict, VideoScore};

/// The sentence for a video that was scored, without a full stop. `class_names`: the C names of the label set, in
/// order. `repeats`: how far several networks agree, where there are several.
///
/// For a video without a score (unreadable) the cause is the caller's to state.
///
/// ```
/// use rdfer_audit::score::{ClipVotes, VideoScore, Verdict, reason::reason};
///
/// let votes = ClipVotes::count(&[[0.1, 0.9], [0.2, 0.8]])?;
/// let score = VideoScore::new(&votes, 0)?;
/// assert_eq!(
///     reason(&score, Verdict::Mislabeled, None, &["fear", "surprise"]),
///     "2 of 2 clips say surprise, 0 say fear; the label's probability is 0.15",
/// );
/// # Ok::<(), rdfer_audit::score::ScoreError>(())
/// ```
pub fn reason(
    score: &VideoScore,
    verdict: Verdict,
    repeats: Option<RepeatAgreement>,
    class_names: &[impl AsRef<str>],
) -> String {
    let mut sentence = clips_say(score, verdict, class_names);
    if let Some(repeats) = repeats {
        sentence += &repeats_say(repeats);
    }
    sentence
}

/// What the networks say beside each other, as the end of a sentence.
fn repeats_say(RepeatAgreement { repeats, agreeing }: RepeatAgreement) -> String {
    match (repeats, agreeing) {
        (2, 2) => "; both repeats agree".to_owned(),
        _ if repeats == agreeing => format!("; all {repeats} repeats agree"),
        (_, 1) => format!("; 1 of {repeats} repeats agrees"),
        _ => format!("; {agreeing} of {repeats} repeats agree"),
    }
}

fn clips_say(score: &VideoScore, verdict: Verdict, class_names: &[impl AsRef<str>]) -> String {
    let name = |class: usize| class_names.get(class).map_or("?", AsRef::as_ref);
    let (consensus, label) = (name(score.consensus), name(score.label));
    let votes = format_args!(
        "{} of {} clips say {consensus}",
        score.consensus_votes, score.clips
    );
    let label_votes = format_args!(
        "{} {} {label}",
        score.label_votes,
        if score.label_votes == 1 {
            "says"
        } else {
            "say"
        }
    );
    let probability = format_args!(
        "the label's probability is {}",
        probability_text(score.self_confidence)
    );
    let confirms = score.consensus == score.label;
    match verdict {
        Verdict::Undefined => {
            format!(
                "the clips hold too few distinct frames to differ, so their agreement says nothing; {probability}"
            )
        }
        Verdict::Unreadable => "the video could not be decoded".to_owned(),
        Verdict::Hard if confirms => format!("only {votes}, which is the label; {probability}"),
        Verdict::Hard => format!("only {votes}, {label_votes}; {probability}"),
        Verdict::Clean | Verdict::Mislabeled if confirms => {
            format!("{votes}, which is the label; {probability}")
        }
        Verdict::Clean | Verdict::Mislabeled => format!("{votes}, {label_votes}; {probability}"),
    }
}

/// Two decimals, without rounding a small probability to nothing or a large one to certainty.
fn probability_text(probability: f64) -> impl Display {
    fmt::from_fn(move |text| {
        if probability < 0.01 {
            text.write_str("below 0.01")
        } else if probability > 0.99 {
            text.write_str("above 0.99")
        } else {
            write!(text, "{probability:.2}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::verdict::Thresholds;
    use crate::score::{ClipVotes, VerdictSettings};

    const NAMES: [&str; 3] = ["surprise", "fear", "happy"];

    fn sentence(counts: [usize; 3], label: usize, clips_differ: bool) -> String {
        let rows: Vec<Vec<f64>> = (0..3)
            .flat_map(|class| std::iter::repeat_n(class, counts[class]))
            .map(|class| {
                (0..3)
                    .map(|c| if c == class { 0.94 } else { 0.03 })
                    .collect()
            })
            .collect();
        let score = VideoScore::new(&ClipVotes::count(&rows).unwrap(), label).unwrap();
        let thresholds = Thresholds::new(&VerdictSettings::default(), None, &[&score]);
        let verdict = if clips_differ {
            thresholds.judge(&score, false)
        } else {
            Verdict::Undefined
        };
        reason(&score, verdict, None, &NAMES)
    }

    #[test]
    fn sentences_state_votes_and_probability() {
        assert_eq!(
            sentence([9, 0, 1], 1, true),
            "9 of 10 clips say surprise, 0 say fear; the label's probability is 0.03"
        );
        assert_eq!(
            sentence([9, 1, 0], 1, true),
            "9 of 10 clips say surprise, 1 says fear; the label's probability is 0.12"
        );
        assert_eq!(
            sentence([9, 1, 0], 0, true),
            "9 of 10 clips say surprise, which is the label; the label's probability is 0.85"
        );
        assert_eq!(
            sentence([5, 3, 2], 1, true),
            "only 5 of 10 clips say surprise, 3 say fear; the label's probability is 0.30"
        );
        assert_eq!(
            sentence([5, 3, 2], 0, true),
            "only 5 of 10 clips say surprise, which is the label; the label's probability is 0.48"
        );
        assert!(
            sentence([4, 0, 0], 0, false).starts_with("the clips hold too few distinct frames")
        );
    }

    #[test]
    fn repeats_have_the_last_word() {
        for (repeats, agreeing, words) in [
            (2, 2, "; both repeats agree"),
            (2, 1, "; 1 of 2 repeats agrees"),
            (3, 2, "; 2 of 3 repeats agree"),
            (3, 3, "; all 3 repeats agree"),
            (3, 0, "; 0 of 3 repeats agree"),
        ] {
            assert_eq!(repeats_say(RepeatAgreement { repeats, agreeing }), words);
        }
    }

    #[test]
    fn probabilities_never_read_as_certain() {
        assert_eq!(probability_text(0.0).to_string(), "below 0.01");
        assert_eq!(probability_text(0.999).to_string(), "above 0.99");
        assert_eq!(probability_text(0.5).to_string(), "0.50");
    }
}
