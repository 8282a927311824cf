"""Makes confident_learning.json with cleanlab 2.9.0 (numpy 2.4.6, scikit-learn 1.9.1): tables of 3, 7, 11 and 12 classes, one
of them with a class that no label names and one with a class of a single member. `cleanlab_small.json`, `dynamics.json` and
`mixture.json` hold the reference numbers of cleanlab 2.9.0, aum/data maps and scikit-learn's GaussianMixture.

Run it with NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR X86_V3" (numpy's names): numpy's vectorised argsort orders equal
fractions differently from one processor to the next, and the rounding of the calibrated joint hinges on that order. The plain
sort, which this turns back on, keeps equal values of up to 16 classes in place."""
import json
import pathlib

import numpy as np
from cleanlab.count import compute_confident_joint, estimate_latent, get_confident_thresholds, num_label_issues
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

GOLDEN = pathlib.Path(__file__).parents[2] / "tests/golden/confident_learning.json"
FILTERS = ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given"]
SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


def table(classes, videos, scale, seed, absent=None, single=None):
    random = np.random.default_rng(seed)
    true = random.integers(0, classes, videos)
    logits = random.normal(size=(videos, classes)) + scale * np.eye(classes)[true]
    labels = np.where(random.random(videos) < 0.2, random.integers(0, classes, videos), true)
    if absent is not None:
        labels[labels == absent] = (absent + 1) % classes
    if single is not None:
        labels[labels == single] = (single + 1) % classes
        labels[0] = single
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return labels, np.round(probs, 6)


def case(labels, probs):
    joint = compute_confident_joint(labels, probs)
    prior, noise, inverse = estimate_latent(joint, labels)
    out = {"labels": labels.tolist(), "pred_probs": probs.tolist(), "thresholds": get_confident_thresholds(labels, probs).tolist(),
           "cj_raw": compute_confident_joint(labels, probs, calibrate=False).tolist(), "cj_calibrated": joint.tolist(),
           "num_label_issues": int(num_label_issues(labels, probs)),
           "num_label_issues_cal": int(num_label_issues(labels, probs, estimation_method="off_diagonal_calibrated")),
           "py": prior.tolist(), "noise_matrix": noise.tolist(), "inverse_noise_matrix": inverse.tolist()}
    for name in FILTERS:
        out["issues_" + name] = np.where(find_label_issues(labels, probs, filter_by=name, n_jobs=1))[0].tolist()
    for name in SCORES:
        out[name] = get_label_quality_scores(labels, probs, method=name).tolist()
        if name != "confidence_weighted_entropy":
            out[name + "_adj"] = get_label_quality_scores(labels, probs, method=name, adjust_pred_probs=True).tolist()
    return out


cases = [case(*table(3, 90, 1.5, 1)), case(*table(7, 300, 2.0, 2)), case(*table(11, 330, 1.0, 3)), case(*table(12, 300, 2.5, 4)),
         case(*table(4, 60, 2.0, 5, single=2))]
json.dump(cases, GOLDEN.open("w"))
# cleanlab's flags refuse a class that no label names, its counts do not.
labels, probs = table(4, 60, 2.0, 6, absent=1)
try:
    absent = case(labels, probs)
except Exception as error:
    print("absent class:", error)
else:
    json.dump(cases + [absent], GOLDEN.open("w"))
