#!/usr/bin/env python3
"""Tables for `cargo bench --package lab --bench ranking`: out-of-fold predictions of a logistic regression under known label noise.

Usage: ranking_tables.py DIR [SEED]        needs: pip install numpy scikit-learn polars

Noise: symmetric, class-conditional (a random sparse transition matrix), feature-dependent (people err on ambiguous
material: the more likely, the closer another class lies), at 5, 10, 20 and 40 %; 3, 7 and 11 classes; 500 to 40,000 rows.
Each table is NAME.parquet (label, pred_probs) and NAME.truth.parquet (the same with the true label).
"""
import pathlib
import sys
import warnings

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

FEATURES, SPREAD = 12, 1.2


def given_labels(random, truth, classes, kind, rate, doubt):
    rows, labels = np.arange(len(truth)), truth.copy()
    if kind == "symmetric":
        wrong = random.random(len(truth)) < rate
        labels[wrong] = (truth[wrong] + random.integers(1, classes, wrong.sum())) % classes
    elif kind == "class":
        transition = np.eye(classes)
        for k in range(classes):
            share = min(rate * random.uniform(0.3, 1.7), 0.85)
            transition[k] = np.insert(random.dirichlet(np.full(classes - 1, 0.35)) * share, k, 1 - share)
        labels = (random.random(len(truth))[:, None] > transition[truth].cumsum(1)).sum(1).clip(0, classes - 1)
    else:
        ambiguity = (1 - doubt[rows, truth]) ** 1.5
        wrong = random.random(len(truth)) < np.minimum(ambiguity * rate * len(truth) / ambiguity.sum(), 0.9)
        others = doubt.copy()
        others[rows, truth] = 0
        others /= others.sum(1, keepdims=True)
        drawn = (random.random(len(truth))[:, None] > others.cumsum(1)).sum(1).clip(0, classes - 1)
        labels[wrong] = drawn[wrong]
    return labels


def table(random, videos, classes, kind, rate, distance):
    prior = np.maximum(random.dirichlet(np.full(classes, 3.0)), 0.04)
    truth = random.choice(classes, videos, p=prior / prior.sum())
    centres = random.normal(size=(classes, FEATURES)) * distance
    features = centres[truth] + random.normal(size=(videos, FEATURES)) * SPREAD
    squares = ((features[:, None, :] - centres[None]) ** 2).sum(2) / (2 * SPREAD**2)
    doubt = np.exp(-(squares - squares.min(1, keepdims=True))) * prior
    doubt = (doubt / doubt.sum(1, keepdims=True)) ** 0.35
    doubt /= doubt.sum(1, keepdims=True)
    labels = given_labels(random, truth, classes, kind, rate, doubt)
    probs = np.zeros((videos, classes))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(features, labels):
        model = LogisticRegression(max_iter=200).fit(features[train], labels[train])
        probs[np.ix_(test, model.classes_)] = model.predict_proba(features[test])
    return labels, truth, probs


def main():
    warnings.filterwarnings("ignore")
    folder, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for videos in (500, 3000, 40000):
        for classes in (3, 7, 11):
            for kind in ("symmetric", "class", "feature"):
                for rate in (0.05, 0.1, 0.2, 0.4):
                    random = np.random.default_rng(seed * 1000 + number)
                    labels, truth, probs = table(random, videos, classes, kind, rate, (1.2, 0.75)[number % 2])
                    name = f"{kind}-C{classes}-{round(100 * rate):02}-N{videos}"
                    for suffix, column in (("", labels), (".truth", truth)):
                        frame = pl.DataFrame({"label": column, "pred_probs": probs.tolist()})
                        frame.write_parquet(folder / f"{name}{suffix}.parquet")
                    number += 1


main()
