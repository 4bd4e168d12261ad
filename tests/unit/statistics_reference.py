#!/usr/bin/env python3
"""Writes tests/unit/statistics_reference.hpp: values of NumPy and SciPy that the C++ statistics are
held against. Run it from the source tree's root after a change; `--check` compares instead, and
ends with 77 where another SciPy would give other digits.

Where SciPy has a function it is used. Where it has none (Holm, A12, exact Wilcoxon with ties, Sobol
estimators in 1.10), the definition is written out here, in other words than in the C++ code."""
import itertools
import sys

try:
    import numpy as np
    import scipy
    from scipy import stats
except ImportError:
    print("no SciPy here")
    sys.exit(77)

PATH = "tests/unit/statistics_reference.hpp"
MADE_WITH = "NumPy 1.24.2, SciPy 1.10.1"
RESAMPLES = 200_000  # of the reference; the C++ code draws 5,000 (shares: 2,000)
REPEATS = 40  # bootstraps of the C++ code's size, whose spread is the tolerance's unit
lines = []


def number(x):
    return repr(float(x))


def array(name, values):
    cells = [number(v) for v in values]
    text, line = [], "   "
    for cell in cells:
        if len(line) + len(cell) + 2 > 98:
            text.append(line)
            line = "   "
        line += " " + cell + ","
    text.append(line.rstrip(","))
    lines.append(f"inline const std::vector<double> {name}{{\n" + "\n".join(text) + "};")


def value(name, x):
    lines.append(f"inline constexpr double {name} = {number(x)};")


def comment(text):
    lines.append(f"\n// {text}")


rng = np.random.default_rng(20260101)
samples = {
    "skewed": np.array([12.1, 9.8, 15.3, 11.1, 30.2, 10.4, 13.7, 9.9, 12.5, 14.2]),
    "symmetric": np.round(rng.normal(100, 15, 25), 4),
    "tied": np.round(rng.exponential(5, 30)),
    "many": np.round(rng.lognormal(3, 0.6, 80), 6),
}


def bca(resampled, observed, left_out, confidence=0.95):
    """Efron's BCa with ties counted half, as SciPy does from 1.11 on; 1.10 counts them not at all,
    which a median's many ties would notice."""
    count = len(resampled)
    below = ((resampled < observed).sum() + (resampled <= observed).sum()) / (2 * count)
    bias = stats.norm.ppf(below)
    d = left_out.mean() - left_out
    moves = left_out.min() < left_out.max()
    acceleration = (d**3).sum() / (6 * (d**2).sum() ** 1.5) if moves else 0
    out = []
    for share in ((1 - confidence) / 2, (1 + confidence) / 2):
        z = bias + stats.norm.ppf(share)
        at = stats.norm.cdf(bias + z / (1 - acceleration * z))
        out.append(np.percentile(resampled, 100 * at))
    return out


def mean_interval(x, resamples, seed):
    found = stats.bootstrap((x,), np.mean, n_resamples=resamples, method="BCa", batch=10_000,
                            random_state=seed).confidence_interval
    return [found.low, found.high]


def median_interval(x, resamples, seed):
    resampled = stats.bootstrap((x,), np.median, n_resamples=resamples, method="percentile",
                                batch=10_000, random_state=seed).bootstrap_distribution
    left_out = np.array([np.median(np.delete(x, i)) for i in range(len(x))])
    return bca(resampled, np.median(x), left_out)


def spread(interval, size):
    """Standard deviation of both ends between bootstraps of `size` resamples."""
    return np.std([interval(size, seed) for seed in range(REPEATS)], axis=0, ddof=1)


# Summaries and intervals
comment("np.mean, np.std(ddof=1), np.median, np.quantile at these shares")
shares = [0, 0.025, 0.25, 0.5, 0.9, 0.95, 0.975, 0.99, 1]
array("shares", shares)
for name, x in samples.items():
    array(name, x)
    jain = x.sum()**2 / (len(x) * (x**2).sum())
    array(name + "_summary", [x.mean(), x.std(ddof=1), np.median(x), jain])
    array(name + "_quantiles", np.quantile(x, shares))
