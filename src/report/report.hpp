/// From a folder to its report.
#pragma once

#include "record/metrics.hpp"
#include "report/page.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lair::report {

enum class FolderKind { run, comparison, sweep };
std::string_view to_string(FolderKind);

/// By sweep.db, compare.json, or a run's files, in this order. InputError if the folder is none of
/// these.
FolderKind folder_kind(const std::string& folder);

/// Metrics as chosen_metrics() gives them.
Page run_page(const std::string& folder, const std::vector<record::Metric>&);
Page comparison_page(const std::string& folder, const std::vector<record::Metric>&);
Page sweep_page(const std::string& folder, const std::vector<record::Metric>&);

/// Whichever it is. Throws InputError if there is nothing to show at all.
Page make_page(const std::string& folder, const std::vector<record::Metric>&);

} // namespace lair::report
