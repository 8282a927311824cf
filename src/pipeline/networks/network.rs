//! Trains one network and scores the videos that it did not learn from.

use std::time::Instant;

use tracing::debug;

use super::Work;
use super::files::{self, epoch_row, epoch_words};
use crate::interrupt::{self, Hold};
use crate::pipeline::plan::Network;
use crate::predict::{Videos, predict};
use crate::rows::timings::Step;
use crate::rows::training::EpochRow;
use crate::telemetry::{Event, Progress, Stage, tell};
use crate::train::plan::{Stop, TrainEvent};
use crate::train::{TrainingSet, Unfinished, train_fold};

impl Work<'_> {
    /// The part of the work on a network that is called `name`.
    pub(super) fn stage(&self, name: &'static str, network: Network) -> Stage {
        self.plan.stage(name, network)
    }
}

/// Trains a network, scores with it, and writes its folder. `overall`: the bar of all networks.
///
/// # Errors
///
/// If training fails, a file cannot be written, or `stop` says so.
pub(super) fn run(
    work: &Work,
    network: Network,
    overall: &Progress,
    stop: Stop,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    let (plan, train_plan) = (work.plan, work.train_plan());
    let training = work.videos(network.fold, false);
    let held_out = work.videos(network.fold, true);
    let start = plan.start(network)?;
    let set = TrainingSet {
        cache: work.cache,
        ids: &plan.videos.id,
        labels: &plan.videos.label,
        lessons: &plan.videos.lessons,
        classes: plan.classes.len(),
        videos: &training,
        held_out: &held_out,
        start: start.as_deref(),
    };
    let all_epochs = plan.train().epochs;
    let bar = Progress::start(
        work.stage("train", network),
        (training.len() * all_epochs) as u64,
    );
    let mut epochs: Vec<EpochRow> = Vec::new();
    let seed = network.seed(plan.settings.seed());
    let path = work.home.unfinished(network.fold, network.repeat);
    let unfinished = Unfinished::new(path, plan.course(network, work.device));
    let mut held: Option<Hold> = None;
    let trained = train_fold(
        train_plan,
        set,
        seed,
        Some(unfinished),
        stop,
        &mut |event| match event {
            TrainEvent::Clips(count) => {
                bar.advance(count as u64);
                overall.advance(count as u64);
            }
            TrainEvent::Epoch(summary) => {
                let row = epoch_row(&summary);
                let words = epoch_words(&row, all_epochs);
                debug!("{}: {words}", bar.stage());
                bar.note(&words);
                tell(&Event::Epoch {
                    stage: bar.stage(),
                    epochs: all_epochs,
                    row: &row,
                });
                epochs.push(row);
            }
            TrainEvent::Keeps => held = Some(interrupt::hold()),
            TrainEvent::Kept => drop(held.take()),
        },
    );
    bar.finish();
    let trained = trained?;
    let bar = Progress::start(
        work.stage("score", network),
        (held_out.len() * plan.settings.clips.count) as u64,
    );
    let videos = Videos {
        cache: work.cache,
        ids: &plan.videos.id,
        indices: &held_out,
        seed: plan.settings.seed(),
    };
    let predictions = predict(&trained.network, train_plan, &videos, stop, &mut |count| {
        bar.advance(count as u64);
    });
    bar.finish();
    files::write(work, network, &trained, &predictions?, &epochs)?;
    let Network { fold, repeat } = network;
    let seconds = begin.elapsed().as_secs_f64();
    Step::Network { fold, repeat }.write(work.home, &[("folds".to_owned(), seconds)].into())?;
    Ok(())
}
