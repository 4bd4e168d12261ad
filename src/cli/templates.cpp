#include "cli/templates.hpp"

#include <cctype>

namespace lair::cli {

namespace {

/// `text` with every @WORD@ replaced. (CMake's own ${...} stay.)
std::string filled(std::string text,
                   const std::vector<std::pair<std::string, std::string>>& replacements) {
  for (const auto& [word, value] : replacements)
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += value.size())
      text.replace(at, word.size(), value);
  return text;
}

/// "my-policy" -> "MyPolicy": the name of a class.
std::string class_name(const std::string& name) {
  std::string out;
  bool start = true;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      start = true;
      continue;
    }
    out += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    start = false;
  }
  return out.empty() || std::isdigit(static_cast<unsigned char>(out.front())) != 0 ? "Policy" + out
                                                                                   : out;
}

// Lines that begin with '#' and a key, without a blank, are defaults: a test takes the '#' away and
// holds them against the reader's.
constexpr const char* scenario_text = R"(# @NAME@: a scenario of Lair.
#   lair check @NAME@.toml
#   lair run @NAME@.toml
#   lair compare @NAME@.toml --policies none,overload-migration --seeds 1..5
# A line such as `#key = value` shows a default; take the # away to change it. Any key can also be set
# for one run: lair run @NAME@.toml --set faults.rate=2

seed = 1                        # same scenario and seed: the same result, byte for byte
intervals = 50                  # how long the run lasts, in scheduling intervals
#interval = "300 s"
#window = 10
#sampling = "10 s"

# A name from platforms/ (16 boards in 4 LEIs), a file of yours (`lair platform` writes one of any size),
# or a table [platform].
platform = "pi-config2"

[workload]
file = "aiotbench"              # a name from workloads/; the keys below are laid over it
deadlines = "aiotbench"         # calibrated deadlines of its applications
rate = 4.8                      # tasks per interval in the whole federation: half-busy boards

[faults]
rate = 0.5                      # per interval in the whole federation; 0 = none
#min_length = "1 intervals"
#max_length = "5 intervals"
#strength = 1

[faults.shares]                 # which kinds are drawn: `lair list faults`
#cpu_overload = 0.2
#ram_contention = 0.2
#disk_attack = 0.2
#ddos = 0.2
#crash = 0.2

# A fault of your own, at a time and a host of your choice, in addition to the drawn ones:
# [[faults.script]]
# kind = "ddos"
# start = "3 intervals"
# length = "2 intervals"
# host = "lei2-3"

[policy]                        # `lair list policies`, or the path of a shared library
name = "overload-migration"
#scheduler = ""
#detector = ""
#remediator = ""

[policy.options]                # the policy checks them
# cooldown = 2

[overhead]
#mode = "modelled"

[record]
#level = "events"
#samples = false
)";

constexpr const char* policy_cpp = R"(// @NAME@: moves tasks off the host with the longest run queue.
#include <lair/policy.hpp>

namespace {

// Lives inside a broker and sees its own LEI, and what peers last reported; never the fault plan.
class @CLASS@ : public lair::Remediator {
public:
  static constexpr double memory_bytes = 1e6; // resident on every broker; charged to it

  // Options come from [policy.options] or --policy @NAME@.so:moves=2.
  explicit @CLASS@(lair::PolicyContext& context)
      : Remediator(context),
        moves_(context.number("moves", 1, 0, 100)),
        crowded_(context.number("crowded", 1.25, 0, 1000)) {}

