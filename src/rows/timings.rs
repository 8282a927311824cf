//! `timings/`: how long the steps of a run took, a file a step. What a step wrote is the same however long it took, so that
//! these stand apart from it.

use std::collections::BTreeMap;
use std::io;

use super::folder::RunFolder;
use crate::whole;

/// Seconds by part of the work, as `run.json` has them.
pub type Timings = BTreeMap<String, f64>;

/// A step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// All before the networks.
    Prepare,
    /// One of a fold's networks.
    Network {
        /// From 0.
        fold: usize,
        /// From 0.
        repeat: usize,
    },
}

impl Step {
    fn path(self, run: &RunFolder) -> camino::Utf8PathBuf {
        run.timings().join(match self {
            Self::Prepare => "prepare.json".to_owned(),
            Self::Network { fold, repeat } => format!("{fold}-{repeat}.json"),
        })
    }

    /// Writes how long it took.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(self, run: &RunFolder, timings: &Timings) -> io::Result<()> {
        fs_err::create_dir_all(run.timings())?;
        whole::write(&self.path(run), serde_json::to_string(timings)? + "\n")
    }

    /// How long it took; nothing where that is not known.
    pub fn read(self, run: &RunFolder) -> Timings {
        let text = fs_err::read(self.path(run)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

/// How long all these steps took together.
pub fn together(run: &RunFolder, steps: impl IntoIterator<Item = Step>) -> Timings {
    let mut sums = Timings::new();
    for (part, seconds) in steps.into_iter().flat_map(|step| step.read(run)) {
        *sums.entry(part).or_default() += seconds;
    }
    sums
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;

    #[test]
    fn steps_are_summed_up_and_what_is_not_known_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(Utf8Path::from_path(folder.path()).unwrap());
        let network = |fold| Step::Network { fold, repeat: 1 };
        let timings = |part: &str, seconds| Timings::from([(part.to_owned(), seconds)]);
        Step::Prepare.write(&run, &timings("decode", 1.0)).unwrap();
        network(0).write(&run, &timings("folds", 2.0)).unwrap();
        network(2).write(&run, &timings("folds", 0.5)).unwrap();
        let all = [Step::Prepare, network(0), network(1), network(2)];
        let expected = [("decode".to_owned(), 1.0), ("folds".to_owned(), 2.5)];
        assert_eq!(together(&run, all), Timings::from(expected));
    }
}
