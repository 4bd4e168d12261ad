/// Timelines: a small run written by hand, slice by slice; and whatever run LAIR_RUN, LAIR_PERFETTO and
/// LAIR_PAJE name (tests/cli/export.sh), held against the formats' rules and the run's own tables.
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "core/whole_file.hpp"
#include "report/csv_table.hpp"
#include "timeline/timeline.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

using namespace lair;
using namespace lair::timeline;
using nlohmann::json;

namespace {

/// Two hosts in one LEI, two intervals of 100 s. Task 0 moves from a to b; task 1 loses its host, which
/// is off from 50 s to 80 s, waits, and is still running at the end; task 2 tries to move and does not.
void write_run(const std::string& folder) {
  const auto file = [&](const char* name, const char* text) { write_whole_file(folder + "/" + name, text); };
  file("summary.json", R"({"scenario": {"name": "tiny"}, "policy": {"name": "mover"}, "simulated_s": 200})");
  file("hosts.csv", "interval,host,lei,broker,cpu,ram\n0,a,lei1,1,0.5,0.25\n0,b,lei1,0,0,0.125\n"
                    "1,a,lei1,1,1,0.5\n1,b,lei1,0,0.25,0.125\n");
  file("intervals.csv", "interval,end_s\n0,100\n1,200\n");
  file("faults.csv", "fault,kind,host,lei,outcome,reason,started_s,ended_s,strength\n"
                     "0,crash,a,,applied,,50,80,1\n1,partition,,lei1,applied,,60,70,1\n"
                     "2,ddos,b,,masked,host_off,90,,\n3,ddos,b,,applied,,150,,2\n");
  file("events.jsonl", R"({"time_s":0,"kind":"task_arrived","task":0,"application":"x","lei":"lei1","images":1}
{"time_s":0,"kind":"task_arrived","task":1,"application":"y","lei":"lei1","images":1}
{"time_s":1,"kind":"decision_made","host":"a","lei":"lei1","decision_s":0.5,"actions":2}
{"time_s":1,"kind":"task_placed","task":0,"application":"x","host":"a","lei":"lei1"}
{"time_s":1,"kind":"task_placed","task":1,"application":"y","host":"a","lei":"lei1"}
{"time_s":3,"kind":"task_started","task":0,"application":"x","host":"a","lei":"lei1"}
{"time_s":4,"kind":"task_started","task":1,"application":"y","host":"a","lei":"lei1"}
{"time_s":20,"kind":"migration_started","task":0,"application":"x","host":"a","target":"b","lei":"lei1","bytes":9}
{"time_s":30,"kind":"migration_finished","task":0,"application":"x","host":"a","target":"b","lei":"lei1"}
{"time_s":50,"kind":"host_down","host":"a","lei":"lei1","reason":"crash"}
{"time_s":50,"kind":"task_requeued","task":1,"application":"y","host":"a","lei":"lei1","reason":"crash"}
{"time_s":80,"kind":"host_up","host":"a","lei":"lei1"}
{"time_s":90,"kind":"task_finished","task":0,"application":"x","host":"b","lei":"lei1","response_s":90}
{"time_s":100,"kind":"task_arrived","task":2,"application":"x","lei":"lei1","images":1}
{"time_s":101,"kind":"task_placed","task":1,"application":"y","host":"b","lei":"lei1"}
{"time_s":101,"kind":"task_placed","task":2,"application":"x","host":"b","lei":"lei1"}
{"time_s":102,"kind":"task_started","task":2,"application":"x","host":"b","lei":"lei1"}
{"time_s":110,"kind":"migration_started","task":2,"application":"x","host":"b","target":"a","lei":"lei1","bytes":9}
{"time_s":120,"kind":"migration_aborted","task":2,"application":"x","host":"b","target":"a","lei":"lei1"}
{"time_s":130,"kind":"broker_promoted","host":"b","lei":"lei1"}
{"time_s":150,"kind":"task_killed","task":2,"application":"x","host":"b","lei":"lei1"}
{"time_s":150,"kind":"task_failed","task":2,"application":"x","host":"b","lei":"lei1"}
{"time_s":199,"kind":"task_fin)");
}

using Line = std::tuple<std::string, double, double, unsigned>; ///< name, start, end, depth

std::vector<Line> slices_of(const Timeline& timeline, const std::string& track, const std::string& lane) {
  std::vector<Line> out;
  for (const auto& t : timeline.tracks)
    if (t.name == track)
      for (const auto& l : t.lanes)
        if (l.name == lane)
          for (const auto& s : l.slices) out.emplace_back(s.name, s.start, s.end, s.depth);
  return out;
}

/// Chrome's trace event format as it is documented, strictly: what a viewer is free to repair is an error here.
struct Perfetto {
  using Thread = std::pair<int, int>; ///< process and thread

  explicit Perfetto(const json& trace) {
    for (const auto& [key, value] : trace.items())
      CHECK_MESSAGE((key == "traceEvents" || key == "displayTimeUnit" || key == "otherData"), key);
    CHECK((trace.at("displayTimeUnit") == "ms" || trace.at("displayTimeUnit") == "ns"));
    for (const auto& e : trace.at("traceEvents")) {
      ++phases[e.at("ph")];
      check(e, e.at("ph"));
    }
    check_slices();
    check_flows();
    CHECK(phases["s"] == phases["f"]);
  }
  std::map<std::string, std::size_t> phases, kinds;
  std::set<int> processes;

private:
  struct Slice {
    std::int64_t start = 0, end = 0; ///< ns
  };
  struct FlowEnd {
    Thread thread;
    std::int64_t time = 0;
    std::string name, category;
  };

  /// The member is there and of the right kind, and no other than those listed is.
  static void members(const json& e, const std::set<std::string>& wanted) {
    for (const auto& [key, value] : e.items()) CHECK_MESSAGE(wanted.contains(key), e.dump());
    for (const auto& key : wanted) {
      CHECK_MESSAGE(e.contains(key), key, " is missing: ", e.dump());
      const bool number = key == "ts" || key == "dur", whole = key == "pid" || key == "tid" || key == "id";
      const auto& value = e.at(key);
      if (whole) CHECK(value.is_number_unsigned());
      else if (number) CHECK(value.is_number());
      else if (key == "args") CHECK(value.is_object());
      else CHECK(value.is_string());
    }
  }
  /// Whole ns, from 0 on.
  static std::int64_t time_of(const json& us) {
    const double ns = us.get<double>() * 1000;
    CHECK(ns >= 0);
    CHECK(std::abs(ns - std::round(ns)) < 1e-3);
    return std::llround(ns);
  }
  Thread thread_of(const json& e) {
    const Thread thread{e.at("pid"), e.at("tid")};
    CHECK(thread.first > 0);
    CHECK(thread.second > 0);
    return thread;
  }

  void check(const json& e, const std::string& phase) {
    if (phase == "M") {
      members(e, {"ph", "name", "pid", "tid", "args"});
      const Thread thread = thread_of(e);
      const std::string name = e.at("name");
      CHECK(e.at("args").size() == 1);
      CHECK((name.ends_with("_name") ? e.at("args").at("name").is_string()
                                     : e.at("args").at("sort_index").is_number_integer()));
      if (name == "process_name") CHECK(processes.insert(thread.first).second);
      else if (name == "thread_name") {
        CHECK(threads.insert(thread).second);
        CHECK(thread_numbers.insert(thread.second).second); // of one process only
      } else CHECK((name == "process_sort_index" || name == "thread_sort_index"));
      return;
    }
    CHECK(processes.contains(e.at("pid"))); // named before it is used
    if (phase == "X") {
      members(e, {"ph", "cat", "name", "pid", "tid", "ts", "dur", "args"});
      const Thread thread = thread_of(e);
      CHECK(threads.contains(thread));
      const std::int64_t start = time_of(e.at("ts"));
      slices[thread].push_back({start, start + time_of(e.at("dur"))});
      ++kinds[e.at("cat")];
    } else if (phase == "C") {
      members(e, {"ph", "name", "pid", "ts", "args"});
      time_of(e.at("ts"));
      CHECK(e.at("args").size() == 1);
      for (const auto& value : e.at("args")) CHECK(value.is_number());
    } else if (phase == "i") {
      members(e, {"ph", "s", "name", "pid", "tid", "ts"});
      thread_of(e);
      time_of(e.at("ts"));
      CHECK(e.at("s") == "p"); // of the process
    } else if (phase == "s" || phase == "f") {
      if (phase == "s") members(e, {"ph", "cat", "name", "id", "pid", "tid", "ts"});
      else members(e, {"ph", "cat", "name", "id", "pid", "tid", "ts", "bp"});
      auto& ends = phase == "s" ? starts : finishes;
      const FlowEnd end{thread_of(e), time_of(e.at("ts")), e.at("name"), e.at("cat")};
      CHECK(ends.emplace(e.at("id").get<int>(), end).second); // an id is one arrow's
      if (phase == "f") CHECK(e.at("bp") == "e");
    } else {
      FAIL_CHECK("an event of an unknown phase: ", e.dump());
    }
  }

  /// On a thread slices come in order, the outer one first, and lie within each other or apart.
  void check_slices() {
    for (const auto& [thread, its] : slices) {
      std::vector<Slice> open;
      std::int64_t now = 0;
      for (const auto& slice : its) {
        CHECK(slice.start >= now);
        now = slice.start;
        while (!open.empty() && open.back().end <= slice.start) open.pop_back();
        if (!open.empty()) CHECK(slice.end <= open.back().end);
        open.push_back(slice);
      }
    }
  }

  bool within_a_slice(const FlowEnd& end) const {
    const auto its = slices.find(end.thread);
    return its != slices.end() && std::any_of(its->second.begin(), its->second.end(), [&](const Slice& slice) {
             return slice.start <= end.time && (end.time < slice.end || slice.end == slice.start);
           });
  }

  /// Viewers fasten both ends of an arrow to slices: there must be one at its time.
  void check_flows() {
    for (const auto& [id, start] : starts) {
      const auto finish = finishes.find(id);
      REQUIRE(finish != finishes.end());
      CHECK(start.time <= finish->second.time);
      CHECK(start.name == finish->second.name);
      CHECK(start.category == finish->second.category);
      CHECK(within_a_slice(start));
      CHECK(within_a_slice(finish->second));
    }
  }

  std::set<Thread> threads;
  std::set<int> thread_numbers;
  std::map<Thread, std::vector<Slice>> slices;
  std::map<int, FlowEnd> starts, finishes;
};

std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> out;
  std::string word;
  bool inside = false, any = false;
  for (const char c : line + ' ')
    if (c == '"') {
      inside = !inside;
      any = true;
    } else if (c == ' ' && !inside) {
      if (any || !word.empty()) out.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
    }
  CHECK_FALSE(inside);
  return out;
}

/// Paje: events have the fields that the header defines, time goes on, containers exist while they are
/// used, states are popped as often as pushed, links end.
struct Paje {
  explicit Paje(const std::string& text) {
    std::istringstream in(text);
    std::map<std::string, std::pair<std::string, std::vector<std::string>>> definitions;
    std::string current;
    std::map<std::string, int> stacks;
    std::set<std::string> types{"0"}, containers{"0"}, links;
    double now = 0;
    for (std::string line; std::getline(in, line);) {
      auto w = words(line);
      if (w.empty()) continue;
      if (w[0] == "%EventDef") {
        current = w.at(2);
        definitions[current].first = w.at(1);
        continue;
      }
      if (w[0] == "%EndEventDef") continue;
      if (w[0] == "%") {
        definitions[current].second.push_back(w.at(1));
        continue;
      }
      INFO(line);
      REQUIRE(definitions.contains(w[0]));
      const auto& [name, fields] = definitions[w[0]];
      REQUIRE(w.size() == fields.size() + 1);
      std::map<std::string, std::string> f;
      for (std::size_t i = 0; i < fields.size(); ++i) f[fields[i]] = w[i + 1];
      ++counts[name];
      if (f.contains("Time")) {
        CHECK(std::stod(f["Time"]) >= now);
        now = std::stod(f["Time"]);
      }
      if (name.starts_with("PajeDefine")) {
        if (name != "PajeDefineEntityValue") CHECK(types.insert(f["Alias"]).second);
        CHECK(types.contains(f["Type"]));
        continue;
      }
      CHECK(types.contains(f["Type"]));
      if (f.contains("Container")) CHECK(containers.contains(f["Container"]));
      if (name == "PajeCreateContainer") CHECK(containers.insert(f["Alias"]).second);
      if (name == "PajeDestroyContainer") {
        CHECK(containers.erase(f["Name"]) == 1);
        CHECK(stacks[f["Name"]] == 0);
      }
      if (name == "PajePushState") ++stacks[f["Container"]];
      if (name == "PajePopState") CHECK(--stacks[f["Container"]] >= 0);
      if (name == "PajeStartLink") CHECK(links.insert(f["Key"]).second);
      if (name == "PajeEndLink") CHECK(links.erase(f["Key"]) == 1);
    }
    CHECK(containers == std::set<std::string>{"0"});
    CHECK(links.empty());
    CHECK(counts["PajePushState"] == counts["PajePopState"]);
  }
  std::map<std::string, std::size_t> counts;
};

} // namespace

