#include "report/replay.hpp"

#include "report/csv_table.hpp"
#include "report/escape.hpp"
#include "report/web_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

namespace lair::report {

namespace {

struct Wanted {
  std::string_view file, shows;
};
constexpr Wanted wanted[] = {{"hosts.csv", "the hosts and their load"},
                             {"labels.csv", "true and false alarms, scores and thresholds"},
                             {"tasks.csv", "the tasks of each LEI"},
                             {"migrations.csv", "tasks that move"}};

/// What cannot be shown and how a run writes it; also read where no script runs.
std::string missing_markup(const std::string& folder) {
  std::string out;
  for (const auto& [file, shows] : wanted)
    if (!std::filesystem::exists(fmt::format("{}/{}", folder, file)))
      out += fmt::format("<li><code>{}</code> is not in the run's folder, so {} cannot be shown.</li>\n", file, shows);
  if (out.empty()) return out;
  return fmt::format("<div class=\"rp-missing\" role=\"note\"><ul>\n{}</ul>\n<p><code>record.level = \"tasks\"</code> "
                     "in the scenario, or <code>\"events\"</code>, writes them: <code>lair run ... --set "
                     "record.level=tasks</code>.</p></div>\n",
                     out);
}

} // namespace

std::string replay_section(const std::string& run_folder) {
  std::string out = fmt::format("<style>\n{}{}</style>\n", chart_style(), replay_style());
  out += missing_markup(run_folder);
  out += "<noscript><p>The replay needs JavaScript, which does not run here. The other figures and the tables of "
         "this page do without.</p></noscript>\n<div id=\"replay-app\" class=\"rp\"></div>\n";
  out += fmt::format("<script type=\"application/json\" id=\"replay-data\">\n{}\n</script>\n", replay_json(run_folder));
  if (!chart_script().empty())
    out += fmt::format("<script>/*\n{}*/\n{}</script>\n", chart_licence(), chart_script());
  // In a function, so that its names are its own.
  return out + fmt::format("<script>(function () {{\n'use strict';\n{}}})();\n</script>\n", replay_script());
}

} // namespace lair::report
