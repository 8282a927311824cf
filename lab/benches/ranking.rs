//! The ranking held against its baselines on tables whose errors are known: `cargo bench --package rdfer-lab --bench ranking -- FOLDER [DRAWS]`.
//!
//! `lab/ranking_tables.py FOLDER` makes the tables. The baselines are this crate's own columns, which equal cleanlab's
//! (tests/golden). For each table: average precision, precision as estimated before anyone has looked, and what a blind
//! sample of 80 promises over many draws.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use rand::RngExt;
use rayon::prelude::*;
use rdfer_audit::metrics::{DetectionCounts, average_precision};
use rdfer_audit::predictions::{self, GivenLabels, Predictions};
use rdfer_audit::score::ProbabilityTable;
use rdfer_audit::score::calibration::Calibration;
use rdfer_audit::score::calibration::Interval;
use rdfer_audit::score::calibration::cut::recommended_cut;
use rdfer_audit::score::calibration::range::{ErrorRange, doubtful};
use rdfer_audit::score::calibration::sample::judged_sample;
use rdfer_audit::score::confident_learning::{ConfidentJoint, LabelFlags};
use rdfer_audit::score::label_quality::{
    confidence_weighted_entropy, log_margin, normalized_margin, self_confidence,
};
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::ranking::Ranking;
use rdfer_audit::seed::Seed;

const JUDGED: usize = 80;
/// Draws of the sample where none are asked for.
const DRAWS: u64 = 200;

/// What was measured on one table.
struct Outcome {
    name: String,
    kind: String,
    videos: usize,
    /// Whether the stated range of the number of errors holds it, before anyone has looked.
    range_holds: bool,
    /// Whether its upper end is at most twice the lower.
    is_narrow: bool,
    ours: f64,
    best_of_cleanlab: f64,
    log_margin: f64,
    precision_error: f64,
    /// How often the precision would be stated to 0.03 if every video's error probability were known.
    at_best: f64,
    held: [f64; 2],
    widths: [f64; 2],
    f1: f64,
    range_f1: [f64; 2],
    /// The best of the masks that prune by the joint, and of all with every contradiction flagged.
    mask_f1: [f64; 2],
}

impl Outcome {
    /// AP of the order less that of the best single baseline.
    fn gain(&self) -> f64 {
        self.ours - self.best_of_cleanlab.max(self.log_margin)
    }
}

fn main() {
    let mut words = lab::arguments().into_iter();
    let Some(folder) = words.next().map(Utf8PathBuf::from) else {
        println!(
            "name the folder of tables: cargo bench --package rdfer-lab --bench ranking -- FOLDER [DRAWS]"
        );
        return;
    };
    let draws: u64 = words.next().map_or(DRAWS, |word| word.parse().unwrap());
    let mut tables: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.as_str().ends_with(".truth.parquet"))
        .collect();
    tables.sort();
    println!(
        "{:<28} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>13} {:>6}",
        "table",
        "ours",
        "clean",
        "logm",
        "prec-e",
        "held P",
        "held R",
        "width",
        "F1",
        "F1 of ends",
        "mask"
    );
    let outcomes: Vec<Outcome> = tables
        .par_iter()
        .map(|truth| measure(truth, draws))
        .collect();
    let kinds: BTreeSet<&str> = outcomes
        .iter()
        .map(|outcome| outcome.kind.as_str())
        .collect();
    for kind in kinds.into_iter().chain([""]) {
        summarise(kind, &outcomes);
    }
    worst(&outcomes);
}

