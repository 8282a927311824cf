//! Anybody's network as a file of `TorchScript`, in the place of a backbone: it sees pictures, or windows of frames, and answers
//! with a row of numbers for each.
//!
//! `torch.jit.trace` makes such a file of a network. What it wants to see, [`TracedCard`] says: in the file, or in one beside it.
//! It is tried on three pictures before anything else is done, which finds most of what can be wrong with it.

use std::cell::Cell;

use camino::{Utf8Path, Utf8PathBuf};
use half::f16;
use tch::{CModule, Device, Kind, TchError, Tensor};

use super::faces::{self, Faces};

pub use self::card::TracedCard;
pub use self::error::TracedError;

mod card;
mod error;

/// Bytes of a batch's pictures, as 32-bit numbers, at the most (ours): what a network makes of them is many times as large.
const BATCH_BYTES: i64 = 32 << 20;

/// Pictures that it sees at once at the most; more are no faster.
const AT_ONCE: i64 = 64;

/// How far a picture's row may move when others are in the batch with it, as a part of what lies between the rows of two
/// pictures (ours): kinds of rounding stay far below it, batch normalisation and dropout in training far above.
const DRIFT: f64 = 0.1;

/// A file of `TorchScript` that was tried.
#[derive(Debug)]
pub struct Traced {
    path: Utf8PathBuf,
    /// Whether it is dlib's for faces, which lies in a file of dlib's.
    is_faces: bool,
    card: TracedCard,
    digest: String,
    width: usize,
}

impl Traced {
    /// Reads a file and tries the network in it on the processor.
    ///
    /// # Errors
    /// If it is no `TorchScript`, this libtorch cannot load it, or it does not answer pictures with rows of numbers.
    pub fn open(path: &Utf8Path) -> Result<Self, TracedError> {
        Self::new(path, TracedCard::read(path)?, false)
    }

    /// dlib's network for faces, up to its middle, and tries it.
    ///
    /// # Errors
    /// If its file is not there, or holds another network.
    pub fn faces(path: &Utf8Path) -> Result<Self, TracedError> {
        if !path.exists() {
            return Err(TracedError::NoFaces {
                path: path.to_owned(),
            });
        }
        let card = TracedCard {
            model: Some("the middle of dlib's face recognition network".to_owned()),
            size: faces::SIZE,
            mean: faces::MEAN,
            std: faces::STD,
            ..TracedCard::default()
        };
        Self::new(path, card, true)
    }

    fn new(path: &Utf8Path, card: TracedCard, is_faces: bool) -> Result<Self, TracedError> {
        let mut hasher = blake3::Hasher::new();
        let file = fs_err::File::open(path).map_err(TracedError::File)?;
        hasher.update_reader(file).map_err(TracedError::File)?;
        hasher.update(format!("{card:?}").as_bytes());
        let mut traced = Self {
            path: path.to_owned(),
            is_faces,
            card,
            digest: hasher.finalize().to_hex().to_string(),
            width: 0,
        };
        traced.width = traced.load(Device::Cpu)?.width;
        Ok(traced)
    }

    /// Loads the network onto a device, and tries it there.
    ///
    /// # Errors
    /// If it cannot be loaded, or does not answer pictures with rows of numbers.
    pub fn load(&self, device: Device) -> Result<TracedNetwork<'_>, TracedError> {
        let layers = if self.is_faces {
            Layers::Faces(Faces::read(&self.path, device).map_err(TracedError::File)?)
        } else {
            let module = CModule::load_on_device(&self.path, device);
            Layers::Script(module.map_err(|error| TracedError::load(&self.path, &error))?)
        };
        // Without it the first batches of every shape are compiled, and then round otherwise than the later ones.
        tch::jit::set_graph_executor_optimize(false);
        let picture = 4 * 3 * i64::from(self.card.size).pow(2) * self.card.frames as i64;
        let mut network = TracedNetwork {
            traced: self,
            layers,
            device,
            width: 0,
            at_once: Cell::new((BATCH_BYTES / picture).clamp(1, AT_ONCE)),
        };
        network.width = network.attempt()?;
        Ok(network)
    }

    /// Where the file lies.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// What it wants to see.
    pub fn card(&self) -> &TracedCard {
        &self.card
    }

    /// Digest of the file and of what it wants to see.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Numbers a row.
    pub fn width(&self) -> usize {
        self.width
    }
}