TEST_CASE("a run becomes tracks, slice by slice") {
  const TemporaryFolder folder("timeline");
  write_run(folder.path);
  const Timeline timeline = read_timeline(folder.path);
  CHECK(timeline.scenario == "tiny");
  CHECK(timeline.end == 200);
  REQUIRE(timeline.tracks.size() == 3);
  CHECK(timeline.tracks[0].name == "lei1");
  CHECK_FALSE(timeline.tracks[0].is_host);
  using Lines = std::vector<Line>;
  CHECK(slices_of(timeline, "lei1", "queue 1") ==
        Lines{{"task 0 x", 0, 1, 0}, {"task 1 y", 50, 101, 0}});
  CHECK(slices_of(timeline, "lei1", "queue 2") ==
        Lines{{"task 1 y", 0, 1, 0}, {"task 2 x", 100, 101, 0}});
  CHECK(slices_of(timeline, "lei1", "faults 1") == Lines{{"partition", 60, 70, 0}});
  CHECK(slices_of(timeline, "a", "tasks 1") == Lines{{"task 0 x", 1, 30, 0},
                                                     {"image and input", 1, 3, 1},
                                                     {"computes", 3, 20, 1},
                                                     {"migrates to b", 20, 30, 1}});
  CHECK(slices_of(timeline, "a", "tasks 2") ==
        Lines{{"task 1 y", 1, 50, 0}, {"image and input", 1, 4, 1}, {"computes", 4, 50, 1}});
  CHECK(slices_of(timeline, "a", "power 1") == Lines{{"off", 50, 80, 0}});
  CHECK(slices_of(timeline, "a", "faults 1") == Lines{{"crash", 50, 80, 0}});
  CHECK(slices_of(timeline, "a", "broker 1") == Lines{{"decides", 0.5, 1, 0}});
  CHECK(slices_of(timeline, "b", "tasks 1") == Lines{{"task 0 x", 30, 90, 0},
                                                     {"computes", 30, 90, 1},
                                                     {"task 1 y", 101, 200, 0},
                                                     {"image and input", 101, 200, 1}});
  CHECK(slices_of(timeline, "b", "tasks 2") == Lines{{"task 2 x", 101, 150, 0},
                                                     {"image and input", 101, 102, 1},
                                                     {"computes", 102, 110, 1},
                                                     {"migrates to a", 110, 120, 1},
                                                     {"computes", 120, 150, 1}});
  CHECK(slices_of(timeline, "b", "faults 1") == Lines{{"ddos", 150, 200, 0}}); // the masked one is none
  REQUIRE(timeline.flows.size() == 1);
  CHECK(timeline.flows[0].from.track == 1);
  CHECK(timeline.flows[0].from.time == 20);
  CHECK(timeline.flows[0].to.track == 2);
  CHECK(timeline.flows[0].to.time == 30);
  CHECK(timeline.tracks[1].counters[0].values ==
        std::vector<std::pair<double, double>>{{0, 50}, {100, 100}});
  REQUIRE(timeline.tracks[2].marks.size() == 2);
  CHECK(timeline.tracks[2].marks[0].name == "promoted to broker");
  CHECK(timeline.tracks[2].marks[1].time == 150);

  Perfetto perfetto(json::parse(perfetto_json(timeline)));
  CHECK(perfetto.processes.size() == 3);
  CHECK(perfetto.kinds["task"] == 5); // 0 on a and b, 1 on a and b, 2 on b
  CHECK(perfetto.kinds["queue"] == 4);
  CHECK(perfetto.kinds["fault"] == 3);
  CHECK(perfetto.phases["C"] == 8);
  CHECK(perfetto.phases["i"] == 2);
  CHECK(perfetto.phases["s"] == 1);
  Paje paje(paje_trace(timeline));
  CHECK(paje.counts["PajeSetVariable"] == 8);
  CHECK(paje.counts["PajeNewEvent"] == 2);
  CHECK(paje.counts["PajeEndLink"] == 1);
}

