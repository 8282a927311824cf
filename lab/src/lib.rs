//! What several benches share.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a measurement stops at the first thing that is wrong"
)]

pub mod cost;
pub mod made_up;
pub mod planned;
pub mod screen;

use std::process::Command;

/// The words after `--`. Paths among them start where those of the scripts do.
pub fn arguments() -> Vec<String> {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    let words = std::env::args().skip(1);
    // Cargo adds the last one.
    words.filter(|word| word != "--bench").collect()
}

/// The path of one of the tool's programs, built with the profile of the bench that asks.
pub fn program(name: &str) -> String {
    let bench = std::env::current_exe().unwrap();
    // target/PROFILE/deps/bench
    let folder = bench.ancestors().nth(2).unwrap();
    let profile = match folder.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        name => name,
    };
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "rdfer-audit",
            "--bins",
        ])
        .args(["--profile", profile])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.unwrap().success(), "the tool cannot be built");
    folder.join(name).into_os_string().into_string().unwrap()
}