fn measure(truth_path: &Utf8Path, draws: u64) -> Outcome {
    let name = truth_path
        .file_name()
        .unwrap()
        .replace(".truth.parquet", "");
    let given = predictions::read(
        &[truth_path.with_file_name(format!("{name}.parquet"))],
        GivenLabels::default(),
        true,
    )
    .unwrap();
    let truth = predictions::read(&[truth_path], GivenLabels::default(), true).unwrap();
    let labels: Vec<usize> = given.videos.iter().map(|video| video.label).collect();
    let rows = means(&given);
    let table = ProbabilityTable::new(&labels, &rows, given.labels.len()).unwrap();
    let is_error: Vec<bool> = labels
        .iter()
        .zip(&truth.videos)
        .map(|(&label, truth)| label != truth.label)
        .collect();
    let everyone = vec![true; labels.len()];
    let ranking = Ranking::new(&table, &everyone, None, NoiseModelSettings::default()).unwrap();
    let precision_of = |quality: Vec<f64>| {
        let suspicion: Vec<f64> = quality.iter().map(|quality| -quality).collect();
        average_precision(&suspicion, &is_error).unwrap()
    };
    let scores = ranking
        .videos
        .iter()
        .map(|video| -video.noise_score.unwrap());
    let best_of_cleanlab = precision_of(self_confidence(&table))
        .max(precision_of(normalized_margin(&table)))
        .max(precision_of(confidence_weighted_entropy(&table)));

    let by_place = |values: &dyn Fn(usize) -> bool| -> Vec<bool> {
        ranking.order.iter().map(|&video| values(video)).collect()
    };
    let posteriors: Vec<f64> = ranking
        .order
        .iter()
        .map(|&video| ranking.videos[video].noise_posterior)
        .collect();
    let flags = LabelFlags::find(&table, &ConfidentJoint::count(&table));
    let contradicted = by_place(&|video| flags.predicted_neq_given[video]);
    let errors = by_place(&|video| is_error[video]);
    let range = ErrorRange::state(&posteriors, &contradicted, None).unwrap();
    let contradictions: Vec<f64> = contradicted
        .iter()
        .map(|&c| f64::from(u8::from(c)))
        .collect();
    let f1_of = |end: &[f64]| f1_at(&errors, recommended_cut(end, None));
    let cut = recommended_cut(&posteriors, None).max(1);
    let estimated = posteriors[..cut].iter().sum::<f64>() / cut as f64;
    let found = errors[..cut].iter().filter(|error| **error).count() as f64;
    let judged = judged(&range.middle, &errors, range.recommended, draws);
    let holds = |range: Interval, truth: f64| range.low <= truth && truth <= range.high;
    let all = errors.iter().filter(|error| **error).count() as f64;
    let errors_range = if ranking.doubt.is_some() {
        doubtful(range.errors, errors.len() as f64)
    } else {
        range.errors
    };
    let outcome = Outcome {
        range_holds: holds(errors_range, all),
        is_narrow: errors_range.high <= 2.0 * errors_range.low,
        videos: errors.len(),
        name: name.clone(),
        kind: name.split('-').next().unwrap_or_default().to_owned(),
        ours: precision_of(scores.collect()),
        best_of_cleanlab,
        log_margin: precision_of(log_margin(&table)),
        precision_error: estimated - found / cut as f64,
        at_best: at_best(&posteriors[..cut]),
        held: judged.held,
        widths: judged.widths,
        f1: judged.f1,
        range_f1: [f1_of(&posteriors), f1_of(&contradictions)],
        mask_f1: best_masks_f1(&flags, &is_error),
    };
    print(&name, &outcome);
    outcome
}

/// The mean probabilities of each video's clips.
fn means(given: &Predictions) -> Vec<Vec<f64>> {
    let places: BTreeMap<&str, usize> = given
        .videos
        .iter()
        .enumerate()
        .map(|(place, video)| (video.id.as_str(), place))
        .collect();
    let mut sums = vec![(0.0, vec![0.0; given.labels.len()]); given.videos.len()];
    for clip in &given.clips {
        let (clips, sum) = &mut sums[places[clip.id.as_str()]];
        *clips += 1.0;
        for (sum, &p) in sum.iter_mut().zip(&clip.probs) {
            *sum += f64::from(p);
        }
    }
    let mean = |(clips, sum): (f64, Vec<f64>)| sum.into_iter().map(|p| p / clips).collect();
    sums.into_iter().map(mean).collect()
}

