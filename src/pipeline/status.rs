//! How it stands with the networks of a plan.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::networks::is_alive;
use super::plan::Plan;
use crate::rows::fold_card::Standing;
use crate::rows::folder::RunFolder;
use crate::rows::worker::Worker;

/// How it stands with a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Finished,
    Running,
    Missing,
    Damaged,
}

/// A network of a plan.
#[derive(Debug, Serialize)]
pub(crate) struct NetworkStatus {
    /// Its place in the plan, from 0.
    pub(crate) number: usize,
    /// From 0.
    fold: usize,
    /// From 0.
    repeat: usize,
    pub(crate) state: State,
    /// Who works on it, or did and ended without a word.
    worker: Option<Worker>,
    /// Files that are not what they were.
    damaged: Vec<String>,
}

impl NetworkStatus {
    /// In a few words, as after its name.
    pub(crate) fn words(&self) -> String {
        let worker = self.worker.as_ref();
        match self.state {
            State::Finished => "finished".to_owned(),
            State::Damaged => format!("damaged ({})", self.damaged.join(", ")),
            State::Running => format!("running{}", told(worker)),
            State::Missing if worker.is_some() => format!("missing, begun{}", told(worker)),
            State::Missing => "missing".to_owned(),
        }
    }
}

fn told(worker: Option<&Worker>) -> String {
    worker.map_or_else(String::new, |worker| {
        let Worker { host, since, .. } = worker;
        let ago = ago(worker.last_sign);
        format!(
            " on {host} (process {}) at {since:.0}, last sign of life {ago} ago",
            worker.pid
        )
    })
}

/// How long ago, in whole seconds; clocks of two machines may differ.
fn ago(time: Timestamp) -> String {
    let passed = Timestamp::now()
        .duration_since(time)
        .max(SignedDuration::ZERO);
    format!("{:#}", SignedDuration::from_secs(passed.as_secs()))
}

/// How it stands with every network of a plan, in its order.
///
/// # Errors
///
/// If a network of another plan is there, or a file cannot be read.
pub(crate) fn status(plan: &Plan, folder: &RunFolder) -> anyhow::Result<Vec<NetworkStatus>> {
    let of = |(number, network)| {
        let super::plan::Network { fold, repeat } = network;
        let standing = plan.standing(network, folder)?;
        let worker = Worker::read(folder, fold, repeat);
        let is_running = worker.as_ref().is_some_and(is_alive);
        let (state, damaged) = match standing {
            Standing::Finished => (State::Finished, Vec::new()),
            _ if is_running => (State::Running, Vec::new()),
            Standing::Missing => (State::Missing, Vec::new()),
            Standing::Damaged(files) => (State::Damaged, files),
        };
        anyhow::Ok(NetworkStatus {
            number,
            fold,
            repeat,
            state,
            worker,
            damaged,
        })
    };
    plan.networks().enumerate().map(of).collect()
}
