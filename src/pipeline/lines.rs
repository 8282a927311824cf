//! The lines that run the steps of a prepared run, for a shell or a scheduler.

use std::fmt::Write;

use anyhow::Context;
use camino::Utf8PathBuf;

use super::absolute;
use super::plan::Plan;
use crate::rows::folder::RunFolder;

/// The program that starts without libtorch, which people call.
const PROGRAM: &str = "rdfer-audit";

/// How the steps of a run are called.
pub(crate) struct Lines {
    /// The program, quoted.
    program: String,
    /// The run's folder.
    run: Utf8PathBuf,
}

impl Lines {
    /// For a run. Program and folder are named by absolute paths: a job may start in another folder, with another `PATH`.
    ///
    /// # Errors
    ///
    /// If where the program or the present folder lies is not known.
    pub(crate) fn new(folder: &RunFolder) -> anyhow::Result<Self> {
        let own = std::env::current_exe().context("where this program lies is not known")?;
        let own = Utf8PathBuf::try_from(own)?;
        let called = own.with_file_name(PROGRAM);
        let program = if called.exists() { called } else { own };
        Ok(Self {
            program: quoted(program.as_str()),
            run: absolute(folder.root())?.into(),
        })
    }

    /// Runs a network; `number`: as a shell has it.
    pub(crate) fn network(&self, number: &str) -> String {
        let Self { program, run } = self;
        format!(
            "{program} scan --network {number} --out {}",
            quoted(run.as_str())
        )
    }

    fn merge(&self) -> String {
        let Self { program, run } = self;
        format!("{program} scan --merge --out {}", quoted(run.as_str()))
    }

    /// What is left to do, for a shell: the networks one after the other, then the merge.
    pub(crate) fn shell(&self, plan: &Plan) -> String {
        format!(
            "for k in $(seq 0 {}); do {}; done\n{}\n",
            plan.networks().count().saturating_sub(1),
            self.network("\"$k\""),
            self.merge()
        )
    }

    /// What is left to do, for Slurm: an array with one element per network, then the merge, however the elements ended.
    pub(crate) fn slurm(&self, plan: &Plan) -> String {
        let logs = self.logs().into_string().replace('%', "%%");
        let log = |name: &str| quoted(&format!("{logs}/{name}"));
        // Only a job's own process is told that it has to end, so the shell makes way. A requeue would empty the log.
        let job = |command: &str| {
            let gpu = if plan.is_for_gpu() {
                " --gres=gpu:1"
            } else {
                ""
            };
            format!(
                "--cpus-per-task={}{gpu} --open-mode=append --wrap {}",
                plan.threads_per_network,
                quoted(&format!("exec {command}"))
            )
        };
        let mut lines = String::new();
        // Writing to a text cannot fail.
        let _infallible = writeln!(
            lines,
            "array=$(sbatch --parsable --array=0-{} --output={} {})",
            plan.networks().count().saturating_sub(1),
            log("network-%A_%a.log"),
            job(&self.network("\"$SLURM_ARRAY_TASK_ID\""))
        );
        let _infallible = writeln!(
            lines,
            "sbatch --dependency=afterany:${{array%;*}} --output={} {}",
            log("merge-%j.log"),
            job(&self.merge())
        );
        lines
    }

    /// Where a scheduler's logs go: beside the run, whose folder holds nothing else than the run.
    pub(crate) fn logs(&self) -> Utf8PathBuf {
        let name = self.run.file_name().unwrap_or("run");
        self.run.with_file_name(format!("{name}-logs"))
    }
}

/// A text as a shell takes it for one word.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_from_a_shell() {
        for text in ["/opt/a b/it's", "plain/path-1_%A.log", "", "$HOME; rm", "ü"] {
            let answer = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", quoted(text))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(answer.stdout).unwrap(), text);
        }
        assert_eq!(quoted("plain/path"), "plain/path");
    }
}
