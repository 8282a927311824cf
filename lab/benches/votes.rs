//! Votes and networks together, against each alone, on tables whose errors are known and raters who are made up:
//! `cargo bench --package rdfer-lab --bench votes -- FOLDER`.
//!
//! `lab/ranking_tables.py FOLDER` makes the tables. Of ten raters eight know the class in 50 to 90 % of the cases and two do not
//! look: one says any class, one always the same. They err on their own, or alike: then a video looks like one other class to
//! everybody, and the more so the more ambiguous it is.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use camino::{Utf8Path, Utf8PathBuf};
use rand::{Rng, RngExt};
use rdfer_audit::metrics::average_precision;
use rdfer_audit::predictions::{self, GivenLabels};
use rdfer_audit::score::ProbabilityTable;
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::ranking::Ranking;
use rdfer_audit::score::raters::crowdlab::Crowdlab;
use rdfer_audit::score::raters::{Joint, RaterQuality, Vote, VoteTable};
use rdfer_audit::seed::Seed;

const RATERS: usize = 10;
/// The most that a video looks like another class to everybody.
const MOST_ALIKE: f64 = 0.6;
/// Votes a video.
const VOTES: [usize; 3] = [10, 5, 3];
/// What orders the videos.
const ORDERS: [&str; 5] = ["votes", "model", "cwlab", "nets", "joint"];

fn main() {
    let Some(folder) = lab::arguments().into_iter().next().map(Utf8PathBuf::from) else {
        println!(
            "name the folder of tables: cargo bench --package rdfer-lab --bench votes -- FOLDER"
        );
        return;
    };
    let mut truths: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.as_str().ends_with(".truth.parquet"))
        .collect();
    truths.sort();
    for alike in [false, true] {
        for votes in VOTES {
            let how = if alike {
                "err alike"
            } else {
                "err on their own"
            };
            println!("\n{votes} votes a video, raters who {how}: AP");
            println!(
                "{:<44} {}  spammers found",
                "table",
                ORDERS.map(|name| format!("{name:>6}")).join(" ")
            );
            let outcomes: Vec<[f64; 5]> = truths
                .iter()
                .map(|truth| measure(truth, votes, alike))
                .collect();
            summarise(&outcomes);
        }
    }
}

/// Average precision of each order on a table.
fn measure(truth_path: &Utf8Path, per_video: usize, alike: bool) -> [f64; 5] {
    let name = truth_path
        .file_name()
        .unwrap()
        .replace(".truth.parquet", "");
    let path = truth_path.with_file_name(format!("{name}.parquet"));
    let given = predictions::read(&[path], GivenLabels::default(), true).unwrap();
    let truth = predictions::read(&[truth_path], GivenLabels::default(), true).unwrap();
    let labels: Vec<usize> = given.videos.iter().map(|video| video.label).collect();
    let truth: Vec<usize> = truth.videos.iter().map(|video| video.label).collect();
    let rows: Vec<&[f32]> = given.clips.iter().map(|clip| &clip.probs[..]).collect();
    let classes = given.labels.len();
    let table = ProbabilityTable::new(&labels, &rows, classes).unwrap();
    let votes = cast(&truth, classes, per_video, alike, &name);
    let everyone = vec![true; labels.len()];
    let settings = NoiseModelSettings::default();
    let mut ranking = Ranking::new(&table, &everyone, None, settings).unwrap();
    let scores = |ranking: &Ranking| -> Vec<f64> {
        ranking
            .videos
            .iter()
            .map(|video| video.noise_score.unwrap())
            .collect()
    };
    let networks = scores(&ranking);
    let probs: Vec<f64> = table.rows().flat_map(|(_, row)| row.to_vec()).collect();
    let crowdlab = Crowdlab::settle(&votes, &probs).unwrap().unwrap();
    let alone = Joint::of_votes(&votes);
    let joint = ranking.join(&table, (&votes, &alone)).unwrap();
    let by = |value: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        labels
            .iter()
            .enumerate()
            .map(|(item, &label)| value(item, label))
            .collect()
    };
    let orders = [
        by(&|item, label| -votes.counts(item)[label]),
        by(&|item, label| alone.log_odds_against(item, label)),
        by(&|item, label| -crowdlab.posterior[item * classes + label]),
        networks,
        scores(&ranking),
    ];
    let is_error: Vec<bool> = labels.iter().zip(&truth).map(|(a, b)| a != b).collect();
    let found = orders.map(|order| average_precision(&order, &is_error).unwrap());
    let guessing: Vec<usize> = (0..)
        .zip(RaterQuality::of(&votes, &joint))
        .filter_map(|(rater, quality)| quality.is_guessing.then_some(rater))
        .collect();
    println!(
        "{name:<44} {}  {guessing:?} (correlation {:.2}, networks to the {:.2})",
        found.map(|ap| format!("{ap:>6.3}")).join(" "),
        joint.correlation,
        joint.power
    );
    found
}