  // `placement`: what the scheduler wants with new tasks. `own`: what the detector says of each host;
  // null if the run has none.
  void decide(const lair::Observation& seen, lair::Actions placement, const lair::DetectionView* own,
              lair::Decision& out) override {
    (void)placement;
    (void)own;
    const lair::Host* from = nullptr;
    const lair::Host* to = nullptr;
    for (const auto& host : seen.own_hosts()) {
      const double pressure = seen.metric(host, LAIR_CPU_PRESSURE); // runnable threads per core
      if (from == nullptr || pressure > seen.metric(*from, LAIR_CPU_PRESSURE)) from = &host;
      if (lair::takes_tasks(host) &&
          (to == nullptr || pressure < seen.metric(*to, LAIR_CPU_PRESSURE)))
        to = &host;
    }
    context().charge_flops(10.0 * static_cast<double>(seen.own_hosts().size())); // what this costs
    if (from == nullptr || to == nullptr || from->id == to->id ||
        seen.metric(*from, LAIR_CPU_PRESSURE) < crowded_)
      return;
    double moved = 0, room = to->ram - to->ram_need;
    for (const auto& task : seen.tasks()) {
      if (moved >= moves_) break;
      if (task.host != from->id || task.state != LAIR_TASK_RUNNING || task.resident > room) continue;
      out.migrate(task.id, to->id);
      room -= task.resident;
      ++moved;
    }
  }

private:
  double moves_, crowded_;
};

} // namespace

LAIR_POLICY(@CLASS@, "@NAME@", "0.1", "moves tasks off the host with the longest run queue", "mine")
)";

constexpr const char* policy_cmake = R"(# Builds @NAME@.so: a policy that `lair` loads.
cmake_minimum_required(VERSION 3.25)
project(@PROJECT@ LANGUAGES CXX)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# An installed Lair, or the build folder of its source tree. Another one:
#   cmake -S . -B build -DCMAKE_PREFIX_PATH=/path/of/it
find_package(lair REQUIRED HINTS "@PREFIX@")

# ROLES detectors/threshold would compile a built-in role into it.
lair_add_policy(@NAME@ @NAME@.cpp)
)";

constexpr const char* policy_readme = R"(# @NAME@

A policy for Lair, the simulator of edge federations, as a shared library.

    cmake -S . -B build
    cmake --build build
    lair check build/@NAME@.so

`lair check` plays it in all sorts of situations and says what is wrong. Then, with a scenario
(`lair new scenario mine` writes one):

    lair run mine.toml --policy build/@NAME@.so --out results/@NAME@
    lair compare mine.toml --policies none,build/@NAME@.so,build/@NAME@.so:moves=3 --seeds 1..5 --out results/compared

`context().log(0, "...")` writes a line into the run's `notes.csv`. What a policy sees and may do stands in
`<lair/policy.hpp>` and `<lair/plugin.h>`.
)";

constexpr const char* sweep_text = R"(# @NAME@: a sweep: one scenario, run at every point of the axes below.
#   lair sweep @NAME@.toml --dry-run
#   lair sweep @NAME@.toml
#   sqlite3 -header -column results/@NAME@/sweep.db 'SELECT * FROM results'
# Everything outside [sweep] is the scenario, with the keys of `lair new scenario`.

intervals = 20
platform = "pi-config2"

[record]
level = "summary"               # "events" keeps every event of every run

[workload]
file = "aiotbench"
deadlines = "aiotbench"
rate = 4.8

[faults]
rate = 0.5

[sweep]
seeds = "1..3"                  # every point runs with each of them
policies = ["none", "overload-migration"]

[sweep.axes]                    # paths of keys, as in --set, and their values; all combinations are run
faults.rate = [0.5, 2]
# workload.rate = { from = 2.4, to = 7.2, steps = 3 }
# "overload-migration:cooldown" = [1, 3]
)";

} // namespace

std::string new_scenario(const std::string& name) { return filled(scenario_text, {{"@NAME@", name}}); }

std::vector<NewFile> new_policy(const std::string& name, const std::string& prefix) {
  std::string project; // CMake takes fewer characters here than elsewhere
  for (const char c : name) project += c == '.' ? '_' : c;
  const std::vector<std::pair<std::string, std::string>> words{
      {"@NAME@", name}, {"@CLASS@", class_name(name)}, {"@PROJECT@", project}, {"@PREFIX@", prefix}};
  return {{name + ".cpp", filled(policy_cpp, words)},
          {"CMakeLists.txt", filled(policy_cmake, words)},
          {"README.md", filled(policy_readme, words)}};
}

std::string new_sweep(const std::string& name) { return filled(sweep_text, {{"@NAME@", name}}); }

} // namespace lair::cli
