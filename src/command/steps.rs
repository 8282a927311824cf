//! `scan` in several processes: what `--prepare` prints, and the steps `--network`, `--merge` and `--status` after it.

use std::fmt::Write;

use anyhow::bail;
use serde::Serialize;

use super::settings::with;
use crate::cli::{ExitStatus, ScanArgs};
use crate::interrupt;
use crate::page::summary::Summary;
use crate::pipeline::lines::{Lines, Typed};
use crate::pipeline::merge::merge;
use crate::pipeline::networks;
use crate::pipeline::plan::{Plan, difference_of_settings};
use crate::pipeline::ready::Ready;
use crate::pipeline::shards::Shards;
use crate::pipeline::status::{NetworkStatus, State, status};
use crate::rows::folder::RunFolder;
use crate::settings::{DeviceChoice, Settings};
use crate::telemetry::{self, Event};

/// Does a step of a run that was prepared.
///
/// # Errors
///
/// If the run is not prepared, settings are others than the plan's, the step fails, or somebody interrupts.
pub(super) fn run(args: &ScanArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.data.run_folder());
    if args.status
        && !folder.plan().exists()
        && let Some(shards) = Shards::find(&folder)?
    {
        return tell_shards(args, &shards.are_decoded(&folder)?);
    }
    let plan = Plan::read(&folder)?;
    if args.status {
        return tell_status(args, &status(&plan, &folder)?);
    }
    let print_config = args.training.settings.print_config;
    with(
        args.layers(folder.settings().as_str()),
        print_config,
        |resolved| {
            require_planned(&plan, &resolved.settings)?;
            if args.json {
                telemetry::tell_events();
            }
            match args.network {
                Some(number) => {
                    let device = args.training.device.device.clone().unwrap_or_default();
                    network(&folder, plan, number, &device)
                }
                None => tell_summary(args, &merge(&folder, &plan, interrupt::flag())?),
            }
        },
    )
}

/// Refuses settings that are not the plan's. Where a network runs is for its machine to say.
fn require_planned(plan: &Plan, settings: &Settings) -> anyhow::Result<()> {
    let asked = Settings {
        device: plan.settings.device.clone(),
        ..settings.clone()
    };
    let differences = difference_of_settings(&plan.settings, &asked);
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "the plan has other settings: {}; leave those flags out, or prepare the run anew with --overwrite",
        differences.join("; ")
    )
}

/// Trains and scores one network.
fn network(
    folder: &RunFolder,
    plan: Plan,
    number: usize,
    device: &DeviceChoice,
) -> anyhow::Result<ExitStatus> {
    let count = plan.networks().count();
    let Some(network) = plan.networks().nth(number) else {
        bail!(
            "there is no network {number}: the plan has {count}, from 0 to {}",
            count - 1
        );
    };
    if !networks::is_finished(&plan, network, folder)? {
        // A job on one of a machine's processors may see them all.
        let threads = plan.threads_per_network;
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()?;
        let stop = interrupt::flag();
        let ready = Ready::open(folder, plan, device, stop)?;
        let work = ready.work(&ready.job(folder, stop));
        networks::train(work, std::iter::once(network))?;
    }
    Ok(ExitStatus::Done)
}

/// Prints the lines that do the rest of a run that is prepared.
pub(super) fn tell_lines(
    args: &ScanArgs,
    folder: &RunFolder,
    plan: &Plan,
) -> anyhow::Result<ExitStatus> {
    let lines = Lines::new(folder)?;
    let text = if args.slurm {
        // Slurm ends a job whose log it cannot open, without a word.
        fs_err::create_dir_all(lines.logs())?;
        lines.slurm(plan)
    } else {
        lines.shell(plan)
    };
    if args.json {
        telemetry::tell(&Event::Prepared {
            networks: plan.networks().count(),
            lines: &text.lines().collect::<Vec<_>>(),
        });
        return Ok(ExitStatus::Done);
    }
    super::print(&format!(
        "\nready for {} networks; the rest:\n\n{text}",
        plan.networks().count()
    ))?;
    Ok(ExitStatus::Done)
}

/// Prints the lines that decode in shards, and prepare the run after them.
pub(super) fn tell_lines_of_shards(
    args: &ScanArgs,
    folder: &RunFolder,
    shards: &Shards,
) -> anyhow::Result<ExitStatus> {
    let (lines, typed) = (Lines::new(folder)?, Typed::without("--shards")?);
    let text = if args.slurm {
        fs_err::create_dir_all(lines.logs())?;
        lines.slurm_of_shards(shards.count, shards.threads, &typed)
    } else {
        lines.shell_of_shards(shards.count, &typed)
    };
    if args.json {
        telemetry::tell(&Event::Divided {
            shards: shards.count,
            lines: &text.lines().collect::<Vec<_>>(),
        });
        return Ok(ExitStatus::Done);
    }
    super::print(&format!(
        "\nready to be decoded in {} shards; after them the run is prepared:\n\n{text}",
        shards.count
    ))?;
    Ok(ExitStatus::Done)
}

/// Says what a run has found.
pub(super) fn tell_summary(args: &ScanArgs, summary: &Summary) -> anyhow::Result<ExitStatus> {
    if args.json {
        telemetry::tell(&Event::Summary { summary });
    } else {
        super::print_summary(summary, false)?;
    }
    Ok(super::status(summary.suspect_share(), args.fail_above))
}

fn tell_shards(args: &ScanArgs, are_decoded: &[bool]) -> anyhow::Result<ExitStatus> {
    #[derive(Serialize)]
    struct Shard {
        shard: usize,
        decoded: bool,
    }
    let shards = are_decoded.iter().copied().enumerate();
    let shards: Vec<Shard> = shards
        .map(|(shard, decoded)| Shard { shard, decoded })
        .collect();
    if args.json {
        super::print(&(serde_json::to_string_pretty(&shards)? + "\n"))?;
        return Ok(ExitStatus::Done);
    }
    let mut text = String::from("shard  state\n");
    for Shard { shard, decoded } in &shards {
        let state = if *decoded { "decoded" } else { "missing" };
        // Writing to a text cannot fail.
        let _infallible = writeln!(text, "{shard:>5}  {state}");
    }
    let decoded = are_decoded.iter().filter(|decoded| **decoded).count();
    super::print(&format!("{text}{decoded} of {} decoded\n", shards.len()))?;
    Ok(ExitStatus::Done)
}

fn tell_status(args: &ScanArgs, networks: &[NetworkStatus]) -> anyhow::Result<ExitStatus> {
    if args.json {
        super::print(&(serde_json::to_string_pretty(networks)? + "\n"))?;
        return Ok(ExitStatus::Done);
    }
    let mut text = String::new();
    for network in networks {
        // Writing to a text cannot fail.
        let _infallible = writeln!(text, "{:>7}  {}", network.number, network.words());
    }
    let finished = networks
        .iter()
        .filter(|network| network.state == State::Finished);
    let (finished, all) = (finished.count(), networks.len());
    super::print(&format!(
        "network  state\n{text}{finished} of {all} finished\n"
    ))?;
    Ok(ExitStatus::Done)
}