/// Votes of ten raters, of whom each video has some; the last two do not look.
fn cast(truth: &[usize], classes: usize, per_video: usize, alike: bool, name: &str) -> VoteTable {
    let mut random = Seed(0).stream("votes", name);
    let skills: Vec<f64> = (0..RATERS - 2)
        .map(|_| random.random_range(0.5..0.9))
        .collect();
    let favourite = random.random_range(0..classes);
    // How often each class is mistaken for each other: a few of them often.
    let confusion: Vec<Vec<f64>> = (0..classes)
        .map(|class| {
            let odds = (0..classes).map(|other| {
                if other == class {
                    0.0
                } else {
                    random.random::<f64>().powi(3)
                }
            });
            odds.collect()
        })
        .collect();
    let mut votes = Vec::new();
    for (item, &class) in truth.iter().enumerate() {
        let lookalike = draw(&mut random, &confusion[class]);
        let ambiguity = MOST_ALIKE * random.random::<f64>().powi(3);
        let mut raters: Vec<usize> = (0..RATERS).collect();
        for place in 0..per_video {
            let other = random.random_range(place..RATERS);
            raters.swap(place, other);
        }
        for &rater in &raters[..per_video] {
            let said = match skills.get(rater) {
                None if rater == RATERS - 1 => favourite,
                None => random.random_range(0..classes),
                Some(&skill) if random.random_bool(skill) => {
                    if alike && random.random_bool(ambiguity) {
                        lookalike
                    } else {
                        class
                    }
                }
                Some(_) if alike && random.random_bool(0.5) => lookalike,
                Some(_) => draw(&mut random, &confusion[class]),
            };
            votes.push(Vote {
                item,
                rater,
                class: said,
                count: 1.0,
            });
        }
    }
    VoteTable::new(votes, truth.len(), RATERS, classes).unwrap()
}

fn draw(random: &mut impl Rng, odds: &[f64]) -> usize {
    let mut rest = random.random::<f64>() * odds.iter().sum::<f64>();
    let beyond = |odds: &f64| {
        rest -= odds;
        rest < 0.0
    };
    odds.iter().position(beyond).unwrap_or(odds.len() - 1)
}

fn summarise(outcomes: &[[f64; 5]]) {
    let mean = |value: &dyn Fn(&[f64; 5]) -> f64| {
        outcomes.iter().map(value).sum::<f64>() / outcomes.len() as f64
    };
    let worst =
        |value: &dyn Fn(&[f64; 5]) -> f64| outcomes.iter().map(value).fold(f64::INFINITY, f64::min);
    let means: [f64; 5] = std::array::from_fn(|order| mean(&|aps| aps[order]));
    println!(
        "{:<44} {}",
        "mean",
        means.map(|ap| format!("{ap:>6.3}")).join(" ")
    );
    let over_either = |aps: &[f64; 5]| aps[4] - aps[0].max(aps[3]);
    let over_model = |aps: &[f64; 5]| aps[4] - aps[1].max(aps[3]);
    println!(
        "joint over the better of shares of votes and networks: mean {:+.4}, worst {:+.4}; with the model of raters for the votes: mean {:+.4}, worst {:+.4}",
        mean(&over_either),
        worst(&over_either),
        mean(&over_model),
        worst(&over_model)
    );
}
