#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "faults/fault_plan.hpp"
#include "policy/policy_factory.hpp"
#include "record/text_file.hpp"
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <variant>

namespace lair::cli {

namespace {

using record::json_quoted;

/// A text, a number, or nothing.
using Cell = std::variant<std::string, double>;
constexpr double none = std::numeric_limits<double>::infinity();

/// A table with the names of its columns, printed aligned or as an array of JSON objects.
struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
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

/// The deadlines that calibration gave to a shipped workload's applications; none if there are
/// none.
std::optional<DeadlineTable> calibrated(const std::filesystem::path& workload) {
  const auto path = workload.parent_path() / "deadlines" / workload.filename();
  if (!std::filesystem::exists(path)) return {};
  return read_deadline_table(path.string());
}

double deadline_of(const Application& application, const std::optional<DeadlineTable>& table) {
  if (std::isfinite(application.deadline.value) || !table) return application.deadline.value;
  for (const auto& [name, deadline] : table->deadlines)
    if (name == application.name) return deadline.value;
  return none;
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
    const auto deadlines = calibrated(file);
    for (const auto& a : workload.applications)
      out.rows.push_back({workload.name, a.name, a.images, a.flops_per_image().value / 1e9,
                          a.resident.value / 1e6, deadline_of(a, deadlines)});
  }
  return out;
}

std::string json_cell(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return json_quoted(*text);
  const double number = std::get<double>(cell);
  return std::isfinite(number) ? fmt::format("{}", number) : "null";
}

std::string text_cell(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  const double number = std::get<double>(cell);
  return std::isfinite(number) ? fmt::format("{:.4g}", number) : "-";
}

void print_json(const Listing& listing) {
  fmt::print("[");
  for (std::size_t r = 0; r < listing.rows.size(); ++r) {
    fmt::print("{}\n  {{", r > 0 ? "," : "");
    for (std::size_t c = 0; c < listing.columns.size(); ++c)
      fmt::print("{}{}: {}", c > 0 ? ", " : "", json_quoted(listing.columns[c]),
                 json_cell(listing.rows[r][c]));
    fmt::print("}}");
  }
  fmt::print("\n]\n");
}

void print_table(const Listing& listing) {
  std::vector<std::vector<std::string>> lines{listing.columns};
  for (const auto& row : listing.rows) {
    lines.emplace_back();
    for (const auto& cell : row) lines.back().push_back(text_cell(cell));
  }
  std::vector<std::size_t> widths(listing.columns.size());
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t c = 0; c < line.size(); ++c)
      text += fmt::format("{:<{}}  ", line[c], widths[c]);
    text.erase(text.find_last_not_of(' ') + 1);
    fmt::print("{}\n", text);
  }
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
