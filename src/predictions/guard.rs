//! Whether the predictions' classes are in the order of the labels, by how far they agree.

use std::collections::BTreeMap;

use crate::score::order::ColumnOrder;

/// Predictions in an order that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderDoubt {
    /// Another order agrees far better.
    #[error(
        "predictions agree with {agreeing} of {videos} labels where the classes are in the order {}, and with {best_agreeing} in another one: give it with --labels {}; if this order is right all the same, say so with --keep-order",
        .taken.join(", "), argument(.best)
    )]
    Other {
        /// Videos.
        videos: usize,
        /// Videos whose prediction is their label.
        agreeing: usize,
        /// The order that was taken.
        taken: Vec<String>,
        /// Videos whose prediction would be their label.
        best_agreeing: usize,
        /// The order that agrees best.
        best: Vec<String>,
    },
    /// They agree less than by chance.
    #[error(
        "predictions agree with {agreeing} of {videos} labels, less than by chance ({by_chance}), where the classes are in the order {}; check whether rows and labels belong together, or say with --keep-order that they do",
        .taken.join(", ")
    )]
    Contrary {
        /// Videos.
        videos: usize,
        /// Videos whose prediction is their label.
        agreeing: usize,
        /// How many would be by chance.
        by_chance: usize,
        /// The order that was taken.
        taken: Vec<String>,
    },
}

/// Doubts the order of the classes where predictions and labels do. `labels`: the classes in the order that was taken;
/// `given`: each video's class; `clips`: the video of each row, and its probabilities.
pub fn doubt<'a>(
    labels: &[String],
    given: &[usize],
    clips: impl Iterator<Item = (usize, &'a [f32])>,
) -> Option<OrderDoubt> {
    let order = order(labels.len(), given, clips);
    let taken = labels.to_vec();
    if order.is_other() {
        return Some(OrderDoubt::Other {
            videos: order.videos,
            agreeing: order.agreeing,
            taken,
            best_agreeing: order.best_agreeing,
            best: order
                .best
                .iter()
                .map(|&class| labels[class].clone())
                .collect(),
        });
    }
    order.is_below_chance().then(|| OrderDoubt::Contrary {
        videos: order.videos,
        agreeing: order.agreeing,
        by_chance: order.by_chance.round() as usize,
        taken,
    })
}

/// Counts the videos' labels against the class of the largest summed probability.
pub fn order<'a>(
    classes: usize,
    given: &[usize],
    clips: impl Iterator<Item = (usize, &'a [f32])>,
) -> ColumnOrder {
    let mut sums: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (video, probs) in clips {
        let sum = sums.entry(video).or_insert_with(|| vec![0.0; classes]);
        for (sum, prob) in sum.iter_mut().zip(probs) {
            *sum += f64::from(*prob);
        }
    }
    let largest = |sum: &Vec<f64>| {
        let better = |best: usize, class: usize| if sum[class] > sum[best] { class } else { best };
        (0..sum.len()).fold(0, better)
    };
    let labels: Vec<usize> = sums.keys().map(|&video| given[video]).collect();
    let predicted: Vec<usize> = sums.values().map(largest).collect();
    ColumnOrder::count(&labels, &predicted, classes)
}

/// The names as one argument of a shell.
pub(super) fn argument(names: &[String]) -> String {
    let quoted = |name: &String| {
        if name.contains(',') {
            format!("\"{name}\"")
        } else {
            name.clone()
        }
    };
    let joined: Vec<String> = names.iter().map(quoted).collect();
    let joined = joined.join(",");
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ',' | '_' | '-' | '.' | '/' | '+');
    if joined.chars().all(is_plain) && !joined.starts_with('-') {
        joined
    } else {
        format!("'{}'", joined.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_would_split_them() {
        let argument = |names: &[&str]| {
            argument(
                &names
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(argument(&["Happy", "N/A"]), "Happy,N/A");
        assert_eq!(argument(&["very sad", "b"]), "'very sad,b'");
        assert_eq!(argument(&["it's", "b"]), "'it'\\''s,b'");
        assert_eq!(argument(&["a,b", "c"]), "'\"a,b\",c'");
    }

    #[test]
    fn another_order_is_named_as_a_flag_takes_it() {
        let labels = ["Angry", "Happy", "Sad"].map(str::to_owned);
        let given: Vec<usize> = (0..60).map(|video| video % 3).collect();
        let probs = |class: usize| {
            let mut probs = vec![0.1; 3];
            // Columns stand for Happy, Sad, Angry.
            probs[[2, 0, 1][class]] = 0.8;
            probs
        };
        let rows: Vec<Vec<f32>> = given.iter().map(|&class| probs(class)).collect();
        let clips = || {
            rows.iter()
                .enumerate()
                .map(|(video, row)| (video, &row[..]))
        };
        let doubt_of = doubt(&labels, &given, clips()).unwrap().to_string();
        assert!(
            doubt_of.contains("0 of 60 labels") && doubt_of.contains("with 60 in another one"),
            "{doubt_of}"
        );
        assert!(doubt_of.contains("--labels Happy,Sad,Angry;"), "{doubt_of}");
        let right = ["Happy", "Sad", "Angry"].map(str::to_owned);
        let given: Vec<usize> = given.iter().map(|&class| [2, 0, 1][class]).collect();
        assert_eq!(doubt(&right, &given, clips()), None);
    }
}
