/// Metrics as readers call them.
#pragma once

#include "record/metrics.hpp"

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

/// Those of --metric, in the order given: names, with '.' or '_'. InputError for one that is none;
/// empty gives the headline ones.
std::vector<record::Metric> chosen_metrics(const std::vector<std::string>& names);

} // namespace lair::report
