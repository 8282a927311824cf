//! What the program says when asked, and when it is asked for something that cannot be.

use std::path::Path;

use clap::CommandFactory;
use rdfer_audit::cli::Cli;

use crate::support::{SMALL, Workspace};

#[test]
fn bad_data_sets_are_refused_with_every_problem() {
    let workspace = Workspace::new();
    workspace.data_set(2);
    workspace.write(
        "labels.csv",
        "path,label\nvideos/0_0.mp4,right\nvideos/gone.mp4,left\nvideos/1_0.mp4,\n",
    );
    let answer = workspace.run(&format!("scan labels.csv {SMALL}"));
    assert_eq!(answer.code, 2);
    for words in ["labels.csv", "3", "videos/gone.mp4", "4"] {
        assert!(answer.stderr.contains(words), "{words}: {}", answer.stderr);
    }
    assert!(
        !workspace.path("reports").exists(),
        "nothing is written for a data set that is refused"
    );
}

#[test]
fn bad_settings_are_refused_before_anything_is_done() {
    let workspace = Workspace::new();
    let answer = workspace.run("scan nowhere --set train.epoch=3");
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("train.epochs"), "{}", answer.stderr);
}

#[test]
fn no_subcommand_takes_a_setting_that_it_does_not_have() {
    let workspace = Workspace::new();
    workspace.write("truth.csv", "path,label\n");
    let settings = workspace
        .done("scan nowhere --print-config --config cpu")
        .stdout;
    workspace.write("run/settings.toml", &settings);
    for file in ["run/videos.parquet", "run/run.json", "mine.parquet"] {
        workspace.write(file, "");
    }
    let lines = [
        "scan videos",
        "check videos",
        "demo faces",
        "review run",
        "export run --to clean.csv",
        "compare run --export clean.csv",
        "evaluate run --truth truth.csv",
        "score run",
        "score --from mine.parquet",
        "report run",
        "doctor",
        "completions bash",
    ];
    for subcommand in Cli::command().get_subcommands() {
        let name = subcommand.get_name();
        assert!(
            lines
                .iter()
                .any(|line| line.split(' ').next() == Some(name)),
            "{name} is not tried"
        );
    }
    for line in lines {
        for (flag, word) in [
            ("--set nonsense.key=1", "nonsense.key"),
            ("--config no_such_preset", "no_such_preset"),
        ] {
            let answer = workspace.run(&format!("{line} {flag}"));
            assert_eq!(answer.code, 2, "{line} {flag}: {}", answer.stdout);
            let told =
                answer.stderr.contains(word) || answer.stderr.contains("unexpected argument '--");
            assert!(told, "{line} {flag}: {}", answer.stderr);
        }
    }
}

#[test]
fn a_run_tells_the_settings_that_it_was_made_with() {
    let workspace = Workspace::new();
    let settings = workspace
        .done("scan nowhere --print-config --config cpu --epochs 3 --seed 7")
        .stdout;
    // As a run of an earlier version has them.
    let early = settings + "\n[review]\nmouse = true\n[demo]\nvideos = 99\n";
    workspace.write("run/settings.toml", &early);
    for file in ["run/videos.parquet", "run/run.json"] {
        workspace.write(file, "");
    }
    for line in ["report run", "score run", "compare run --export clean.csv"] {
        let printed = workspace.done(&format!("{line} --print-config")).stdout;
        let table: toml::Table = printed.parse().unwrap();
        assert_eq!(table["seed"].as_integer(), Some(7), "{line}");
        assert_eq!(table["train"]["epochs"].as_integer(), Some(3), "{line}");
        assert!(!table.contains_key("review") && !table.contains_key("demo"));
    }
}

