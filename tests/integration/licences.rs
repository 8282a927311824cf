//! Every crate that is built in has a licence that `.cargo/deny.toml` allows, and comes from crates.io.

use std::path::Path;
use std::process::Command;

/// Whether an expression of licences (SPDX, or the older form with `/`) can be met by allowed ones alone.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.replace('/', " OR ");
    let (mut depth, mut start) = (0, 0);
    let mut any = Vec::new();
    // OR binds less than AND, and neither looks into brackets.
    let bytes = expression.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ if depth == 0 && expression[at..].starts_with(" OR ") => {
                any.push(&expression[start..at]);
                start = at + " OR ".len();
            }
            _ => {}
        }
    }
    any.push(&expression[start..]);
    any.into_iter().any(|all| {
        if any_bracket(all) {
            let (inner, rest) = all.trim()[1..].split_once(')').unwrap_or((all, ""));
            let rest = rest.trim().strip_prefix("AND ").unwrap_or_default();
            return is_met(inner, allowed) && (rest.is_empty() || is_met(rest, allowed));
        }
        all.split(" AND ").all(|one| allowed.contains(&one.trim()))
    })
}

fn any_bracket(expression: &str) -> bool {
    expression.trim().starts_with('(')
}

#[test]
fn expressions_of_licences() {
    let allowed = ["MIT", "Zlib"];
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only/MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT AND Zlib", true),
        ("(MIT OR Apache-2.0) AND Zlib", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", false),
        ("(GPL-3.0-only OR Apache-2.0) AND MIT", false),
        ("MIT-0", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn every_crate_has_an_allowed_licence_and_comes_from_crates_io() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = fs_err::read_to_string(root.join(".cargo/deny.toml")).unwrap();
    let rules: toml::Table = rules.parse().unwrap();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    let allowed: Vec<&str> = allowed.iter().map(|name| name.as_str().unwrap()).collect();
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    let packages = metadata["packages"].as_array().unwrap();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package["source"].as_str() else {
            continue; // a member of this repository
        };
        let licence = package["license"].as_str().unwrap_or("none named");
        if !is_met(licence, &allowed) {
            wrong.push(format!("{name}: {licence}"));
        }
        if source != "registry+https://github.com/rust-lang/crates.io-index" {
            wrong.push(format!("{name} comes from {source}"));
        }
    }
    // `cargo bench --package NAME` refuses a name that a dependency has too.
    for member in packages
        .iter()
        .filter(|package| package["source"].is_null())
    {
        let is_namesake = |package: &&serde_json::Value| package["name"] == member["name"];
        assert_eq!(
            packages.iter().filter(is_namesake).count(),
            1,
            "{}",
            member["name"]
        );
    }
    assert!(packages.len() > 300);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
