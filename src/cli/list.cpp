#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "faults/fault_plan.hpp"
#include "policy/policy_factory.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace lair::cli {

namespace {

using record::json_quoted;

/// A table with the names of its columns, printed aligned or as an array of JSON objects.
struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

Listing names(const std::vector<ListedName>& all) {
  Listing out{{"name", "description", "source"}, {}};
  for (const auto& one : all) out.rows.push_back({one.name, one.description, one.source});
  return out;
}

Listing faults() {
  Listing out{{"name", "label", "description"}, {}};
  for (std::size_t i = 0; i < fault_kind_count; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    out.rows.push_back({std::string(to_string(kind)), std::string(label_of(kind)),
                        std::string(description_of(kind))});
  }
  return out;
}

/// Of every workload in workloads/ here and among the shipped files, in order of name.
Listing applications() {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  const Search search = default_search();
  for (const auto& folder : {fs::path("workloads"), fs::path(search.share) / "workloads"}) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".toml" &&
          detect_kind(it->path().string()) == FileKind::workload &&
          std::none_of(files.begin(), files.end(),
                       [&](const auto& f) { return f.filename() == it->path().filename(); }))
        files.push_back(it->path());
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.filename() < b.filename(); });
  Listing out{{"workload", "name", "images", "gflops_per_image", "resident_mb", "deadline_s"}, {}};
  for (const auto& file : files) {
    const Workload workload = read_workload(file.string(), search);
    for (const auto& a : workload.applications)
      out.rows.push_back({workload.name, a.name, fmt::format("{}", a.images),
                          fmt::format("{:.3g}", a.flops_per_image().value / 1e9),
                          fmt::format("{:.0f}", a.resident.value / 1e6),
                          fmt::format("{}", a.deadline.value)});
  }
  return out;
}

void print_json(const Listing& listing) {
  fmt::print("[");
  for (std::size_t r = 0; r < listing.rows.size(); ++r) {
    fmt::print("{}\n  {{", r > 0 ? "," : "");
    for (std::size_t c = 0; c < listing.columns.size(); ++c)
      fmt::print("{}{}: {}", c > 0 ? ", " : "", json_quoted(listing.columns[c]),
                 json_quoted(listing.rows[r][c]));
    fmt::print("}}");
  }
  fmt::print("\n]\n");
}

void print_table(const Listing& listing) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < listing.columns.size(); ++c) {
    widths.push_back(listing.columns[c].size());
    for (const auto& row : listing.rows) widths[c] = std::max(widths[c], row[c].size());
  }
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += fmt::format("{:<{}}  ", row[c], widths[c]);
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  };
  print(listing.columns);
  for (const auto& row : listing.rows) print(row);
}

} // namespace

int list_command(const ListOptions& options) {
  const Listing listing = options.what == "policies"      ? names(list_policies())
                          : options.what == "schedulers"  ? names(list_schedulers())
                          : options.what == "detectors"   ? names(list_detectors())
                          : options.what == "remediators" ? names(list_remediators())
                          : options.what == "faults"      ? faults()
                                                          : applications();
  options.json ? print_json(listing) : print_table(listing);
  return exit_ok;
}

} // namespace lair::cli
