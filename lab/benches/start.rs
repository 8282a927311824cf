//! How long both programs take to say something that needs no work, and what they load for it: `cargo bench --package rdfer-lab --bench start`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::process::{Command, Stdio};
use std::time::Instant;

/// What a program may take to say its `--help`, in milliseconds.
const LONGEST: f64 = 150.0;

const RUNS: usize = 21;

/// The large libraries, by a word of their names.
const LARGE: [&str; 6] = [
    "torch_cpu",
    "torch_cuda",
    "cudart",
    "avcodec",
    "avformat",
    "swscale",
];

fn main() {
    let light = &lab::program("rdfer-audit");
    let network = &lab::program("rdfer-audit-network");
    println!("{:<36} {:>9} {:>9}", "command", "median ms", "fastest");
    let mut longest = 0.0_f64;
    for (program, arguments) in [
        (light, "--help"),
        (light, "--version"),
        (light, "scan --help"),
        (light, "review --help"),
        (light, "completions bash"),
        (network, "--help"),
        (network, "--version"),
    ] {
        let mut times: Vec<f64> = (0..RUNS)
            .map(|_| milliseconds(program, arguments))
            .collect();
        times.sort_by(f64::total_cmp);
        let name = program.rsplit('/').next().unwrap();
        println!(
            "{:<36} {:>9.1} {:>9.1}",
            format!("{name} {arguments}"),
            times[RUNS / 2],
            times[0]
        );
        // The other one loads libtorch, and is only started for what needs it.
        if program == light {
            longest = longest.max(times[RUNS / 2]);
        }
    }
    for program in [light, network] {
        println!("{}", libraries(program));
    }
    assert!(
        longest < LONGEST,
        "a program takes {longest:.0} ms to start"
    );
}

fn milliseconds(program: &str, arguments: &str) -> f64 {
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments.split(' '))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    1000.0 * start.elapsed().as_secs_f64()
}

/// What the dynamic linker loads before `main`.
fn libraries(program: &str) -> String {
    let output = Command::new(program)
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let large: Vec<&str> = LARGE
        .into_iter()
        .filter(|name| text.contains(&format!("lib{name}")))
        .collect();
    let name = program.rsplit('/').next().unwrap();
    format!(
        "{name}: {} libraries, among them {}",
        text.lines().count(),
        large.join(", ")
    )
}
