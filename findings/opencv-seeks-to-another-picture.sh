#!/usr/bin/env bash
# OpenCV's POS_FRAMES leads to another picture in MPEG files.
#
# Expected: set(CAP_PROP_POS_FRAMES, 57) and read() give the picture that comes 58th when the file is read from its start.
# Happens: in an MPEG program stream it is the 59th, for index 103 the 101st; in a transport stream index 3 is the seventeenth,
# and none before it can be reached so. set() and read() answer True. In AVI and Matroska files it is right.
# Versions: opencv-python-headless 4.13.0.92, input by the FFmpeg of imageio-ffmpeg 0.8.1 (9.0.2).
# Why it matters: annotations of onset, apex and offset are frame numbers; crops that are cut at them by seeking are others than
# those cut by reading, by a few pictures or by most of a short expression.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Numbered, Packages, expect, folder

READ = Numbered.READ + """
import sys, cv2
name, *indices = sys.argv[1:]
video, numbers = cv2.VideoCapture(name), []
while (answer := video.read())[0]:
    numbers.append(number(answer[1]))
print(numbers == list(range(120)))
for index in indices:
    video = cv2.VideoCapture(name)
    print(video.set(cv2.CAP_PROP_POS_FRAMES, int(index)), number(video.read()[1]), end=" ")
"""

with folder() as here:
    packages = Packages(here, "opencv-python-headless==4.13.0.92", "numpy==2.4.6", "imageio-ffmpeg==0.8.1")
    for name, indices, found in [
        ("clip.avi", (3, 57, 103), "True 3 True 57 True 103"),
        ("clip.mpg", (3, 57, 103), "True 3 True 58 True 100"),
        ("clip.ts", (3, 57, 103), "True 16 True 57 True 103"),
    ]:
        packages.ffmpeg(
            *Numbered.OPTIONS, "-pix_fmt", "yuv420p", "-c:v", "mpeg2video", "-q:v", "2", "-bf", "2", "-g", "15", name,
            picture_data=Numbered.data(120))
        in_order, by_seeking = packages.python(READ, name, *indices).splitlines()
        expect(f"{name}: all 120 right when read in order", in_order, True)
        expect(f"{name}: set() and picture for {indices}", by_seeking, found)
END
