//! `scripts/setup` and `scripts/demo` on machines that lack something, which programs in `PATH` pretend.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use clap::CommandFactory;

use crate::support::{Workspace, face_model};

/// A clone of which only the scripts are there, and a folder of programs that go before the machine's own.
struct Clone {
    workspace: Workspace,
}

impl Clone {
    fn new() -> Self {
        let workspace = Workspace::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in [
            "scripts/setup",
            "scripts/demo",
            "Cargo.toml",
            "docs/settings.md",
        ] {
            let text = fs_err::read_to_string(root.join(file)).unwrap();
            workspace.write(&format!("clone/{file}"), &text);
        }
        let clone = Self { workspace };
        // A machine on which nothing is missing, and on which nothing is installed by a test.
        clone.program("dpkg-query", "printf 'install ok installed'");
        clone.program("apt-get", "echo \"apt-get $*\" >&2; exit 99");
        clone.program("cargo", "echo 'cargo 1.95.0 (f2d3ce0bd 2026-03-25)'");
        clone.program("uname", "echo x86_64");
        clone.program("df", "printf 'head\\nfake 1 1 999999 1%% /\\n'");
        clone
    }

    /// Puts a program in front of the machine's own.
    fn program(&self, name: &str, script: &str) {
        self.workspace.write(
            &format!("bin/{name}"),
            &format!("#!/usr/bin/env bash\n{script}\n"),
        );
    }

