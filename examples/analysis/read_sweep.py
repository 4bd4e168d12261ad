#!/usr/bin/env python3
"""Mean and spread of a metric per policy and axes: read_sweep.py results/NAME/sweep.db [METRIC]"""
import sqlite3
import statistics
import sys
from collections import defaultdict

metric = sys.argv[2] if len(sys.argv) > 2 else "response_mean_s"
store = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
store.row_factory = sqlite3.Row
axes = [name for (name,) in store.execute("SELECT name FROM axes ORDER BY position")]
metrics = [row["name"] for row in store.execute("PRAGMA table_info(metrics)")][1:]
if metric not in metrics:
    sys.exit(f"there is no metric {metric}; there are: {', '.join(metrics)}")

cells = defaultdict(list)  # (policy, value of each axis) -> one number a seed
for row in store.execute("SELECT * FROM results WHERE status = 'done' ORDER BY point"):
    if row[metric] is not None:
        cells[(row["policy"], *(row[axis] for axis in axes))].append(row[metric])

print("policy", *axes, metric, "standard_deviation", "runs", sep="\t")
for cell, values in cells.items():
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    print(*cell, f"{statistics.fmean(values):.6g}", f"{spread:.3g}", len(values), sep="\t")
