//! The presets: the files of `configs/`, built into the program.

/// Name and text of every preset.
const PRESETS: [(&str, &str); 4] = [
    ("cpu", include_str!("../../configs/cpu.toml")),
    ("gpu", include_str!("../../configs/gpu.toml")),
    ("paper", include_str!("../../configs/paper.toml")),
    ("demo", include_str!("../../configs/demo.toml")),
];

/// The names that `--config` takes besides files.
pub fn preset_names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The preset of that name, with its name and text.
pub(super) fn find(name: &str) -> Option<(&'static str, &'static str)> {
    PRESETS.iter().find(|(preset, _)| *preset == name).copied()
}

/// Whether a `--config` argument means a file: it has a folder or an extension.
pub(super) fn is_file(argument: &str) -> bool {
    argument.contains(['/', '\\', '.'])
}
