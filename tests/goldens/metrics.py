"""Classification metrics of scikit-learn 1.9.1, for tests/report/metrics_test.ts.

Writes metrics.json beside itself: python metrics.py
Scores are multiples of 1/64, so that many tie and all are exact in f32.
"""
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from scipy.stats import binomtest
from sklearn import metrics as m

assert sklearn.__version__ == "1.9.1", sklearn.__version__
warnings.simplefilter("ignore")


def case(n, classes, skill, seed):
    """n clips; probabilities of 64 votes, of which the true class gets more with more skill."""
    r = np.random.RandomState(seed)
    y = r.randint(0, classes, n)
    votes = np.stack([r.multinomial(64, (1 - skill) * r.dirichlet(np.ones(classes))
                                    + skill * np.eye(classes)[t]) for t in y])
    p = votes / 64
    h = p.argmax(1)
    h[h == classes - 1] = 0  # the last class is never answered: its precision is undefined
    ci = binomtest(int((h == y).sum()), n).proportion_ci(method="wilson")
    precision, recall, f1, support = m.precision_recall_fscore_support(
        y, h, labels=range(classes), zero_division=0)
    roc, pr, auc = [], [], []
    for c in range(classes):
        fpr, tpr, _ = m.roc_curve(y == c, p[:, c])
        pre, rec, _ = m.precision_recall_curve(y == c, p[:, c])
        roc.append([fpr.tolist(), tpr.tolist()])
        pr.append([rec[::-1].tolist(), pre[::-1].tolist()])
        auc.append(m.roc_auc_score(y == c, p[:, c]))
    return {
        "classes": classes, "labels": y.tolist(), "predictions": h.tolist(),
        "votes": votes.ravel().tolist(),
        "accuracy": m.accuracy_score(y, h), "ci95": [ci.low, ci.high],
        "uar": m.balanced_accuracy_score(y, h), "macroF1": m.f1_score(y, h, average="macro"),
        "auc": m.roc_auc_score(y, p if classes > 2 else p[:, 1], multi_class="ovr"),
        "confusion": m.confusion_matrix(y, h, labels=range(classes)).tolist(),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
        "support": support.tolist(), "perClassAuc": auc, "roc": roc, "pr": pr,
    }


cases = [case(90, 8, 0.25, 1), case(31, 3, 0.5, 2), case(17, 2, 0.1, 3)]
Path(__file__).with_suffix(".json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
