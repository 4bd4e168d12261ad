/// From a folder to its report.
#pragma once

#include "report/metric_names.hpp"
#include "report/page.hpp"

#include <string>
#include <string_view>

namespace lair::report {

enum class FolderKind { run, comparison, sweep };
std::string_view to_string(FolderKind);

/// By sweep.db, compare.json, or a run's files, in this order. InputError if the folder is none of
/// these.
FolderKind folder_kind(const std::string& folder);

/// InputError if no run has a value of a metric that was asked for.
Page run_page(const std::string& folder, const MetricChoice&);
Page comparison_page(const std::string& folder, const MetricChoice&);
Page sweep_page(const std::string& folder, const MetricChoice&);

/// Whichever it is. Throws InputError if there is nothing to show at all.
Page make_page(const std::string& folder, const MetricChoice&);

} // namespace lair::report