fn print(name: &str, outcome: &Outcome) {
    println!(
        "{name:<28} {:>6.3} {:>6.3} {:>6.3} {:>+7.3} {:>6.2} {:>6.2} {:>6.3} {:>6.3} {:>6.3} {:>6.3} {:>6.3}",
        outcome.ours,
        outcome.best_of_cleanlab,
        outcome.log_margin,
        outcome.precision_error,
        outcome.held[0],
        outcome.held[1],
        outcome.widths[0],
        outcome.f1,
        outcome.range_f1[0],
        outcome.range_f1[1],
        outcome.mask_f1[1]
    );
}

/// The highest F1 of cleanlab's four masks that prune by the confident joint, and of these and the videos whose label is
/// contradicted.
fn best_masks_f1(flags: &LabelFlags, is_error: &[bool]) -> [f64; 2] {
    let f1 = |mask: &[bool]| DetectionCounts::count(mask, is_error).unwrap().f1();
    let pruning = [
        &flags.prune_by_noise_rate,
        &flags.prune_by_class,
        &flags.both,
        &flags.confident_learning,
    ];
    let best = pruning.iter().map(|mask| f1(mask)).fold(0.0, f64::max);
    [best, best.max(f1(&flags.predicted_neq_given))]
}

/// In how many of 1,000 worlds the share of errors among videos is within 0.03 of what `posteriors` say, if each of them is an
/// error with just that probability.
fn at_best(posteriors: &[f64]) -> f64 {
    const WORLDS: usize = 1000;
    let mut random = Seed(0).stream("ranking", "worlds");
    let expected: f64 = posteriors.iter().sum();
    let within = (0..WORLDS).filter(|_| {
        let errors = posteriors
            .iter()
            .filter(|&&p| random.random_bool(p))
            .count() as f64;
        (errors - expected).abs() <= 0.03 * posteriors.len() as f64
    });
    within.count() as f64 / WORLDS as f64
}

/// What a blind sample promises.
struct Promised {
    /// Share of the draws whose 90 % interval of precision, and of recall, holds the truth at the recommended cut.
    held: [f64; 2],
    /// Their mean widths.
    widths: [f64; 2],
    f1: f64,
}

fn judged(believed: &[f64], errors: &[bool], first_cut: usize, draws: u64) -> Promised {
    let total = errors.iter().filter(|error| **error).count() as f64;
    let mut sums = [0.0; 5];
    for repetition in 0..draws {
        let seed = Seed(repetition);
        let sample =
            judged_sample((believed, first_cut), JUDGED, seed, |place| errors[place]).unwrap();
        let calibration = Calibration::estimate(believed, &sample, None, seed).unwrap();
        let cut = calibration.recommended_cut().unwrap();
        let found = errors[..cut.flagged].iter().filter(|error| **error).count() as f64;
        let (precision, recall) = (found / cut.flagged as f64, found / total);
        let holds = |low: f64, high: f64, truth: f64| {
            f64::from(u8::from(low <= truth + 1e-9 && truth <= high + 1e-9))
        };
        sums[0] += holds(cut.precision.low, cut.precision.high, precision);
        sums[1] += holds(cut.recall.low, cut.recall.high, recall);
        sums[2] += cut.precision.width();
        sums[3] += cut.recall.width();
        sums[4] += f1_at(errors, cut.flagged);
    }
    let [precision, recall, precision_width, recall_width, f1] = sums.map(|sum| sum / draws as f64);
    Promised {
        held: [precision, recall],
        widths: [precision_width, recall_width],
        f1,
    }
}

fn f1_at(errors: &[bool], cut: usize) -> f64 {
    let total = errors.iter().filter(|error| **error).count();
    let found = errors[..cut].iter().filter(|error| **error).count();
    2.0 * found as f64 / (cut + total) as f64
}

