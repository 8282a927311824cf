#!/usr/bin/env bash
# Pillow leaves repeated pictures out of GIF, WebP and APNG files.
#
# Expected: twelve pictures that are saved as an animation are twelve pictures when it is read.
# Happens: where each picture is shown three times, the file has four, each with three times the duration: so in GIF, lossless
# WebP and APNG, and in GIF files that imageio writes through Pillow.
# Versions: pillow 13.0.0, imageio 2.38.1, numpy 2.4.6.
# Why it matters: faces that rest, and videos whose rate was raised, have equal pictures. Labels of frames, features by row and
# indices of onset and apex that were made on the pictures do not fit the file that was made of them; readers that take
# pictures without their times play it at another speed.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

RUN = """
import imageio.v3, numpy
from PIL import Image
arrays = [numpy.full((48, 64, 3), 40 * (number // 3) + 40, numpy.uint8) for number in range(12)]
first, *others = [Image.fromarray(array) for array in arrays]
for name, options in [("pillow.gif", {}), ("pillow.webp", {"lossless": True}), ("pillow.png", {})]:
    first.save(name, save_all=True, append_images=others, duration=40, **options)
imageio.v3.imwrite("imageio.gif", arrays, duration=40)
for name in ("pillow.gif", "pillow.webp", "pillow.png", "imageio.gif"):
    image, durations = Image.open(name), []
    for number in range(image.n_frames):
        image.seek(number)
        image.load()
        durations.append(int(image.info["duration"]))
    print(durations)
"""

with folder() as here:
    packages = Packages(here, "pillow==13.0.0", "imageio==2.38.1", "numpy==2.4.6")
    names = ("GIF", "WebP", "APNG", "GIF by imageio")
    for name, durations in zip(names, packages.python(RUN).splitlines(), strict=True):
        expect(f"{name}: durations of the pictures, of twelve of 40 ms", durations, [120] * 4)
END
