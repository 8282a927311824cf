//! The presets: the files of `configs/`, built into the program.

/// Name and text of every preset.
pub(super) const PRESETS: [(&str, &str); 5] = [
    ("cpu", include_str!("../../configs/cpu.toml")),
    ("gpu", include_str!("../../configs/gpu.toml")),
    ("paper", include_str!("../../configs/paper.toml")),
    ("pretrained", include_str!("../../configs/pretrained.toml")),
    ("demo", include_str!("../../configs/demo.toml")),
];

/// The names that `--config` takes besides files, where settings of runs are wanted.
pub fn preset_names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// Whether a `--config` argument means a file: it has a folder or an extension.
pub(super) fn is_file(argument: &str) -> bool {
    argument.contains(['/', '\\', '.'])
}