/// The ten tables on which the order is furthest behind the best baseline.
fn worst(outcomes: &[Outcome]) {
    let mut worst: Vec<&Outcome> = outcomes.iter().collect();
    worst.sort_by(|a, b| a.gain().total_cmp(&b.gain()));
    println!("\nworst ten of {}", outcomes.len());
    for outcome in worst.into_iter().take(10) {
        println!("  {:+.3} {}", outcome.gain(), outcome.name);
    }
}

fn summarise(kind: &str, outcomes: &[Outcome]) {
    let chosen: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| kind.is_empty() || outcome.kind == kind)
        .collect();
    if chosen.is_empty() {
        return;
    }
    let mean = |value: &dyn Fn(&Outcome) -> f64| {
        chosen.iter().map(|outcome| value(outcome)).sum::<f64>() / chosen.len() as f64
    };
    let share =
        |holds: &dyn Fn(&Outcome) -> bool| mean(&|outcome| f64::from(u8::from(holds(outcome))));
    let gain = Outcome::gain;
    let mut gains: Vec<f64> = chosen.iter().map(|outcome| outcome.gain()).collect();
    gains.sort_by(f64::total_cmp);
    let (worst, median) = (gains[0], gains[gains.len() / 2]);
    println!(
        "\n{} tables, {}",
        chosen.len(),
        if kind.is_empty() { "all noise" } else { kind }
    );
    println!(
        "  AP against the best of cleanlab's three: mean {:+.4}, won {:.2}; of four with log-margin: mean {:+.4}, won {:.2} (within 0.005: {:.2}), median {median:+.4}, worst {worst:+.4}",
        mean(&|outcome| outcome.ours - outcome.best_of_cleanlab),
        share(&|outcome| outcome.ours >= outcome.best_of_cleanlab),
        mean(&|outcome| gain(outcome)),
        share(&|outcome| gain(outcome) >= 0.0),
        share(&|outcome| gain(outcome) >= -0.005),
    );
    println!(
        "  estimated precision: mean |error| {:.3}, within 0.03: {:.2} (with every error probability known: {:.2})",
        mean(&|outcome| outcome.precision_error.abs()),
        share(&|outcome| outcome.precision_error.abs() <= 0.03),
        mean(&|outcome| outcome.at_best),
    );
    println!(
        "  80 judged: precision held {:.3}, recall held {:.3}, widths {:.3} (below 0.25: {:.2}) and {:.3} ({:.2}); F1 {:.3} against the best pruning mask's {:.3}, won {:.2}, the best of all masks' {:.3}, won {:.2}",
        mean(&|outcome| outcome.held[0]),
        mean(&|outcome| outcome.held[1]),
        mean(&|outcome| outcome.widths[0]),
        share(&|outcome| outcome.widths[0] < 0.25),
        mean(&|outcome| outcome.widths[1]),
        share(&|outcome| outcome.widths[1] < 0.25),
        mean(&|outcome| outcome.f1),
        mean(&|outcome| outcome.mask_f1[0]),
        share(&|outcome| outcome.f1 >= outcome.mask_f1[0]),
        mean(&|outcome| outcome.mask_f1[1]),
        share(&|outcome| outcome.f1 >= outcome.mask_f1[1]),
    );
    let large: Vec<&&Outcome> = chosen
        .iter()
        .filter(|outcome| outcome.videos >= 3000)
        .collect();
    let narrow = large.iter().filter(|outcome| outcome.is_narrow).count();
    println!(
        "  nobody judged: the range of errors holds {:.2}; upper end at most twice the lower on {narrow} of {} tables of 3,000 videos and more",
        share(&|outcome| outcome.range_holds),
        large.len(),
    );
    println!(
        "  nobody judged: F1 by the posteriors {:.3}, by the contradictions {:.3}",
        mean(&|outcome| outcome.range_f1[0]),
        mean(&|outcome| outcome.range_f1[1]),
    );
}
