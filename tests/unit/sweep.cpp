// The [sweep] table, the plan of its points, constraints, and the store.
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "core/whole_file.hpp"
#include "scenario/reader.hpp"
#include "scenario/sweep_table.hpp"
#include "sweep/database.hpp"
#include "sweep/plan.hpp"
#include "sweep/store.hpp"
#include "sweep/table_files.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

using namespace lair;
using sweep::Plan;

namespace {

struct SweepFile {
  TemporaryFolder folder{"sweep-test"};
  std::string path = folder.path + "/file.toml";
  explicit SweepFile(const std::string& text) { std::ofstream(path) << text; }
};

SweepTable read(const std::string& text, const std::vector<std::string>& sets = {}) {
  return read_sweep(SweepFile("[sweep]\n" + text).path, sets);
}

std::vector<std::string> errors(const std::string& text) {
  std::vector<std::string> all;
  try {
    read(text);
  } catch (const InputError& error) {
    for (const auto& one : error.diagnostics())
      all.push_back(std::to_string(one.line) + ": " + one.key + ": " + one.problem);
  }
  return all;
}

std::vector<std::string> labels(const Plan& plan) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < plan.size(); ++i) all.push_back(plan.label(i));
  return all;
}

using Texts = std::vector<std::string>;

Texts texts(const SweepAxis& axis) {
  Texts all;
  for (const auto& value : axis.values) all.push_back(value.text);
  return all;
}

} // namespace

TEST_CASE("values in different units of one kind are numbers in the base unit, other mixtures texts") {
  const auto table = read("[sweep.axes]\ninterval = [\"3 min\", \"100 s\", \"1 h\"]\n"
                          "\"links.lan.bandwidth\" = [\"1 Gbps\", \"100 Mbps\"]\n"
                          "a = [\"100 s\", \"3 GiB\"]\nb = [\"100 s\", \"auto\"]\nc = [100, \"3 min\"]\n");
  REQUIRE(table.axes.size() == 5);
  CHECK(table.axes[0].numeric);
  CHECK(table.axes[0].unit == "s");
  CHECK(table.axes[0].values[0].number == 180);
  CHECK(table.axes[0].values[1].number == 100);
  CHECK(table.axes[0].values[2].number == 3600);
  CHECK(table.axes[0].values[0].set == "\"3 min\""); // the run reads what was written
  CHECK(table.axes[1].unit == "B/s");
  CHECK(table.axes[1].values[0].number == 125e6);
  for (const std::size_t a : {2, 3, 4}) {
    CHECK_FALSE(table.axes[a].numeric);
    CHECK(table.axes[a].unit.empty());
  }
}

TEST_CASE("axes are lists, ranges and zips, with dotted or quoted keys") {
  const auto table = read("seeds = \"3..4\"\npolicies = [\"none\", \"dragon:k=5\"]\ntime_limit = \"2 min\"\n"
                          "[sweep.axes]\nfaults.rate = [0.5, 1]\n\"dragon:risk\" = [0.2]\n"
                          "interval = { from = \"100 s\", to = \"300 s\", steps = 3 }\n"
                          "\"faults.strength\" = { from = 0.001, to = 10, steps = 5, scale = \"log\" }\n"
                          "window = { from = 1, to = 4, steps = 7, integer = true }\n"
                          "[[sweep.zip]]\nplatform = [\"a\", \"b\"]\nworkload.rate = [1, 2]\n");
  CHECK(table.seeds == std::vector<std::uint64_t>{3, 4});
  CHECK(table.policies == Texts{"none", "dragon:k=5"});
  CHECK(table.time_limit == 120);
  REQUIRE(table.axes.size() == 7);
  CHECK(table.axes[0].name == "faults.rate");
  CHECK(table.axes[0].numeric);
  CHECK(table.axes[1].key == "policy.options.risk");
  CHECK(table.axes[1].policy == "dragon");
  CHECK(texts(table.axes[2]) == Texts{"100 s", "200 s", "300 s"});
  CHECK(table.axes[2].unit == "s");
  CHECK(table.axes[2].values[1].number == 200);
  CHECK(table.axes[2].values[1].set == "\"200 s\"");
  CHECK(texts(table.axes[3]) == Texts{"0.001", "0.01", "0.1", "1", "10"});
  CHECK(texts(table.axes[4]) == Texts{"1", "2", "3", "4"}); // rounded, each once
  CHECK(table.axes[5].name == "platform");
  CHECK_FALSE(table.axes[5].numeric);
  CHECK(table.axes[6].name == "workload.rate");
  REQUIRE(table.groups.size() == 6);
  CHECK(table.groups[5].method == SweepGroup::Method::zip);
  CHECK(table.groups[5].axes == std::vector<std::size_t>{5, 6});
}