#[test]
fn the_review_has_a_file_of_the_users_own() {
    let workspace = Workspace::new();
    workspace.write("home/rdfer-audit/review.toml", "[review]\nmouse = true\n");
    let mut command = workspace.command("review run --print-config --set review.images=off");
    let output = command
        .env("XDG_CONFIG_HOME", workspace.path("home"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let table: toml::Table = printed.parse().unwrap();
    assert_eq!(table["review"]["mouse"].as_bool(), Some(true), "{printed}");
    assert_eq!(table["review"]["images"].as_str(), Some("off"));
    assert_eq!(table.len(), 1, "{printed}");
}

#[test]
fn printed_settings_are_a_config_file() {
    let workspace = Workspace::new();
    let first = workspace
        .done("scan nowhere --print-config --config cpu --epochs 3")
        .stdout;
    workspace.write("mine.toml", &first);
    let second = workspace
        .done("scan nowhere --print-config --config mine.toml")
        .stdout;
    let values = |text: &str| {
        let table: toml::Table = text.parse().unwrap();
        table
    };
    assert_eq!(values(&first), values(&second));
}

#[test]
fn the_doctor_finds_libtorch_and_ffmpeg() {
    let workspace = Workspace::new();
    let json = workspace.done("doctor --json --device cpu").stdout;
    let findings: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(findings["libtorch_works"], true);
    assert_eq!(findings["device"], "cpu");
    assert_eq!(workspace.run("doctor --device cuda:77").code, 2);
}

#[test]
fn runs_that_are_not_there_are_named() {
    let workspace = Workspace::new();
    for line in [
        "report gone",
        "score gone",
        "evaluate gone --truth truth.csv",
    ] {
        let answer = workspace.run(line);
        assert_eq!(answer.code, 2, "{line}");
        assert!(answer.stderr.contains("gone"), "{line}: {}", answer.stderr);
    }
}

#[test]
fn completions_name_the_subcommands() {
    let workspace = Workspace::new();
    assert!(
        workspace
            .done("completions bash")
            .stdout
            .contains("evaluate")
    );
}

#[test]
fn the_demo_makes_a_data_set_and_measures_itself() {
    let workspace = Workspace::new();
    let line =
        format!("demo faces --out run --set demo.videos=42 --set demo.identities=12 {SMALL}");
    let line = line.replace(
        "--folds 2 --epochs 2 --clips 3",
        "--set folds=2 --set train.epochs=1 --set clips.count=3",
    );
    let answer = workspace.done(&line);
    for words in ["most suspect:", "noise_score", "known to be"] {
        assert!(answer.stdout.contains(words), "{words}: {}", answer.stdout);
    }
    let truth = String::from_utf8(workspace.read("faces/truth.csv")).unwrap();
    assert_eq!(truth.lines().count(), 43);
    assert_eq!(truth.matches(",mislabeled,").count(), 4);
    assert_eq!(truth.matches(",hard,").count(), 4);

    // An encoder that reads memory which nobody wrote would betray itself where that memory is not zero.
    let mut again = workspace.command(&line.replace("faces --out run", "again --out run_again"));
    again.env("MALLOC_PERTURB_", "85").assert().success();
    for video in fs_err::read_dir(workspace.path("faces/videos")).unwrap() {
        let name = video.unwrap().file_name().into_string().unwrap();
        assert!(
            workspace.read(&format!("faces/videos/{name}"))
                == workspace.read(&format!("again/videos/{name}")),
            "{name} is not drawn the same twice"
        );
    }
}

#[cfg(target_os = "linux")]
/// Whether the dynamic linker would load libtorch to start a program.
fn loads_libtorch(program: &str) -> bool {
    let output = std::process::Command::new(program)
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .output()
        .unwrap();
    let libraries = String::from_utf8(output.stdout).unwrap();
    assert!(libraries.contains("libavcodec"), "{libraries}");
    libraries.contains("libtorch")
}

#[cfg(target_os = "linux")]
#[test]
fn only_the_network_loads_libtorch() {
    assert!(!loads_libtorch(env!("CARGO_BIN_EXE_rdfer-audit")));
    assert!(loads_libtorch(env!("CARGO_BIN_EXE_rdfer-audit-network")));
}

/// Copies a file that is to be executed. Not by this process: a child that another test starts meanwhile would inherit the open
/// file, and one that is open for writing cannot be executed.
fn copy_program(from: impl AsRef<Path>, to: &Path) {
    let mut copy = std::process::Command::new("cp");
    copy.arg(from.as_ref()).arg(to);
    assert!(copy.status().unwrap().success());
}

#[test]
fn a_program_without_its_other_half_says_so() {
    let workspace = Workspace::new();
    let alone = workspace.path("rdfer-audit");
    copy_program(env!("CARGO_BIN_EXE_rdfer-audit"), &alone);
    let run = |argument: &str| {
        let output = std::process::Command::new(&alone)
            .arg(argument)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stderr) = run("doctor");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("rdfer-audit-network"), "{stderr}");
    assert_eq!(run("--help").0, Some(0));
}

#[test]
fn a_program_without_libtorch_says_where_to_get_it() {
    let workspace = Workspace::new();
    let alone = workspace.path("rdfer-audit");
    copy_program(env!("CARGO_BIN_EXE_rdfer-audit"), &alone);
    // What the dynamic linker does where a library is missing.
    workspace.write("script", "#!/bin/sh\nexit 127\n");
    let network = workspace.path("rdfer-audit-network");
    copy_program(workspace.path("script"), &network);
    fs_err::set_permissions(
        &network,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let output = std::process::Command::new(&alone)
        .arg("doctor")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("scripts/setup"), "{stderr}");
}

#[test]
fn another_libtorch_in_the_way_is_passed_by() {
    let workspace = Workspace::new();
    for name in ["libtorch_cpu.so", "libtorch.so", "libc10.so"] {
        workspace.write(&format!("lib/{name}"), "no library at all\n");
    }
    let mut command = workspace.command("doctor --json --device cpu");
    command.env("LD_LIBRARY_PATH", workspace.path("lib"));
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
}
