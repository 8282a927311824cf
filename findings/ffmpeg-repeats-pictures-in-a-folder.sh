#!/usr/bin/env bash
# ffmpeg writes more pictures into a folder than the video has.
#
# Expected: `ffmpeg -i video.mkv frames/%05d.png` writes the video's pictures, one file each.
# Happens: where pictures lie unevenly in time (screen recordings, phones, clips that were joined), the default makes the rate
# even by repeating pictures: five pictures within a second become seventy-three files. `-fps_mode passthrough` writes five.
# Versions: imageio-ffmpeg 0.8.1 (FFmpeg 9.0.2); FFmpeg 5.1 does the same with `-vsync 0` as the remedy.
# Why it matters: folders of frames are how DFEW's and many other face clips are handed on. Repeated frames make a video look
# frozen in parts, shift the apex, and let clips of one video agree although they show nothing new.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

MAKE = """
import fractions, av, numpy
with av.open("uneven.mkv", "w") as out:
    stream = out.add_stream("libx264", rate=50)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = fractions.Fraction(1, 1000)
    for number, milliseconds in enumerate([0, 20, 500, 520, 1000]):
        frame = av.VideoFrame.from_ndarray(numpy.full((64, 64, 3), 40 * number + 20, numpy.uint8), format="rgb24")
        frame.pts, frame.time_base = milliseconds, fractions.Fraction(1, 1000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode())
with av.open("uneven.mkv") as video:
    print(sum(1 for _ in video.decode(video=0)))
"""

with folder() as here:
    packages = Packages(here, "imageio-ffmpeg==0.8.1", "av==18.1.0", "numpy==2.4.6")
    expect("pictures in the video", packages.python(MAKE), 5)
    for name, options, expected in [("default", [], 73), ("passthrough", ["-fps_mode", "passthrough"], 5)]:
        (here / name).mkdir()
        packages.ffmpeg("-i", "uneven.mkv", *options, f"{name}/%05d.png")
        expect(f"files by {name}", len(list((here / name).iterdir())), expected)
END
