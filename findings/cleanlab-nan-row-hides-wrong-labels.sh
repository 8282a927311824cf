#!/usr/bin/env bash
# One row of NaN makes cleanlab miss wrong labels of other rows.
#
# Expected: find_label_issues refuses probabilities that are NaN, or passes over that row.
# Happens: no error, and of 20 wrong labels among 200 only 15 are found, where 20 are found without that row: the class whose
# mean confidence becomes NaN is never a label's better alternative any more. The row itself is not flagged, its quality score is
# NaN, and it is ranked as the best of all.
# Versions: cleanlab 2.9.0, numpy 2.4.6.
# Why it matters: one video that could not be decoded, or one batch that overflowed, gives such a row, and the errors of its
# whole class disappear from the list without a word.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

RUN = """
import numpy, cleanlab
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
draw = numpy.random.default_rng(0)
true = draw.integers(0, 3, 200)
probs = numpy.full((200, 3), 0.1)
probs[numpy.arange(200), true] = 0.8
wrong = draw.choice(200, 20, replace=False)
given = true.copy()
given[wrong] = (given[wrong] + 1) % 3
print(int(find_label_issues(given, probs).sum()))
probs[5] = numpy.nan
flags = find_label_issues(given, probs)
scores = get_label_quality_scores(given, probs)
print(int(flags.sum()), bool(flags[5]), scores[5], int(scores.argsort()[-1]))
"""

with folder() as here:
    packages = Packages(here, "cleanlab==2.9.0", "numpy==2.4.6", "pandas==3.1.1")
    whole, with_nan = packages.python(RUN).splitlines()
    expect("of 20 wrong labels found", whole, 20)
    expect("with row 5 NaN: found, row 5 flagged, its score, best row", with_nan, "15 False nan 5")
END