    /// Runs a script by bash, which needs no mark that it may be executed; the pretended programs get theirs from a shell, as
    /// no file that this process wrote may be open while another test starts a child.
    fn run(&self, line: &str, environment: &[(&str, &str)]) -> Output {
        let chmod = Command::new("chmod")
            .args(["-R", "+x"])
            .arg(self.workspace.path("bin"))
            .status();
        assert!(chmod.unwrap().success());
        let path = format!(
            "{}:{}",
            self.workspace.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = Command::new("bash");
        command
            .args(line.split_whitespace())
            .stdin(std::process::Stdio::null())
            .current_dir(self.workspace.path("clone"))
            .env("PATH", path)
            .env("XDG_CACHE_HOME", self.workspace.path("cache"))
            .env("CARGO_HOME", self.workspace.path("cargo"));
        for name in ["LIBTORCH", "LIBTORCH_LIB", "LIBTORCH_USE_PYTORCH"] {
            command.env_remove(name);
        }
        for (name, value) in environment {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        command.output().unwrap()
    }

    /// What a script says that has to refuse.
    #[track_caller]
    fn refused(&self, line: &str, environment: &[(&str, &str)]) -> String {
        let output = self.run(line, environment);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        stderr
    }

    /// A `pip` that downloads wheels with these files in them; all else of Python is the machine's.
    fn pip(&self, files: &[(&str, &str)]) {
        let mut wheels = String::new();
        for (wheel, file) in files {
            writeln!(wheels, "  archive('{wheel}', '{file}')").unwrap();
        }
        let script = format!(
            r#"real=$(PATH=${{PATH#*:}} command -v python3)
[ "${{1-}}" = -m ] || exec "$real" "$@"
[ "${{3-}}" = download ] || exit 0
while [ "$1" != --dest ]; do shift; done
"$real" - "$2" <<'PYTHON'
import os, sys, zipfile
def archive(wheel, name):
  os.makedirs(sys.argv[1], exist_ok=True)
  with zipfile.ZipFile(f'{{sys.argv[1]}}/{{wheel}}.whl', 'a') as file:
    file.writestr(name, 'content')
if True:
{wheels}
PYTHON"#
        );
        self.program("python3", &script);
    }

    fn cached(&self, name: &str) -> std::path::PathBuf {
        self.workspace.path("cache/rdfer-audit").join(name)
    }
}

const WHOLE: [(&str, &str); 7] = [
    ("torch-2.11.0", "torch/include/torch.h"),
    ("torch-2.11.0", "torch/lib/libtorch.so"),
    ("torch-2.11.0", "torch/lib/libtorch_cpu.so"),
    ("torch-2.11.0", "torch/lib/libc10.so"),
    ("torch-2.11.0", "torch/lib/libgomp.so.1"),
    ("nvidia_cuda_runtime", "nvidia/cu13/lib/libcudart.so.13"),
    ("nvidia_cuda_cupti", "nvidia/cu13/lib/libcupti.so.13"),
];

#[test]
fn all_that_is_missing_is_told_at_once() {
    let clone = Clone::new();
    clone.program("cargo", "echo 'cargo 1.85.1 (d73d2caf9 2024-12-31)'");
    clone.program("python3", "exit 1");
    clone.program(
        "dpkg-query",
        "[ \"$4\" = nasm ] || printf 'install ok installed'",
    );
    clone.program("id", "echo 1000");
    clone.program("sudo", "exit 1");
    clone.program("df", "printf 'head\\nfake 1 1 300 1%% /\\n'");
    let told = clone.refused("scripts/setup", &[]);
    for words in [
        "cargo 1.85.1 is too old, 1.95 is needed",
        "has 300 MB of room",
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends nasm python3-pip'",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!clone.workspace.path("cache").exists());
}

#[test]
fn folders_that_cannot_be_written_to_are_named_with_their_variable() {
    let clone = Clone::new();
    let nowhere = [("HOME", ""), ("XDG_CACHE_HOME", ""), ("CARGO_HOME", "")];
    let told = clone.refused("scripts/setup", &nowhere);
    assert!(told.contains("set one of them, for libtorch"), "{told}");
    assert!(
        told.contains("neither HOME nor CARGO_HOME is set"),
        "{told}"
    );
    // Below a file nobody can write, not even root, as whom tests may run.
    let file = [
        ("HOME", "/dev/null/home"),
        ("XDG_CACHE_HOME", ""),
        ("CARGO_HOME", ""),
    ];
    let told = clone.refused("scripts/setup", &file);
    assert!(told.contains("set XDG_CACHE_HOME to a folder"), "{told}");
    assert!(told.contains("set CARGO_HOME to a folder"), "{told}");
}

#[test]
fn other_processors_and_a_libtorch_that_is_not_there_are_refused_with_a_word() {
    let clone = Clone::new();
    clone.program("uname", "echo aarch64");
    let told = clone.refused("scripts/setup", &[]);
    assert!(told.contains("this is 'aarch64'"), "{told}");
    let told = clone.refused("scripts/setup", &[("LIBTORCH", "/nowhere")]);
    assert!(told.contains("'/nowhere/lib/libtorch_cpu.so'"), "{told}");
    clone.program("python3", "echo 2.9.1");
    let told = clone.refused("scripts/setup", &[("LIBTORCH_USE_PYTORCH", "1")]);
    assert!(
        told.contains("torch 2.9.1: version 2.11 is needed"),
        "{told}"
    );
}

#[test]
fn libtorch_is_whole_or_not_there() {
    let clone = Clone::new();
    clone.pip(&WHOLE[..6]);
    let told = clone.refused("scripts/setup", &[]);
    assert!(told.contains("lacks 'libcupti.so.13'"), "{told}");
    assert_eq!(fs_err::read_dir(clone.cached("")).unwrap().count(), 0);
    assert!(!clone.workspace.path("clone/.libtorch").exists());

    // What a killed set-up left behind is swept when it is old.
    clone
        .workspace
        .write("cache/rdfer-audit/fetch.oldold/wheel", "half");
    clone
        .workspace
        .write("cache/rdfer-audit/fetch.newnew/wheel", "half");
    let old = Command::new("touch")
        .args(["-d", "2 days ago"])
        .arg(clone.cached("fetch.oldold"))
        .status();
    assert!(old.unwrap().success());
    clone.pip(&WHOLE);
    let output = clone.run("scripts/setup", &[]);
    assert!(output.status.success(), "{output:?}");
    assert!(!clone.cached("fetch.oldold").exists());
    assert!(clone.cached("fetch.newnew").exists());
    let libraries = clone.workspace.path("clone/.libtorch/lib");
    for (_, file) in &WHOLE[1..] {
        let name = Path::new(file).file_name().unwrap();
        assert!(libraries.join(name).exists(), "{file}");
    }
    assert!(
        clone
            .workspace
            .path("clone/.libtorch/include/torch.h")
            .exists()
    );

    // All is there: nothing is fetched again.
    clone.pip(&[]);
    assert!(clone.run("scripts/setup", &[]).status.success());
}

#[test]
fn the_demo_refuses_typing_errors_before_set_up() {
    let clone = Clone::new();
    clone
        .workspace
        .write("clone/scripts/setup", "echo set-up >&2; exit 99\n");
    for (line, words) in [
        ("--sett x", "'--sett'"),
        ("--set demo.video=4", "unknown key 'demo.video'"),
        ("--set demo.videos", "not of the form"),
        ("--set=train.epoch=4", "unknown key 'train.epoch'"),
        ("one two", "'two'"),
        ("--out", "'--out'"),
    ] {
        let told = clone.refused(&format!("scripts/demo {line}"), &[]);
        assert!(told.contains(words), "{line}: {told}");
        assert!(!told.contains("set-up"), "{line}: {told}");
    }
    let help = clone.run("scripts/demo --help", &[]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    // What is right goes on to set-up, and every option of the subcommand is right.
    let cli = rdfer_audit::cli::Cli::command();
    let demo = cli.find_subcommand("demo").unwrap();
    let mut count = 0;
    for argument in demo.get_arguments().chain(cli.get_arguments()) {
        let Some(name) = argument
            .get_long()
            .filter(|name| *name != "help" && *name != "version")
        else {
            continue;
        };
        let mut value = "";
        if argument.get_action().takes_values() {
            value = if name == "set" {
                " demo.videos=40"
            } else {
                " 1"
            };
        }
        let output = clone.run(&format!("scripts/demo faces --{name}{value}"), &[]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("set-up"), "--{name}: {told}");
        let short = argument.get_short().map(|short| format!("-{short}"));
        assert!(
            help.contains(&format!("--{name}")) || short.is_some_and(|short| help.contains(&short)),
            "the help does not name --{name}"
        );
        count += 1;
    }
    assert!(count >= 8, "{count} options");
}

#[test]
fn the_face_network_is_the_one_that_was_tried_or_not_there() {
    let clone = Clone::new();
    clone.program(
        "python3",
        "case \"$*\" in *'pip --version'*) ;; *) exit 1 ;; esac",
    );
    let told = clone.refused("scripts/setup --faces", &[]);
    assert!(told.contains("it could not be downloaded"), "{told}");
    clone.program(
        "python3",
        r#"[ "${3-}" = download ] || exit 0
while [ "$1" != --dest ]; do shift; done
models=face_recognition_models-0.3.0/face_recognition_models/models
mkdir -p "$2/made/$models"
echo another > "$2/made/$models/dlib_face_recognition_resnet_model_v1.dat"
tar -czf "$2/face_recognition_models-0.3.0.tar.gz" -C "$2/made" face_recognition_models-0.3.0"#,
    );
    let told = clone.refused("scripts/setup --faces", &[]);
    assert!(told.contains("is not the network of"), "{told}");
    assert_eq!(fs_err::read_dir(clone.cached("")).unwrap().count(), 0);
}

#[test]
fn the_face_detector_is_the_one_that_was_tried_or_not_there() {
    let clone = Clone::new();
    let lock = "[[package]]\nname = \"rustface\"\nversion = \"0.1.7\"\n";
    clone.workspace.write("clone/Cargo.lock", lock);
    let model = "cargo/registry/src/index/rustface-0.1.7/model/seeta_fd_frontal_v1.0.bin";
    clone.workspace.write(model, "another");
    let told = clone.refused("scripts/setup --detector", &[]);
    assert!(
        told.contains("do not have the model that was tried"),
        "{told}"
    );
    assert!(!clone.cached("face_detector.bin").exists());
    let Some(own) = face_model() else {
        println!("skipped: no face model of the crate 'rustface'");
        return;
    };
    fs_err::copy(&own, clone.workspace.path(model)).unwrap();
    let output = clone.run("scripts/setup --detector", &[]);
    assert!(output.status.success(), "{output:?}");
    assert!(fs_err::read(clone.cached("face_detector.bin")).unwrap() == fs_err::read(own).unwrap());
}
