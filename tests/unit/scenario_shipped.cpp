/// What lies in platforms/, workloads/ and scenarios/, and the reference in docs/scenarios.md.
#include "core/error.hpp"
#include "scenario/reader.hpp"
#include "scenario/sweep_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

using namespace lair;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".toml") all.push_back(entry.path().generic_string());
  std::sort(all.begin(), all.end());
  return all;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// 2 GFLOP at 12.8 GFLOP/s: seconds of a whole board.
double mean_work(const Workload& workload) {
  double work = 0, weight = 0;
  for (const auto& application : workload.applications) {
    work += application.weight * (application.flops() / FlopsPerSecond(12.8e9)).value;
    weight += application.weight;
  }
  return work / weight;
}

} // namespace

TEST_CASE("every shipped scenario reads, and its resolved form is a fixed point") {
  const auto files = files_in("scenarios");
  CHECK(files.size() >= 17);
  for (const auto& file : files) {
    INFO(file);
    Search search;
    search.sweep = has_sweep(file);
    const auto scenario = read_scenario(file, {}, search);
    const auto again = read_scenario_text(scenario.resolved, "elsewhere/x.toml");
    CHECK(again.resolved == scenario.resolved);
    CHECK(again.hash == scenario.hash);
    CHECK(again.name == fs::path(file).stem());
    CHECK(detect_kind(file) == FileKind::scenario);
    const auto changed = read_scenario(file, {"seed=77", "policy.name=other"}, search);
    CHECK(changed.hash == scenario.hash);
    CHECK(changed.resolved != scenario.resolved);
  }
}

TEST_CASE("scenarios read the same from anywhere") {
  const auto here = read_scenario("scenarios/quickstart.toml");
  const auto path = fs::absolute("scenarios/quickstart.toml").string();
  const auto before = fs::current_path();
  fs::current_path(fs::temp_directory_path());
  const auto there = read_scenario(path);
  fs::current_path(before);
  CHECK(here.resolved == there.resolved);
}

TEST_CASE("an install's share is searched last") {
  const Search search{fs::absolute(".").string()};
  const auto before = fs::current_path();
  fs::current_path(fs::temp_directory_path());
  const std::string text = "platform = \"pi-config1\"\nworkload = \"defog\"\n";
  CHECK_THROWS_AS(read_scenario_text(text, "x.toml"), InputError);
  CHECK(read_scenario_text(text, "x.toml", {}, search).federation.hosts.size() == 16);
  fs::current_path(before);
}

TEST_CASE("the platforms are the paper's") {
  const auto sizes = [](const Federation& federation) {
    std::vector<std::size_t> all;
    for (const auto& lei : federation.leis) all.push_back(lei.hosts.size());
    return all;
  };
  const auto ram = [](const Federation& f, LeiId lei) {
    std::vector<double> all;
    for (const HostId host : f.lei(lei).hosts) all.push_back(f.host(host).spec.ram.value / 1e9);
    return all;
  };
  using Sizes = std::vector<std::size_t>;
  using Ram = std::vector<double>;
  const auto one = read_platform("platforms/pi-config1.toml");
  const auto two = read_platform("platforms/pi-config2.toml");
  const auto three = read_platform("platforms/pi-config3.toml");
  const auto carol = read_platform("platforms/pi-carol.toml");
  CHECK(sizes(one) == Sizes(16, 1));
  CHECK(sizes(two) == Sizes(4, 4));
  CHECK(sizes(three) == Sizes{2, 2, 4, 8});
  CHECK(sizes(carol) == Sizes(4, 4));
  for (const auto* platform : {&one, &two, &three, &carol}) {
    int small = 0, large = 0;
    for (const auto& host : platform->hosts) ++(host.spec.ram == Bytes(4e9) ? small : large);
    CHECK(small == 8);
    CHECK(large == 8);
  }
  CHECK(ram(two, LeiId(0)) == Ram(4, 4));
  CHECK(ram(two, LeiId(1)) == Ram(4, 8));
  CHECK(ram(two, LeiId(2)) == Ram{4, 4, 8, 8}); // the broker is the first
  CHECK(ram(two, LeiId(3)) == Ram{8, 8, 4, 4});
  CHECK(ram(three, LeiId(3)) == Ram(8, 8));
  for (const auto& lei : carol.leis) CHECK(carol.host(lei.broker).spec.ram == Bytes(8e9));
  const auto& board = two.hosts[0].spec;
  CHECK(board.speed() == FlopsPerSecond(12.8e9));
  CHECK(board.power.at(1) == Watts(4.75));
  CHECK(two.hosts[4].spec.power.at(0) == Watts(2.65));
  CHECK(read_platform("platforms/iobt.toml").hosts.size() == 5);
  CHECK(read_platform("platforms/enterprise.toml").hosts.size() == 5);
}

TEST_CASE("the WAN latencies in the files are the draws that they say they are") {
  const auto drawn = draw_wan_latencies(16, 61);
  for (const auto* name : {"pi-config1", "pi-config2", "pi-config3", "pi-carol"}) {
    INFO(name);
    const auto platform = read_platform(std::string("platforms/") + name + ".toml");
    for (std::size_t i = 0; i < platform.leis.size(); ++i)
      CHECK(platform.leis[i].wan_latency == drawn[i]);
  }
}

