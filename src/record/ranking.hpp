/// How well scores point at the faulty ones among the hosts of one interval: the fault diagnosis
/// metrics of the DRAGON paper (its section VI-B), with n, the number of faulty hosts, as the depth
/// ("@100 %"). Equal scores count with the mean over all orders of theirs, so nothing depends on
/// the order of hosts. NaN if none is faulty.
#pragma once

#include "core/statistics.hpp"

#include <span>

namespace lair::record {

/// Share of the faulty hosts that are among the n highest scores.
double hit_rate_at_full(std::span<const Scored> hosts);

/// Normalised discounted cumulative gain at depth n: sum over the ranks r <= n that hold a faulty
/// host of 1 / log2(r + 1), over the same sum if all of them did (Jarvelin and Kekalainen 2002).
double ndcg_at_full(std::span<const Scored> hosts);

} // namespace lair::record
