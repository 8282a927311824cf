//! News as JSON, one line each on stdout, for programs that watch a run (`scan --json`).

use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::Instant;

use serde::Serialize;

use crate::manifest::Understood;
use crate::page::summary::Summary;
use crate::rows::training::EpochRow;

/// When the program began to tell; nothing where nobody asked.
static BEGIN: OnceLock<Instant> = OnceLock::new();

/// Something that happened. Every line has besides `seconds`, since the program began to tell, and `event`, the name.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// The data set is read.
    Understood {
        /// What it was understood to be.
        data_set: &'a Understood,
    },
    /// A stage has begun.
    Started {
        /// Which.
        stage: &'a Stage,
        /// Its steps: videos, or clips.
        total: u64,
    },
    /// A stage is on its way; at most one line a second for each.
    Progress {
        /// Which.
        stage: &'a Stage,
        /// Steps that are done.
        done: u64,
        /// All its steps.
        total: u64,
        /// Steps a second since it began.
        per_second: f64,
        /// Seconds until it is finished, at that rate.
        seconds_left: f64,
    },
    /// An epoch of a fold's training has ended.
    Epoch {
        /// The training.
        stage: &'a Stage,
        /// Epochs of the training.
        epochs: usize,
        /// What it came to, as the fold's training log has it.
        row: &'a EpochRow,
    },
    /// A stage has ended, or was given up.
    Finished {
        /// Which.
        stage: &'a Stage,
        /// Steps that are done.
        done: u64,
        /// All its steps.
        total: u64,
        /// How long it took.
        took_seconds: f64,
    },
    /// The videos are divided into shards; the last line of `--prepare --shards`.
    Divided {
        /// How many shards there are.
        shards: usize,
        /// Lines for a shell that decode them and prepare the run.
        lines: &'a [&'a str],
    },
    /// The run is ready for its networks; the last line of `--prepare`.
    Prepared {
        /// How many networks there are.
        networks: usize,
        /// Lines for a shell that do the rest.
        lines: &'a [&'a str],
    },
    /// The run is finished; the last line.
    Summary {
        /// What was found.
        summary: &'a Summary,
    },
}

/// A stage of the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// What is done, such as `decode` or `train`; empty where only the fold is named.
    pub name: &'static str,
    /// The fold, from 1; nothing where a stage is not about one fold.
    pub fold: Option<usize>,
    /// How many folds there are.
    pub folds: Option<usize>,
    /// The repeat, from 1; nothing where a fold has a single network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<usize>,
    /// How many repeats there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<usize>,
}

impl Stage {
    /// Work on a fold, which is counted from 0.
    pub fn of_fold(name: &'static str, fold: usize, folds: usize) -> Self {
        Self {
            name,
            fold: Some(fold + 1),
            folds: Some(folds),
            repeat: None,
            repeats: None,
        }
    }

    /// The same for one of a fold's networks, which is counted from 0; of a single one nothing is said.
    #[must_use]
    pub fn repeat(self, repeat: usize, repeats: usize) -> Self {
        let is_one_of_many = repeats > 1;
        Self {
            repeat: is_one_of_many.then_some(repeat + 1),
            repeats: is_one_of_many.then_some(repeats),
            ..self
        }
    }
}

impl From<&'static str> for Stage {
    fn from(name: &'static str) -> Self {
        Self {
            name,
            fold: None,
            folds: None,
            repeat: None,
            repeats: None,
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)?;
        if let (Some(fold), Some(folds)) = (self.fold, self.folds) {
            let space = if self.name.is_empty() { "" } else { " " };
            write!(formatter, "{space}fold {fold} of {folds}")?;
        }
        if let (Some(repeat), Some(repeats)) = (self.repeat, self.repeats) {
            write!(formatter, ", repeat {repeat} of {repeats}")?;
        }
        Ok(())
    }
}

/// Tells events on stdout from now on.
pub fn tell_events() {
    BEGIN.get_or_init(Instant::now);
}

/// Tells an event, if anybody asked. A reader that has gone away is no error: the run goes on without it.
pub fn tell(event: &Event) {
    let Some(begin) = BEGIN.get() else { return };
    let mut line = line(begin.elapsed().as_secs_f64(), event);
    line.push('\n');
    let mut stdout = io::stdout().lock();
    drop(
        stdout
            .write_all(line.as_bytes())
            .and_then(|()| stdout.flush()),
    );
}

fn line(seconds: f64, event: &Event) -> String {
    // Names and numbers alone; a number that is none becomes null.
    let mut line = serde_json::to_value(event).unwrap_or_default();
    line["seconds"] = serde_json::json!((seconds * 1000.0).round() / 1000.0);
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::training::HeldOut;

    #[test]
    fn each_event_is_one_line() {
        let train = Stage::of_fold("train", 1, 5);
        let row = EpochRow {
            epoch: 3,
            loss: 1.25,
            accuracy: 0.5,
            uar: 0.375,
            held_out: Some(HeldOut {
                clips: 64,
                accuracy: 0.5,
                uar: 0.25,
            }),
            learning_rate: 1e-3,
        };
        let events = [
            Event::Started {
                stage: &Stage::from("decode"),
                total: 800,
            },
            Event::Progress {
                stage: &train,
                done: 100,
                total: 400,
                per_second: 2.0,
                seconds_left: 150.0,
            },
            Event::Epoch {
                stage: &train,
                epochs: 20,
                row: &row,
            },
            Event::Finished {
                stage: &train,
                done: 400,
                total: 400,
                took_seconds: 200.5,
            },
        ];
        let lines: Vec<String> = events.iter().map(|event| line(12.3456, event)).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"event":"started","seconds":12.346,"stage":{"fold":null,"folds":null,"name":"decode"},"total":800}
        {"done":100,"event":"progress","per_second":2.0,"seconds":12.346,"seconds_left":150.0,"stage":{"fold":2,"folds":5,"name":"train"},"total":400}
        {"epochs":20,"event":"epoch","row":{"accuracy":0.5,"epoch":3,"held_out":{"accuracy":0.5,"clips":64,"uar":0.25},"learning_rate":0.001,"loss":1.25,"uar":0.375},"seconds":12.346,"stage":{"fold":2,"folds":5,"name":"train"}}
        {"done":400,"event":"finished","seconds":12.346,"stage":{"fold":2,"folds":5,"name":"train"},"took_seconds":200.5,"total":400}
        "#);
    }
}
