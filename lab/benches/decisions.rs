//! A reviewer who is made up, on tables whose errors are known: `cargo bench --package rdfer-lab --bench decisions -- FOLDER`.
//!
//! `lab/ranking_tables.py FOLDER` makes the tables. The reviewer goes down the list and decides each video by its true class, but
//! for a share of the videos, on which they take the label for right or wrong by mistake: the more often, the likelier the
//! networks hold the label and its likeliest rival alike. Counted are decisions until nine tenths of the wrong labels were seen and
//! found, by the order as it stands, as it learns, by cleanlab's scores, and by chance.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use camino::{Utf8Path, Utf8PathBuf};
use rand::RngExt;
use rayon::prelude::*;
use rdfer_audit::predictions::{self, GivenLabels};
use rdfer_audit::score::ProbabilityTable;
use rdfer_audit::score::label_quality::{normalized_margin, self_confidence};
use rdfer_audit::score::learning::{Decided, Learner, Videos};
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::ranking::Ranking;
use rdfer_audit::seed::Seed;

/// Shares of decisions that are mistaken.
const MISTAKES: [f64; 3] = [0.0, 0.05, 0.15];
/// The share of the wrong labels that is to be found.
const FOUND: f64 = 0.9;
/// The list is drawn up again after so many decisions, and a part of those that were made.
const STEP: usize = 5;
const STEP_PART: usize = 8;

/// A table as the reviewer meets it.
struct World {
    name: String,
    labels: Vec<usize>,
    truth: Vec<usize>,
    predicted: Vec<usize>,
    /// How easily the label is taken for right or wrong by mistake, in [0, 1].
    confusable: Vec<f64>,
    believed: Vec<f64>,
    classes: usize,
    /// Orders that stand: ours, normalized margin, self-confidence, chance.
    orders: [Vec<usize>; 4],
}

fn main() {
    let Some(folder) = lab::arguments().into_iter().next().map(Utf8PathBuf::from) else {
        println!(
            "name the folder of tables: cargo bench --package rdfer-lab --bench decisions -- FOLDER"
        );
        return;
    };
    let mut paths: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.as_str().ends_with(".truth.parquet"))
        .collect();
    paths.sort();
    let worlds: Vec<World> = paths.par_iter().map(|path| read(path)).collect();
    for mistakes in MISTAKES {
        println!(
            "\nmistaken decisions: {:.0} %\n{:<40} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
            100.0 * mistakes,
            "table",
            "stands",
            "learns",
            "margin",
            "selfc",
            "chance",
            "ratio"
        );
        let rows: Vec<Option<[usize; 5]>> = worlds
            .par_iter()
            .map(|world| measure(world, mistakes))
            .collect();
        let mut ratios = Vec::new();
        let mut sums = [0.0; 5];
        for (world, row) in worlds.iter().zip(rows) {
            let Some(row) = row else { continue };
            let ratio = row[1] as f64 / row[0] as f64;
            ratios.push(ratio);
            for (sum, count) in sums.iter_mut().zip(row) {
                *sum += count as f64 / row[0] as f64;
            }
            let [stands, learns, margin, selfc, chance] = row;
            println!(
                "{:<40} {stands:>6} {learns:>6} {margin:>6} {selfc:>6} {chance:>6} {ratio:>6.3}",
                world.name
            );
        }
        ratios.sort_by(f64::total_cmp);
        let tables = ratios.len() as f64;
        println!(
            "{tables} tables, decisions over those of the order that stands: learns {:.3} (best {:.3}, worst {:.3}), normalized margin {:.3}, self-confidence {:.3}, chance {:.2}",
            sums[1] / tables,
            ratios[0],
            ratios[ratios.len() - 1],
            sums[2] / tables,
            sums[3] / tables,
            sums[4] / tables
        );
    }
}

fn read(truth_path: &Utf8Path) -> World {
    let name = truth_path
        .file_name()
        .unwrap()
        .replace(".truth.parquet", "");
    let read = |path: &Utf8Path| predictions::read(&[path], GivenLabels::default(), true).unwrap();
    let given = read(&truth_path.with_file_name(format!("{name}.parquet")));
    let truth = read(truth_path);
    let classes = given.labels.len();
    let labels: Vec<usize> = given.videos.iter().map(|video| video.label).collect();
    let rows = means(&given);
    let table = ProbabilityTable::new(&labels, &rows, classes).unwrap();
    let everyone = vec![true; labels.len()];
    let ranking = Ranking::new(&table, &everyone, None, NoiseModelSettings::default()).unwrap();
    let predicted: Vec<usize> = rows.iter().map(|row| largest(row)).collect();
    let believed = (0..labels.len())
        .map(|video| {
            let contradicts = f64::from(u8::from(predicted[video] != labels[video]));
            f64::midpoint(ranking.videos[video].noise_posterior, contradicts)
        })
        .collect();
    let margins = normalized_margin(&table);
    let mut random = Seed(0).stream("decisions", &name);
    let chance: Vec<f64> = labels.iter().map(|_| random.random()).collect();
    World {
        name,
        truth: truth.videos.iter().map(|video| video.label).collect(),
        // 0.5 is a tie of the label and its rival.
        confusable: margins
            .iter()
            .map(|margin| 1.0 - 2.0 * (margin - 0.5).abs())
            .collect(),
        orders: [
            ranking.order,
            ascending(&margins),
            ascending(&self_confidence(&table)),
            ascending(&chance),
        ],
        labels,
        predicted,
        believed,
        classes,
    }
}

