#!/usr/bin/env bash
# PyAV hands out a phone's upright video lying on its side.
#
# Expected: a file whose header says that its pictures are to be turned by 90 degrees is decoded upright.
# Happens: PyAV's `to_ndarray` and `to_image` give the pictures as they are coded, 96 wide and 64 high; the angle stands in
# `frame.rotation`, which nothing applies. OpenCV turns them: 64 wide and 96 high.
# Versions: PyAV 18.1.0; opencv-python-headless 4.12.0.88.
# Why it matters: two loaders of one data set train on faces of two directions, and a face detector that runs between them
# finds none in half of the videos.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

PYAV = """
import av
with av.open("turned.mp4") as video:
    frame = next(video.decode(video=0))
    height, width, _ = frame.to_ndarray(format="rgb24").shape
    print(f"{width}x{height}, rotation {frame.rotation}")
"""
OPENCV = """
import cv2
height, width, _ = cv2.VideoCapture("turned.mp4").read()[1].shape
print(f"{width}x{height}")
"""

with folder() as here:
    packages = Packages(
        here, "av==18.1.0", "opencv-python-headless==4.12.0.88", "imageio-ffmpeg==0.8.1")
    packages.ffmpeg("-f", "lavfi", "-i", "testsrc=size=96x64:rate=25:duration=1", "-pix_fmt", "yuv420p", "lying.mp4")
    packages.ffmpeg("-display_rotation", "90", "-i", "lying.mp4", "-c", "copy", "turned.mp4")
    expect("PyAV", packages.python(PYAV), "96x64, rotation 90")
    expect("OpenCV", packages.python(OPENCV), "64x96")
END
