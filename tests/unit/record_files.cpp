// The files of a result folder: shape, content, robustness, and that the docs name all of it.
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "record/host_tables.hpp"
#include "record/overhead_table.hpp"
#include "record/result_folder.hpp"
#include "record/text_file.hpp"
#include "record_streams.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace lair;
using namespace lair::record;
namespace fs = std::filesystem;

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A CSV file as rows of cells, quotation marks understood.
std::vector<std::vector<std::string>> csv(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row{""};
  bool quoted = false;
  for (const char c : content(path)) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      row.emplace_back();
    else if (c == '\n' && !quoted) {
      rows.push_back(row);
      row = {""};
    } else
      row.back() += c;
  }
  return rows;
}

std::string small_run(const std::string& path, bool completed = true) {
  RunIdentity run = identity(2, 2);
  run.faults_planned = 3;
  run.write_samples = run.write_overhead = true;
  ResultFolder folder(path, run);
  play_small(folder);
  play_copy(folder);
  folder.on(charge(300, 0, 0, 0.25));
  folder.on(charge(305, 1, 1, 1e-9));
  folder.on(PolicyNote{305, LeiId(1), "task=1, \"moved\"\nstep=2"});
  folder.on(HostSample{600, HostId(0), {0.5}, true});
  folder.finish(completed);
  return path;
}

} // namespace

TEST_CASE("every CSV file has its header and as many cells in each row") {
  const TemporaryFolder temporary("record");
  const std::string path = small_run(temporary.path + "/a/b");
  for (const auto& file : result_files()) {
    if (file.header.empty()) continue;
    CAPTURE(file.name);
    const auto rows = csv(path + "/" + std::string(file.name));
    REQUIRE(rows.size() >= 2);
    for (const auto& row : rows) CHECK(row.size() == rows[0].size());
    CHECK(content(path + "/" + std::string(file.name)).find(file.header) == 0);
  }
}

TEST_CASE("a threshold that a detector does not have yet is an empty field") {
  const TemporaryFolder temporary("record");
  WriteFailure failure;
  {
    LabelTable table(temporary.path, identity(2, 2), failure);
    HostInterval row = host_interval(0, 0, 0.25, 900);
    row.label = 0;
    row.score = 0.5;
    for (const double none :
         {std::numeric_limits<double>::max(), std::numeric_limits<double>::infinity()}) {
      row.threshold = none;
      table.add(row);
    }
    row.threshold = 2;
    table.add(row);
    table.flush();
  }
  const auto rows = csv(temporary.path + "/labels.csv");
  REQUIRE(rows.size() == 4);
  CHECK(rows[1][6].empty());
  CHECK(rows[2][6].empty());
  CHECK(rows[3][6] == "2");
  for (std::size_t i = 1; i < 4; ++i) CHECK(rows[i][7] == "0");
}

TEST_CASE("what a policy says is one row each, and without a word there is no file") {
  const TemporaryFolder temporary("record");
  const auto rows = csv(small_run(temporary.path) + "/notes.csv");
  REQUIRE(rows.size() == 2);
  CHECK(rows[1] == std::vector<std::string>{"305", "b", "task=1, moved step=2"});
  CHECK(content(temporary.path + "/notes.csv").find(R"("task=1, ""moved"" step=2")") !=
        std::string::npos);
  ResultFolder silent(temporary.path, identity(2, 2)); // which also removes the other run's
  play_small(silent);
  CHECK_FALSE(fs::exists(temporary.path + "/notes.csv"));
}

