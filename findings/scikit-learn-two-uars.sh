#!/usr/bin/env bash
# scikit-learn has two unweighted average recalls, which differ where a class is predicted that the list does not have.
#
# Expected: recall_score(average="macro") and balanced_accuracy_score are the same number, the mean of the classes' recalls.
# Happens: with three classes among the labels and a fourth among the predictions, one is 0.617, the other 0.822: recall_score
# counts the fourth class with a recall of 0, balanced_accuracy_score leaves it out. Where those ten are
# right instead, both are 0.889: the one falls by 0.27, the other by 0.07.
# Versions: scikit-learn 1.9.1, numpy 2.3.5.
# Why it matters: UAR is what results on DFEW, FERV39k and MAFW are compared by. Small folds, and people or scenes taken one by
# one, lack rare classes (disgust, fear, contempt), so that tables made with the two functions cannot be compared.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH
PYTHONPATH=$(dirname "$(realpath "$0")")
exec python3 - <<'END'
from finding import Packages, expect, folder

RUN = """
import numpy
from sklearn.metrics import balanced_accuracy_score, recall_score
label = numpy.repeat([0, 1, 2], [50, 30, 20])
predicted = label.copy()
predicted[50:60] = 0
for absent in (0, 3):
    predicted[:10] = absent
    print(round(recall_score(label, predicted, average="macro"), 3), round(balanced_accuracy_score(label, predicted), 3))
"""

with folder() as here:
    packages = Packages(here, "scikit-learn==1.9.1", "numpy==2.3.5")
    present, absent = packages.python(RUN).splitlines()
    expect("predictions of the labels' classes: macro recall, balanced accuracy", present, "0.889 0.889")
    expect("ten predictions of a fourth class", absent, "0.617 0.822")
END