comment("BCa 95 % of mean (scipy.stats.bootstrap) and median: low, high, and the standard\n"
        "// deviations of both between bootstraps of 5,000 resamples")
for name, x in samples.items():
    for what, interval in (("mean", mean_interval), ("median", median_interval)):
        array(f"{name}_{what}_interval",
              [*interval(x, RESAMPLES, 1),
               *spread(lambda size, seed: interval(x, size, seed), 5000)])

# Tests--
comment("scipy.stats.wilcoxon: exact without ties, by all 2^n signs with ties, and approximate\n"
        "// with ties and zeros (zero_method='wilcox', correction=False)")
exact = [1.5, -0.5, 2.25, 3.0, -1.0, 4.0, 0.75, 5.0]
exact25 = np.round(rng.normal(0.4, 1, 25), 5)
ties = [1, 1, -1, 2, 3, 3, -2, 4, -4, 5, 5]
rough = np.round(rng.normal(0.8, 3, 60))


def by_all_signs(d):
    ranks = stats.rankdata(np.abs(d))
    observed = ranks[np.array(d) > 0].sum()
    sums = np.array([np.dot(ranks, signs) for signs in itertools.product((0, 1), repeat=len(d))])
    return min(1, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))


for name, d, p in (("exact", exact, stats.wilcoxon(exact, mode="exact").pvalue),
                   ("exact25", exact25, stats.wilcoxon(exact25, mode="exact").pvalue),
                   ("ties", ties, by_all_signs(ties)),
                   ("rough", rough, stats.wilcoxon(rough, zero_method="wilcox", mode="approx",
                                                   correction=False).pvalue)):
    array("wilcoxon_" + name, d)
    value("wilcoxon_" + name + "_p", p)


