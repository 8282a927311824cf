//! Where the settings of every subcommand are resolved.

use camino::Utf8PathBuf;
use tracing::warn;

use crate::cli::{Base, Command, ExitStatus};
use crate::rows::folder::RunFolder;
use crate::settings::{Family, Layers, Resolved};

/// Resolves settings and does what needs them, or prints them where that is all that is asked for.
///
/// # Errors
///
/// If they are wrong, or the work cannot be done.
pub(super) fn with<S: Family>(
    layers: Layers<S>,
    print_config: bool,
    work: impl FnOnce(&Resolved<S>) -> anyhow::Result<ExitStatus>,
) -> anyhow::Result<ExitStatus> {
    let resolved = layers.resolve()?;
    for line in &resolved.words {
        warn!("{line}");
    }
    if print_config {
        super::print(&resolved.to_toml())?;
        return Ok(ExitStatus::Done);
    }
    work(&resolved)
}

/// The preset or file that a subcommand's settings start from. `of_devices`: the preset for the devices that there are.
///
/// # Errors
///
/// If it starts from a run that is not there.
pub(super) fn base(command: &Command, of_devices: &'static str) -> anyhow::Result<String> {
    Ok(match command.base() {
        Base::Devices => of_devices.to_owned(),
        Base::Preset(name) => name.to_owned(),
        Base::Run(run) => {
            let folder = RunFolder::new(run);
            folder.require_finished()?;
            folder.settings().into_string()
        }
        Base::Own | Base::None => String::new(),
    })
}

/// The user's own file of settings, where there is one: `rdfer-audit/review.toml` in `XDG_CONFIG_HOME`, or `~/.config`.
pub(super) fn own_file() -> Option<Utf8PathBuf> {
    let folder = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let config = folder("XDG_CONFIG_HOME").map(Utf8PathBuf::from);
    let config = config.or_else(|| Some(Utf8PathBuf::from(folder("HOME")?).join(".config")));
    let file = config?.join("rdfer-audit").join("review.toml");
    file.exists().then_some(file)
}
