// No dead keys: whatever a scenario can say makes a difference to what happens, or keys.toml gives the
// reason why it does not.
#include "fixture.hpp"
#include "scenario/reader.hpp"
#include "scenario/tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

using namespace lair;
using namespace lair::physics;

namespace {

/// One `key = value` of the file.
struct Line {
  std::string section, key, value;
  std::string other;   ///< "# or ..."
  bool inert = false;  ///< "# inert: ..."
  std::size_t at = 0;  ///< index in the file
};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> file_lines() {
  std::ifstream file("tests/physics/keys.toml");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<Line> entries(const std::vector<std::string>& lines) {
  std::vector<Line> out;
  std::string section;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      section = line;
      std::erase_if(section, [](char c) { return c == '[' || c == ']'; });
      continue;
    }
    const auto equals = line.find(" = "), comment = line.find(" # ");
    Line entry{section, line.substr(0, equals), {}, {}, false, i};
    entry.value = trimmed(line.substr(equals + 3, comment - equals - 3));
    const std::string what = comment == std::string::npos ? "" : trimmed(line.substr(comment + 3));
    if (what.starts_with("or ")) entry.other = what.substr(3);
    entry.inert = what.starts_with("inert: ");
    INFO(line);
    REQUIRE((entry.inert || !entry.other.empty()));
    out.push_back(entry);
  }
  return out;
}

Recording run(std::vector<std::string> lines, const Line* changed) {
  if (changed != nullptr) lines[changed->at] = changed->key + " = " + changed->other;
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return simulate_forked(read_scenario_text(text, "tests/physics/keys.toml"));
}

/// "section key" of all tables of keys, as the file heads them.
std::set<std::string> known_keys() {
  std::set<std::string> all;
  const auto add = [&](const std::string& section, const auto& fields) {
    for (const auto& field : fields) all.insert(section + ' ' + field.key);
  };
  add("", scenario_fields());
  add("faults", fault_fields());
  add("faults.shares", fault_share_fields());
  for (const auto& section : effect_sections()) add("faults." + section.key, section.fields);
  add("faults.script", script_fields());
  add("liveness", liveness_fields());
  add("exchange", exchange_fields());
  add("migration", migration_fields());
  add("overhead", overhead_fields());
  add("policy", policy_fields());
  add("record", record_fields());
  add("platform", platform_fields());
  add("platform.kinds.small", kind_fields());
  add("platform.leis", lei_fields());
  add("platform.leis.hosts", group_fields());
  add("workload", workload_fields());
  add("workload.applications.heavy", application_fields());
  return all;
}

} // namespace

TEST_CASE("keys.toml holds every key there is") {
  std::set<std::string> missing = known_keys();
  for (const Line& line : entries(file_lines())) missing.erase(line.section + ' ' + line.key);
  for (const auto& key : missing) FAIL_CHECK("keys.toml does not hold " << key);
}

TEST_CASE("every key makes a difference, or is said not to") {
  const auto lines = file_lines();
  const Recording plain = run(lines, nullptr);
  REQUIRE(plain.failure.empty());
  REQUIRE(plain.signal == 0);
  // What the values act on must happen at all.
  for (const EventKind kind : {EventKind::migration_finished, EventKind::task_killed,
                               EventKind::host_failed, EventKind::broker_promoted})
    CHECK_MESSAGE(!plain.of(kind).empty(), to_string(kind) << " never happens");
  std::size_t inert = 0;
  for (Line line : entries(lines)) {
    INFO(line.section << ' ' << line.key);
    if (line.inert) {
      ++inert;
      line.other = line.key == "level"           ? "\"summary\""
                   : line.key == "machine_speed" ? "\"1 GFLOPS\""
                                                 : "\"another\"";
    }
    REQUIRE(line.other != line.value);
    const Recording other = run(lines, &line);
    CHECK(other.failure == "");
    CHECK(other.signal == 0);
    const bool differs = !difference(plain, other).empty();
    CHECK_MESSAGE(differs != line.inert, (differs ? "makes a difference" : "makes no difference"));
  }
  CHECK(inert == 6);
}
