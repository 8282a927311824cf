#!/usr/bin/env python3
"""tests/golden/votes.json: what cleanlab and crowd-kit say of small tables of votes.

Usage: make_raters_golden.py > tests/golden/votes.json      needs: pip install cleanlab==2.9.0 crowd-kit==1.4.2
"""
import json
import sys
import warnings

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_label_quality_multiannotator
from crowdkit.aggregation import DawidSkene, OneCoinDawidSkene

STEPS = 25


def table(seed, items, raters, classes, share, one_hot=False, lonely=False):
    """Votes of raters from good to bad, the last of them guessing, and predictions of a network."""
    random = np.random.default_rng(seed)
    truth = random.integers(classes, size=items)
    skills = np.append(np.linspace(0.9, 0.5, raters - 1), 1 / classes)
    said = np.where(random.random((items, raters)) < skills, truth[:, None], random.integers(classes, size=(items, raters)))
    votes = np.where(random.random((items, raters)) < share, said, -1)
    if lonely:  # one rater never meets another
        votes[:, 0] = -1
        votes[:5] = -1
        votes[:5, 0] = truth[:5]
    empty = (votes < 0).all(1)
    votes[empty, raters - 1] = said[empty, raters - 1]
    logits = random.normal(size=(items, classes)) + 1.5 * np.eye(classes)[truth]
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    if one_hot:
        probs = np.eye(classes)[probs.argmax(1)]
    return votes, probs.round(4) / probs.round(4).sum(1, keepdims=True)


def crowdlab(votes, probs):
    wide = pd.DataFrame(votes).astype(float).replace(-1.0, np.nan)
    found = get_label_quality_multiannotator(wide, probs, verbose=False, return_weights=True)
    quality, raters = found["label_quality"], found["annotator_stats"].sort_index()
    detailed = found["detailed_label_quality"].to_numpy()
    return {
        "consensus": quality["consensus_label"].tolist(),
        "quality": quality["consensus_quality_score"].tolist(),
        "agreement": quality["annotator_agreement"].tolist(),
        "vote_quality": [[None if np.isnan(q) else q for q in row] for row in detailed],
        # Not a number for who meets nobody.
        "rater_quality": [None if np.isnan(q) else q for q in raters["annotator_quality"]],
        "rater_agreement": raters["agreement_with_consensus"].tolist(),
        "network_weight": float(found["model_weight"]),
        "rater_weights": found["annotator_weight"].tolist(),
    }


def dawid_skene(votes, classes, model):
    items, raters = np.nonzero(votes >= 0)
    data = pd.DataFrame({"task": items, "worker": raters, "label": votes[items, raters]})
    # A tolerance below any change: it takes all its steps.
    fitted = model(n_iter=STEPS, tol=-1e9).fit(data)
    posterior = fitted.probas_.sort_index().reindex(columns=range(classes), fill_value=0.0)
    found = {"posterior": posterior.to_numpy().tolist(), "priors": fitted.priors_.reindex(range(classes)).tolist()}
    if model is OneCoinDawidSkene:
        found["skills"] = fitted.skills_.sort_index().tolist()
    return found


def main():
    warnings.filterwarnings("ignore")
    tables = []
    for arguments in (
        {"seed": 1, "items": 40, "raters": 5, "classes": 3, "share": 1.0},
        {"seed": 2, "items": 60, "raters": 8, "classes": 7, "share": 0.4},
        {"seed": 3, "items": 50, "raters": 6, "classes": 4, "share": 0.5, "one_hot": True},
        {"seed": 4, "items": 50, "raters": 6, "classes": 4, "share": 0.3, "lonely": True},
    ):
        votes, probs = table(**arguments)
        classes = arguments["classes"]
        np.random.seed(0)
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="breaking ties")  # nothing that was drawn
            crowd = crowdlab(votes, probs)
        tables.append({
            "votes": [[None if v < 0 else int(v) for v in row] for row in votes],
            "probs": probs.tolist(),
            "crowdlab": crowd,
            "dawid_skene": dawid_skene(votes, classes, DawidSkene),
            "one_coin": dawid_skene(votes, classes, OneCoinDawidSkene),
        })
    json.dump({"steps": STEPS, "tables": tables}, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
