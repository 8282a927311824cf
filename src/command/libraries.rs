//! Whether the program that is linked with libtorch can load it, before it is started: the dynamic linker's own words are not
//! for people, and its exit code is none of ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::pipeline::LIBTORCH;

/// Where the libtorch lay that was built with; nothing in a package, beside which PyTorch is installed.
const BUILT_WITH: Option<&str> = option_env!("RDFER_AUDIT_LIBTORCH");

/// The library that tells which libtorch is loaded.
const LIBRARY: &str = "libtorch_cpu.so";

/// Checks that `program` finds its libraries, and that they are the right ones.
///
/// # Errors
///
/// If one is missing, or another libtorch comes in the place of the right one; with what was found and what is needed.
pub(super) fn check(program: &Path) -> anyhow::Result<()> {
    let own = BUILT_WITH.map(|folder| Path::new(folder).join(LIBRARY));
    let is_led = ["LD_LIBRARY_PATH", "LD_PRELOAD"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !is_led && own.as_ref().is_some_and(|own| own.exists()) {
        return Ok(());
    }
    // What `ldd` does.
    let traced = Command::new(program)
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .output()
        .with_context(|| format!("'{}' cannot be started", program.display()))?;
    let found = Found::read(&String::from_utf8_lossy(&traced.stdout));
    if !found.missing.is_empty() {
        bail!("{}", found.complaint(program));
    }
    let Some(torch) = found.torch.filter(|torch| Some(torch) != own.as_ref()) else {
        return Ok(());
    };
    // Another one may do, if all that is called is in it.
    let tried = Command::new(program)
        .arg("--version")
        .env("LD_BIND_NOW", "1")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("'{}' cannot be started", program.display()))?;
    if tried.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&tried.stderr);
    let (torch, words) = (
        torch.display(),
        words.lines().next().unwrap_or_default().trim(),
    );
    match BUILT_WITH {
        _ if !is_led => bail!(
            "'{torch}' is another libtorch than {LIBTORCH}: {} ({words})",
            remedy()
        ),
        Some(folder) => bail!(
            "LD_LIBRARY_PATH leads to another libtorch: '{torch}' was found, libtorch {LIBTORCH} is needed, as it was in '{folder}'; \
             unset LD_LIBRARY_PATH, or take the folder out of it ({words})"
        ),
        None => bail!(
            "LD_LIBRARY_PATH leads to another libtorch: '{torch}' was found, libtorch {LIBTORCH} is needed; unset LD_LIBRARY_PATH, \
             or take the folder out of it ({words})"
        ),
    }
}

/// Whether this program comes from a package.
pub(super) fn is_packaged() -> bool {
    BUILT_WITH.is_none()
}

/// How to get the right libtorch.
fn remedy() -> String {
    match BUILT_WITH {
        Some(folder) => format!(
            "get libtorch {LIBTORCH} with 'scripts/setup' and build again, or set LD_LIBRARY_PATH to the folder of its libraries; when \
             this was built they were in '{folder}'"
        ),
        None => format!(
            "install PyTorch into the Python environment of this program, 'pip install torch=={LIBTORCH}'"
        ),
    }
}

/// What the dynamic linker would load.
#[derive(Debug, Default, PartialEq)]
struct Found {
    torch: Option<PathBuf>,
    missing: Vec<String>,
}

impl Found {
    /// Reads lines such as `libc10.so => /opt/lib/libc10.so (0x7f)` and `libc10.so => not found`.
    fn read(lines: &str) -> Self {
        let mut found = Self::default();
        for line in lines.lines() {
            let Some((name, place)) = line.trim().split_once(" => ") else {
                continue;
            };
            let place = place.rsplit_once(" (").map_or(place, |(path, _)| path);
            if place == "not found" {
                if !found.missing.iter().any(|other| other == name) {
                    found.missing.push(name.to_owned());
                }
            } else if name == LIBRARY {
                found.torch = Some(place.into());
            }
        }
        found
    }

    /// What is missing, and how to get it.
    fn complaint(&self, program: &Path) -> String {
        let is_torch = |name: &String| {
            ["libtorch", "libc10", "libcu"]
                .iter()
                .any(|start| name.starts_with(start))
        };
        let remedy = if self.missing.iter().any(is_torch) {
            remedy()
        } else {
            "install them, or build again on this machine: FFmpeg's have other names in every version".to_owned()
        };
        let missing = self.missing.join("', '");
        format!(
            "'{}' does not find '{missing}': {remedy}",
            program.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_and_what_is_missing() {
        let found = Found::read(
            "\tlinux-vdso.so.1 (0x7ffc)\n\tlibtorch_cpu.so => /opt/a b/libtorch_cpu.so (0x7f00)\n\tlibc10.so => not found\n\
             \tlibavcodec.so.59 => not found\n\tlibc10.so => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x7f11)\n",
        );
        assert_eq!(
            found.torch.as_deref(),
            Some(Path::new("/opt/a b/libtorch_cpu.so"))
        );
        assert_eq!(found.missing, ["libc10.so", "libavcodec.so.59"]);
        let words = found.complaint(Path::new("network"));
        assert!(
            words.starts_with(
                "'network' does not find 'libc10.so', 'libavcodec.so.59': get libtorch"
            ),
            "{words}"
        );
        let ffmpeg = Found {
            missing: vec!["libavcodec.so.59".to_owned()],
            ..Found::default()
        };
        let words = ffmpeg.complaint(Path::new("network"));
        assert!(words.contains("FFmpeg's have other names"), "{words}");
    }
}
