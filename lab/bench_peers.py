#!/usr/bin/env python3
"""The peers' side of lab/bench, and its table.

bench_peers.py table CACHE [--runs 3] [--small 100] [--large 12] [--only TASK,...]
bench_peers.py peer TASK NAME INPUT     one measurement: a line of JSON

Videos: 64 of 75 frames, evenly spread, to 112x112 RGB; ours and the limits on two threads, every peer in two processes of
one thread each. Everything is started anew for each of the runs, in turn, so that a machine that slows down does so for all.
`/s` is what two processors would do: 2 * items / (processor seconds of all threads), the median of the runs. That is what
other load disturbs least; `wall` is the fastest run's clock. Start-up of programs and interpreters is not counted.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")

KEPT, EDGE = 64, 112
PROFILE = os.environ.get("PROFILE", "bench")
OURS = ["cargo", "bench", "--quiet", "--locked", "--profile", PROFILE, "--package", "lab", "--bench", "peers", "--"]


def spread(total):
    """The frames to keep."""
    if total <= KEPT:
        return list(range(total))
    return [int(place * (total - 1) / (KEPT - 1) + 0.5) for place in range(KEPT)]


# --- video: make() gives f(path) -> frames [k, 112, 112, 3]

def pyav():
    import av
    import numpy
    from av.video.reformatter import VideoReformatter

    def read(path):
        scaler = VideoReformatter()
        with av.open(path) as container:
            stream = container.streams.video[0]
            stream.thread_type, stream.codec_context.thread_count = "NONE", 1
            wanted, frames = set(spread(stream.frames)), []
            for number, frame in enumerate(container.decode(stream)):
                if number in wanted:
                    small = scaler.reformat(frame, EDGE, EDGE, "rgb24", interpolation="AREA")
                    frames.append(small.to_ndarray())
        return numpy.stack(frames)

    return read


def opencv():
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "threads;1"
    import cv2
    import numpy

    cv2.setNumThreads(1)

    def read(path):
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        total, frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), []
        wanted = set(spread(total))
        for number in range(total):
            if not capture.grab():
                break
            if number in wanted:
                small = cv2.resize(capture.retrieve()[1], (EDGE, EDGE), interpolation=cv2.INTER_AREA)
                frames.append(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
        capture.release()
        return numpy.stack(frames)

    return read


def decord():
    import decord as library

    def read(path):
        video = library.VideoReader(path, ctx=library.cpu(0), width=EDGE, height=EDGE, num_threads=1)
        return video.get_batch(spread(len(video))).asnumpy()

    return read


def torchcodec():
    import torch
    from torchcodec.decoders import VideoDecoder

    torch.set_num_threads(1)

    def read(path):
        video = VideoDecoder(path, num_ffmpeg_threads=1, seek_mode="approximate")
        frames = video.get_frames_at(indices=spread(video.metadata.num_frames)).data
        size = (EDGE, EDGE)
        small = torch.nn.functional.interpolate(frames, size=size, mode="bilinear", antialias=True)
        return small.permute(0, 2, 3, 1).numpy()

    return read


# --- folders of JPEG images

def images(read_one):
    import numpy

    def read(folder):
        files = sorted(entry.path for entry in os.scandir(folder))
        return numpy.stack([read_one(files[number]) for number in spread(len(files))])

    return read


def simplejpeg():
    import simplejpeg as library

    def read(path):
        data = pathlib.Path(path).read_bytes()
        return library.decode_jpeg(data, "RGB", min_height=EDGE, min_width=EDGE)

    return images(read)


def opencv_reduced():
    import cv2

    cv2.setNumThreads(1)
    return images(lambda path: cv2.cvtColor(cv2.imread(path, cv2.IMREAD_REDUCED_COLOR_2), cv2.COLOR_BGR2RGB))


def pillow_draft():
    import numpy
    from PIL import Image

    def read(path):
        image = Image.open(path)
        image.draft("RGB", (EDGE, EDGE))
        return numpy.asarray(image.convert("RGB"))

    return images(read)


# --- tables: make(input) gives f() -> number of items

def cleanlab(file):
    import numpy
    import polars
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    table = polars.read_parquet(file)
    labels, probs = table["label"].to_numpy(), numpy.stack(table["pred_probs"].to_list())

    def work():
        for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
            get_label_quality_scores(labels, probs, method=method, adjust_pred_probs=False)
        compute_confident_joint(labels, probs)
        for mask in ("confident_learning", "prune_by_noise_rate", "prune_by_class", "both"):
            find_label_issues(labels, probs, filter_by=mask, n_jobs=1)
        return len(labels)

    return work


def clip_table(folder):
    import numpy
    import polars

    random = numpy.random.default_rng(0)
    probs = random.random((400_000, 7), dtype=numpy.float32)
    probs /= probs.sum(1, keepdims=True)
    number = numpy.arange(400_000)
    return polars.DataFrame({
        "id": [f"clip_224x224/{row // 10:05}" for row in number],
        "clip": (number % 10).astype(numpy.uint16),
        "prediction": ["happy"] * len(number),
        "probs": polars.Series(probs, dtype=polars.Array(polars.Float32, 7)).cast(polars.List(polars.Float32)),
    }), f"{folder}/peer.parquet"


def polars_table(folder):
    import polars

    table, path = clip_table(folder)

    def work():
        table.write_parquet(path, compression="zstd")
        return len(polars.read_parquet(path))

    return work


def pyarrow_table(folder):
    import pyarrow.parquet

    table, path = clip_table(folder)
    table = table.to_arrow()

    def work():
        pyarrow.parquet.write_table(table, path, compression="zstd")
        return len(pyarrow.parquet.read_table(path))

    return work


VIDEO = {"opencv": opencv, "pyav area": pyav, "decord2": decord, "torchcodec": torchcodec}
JPEG = {"simplejpeg": simplejpeg, "opencv reduced": opencv_reduced, "pillow draft": pillow_draft}
PEERS = {
    "mp4_224": VIDEO,
    "mp4_720": VIDEO,
    "jpeg_224": JPEG,
    "labels": {"cleanlab": cleanlab},
    "parquet": {"polars": polars_table, "pyarrow": pyarrow_table},
}


# --- one measurement

def peak_mb():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def worker(task, name, paths, ready, answers):
    """Reads its share of the videos; the first one also before the clock starts."""
    try:
        read = PEERS[task][name]()
        shape = read(paths[0]).shape
        assert shape[1:] == (EDGE, EDGE, 3), shape
    except BaseException as error:  # a library may exit
        ready.abort()
        answers.put({"missing": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"})
        return
    try:
        ready.wait(300)
    except Exception:
        answers.put({"missing": "the other process failed"})
        return
    start, before = time.monotonic(), time.process_time()
    for path in paths:
        read(path)
    answers.put({
        "items": len(paths), "start": start, "end": time.monotonic(),
        "processor": time.process_time() - before, "peak_mb": peak_mb(),
    })


def measure_videos(task, name, file):
    paths = pathlib.Path(file).read_text().split("\n")[:-1]
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(2), context.Queue()
    shares = [paths[half::2] for half in range(2)]
    workers = [context.Process(target=worker, args=(task, name, share, ready, answers)) for share in shares]
    for process in workers:
        process.start()
    parts = [answers.get(timeout=600) for _ in workers]
    for process in workers:
        process.join()
    missing = [part["missing"] for part in parts if "missing" in part]
    if missing:
        return {"missing": min(missing, key=lambda words: words == "the other process failed")}
    return {
        "items": sum(part["items"] for part in parts),
        "wall": max(part["end"] for part in parts) - min(part["start"] for part in parts),
        "processor": sum(part["processor"] for part in parts),
        "peak_mb": sum(part["peak_mb"] for part in parts),
    }


def measure_table(task, name, given):
    try:
        work = PEERS[task][name](given)
    except Exception as error:
        return {"missing": f"{type(error).__name__}: {error}"}
    start, before = time.monotonic(), time.process_time()
    items = work()
    return {
        "items": items, "wall": time.monotonic() - start,
        "processor": time.process_time() - before, "peak_mb": peak_mb(),
    }


# --- the table

def answer(command):
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode or not lines:
        words = run.stderr.strip().splitlines()
        return {"missing": words[-1] if words else f"exit code {run.returncode}"}
    return json.loads(lines[-1])


def ours(*words):
    return lambda: answer([*OURS, *map(str, words)])


def peer(task, name, given):
    return lambda: answer([sys.executable, __file__, "peer", task, name, str(given)])


def emptied(folder, run):
    def work():
        for file in ("frames.bin", "index.jsonl", "lock"):
            (folder / file).unlink(missing_ok=True)
        return run()

    return work


def predictions(path, videos=40_000, classes=7):
    import numpy
    import polars

    if path.exists():
        return
    random = numpy.random.default_rng(0)
    truth = random.integers(0, classes, videos)
    logits = random.normal(size=(videos, classes))
    logits[numpy.arange(videos), truth] += 2.5
    probs = numpy.exp(logits)
    probs /= probs.sum(1, keepdims=True)
    wrong = random.random(videos) < 0.1
    label = numpy.where(wrong, random.integers(0, classes, videos), truth)
    polars.DataFrame({"label": label, "pred_probs": probs.tolist()}).write_parquet(path)


def tasks(cache, args):
    """Per task its rows: name -> measurement. The first row is the limit, where there is one."""
    corpus = cache / "corpus"
    subprocess.run([*OURS, "corpus", corpus, str(args.small), str(args.large)], check=True)
    rows = {}
    for task, count in (("mp4_224", args.small), ("mp4_720", args.large), ("jpeg_224", args.small)):
        listed = cache / f"{task}.txt"
        listed.write_text("".join(f"{path}\n" for path in sorted((corpus / task).iterdir())[:count]))
        limit = "limit-jpeg" if task == "jpeg_224" else "limit"
        kept = cache / f"{task}.frames"
        rows[task] = {
            "limit": ours(limit, listed),
            "ours": ours("decode", listed),
            "ours, into the cache": emptied(kept, ours("cache", listed, kept)),
            "ours, found in the cache": ours("found", listed, kept),
        } | {name: peer(task, name, listed) for name in PEERS[task]}
    table, folder = cache / "predictions.parquet", cache
    predictions(table)
    rows["labels"] = {"ours": ours("labels", table)} | {n: peer("labels", n, table) for n in PEERS["labels"]}
    rows["parquet"] = {"ours": ours("parquet", folder)} | {n: peer("parquet", n, folder) for n in PEERS["parquet"]}
    return rows


def print_task(task, results):
    good = {name: runs for name, runs in results.items() if "missing" not in runs[0]}
    # Linux counts in hundredths of a second; what takes less is at least so quick.
    rate = {
        name: 2 * runs[0]["items"] / max(statistics.median(run["processor"] for run in runs), 0.01)
        for name, runs in good.items()
    }
    print(f"\n{task:<26} {'/s':>10} {'of the limit':>12} {'ours is':>9} {'wall /s':>10} {'MB':>6}")
    for name, runs in results.items():
        if name not in good:
            print(f"{name:<26} not measured: {runs[0]['missing']}")
            continue
        limit = f"{rate[name] / rate['limit']:.2f}" if "limit" in rate else ""
        times = f"{rate['ours'] / rate[name]:.2f}x" if "ours" in rate else ""
        wall = max(run["items"] / run["wall"] for run in runs)
        memory = max(run["peak_mb"] for run in runs)
        print(f"{name:<26} {rate[name]:>10.1f} {limit:>12} {times:>9} {wall:>10.1f} {memory:>6.0f}")


def table(words):
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--small", type=int, default=100)
    parser.add_argument("--large", type=int, default=12)
    parser.add_argument("--only", default=",".join(PEERS))
    args = parser.parse_args(words)
    rows = tasks(args.cache, args)
    print(f"{args.runs} runs; load before {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for task in args.only.split(","):
        results = {name: [] for name in rows[task]}
        for _ in range(args.runs):
            for name, run in rows[task].items():
                if not results[name] or "missing" not in results[name][0]:
                    results[name].append(run())
        print_task(task, results)
    print(f"\nload after {os.getloadavg()[0]:.1f}")


def main():
    if sys.argv[1:2] == ["table"]:
        table(sys.argv[2:])
    elif sys.argv[1:2] == ["peer"] and len(sys.argv) == 5:
        _, _, task, name, given = sys.argv
        is_video = task in ("mp4_224", "mp4_720", "jpeg_224")
        print(json.dumps((measure_videos if is_video else measure_table)(task, name, given)))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
