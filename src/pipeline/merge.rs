//! From the networks of a plan to a ranked report.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::AtomicBool;

use anyhow::bail;
use tch::Device;
use tracing::warn;

use super::lines::Lines;
use super::plan::{Network, Plan};
use super::status::{State, status};
use super::{Job, judge, networks};
use crate::page::summary::Summary;
use crate::rows::folder::RunFolder;
use crate::rows::timings::{self, Step};
use crate::telemetry;

/// Judges a run by the files of its networks, which may come from any number of processes.
///
/// # Errors
///
/// If a network is missing or damaged, each with the line that runs it; or a file cannot be read or written.
pub(crate) fn merge(folder: &RunFolder, plan: &Plan, stop: &AtomicBool) -> anyhow::Result<Summary> {
    require_networks(plan, folder)?;
    telemetry::log_to(&folder.log())?;
    if let Some(words) = plan.stranger() {
        warn!("{words}; the networks are judged by this one");
    }
    let job = Job {
        plan,
        cache: &plan.open_cache(folder)?,
        // Nothing is computed there any more.
        devices: &[Device::Cpu],
        folder,
        stop,
    };
    let steps = plan
        .networks()
        .map(|Network { fold, repeat }| Step::Network { fold, repeat });
    let steps = steps.chain([Step::Prepare]);
    let timings_secs = timings::together(folder, steps);
    judge::scanned(&job, networks::read(plan, folder)?, timings_secs)
}

/// The same with frames that are open already. `timings_secs`: of the stages before.
///
/// # Errors
///
/// As [`merge`].
pub(crate) fn judge_networks(
    job: &Job,
    timings_secs: BTreeMap<String, f64>,
) -> anyhow::Result<Summary> {
    require_networks(job.plan, job.folder)?;
    judge::scanned(job, networks::read(job.plan, job.folder)?, timings_secs)
}

/// Refuses a run whose networks are not all finished and whole.
fn require_networks(plan: &Plan, folder: &RunFolder) -> anyhow::Result<()> {
    let networks = status(plan, folder)?;
    let lacking = networks
        .iter()
        .filter(|network| network.state != State::Finished);
    let lacking: Vec<_> = lacking.collect();
    if lacking.is_empty() {
        plan.networks()
            .for_each(|network| networks::tidy(folder, network));
        return Ok(());
    }
    let lines = Lines::new(folder)?;
    let mut told = String::new();
    for network in &lacking {
        let number = network.number;
        // Writing to a text cannot fail.
        let _infallible = write!(
            told,
            "\n  network {number}: {}; {}",
            network.words(),
            lines.network(&number.to_string())
        );
    }
    bail!(
        "{} of {} networks are not there, and nothing was judged; each with the line that runs it:{told}",
        lacking.len(),
        networks.len()
    )
}
