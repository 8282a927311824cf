//! Tells the linker where libtorch lies, so that the binary starts without `LD_LIBRARY_PATH`, and the code what FFmpeg has.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Since FFmpeg 6.1 a stream's side data, the display matrix among them, lie with its codec's parameters.
    println!("cargo:rustc-check-cfg=cfg(codec_side_data)");
    if std::env::var("DEP_FFMPEG_FFMPEG_6_1").is_ok_and(|value| value == "true") {
        println!("cargo:rustc-cfg=codec_side_data");
    }
    // torch-sys says which libtorch it linked to: LIBTORCH, a Python installation, or the system's.
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let lib = std::env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from);
    // For `doctor`: without a GPU, libtorch itself does not say whether it was built for one.
    let cuda = lib.as_deref().is_some_and(has_cuda);
    println!(
        "cargo:rustc-env=RDFER_AUDIT_CUDA={}",
        if cuda { "yes" } else { "no" }
    );
    let Some(lib) = lib else {
        return;
    };
    let lib = lib.canonicalize().unwrap_or(lib);
    // A package moves: its programs look where it is told, and name no folder of the machine that made it.
    println!("cargo:rerun-if-env-changed=RDFER_AUDIT_RPATH");
    let packaged = std::env::var_os("RDFER_AUDIT_RPATH").map(PathBuf::from);
    let rpath = packaged.as_ref().unwrap_or(&lib).display();
    println!("cargo:rustc-link-arg=-Wl,-rpath,{rpath}");
    // The libtorch that was built with goes before whatever LD_LIBRARY_PATH leads to: DT_RPATH does, DT_RUNPATH does not. In
    // the program without libtorch it would lead FFmpeg's libraries there, for those that both need.
    println!("cargo:rustc-link-arg-bin=rdfer-audit-network=-Wl,--disable-new-dtags");
    if packaged.is_none() {
        println!("cargo:rustc-env=RDFER_AUDIT_LIBTORCH={}", lib.display());
    }
    // `rdfer-audit` calls nothing of libtorch. What the C++ side of tch would export anyway must not keep it linked.
    println!("cargo:rustc-link-arg-bin=rdfer-audit=-Wl,--exclude-libs,ALL");
    if cuda {
        // Nothing refers to a symbol of libtorch_cuda: it registers itself when loaded. The default `--as-needed` would
        // drop it, and CUDA would never be available.
        for argument in ["-Wl,--no-as-needed", "-ltorch_cuda", "-Wl,--as-needed"] {
            println!("cargo:rustc-link-arg-bin=rdfer-audit-network={argument}");
        }
    }
}

fn has_cuda(lib: &Path) -> bool {
    lib.join("libtorch_cuda.so").exists()
}
