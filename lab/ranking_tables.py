#!/usr/bin/env python3
"""Tables for `cargo bench --package rdfer-lab --bench ranking`: predictions of networks of many kinds under label noise of many kinds.

Usage: ranking_tables.py DIR [SEED] [KIND ...]        needs: pip install numpy scikit-learn polars

Each table is KIND-NUMBER-WHAT.parquet (id, label, pred_probs) and the same with .truth.parquet, whose label is the true one.
Another seed makes other tables of the same kinds; what a ranking was tuned on is no proof of it.
"""
import pathlib
import sys
import warnings
from dataclasses import dataclass, field

import numpy as np

FEATURES, SPREAD = 12, 1.2


@dataclass
class Table:
    kind: str
    what: str
    labels: np.ndarray
    truth: np.ndarray
    probs: np.ndarray  # rows x classes
    ids: np.ndarray = field(default=None)  # video of each row; one row per video if none

    def videos(self):
        """Labels, true labels and mean probabilities by video."""
        if self.ids is None:
            return self.labels, self.truth, self.probs
        _, first, of_row, count = np.unique(self.ids, return_index=True, return_inverse=True, return_counts=True)
        sums = np.zeros((len(first), self.probs.shape[1]))
        np.add.at(sums, of_row, self.probs)
        return self.labels[first], self.truth[first], sums / count[:, None]


def softmax(logits):
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def draw(random, rows):
    """One class from each row of probabilities."""
    return (random.random(len(rows))[:, None] > rows.cumsum(1)).sum(1).clip(0, rows.shape[1] - 1)


# --- what the videos show ---------------------------------------------------------------------------------------------------

@dataclass
class World:
    """Videos of Gaussian classes: their true classes, their features, and what these say of the class, at best."""
    truth: np.ndarray
    features: np.ndarray
    clean: np.ndarray


def world(random, videos, classes, distance, shares=None):
    if shares is None:
        shares = np.maximum(random.dirichlet(np.full(classes, 3.0)), 0.3 / classes)
        shares /= shares.sum()
    truth = random.choice(classes, videos, p=shares)
    truth[:classes] = np.arange(classes)
    centres = random.normal(size=(classes, FEATURES)) * distance
    features = centres[truth] + random.normal(size=(videos, FEATURES)) * SPREAD
    logits = (features @ centres.T - (centres**2).sum(1) / 2) / SPREAD**2 + np.log(shares)
    return World(truth, features, softmax(logits))


def rare_shares(classes, ratio=50):
    """Class shares that fall from the first class to the last, as far as 1 : `ratio`."""
    shares = ratio ** -(np.arange(classes) / (classes - 1.0))
    return shares / shares.sum()


# --- how labels go wrong ----------------------------------------------------------------------------------------------------

def symmetric(classes, rate):
    return np.full((classes, classes), rate / (classes - 1)) + np.eye(classes) * (1 - rate - rate / (classes - 1))


def sparse(random, classes, rate, absent):
    """Errors of each class go to some others only; a part of the pairs, `absent`, never happens."""
    transition = np.eye(classes)
    for k in range(classes):
        odds = random.gamma(0.5, size=classes - 1) * (random.random(classes - 1) > absent)
        if odds.sum() <= 0:
            odds[random.integers(classes - 1)] = 1.0
        share = min(rate * random.uniform(0.5, 1.5), 0.85)
        transition[k] = np.insert(odds / odds.sum() * share, k, 1 - share)
    return transition


def pairs(random, classes, rate, count):
    """A few pairs of classes are mistaken for each other, both ways, as people mistake expressions."""
    transition = np.eye(classes)
    for _ in range(count):
        a, b = random.choice(classes, 2, replace=False)
        for one, other in ((a, b), (b, a)):
            transition[one, other] += rate * random.uniform(0.5, 1.5) * classes / (2 * count)
    for k in range(classes):
        off = transition[k].sum() - transition[k, k]
        transition[k] *= min(1.0, 0.45 / max(off, 1e-9))
        transition[k, k] = 0
        transition[k, k] = 1 - transition[k].sum()
    return transition


