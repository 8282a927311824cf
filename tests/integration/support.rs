//! A folder to work in, and the binary run in it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use camino::Utf8Path;
use rdfer_audit::video::{EncoderOptions, VideoEncoder};
use tch::{CModule, Device, Kind, Tensor};

/// A temporary folder in which the binary runs.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
}

/// What the binary answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs_err::read(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// The binary with a line of arguments, separated by spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"));
        command
            .current_dir(self.folder.path())
            .args(line.split_whitespace());
        command.env_remove("RUST_LOG");
        command
    }

    pub(crate) fn run(&self, line: &str) -> Answer {
        let output = self.command(line).output().unwrap();
        Answer {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs lines of Python that have to succeed; whether there is Python, and the module that they need.
    #[expect(clippy::print_stderr, reason = "what was not tested is said")]
    pub(crate) fn python(&self, code: &str, module: &str, arguments: &[&str]) -> bool {
        let python = |code: &str| {
            let mut python = std::process::Command::new("python3");
            python.current_dir(self.folder.path()).args(["-c", code]);
            python
        };
        let probe = python(&format!("import {module}")).output();
        if !probe.is_ok_and(|probe| probe.status.success()) {
            eprintln!("not run: there is no python3 with {module}");
            return false;
        }
        let output = python(code).args(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{code}\n{told}");
        true
    }

    /// Runs a line that has to succeed.
    pub(crate) fn done(&self, line: &str) -> Answer {
        let answer = self.run(line);
        assert_eq!(answer.code, 0, "{line}\n{}", answer.stderr);
        answer
    }

    /// Runs a `scan --json` that has to succeed; its summary, which is the last event.
    pub(crate) fn scanned(&self, line: &str) -> serde_json::Value {
        let stdout = self.done(line).stdout;
        let last: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        assert_eq!(last["event"], "summary");
        last["summary"].clone()
    }

    /// Writes a small video: a bright square whose way over the picture depends on `class`.
    pub(crate) fn video(&self, name: &str, class: usize, number: usize, frames: usize) {
        const SIZE: usize = 64;
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        let path = Utf8Path::from_path(&path).unwrap();
        let mut encoder = VideoEncoder::create(
            path,
            SIZE as u32,
            SIZE as u32,
            25,
            EncoderOptions::default(),
        )
        .unwrap();
        for frame in 0..frames {
            let mut pixels = vec![40 + (number * 7 % 30) as u8; SIZE * SIZE * 3];
            let step = (frame * 40 / frames.max(1) + number) % 44;
            let (x, y) = [(step, 20), (20, step), (43 - step, 20)][class];
            for row in y..y + 20 {
                for column in x..x + 20 {
                    pixels[(row * SIZE + column) * 3..][..3].fill(220);
                }
            }
            encoder.push(&pixels).unwrap();
        }
        encoder.finish().unwrap();
    }

    /// Writes `NAME.pt`, a network that is traced on pictures of a shape.
    pub(crate) fn trace(&self, name: &str, shape: &[i64], network: impl Fn(&Tensor) -> Tensor) {
        let example = Tensor::rand(shape, (Kind::Float, Device::Cpu));
        let mut traced = |inputs: &[Tensor]| vec![network(&inputs[0])];
        let module = CModule::create_by_tracing("Tower", "forward", &[example], &mut traced);
        let path = self.path(&format!("{name}.pt"));
        module.unwrap().save(path).unwrap();
    }

    /// Writes `count` videos of each of three classes and `labels.csv`, the first video of each class mislabeled.
    pub(crate) fn data_set(&self, count: usize) {
        let names = ["right", "down", "left"];
        let mut labels = String::from("path,label,note\n");
        let mut truth = String::from("path,label\n");
        for class in 0..3 {
            for number in 0..count {
                let path = format!("videos/{class}_{number}.mp4");
                self.video(&path, class, number, 24);
                let given = if number == 0 {
                    names[(class + 1) % 3]
                } else {
                    names[class]
                };
                writeln!(labels, "{path},{given},\"n, {number}\"").unwrap();
                writeln!(truth, "{path},{}", names[class]).unwrap();
            }
        }
        self.write("labels.csv", &labels);
        self.write("truth.csv", &truth);
    }
}

/// The mean and the spread of each colour over all frames of a window: N×T×3×H×W → N×6.
pub(crate) fn summed_up(windows: &Tensor) -> Tensor {
    let axes = [1, 3, 4].as_slice();
    let mean = windows.mean_dim(axes, false, None);
    Tensor::cat(&[mean, windows.std_dim(axes, false, false)], 1)
}

/// A `.npy` file of 32-bit floats.
pub(crate) fn npy(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let sides: String = shape
        .iter()
        .fold(String::new(), |text, side| text + &format!("{side}, "));
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sides}), }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.into_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// The first block of Python on a page of docs/ that has some words in it.
pub(crate) fn python_of(page: &str, words: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    let text = fs_err::read_to_string(path).unwrap();
    let mut blocks = text.split("```python\n").skip(1);
    let block = blocks.find_map(|block| {
        let code = block.split("```").next().unwrap();
        code.contains(words).then(|| code.to_owned())
    });
    block.unwrap()
}

/// Flags for a network small enough for a test. It has hardly learnt anything, and is taken at its word all the same.
pub(crate) const SMALL: &str = "--set verdict.require_skill=false --folds 2 --epochs 2 --clips 3 --threads 1 --device cpu --set video.size=32 --set model.size=32 \
    --set model.width=8 --set model.feature=16 --set model.hidden=16 --set clips.frames=8 --set model.synopsis_frames=8 --set model.shift_segment=8";

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The face detector's model, which lies beside the crate's source.
pub(crate) fn face_model() -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = fs_err::read_dir(cargo.join("registry/src")).ok()?;
    registries
        .flatten()
        .flat_map(|registry| fs_err::read_dir(registry.path()).into_iter().flatten())
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("rustface-"))
        .map(|entry| entry.path().join("model/seeta_fd_frontal_v1.0.bin"))
        .find(|path| path.exists())
}

/// The folder of the GRID corpus' videos, where it is there.
pub(crate) fn grid_videos() -> Option<PathBuf> {
    let grid = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/grid/videos");
    grid.exists().then_some(grid)
}
