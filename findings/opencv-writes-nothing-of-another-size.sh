#!/usr/bin/env bash
# OpenCV's VideoWriter leaves out pictures of another size or number of channels, and says nothing.
#
# Expected: write() raises, or answers that it wrote nothing, where a picture does not have the writer's size.
# Happens: ten pictures of 128x96 given to a writer of 96x128 (height and width exchanged), and ten grey ones given to one for
# colour, make files without a frame; isOpened() is True throughout and write() answers None, as it does when it writes.
# Versions: opencv-python-headless 4.13.0.92, numpy 2.4.6.
# Why it matters: crops of faces change their size from frame to frame; those that differ by two pixels are missing in the clip,
# the others move together in time, and no count shows it.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

RUN = """
import cv2, numpy
crop = lambda height, width, *colours: numpy.full((height, width, *colours), 90, numpy.uint8)
growing = [crop(96, 128 + number % 2 * 2, 3) for number in range(10)]
for pictures in ([crop(96, 128, 3)] * 10, [crop(128, 96, 3)] * 10, [crop(96, 128)] * 10, growing):
    writer = cv2.VideoWriter("clip.avi", cv2.VideoWriter_fourcc(*"MJPG"), 25, (128, 96))
    answers = {writer.write(picture) for picture in pictures}
    opened = writer.isOpened()
    writer.release()
    video, read = cv2.VideoCapture("clip.avi"), 0
    while video.read()[0]:
        read += 1
    print(opened, answers, read)
"""

with folder() as here:
    packages = Packages(here, "opencv-python-headless==4.13.0.92", "numpy==2.4.6")
    names = ("of the writer's size", "height and width exchanged", "grey", "every second wider by two")
    for name, found, frames in zip(names, packages.python(RUN).splitlines(), (10, 0, 0, 5), strict=True):
        expect(f"ten pictures, {name}: open, answers, frames in the file", found, f"True {{None}} {frames}")
END
