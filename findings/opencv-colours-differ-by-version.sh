#!/usr/bin/env bash
# OpenCV reads other colours from the same file after an update.
#
# Expected: a video that says it is BT.709 is converted by BT.709 in every version.
# Happens: opencv-python-headless 4.12.0.88 takes BT.601 whatever the file says, and gives (232, 0, 1) for a red that is
# (254, 0, 0); 4.13.0.92 honours the tag. Files without a tag are read alike.
# Versions: opencv-python-headless 4.12.0.88 and 4.13.0.92; PyAV 18.1.0 gives (254, 0, 0).
# Why it matters: features and networks of a data set that was decoded partly before and partly after an update differ by the
# date of decoding, most in skin and lips, and a network can learn that.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
import itertools

from finding import Packages, expect, folder

READ = """
import sys, cv2
picture = cv2.VideoCapture(sys.argv[1]).read()[1]
print(*(int(value) for value in picture[32, 32][::-1]))
"""

with folder() as here:
    maker = Packages(here, "imageio-ffmpeg==0.8.1")
    red = bytes(itertools.chain.from_iterable([level] * 64 * 64 for level in (81, 90, 240))) * 5
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv444p", "-s", "64x64", "-i", "-", "-c:v", "ffv1"]
    tag = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    maker.ffmpeg(*raw, "untagged.mkv", picture_data=red)
    maker.ffmpeg(*raw, *tag, "tagged.mkv", picture_data=red)
    for version, expected in [("4.12.0.88", "232 0 1"), ("4.13.0.92", "254 0 0")]:
        opencv = Packages(here, f"opencv-python-headless=={version}")
        expect(f"OpenCV {version}, tagged BT.709", opencv.python(READ, "tagged.mkv"), expected)
        expect(f"OpenCV {version}, untagged", opencv.python(READ, "untagged.mkv"), "254 0 0")
END