TEST_CASE("without seeds there are five, and --set changes the table") {
  CHECK(read("axes = { faults.rate = [1] }").seeds.size() == 5);
  const auto table = read("axes = { faults.rate = [1] }", {"sweep.seeds=1..2", "sweep.axes.faults.rate=[3, 4]"});
  CHECK(table.seeds.size() == 2);
  CHECK(texts(table.axes[0]) == Texts{"3", "4"});
}

TEST_CASE("what is wrong with a sweep is said with its line") {
  CHECK(errors("seed = 1\n") == Texts{"2: sweep.seed: unknown key"});
  CHECK(errors("seeds = \"5..1\"") == Texts{"2: sweep.seeds: '5..1' is empty"});
  CHECK(errors("policies = [\"a\", \"a\"]") == Texts{"2: sweep.policies: 'a' stands there twice"});
  CHECK(errors("policies = 3") == Texts{"2: sweep.policies: no list of strings"});
  CHECK(errors("policies = []") == Texts{"2: sweep.policies: an empty list"});
  CHECK(errors("[sweep.axes]\na = {from = \"100 s\", to = \"10 min\", steps = 3}") ==
        Texts{"3: a: from 's' to 'min'"});
  CHECK(errors("[[sweep.zip]]\na = [1, 2]\nb = {from = 1, to = 2, steps = 2}") == Texts{"4: b: a table is no axis"});
  CHECK(errors("[sweep.axes]\nseed = [1, 2]") == Texts{"3: seed: cannot be an axis"});
  CHECK(errors("[sweep.axes]\n\"policy.name\" = [\"a\"]") == Texts{"3: policy.name: cannot be an axis"});
  CHECK(errors("[sweep.axes]\n\":k\" = [1]") == Texts{"3: :k: no option of a policy"});
  CHECK(errors("[sweep.axes]\na = []") == Texts{"3: a: an axis without values"});
  CHECK(errors("[sweep.axes]\na = [1, 1]") == Texts{"3: a: '1' stands there twice"});
  CHECK(errors("[sweep.axes]\na = [nan]") ==
        Texts{"3: a: a number that is not finite cannot be a value of an axis"});
  CHECK(errors("[sweep.axes]\na = 3") == Texts{"3: a: an integer is no axis"});
  CHECK(errors("[sweep.axes]\na = {from = 1, to = 2}") == Texts{"3: a.steps: missing"});
  CHECK(errors("[sweep.axes]\na = {from = 2, to = 1, steps = 3}") == Texts{"3: a: an empty range"});
  CHECK(errors("[sweep.axes]\na = {from = 0, to = 1, steps = 3, scale = \"log\"}") ==
        Texts{"3: a: a logarithmic range that reaches zero or below"});
  CHECK(errors("[sweep.axes]\na = {from = \"1 s\", to = \"2 min\", steps = 3}") ==
        Texts{"3: a: from 's' to 'min'"});
  CHECK(errors("[[sweep.zip]]\na = [1, 2]\nb = [1]") == Texts{"2: b: 1 values beside 2 of a"});
  CHECK(errors("[sweep.axes]\na = [1]\n[[sweep.zip]]\na = [1, 2]\nb = [1, 3]") ==
        Texts{"5: a: is an axis already"});
  CHECK(errors("[[sweep.sample]]\naxes = { a = { from = 1, to = 2 } }") ==
        Texts{"2: sweep.sample.points: missing"});
  CHECK(errors("[[sweep.sample]]\npoints = 4") == Texts{"2: sweep.sample.axes: missing"});
  const SweepFile none("seed = 1\n");
  CHECK_THROWS_AS((void)read_sweep(none.path), InputError);
  CHECK_FALSE(has_sweep(none.path));
}

