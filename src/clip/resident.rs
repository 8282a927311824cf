//! The frames of all videos on a GPU: clips are picked there, and nothing is copied while a network learns.

use std::sync::{Mutex, PoisonError};

use tch::{Device, Kind, TchError, Tensor};

use super::memory;
use super::request::{ClipRequest, LoadError, before, mean_frame};
use super::transform::{ExtraFrame, InputKind};
use crate::cache::Cache;

/// The frames of all videos on a device, and the frames that stand for whole videos where the network needs them.
#[derive(Debug)]
pub struct Resident {
    /// Rows of H·W·3, u8: the videos' frames one after the other, then a mean frame a video where the kind needs one.
    rows: Mutex<Tensor>,
    size: i64,
    kind: InputKind,
    /// Each video's first row.
    first: Vec<i64>,
    /// The first mean frame.
    means: i64,
}

impl Resident {
    /// Copies the frames of all readable videos to a device, or returns nothing where there is no room for them and for
    /// `reserve` bytes beside them.
    ///
    /// # Errors
    ///
    /// Compressed frames are damaged, or libtorch fails otherwise.
    pub fn fill(
        cache: &Cache,
        kind: InputKind,
        device: Device,
        reserve: i64,
    ) -> Result<Option<Self>, LoadError> {
        let (mut first, mut row, mut size) = (Vec::with_capacity(cache.len()), 0, 0);
        for index in 0..cache.len() {
            first.push(row);
            if let Ok(video) = cache.video(index) {
                row += video.kept.len() as i64;
                size = i64::from(video.size);
            }
        }
        let means = row;
        let has_means = kind.extra_frame() == Some(ExtraFrame::Mean);
        let count = row + if has_means { cache.len() as i64 } else { 0 };
        let bytes = (Kind::Uint8, device);
        // Freed at once; libtorch keeps it for what the network will need.
        let Ok(_room) = Tensor::f_empty([reserve], bytes) else {
            return Ok(None);
        };
        let Ok(rows) = Tensor::f_empty([count, size * size * 3], bytes) else {
            return Ok(None);
        };
        let resident = Self {
            rows: Mutex::new(rows),
            size,
            kind,
            first,
            means,
        };
        for index in 0..cache.len() {
            resident.copy(cache, index, has_means)?;
        }
        Ok(Some(resident))
    }

    /// The device.
    pub fn device(&self) -> Device {
        self.rows().device()
    }

    /// The frames' bytes.
    pub fn bytes(&self) -> usize {
        self.rows().numel()
    }

    /// The clips' frames, with the extra one where it is needed: B×F×H×W×3, u8, as
    /// [`ClipBatch`](super::loader::ClipBatch) has them.
    pub(super) fn clips(&self, requests: &[ClipRequest]) -> Result<Tensor, TchError> {
        let numbers: Vec<i64> = requests
            .iter()
            .flat_map(|request| self.numbers(request))
            .collect();
        let rows = self.rows();
        let numbers = memory::upload(&Tensor::from_slice(&numbers), rows.device())?;
        let [batch, size] = [requests.len() as i64, self.size];
        rows.f_index_select(0, &numbers)?
            .f_view([batch, -1, size, size, 3])
    }

    /// The rows of a clip.
    fn numbers(&self, request: &ClipRequest) -> impl Iterator<Item = i64> {
        let first = self.first[request.video];
        let positions = &request.clip.positions;
        let extra = self.kind.extra_frame().map(|extra| match extra {
            ExtraFrame::Mean => self.means + request.video as i64,
            ExtraFrame::First => first,
            ExtraFrame::Before => first + before(positions) as i64,
        });
        positions
            .iter()
            .map(move |&at| first + at as i64)
            .chain(extra)
    }

    fn copy(&self, cache: &Cache, index: usize, has_mean: bool) -> Result<(), LoadError> {
        let Ok(video) = cache.video(index) else {
            return Ok(());
        };
        let count = video.kept.len() as i64;
        if count == 0 {
            return Ok(());
        }
        let pixels = video.pixels.read().map_err(LoadError::Frames)?;
        let rows = self.rows();
        let copied = || -> Result<(), TchError> {
            let frames = Tensor::f_from_slice(&pixels)?.f_view([count, -1])?;
            let mut place = rows.f_narrow(0, self.first[index], count)?;
            place.f_copy_(&frames)?;
            if has_mean {
                let mean = mean_frame(&pixels, pixels.len() / video.kept.len());
                let mut place = rows.f_get(self.means + index as i64)?;
                place.f_copy_(&Tensor::f_from_slice(&mean)?)?;
            }
            Ok(())
        };
        copied().map_err(LoadError::Torch)
    }

    /// Tensors are not for several threads at a time, handles to them are.
    fn rows(&self) -> Tensor {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.shallow_clone()
    }
}
