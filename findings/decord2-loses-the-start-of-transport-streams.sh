#!/usr/bin/env bash
# decord2 leaves out the first pictures of an MPEG transport stream and repeats the last one in their place.
#
# Expected: a whole .ts file of 120 pictures is read from its first one; FFmpeg, PyAV and OpenCV's read() do.
# Happens: decord2 says that there are 120 frames, begins with the seventeenth, and fills up the end with copies of the last.
# There is no error.
# Versions: decord2 3.4.0, PyAV 18.1.0, input by the FFmpeg of imageio-ffmpeg 0.8.1 (9.0.2), H.264.
# Why it matters: broadcast and streamed video (HLS) comes as .ts. The onset of a short expression is what is lost, the length
# stays as it was, and frozen pictures at the end look as if the face had stopped moving.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Numbered, Packages, expect, folder

PYAV = Numbered.READ + """
import av
with av.open("clip.ts") as video:
    numbers = [number(frame.to_ndarray(format="rgb24")) for frame in video.decode(video=0)]
print(len(numbers), numbers == list(range(120)))
"""
DECORD = Numbered.READ + """
import decord
reader = decord.VideoReader("clip.ts")
numbers = [number(reader[index].asnumpy()) for index in range(len(reader))]
print(len(numbers), numbers[0], numbers.count(119))
"""

with folder() as here:
    packages = Packages(here, "decord2==3.4.0", "av==18.1.0", "numpy==2.4.6", "imageio-ffmpeg==0.8.1")
    packages.ffmpeg(
        *Numbered.OPTIONS, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "25", "clip.ts", picture_data=Numbered.data(120))
    expect("PyAV: pictures, all in order", packages.python(PYAV), "120 True")
    expect("decord2: pictures, the first one, copies of the last", packages.python(DECORD), "120 16 17")
END