def mostly_wrong(random, classes, rate):
    """One class, most of whose labels are another class's; little noise elsewhere."""
    transition = sparse(random, classes, rate, 0.5)
    k, other = random.choice(classes, 2, replace=False)
    transition[k] = transition[k] * 0.35 / max(transition[k].max(), 0.35)
    transition[k] = 0.05 / (classes - 2) if classes > 2 else 0
    transition[k, other] = random.uniform(0.5, 0.65)
    transition[k, k] = 0
    transition[k, k] = 1 - transition[k].sum()
    return transition


def by_class(random, world, transition):
    return draw(random, transition[world.truth])


def by_doubt(random, world, rate):
    """People err on ambiguous material: the more likely, the closer another class lies."""
    rows = np.arange(len(world.truth))
    doubt = np.maximum(world.clean, 1e-12) ** 0.35
    doubt /= doubt.sum(1, keepdims=True)
    ambiguity = (1 - doubt[rows, world.truth]) ** 1.5
    wrong = random.random(len(rows)) < np.minimum(ambiguity * rate * len(rows) / ambiguity.sum(), 0.9)
    doubt[rows, world.truth] = 0
    doubt /= doubt.sum(1, keepdims=True)
    return np.where(wrong, draw(random, doubt), world.truth)


# --- what a network says ----------------------------------------------------------------------------------------------------

