#!/usr/bin/env bash
# A metadata.csv beside class folders takes the labels away, and ids lose their zeros.
#
# Expected: load_dataset("videofolder") with class folders and a metadata.csv that adds a column gives rows with both.
# Happens: the label is gone, also for files whose folder names it; a file that no row names is left out; subject '007' is the
# number 7, and the text 'None' is empty.
# Versions: datasets 5.2.0. With metadata.jsonl texts stay texts; the label is gone there too.
# Why it matters: adding a column of subjects, to keep people apart between folds, is what a DFER data set needs most; doing it
# this way drops the emotion, and '007' no longer finds its recordings.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
import shutil

from finding import Packages, expect, folder

LOAD = """
import datasets
datasets.disable_progress_bars()
rows = datasets.load_dataset("videofolder", data_dir="set", cache_dir="cache")["train"]
print(list(rows.features), rows.num_rows)
print([(row["subject"], row["note"]) for row in rows.remove_columns("video")])
"""

with folder() as here:
    packages = Packages(here, "datasets==5.2.0", "imageio-ffmpeg==0.8.1")
    packages.ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64:rate=25:duration=1", "-pix_fmt", "yuv420p", "clip.mp4")
    for emotion in ("happy", "sad"):
        (here / "set" / emotion).mkdir(parents=True)
        for file in ("1.mp4", "2.mp4"):
            shutil.copy(here / "clip.mp4", here / "set" / emotion / file)
    (here / "set/metadata.csv").write_text(
        "file_name,subject,note\nhappy/1.mp4,007,None\nsad/1.mp4,008,calm\nsad/2.mp4,009,calm\n")
    columns, rows = packages.python(LOAD).splitlines()
    expect("columns and rows of four videos", columns, "['video', 'subject', 'note'] 3")
    expect("subject and note", rows, "[(7, None), (8, 'calm'), (9, 'calm')]")
END
