//! Where a run's videos lie.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::run::RunCard;
use crate::manifest::{self, Format, ReadOptions, Reading};

/// Finds the file of a video by what the run says of it.
#[derive(Debug)]
pub struct Locator {
    dataset: Utf8PathBuf,
    format: Format,
    /// Where the paths of the manifest start.
    root: Utf8PathBuf,
    label_names: BTreeMap<String, String>,
    reading: Reading,
    /// Paths by id as the manifest resolves them, read when a file is not where its written path says.
    resolved: OnceLock<BTreeMap<String, Utf8PathBuf>>,
}

impl Locator {
    /// For a run; `root` overrides where the run's card says that the paths start.
    pub fn new(card: &RunCard, root: Option<&Utf8Path>) -> Self {
        let dataset = Utf8PathBuf::from(&card.dataset);
        let own = match &card.root {
            Some(root) => Utf8PathBuf::from(root),
            None if dataset.is_dir() => dataset.clone(),
            None => dataset.parent().unwrap_or(Utf8Path::new("")).to_owned(),
        };
        let format = Format::NAMES
            .into_iter()
            .find(|(name, _)| *name == card.format)
            .map_or(Format::Auto, |(_, format)| format);
        let label_names = card.settings.get("labels").cloned().unwrap_or_default();
        Self {
            root: root.map_or(own, ToOwned::to_owned),
            dataset,
            format,
            label_names: serde_json::from_value(label_names).unwrap_or_default(),
            reading: card.reading.clone(),
            resolved: OnceLock::new(),
        }
    }

    /// The file or folder of a video; where it should be when it is not there.
    pub fn find(&self, id: &str, written_path: &str) -> Utf8PathBuf {
        let path = self.root.join(written_path);
        if path.exists() {
            return path;
        }
        let resolved = self.resolved.get_or_init(|| self.resolve());
        resolved.get(id).cloned().unwrap_or(path)
    }

    fn resolve(&self) -> BTreeMap<String, Utf8PathBuf> {
        let options = ReadOptions {
            root: Some(self.root.clone()),
            format: self.format,
            label_names: self.label_names.clone(),
            words_only: true,
            may_lack_videos: false,
            reading: self.reading.clone(),
        };
        // A manifest that has gone away tells nothing more than the written path does.
        let manifest = manifest::read(&self.dataset, &options);
        manifest.map_or_else(
            |_gone| BTreeMap::new(),
            |manifest| {
                let videos = manifest.videos.into_iter();
                videos.map(|video| (video.id, video.path)).collect()
            },
        )
    }
}