TEST_CASE("a scenario with a sweep is not run by mistake") {
  const std::string text = "platform = \"pi-config2\"\nworkload = \"aiotbench\"\n[sweep]\nseeds = 1\n";
  CHECK_THROWS_AS((void)read_scenario_text(text, "scenarios/x.toml"), InputError);
  Search search;
  search.sweep = true;
  const auto with = read_scenario_text(text, "scenarios/x.toml", {}, search);
  const auto without =
      read_scenario_text(text.substr(0, text.find("[sweep]")), "scenarios/x.toml", {}, search);
  CHECK(with.hash == without.hash);
}

TEST_CASE("points come seed by seed, and an option multiplies its own policy only") {
  const Plan plan(read("seeds = \"1..2\"\n[sweep.axes]\nx = [1, 2]\n\"b:k\" = [5, 6]"),
                  {"a", "b"});
  const Texts first{"policy a, seed 1, x 1", "policy b, seed 1, x 1, b:k 5",
                    "policy b, seed 1, x 1, b:k 6", "policy a, seed 1, x 2",
                    "policy b, seed 1, x 2, b:k 5", "policy b, seed 1, x 2, b:k 6"};
  const auto all = labels(plan);
  REQUIRE(all.size() == 12);
  CHECK(Texts(all.begin(), all.begin() + 6) == first);
  CHECK(all[6] == "policy a, seed 2, x 1");
  CHECK(plan.assignments(plan.cells()[1]) == Texts{"x=1", "policy.options.k=5"});
  CHECK_THROWS_AS(Plan(read("[sweep.axes]\n\"c:k\" = [5, 6]"), {"a", "b"}), InputError);
}

TEST_CASE("constraints are SQL over axes and policy; what does not apply drops nothing") {
  const auto with = [&](const std::string& constraint) {
    return Plan(read("constraints = [\"" + constraint +
                     "\"]\nseeds = 1\n[sweep.axes]\nx.y = [1, 2]\n\"b:k\" = [5, 6]"),
                {"a", "b"});
  };
  CHECK(labels(with("[x.y] > 1 AND [b:k] < 6")) ==
        Texts{"policy a, seed 1, x.y 2", "policy b, seed 1, x.y 2, b:k 5"});
  CHECK(with("policy = 'a' OR [x.y] * 5 = [b:k]").dropped() == 3);
  CHECK_THROWS_AS(with("[x.z] > 1"), InputError);                // no such axis
  CHECK_THROWS_AS(with("1); DROP TABLE cells; --"), InputError); // not an expression
  CHECK_THROWS_AS(with("[x.y] > 9"), InputError);                // nothing is left
}

TEST_CASE("a constraint gives the same answer each time, and soon") {
  const auto with = [&](const std::string& constraint) {
    return Plan(read("constraints = [\"" + constraint +
                     "\"]\nseeds = 1\n[sweep.axes]\nx = [1, 2]\nrecord.samples = [true, false]"),
                {"a"});
  };
  CHECK_THROWS_AS(with("random() > 0"), InputError);
  CHECK_THROWS_AS(with("x > (SELECT count(*) FROM sqlite_master)"), InputError);
  CHECK_THROWS_AS(with("x IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"),
                  InputError);
  CHECK_THROWS_AS(with("x > julianday('now')"), InputError);
  CHECK(with("abs(x) > 1").size() == 2);
  CHECK(with("[record.samples]").size() == 2);
  CHECK(with("NOT [record.samples] OR x = 2").size() == 3);
}

TEST_CASE("a key that two things would set is refused") {
  const auto plan = [&](const std::string& axes, const std::vector<std::string>& policies) {
    return Plan(read("[sweep.axes]\n" + axes), policies);
  };
  CHECK_THROWS_AS(plan("\"a:k\" = [1, 2]", {"a:k=1"}), InputError);
  CHECK_THROWS_AS(plan("policy.options.k = [1, 2]", {"b", "a:j=1:k=1"}), InputError);
  CHECK_THROWS_AS(plan("policy.options.k = [1, 2]\n\"a:k\" = [3, 4]", {"a", "b"}), InputError);
  CHECK_THROWS_AS(plan("platform = [\"x\", \"y\"]\n\"platform.file\" = [\"z\"]", {"a"}), InputError);
  CHECK(plan("\"a:k\" = [1, 2]\n\"b:k\" = [3, 4]", {"a:j=1", "b"}).cells().size() == 4);
  CHECK(plan("platform = [\"x\", \"y\"]\n\"platform.wan_latency\" = [\"1 ms\"]", {"a"}).cells().size() == 2);
}

