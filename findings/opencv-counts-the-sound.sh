#!/usr/bin/env bash
# OpenCV's count of frames is the length of the longest track, of the sound too.
#
# Expected: CAP_PROP_FRAME_COUNT of a file with 120 pictures is 120, or unknown where the container keeps no count.
# Happens: for Matroska, WebM and MPEG files the count is duration times rate, and the duration is the file's: 120 pictures
# beside eight seconds of sound are 200 frames. In AVI, which keeps a count, it is 120.
# Versions: opencv-python-headless 4.13.0.92 and imageio-ffmpeg 0.8.1 (FFmpeg 9.0.2).
# Why it matters: frames spread evenly over the count then miss the end of the video, come back as `False`, or are the last
# picture again; a list of lengths, and clips shorter than so many frames, are wrong for the files whose sound runs on.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Numbered, Packages, expect, folder

READ = """
import sys, cv2
video = cv2.VideoCapture(sys.argv[1])
promised, read = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), 0
while video.read()[0]:
    read += 1
print(promised, read)
"""

with folder() as here:
    packages = Packages(here, "opencv-python-headless==4.13.0.92", "imageio-ffmpeg==0.8.1")
    sound = ["-f", "lavfi", "-i", "sine=duration=8"]
    for name, options, found in [
        ("sound.avi", "-c:v mpeg4 -q:v 2 -c:a mp2", "120 120"),
        ("silent.mkv", "-c:v mpeg4 -q:v 2 -an", "120 120"),
        ("sound.mkv", "-c:v mpeg4 -q:v 2 -c:a mp2", "200 120"),
        ("sound.webm", "-c:v libvpx -b:v 1M -c:a libopus", "200 120"),
        ("sound.mpg", "-c:v mpeg2video -q:v 2 -c:a mp2", "200 120"),
    ]:
        packages.ffmpeg(*Numbered.OPTIONS, *sound, "-pix_fmt", "yuv420p", *options.split(), name, picture_data=Numbered.data(120))
        expect(f"{name}: frames promised and read", packages.python(READ, name), found)
END
