#!/usr/bin/env bash
# decord2 makes up pictures for the frames that an MP4 file's edit list hides.
#
# Expected: a clip cut by `ffmpeg -ss 1 -c copy`, whose key frame lies before the cut, has the 50 pictures from 1 s on: the edit
#           list hides the 25 before them, and FFmpeg, PyAV and OpenCV's read() leave them out.
# Happens:  decord2 3.4.0 says that there are 75 frames. The first 50 are those of the clip; behind them come 25 more that are
#           copies of the last one, with a warning on stderr and no error.
# Versions: decord2 3.4.0, PyAV 16.0.1, input by the FFmpeg of imageio-ffmpeg 0.6.0; seen on Debian 12, Python 3.11, x86-64.
# Matters:  frames sampled evenly from such a clip are one third copies of one picture, and its length is wrong by half; cutting
#           without encoding anew is how many data sets were made. `rdfer-audit check` names these files: `edit_list`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip --quiet install decord2==3.4.0 av==16.0.1 imageio-ffmpeg==0.6.0 numpy
ffmpeg=$(env/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
"$ffmpeg" -v error -f lavfi -i testsrc2=size=128x96:rate=25 -t 3 -pix_fmt yuv420p -c:v libx264 -g 250 whole.mp4
"$ffmpeg" -v error -ss 1 -i whole.mp4 -c copy cut.mp4
cat > read.py <<'END'
import sys
from importlib.metadata import version

import av
import decord

reader = decord.VideoReader("cut.mp4")
pictures = [reader[index].asnumpy().tobytes() for index in range(len(reader))]
with av.open("cut.mp4") as container:
    decoded = sum(1 for _ in container.decode(video=0))
print("PyAV", version("av"), decoded, "frames")
print("decord2", version("decord2"), len(pictures), "frames,", len(set(pictures)), "different")
print("of the last 25:", len(set(pictures[50:])), "different")
sys.exit((decoded, len(pictures), len(set(pictures))) != (50, 75, 50))
END
env/bin/python read.py