TEST_CASE("samples give every axis a value per point, the same each time") {
  const std::string text = "seeds = 1\n[[sweep.sample]]\npoints = 40\nseed = 3\n[sweep.sample.axes]\n"
                           "a = { from = 1, to = 100, scale = \"log\" }\n"
                           "b = { from = 1, to = 4, integer = true }\nc = [\"x\", \"y\"]\n"
                           "d = { from = \"1 s\", to = \"2 s\" }\n";
  const Plan plan(read(text), {"p"});
  CHECK(plan.size() == 40);
  CHECK(labels(plan) == labels(Plan(read(text), {"p"})));
  const auto& axes = plan.table().axes;
  int below_ten = 0, x = 0;
  std::set<std::string> whole;
  for (std::size_t i = 0; i < 40; ++i) {
    below_ten += axes[0].values[i].number < 10;
    whole.insert(axes[1].values[i].text);
    x += axes[2].values[i].text == "x";
    CHECK(axes[3].values[i].number >= 1);
    CHECK(axes[3].values[i].number <= 2);
    CHECK(axes[3].values[i].text.ends_with(" s"));
  }
  CHECK(below_ten == 20); // a Latin hypercube halves a logarithmic range at its middle
  CHECK(whole == std::set<std::string>{"1", "2", "3", "4"});
  CHECK(x == 20);
  const auto count = [&](const std::string& method) {
    std::string other = text;
    return Plan(read(other.replace(other.find("points = 40"), 11, "method = \"" + method + "\"\npoints = 8")),
                {"p"})
        .size();
  };
  CHECK(count("sobol") == 8 * (4 + 2));
  CHECK(count("morris") == 8 * (4 + 1));
}

TEST_CASE("too many points are refused before they are made") {
  CHECK_THROWS_AS(Plan(read("seeds = \"1..1000\"\n[sweep.axes]\n"
                            "a = { from = 1, to = 2, steps = 1000 }\nb = { from = 1, to = 2, steps = 1000 }"),
                       {"p"}),
                  InputError);
}

namespace {

std::string key_of(const Plan& plan, std::size_t point) { return plan.label(point); }

sweep::StoredRun done_run(const std::string& name, double energy) {
  sweep::StoredRun run;
  run.run = name;
  run.summary.fingerprint = "f" + name;
  for (std::size_t i = 0; i < record::metric_count; ++i)
    run.summary.metrics[static_cast<record::Metric>(i)] = energy + static_cast<double>(i);
  return run;
}

} // namespace

TEST_CASE("the store keeps what is done, forgets what failed, and does not care for order") {
  const TemporaryFolder folder("store");
  const auto table = read("seeds = \"1..2\"\n[sweep.axes]\nfaults.rate = [1, 2]\n");
  const Plan plan(table, {"none"});
  const auto key = [&](std::size_t point) { return key_of(plan, point); };
  std::string digest;
  {
    sweep::Store store(folder.path + "/a.db", plan, {{"name", "x"}}, key);
    for (std::size_t i = 0; i < 4; ++i) store.add(i, done_run("r" + std::to_string(i), double(i)));
    digest = store.digest();
    CHECK(store.counts().done == 4);
  }
  {
    sweep::Store store(folder.path + "/b.db", plan, {{"name", "y"}}, key);
    sweep::StoredRun failed;
    failed.run = "point-1";
    failed.status = "failed";
    failed.exit_code = 3;
    failed.message = "why";
    store.add(3, done_run("r3", 3));
    store.add(1, failed);
    CHECK(store.counts().failed == 1);
    CHECK_FALSE(store.done(1));
    store.commit();
  }
  sweep::Store store(folder.path + "/b.db", plan, {{"name", "y"}}, key);
  CHECK(store.done(3));
  CHECK(store.run_of(3) == "r3");
  CHECK(store.counts().failed == 0);
  for (const std::size_t i : {2, 0, 1}) store.add(i, done_run("r" + std::to_string(i), double(i)));
  CHECK(store.digest() == digest);
  CHECK(sweep::read_fact(folder.path + "/b.db", "name") == "y");

  sweep::Database database(folder.path + "/b.db", sweep::Database::Mode::read);
  sweep::Statement select(database, "SELECT \"faults.rate\", energy_kwh, status, detection_f1 IS NULL"
                                    " FROM results WHERE seed = 2 ORDER BY point");
  REQUIRE(select.step());
  CHECK(select.number(0) == 1);
  CHECK(select.number(1) == 2);
  CHECK(select.text(2) == "done");
  CHECK(select.integer(3) == 0);
}

