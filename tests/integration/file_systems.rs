//! File systems as people have them: without locks, and too small.

use std::process::Command;

use crate::support::Workspace;

/// A library that takes a file system's locks away, for `LD_PRELOAD`.
fn without_locks(workspace: &Workspace) -> String {
    workspace.write(
        "noflock.c",
        "#include <errno.h>\nint flock(int file, int what) { errno = ENOSYS; return -1; }\n",
    );
    let (library, source) = (workspace.path("noflock.so"), workspace.path("noflock.c"));
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source]);
    assert!(compiler.status().unwrap().success());
    library.to_str().unwrap().to_owned()
}

#[test]
fn without_locks_work_goes_on_and_a_second_writer_is_known() {
    let workspace = Workspace::new();
    workspace.data_set(2);
    let library = without_locks(&workspace);
    let run = |line: &str| {
        let output = workspace.command(line).env("LD_PRELOAD", &library).output();
        let output = output.unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), told)
    };
    let check = "check labels.csv --out run --config cpu";
    let (code, told) = run(check);
    assert_eq!(code, 0, "{told}");
    assert_eq!(
        told.matches("the file system has no locks").count(),
        1,
        "{told}"
    );
    let claim = "run/cache/.lock.claim.tmp";
    assert!(!workspace.path(claim).exists(), "it is given up at the end");
    // Somebody on another machine writes.
    workspace.write(claim, r#"{"host": "node7", "pid": 7, "started": "1@2"}"#);
    let (code, told) = run(check);
    assert!(
        code == 2 && told.contains("process 7 on 'node7'") && told.contains("delete that file"),
        "{told}"
    );
    fs_err::remove_file(workspace.path(claim)).unwrap();

    workspace.write(
        "mine.csv",
        "id,label,p_a,p_b\n1,a,0.9,0.1\n2,b,0.2,0.8\n3,a,0.7,0.3\n4,b,0.4,0.6\n",
    );
    workspace.done("score --from mine.csv --out scored");
    workspace.write("decisions.csv", "id,action\n1,keep\n");
    let (code, told) = run("review scored --apply decisions.csv");
    assert!(code == 0 && told.contains("no locks"), "{told}");
}

/// Runs a line of the shell in a mount of its own, `small`, of so many bytes; none where nobody may mount one.
fn on_small_disk(workspace: &Workspace, size: &str, line: &str) -> Option<(i32, String)> {
    fs_err::create_dir_all(workspace.path("small")).unwrap();
    let program = env!("CARGO_BIN_EXE_rdfer-audit");
    let mount = format!("mount -t tmpfs -o size={size} none small || exit 99\n");
    let line = line.replace("rdfer-audit", program);
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(mount + &line)
        .current_dir(workspace.path(""))
        .env_remove("RUST_LOG")
        .output()
        .ok()?;
    let told = String::from_utf8(output.stderr).unwrap();
    let is_mounted = output.status.code() != Some(99) && !told.contains("unshare:");
    is_mounted.then(|| (output.status.code().unwrap_or(-1), told))
}

#[test]
fn a_disk_too_small_for_the_frames_is_told_before_decoding() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    // 12 videos of 24 frames of 48 × 48 × 3 bytes: 2 MB.
    let check = "rdfer-audit check labels.csv --out small/run --config cpu";
    let Some((code, told)) = on_small_disk(&workspace, "1m", check) else {
        eprintln!("not tested: nobody may mount a file system here");
        return;
    };
    assert!(
        code == 2 && told.contains("decoded frames take about 2 MB") && !told.contains("decode:"),
        "{told}"
    );
    // What is there already needs no more room, what is new does.
    let again = format!("{check} && {check}");
    let (code, told) = on_small_disk(&workspace, "3m", &again).unwrap();
    assert_eq!(code, 0, "{told}");
    let larger = format!("{check} && {check} --set video.size=112");
    let (code, told) = on_small_disk(&workspace, "3m", &larger).unwrap();
    assert!(code == 2 && told.contains("MB are free"), "{told}");
}
