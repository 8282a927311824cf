#!/usr/bin/env bash
# A video that ffmpeg copies into AVI promises many times its frames.
#
# Expected: `ffmpeg -i clip.mp4 -c copy clip.avi` keeps 120 pictures of 25 a second, as copying into Matroska does.
# Happens: ffmpeg ends with 0. H.264 with B-frames does not fit AVI, which has no time stamps: the copy says 2,880 frames at 600
# a second, and OpenCV and PyAV hand both on. All 120 pictures can still be read in order.
# Versions: imageio-ffmpeg 0.8.1 (FFmpeg 9.0.2), opencv-python-headless 4.13.0.92, PyAV 18.1.0.
# Why it matters: several expression data sets come as AVI. Eight frames spread over the promised count fall, but for the first
# one, behind the end of the video, and speeds of a face's movement are 24 times too high.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Numbered, Packages, expect, folder

READ = """
import sys, av, cv2
video = cv2.VideoCapture(sys.argv[1])
promised, rate, read = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), int(video.get(cv2.CAP_PROP_FPS)), 0
while video.read()[0]:
    read += 1
with av.open(sys.argv[1]) as video:
    stream = video.streams.video[0]
    print(promised, rate, read, stream.frames, stream.average_rate, sum(1 for _ in video.decode(stream)))
"""

with folder() as here:
    packages = Packages(here, "opencv-python-headless==4.13.0.92", "av==18.1.0", "imageio-ffmpeg==0.8.1")
    coded = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "25"]
    packages.ffmpeg(*Numbered.OPTIONS, *coded, "clip.mp4", picture_data=Numbered.data(120))
    for name, found in [("copy.mkv", "120 25 120 0 25 120"), ("copy.avi", "2880 600 120 2880 600 120")]:
        packages.ffmpeg("-i", "clip.mp4", "-c", "copy", name)
        expect(f"{name}: frames promised, a second, read; the same by PyAV", packages.python(READ, name), found)
END
