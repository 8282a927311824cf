//! Class names as names of folders: what would lead elsewhere, or not come back as it was, is refused.

use std::collections::BTreeMap;

use super::ExportError;

/// Names that Windows keeps for devices, whatever stands behind a dot.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The longest name that file systems take, in bytes.
const LONGEST: usize = 255;

/// Refuses class names that cannot be folders' names. `are_folders`: whether they are some already in the data set, which
/// other systems need not take.
///
/// # Errors
/// There are such names: all of them, with what is wrong.
pub(super) fn check<'a>(
    labels: impl IntoIterator<Item = &'a str>,
    are_folders: bool,
) -> Result<(), ExportError> {
    let mut wrong = Vec::new();
    let mut by_lowercase: BTreeMap<String, &str> = BTreeMap::new();
    for label in labels {
        let elsewhere = if are_folders {
            None
        } else {
            not_everywhere(label)
        };
        if let Some(why) = not_here(label).or(elsewhere) {
            wrong.push(format!("{label:?} {why}"));
            continue;
        }
        match by_lowercase.insert(label.to_lowercase(), label) {
            Some(other) if other != label && !are_folders => {
                wrong.push(format!(
                    "{label:?} differs from {other:?} in letters' case alone"
                ));
            }
            _ => {}
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ExportError::FolderNames { wrong })
    }
}

/// Why a folder of this name would lie elsewhere, or not be read again as this class.
fn not_here(label: &str) -> Option<&'static str> {
    if label.contains(['/', '\\']) {
        Some("has a '/' or '\\', which separates folders")
    } else if label.starts_with('.') {
        Some("begins with '.', as hidden folders and those above do")
    } else if label.chars().any(char::is_control) {
        Some("has control characters")
    } else if label.trim() != label || label.is_empty() {
        Some("begins or ends with a space, or is empty")
    } else if label.len() > LONGEST {
        Some("is longer than 255 bytes")
    } else {
        None
    }
}

/// Why other systems do not take a folder of this name.
fn not_everywhere(label: &str) -> Option<&'static str> {
    let stem = label
        .split('.')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    if label.ends_with('.') {
        Some("ends with '.', which Windows leaves out")
    } else if label.contains(['<', '>', ':', '"', '|', '?', '*']) {
        Some("has a character that Windows does not take (< > : \" | ? *)")
    } else if DEVICES.contains(&stem.as_str()) {
        Some("is the name of a device on Windows")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused_and_all_are_named() {
        let told =
            |labels: &[&str], are_folders: bool| match check(labels.iter().copied(), are_folders) {
                Ok(()) => String::new(),
                Err(error) => error.to_string(),
            };
        assert_eq!(
            told(&["happy", "very sad", "Überraschung", "N_A", "v1.0"], false),
            ""
        );
        for wrong in [
            "..", ".", "../up", "a/b", "a\\b", ".hidden", "a\nb", "a\u{7}", " a", "a ", "",
        ] {
            assert!(!told(&["happy", wrong], false).is_empty(), "{wrong}");
            assert!(!told(&["happy", wrong], true).is_empty(), "{wrong}");
        }
        for elsewhere in ["CON", "nul.x", "a.", "a:b", "what?", "LPT1"] {
            assert!(
                !told(&["happy", elsewhere], false).is_empty(),
                "{elsewhere}"
            );
            assert_eq!(told(&["happy", elsewhere], true), "", "{elsewhere}");
        }
        assert!(told(&["Sad", "sad"], false).contains("\"sad\" differs from \"Sad\""));
        assert!(told(&[&"a".repeat(256)], true).contains("255"));
        let all = told(&["N/A", "happy", "CON"], false);
        assert!(
            all.contains("\"N/A\" has a '/'") && all.contains("\"CON\" is the name"),
            "{all}"
        );
        assert!(all.contains("--format csv"), "{all}");
    }
}