def regression(world, labels, folds=5):
    """Out-of-fold predictions of a logistic regression: a weak network that learns from the noisy labels."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold

    probs = np.zeros_like(world.clean)
    for train, test in KFold(folds, shuffle=True, random_state=0).split(world.features):
        model = LogisticRegression(max_iter=200).fit(world.features[train], labels[train])
        probs[np.ix_(test, model.classes_)] = model.predict_proba(world.features[test])
    return probs


def learnt_noise(random, truth, transition, sharpness, hard=0.04):
    """A strong network that has learnt the noise itself: the row of the noise matrix of the class that it sees, up to 1 /
    `sharpness` in each logit. Some videos show two classes."""
    logits = np.log(np.maximum(transition, 1e-4))
    seen = logits[truth]
    two = random.random(len(truth)) < hard
    seen[two] = (seen[two] + logits[random.integers(len(transition), size=two.sum())]) / 2
    return softmax(seen + random.normal(scale=1 / sharpness, size=seen.shape))


def between(random, world, transition, learnt, scale):
    """A network somewhere between the truth (`learnt` = 0) and the noise (1), up to `scale` in each logit."""
    logits = learnt * np.log(world.clean @ transition + 1e-6) + (1 - learnt) * np.log(world.clean + 1e-6)
    return softmax(logits + random.normal(scale=scale, size=logits.shape))


def tempered(probs, temperature):
    return softmax(np.log(np.maximum(probs, 1e-9)) / temperature)


def smoothed(probs, share):
    return (1 - share) * probs + share / probs.shape[1]


def one_hot(probs):
    return np.eye(probs.shape[1])[probs.argmax(1)]


# --- the kinds --------------------------------------------------------------------------------------------------------------

def weak(random, number):
    videos, classes = (500, 2000, 5000)[number % 3], (3, 7, 11)[number // 3 % 3]
    rate = (0.05, 0.1, 0.2, 0.4)[number // 9 % 4]
    shown = world(random, videos, classes, (1.2, 0.75)[number % 2])
    noise = ("symmetric", "sparse", "doubt")[number % 7 % 3]
    labels = noisy(random, shown, noise, rate)
    return f"{noise}-{rate}", labels, shown.truth, regression(shown, labels)


def noisy(random, shown, noise, rate):
    classes = shown.clean.shape[1]
    if noise == "doubt":
        return by_doubt(random, shown, rate)
    transition = symmetric(classes, rate) if noise == "symmetric" else sparse(random, classes, rate, 0.3)
    return by_class(random, shown, transition)


def strong(random, number):
    classes, rate = (10, 7, 10, 5)[number % 4], random.choice([0.05, 0.1, 0.2, 0.3])
    videos, sharpness = (3000, 10000, 30000)[number % 3], np.exp(random.uniform(np.log(2), np.log(50)))
    transition = sparse(random, classes, rate, random.choice([0.2, 0.4, 0.6]))
    truth = random.integers(classes, size=videos)
    labels = draw(random, transition[truth])
    return f"{rate}-sharp{sharpness:.0f}", labels, truth, learnt_noise(random, truth, transition, sharpness)


def voices(random, number):
    """The same networks, over-confident, under-confident, smoothed, or in chorus."""
    classes, rate = (7, 10)[number % 2], random.choice([0.05, 0.1, 0.2, 0.3])
    shown = world(random, (2000, 5000, 10000)[number % 3], classes, random.uniform(0.9, 1.8))
    transition = sparse(random, classes, rate, random.choice([0.0, 0.3, 0.6]))
    labels = by_class(random, shown, transition)
    learnt, scale = random.uniform(), random.uniform(0.1, 0.6)
    if number % 4 == 0:
        probs = np.mean([between(random, shown, transition, learnt, 3 * scale) for _ in range(5)], 0)
        return f"{rate}-ensemble", labels, shown.truth, probs
    probs = between(random, shown, transition, learnt, scale)
    if number % 4 == 1:
        return f"{rate}-smoothed", labels, shown.truth, smoothed(probs, random.uniform(0.05, 0.3))
    temperature = np.exp(random.uniform(np.log(0.3), np.log(3)))
    return f"{rate}-temperature{temperature:.1f}", labels, shown.truth, tempered(probs, temperature)


def certain(random, number):
    what, labels, truth, probs = (weak, voices, strong)[number % 3](random, number)
    return what, labels, truth, one_hot(probs)


def rare(random, number):
    classes, rate = (7, 11)[number % 2], random.choice([0.05, 0.1, 0.2])
    shown = world(random, (1500, 4000, 12000)[number % 3], classes, random.uniform(0.8, 1.5), rare_shares(classes))
    noise = ("sparse", "symmetric", "doubt")[number % 3]
    labels = noisy(random, shown, noise, rate)
    if number % 4 < 2 and len(labels) < 5000:
        return f"{noise}-{rate}", labels, shown.truth, regression(shown, labels)
    empirical = np.eye(classes) + np.histogram2d(shown.truth, labels, bins=classes, range=[[0, classes]] * 2)[0]
    transition = empirical / empirical.sum(1, keepdims=True)
    return f"{noise}-{rate}", labels, shown.truth, between(random, shown, transition, random.uniform(), 0.3)


def sizes(random, number):
    classes, videos = ((2, 200), (2, 2000), (3, 500), (3, 20000), (7, 200), (7, 50000), (11, 400), (11, 30000), (50, 2500),
                       (50, 20000))[number % 10]
    rate = random.choice([0.05, 0.1, 0.2, 0.3])
    shown = world(random, videos, classes, random.uniform(0.8, 2.0))
    transition = sparse(random, classes, rate, 0.5) if number % 2 else symmetric(classes, rate)
    labels = by_class(random, shown, transition)
    probs = between(random, shown, transition, random.uniform(), random.uniform(0.1, 0.8))
    return f"{rate}", labels, shown.truth, probs


def noises(random, number):
    classes = (7, 10)[number % 2]
    shown = world(random, (2000, 6000, 15000)[number % 3], classes, random.uniform(0.8, 2.0))
    what, transition = (
        ("low", symmetric(classes, 0.02)), ("sym40", symmetric(classes, 0.4)), ("sym60", symmetric(classes, 0.6)),
        ("sparse2", sparse(random, classes, 0.02, 0.6)), ("sparse40", sparse(random, classes, 0.4, 0.5)),
        ("dense30", sparse(random, classes, 0.3, 0.0)),
    )[number % 6]
    labels = by_class(random, shown, transition)
    if number % 3 == 0:
        return what, labels, shown.truth, regression(shown, labels)
    return what, labels, shown.truth, between(random, shown, transition, random.uniform(), random.uniform(0.1, 0.6))


def ambiguous(random, number):
    classes, rate = (7, 10, 3)[number % 3], random.choice([0.05, 0.1, 0.2, 0.3])
    shown = world(random, (1500, 5000)[number % 2], classes, random.uniform(0.7, 1.3))
    labels = by_doubt(random, shown, rate)
    if number % 4 == 3:  # half of the errors follow the class
        labels = np.where(random.random(len(labels)) < 0.5, labels, by_class(random, shown, sparse(random, classes, rate, 0.5)))
    if number % 2:
        # What is between knows the doubt that people have, as a strong network does.
        doubt = World(shown.truth, shown.features, tempered(shown.clean, 1.5))
        probs = between(random, doubt, symmetric(classes, rate), random.uniform(), random.uniform(0.2, 0.8))
        return f"{rate}-strong", labels, shown.truth, probs
    return f"{rate}-weak", labels, shown.truth, regression(shown, labels)


def lost_class(random, number):
    classes = (7, 5, 10)[number % 3]
    shown = world(random, (2000, 5000, 10000)[number % 3], classes, random.uniform(0.9, 1.8))
    transition = mostly_wrong(random, classes, random.choice([0.03, 0.08]))
    labels = by_class(random, shown, transition)
    if number % 2:
        return "weak", labels, shown.truth, regression(shown, labels)
    return "strong", labels, shown.truth, between(random, shown, transition, random.uniform(0.3, 1.0), 0.3)


def clips(random, number):
    what, labels, truth, probs = (weak, voices, faces)[number % 3](random, number)
    labels, truth, probs = (values[:3000] for values in (labels, truth, probs))
    ids = np.repeat(np.arange(len(labels)), 5)
    scale = random.uniform(0.2, 1.0)
    wavering = np.log(np.maximum(probs[ids], 1e-9)) + random.normal(scale=scale, size=(len(ids), probs.shape[1]))
    return what, labels[ids], truth[ids], softmax(wavering), ids


def faces(random, number):
    """As people err on faces: a few pairs of expressions, both ways; networks from weak to strong."""
    rate = random.choice([0.15, 0.2, 0.25, 0.3])
    shown = world(random, (1500, 4000, 10000)[number % 3], 7, (0.7, 1.0, 1.5, 2.2)[number % 4], rare_shares(7, 8))
    transition = pairs(random, 7, rate, 2 + number % 3)
    labels = by_class(random, shown, transition)
    if number % 2:
        return f"{rate}-weak", labels, shown.truth, regression(shown, labels)
    return f"{rate}-strong", labels, shown.truth, between(random, shown, transition, random.uniform(), random.uniform(0.1, 0.6))


KINDS = {
    "weak": (weak, 36), "strong": (strong, 30), "voices": (voices, 28), "certain": (certain, 12), "rare": (rare, 18),
    "sizes": (sizes, 20), "noises": (noises, 24), "ambiguous": (ambiguous, 24), "lost": (lost_class, 16), "clips": (clips, 12),
    "faces": (faces, 24),
}


def tables(seed, kinds=KINDS):
    for place, (kind, (make, count)) in enumerate(KINDS.items()):
        for number in range(count if kind in kinds else 0):
            random = np.random.default_rng([seed, place, number])
            what, labels, truth, probs, *ids = make(random, number)
            videos = len(np.unique(ids[0])) if ids else len(labels)
            name = f"{number:02}-{what}-C{probs.shape[1]}-N{videos}"
            yield Table(kind, name, labels, truth, probs, *ids)


def main():
    import polars as pl

    warnings.filterwarnings("ignore")
    folder, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables(seed, sys.argv[3:] or KINDS):
        ids = np.arange(len(table.labels)) if table.ids is None else table.ids
        for suffix, column in (("", table.labels), (".truth", table.truth)):
            rows = {"id": [f"v{number:06}" for number in ids], "label": column, "pred_probs": table.probs.astype(np.float32)}
            frame = pl.DataFrame(rows, schema_overrides={"pred_probs": pl.Array(pl.Float32, table.probs.shape[1])})
            frame.with_columns(pl.col("pred_probs").arr.to_list()).write_parquet(folder / f"{table.kind}-{table.what}{suffix}.parquet")


if __name__ == "__main__":
    main()