/// What answers.
#[derive(Debug)]
enum Layers {
    Script(CModule),
    Faces(Faces),
}

/// The network, on a device.
#[derive(Debug)]
pub struct TracedNetwork<'a> {
    traced: &'a Traced,
    layers: Layers,
    device: Device,
    width: usize,
    /// Windows that it sees at once; fewer after memory ran out.
    at_once: Cell<i64>,
}

impl TracedNetwork<'_> {
    /// The file that it comes from.
    pub fn traced(&self) -> &Traced {
        self.traced
    }

    /// The rows of windows of frames, and then those of the mirrored ones where they are wanted. `frames`: F×H×W×3, u8;
    /// `windows`: the places of each one's frames, as many as the card says. Returns a row a window, fp32 on the processor.
    ///
    /// # Errors
    /// If libtorch fails.
    pub fn see(
        &self,
        frames: &Tensor,
        windows: &[Vec<usize>],
        is_mirrored: bool,
    ) -> Result<Tensor, TchError> {
        let plain = self.normalised(frames)?; // F×3×H×W
        let mut rows = Vec::new();
        self.view(&plain, windows, &mut rows)?;
        if is_mirrored {
            self.view(&plain.f_flip([3])?, windows, &mut rows)?;
        }
        Tensor::f_cat(&rows, 0)
    }

    /// `frames`: F×H×W×3, u8 → F×3×H×W, fp32, on the device.
    fn normalised(&self, frames: &Tensor) -> Result<Tensor, TchError> {
        let numbers = |values: [f32; 3]| Tensor::from_slice(&values).f_to_device(self.device);
        let TracedCard { mean, std, .. } = self.traced.card;
        let shares = frames.f_to_device(self.device)?.f_to_kind(Kind::Float)? / 255.0;
        let centred = shares.f_sub(&numbers(mean)?)?.f_div(&numbers(std)?)?;
        centred.f_permute([0, 3, 1, 2])?.f_contiguous()
    }

    /// Adds the rows of all windows of `frames`, F×3×H×W.
    fn view(
        &self,
        frames: &Tensor,
        windows: &[Vec<usize>],
        rows: &mut Vec<Tensor>,
    ) -> Result<(), TchError> {
        let mut rest = windows;
        while !rest.is_empty() {
            let count = rest.len().min(self.at_once.get() as usize);
            let places: Vec<i64> = rest[..count]
                .iter()
                .flatten()
                .map(|&at| at as i64)
                .collect();
            let places = Tensor::from_slice(&places).f_to_device(self.device)?;
            let shown = self.shaped(&frames.f_index_select(0, &places)?, count)?;
            match self.answer(&shown) {
                Err(error) if count > 1 && is_out_of_memory(&error) => {
                    self.at_once.set(count as i64 / 2);
                }
                answer => {
                    rows.push(answer?);
                    rest = &rest[count..];
                }
            }
        }
        Ok(())
    }

    /// Frames one after the other as windows: N×3×H×W, or N×T×3×H×W.
    fn shaped(&self, frames: &Tensor, windows: usize) -> Result<Tensor, TchError> {
        let count = self.traced.card.frames as i64;
        let [_, channels, height, width] = [0, 1, 2, 3].map(|axis| frames.size()[axis]);
        if count == 1 {
            Ok(frames.shallow_clone())
        } else {
            frames.f_view([windows as i64, count, channels, height, width])
        }
    }

    fn answer(&self, shown: &Tensor) -> Result<Tensor, TchError> {
        let answer = tch::no_grad(|| match &self.layers {
            Layers::Script(module) => module.forward_ts(&[shown]),
            Layers::Faces(faces) => Ok(faces.middle(shown)),
        })?;
        answer.f_to_kind(Kind::Float)?.f_to_device(Device::Cpu)
    }

    /// Shows it three pictures; returns the numbers of a row.
    fn attempt(&self) -> Result<usize, TracedError> {
        let path = &self.traced.path;
        let pictures = pictures(&self.traced.card, self.device);
        let pictures = pictures.map_err(|error| TracedError::unseen(path, &[3], &error))?;
        let answers = |order: &[i64]| {
            let order = Tensor::from_slice(order).to_device(self.device);
            let shown = pictures.index_select(0, &order);
            let answer = self.answer(&shown);
            answer.map_err(|error| TracedError::unseen(path, &shown.size(), &error))
        };
        let (two, three) = (answers(&[0, 1])?, answers(&[2, 0, 1])?);
        held(&two, &three).map_err(|what| TracedError::Answer {
            path: path.clone(),
            what,
        })
    }
}

