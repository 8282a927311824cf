#!/usr/bin/env python3
"""Writes tests/golden/parquet: label files and predictions with column types that other programs write (pyarrow 26.0.1)."""

import pathlib

import pyarrow as arrow
import pyarrow.parquet as parquet

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "parquet"
PATHS = [f"{number}.mp4" for number in range(1, 5)]
WORDS = ["happy", "sad", "happy", "sad"]
PROBS = [[0.75, 0.25], [0.25, 0.75], [0.5, 0.5], [0.125, 0.875]]


def write(name: str, **columns: arrow.Array | list) -> None:
    parquet.write_table(arrow.table(columns), FOLDER / f"{name}.parquet", compression="none")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for kind in (arrow.int8(), arrow.int16(), arrow.uint8()):
        write(str(kind), path=PATHS, label=arrow.array([1, 0, 1, 0], kind))
    write("dictionary", path=PATHS, label=arrow.array(WORDS).dictionary_encode())
    write("large_string", path=arrow.array(PATHS, arrow.large_string()), label=arrow.array(WORDS, arrow.large_string()))
    write("label_struct", path=PATHS, label=[{"name": word} for word in WORDS])
    # As the `datasets` library writes a split with videos or pictures.
    videos = [{"bytes": b"video", "path": path} for path in PATHS]
    write("huggingface", video=videos, label=arrow.array([1, 0, 1, 0], arrow.int64()))
    lists = {
        "fixed_size_list": arrow.array(PROBS, arrow.list_(arrow.float32(), 2)),
        "float16": arrow.array(PROBS, arrow.list_(arrow.float16())),
    }
    for name, column in lists.items():
        write(name, id=PATHS, label=WORDS, pred_probs=column)
    # Columns of types that nobody asks for.
    times = arrow.array([0, 1, 2, 3], arrow.timestamp("us"))
    write("others", path=PATHS, label=WORDS, seen=times, votes=arrow.array(
        [[("happy", 3)]] * 4, arrow.map_(arrow.string(), arrow.int32())))


main()