/// The mean probabilities of each video's clips, whose videos stand in the order of their ids.
fn means(given: &predictions::Predictions) -> Vec<Vec<f64>> {
    let places: std::collections::BTreeMap<&str, usize> = given
        .videos
        .iter()
        .map(|video| video.id.as_str())
        .zip(0..)
        .collect();
    let mut sums = vec![vec![0.0; given.labels.len()]; given.videos.len()];
    let mut counts = vec![0.0; given.videos.len()];
    for clip in &given.clips {
        let video = places[clip.id.as_str()];
        counts[video] += 1.0;
        for (sum, &p) in sums[video].iter_mut().zip(&clip.probs) {
            *sum += f64::from(p);
        }
    }
    let mean = |(sum, count): (Vec<f64>, f64)| sum.into_iter().map(|p| p / count).collect();
    sums.into_iter().zip(counts).map(mean).collect()
}

fn largest(row: &[f64]) -> usize {
    (0..row.len())
        .max_by(|&a, &b| row[a].total_cmp(&row[b]).then(b.cmp(&a)))
        .unwrap()
}

fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

/// Decisions until nine tenths of the wrong labels are found, by each order; nothing where there is no wrong label.
fn measure(world: &World, mistakes: f64) -> Option<[usize; 5]> {
    let wrong = |video: usize| world.labels[video] != world.truth[video];
    let seen: Vec<bool> = mistaken(world, mistakes)
        .iter()
        .enumerate()
        .map(|(video, is_mistaken)| wrong(video) != *is_mistaken)
        .collect();
    // Whom a mistake hides nobody finds, in whatever order.
    let is_found = |video: usize| wrong(video) && seen[video];
    let wanted = (FOUND * (0..seen.len()).filter(|&video| is_found(video)).count() as f64).ceil();
    if wanted < 1.0 {
        return None;
    }
    let until = |order: &mut dyn Iterator<Item = usize>| {
        let mut found = 0.0;
        let mut decisions = 0;
        for video in order {
            decisions += 1;
            found += f64::from(u8::from(is_found(video)));
            if found >= wanted {
                break;
            }
        }
        decisions
    };
    let [ours, margin, selfc, chance] = &world.orders;
    let learning = learning_order(world, ours, &seen, wanted);
    Some([
        until(&mut ours.iter().copied()),
        until(&mut learning.into_iter()),
        until(&mut margin.iter().copied()),
        until(&mut selfc.iter().copied()),
        until(&mut chance.iter().copied()),
    ])
}

/// On which videos the reviewer errs: on `share` of all, those first whose label is easily confused.
fn mistaken(world: &World, share: f64) -> Vec<bool> {
    let mut random = Seed(1).stream("mistakes", &world.name);
    let mean = world.confusable.iter().sum::<f64>() / world.confusable.len() as f64;
    // Half of the mistakes are anybody's, half follow how alike the classes are.
    let chance =
        |confusable: &f64| (share * f64::midpoint(1.0, confusable / mean.max(1e-9))).min(0.5);
    world
        .confusable
        .iter()
        .map(|confusable| random.random_bool(chance(confusable)))
        .collect()
}

/// The order in which videos are decided while the list learns, as far as the one that finds as many wrong labels as are wanted.
fn learning_order(world: &World, ours: &[usize], seen: &[bool], wanted: f64) -> Vec<usize> {
    let by_place = |values: &[usize]| ours.iter().map(|&video| values[video]).collect();
    let nobody = vec![Vec::new(); ours.len()];
    let learner = Learner::new(Videos {
        believed: ours.iter().map(|&video| world.believed[video]).collect(),
        given: by_place(&world.labels),
        predicted: by_place(&world.predicted),
        groups: vec![None; ours.len()],
        neighbours: nobody.clone(),
        copies: nobody,
        classes: world.classes,
    })
    .unwrap();
    let mut is_decided = vec![false; ours.len()];
    let mut decided: Vec<Decided> = Vec::new();
    let mut found = 0.0;
    while found < wanted {
        let step = STEP.max(decided.len() / STEP_PART);
        let order = learner
            .learn(&decided)
            .order()
            .into_iter()
            .map(|place| place as usize);
        for place in order
            .filter(|&place| !is_decided[place])
            .take(step)
            .collect::<Vec<_>>()
        {
            is_decided[place] = true;
            let video = ours[place];
            found += f64::from(u8::from(
                seen[video] && world.labels[video] != world.truth[video],
            ));
            decided.push(Decided {
                place,
                is_wrong: seen[video],
                right: seen[video].then_some(world.truth[video]),
            });
        }
    }
    decided
        .iter()
        .map(|decision| ours[decision.place])
        .collect()
}