/// Holds the answers to two pictures, and to another one and the same two, against each other; the numbers of a row.
fn held(two: &Tensor, three: &Tensor) -> Result<usize, String> {
    let width = match (&two.size()[..], &three.size()[..]) {
        (&[2, width], &[3, same]) if width == same && width > 0 => width,
        (two, three) => {
            return Err(format!(
                "answers two pictures with numbers of shape {two:?} and three with {three:?}, not with a row each ([2, D] and [3, D]): pool what it sees, and fix no batch size"
            ));
        }
    };
    let most = |difference: Tensor| difference.abs().max().double_value(&[]);
    let apart = most(two.get(0) - two.get(1));
    let moved = most(two - three.narrow(0, 1, 2));
    if !apart.is_finite() || !moved.is_finite() {
        return Err("answers with numbers that are not finite".to_owned());
    }
    if most(three.shallow_clone()) > f64::from(f16::MAX) {
        return Err(format!(
            "answers with numbers beyond half precision ({}): let it divide what it answers by one number",
            f16::MAX
        ));
    }
    if apart == 0.0 {
        return Err("answers different pictures with the same numbers".to_owned());
    }
    if moved > DRIFT * apart {
        return Err(
            "answers a picture otherwise when others are beside it, as batch normalisation and dropout do in training: call `model.eval()` before it is traced"
                .to_owned(),
        );
    }
    Ok(width as usize)
}

/// Three different pictures: waves across, waves down, and grey; 3×3×S×S, or 3×T×3×S×S, fp32.
fn pictures(card: &TracedCard, device: Device) -> Result<Tensor, TchError> {
    let side = i64::from(card.size);
    let ramp = Tensor::f_linspace(0.0, 1.0, side, (Kind::Float, device))?;
    let flat = ramp.f_zeros_like()?;
    let (across, down) = ((&ramp * 40.0).f_sin()?, (&ramp * 15.0).f_cos()?);
    let waves = [
        across.f_unsqueeze(0)?.f_add(&flat.f_unsqueeze(1)?)?,
        down.f_unsqueeze(1)?.f_add(&flat.f_unsqueeze(0)?)?,
        flat.f_unsqueeze(0)?.f_add(&flat.f_unsqueeze(1)?)?,
    ];
    let grey = Tensor::f_stack(&waves, 0)?.f_unsqueeze(1)?; // 3×1×S×S
    if card.frames == 1 {
        return grey.f_expand([3, 3, side, side], false)?.f_contiguous();
    }
    let shape = [3, card.frames as i64, 3, side, side];
    grey.f_unsqueeze(1)?.f_expand(shape, false)?.f_contiguous()
}

fn is_out_of_memory(error: &TchError) -> bool {
    error.to_string().contains("out of memory")
}

#[cfg(test)]
mod tests;
