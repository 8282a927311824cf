//! Features that anybody's network computed of a data set's videos, in the place of frames: a `NumPy` file a video, or one
//! `.npz`, `.safetensors` or Parquet file with all of them.
//!
//! Every video has rows of numbers, one for a frame, for one of evenly spread frames, or for a window of frames. They are
//! looked at video by video before anything else is done; everything that is wrong with them is told at once.

mod block;
mod check;
mod error;
mod names;
mod source;
#[cfg(test)]
mod tests;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use self::block::Block;
pub use self::check::Checked;
pub use self::error::VectorsError;
use self::source::Source;
use crate::cache::Rows;

/// The name of the file that says what features are.
const CARD: &str = "features.json";

/// Features that were opened.
#[derive(Debug)]
pub struct Vectors {
    path: Utf8PathBuf,
    source: Source,
    card: VectorsCard,
    /// What a row is.
    pub rows: Rows,
}

/// `features.json`: what features are, as far as somebody says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VectorsCard {
    /// The network's name.
    pub model: Option<String>,
    /// What rows stand for; without a word each video's number of rows tells.
    pub frames: Option<Alignment>,
    /// Whether as many rows of the mirrored frames follow those of the frames.
    pub mirrored: bool,
}

/// What a video's rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alignment {
    /// All its frames.
    All,
    /// Frames that are spread evenly.
    Even,
    /// Windows of frames that are spread evenly.
    Windows,
}

impl Vectors {
    /// Opens a folder or a file of features; of the features themselves it looks at the first alone.
    ///
    /// # Errors
    /// It is none, it is empty or damaged, or the file beside it that says what they are is wrong.
    pub fn open(path: &Utf8Path) -> Result<Self, VectorsError> {
        let source = Source::open(path)?;
        let folder = if path.is_dir() {
            path
        } else {
            path.parent().unwrap_or(Utf8Path::new(""))
        };
        let card = read_card(&folder.join(CARD))?;
        let first = source.read(0).map_err(|what| VectorsError::Damaged {
            path: path.to_owned(),
            what,
        })?;
        let width = first.shape.last().copied().unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            source,
            rows: Rows {
                width,
                is_mirrored: card.mirrored,
            },
            card,
        })
    }

    /// The rows of an array as they are kept, mirrored ones last.
    ///
    /// # Errors
    /// The array cannot be read, or is no rows of numbers.
    pub fn halves(&self, place: usize) -> Result<Vec<u8>, VectorsError> {
        self.block(place)
            .map(|block| block.halves)
            .map_err(|what| VectorsError::Damaged {
                path: self.path.clone(),
                what,
            })
    }

    fn block(&self, place: usize) -> Result<Block, String> {
        Block::new(&self.source.read(place)?, self.card.mirrored)
    }

    /// Where they lie.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// The network's name, where the card has it.
    pub fn model(&self) -> Option<&str> {
        self.card.model.as_deref()
    }
}

fn read_card(path: &Utf8Path) -> Result<VectorsCard, VectorsError> {
    if !path.exists() {
        return Ok(VectorsCard::default());
    }
    let text = fs_err::read(path).map_err(VectorsError::File)?;
    serde_json::from_slice(&text).map_err(|source| VectorsError::Card {
        path: path.to_owned(),
        source,
    })
}