TEST_CASE("a changed sweep keeps the runs of the points that are still there") {
  const TemporaryFolder folder("store");
  const std::string file = folder.path + "/a.db";
  const Plan before(read("seeds = \"1..2\"\n[sweep.axes]\nfaults.rate = [1, 2]\n"), {"none"});
  {
    sweep::Store store(file, before, {}, [&](std::size_t i) { return key_of(before, i); });
    for (std::size_t i = 0; i < 4; ++i) store.add(i, done_run("r" + std::to_string(i), 0));
    store.commit();
  }
  const Plan after(read("seeds = \"2..3\"\n[sweep.axes]\nfaults.rate = [2, 3]\n"), {"none"});
  sweep::Store store(file, after, {}, [&](std::size_t i) { return key_of(after, i); });
  CHECK(store.counts().done == 1);
  CHECK(store.run_of(0) == "r3"); // seed 2, rate 2
  sweep::Database database(file, sweep::Database::Mode::read);
  sweep::Statement select(database, "SELECT count(*) FROM runs");
  REQUIRE(select.step());
  CHECK(select.integer(0) == 1);
}

TEST_CASE("what is not committed when the program is killed is not there; the file stays good") {
  const TemporaryFolder folder("store");
  const std::string file = folder.path + "/a.db";
  const Plan plan(read("seeds = \"1..2\"\n[sweep.axes]\nfaults.rate = [1, 2]\n"), {"none"});
  const auto key = [&](std::size_t i) { return key_of(plan, i); };
  {
    sweep::Store store(file, plan, {}, key);
    store.add(0, done_run("r0", 0));
    store.commit();
    store.add(1, done_run("r1", 0)); // never committed
  }
  const sweep::Store store(file, plan, {}, key);
  CHECK(store.counts().done == 1);
  std::ofstream(folder.path + "/none.db") << "this is no database, and long enough to be read as one";
  CHECK_THROWS_AS(sweep::Store(folder.path + "/none.db", plan, {}, key), RunError);
}

TEST_CASE("a store's tables as files: all digits, nothing told from an empty text") {
  TemporaryFolder folder("sweep");
  const std::string store = folder.path + "/sweep.db";
  sweep::Database(store).execute(
      "CREATE TABLE axes(position INTEGER PRIMARY KEY, name TEXT);"
      "INSERT INTO axes VALUES(1, 'a,\"b\"\n''c'), (0, ''), (2, NULL);"
      "CREATE TABLE points(point INTEGER PRIMARY KEY, seed INTEGER, \"x \"\"y\"\", z\" REAL);"
      "INSERT INTO points VALUES(0, 9007199254740993, 0.1), (1, -1, NULL), (2, 0, 0.30000000000000004);"
      "CREATE TABLE runs(run TEXT); CREATE TABLE metrics(run TEXT); CREATE TABLE costs(run TEXT);"
      "CREATE VIEW results AS SELECT point, coalesce(NULL, 'done') AS status, \"x \"\"y\"\", z\" FROM points;");
  const auto files = sweep::write_table_files(store, folder.path);
  REQUIRE(files.size() == 6);
  CHECK(read_whole_file(files[0].path) == "\"position\",\"name\"\n0,\"\"\n1,\"a,\"\"b\"\"\n'c\"\n2,\n");
  CHECK(read_whole_file(files[1].path) == "\"point\",\"seed\",\"x \"\"y\"\", z\"\n0,9007199254740993,0.1\n1,-1,\n"
                                          "2,0,0.30000000000000004\n");
  CHECK(files[1].columns[2] == std::pair<std::string, std::string>("x \"y\", z", "DOUBLE"));
  CHECK(files[5].name == "results");
  CHECK(files[5].columns[0].second == "BIGINT");
  CHECK(files[5].columns[1].second == "VARCHAR");
  CHECK_THROWS_AS(sweep::write_table_files(folder.path + "/none.db", folder.path), RunError);
}

TEST_CASE("every metric is a column of its own") {
  std::set<std::string> columns;
  for (std::size_t i = 0; i < record::metric_count; ++i)
    columns.insert(sweep::metric_column(static_cast<record::Metric>(i)));
  CHECK(columns.size() == record::metric_count);
  CHECK(columns.count("energy_kwh") == 1);
}
