//! `review`: people decide about the videos of a run, on a screen or from a file.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tracing::warn;

use crate::cli::{ExitStatus, ReviewArgs};
use crate::face::{FaceChoice, FaceModel, Follower};
use crate::interrupt::{self, Interrupted};
use crate::journal::{self, Book, JournalWriter};
use crate::pipeline::judge;
use crate::pipeline::right_labels::Given;
use crate::review::apply::Taken;
use crate::review::preview::ModelView;
use crate::review::queue::Filter;
use crate::review::terminal::{End, Session, hold};
use crate::review::{Mode, ReviewSettings, Run, State, apply, calibration, list};
use crate::rows::folder::RunFolder;
use crate::settings::Layers;
use crate::telemetry;

/// Holds the review, prints its queue, or takes decisions from a file.
///
/// # Errors
///
/// If the run or its decisions cannot be read or written, the settings are wrong, or there is no terminal.
pub(super) fn run(args: &ReviewArgs, settings: &ReviewSettings) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    folder.require_finished()?;
    journal::file_name(&args.reviewer)?;
    let run = Run::read(&folder)?;
    if args.list {
        let mut state = state(args, run, settings)?;
        state.learn();
        let videos = list::videos(&state);
        if args.json {
            super::print(&(serde_json::to_string_pretty(&videos)? + "\n"))?;
        } else {
            super::print(&list::table(&videos))?;
        }
        return Ok(ExitStatus::Done);
    }
    // Whoever cannot keep decisions is told before making any.
    let fingerprint = run.card.fingerprint.clone();
    let mut journal = JournalWriter::open(folder.root(), &args.reviewer, &fingerprint)?;
    let mut state = state(args, run, settings)?;
    if let Some(file) = &args.apply {
        let taken = apply::read(file, &state)?;
        if let Some(sentence) = &taken.told {
            warn!("'{file}': {sentence}");
        }
        journal.append(&taken.entries)?;
        state.apply(&taken.entries);
        return told(&taken, args.json).map(|()| ExitStatus::Done);
    }
    let session = Session {
        folder: &folder,
        root: args.root.as_deref(),
        settings,
        model: model_view(&state.run.card.settings),
        stop: interrupt::flag(),
    };
    telemetry::log_to(&folder.log())?;
    telemetry::hush(true);
    let end = hold(&mut state, &mut journal, &session);
    telemetry::hush(false);
    match end? {
        // The sample is worth most where it is used: in the run's cuts, verdicts and card.
        End::Quit if args.calibrate.is_some() => {
            // A run that somebody put together may have no settings of its own.
            let file = folder.settings();
            let base = if file.exists() { file.as_str() } else { "cpu" };
            let resolved = Layers::new().config(base).resolve()?;
            let summary = judge::again(&folder, &resolved, Given::default())?;
            super::print_summary(&summary, args.json)?;
            Ok(ExitStatus::Done)
        }
        End::Quit => Ok(ExitStatus::Done),
        End::Interrupted => Err(Interrupted.into()),
    }
}

/// The state at the start, as the flags ask for it.
fn state(args: &ReviewArgs, run: Run, settings: &ReviewSettings) -> anyhow::Result<State> {
    let lines = journal::read(&args.run)?;
    let keymap = settings.keymap(run.labels().len())?;
    let sample = args
        .calibrate
        .map(|count| calibration::sample(&run, &Book::replay(&lines), count.get()))
        .transpose()?;
    let mode = Mode {
        reviewer: args.reviewer.clone(),
        is_blind: args.blind || sample.is_some(),
        is_adjudication: args.adjudicate,
        sample,
    };
    let mut state = State::new(run, mode, keymap, &lines);
    let filter = Filter {
        tab: args.show.unwrap_or(state.queue.filter.tab),
        text: args.matching.clone(),
        ..Filter::default()
    };
    state.show(filter, args.order);
    Ok(state)
}

/// What was taken from a file.
#[derive(Serialize)]
struct Applied {
    /// Lines written to the journal.
    lines: usize,
    /// The same by action.
    actions: BTreeMap<&'static str, usize>,
}

fn told(taken: &Taken, json: bool) -> anyhow::Result<()> {
    let mut actions = BTreeMap::new();
    for entry in &taken.entries {
        *actions.entry(entry.action.as_str()).or_default() += 1;
    }
    let applied = Applied {
        lines: taken.entries.len(),
        actions,
    };
    if json {
        return super::print(&(serde_json::to_string_pretty(&applied)? + "\n"));
    }
    let counts: Vec<String> = applied
        .actions
        .iter()
        .map(|(action, count)| format!("{count} {action}"))
        .collect();
    let counts = match (taken.rows, counts.is_empty()) {
        (0, _) => "the file has no decisions".to_owned(),
        (_, true) => "all of them held already".to_owned(),
        _ => counts.join(", "),
    };
    super::print(&format!("{} lines written: {counts}\n", applied.lines))
}

/// How the network's own frames were made, by the settings of its run.
fn model_view(settings: &Value) -> ModelView {
    let video = settings.get("video").cloned();
    let video = video.and_then(|value| serde_json::from_value(value).ok());
    let named = settings
        .pointer("/health/face_model")
        .and_then(Value::as_str);
    let file = FaceModel::file(named.unwrap_or_default());
    let follower = FaceChoice::of_run(settings).margin().map(|margin| {
        let model = FaceModel::read(&file);
        let lacks = |_| {
            format!(
                "the face detector's model is not in '{file}'; scripts/setup --detector fetches it"
            )
        };
        model
            .map_err(lacks)
            .map(|model| Follower::new(margin, model))
    });
    ModelView {
        settings: video.unwrap_or_default(),
        follower,
    }
}