TEST_CASE("the rows of a small run") {
  const TemporaryFolder temporary("record");
  const std::string path = small_run(temporary.path);
  const auto tasks = csv(path + "/tasks.csv");
  REQUIRE(tasks.size() == 6);
  const auto is = [](const std::vector<std::string>& row, const char* expected) {
    std::string joined;
    for (const auto& cell : row) joined += (joined.empty() ? "" : "|") + cell;
    CHECK(joined == expected);
  };
  is(tasks[1], "0|net|a|host-1|finished|0|1|3|200|200|500|0|800|0|1|0|0");
  CHECK(content(path + "/tasks.csv")
            .find("2,\"best \"\"effort\"\", slow\",b,host-1,failed,0,1,,410,,,"
                  "0,800,0,0,300,0\n") != std::string::npos);
  is(tasks[3], "1|net|b|host-0|active|0|1||||500|1|800|1|0|700|0");
  is(tasks[4], "3|net|a||queued|0|||||500|1|800|0|0|0|0");
  is(tasks[5], "4|net|a||queued|300|||||500|0|800|0|0|0|0");
  const auto migrations = csv(path + "/migrations.csv");
  is(migrations[1], "0|host-0|host-1|110|150|40|360000000|finished|");
  is(migrations[2], "1|host-0|host-1|550|||360000000|under_way|");
  const auto faults = csv(path + "/faults.csv");
  is(faults[1], "2|crash|host-0||masked|host_off|210||||");
  is(faults[2], "0|cpu_overload|host-1||applied||100|400|1|2400|2400");
  is(faults[3], "1|crash|host-1||applied||410|530|1|120|120");
  const auto labels = csv(path + "/labels.csv");
  is(labels[4], "1|host-1|1|0.7333333333333333|cpu_overload crash|0.9|0.5|1");
  const auto intervals = csv(path + "/intervals.csv");
  is(intervals[1], "0|300|4|1|0|2|1|0|200|0|2000|0.5|0.25|2|1|1|1|1|0|0|2");
  is(intervals[2], "1|600|1|0|1|1|2|1||0|1600|0.5|0.25|1.6|1|1|1|0|0|1|0");
  const std::string events = content(path + "/events.jsonl");
  CHECK(events.find(R"({"time_s":200,"kind":"task_finished","task":0,"application":"net",)"
                    R"("host":"host-1","lei":"a","response_s":200,"deadline_s":500})") !=
        std::string::npos);
  CHECK(events.find(R"("application":"best \"effort\", slow")") != std::string::npos);
  CHECK(std::count(events.begin(), events.end(), '\n') == 30);
}

TEST_CASE("recorded costs read back to the last bit, and what is none of this run's is refused") {
  const TemporaryFolder temporary("record");
  const std::string path = small_run(temporary.path) + "/overhead.csv";
  const RunIdentity run = identity(2, 2);
  const auto read = read_overhead(path, run);
  REQUIRE(read.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const PolicyCharge c = i == 0 ? charge(300, 0, 0, 0.25) : charge(305, 1, 1, 1e-9);
    CHECK(read[i].time == c.time);
    CHECK(read[i].lei == c.lei);
    CHECK(read[i].host == c.host);
    CHECK(read[i].learn == c.learn);
    CHECK(read[i].sense == c.sense);
    CHECK(read[i].decide == c.decide);
    CHECK(read[i].flops == c.flops);
  }
  const std::string good = content(path), header(OverheadTable::header);
  for (const std::string& bad :
       {std::string(), std::string("time_s\n"), header + "\n1,a,host-0,1,1,1\n",
        header + "\n1,a,host-7,1,1,1,1\n", header + "\n1,c,host-0,1,1,1,1\n",
        header + "\n1,a,host-0,1,-1,1,1\n", header + "\n1,a,host-0,1,nan,1,1\n",
        header + "\n1,a,host-0,1,1,1x,1\n", good + "\n"}) {
    CAPTURE(bad);
    write_file(path, bad);
    CHECK_THROWS_AS(read_overhead(path, run), InputError);
  }
  CHECK_THROWS_AS(read_overhead(temporary.path + "/none.csv", run), InputError);
}

TEST_CASE("the summary reads back, and the same run gives the same bytes") {
  const TemporaryFolder temporary("record");
  const std::string a = small_run(temporary.path + "/a"), b = small_run(temporary.path + "/b");
  for (const auto& file : result_files())
    CHECK(content(a + "/" + std::string(file.name)) == content(b + "/" + std::string(file.name)));
  const auto summary = read_summary(a);
  REQUIRE(summary.has_value());
  CHECK(summary->completed);
  CHECK(summary->seed == 7);
  CHECK(summary->policy == "test");
  CHECK(summary->detector == "threshold");
  CHECK(summary->intervals == 2);
  CHECK(summary->faults_planned == 3);
  CHECK(summary->faults_applied == 2);
  CHECK(summary->tasks.arrived == 5);
  CHECK(summary->fingerprint.size() == 32);
  MetricFold fold(identity(2, 2));
  play_small(fold);
  play_copy(fold);
  CHECK(fold.metrics()[Metric::redundancy_copy_work_core_s] == 8);
  for (std::size_t i = 0; i < metric_count; ++i)
    CHECK(summary->metrics.values[i] == fold.metrics().values[i]);
  CHECK_FALSE(read_summary(temporary.path).has_value());
  std::ofstream(a + "/summary.json") << "{\"lair_schema\": \"summary\"";
  CHECK_THROWS_AS(read_summary(a), InputError);
  std::ofstream(a + "/summary.json") << R"({"lair_schema": "summary", "schema_version": 99})";
  CHECK_THROWS_AS(read_summary(a), InputError);
}

TEST_CASE("what made a result is read back; no cost.json or a broken one tells nothing") {
  const TemporaryFolder temporary("record");
  CHECK(read_origin(temporary.path).libraries.empty());
  Cost cost;
  cost.libraries.push_back({"policies/a.so", "/some/where/policies/a.so", "0123"});
  cost.program = "abc";
  cost.lair_version = "9.9";
  write_cost(temporary.path, cost);
  CHECK(read_origin(temporary.path).program == "abc");
  CHECK(read_origin(temporary.path).lair_version == "9.9");
  const auto libraries = read_origin(temporary.path).libraries;
  REQUIRE(libraries.size() == 1);
  CHECK(libraries[0].name == "policies/a.so");
  CHECK(libraries[0].path == "/some/where/policies/a.so");
  CHECK(libraries[0].hash == "0123");
  for (const char* text : {"{}", "[1]", "{\"libraries\": [3, {\"name\": 4}]}", "{"}) {
    std::ofstream(temporary.path + "/cost.json") << text;
    const Origin origin = read_origin(temporary.path);
    CHECK(origin.program.empty());
    for (const auto& library : origin.libraries) CHECK(library.path.empty());
  }
}

TEST_CASE("levels of recording leave files out, and the fingerprint as it is") {
  const TemporaryFolder temporary("record");
  RunIdentity run = identity(4, 5);
  std::string fingerprint;
  for (const int level : {2, 1, 0}) {
    run.write_tasks = level >= 1;
    run.write_events = level >= 2;
    ResultFolder folder(temporary.path, run); // over the last one: its files must go
    play_random(folder, 4, 5, 30, 1);
    folder.finish(true);
    CHECK(fs::exists(temporary.path + "/tasks.csv") == run.write_tasks);
    CHECK(fs::exists(temporary.path + "/events.jsonl") == run.write_events);
    if (!fingerprint.empty()) CHECK(read_summary(temporary.path)->fingerprint == fingerprint);
    fingerprint = read_summary(temporary.path)->fingerprint;
  }
}

TEST_CASE("a killed run leaves whole lines up to its last interval") {
  const TemporaryFolder temporary("record");
  const pid_t child = fork();
  if (child == 0) {
    ResultFolder folder(temporary.path, identity(50, 100));
    play_random(folder, 50, 100, 100, 3);
    folder.on(arrival(1e6, 10000, 0, 0)); // after the last flush: lost
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  CHECK_FALSE(read_summary(temporary.path).has_value());
  CHECK(csv(temporary.path + "/intervals.csv").size() == 101);
  CHECK(csv(temporary.path + "/hosts.csv").size() == 5001);
  CHECK(csv(temporary.path + "/tasks.csv").size() == 10001);
  const std::string events = content(temporary.path + "/events.jsonl");
  CHECK(std::count(events.begin(), events.end(), '\n') == 60000);
  CHECK(events.back() == '\n');
}

TEST_CASE("what is written in mid-interval are whole lines too") {
  const TemporaryFolder temporary("record");
  WriteFailure failure;
  TextFile file(temporary.path + "/x", failure);
  for (int i = 0; i < 20000; ++i) file.cell(std::uint64_t(i)).cell("some text").end_row();
  const std::string written = content(temporary.path + "/x");
  REQUIRE(!written.empty());
  CHECK(written.back() == '\n');
  file.text(std::string(200000, 'y')); // longer than the buffer
  file.flush();
  CHECK(content(temporary.path + "/x").size() > 200000);
  CHECK(failure.empty());
}

TEST_CASE("numbers read back the same") {
  const TemporaryFolder temporary("record");
  const std::vector<double> numbers{
      0.1, 1.0 / 3, -0.0, 1e300, 5e-324, 123456789.123, 9007199254740993.0, 1e15, -17, 300000};
  WriteFailure failure;
  {
    TextFile file(temporary.path + "/x", failure);
    for (const double x : numbers) file.cell(x).end_row();
    file.cell(NAN).end_row();
  }
  std::istringstream lines(content(temporary.path + "/x"));
  std::string line;
  for (const double x : numbers) {
    std::getline(lines, line);
    const double back = std::strtod(line.c_str(), nullptr);
    CHECK(back == x);
    CHECK(std::signbit(back) == std::signbit(x));
  }
  CHECK(line == "300000");
  std::getline(lines, line);
  CHECK(line.empty());
}

TEST_CASE("what cannot be written is told, and nothing is thrown while the run goes on") {
  const TemporaryFolder temporary("record");
  std::ofstream(temporary.path + "/file") << "x";
  CHECK_THROWS_AS(ResultFolder(temporary.path + "/file/results", identity(2, 2)), RunError);

  // A full disk, as the kernel's limit on the size of a file.
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    ResultFolder folder(temporary.path + "/full", identity(50, 100));
    const rlimit limit{100000, 100000};
    setrlimit(RLIMIT_FSIZE, &limit);
    play_random(folder, 50, 100, 100, 3);
    if (folder.writable()) _exit(1);
    try {
      folder.finish(true);
    } catch (const RunError& error) {
      const std::string what = error.what();
      _exit(what.find("cannot write") != std::string::npos &&
                    what.find("File too large") != std::string::npos
                ? 42
                : 2);
    }
    _exit(3);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK_FALSE(read_summary(temporary.path + "/full").has_value());
}

TEST_CASE("docs/results.md names every file, column, key and metric") {
  const std::string docs = content("docs/results.md");
  REQUIRE(!docs.empty());
  const auto documented = [&](const std::string& name) {
    CAPTURE(name);
    CHECK(docs.find("`" + name + "`") != std::string::npos);
  };
  for (const auto& file : result_files()) {
    documented(std::string(file.name));
    std::istringstream columns{std::string(file.header)};
    for (std::string column; std::getline(columns, column, ',');) documented(column);
  }
  for (const auto& metric : metric_table()) documented(std::string(metric.name));
  const TemporaryFolder temporary("record");
  const std::string path = small_run(temporary.path);
  Cost cost;
  cost.policy.emplace();
  cost.libraries.push_back({"a.so", "/b/a.so", "00"});
  write_cost(path, cost);
  for (const char* file : {"/summary.json", "/cost.json", "/events.jsonl"}) {
    const std::string text = content(path + file);
    for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos;) {
      const auto end = text.find('"', at + 1);
      const std::string key = text.substr(at + 1, end - at - 1);
      at = end + 1;
      if (at < text.size() && text[at] == ':' && docs.find("detection." + key) == std::string::npos &&
          docs.find("redundancy." + key) == std::string::npos)
        documented(key);
    }
  }
  for (std::size_t kind = 0; kind < event_kind_count; ++kind)
    documented(std::string(to_string(static_cast<EventKind>(kind))));
  for (std::size_t reason = 1; reason < reason_count; ++reason)
    documented(std::string(to_string(static_cast<Reason>(reason))));
}
