//! The arithmetic on predictions, on 40,000 videos of seven classes.

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use rand::RngExt;
use rdfer_audit::score::ProbabilityTable;
use rdfer_audit::score::agreement::ClipVotes;
use rdfer_audit::score::calibration::Calibration;
use rdfer_audit::score::calibration::cut::recommended_cut;
use rdfer_audit::score::calibration::range::ErrorRange;
use rdfer_audit::score::calibration::sample::judged_sample;
use rdfer_audit::score::confident_learning::{ConfidentJoint, LabelFlags};
use rdfer_audit::score::label_quality::{
    confidence_weighted_entropy, normalized_margin, self_confidence,
};
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::ranking::Ranking;
use rdfer_audit::seed::Seed;

const VIDEOS: usize = 40_000;
const CLIPS: usize = 10;
const CLASSES: usize = 7;

/// Labels, a tenth of them wrong, and per video a row of probabilities.
struct Drawn {
    labels: Vec<usize>,
    rows: Vec<[f64; CLASSES]>,
}

static DRAWN: LazyLock<Drawn> = LazyLock::new(|| {
    let mut random = Seed(3).stream("bench", "");
    let (mut labels, mut rows) = (Vec::new(), Vec::new());
    for _ in 0..VIDEOS {
        let shown = random.random_range(0..CLASSES);
        labels.push(if random.random_bool(0.1) {
            random.random_range(0..CLASSES)
        } else {
            shown
        });
        let mut row = [(); CLASSES].map(|()| random.random_range(0.0..1.0_f64));
        row[shown] += 4.0 * random.random_range(0.0..1.0_f64);
        let sum: f64 = row.iter().sum();
        rows.push(row.map(|weight| weight / sum));
    }
    Drawn { labels, rows }
});

fn table() -> ProbabilityTable {
    ProbabilityTable::new(&DRAWN.labels, &DRAWN.rows, CLASSES).unwrap()
}

/// Votes, agreement and the rest of a video's own scores; the rows are taken for clips, ten to a video.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn agreement(bencher: Bencher) {
    let videos = VIDEOS / CLIPS;
    bencher.counter(ItemsCount::new(videos)).bench_local(|| {
        DRAWN
            .rows
            .chunks_exact(CLIPS)
            .map(|clips| {
                let votes = ClipVotes::count(clips).unwrap();
                votes.agreement() + votes.pairwise_agreement() + votes.mutual_information()
            })
            .sum::<f64>()
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn label_quality_scores(bencher: Bencher) {
    let table = table();
    bencher.counter(ItemsCount::new(VIDEOS)).bench_local(|| {
        (
            self_confidence(&table),
            normalized_margin(&table),
            confidence_weighted_entropy(&table),
        )
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn confident_joint(bencher: Bencher) {
    let table = table();
    bencher
        .counter(ItemsCount::new(VIDEOS))
        .bench_local(|| ConfidentJoint::count(&table));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn label_flags(bencher: Bencher) {
    let table = table();
    let joint = ConfidentJoint::count(&table);
    bencher
        .counter(ItemsCount::new(VIDEOS))
        .bench_local(|| LabelFlags::find(&table, &joint));
}

fn ranking(table: &ProbabilityTable) -> Ranking {
    let everyone = vec![true; VIDEOS];
    Ranking::new(table, &everyone, None, NoiseModelSettings::default()).unwrap()
}

/// The noise model and the order, on all threads.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn noise_model_and_order(bencher: Bencher) {
    let table = table();
    bencher
        .counter(ItemsCount::new(VIDEOS))
        .bench_local(|| ranking(&table));
}

/// What 80 judged videos say of every cut.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn calibration(bencher: Bencher) {
    let table = table();
    let ranking = ranking(&table);
    let of_place = |value: &dyn Fn(usize) -> f64| -> Vec<f64> {
        ranking.order.iter().map(|&video| value(video)).collect()
    };
    let posteriors = of_place(&|video| ranking.videos[video].noise_posterior);
    let flags = LabelFlags::find(&table, &ConfidentJoint::count(&table));
    let contradicted: Vec<bool> = ranking
        .order
        .iter()
        .map(|&video| flags.predicted_neq_given[video])
        .collect();
    let range = ErrorRange::state(&posteriors, &contradicted, None).unwrap();
    let cut = recommended_cut(&posteriors, None).max(1);
    let judged = judged_sample((&range.middle, cut), 80, Seed(0), |place| {
        contradicted[place]
    })
    .unwrap();
    bencher
        .counter(ItemsCount::new(VIDEOS))
        .bench_local(|| Calibration::estimate(&range.middle, &judged, None, Seed(0)).unwrap());
}
