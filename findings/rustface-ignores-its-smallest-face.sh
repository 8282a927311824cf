#!/usr/bin/env bash
# rustface's set_min_face_size changes nothing.
#
# Expected: with set_min_face_size(200) a face of 53 pixels is not reported, and with 20, the least that is allowed, a face of
# 25 pixels is.
# Happens: the one is reported, the same box whatever was set, and the other is not: the smallest window is 40 pixels. Only a
# picture that is enlarged before shows smaller faces.
# Versions: rustface 0.1.7 (its model is in the crate), on the astronaut of scikit-image 0.26.0.
# Why it matters: a crop around the smallest of several faces is somebody in the background, and who raises the smallest face to
# leave these out, or to save time, does neither.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
import subprocess

from finding import Packages, expect, folder

PICTURES = """
import skimage.data, skimage.transform
face = skimage.data.astronaut()
for edge in (256, 128):
    small = skimage.transform.resize(face, (edge, edge), anti_aliasing=True).mean(axis=2)
    open(f"{edge}.gray", "wb").write((small * 255).round().astype("uint8").tobytes())
"""

PROGRAM = """
fn main() {
    let words: Vec<String> = std::env::args().collect();
    let (model, edge, least) = (&words[1], words[2].parse().unwrap(), words[3].parse().unwrap());
    let mut detector = rustface::create_detector(model).unwrap();
    detector.set_min_face_size(least);
    let pixels = std::fs::read(format!("{edge}.gray")).unwrap();
    let faces = detector.detect(&rustface::ImageData::new(&pixels, edge, edge));
    let widths: Vec<u32> = faces.iter().map(|face| face.bbox().width()).collect();
    println!("{widths:?}");
}
"""

with folder() as here:
    packages = Packages(here, "scikit-image==0.26.0", "numpy==2.4.6")
    packages.python(PICTURES)
    (here / "src").mkdir()
    (here / "src/main.rs").write_text(PROGRAM)
    (here / "Cargo.toml").write_text(
        '[package]\nname = "faces"\nversion = "0.0.0"\nedition = "2021"\n\n'
        '[dependencies]\nrustface = { version = "=0.1.7", default-features = false }\n')

    def cargo(*words):
        done = subprocess.run(["cargo", *words], cwd=here, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout.strip()

    cargo("vendor", "--quiet")
    model = here / "vendor/rustface/model/seeta_fd_frontal_v1.0.bin"
    cargo("build", "--release", "--quiet")
    for edge, found in [(256, "[53]"), (128, "[]")]:
        for least in (20, 40, 200):
            faces = cargo("run", "--release", "--quiet", "--", str(model), str(edge), str(least))
            expect(f"{edge} pixels, smallest face {least}, widths found", faces, found)
END