TEST_CASE("what is no run, or lacks its events, is refused") {
  const TemporaryFolder folder("timeline");
  CHECK_THROWS_AS(read_timeline(folder.path + "/none"), InputError);
  CHECK_THROWS_AS(read_timeline(folder.path), InputError);
  write_run(folder.path);
  write_whole_file(folder.path + "/events.jsonl", "{\"time_s\":1,\"kind\":\"x\"}\nnonsense\n");
  try {
    read_timeline(folder.path);
    FAIL("was read");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find("events.jsonl:2:1") != std::string::npos);
  }
  std::remove((folder.path + "/events.jsonl").c_str());
  try {
    read_timeline(folder.path);
    FAIL("was read");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find("record.level=events") != std::string::npos);
  }
}

TEST_CASE("an exported run holds what its tables hold") {
  const char* run = std::getenv("LAIR_RUN");
  const char* perfetto_file = std::getenv("LAIR_PERFETTO");
  const char* paje_file = std::getenv("LAIR_PAJE");
  if (run == nullptr || perfetto_file == nullptr || paje_file == nullptr) return;
  const std::string folder = run;
  const auto table = [&](const char* name) {
    return std::make_unique<report::CsvTable>(read_whole_file(folder + "/" + name), name);
  };
  const auto tasks = table("tasks.csv"), migrations = table("migrations.csv"), hosts = table("hosts.csv"),
             faults = table("faults.csv");
  const auto rows_with = [](const report::CsvTable& t, const char* column, const char* value) {
    const auto at = t.column(column);
    std::size_t count = 0;
    for (std::size_t row = 0; row < t.rows(); ++row) count += t.cell(row, at) == value;
    return count;
  };
  const json trace = json::parse(read_whole_file(perfetto_file));
  Perfetto perfetto(trace);
  const std::size_t moved = rows_with(*migrations, "outcome", "finished");
  CHECK(perfetto.phases["s"] == moved);
  CHECK(perfetto.phases["C"] == 2 * hosts->rows());
  CHECK(perfetto.kinds["fault"] >= rows_with(*faults, "outcome", "applied"));
  // Each task begins and ends as its row says, and is somewhere all the time between.
  std::map<std::uint64_t, std::vector<std::pair<double, double>>> stretches;
  std::size_t finished = 0;
  for (const auto& e : trace["traceEvents"])
    if (e["ph"] == "X" && (e["cat"] == "task" || e["cat"] == "queue")) {
      stretches[e["args"]["task"]].emplace_back(e["ts"].get<double>() / 1e6,
                                                (e["ts"].get<double>() + e["dur"].get<double>()) / 1e6);
      finished += e["args"].value("outcome", "") == "finished";
    }
  CHECK(stretches.size() == tasks->rows());
  CHECK(finished == rows_with(*tasks, "outcome", "finished"));
  const auto id = tasks->column("task"), arrived = tasks->column("arrived_s"), response = tasks->column("response_s");
  for (std::size_t row = 0; row < tasks->rows(); ++row) {
    auto& mine = stretches[tasks->count(row, id)];
    INFO("task ", tasks->count(row, id));
    REQUIRE_FALSE(mine.empty());
    std::sort(mine.begin(), mine.end());
    CHECK(mine.front().first == doctest::Approx(tasks->number(row, arrived)).epsilon(1e-9));
    for (std::size_t i = 1; i < mine.size(); ++i)
      CHECK(mine[i].first == doctest::Approx(mine[i - 1].second).epsilon(1e-9));
    if (const double took = tasks->number(row, response); took == took)
      CHECK(mine.back().second == doctest::Approx(tasks->number(row, arrived) + took).epsilon(1e-9));
  }
  Paje paje(read_whole_file(paje_file));
  CHECK(paje.counts["PajeStartLink"] == moved);
  CHECK(paje.counts["PajePushState"] == perfetto.phases["X"]);
  CHECK(paje.counts["PajeSetVariable"] == 2 * hosts->rows());
}
