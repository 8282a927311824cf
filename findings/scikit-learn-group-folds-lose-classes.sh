#!/usr/bin/env bash
# scikit-learn's shuffled StratifiedGroupKFold does not stratify before 1.8: folds lose whole classes.
#
# Expected: StratifiedGroupKFold(5, shuffle=True) keeps people apart and gives each fold about a fifth of each class, as it does
# without `shuffle`, where the folds below are nearly equal.
# Happens: 1.7.2 shuffles its table of groups but not the groups that the table stands for, so people are dealt out at random.
# With seed 0 one fold of sixty people has no video at all of one class, and another class has 3 in one fold and 32 in the next.
# No error and no warning. 1.9.1 does what it says.
# Versions: scikit-learn 1.7.2 and 1.9.1, numpy 2.3.5.
# Why it matters: keeping people apart is what a DFER data set needs. Out-of-fold probabilities of such folds come from networks
# that saw very different shares of each class (calibration, label issues and UAR by fold follow), and the same seed gives other
# folds after an update, so that new predictions do not fit the old fold files.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

RUN = """
import numpy
from sklearn.model_selection import StratifiedGroupKFold
draw = numpy.random.default_rng(0)
person = numpy.repeat(numpy.arange(60), draw.integers(3, 12, 60))
label = person % 6
for how in ({}, {"shuffle": True, "random_state": 0}):
    folds = [numpy.bincount(label[test], minlength=6) for _, test in StratifiedGroupKFold(5, **how).split(label, label, person)]
    print(numpy.min(folds), numpy.max(folds))
"""

with folder() as here:
    for version, shuffled in [("1.7.2", "0 32"), ("1.9.1", "11 18")]:
        packages = Packages(here, f"scikit-learn=={version}", "numpy==2.3.5")
        plain, with_shuffle = packages.python(RUN).splitlines()
        expect(f"{version}: fewest and most videos of a class in a fold", plain, "11 18")
        expect(f"{version}, shuffle=True: fewest and most", with_shuffle, shuffled)
END
