#include "core/error.hpp"
#include "faults/fault_plan.hpp"
#include "scenario/reader.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

using namespace lair;

namespace {

const std::string parts = "platform = \"pi-config2\"\nworkload = \"aiotbench\"\n";

Scenario read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return read_scenario_text(text, "scenarios/test.toml", overrides);
}

std::vector<std::string> errors(const std::string& text,
                                const std::vector<std::string>& overrides = {}) {
  std::vector<std::string> all;
  try {
    read(text, overrides);
  } catch (const InputError& error) {
    for (const auto& diagnostic : error.diagnostics()) all.push_back(diagnostic.text());
  }
  return all;
}

using Texts = std::vector<std::string>;

/// A file that goes when the test does.
struct TemporaryFile {
  std::string path;
  TemporaryFile(const std::string& name, const std::string& text)
      : path((std::filesystem::temp_directory_path() / ("lair-test-" + name)).string()) {
    std::ofstream(path) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

} // namespace

TEST_CASE("what is not said has its default") {
  const auto scenario = read(parts);
  CHECK(scenario.name == "test");
  CHECK(scenario.seed == 1);
  CHECK(scenario.interval == Seconds(300));
  CHECK(scenario.intervals == 100);
  CHECK(scenario.sampling == Seconds(10));
  CHECK(scenario.faults.rate == 0);
  CHECK(scenario.liveness.probes == 5);
  CHECK(scenario.overhead.mode == OverheadMode::modelled);
  CHECK(scenario.overhead.memory == Bytes(-1));
  CHECK(scenario.policy.name == "none");
  CHECK(scenario.federation.name == "pi-config2");
  CHECK(scenario.workload.name == "aiotbench");
  CHECK(std::isinf(scenario.workload.applications[0].deadline.value));
}

TEST_CASE("every key reaches its member") {
  const auto scenario = read(parts + R"(
name = "full"
seed = 9007199254740993
interval = "1 min"
intervals = 7
sampling = "5 s"
window = 3
[faults]
rate = 2
min_length = "30 s"
max_length = "3 intervals"
min_reboot = "1 s"
max_reboot = "2 s"
strength = 0.5
onset = "2 intervals"
onset_steps = 4
[faults.shares]
silent_corruption = 0.75
[faults.ddos]
request = "20 ms"
[faults.link_loss]
lost_share = 1
[[faults.script]]
kind = "partition"
start = "3 intervals"
length = "10 s"
lei = "lei3"
strength = 2
[[faults.script]]
kind = "link_loss"
start = "4 s"
length = "1 interval"
host = "lei2-1"
[liveness]
probe_period = "15 s"
nearest_peers = 2
[exchange]
deadline = "2 s"
bytes_per_number = 4
[migration]
max_restarts = 0
[overhead]
mode = "paper"
memory = "7.4 GB"
decision = "2 GFLOP"
[policy]
name = "./mine.so"
detector = "gon"
[policy.options]
threshold = 0.9
name = "x"
flag = true
count = 3
[record]
level = "summary"
samples = true
)");
  CHECK(scenario.name == "full");
  CHECK(scenario.seed == 9007199254740993ull); // no double could hold it
  CHECK(scenario.interval == Seconds(60));
  CHECK(scenario.intervals == 7);
  CHECK(scenario.window == 3);
  CHECK(scenario.faults.min_length == Seconds(30));
  CHECK(scenario.faults.max_length == Seconds(180));
  CHECK(scenario.faults.max_reboot == Seconds(2));
  CHECK(scenario.faults.onset == Seconds(120));
  CHECK(scenario.faults.shares[7] == 0.75);
  CHECK(scenario.faults.shares[0] == 0.2);
  CHECK(scenario.faults.effects.ddos_request == Seconds(0.02));
  CHECK(scenario.faults.effects.link_loss_share == 1);
  REQUIRE(scenario.faults.script.size() == 2);
  CHECK(scenario.faults.script[0].kind == FaultKind::partition);
  CHECK(scenario.faults.script[0].start == Seconds(180));
  CHECK(scenario.faults.script[0].lei == LeiId(2));
  CHECK(!scenario.faults.script[0].host.valid());
  CHECK(scenario.faults.script[1].host == HostId(4));
  CHECK(scenario.faults.script[1].length == Seconds(60));
  CHECK(scenario.liveness.probe_period == Seconds(15));
  CHECK(scenario.liveness.nearest_peers == 2);
  CHECK(scenario.exchange.bytes_per_number == 4);
  CHECK(scenario.migration.max_restarts == 0);
  CHECK(scenario.overhead.mode == OverheadMode::paper);
  CHECK(scenario.overhead.memory == Bytes(7.4e9));
  CHECK(scenario.overhead.decision == Flops(2e9));
  CHECK(scenario.policy.name == "./mine.so");
  CHECK(scenario.policy.detector == "gon");
  const std::vector<std::pair<std::string, std::string>> options{
      {"threshold", "0.9"}, {"name", "x"}, {"flag", "true"}, {"count", "3"}};
  CHECK(scenario.policy.options == options);
  CHECK(scenario.record.level == RecordLevel::summary);
  CHECK(scenario.record.samples);
  CHECK(read_scenario_text(scenario.resolved, "x.toml").resolved == scenario.resolved);
}

TEST_CASE("everything that is wrong is said at once, in the order of the file") {
  CHECK(errors("interval = 300\nintervals = 0\n" + parts +
               "[faults]\nrtae = 1\nrate = \"2\"\n[liveness]\nprobes = -1\n") ==
        Texts{"scenarios/test.toml:1:12: interval: 300 has no unit: a string of a number and a "
              "unit, such as \"300 s\" (units: s, us, ms, min, h, d)",
              "scenarios/test.toml:2:13: intervals: 0 is out of range: an integer, 1 to 1000000",
              "scenarios/test.toml:6:1: faults.rtae: unknown key: did you mean 'faults.rate'?",
              "scenarios/test.toml:7:8: faults.rate: '2' is not a number: a plain number, 0 to "
              "1000000",
              "scenarios/test.toml:9:10: liveness.probes: -1 is out of range: an integer, 1 to "
              "1000"});
}

TEST_CASE("an empty file, a missing file, a folder") {
  CHECK(errors("").size() == 2);
  CHECK_THROWS_WITH_AS(read_scenario("no/such.toml"),
                       "no/such.toml: there is no such file: the path of a file that exists",
                       InputError);
  CHECK_THROWS_WITH_AS(read_scenario("scenarios"),
                       "scenarios: this is a folder: the path of a file", InputError);
}

TEST_CASE("--set reaches every kind of key by its path") {
  const auto scenario = read(
      parts, {"seed=7", "interval=60 s", "exchange.deadline=\"1 s\"", "faults.rate=2",
              "faults.shares.crash=0", "policy.name=overload-migration",
              "policy.options.threshold=0.70", "platform.wan_bandwidth=100 Mbps",
              "platform.leis.lei2.wan_latency=1 ms", "platform.leis.3.weight=5",
              "platform.kinds.pi4b-4gb.ram=3 GB", "workload.rate=1.5",
              "workload.applications.googlenet.images=5", "name=7", "overhead.memory=policy",
              "faults.script=[{kind=\"crash\", start=\"1 s\", length=\"2 s\", host=\"lei1-1\"}]"});
  CHECK(scenario.seed == 7);
  CHECK(scenario.interval == Seconds(60));
  CHECK(scenario.exchange.deadline == Seconds(1));
  CHECK(scenario.faults.rate == 2);
  CHECK(scenario.faults.shares[4] == 0);
  CHECK(scenario.policy.name == "overload-migration");
  CHECK(scenario.policy.options[0].second == "0.7");
  for (const auto& lei : scenario.federation.leis)
    CHECK(lei.wan_bandwidth == BytesPerSecond(12.5e6));
  CHECK(scenario.federation.leis[1].wan_latency == Seconds(0.001));
  CHECK(scenario.federation.leis[0].wan_latency == Seconds(0.0052));
  CHECK(scenario.federation.leis[3].weight == 5);
  CHECK(scenario.federation.hosts[0].spec.ram == Bytes(3e9));
  CHECK(scenario.workload.rate == 1.5);
  CHECK(scenario.workload.applications[4].images == 5);
  CHECK(scenario.name == "7");
  CHECK(scenario.faults.script.size() == 1);
}

TEST_CASE("--set platform=NAME takes another platform; the last setting wins") {
  const auto scenario =
      read(parts, {"platform=pi-config3", "platform.wan_bandwidth=50 Mbps", "seed=1", "seed=2"});
  CHECK(scenario.federation.name == "pi-config3");
  CHECK(scenario.federation.leis[0].wan_bandwidth == BytesPerSecond(6.25e6));
  CHECK(scenario.seed == 2);
}

TEST_CASE("--set is checked like a file") {
  CHECK(errors(parts, {"faults.rat=1"}) ==
        Texts{"--set: faults.rat: unknown key: did you mean 'faults.rate'?"});
  CHECK(errors(parts, {"interval=300"}) ==
        Texts{"--set: interval: 300 has no unit: a string of a number and a unit, such as \"300 "
              "s\" (units: s, us, ms, min, h, d)"});
  CHECK(errors(parts, {"intervals"}) ==
        Texts{"--set: 'intervals' sets nothing: key=value, such as faults.rate=2"});
  CHECK(errors(parts, {"faults..rate=1"}) ==
        Texts{"--set: faults..rate: not a key's path: names with single dots between, such as "
              "faults.rate"});
  CHECK(errors(parts, {"seed.x=1"}) ==
        Texts{"--set: seed: a table is not an integer: an integer, at least 0"});
  CHECK(errors(parts + "intervals = 5\n", {"intervals.x=1"}) ==
        Texts{"--set: intervals.x: 'intervals' is an integer, it has no keys: the path of a key"});
  CHECK(errors(parts, {"platform=pi-confg2"}) ==
        Texts{"--set: platform: there is no platform 'pi-confg2': did you mean 'pi-config2'?"});
  CHECK(errors(parts, {"platform.leis.lei9.weight=1"}) ==
        Texts{"--set: platform.leis.lei9.weight: there is no element 'lei9': did you mean "
              "'lei1'?"});
  CHECK(errors(parts, {"faults.rate=1\nseed = 5"}) ==
        Texts{"--set: faults.rate: '1\nseed = 5' is not a number: a plain number, 0 to 1000000"});
}

TEST_CASE("the FTSAD preset, and keys laid over it") {
  const auto plain = read(parts + "[faults]\npreset = \"ftsad\"\n").faults;
  CHECK(plain.rate == 5);
  CHECK(plain.min_length == Seconds(30));
  CHECK(plain.max_length == Seconds(130));
  CHECK(plain.shares[0] == 0.25);
  CHECK(plain.shares[4] == 0);
  const auto changed = read(parts + "[faults]\nrate = 1\npreset = \"ftsad\"\n").faults;
  CHECK(changed.rate == 1);
  CHECK(changed.max_length == Seconds(130));
}

TEST_CASE("the hash names the world: not the seed, not the policy, everything else") {
  const auto base = read(parts);
  CHECK(base.hash.size() == 32);
  const auto hash = [](const std::vector<std::string>& set) { return read(parts, set).hash; };
  CHECK(hash({"seed=2"}) == base.hash);
  CHECK(hash({"policy.name=overload-migration", "policy.options.x=1"}) == base.hash);
  CHECK(hash({"faults.rate=0.1"}) != base.hash);
  CHECK(hash({"workload.rate=1"}) != base.hash);
  CHECK(hash({"platform.leis.0.wan_latency=1 ms"}) != base.hash);
  CHECK(hash({"overhead.memory=1 GB"}) != base.hash);
  CHECK(hash({"interval=5 min"}) == base.hash); // the same said otherwise
}

TEST_CASE("platforms: groups, names, brokers, defaults of the WAN") {
  const auto scenario = read(R"(
workload = "aiotbench"
[platform]
wan_latency = "9 ms"
[platform.kinds.small]
ram = "2 GB"
power = "1 1 1 1 1 1 1 1 1 1 2 W"
[platform.kinds.big]
ram = "16 GB"
power = "2000 2000 2000 2000 2000 2000 2000 2000 2000 2000 4000 mW"
[[platform.leis]]
hosts = [{ kind = "small", count = 2 }, { kind = "big", names = ["brain"] }]
broker = "brain"
[[platform.leis]]
name = "far"
wan_latency = "80 ms"
hosts = [{ kind = "big", count = 2 }]
)");
  const auto& federation = scenario.federation;
  REQUIRE(federation.hosts.size() == 5);
  CHECK(federation.hosts[1].name == "lei1-2");
  CHECK(federation.hosts[2].name == "brain");
  CHECK(federation.hosts[4].name == "far-2");
  CHECK(federation.hosts[4].lei == LeiId(1));
  CHECK(federation.leis[0].broker == HostId(2));
  CHECK(federation.leis[1].broker == HostId(3));
  CHECK(federation.leis[0].wan_latency == Seconds(0.009));
  CHECK(federation.leis[1].wan_latency == Seconds(0.08));
  CHECK(federation.hosts[2].spec.power.watts[10] == 4);
  CHECK(federation.hosts[2].spec.ram == Bytes(16e9));
  CHECK(read_scenario_text(scenario.resolved, "x.toml").resolved == scenario.resolved);
}

TEST_CASE("deadlines from a calibration file; an application's own wins") {
  TemporaryFile file("deadlines.toml", R"(policy = "none"
seeds = "1-3"
command = "lair calibrate"
[deadlines]
resnet18 = "10 min"
resnet34 = "20 min"
resnext50_32x4d = "30 min"
squeezenet1_0 = "40 min"
googlenet = "50 min"
mobilenet_v2 = "60 min"
mnasnet1_0 = "none"
)");
  const auto scenario = read("platform = \"pi-config2\"\n[workload]\nfile = \"aiotbench\"\n"
                             "deadlines = \"" + file.path + "\"\n"
                             "[workload.applications.googlenet]\ndeadline = \"1 s\"\n");
  const auto& applications = scenario.workload.applications;
  CHECK(applications[0].deadline == Seconds(600));
  CHECK(applications[1].deadline == Seconds(1200));
  CHECK(applications[4].deadline == Seconds(1));
  CHECK(std::isinf(applications[6].deadline.value));
  CHECK(detect_kind(file.path) == FileKind::deadlines);
  CHECK(read_scenario_text(scenario.resolved, "x.toml").resolved == scenario.resolved);
}

TEST_CASE("a recorded trace from a file, kept in the resolved scenario") {
  TemporaryFile file("trace.csv",
                     "time_s,lei,application\n0,lei2,resnet18\r\n12.5,lei1,googlenet\n");
  const auto scenario = read("platform = \"pi-config2\"\n[workload]\nfile = \"aiotbench\"\n"
                             "trace = \"" + file.path + "\"\n");
  REQUIRE(scenario.workload.trace.size() == 2);
  CHECK(scenario.workload.trace[0].lei == LeiId(1));
  CHECK(scenario.workload.trace[1].time == Seconds(12.5));
  CHECK(scenario.workload.trace[1].application == ApplicationId(4));
  CHECK(read_scenario_text(scenario.resolved, "x.toml").resolved == scenario.resolved);
}

TEST_CASE("tasks of a recorded trace may have their own numbers of images") {
  TemporaryFile file("sizes.csv",
                     "time_s,lei,application,images\n0,lei2,resnet18,40\n12.5,lei1,googlenet,2.5\n");
  const std::string head = "platform = \"pi-config2\"\n[workload]\nfile = \"aiotbench\"\n";
  const auto scenario = read(head + "trace = \"" + file.path + "\"\n");
  REQUIRE(scenario.workload.trace.size() == 2);
  CHECK(scenario.workload.trace[0].images == 40);
  const auto again = read_scenario_text(scenario.resolved, "x.toml");
  CHECK(again.resolved == scenario.resolved);
  CHECK(again.workload.trace[1].images == 2.5);
  const auto mixed = read(head + "trace = [[\"0 s\", \"lei1\", \"resnet18\"], "
                                 "[\"1 s\", \"lei1\", \"resnet18\", 7]]\n");
  CHECK(mixed.workload.trace[0].images == 0);
  CHECK(mixed.workload.trace[1].images == 7);
  for (const std::string wrong : {"0", "0.5", "1e13", "\"7\"", "true", "nan", "7, 8"})
    CHECK_THROWS_AS(read(head + "trace = [[\"0 s\", \"lei1\", \"resnet18\", " + wrong + "]]\n"),
                    InputError);
  for (const std::string wrong : {"", "x", "0", "inf"}) {
    TemporaryFile bad("bad.csv", "time_s,lei,application,images\n0,lei2,resnet18," + wrong + "\n");
    CHECK_THROWS_AS(read(head + "trace = \"" + bad.path + "\"\n"), InputError);
  }
}

TEST_CASE("policy and faults do not move arrivals, nor the policy the faults") {
  const auto arrivals = [](const std::vector<std::string>& set) {
    const auto s = read(parts, set);
    return draw_arrivals(s.workload, s.federation, s.interval, s.intervals, s.seed);
  };
  const auto plan = [](const std::vector<std::string>& set) {
    const auto s = read(parts + "[faults]\nrate = 0.5\n", set);
    return draw_fault_plan(s.faults, s.federation, s.interval, s.intervals, s.seed);
  };
  const auto base = arrivals({});
  const auto other = arrivals({"faults.rate=3", "policy.name=overload-migration"});
  REQUIRE(!base.empty());
  REQUIRE(base.size() == other.size());
  for (std::size_t i = 0; i < base.size(); ++i) {
    CHECK(base[i].time == other[i].time);
    CHECK(base[i].lei == other[i].lei);
    CHECK(base[i].application == other[i].application);
  }
  const auto faults = plan({}), under = plan({"policy.name=overload-migration", "workload.rate=9"});
  REQUIRE(!faults.empty());
  REQUIRE(faults.size() == under.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    CHECK(faults[i].start == under[i].start);
    CHECK(faults[i].kind == under[i].kind);
    CHECK(faults[i].host == under[i].host);
  }
}

TEST_CASE("kinds of files") {
  CHECK(detect_kind("scenarios/quickstart.toml") == FileKind::scenario);
  CHECK(detect_kind("platforms/pi-config1.toml") == FileKind::platform);
  CHECK(detect_kind("workloads/defog.toml") == FileKind::workload);
  CHECK(detect_kind("policy.so") == FileKind::plugin);
  CHECK_THROWS_AS(detect_kind("no/such.toml"), InputError);
}
