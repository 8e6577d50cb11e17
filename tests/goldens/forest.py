"""Trees, forests, folds and grid searches of scikit-learn 1.9.1, for tests/models/forest.

Writes forest.json beside itself: python forest.py
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

assert sklearn.__version__ == "1.9.1", sklearn.__version__
assert np.__version__ == "2.4.6", np.__version__

STEPS = 4096


def make_table(rows, features, classes, seed, apart, every, steps, uneven):
    """The tables of tests/models/forest/tables.ts."""
    draws = np.random.RandomState(seed).randint(0, 2 * STEPS, (rows, features, 4)).sum(2)
    sizes = [classes - c if uneven else 1 for c in range(classes)]
    around = [c for c in range(classes) for _ in range(sizes[c])]
    y = np.array([around[i % len(around)] for i in range(rows)])
    moved = np.zeros((rows, features))
    for f in range(0, features, every):
        moved[:, f] = ((y * (f // every + 1)) % classes) * apart * STEPS
    x = (np.floor((draws + moved) * steps / STEPS) / steps).astype(np.float32)
    return x, y


def nodes(model):
    tree = model.tree_
    leaf = tree.feature < 0
    return {
        "feature": np.where(leaf, -1, tree.feature).tolist(),
        "threshold": np.where(leaf, 0, tree.threshold).tolist(),
        "right": np.where(leaf, 0, tree.children_right).tolist(),
        "rows": tree.n_node_samples.tolist(),
        "impurity": tree.impurity.tolist(),
        "shares": tree.value[:, 0].ravel().tolist(),
    }


def checksum(forest):
    """A tree's nodes folded into one number, so that hundreds of trees fit in a small file."""
    sums = []
    for model in forest.estimators_:
        tree, total = model.tree_, 0
        for f, t, n in zip(tree.feature, tree.threshold, tree.n_node_samples):
            inner = f >= 0
            step = int(round(t * 2 * STEPS)) % 2**32 if inner else 0
            total = (total * 31 + (int(f) + 1 if inner else 0) * 7 + step * 3 + int(n)) % 2**32
        sums.append(total)
    return sums


smooth = dict(rows=400, features=12, classes=4, seed=11, apart=0.5, every=2, steps=4096, uneven=False)
coarse = dict(rows=360, features=20, classes=5, seed=12, apart=0.375, every=2, steps=1, uneven=True)
wide = dict(rows=320, features=60, classes=8, seed=13, apart=0.1875, every=3, steps=4096, uneven=False)
tables = {"smooth": smooth, "coarse": coarse, "wide": wide}
out = {"tables": tables}

# Trees in which nothing is left to chance: whatever the seed, the same tree.
out["trees"] = []
settings = [dict(max_depth=4), dict(criterion="entropy", max_depth=4),
            dict(min_samples_leaf=12), dict(criterion="entropy", min_samples_split=60, min_samples_leaf=9)]
for name in ("smooth", "wide"):
    x, y = make_table(**tables[name])
    for kw in settings:
        models = [DecisionTreeClassifier(random_state=s, **kw).fit(x, y) for s in range(8)]
        grown = [json.dumps(nodes(m)) for m in models]
        if len(set(grown)) == 1:
            out["trees"].append({"table": name, "settings": kw, "nodes": nodes(models[0])})
assert len(out["trees"]) >= 5, len(out["trees"])

# Whole forests, tree for tree, with bootstrap and drawn features.
out["forests"] = []
for name, kw in [
    ("smooth", dict()), ("coarse", dict()), ("wide", dict()),
    ("smooth", dict(criterion="entropy", max_depth=7)),
    ("coarse", dict(max_depth=5, min_samples_leaf=2, min_samples_split=5)),
    ("wide", dict(max_features=None, bootstrap=False, max_depth=6)),
    ("coarse", dict(max_features="log2", class_weight="balanced")),
    ("wide", dict(max_features=5, class_weight={c: 1 + c % 3 for c in range(8)})),
    # Weights that are no whole numbers round as they are added, so ties must be rare here.
    ("smooth", dict(bootstrap=False, class_weight={0: 0.7, 1: 1.3, 2: 1.1, 3: 0.9}, max_depth=3,
                    min_samples_leaf=25)),
]:
    x, y = make_table(**tables[name])
    # Drawn by weight, a row may be in every bootstrap, which scikit-learn counts as a wrong guess.
    oob = kw.get("bootstrap", True) and "class_weight" not in kw
    forest = RandomForestClassifier(n_estimators=40, random_state=42, oob_score=oob, **kw).fit(x, y)
    out["forests"].append({
        "table": name, "settings": kw, "checksums": checksum(forest),
        "importances": forest.feature_importances_.tolist(),
        "outOfBagScore": forest.oob_score_ if oob else None,
        "probabilities": forest.predict_proba(x[:6]).ravel().tolist(),
    })

# Test accuracy over 20 seeds: trained on the first half of a table, tested on the second.
out["accuracies"] = {}
for name, shape in tables.items():
    x, y = make_table(**shape)
    half = len(y) // 2
    for criterion in ("gini", "entropy"):
        out["accuracies"][f"{name} {criterion}"] = [
            RandomForestClassifier(n_estimators=30, criterion=criterion, random_state=s)
            .fit(x[:half], y[:half]).score(x[half:], y[half:]) for s in range(20)]

# Permutation importance on rows that the forest has not seen. Every feature's shuffles begin at
# a seed that scikit-learn draws from random_state first.
x, y = make_table(**smooth)
forest = RandomForestClassifier(n_estimators=20, random_state=42).fit(x[:200], y[:200])
result = permutation_importance(forest, x[200:], y[200:], n_repeats=4, random_state=7)
out["permutation"] = {"mean": result.importances_mean.tolist(), "std": result.importances_std.tolist()}

labels = {"ravdess": [e for e in range(8) for _ in range(67 if e == 0 else 134)],
          "uneven": [(i * i) % 7 for i in range(203)],
          "late": [3] * 9 + [1] * 14 + [3] * 4 + [0] * 6 + [1] * 3}
out["folds"] = []
for name, y in labels.items():
    for k in (2, 5):
        fold = np.empty(len(y), dtype=int)
        for f, (_, test) in enumerate(StratifiedKFold(k).split(np.zeros(len(y)), y)):
            fold[test] = f
        out["folds"].append({"labels": y, "folds": k, "foldOf": "".join(map(str, fold))})

grid = {"n_estimators": [5, 12], "max_depth": [4, 8, None], "min_samples_split": [2, 5],
        "min_samples_leaf": [1, 2], "criterion": ["gini", "entropy"]}
x, y = make_table(**coarse)
search = GridSearchCV(RandomForestClassifier(random_state=42), grid, cv=5, scoring="accuracy").fit(x, y)
results = search.cv_results_
out["grid"] = {
    "scores": [[results[f"split{f}_test_score"][i] for f in range(5)] for i in range(48)],
    "mean": results["mean_test_score"].tolist(), "std": results["std_test_score"].tolist(),
    "rank": results["rank_test_score"].tolist(), "best": int(search.best_index_),
    "bestChecksums": checksum(search.best_estimator_),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