def holm(p):
    """p_(i) adjusted = max over j <= i of min(1, (m - j + 1) p_(j))."""
    order = np.argsort(p, kind="stable")
    scaled = np.minimum(1, np.sort(p) * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.maximum.accumulate(scaled)
    return out


comment("Holm's step-down adjustment from its definition")
p_values = np.concatenate([rng.uniform(0, 0.02, 5), rng.uniform(0, 1, 6), [0.01, 0.01]]).round(6)
array("holm_given", p_values)
array("holm_adjusted", holm(p_values))
comment("scipy.stats.mannwhitneyu(x, y).statistic / (len(x) * len(y)) is A12")
for x, y in (("skewed", "tied"), ("tied", "symmetric"), ("many", "tied"), ("tied", "skewed")):
    wins = stats.mannwhitneyu(samples[x], samples[y]).statistic
    value(f"a12_{x}_{y}", wins / (len(samples[x]) * len(samples[y])))

# Distributions, needed runs
comment("p, degrees of freedom, scipy.stats.t.ppf; p, scipy.stats.norm.ppf")
t_cases = [(p, df) for p in (0.6, 0.975, 0.999) for df in (1, 2, 9, 30, 500)]
array("t_quantiles", [v for p, df in t_cases for v in (p, df, stats.t.ppf(p, df))])
array("normal_quantiles", [v for p in (1e-10, 0.001, 0.02425, 0.3, 0.975, 1 - 1e-9)
                           for v in (p, stats.norm.ppf(p))])


def needed(x, width):
    n = 2
    while 2 * stats.t.ppf(0.975, n - 1) * x.std(ddof=1) / n**0.5 > width * abs(x.mean()):
        n += 1
    return n


comment("relative width, then the smallest n with 2 t(0.975, n - 1) s / sqrt(n) <= width |mean|")
for name, x in samples.items():
    array(name + "_needed", [v for w in (0.5, 0.2, 0.1, 0.05) for v in (w, needed(x, w))])

# Sensitivity
comment("A grid of 3 x 2 x 4 levels with 8 seeds: eta^2 of each axis from scipy.stats.f_oneway's\n"
        "// F: F (k - 1) / (F (k - 1) + N - k). Rows: level 0, level 1, level 2, seed, value")
rows = []
seed_effects = rng.normal(0, 1.5, 8)
for a, b, c, s in itertools.product(range(3), range(2), range(4), range(8)):
    y = 1000 + 4 * a + 1.5 * b * (a - 1) + 0.6 * (c - 1.5)**2 + seed_effects[s] + rng.normal(0, 1)
    rows.append((a, b, c, s, round(y, 5)))
rows = np.array(rows)


def eta_squared(table, axis):
    groups = [table[table[:, axis] == level][:, 4] for level in np.unique(table[:, axis])]
    f = stats.f_oneway(*groups).statistic
    k, n = len(groups), len(table)
    return f * (k - 1) / (f * (k - 1) + n - k)


array("grid", rows.ravel())
array("grid_eta", [eta_squared(rows, axis) for axis in range(4)])
array("grid_axis0_means", [rows[rows[:, 0] == level][:, 4].mean() for level in range(3)])
holes = rows[rng.uniform(size=len(rows)) > 0.3]  # as if runs had failed
array("holes", holes.ravel())
array("holes_eta", [eta_squared(holes, axis) for axis in range(4)])
# scipy.stats.bootstrap over the seeds; sums per seed make one evaluation cheap.
seed_tables = [rows[rows[:, 3] == s] for s in range(8)]


def eta_interval(axis, resamples, seed):
    levels = int(rows[:, axis].max()) + 1
    counts = np.array([[(t[:, axis] == l).sum() for l in range(levels)] for t in seed_tables])
    centred = [t[:, 4] - 1000 for t in seed_tables]
    sums = np.array([[y[t[:, axis] == l].sum() for l in range(levels)]
                     for t, y in zip(seed_tables, centred)])
    squares = np.array([(y**2).sum() for y in centred])

    def eta(drawn, axis=-1):
        drawn = drawn.astype(int)
        n, total, square = counts[drawn].sum(-2), sums[drawn].sum(-2), squares[drawn].sum(-1)
        grand = total.sum(-1) ** 2 / n.sum(-1)
        return ((total**2 / n).sum(-1) - grand) / (square - grand)

    found = stats.bootstrap((np.arange(8),), eta, vectorized=True, n_resamples=resamples,
                            batch=10_000, method="BCa", random_state=seed).confidence_interval
    return [found.low, found.high]


comment("BCa 95 % of eta^2 over seeds: low, high, their standard deviations at 2,000 resamples")
for axis in range(3):
    array(f"grid_eta{axis}_interval",
          [*eta_interval(axis, RESAMPLES, 1),
           *spread(lambda size, seed: eta_interval(axis, size, seed), 2000)])

comment("Sobol: outputs of 40 groups f(A), f(AB_1) .. f(AB_3), f(B) of a function of three axes;\n"
        "// Saltelli et al. 2010, Table 2: (b) mean f(B)(f(AB_i) - f(A)) / V,\n"
        "// (f) mean (f(A) - f(AB_i))^2 / 2V")
n, d = 40, 3
A, B = rng.uniform(size=(n, d)), rng.uniform(size=(n, d))


def f(x):
    return 50 + 5 * x[:, 0] + 3 * x[:, 1] ** 2 + 4 * x[:, 0] * x[:, 2]


AB = []
for i in range(d):
    mixed = A.copy()
    mixed[:, i] = B[:, i]
    AB.append(f(mixed))
fA, fB = f(A), f(B)
array("sobol_outputs", np.stack([fA, *AB, fB], axis=1).ravel())
both = np.concatenate([fA, fB])
V, centre = both.var(), both.mean()
array("sobol_first", [((fB - centre) * (ab - fA)).mean() / V for ab in AB])
array("sobol_total", [((fA - ab) ** 2).mean() / (2 * V) for ab in AB])

text = (f"// Written by tests/unit/statistics_reference.py with {MADE_WITH}. Do not edit.\n"
        "// NOLINTBEGIN\n#pragma once\n\n#include <vector>\n\nnamespace reference {\n"
        + "\n".join(lines) + "\n\n} // namespace reference\n// NOLINTEND\n")
if "--check" in sys.argv:
    have = f"NumPy {np.__version__}, SciPy {scipy.__version__}"
    if have != MADE_WITH:
        print(f"made with {MADE_WITH}, and here is {have}")
        sys.exit(77)
    with open(PATH) as file:
        sys.exit(0 if file.read() == text else f"{PATH} is not what this script writes")
with open(PATH, "w") as file:
    file.write(text)
