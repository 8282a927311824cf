#!/usr/bin/env bash
# load_dataset("videofolder") leaves videos of class folders out without a word.
#
# Expected: `happy/` and `sad/` with videos in them become one row per video.
# Happens: of .mp4, .webm, .m4v and .ts only .mp4 is taken. And where any file's name has 'test', 'dev', 'train' or the like
# as a word, those files become splits and all others are gone: of eight videos four are left, none of them in 'train'.
# Versions: datasets 5.2.0.
# Why it matters: web video comes as .webm, and recordings are named after sessions such as 'test_003'. A classifier trained on
# what is left looks as if the data set were that small; classes with one kind of file can vanish.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
import shutil

from finding import Packages, expect, folder

LOAD = """
import sys, datasets
datasets.disable_progress_bars()
splits = datasets.load_dataset("videofolder", data_dir=sys.argv[1], cache_dir="cache")
print({name: split.num_rows for name, split in splits.items()})
"""


def lay_out(here, name, files):
    for emotion in ("happy", "sad"):
        (here / name / emotion).mkdir(parents=True)
        for file in files:
            shutil.copy(here / "clip.mp4", here / name / emotion / file)


with folder() as here:
    packages = Packages(here, "datasets==5.2.0", "imageio-ffmpeg==0.8.1")
    packages.ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64:rate=25:duration=1", "-pix_fmt", "yuv420p", "clip.mp4")
    # The content is not looked at, only the name.
    lay_out(here, "extensions", ["1.mp4", "2.webm", "3.m4v", "4.ts"])
    lay_out(here, "words", ["a_001.mp4", "b_002.mp4", "test_003.mp4", "dev_004.mp4"])
    lay_out(here, "plain", ["a_001.mp4", "b_002.mp4", "session_003.mp4", "day_004.mp4"])
    expect("eight videos, .mp4", packages.python(LOAD, "plain"), {"train": 8})
    expect("eight videos, four extensions", packages.python(LOAD, "extensions"), {"train": 2})
    expect("eight videos, two words", packages.python(LOAD, "words"), {"validation": 2, "test": 2})
END
