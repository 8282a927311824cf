#!/usr/bin/env bash
# ffmpeg and OpenCV end a folder of frames where one number is missing.
#
# Expected: `ffmpeg -i frames/%05d.png` reads all the frames that are there, or ends with an error at a gap.
# Happens: of 29 frames numbered 1 to 30, 11 left out, the first ten are read and ffmpeg ends with 0. OpenCV's VideoCapture
# promises 30 frames, reads ten, and then answers False, as at the end. ffmpeg's `-pattern_type glob` reads all 29.
# Versions: imageio-ffmpeg 0.8.1 (FFmpeg 9.0.2), opencv-python-headless 4.13.0.92.
# Why it matters: aligned faces are handed on as folders of frames, and frames in which no face was found are missing in them. A
# clip then ends before its apex, and how early depends on the face detector, which fails on some expressions more than on others.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Numbered, Packages, expect, folder

COUNT = """
import sys, av
with av.open(sys.argv[1]) as video:
    print(sum(1 for _ in video.decode(video=0)))
"""
OPENCV = """
import cv2
video = cv2.VideoCapture("frames/%05d.png")
promised, read = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), 0
while video.read()[0]:
    read += 1
print(promised, read)
"""

with folder() as here:
    packages = Packages(here, "opencv-python-headless==4.13.0.92", "av==18.1.0", "imageio-ffmpeg==0.8.1")
    (here / "frames").mkdir()
    packages.ffmpeg(*Numbered.OPTIONS, "frames/%05d.png", picture_data=Numbered.data(30))
    (here / "frames/00011.png").unlink()
    packages.ffmpeg("-i", "frames/%05d.png", "-c:v", "ffv1", "by_number.mkv")
    packages.ffmpeg("-pattern_type", "glob", "-i", "frames/*.png", "-c:v", "ffv1", "by_glob.mkv")
    expect("ffmpeg by number: frames of 29", packages.python(COUNT, "by_number.mkv"), 10)
    expect("ffmpeg by glob: frames of 29", packages.python(COUNT, "by_glob.mkv"), 29)
    expect("OpenCV: frames promised, read", packages.python(OPENCV), "30 10")
END
