#include "cli/commands.hpp"
#include "core/error.hpp"
#include "core/whole_file.hpp"
#include "record/text_file.hpp"
#include "report/metric_names.hpp"
#include "report/report.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

/// A page or drawing of an earlier report, which may be replaced without a word.
bool is_a_report(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string start(600, '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  return start.find("<meta name=\"generator\" content=\"lair report\">") != std::string::npos ||
         start.find("<!-- lair report -->") != std::string::npos;
}

void refuse_to_lose(const std::string& option, const std::string& path, bool force) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw InputError(option, "", fmt::format("'{}' is a folder", path), "the name of a file");
  if (!force && fs::exists(path, error) && !is_device_or_pipe(path) && !is_a_report(path))
    throw InputError(option, "", fmt::format("'{}' is there already", path),
                     "another name, or --force to replace it");
}

void create_folder(const std::string& folder) {
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) throw RunError(fmt::format("cannot create '{}': {}", folder, error.message()));
}

/// NAME.svg and NAME.csv of every figure.
void write_figures(const report::Page& page, const std::string& folder, bool force) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    throw InputError("--figures", "", fmt::format("'{}' is a file", folder), "the path of a folder");
  // A figure's data are of a report where its drawing is.
  for (const auto* figure : report::figures(page)) {
    const std::string base = folder + "/" + figure->id;
    refuse_to_lose("--figures", base + ".svg", force);
    if (!fs::exists(base + ".svg", error)) refuse_to_lose("--figures", base + ".csv", force);
  }
  create_folder(folder);
  for (const auto* figure : report::figures(page)) {
    write_whole_file(folder + "/" + figure->id + ".svg", report::standalone_svg(*figure));
    write_whole_file(folder + "/" + figure->id + ".csv", figure->csv);
  }
}

std::string text_of(const report::Page& page, const ReportOptions& options) {
  if (options.format == "html") return report::page_html(page);
  const auto format = options.format == "md"      ? report::TableFormat::markdown
                      : options.format == "latex" ? report::TableFormat::latex
                                                  : report::TableFormat::csv;
  return report::page_tables(page, format, options.table);
}

std::string json_of(const ReportOptions& options, const std::string& out, const report::Page& page) {
  std::string warnings;
  for (const auto& one : page.warnings) warnings += (warnings.empty() ? "" : ", ") + record::json_quoted(one);
  return fmt::format("{{\"report\": {}, \"kind\": \"{}\", \"title\": {}, \"verdict\": {}, \"tables\": {}, "
                     "\"figures\": {}, \"problems\": [{}]}}\n",
                     record::json_quoted(out), to_string(report::folder_kind(options.folder)),
                     record::json_quoted(page.title), record::json_quoted(page.verdict), report::tables(page).size(),
                     report::figures(page).size(), warnings);
}

} // namespace

int report_command(const ReportOptions& options) {
  const bool html = options.format == "html";
  if (html && !options.table.empty())
    throw InputError("--table", "", "is of the formats md, latex and csv", "--format with one of them");
  if (!html && options.json && options.out.empty())
    throw InputError("--json", "", "and the tables would both go to standard output", "--out for the tables");
  std::string folder = options.folder;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  std::string out = options.out.empty() && html ? folder + "/report.html" : options.out;
  if (out == "-") {
    if (options.json)
      throw InputError("--json", "", "and the report would both go to standard output", "the name of a file for --out");
    out.clear();
  }
  const auto metrics = report::chosen_metrics(options.metrics);
  if (!out.empty() && fs::is_directory(folder)) refuse_to_lose("--out", out, options.force);

  const report::Page page = report::make_page(folder, metrics);
  const std::string text = text_of(page, options);
  if (!options.figures.empty()) write_figures(page, options.figures, options.force);
  for (const auto& warning : page.warnings) std::fprintf(stderr, "lair: %s\n", warning.c_str());
  if (out.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return exit_ok;
  }
  create_folder(fs::path(out).parent_path().string());
  write_whole_file(out, text);
  if (options.json) std::fputs(json_of(options, out, page).c_str(), stdout);
  else fmt::print("{}\nreport: {}\n", page.verdict, out);
  return exit_ok;
}

} // namespace lair::cli
