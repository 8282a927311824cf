#!/usr/bin/env bash
# OpenCV from 4.13 on gives one wrong picture for every frame of an interlaced video.
#
# Expected: VideoCapture.read() gives the 50 pictures of an interlaced file, as OpenCV 4.12.0.88 does, or says that it cannot.
# Happens:  opencv-python-headless 4.13.0.92 answers True 50 times and hands out the same picture each time, which is none of
#           the video's: the conversion to BGR fails inside ("Cannot convert interlaced to progressive frames or vice versa",
#           on stderr), and what its buffer held before is returned.
# Versions: opencv-python-headless 4.12.0.88 and 4.13.0.92, input by the FFmpeg of imageio-ffmpeg 0.6.0; seen on Debian 12,
#           Python 3.11, x86-64.
# Matters:  features or crops that are computed through OpenCV are the same for all frames of such a file, without any error,
#           and a network learns nothing from them but the label. `rdfer-audit check` names these files: `interlaced`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for version in 4.12.0.88 4.13.0.92; do
    python3 -m venv "$version"
    "$version/bin/pip" --quiet install "opencv-python-headless==$version" imageio-ffmpeg==0.6.0
done
ffmpeg=$(4.12.0.88/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
"$ffmpeg" -v error -f lavfi -i testsrc2=size=128x96:rate=50 -t 2 -vf interlace -pix_fmt yuv420p \
    -c:v libx264 -flags +ildct+ilme interlaced.mp4
cat > read.py <<'END'
import sys
import cv2

capture = cv2.VideoCapture("interlaced.mp4")
pictures = []
while True:
    is_read, picture = capture.read()
    if not is_read:
        break
    pictures.append(picture.tobytes())
print(cv2.__version__, len(pictures), "read,", len(set(pictures)), "different")
sys.exit((len(pictures), len(set(pictures))) != (50, int(sys.argv[1])))
END
# 4.12 shows 50 pictures, 4.13 one.
4.12.0.88/bin/python read.py 50
4.13.0.92/bin/python read.py 1 2> errors.txt
sort -u errors.txt | grep -m 1 -o 'Cannot convert interlaced to progressive frames or vice versa'
