//! What a traced network wants to see.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use super::error::TracedError;

/// The extra file in a file of `TorchScript` that holds its card.
const CARD: &str = "backbone.json";

/// What a traced network wants to see. It stands as `backbone.json` among the extra files that `torch.jit.save` takes, or beside
/// the network's file under its name with the extension `json`, which then holds alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TracedCard {
    /// The network's name.
    pub model: Option<String>,
    /// Edge of the square pictures in pixels, from 16 to 1024.
    pub size: u32,
    /// What is taken from red, green and blue, as shares of white.
    pub mean: [f32; 3],
    /// What they are divided by then.
    pub std: [f32; 3],
    /// Frames that it sees together, from 1 to 256: it is shown N×3×size×size where it is 1, else N×frames×3×size×size.
    pub frames: usize,
    /// Frames a second at which it wants to see these; without a word as many as were kept.
    pub fps: Option<f32>,
}

impl Default for TracedCard {
    /// A network that sees single pictures as most published ones do, normalised as torchvision's are.
    fn default() -> Self {
        Self {
            model: None,
            size: 224,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
            frames: 1,
            fps: None,
        }
    }
}

impl TracedCard {
    /// The card of a file of `TorchScript`.
    pub(super) fn read(path: &Utf8Path) -> Result<Self, TracedError> {
        let inside = inside(path)?;
        let beside = path.with_extension("json");
        let (whose, text) = if beside.exists() {
            let text = fs_err::read(&beside).map_err(TracedError::File)?;
            (beside, Some(text))
        } else {
            (Utf8PathBuf::from(format!("{path}: {CARD}")), inside)
        };
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let card: Self = serde_json::from_slice(&text).map_err(|source| TracedError::Card {
            path: whose.clone(),
            source,
        })?;
        match card.problem() {
            Some(what) => Err(TracedError::Value { path: whose, what }),
            None => Ok(card),
        }
    }

    fn problem(&self) -> Option<String> {
        let Self { mean, std, .. } = self;
        let is_number = |value: &f32| value.is_finite();
        if !(16..=1024).contains(&self.size) {
            Some(format!("'size' is {}, not from 16 to 1024", self.size))
        } else if !(1..=256).contains(&self.frames) {
            Some(format!("'frames' is {}, not from 1 to 256", self.frames))
        } else if !mean.iter().all(is_number) {
            Some(format!("'mean' is {mean:?}, not three numbers"))
        } else if !std.iter().all(|value| is_number(value) && *value > 0.0) {
            Some(format!("'std' is {std:?}, not three numbers above 0"))
        } else {
            let fps = self.fps.filter(|fps| !(fps.is_finite() && *fps > 0.0));
            fps.map(|fps| format!("'fps' is {fps}, not above 0"))
        }
    }

    /// From one of a window's frames to the next, in frames that were kept. `fps`: kept frames a second; 0 where unknown.
    pub fn step(&self, fps: f32) -> usize {
        self.fps
            .map_or(1, |wanted| (fps / wanted).round().max(1.0) as usize)
    }
}

/// The card among a file's extra files, where it has one. What the file is instead of `TorchScript` is told.
fn inside(path: &Utf8Path) -> Result<Option<Vec<u8>>, TracedError> {
    let file = fs_err::File::open(path).map_err(TracedError::File)?;
    let no = |what: &str| TracedError::Format {
        path: path.to_owned(),
        what: what.to_owned(),
    };
    let archive = ZipArchive::new(file);
    let mut archive =
        archive.map_err(|_no_archive| no("it is no archive, as torch.jit.save writes it"))?;
    let ends = |archive: &ZipArchive<_>, end: &str| {
        let mut names = archive.file_names().map(str::to_owned);
        names.find(|name| name.ends_with(end))
    };
    // The code of a module: a file of weights has only 'data.pkl', and torch.export writes no 'constants.pkl'.
    if ends(&archive, "/constants.pkl").is_none() {
        return Err(no(match ends(&archive, "/data.pkl") {
            Some(_) => "it holds weights without the network, as torch.save writes them",
            None => "its archive is another one, as that of torch.export",
        }));
    }
    let Some(name) = ends(&archive, &format!("/extra/{CARD}")) else {
        return Ok(None);
    };
    let mut text = Vec::new();
    let member = archive.by_name(&name);
    let mut member = member.map_err(|_damage| no("its card is damaged"))?;
    std::io::Read::read_to_end(&mut member, &mut text).map_err(TracedError::File)?;
    Ok(Some(text))
}