TEST_CASE("workloads: loads and sizes as the model says") {
  const auto workload = read_workload("workloads/aiotbench.toml");
  REQUIRE(workload.applications.size() == 7);
  const double work = mean_work(workload);
  CHECK(std::abs(work - 503) < 10);
  // Loads "paper", "medium" and "heavy" on 16 boards.
  CHECK(std::abs(1.2 * work / 4800 - 0.126) < 0.005);
  CHECK(std::abs(4.8 * work / 4800 - 0.50) < 0.01);
  CHECK(std::abs(7.6 * work / 4800 - 0.80) < 0.02);
  const std::map<std::string, double> per_second{
      {"resnet18", 3.5},  {"resnet34", 1.74},    {"resnext50_32x4d", 0.9}, {"squeezenet1_0", 5.4},
      {"googlenet", 3.4}, {"mobilenet_v2", 6.0}, {"mnasnet1_0", 5.6}};
  for (const auto& application : workload.applications) {
    INFO(application.name);
    const double speed = 12.8e9 / application.flops_per_image().value;
    CHECK(std::abs(speed / per_second.at(application.name) - 1) < 0.02);
    CHECK(application.activations.value > 5e6);
    CHECK(application.activations.value < 11e6);
    CHECK(application.weights < application.resident);
  }
  CHECK(read_workload("workloads/defog.toml").applications.size() == 3);
}

TEST_CASE("every number of a platform or workload has its source beside it") {
  auto files = files_in("platforms");
  const auto workloads = files_in("workloads");
  files.insert(files.end(), workloads.begin(), workloads.end());
  for (const auto& file : files) {
    std::ifstream in(file);
    std::string line, before;
    while (std::getline(in, line)) {
      const auto code = line.substr(0, line.find('#'));
      const bool number = code.find('=') != std::string::npos &&
                          code.find_first_of("0123456789", code.find('=')) != std::string::npos &&
                          code.rfind("file", 0) != 0;
      const bool commented = line.find('#') != std::string::npos || before.rfind("# ", 0) == 0;
      if (number) CHECK_MESSAGE(commented, file << ": " << line);
      before = line;
    }
  }
}

TEST_CASE("generated platforms of any size, with the boards of the shipped ones") {
  const auto shipped = read_platform("platforms/pi-config2.toml");
  std::map<std::string, const HostSpec*> boards;
  for (const auto& host : shipped.hosts) boards[host.spec.kind] = &host.spec;
  const auto path = (fs::temp_directory_path() / "lair-test-generated.toml").string();
  struct Size {
    std::uint32_t leis, hosts;
  };
  for (const auto [leis, hosts] : {Size{1, 1}, Size{3, 5}, Size{1024, 4}})
    for (const std::string kind : {"mixed", "pi4b-4gb", "pi4b-8gb"}) {
      PlatformRequest request;
      request.leis = leis;
      request.hosts_per_lei = hosts;
      request.kind = kind;
      const auto text = generate_platform(request);
      std::ofstream(path) << text;
      const auto federation = read_platform(path);
      CHECK(federation.hosts.size() == leis * hosts);
      CHECK(federation.leis.size() == leis);
      for (const auto& host : federation.hosts) {
        const auto& board = *boards.at(host.spec.kind);
        REQUIRE(host.spec.ram == board.ram);
        REQUIRE(host.spec.swap == board.swap);
        REQUIRE(host.spec.ram_system == board.ram_system);
        REQUIRE(host.spec.disk == board.disk);
        REQUIRE(host.spec.core_speed == board.core_speed);
        REQUIRE(host.spec.nic == board.nic);
        REQUIRE(host.spec.lan_latency == board.lan_latency);
        REQUIRE(host.spec.power.watts == board.power.watts);
      }
      CHECK(generate_platform(request) == text);
      request.seed = 62;
      CHECK(generate_platform(request) != text);
      // A platform file written from the value says the same.
      std::ofstream(path) << write_platform(federation);
      CHECK(write_platform(read_platform(path)) == write_platform(federation));
    }
  fs::remove(path);
  PlatformRequest none;
  none.leis = 0;
  none.kind = "pi5";
  CHECK_THROWS_WITH_AS(generate_platform(none),
                       "--leis: 0 LEIs: at least 1\n--kind: there is no "
                       "kind 'pi5': pi4b-4gb, pi4b-8gb or mixed",
                       InputError);
}

TEST_CASE("4,096 hosts in 1,024 LEIs are a small file that reads fast") {
  PlatformRequest request;
  request.leis = 1024;
  const auto text = generate_platform(request);
  CHECK(text.size() < 200000);
  const auto path = (fs::temp_directory_path() / "lair-test-large.toml").string();
  std::ofstream(path) << text;
  double best = 1e9; // of five, in CPU time: a busy machine is not the reader's fault
  for (int i = 0; i < 5; ++i) {
    const auto start = std::clock();
    CHECK(read_platform(path).hosts.size() == 4096);
    best = std::min(best, double(std::clock() - start) / CLOCKS_PER_SEC);
  }
  fs::remove(path);
#ifndef LAIR_SANITIZED
  CHECK(best < 0.05);
#endif
}

TEST_CASE("docs/scenarios.md lists the keys that there are") {
  const auto page = read_text("docs/scenarios.md");
  const std::string begin = "<!-- keys: begin -->\n", end = "<!-- keys: end -->";
  const auto from = page.find(begin), to = page.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const auto expected = page.substr(0, from + begin.size()) + key_reference() + page.substr(to);
  if (std::getenv("LAIR_UPDATE_DOCS") != nullptr)
    std::ofstream("docs/scenarios.md", std::ios::binary) << expected;
  else
    CHECK_MESSAGE(page == expected, "run this test with LAIR_UPDATE_DOCS=1, then look at the diff");
}
