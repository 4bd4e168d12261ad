/// How well scores rank what is positive above what is not. Only the order of
/// the scores counts. Equal scores count with the mean over all orders of
/// theirs (or stand at one threshold, for the average precision), so that
/// nothing depends on the order of the input. docs/results.md has the formulas.
#pragma once

#include <span>

namespace lair {

/// A detector's score with the truth it was about. The score is a number, not
/// NaN.
struct Scored {
  double score = 0;
  bool positive = false;
};

/// Area under the ROC curve: the chance that a positive's score is above a
/// negative's, ties half. NaN without both classes.
double area_under_roc(std::span<const Scored>);

/// Average precision, the area under the precision-recall curve without
/// interpolation: the sum over the thresholds, from the highest, of (R_n -
/// R_n-1) P_n. NaN without a positive.
double average_precision(std::span<const Scored>);

/// F1 = 2 TP / (2 TP + FP + FN) at the threshold where it is highest: what no
/// threshold chosen beforehand can exceed. NaN without a positive.
double best_f1(std::span<const Scored>);

// Fault diagnosis metrics of the DRAGON paper (its section VI-B), with n, the
// number of positives, as the depth ("@100 %"). NaN without a positive.

/// Share of the positives that are among the n highest scores.
double hit_rate_at_full(std::span<const Scored>);

/// Normalised discounted cumulative gain at depth n: sum over the ranks r <= n
/// that hold a positive of 1 / log2(r + 1), over the same sum if all of them
/// did (Jarvelin and Kekalainen 2002).
double ndcg_at_full(std::span<const Scored>);

} // namespace lair
