//! Tests with networks that libtorch itself traces; one that `PyTorch` traced is among the reference files.

use std::io::Write;

use camino::Utf8Path;
use tch::{CModule, Device, Kind, Tensor};

use super::*;

/// A folder for files of `TorchScript`.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).unwrap().join(name)
    }

    /// Traces a network on zeros of a shape, with a card beside its file.
    fn trace(
        &self,
        name: &str,
        (shape, card): (&[i64], &str),
        network: impl Fn(&Tensor) -> Tensor,
    ) -> Utf8PathBuf {
        let example = Tensor::rand(shape, (Kind::Float, Device::Cpu));
        let mut traced = |inputs: &[Tensor]| vec![network(&inputs[0])];
        let module = CModule::create_by_tracing("Tower", "forward", &[example], &mut traced);
        let path = self.path(name);
        module.unwrap().save(&path).unwrap();
        fs_err::write(path.with_extension("json"), card).unwrap();
        path
    }

    fn refusal(&self, shape: &[i64], network: impl Fn(&Tensor) -> Tensor) -> String {
        let path = self.trace("bad.pt", (shape, r#"{"size": 16}"#), network);
        Traced::open(&path).unwrap_err().to_string()
    }
}

const SIXTEEN: &[i64] = &[2, 3, 16, 16];

/// The mean of each half of the picture, left and right: N×6.
fn halves(pictures: &Tensor) -> Tensor {
    let half = |start| {
        let axes = [2, 3].as_slice();
        pictures.narrow(3, start, 8).mean_dim(axes, false, None)
    };
    Tensor::cat(&[half(0), half(8)], 1)
}

/// Frames whose left half is black and right half white, of `count` greys in the red.
fn frames(count: i64) -> Tensor {
    let frames = Tensor::zeros([count, 16, 16, 3], (Kind::Uint8, Device::Cpu));
    let _right = frames.narrow(2, 8, 8).fill_(255);
    for frame in 0..count {
        let _red = frames.get(frame).select(2, 0).fill_(frame * 51);
    }
    frames
}

fn rows(rows: &Tensor) -> Vec<Vec<f32>> {
    Vec::try_from(rows).unwrap()
}

#[test]
fn pictures_are_normalised_as_the_card_says() {
    let folder = Folder::new();
    let card = r#"{"model": "halves", "size": 16, "mean": [0, 0.5, 0], "std": [1, 0.5, 0.25]}"#;
    let path = folder.trace("halves.pt", (SIXTEEN, card), halves);
    let traced = Traced::open(&path).unwrap();
    assert_eq!(
        (traced.width(), traced.card().model.as_deref()),
        (6, Some("halves"))
    );
    let network = traced.load(Device::Cpu).unwrap();
    let places: Vec<Vec<usize>> = (0..3).map(|place| vec![place]).collect();
    let seen = rows(&network.see(&frames(3), &places, true).unwrap());
    assert_eq!(seen.len(), 6);
    for (frame, row) in seen[..3].iter().enumerate() {
        let red = frame as f32 * 0.2;
        for (value, expected) in row.iter().zip([red, -1.0, 0.0, red, 1.0, 4.0]) {
            assert!((value - expected).abs() < 1e-5, "{row:?}");
        }
    }
    for (plain, mirrored) in seen[..3].iter().zip(&seen[3..]) {
        assert_eq!((&plain[..3], &plain[3..]), (&mirrored[3..], &mirrored[..3]));
    }
}

#[test]
fn windows_are_shown_in_their_order_however_many_at_once() {
    let folder = Folder::new();
    let card = r#"{"size": 16, "mean": [0, 0, 0], "std": [1, 1, 1], "frames": 2, "fps": 5}"#;
    // The second frame less the first, N×3.
    let path = folder.trace("motion.pt", (&[2, 2, 3, 16, 16], card), |windows| {
        let mean = windows.mean_dim([3, 4].as_slice(), false, None);
        mean.select(1, 1) - mean.select(1, 0) * 2.0
    });
    let traced = Traced::open(&path).unwrap();
    let network = traced.load(Device::Cpu).unwrap();
    let windows = [vec![0, 1], vec![0, 3], vec![2, 3], vec![4, 4], vec![5, 0]];
    let red = |at_once| {
        network.at_once.set(at_once);
        let seen = network.see(&frames(6), &windows, false).unwrap();
        rows(&seen).iter().map(|row| row[0]).collect::<Vec<_>>()
    };
    for (value, expected) in red(64).iter().zip([0.2, 0.6, -0.2, -0.8, -2.0]) {
        assert!((value - expected).abs() < 1e-5, "{value} {expected}");
    }
    assert_eq!(red(2), red(64));
    assert_eq!((traced.card().step(25.0), traced.card().step(0.0)), (5, 1));
}

#[test]
fn networks_that_do_not_answer_with_rows_are_refused() {
    let folder = Folder::new();
    let told = folder.refusal(SIXTEEN, |pictures| {
        pictures.mean_dim([1].as_slice(), false, None)
    });
    assert!(
        told.contains("numbers of shape [2, 16, 16] and three with [3, 16, 16]")
            && told.contains("pool"),
        "{told}"
    );
    // What a trace without eval holds.
    let none = || None::<&Tensor>;
    let told = folder.refusal(SIXTEEN, |pictures| {
        halves(&pictures.batch_norm(none(), none(), none(), none(), true, 0.1, 1e-5, false))
    });
    assert!(told.contains("call `model.eval()` before"), "{told}");
    let told = folder.refusal(SIXTEEN, |pictures| halves(&(pictures * 0.0)));
    assert!(
        told.contains("different pictures with the same numbers"),
        "{told}"
    );
    let told = folder.refusal(SIXTEEN, |pictures| halves(&(pictures - 9.0).log()));
    assert!(told.contains("not finite"), "{told}");
    let weight = Tensor::rand([12, 4], (Kind::Float, Device::Cpu));
    let told = folder.refusal(&[2, 3, 2, 2], |pictures| {
        pictures.flatten(1, 3).matmul(&weight)
    });
    assert!(
        told.contains(
            "cannot see pictures of 2×3×16×16: mat1 and mat2 shapes cannot be multiplied"
        ) && told.contains("bad.json"),
        "{told}"
    );
}

#[test]
fn what_is_no_torchscript_is_told_apart() {
    let folder = Folder::new();
    let told = |name: &str| Traced::open(&folder.path(name)).unwrap_err().to_string();
    fs_err::write(folder.path("text.pt"), "weights").unwrap();
    assert!(
        told("text.pt").contains("it is no archive"),
        "{}",
        told("text.pt")
    );
    for (name, member, words) in [
        (
            "weights.pt",
            "archive/data.pkl",
            "weights without the network",
        ),
        ("program.pt2", "archive/models/model.json", "torch.export"),
        ("empty.pt", "archive/constants.pkl", "libtorch cannot load"),
    ] {
        let file = fs_err::File::create(folder.path(name)).unwrap();
        let mut archive = zip::ZipWriter::new(file);
        archive
            .start_file(member, zip::write::FileOptions::default())
            .unwrap();
        archive.write_all(b"nothing").unwrap();
        archive.finish().unwrap();
        let told = told(name);
        assert!(
            told.contains(words) && told.contains("torch.jit.trace"),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn cards_are_checked() {
    let folder = Folder::new();
    let path = folder.trace("halves.pt", (SIXTEEN, "{}"), halves);
    for (card, words) in [
        (
            r#"{"sise": 16}"#,
            "does not say what the network wants to see",
        ),
        (r#"{"size": 8}"#, "'size' is 8, not from 16 to 1024"),
        (r#"{"frames": 0}"#, "'frames' is 0"),
        (
            r#"{"std": [1, 0, 1]}"#,
            "'std' is [1.0, 0.0, 1.0], not three numbers above 0",
        ),
        (r#"{"fps": -1}"#, "'fps' is -1, not above 0"),
    ] {
        fs_err::write(path.with_extension("json"), card).unwrap();
        let told = Traced::open(&path).unwrap_err().to_string();
        assert!(
            told.contains(words) && told.contains("halves.json"),
            "{told}"
        );
    }
    // What is wanted is a part of what is kept.
    let digest = |card: &str| {
        fs_err::write(path.with_extension("json"), card).unwrap();
        Traced::open(&path).unwrap().digest().to_owned()
    };
    assert_ne!(
        digest(r#"{"size": 16}"#),
        digest(r#"{"size": 16, "std": [1, 1, 1]}"#)
    );
}

#[test]
fn a_network_that_pytorch_traced_says_what_it_says_there() {
    let golden = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = fs_err::read(golden.join("traced_rows.json")).unwrap();
    let text: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let expected: Vec<Vec<f32>> = serde_json::from_value(text["rows"].clone()).unwrap();
    let traced = Traced::open(&golden.join("traced.pt")).unwrap();
    let card = traced.card();
    assert_eq!(
        (card.model.as_deref(), card.size, card.mean),
        (Some("a tower"), 16, [0.4, 0.5, 0.6])
    );
    let frames = Tensor::arange(3 * 16 * 16 * 3, (Kind::Int64, Device::Cpu)) * 37;
    let frames = frames
        .remainder(251)
        .to_kind(Kind::Uint8)
        .view([3, 16, 16, 3]);
    let network = traced.load(Device::Cpu).unwrap();
    let seen = network
        .see(&frames, &[vec![0], vec![1], vec![2]], true)
        .unwrap();
    for (row, expected) in rows(&seen).iter().flatten().zip(expected.iter().flatten()) {
        assert!((row - expected).abs() < 1e-5, "{row} {expected}");
    }
    assert_eq!(seen.size(), [6, 8]);
}
