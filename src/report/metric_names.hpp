/// Metrics as readers call them.
#pragma once

#include "record/metrics.hpp"

#include <functional>
#include <string>
#include <vector>

namespace lair::report {

const record::MetricDescription& description(record::Metric);
/// "Mean response time"
std::string title_of(record::Metric);
/// "Mean response time, s"
std::string axis_of(record::Metric);
/// For ids: the name with - for its dot.
std::string id_of(record::Metric);

/// What most questions are about; a metric without a value anywhere is left out by the pages.
const std::vector<record::Metric>& headline_metrics();

/// Which metrics a page shows.
struct MetricChoice {
  std::vector<record::Metric> metrics;
  bool by_name = false; ///< asked for one by one, not the usual ones
};

/// Those of --metric, in the order given: names, with '.' or '_'. InputError for one that is none;
/// empty gives the headline ones.
MetricChoice chosen_metrics(const std::vector<std::string>& names);

/// What results hold of a metric.
enum class Values { none, zeros, some };

/// Of the usual metrics, those with a value that is not 0. Of those asked for, all; InputError for those
/// that no result in the folder has.
std::vector<record::Metric> shown_metrics(const MetricChoice&, const std::string& folder,
                                          const std::function<Values(record::Metric)>&);

} // namespace lair::report
