//! The lines that run the steps of a prepared run, for a shell or a scheduler.

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};

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

    /// Decodes a shard; `number`: as a shell has it.
    pub(crate) fn decode(&self, number: &str) -> String {
        let Self { program, run } = self;
        format!(
            "{program} scan --decode {number} --out {}",
            quoted(run.as_str())
        )
    }

    fn merge(&self) -> String {
        let Self { program, run } = self;
        format!("{program} scan --merge --out {}", quoted(run.as_str()))
    }

    /// What is left to do, for a shell: the networks one after the other, then the merge.
    pub(crate) fn shell(&self, plan: &Plan) -> String {
        let network = self.network("\"$k\"");
        in_turn(plan.networks().count(), &network) + &self.merge() + "\n"
    }

    /// What is left to do, for Slurm: an array with one element per network, then the merge, however the elements ended.
    pub(crate) fn slurm(&self, plan: &Plan) -> String {
        let resources = Resources {
            threads: plan.threads_per_network,
            is_gpu: plan.is_for_gpu(),
        };
        let network = ("network", self.network(ELEMENT));
        let merge = ("merge", self.merge());
        self.array(plan.networks().count(), network, merge, "", resources)
    }

    /// What comes before that, for a shell: the shards one after the other, then what the user typed, without shards.
    pub(crate) fn shell_of_shards(&self, shards: usize, typed: &Typed) -> String {
        let Typed { folder, words } = typed;
        let decode = in_turn(shards, &self.decode("\"$k\""));
        let (folder, program) = (quoted(folder.as_str()), &self.program);
        format!("{decode}cd {folder} && {program} {words}\n")
    }

    /// The same for Slurm. `threads`: those that decode a shard.
    pub(crate) fn slurm_of_shards(&self, shards: usize, threads: usize, typed: &Typed) -> String {
        let resources = Resources {
            threads,
            is_gpu: false,
        };
        let decode = ("decode", self.decode(ELEMENT));
        let prepare = ("prepare", format!("{} {}", self.program, typed.words));
        let folder = format!("--chdir={} ", quoted(typed.folder.as_str()));
        self.array(shards, decode, prepare, &folder, resources)
    }

    /// An array of jobs, and the one after it, each as its log's name and its command.
    fn array(
        &self,
        count: usize,
        (name, command): (&str, String),
        (last_name, last): (&str, String),
        options_of_last: &str,
        resources: Resources,
    ) -> String {
        let logs = self.logs().into_string().replace('%', "%%");
        let log = |name: &str| quoted(&format!("{logs}/{name}"));
        // Only a job's own process is told that it has to end, so the shell makes way. A requeue would empty the log.
        let job = |command: &str| {
            let gpu = if resources.is_gpu {
                " --gres=gpu:1"
            } else {
                ""
            };
            format!(
                "--cpus-per-task={}{gpu} --open-mode=append --wrap {}",
                resources.threads,
                quoted(&format!("exec {command}"))
            )
        };
        format!(
            "array=$(sbatch --parsable --array=0-{} --output={} {})\nsbatch --dependency=afterany:${{array%;*}} {options_of_last}--output={} {}\n",
            count.saturating_sub(1),
            log(&format!("{name}-%A_%a.log")),
            job(&command),
            log(&format!("{last_name}-%j.log")),
            job(&last)
        )
    }

    /// Where a scheduler's logs go: beside the run, whose folder holds nothing else than the run.
    pub(crate) fn logs(&self) -> Utf8PathBuf {
        let name = self.run.file_name().unwrap_or("run");
        self.run.with_file_name(format!("{name}-logs"))
    }
}

/// The number of an array's element, as the shell of its job has it.
const ELEMENT: &str = "\"$SLURM_ARRAY_TASK_ID\"";

/// What a job asks of its machine.
#[derive(Clone, Copy)]
struct Resources {
    threads: usize,
    is_gpu: bool,
}

/// A command line as a user typed it.
pub(crate) struct Typed {
    /// Where.
    pub(crate) folder: Utf8PathBuf,
    /// What came after the program's name, quoted.
    pub(crate) words: String,
}

impl Typed {
    /// This process's own, without a flag and its value.
    ///
    /// # Errors
    ///
    /// If the present folder is not known.
    pub(crate) fn without(flag: &str) -> anyhow::Result<Self> {
        let folder = absolute(Utf8Path::new(""))?.into();
        let words = std::env::args_os().skip(1);
        let words: Vec<String> = words.filter_map(|word| word.into_string().ok()).collect();
        Ok(Self {
            folder,
            words: kept(&words, flag).join(" "),
        })
    }
}

/// The words without a flag and its value, quoted.
fn kept(words: &[String], flag: &str) -> Vec<String> {
    let (mut kept, mut is_value) = (Vec::new(), false);
    for word in words {
        let is_flag = word == flag;
        let with_value = word
            .strip_prefix(flag)
            .is_some_and(|rest| rest.starts_with('='));
        if !is_value && !is_flag && !with_value {
            kept.push(quoted(word));
        }
        is_value = is_flag;
    }
    kept
}

/// A command for each number `$k`, one after the other.
fn in_turn(count: usize, command: &str) -> String {
    let last = count.saturating_sub(1);
    format!("for k in $(seq 0 {last}); do {command}; done\n")
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

    #[test]
    fn a_flag_goes_with_its_value() {
        let left = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            kept(&words, "--shards").join(" ")
        };
        assert_eq!(left("scan a --shards 4 --out b"), "scan a --out b");
        assert_eq!(left("scan --shards=4 a b;c"), "scan a 'b;c'");
        assert_eq!(left("scan a --shards 4"), "scan a");
        assert_eq!(left("scan a --shardsmith 4"), "scan a --shardsmith 4");
    }
}
