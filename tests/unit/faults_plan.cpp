#include "faults/fault_plan.hpp"
#include "worlds.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

using namespace lair;

namespace {
const Seconds interval(300);
constexpr std::uint32_t intervals = 20000;

bool near_count(double count, double mean) { return std::abs(count - mean) < 5 * std::sqrt(mean); }

/// Which fifth of its range a number in [0, 1) lies in.
std::size_t fifth(double share) { return static_cast<std::size_t>(5 * share); }

/// What a fault is made of, each as a fifth of its range; parts that are independent fill all 25
/// pairs of fifths alike.
using Fifths = std::vector<std::size_t>;

void check_independent(const std::vector<Fifths>& faults, const std::vector<std::string>& names) {
  for (std::size_t a = 0; a < names.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      INFO(names[a], " and ", names[b]);
      std::array<double, 25> pairs{};
      for (const Fifths& fault : faults) ++pairs.at(5 * fault[a] + fault[b]);
      for (const double count : pairs)
        CHECK(near_count(count, static_cast<double>(faults.size()) / 25));
    }
}
} // namespace

TEST_CASE("names, labels and descriptions of the kinds") {
  std::set<std::string> names, descriptions;
  for (std::size_t i = 0; i < fault_kind_count; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    CHECK(fault_kind_from(to_string(kind)) == kind);
    names.emplace(to_string(kind));
    descriptions.emplace(description_of(kind));
    CHECK(!label_of(kind).empty());
  }
  CHECK(names.size() == fault_kind_count);
  CHECK(descriptions.size() == fault_kind_count);
  CHECK(!fault_kind_from("cpu"));
  CHECK(label_of(FaultKind::ddos) == "net");
  CHECK(label_of(FaultKind::partition) == "link");
}

TEST_CASE("rate, kinds, starts, targets and lengths are as the model says") {
  const auto federation = make_federation({4, 4, 4, 4});
  FaultModel model;
  model.rate = 0.5;
  const auto plan = draw_fault_plan(model, federation, interval, intervals, 21);
  const double expected = 0.5 * intervals;
  CHECK(near_count(static_cast<double>(plan.size()), expected));
  std::array<double, fault_kind_count> kinds{};
  std::vector<double> hosts(16);
  double phase = 0, attack = 0, reboot = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto& fault = plan[i];
    CHECK(fault.id == FaultId(static_cast<std::uint32_t>(i)));
    if (i > 0) CHECK(plan[i - 1].start <= fault.start);
    ++kinds[static_cast<std::size_t>(fault.kind)];
    REQUIRE(fault.host.valid());
    REQUIRE(!fault.lei.valid());
    ++hosts[fault.host.index()];
    phase += std::fmod(fault.start.value, 300) / 300 / static_cast<double>(plan.size());
    REQUIRE(fault.start.value < 300.0 * intervals);
    if (fault.kind == FaultKind::crash) {
      REQUIRE(fault.length.value >= 60);
      REQUIRE(fault.length.value < 300);
      reboot += fault.length.value;
    } else {
      REQUIRE(fault.length.value >= 300);
      REQUIRE(fault.length.value < 1500);
      attack += fault.length.value;
    }
    CHECK(fault.strength == 1);
  }
  for (std::size_t i = 0; i < fault_kind_count; ++i)
    CHECK((i < 5 ? near_count(kinds[i], expected / 5) : kinds[i] == 0));
  for (const double count : hosts) CHECK(near_count(count, expected / 16));
  CHECK(std::abs(phase - 0.5) < 5 * std::sqrt(1.0 / 12 / expected));
  CHECK(std::abs(attack / (0.8 * expected) - 900) < 40);
  CHECK(std::abs(reboot / (0.2 * expected) - 180) < 20);
}

TEST_CASE("lengths in seconds replace those in intervals") {
  FaultModel model;
  model.rate = 5;
  model.min_length = Seconds(30);
  model.max_length = Seconds(130);
  model.shares = {0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0};
  double faulty = 0;
  const auto plan = draw_fault_plan(model, make_federation({10}), interval, 5000, 2);
  for (const auto& fault : plan) {
    REQUIRE(fault.length.value >= 30);
    REQUIRE(fault.length.value < 130);
    faulty += fault.length.value;
  }
  CHECK(std::abs(faulty / (5000.0 * 300 * 10) - 0.133) < 0.005); // the label rate of FTSAD-55
}

TEST_CASE("link faults and partitions find links and LEIs") {
  FaultModel model;
  model.rate = 1;
  model.shares = {0, 0, 0, 0, 0, 1, 1, 0};
  const auto plan = draw_fault_plan(model, make_federation({2, 2, 4}), interval, intervals, 8);
  double lan = 0, wan = 0;
  std::vector<double> leis(3);
  for (const auto& fault : plan) {
    REQUIRE(fault.host.valid() != fault.lei.valid());
    if (fault.kind == FaultKind::partition) {
      REQUIRE(fault.lei.valid());
      ++leis[fault.lei.index()];
    } else {
      REQUIRE(fault.kind == FaultKind::link_loss);
      ++(fault.host.valid() ? lan : wan);
    }
  }
  const double half = intervals / 2.0;
  CHECK(near_count(lan, half / 2));
  CHECK(near_count(wan, half / 2));
  for (const double count : leis) CHECK(near_count(count, half / 3));
}

TEST_CASE("start, length, kind and target tell nothing of one another, nor of the next fault's") {
  FaultModel model; // five kinds alike
  model.rate = 2;
  std::vector<Fifths> faults;
  for (const auto& fault :
       draw_fault_plan(model, make_federation({5, 5, 5, 5}), interval, intervals, 3)) {
    const double low = fault.kind == FaultKind::crash ? 60 : 300;
    const double high = fault.kind == FaultKind::crash ? 300 : 1500;
    faults.push_back({fifth(std::fmod(fault.start.value, 300) / 300),
                      fifth((fault.length.value - low) / (high - low)),
                      static_cast<std::size_t>(fault.kind),
                      fifth((fault.host.value + 0.5) / 20)});
  }
  check_independent(faults, {"start", "length", "kind", "target"});
  // Starts are in order; the other parts follow no order.
  std::vector<Fifths> in_turn;
  for (std::size_t i = 1; i < faults.size(); ++i)
    in_turn.push_back({faults[i - 1][1], faults[i - 1][2], faults[i - 1][3], faults[i][0],
                       faults[i][1], faults[i][2], faults[i][3]});
  check_independent(in_turn, {"last length", "last kind", "last target", "start", "length", "kind",
                              "target"});
}

TEST_CASE("whether a LAN or a WAN link is struck tells nothing of when, how long and which") {
  FaultModel model;
  model.rate = 4;
  model.shares = {0, 0, 0, 0, 0, 1, 0, 0};
  std::vector<Fifths> lan, wan;
  for (const auto& fault :
       draw_fault_plan(model, make_federation({5, 5, 5, 5, 5}), interval, intervals, 4))
    (fault.host.valid() ? lan : wan)
        .push_back({fifth(std::fmod(fault.start.value, 300) / 300),
                    fifth((fault.length.value - 300) / 1200),
                    fault.host.valid() ? fifth((fault.host.value + 0.5) / 25) : fault.lei.index()});
  check_independent(lan, {"start", "length", "link"});
  check_independent(wan, {"start", "length", "link"});
}

TEST_CASE("one kind more or less leaves starts and targets where they were") {
  const auto federation = make_federation({4, 4});
  FaultModel model;
  model.rate = 2;
  const auto before = draw_fault_plan(model, federation, interval, 500, 6);
  model.shares[static_cast<std::size_t>(FaultKind::crash)] = 0;
  model.strength = 0.5;
  model.max_intervals = 2;
  const auto after = draw_fault_plan(model, federation, interval, 500, 6);
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(before[i].start == after[i].start);
    CHECK(before[i].host == after[i].host);
    CHECK(after[i].kind != FaultKind::crash);
  }
}

TEST_CASE("the plan depends on the seed, and a longer run begins with the shorter one's plan") {
  const auto federation = make_federation({4, 4});
  FaultModel model;
  model.rate = 1;
  const auto some = draw_fault_plan(model, federation, interval, 100, 1);
  const auto more = draw_fault_plan(model, federation, interval, 150, 1);
  const auto other = draw_fault_plan(model, federation, interval, 100, 2);
  REQUIRE(more.size() > some.size());
  for (std::size_t i = 0; i < some.size(); ++i) {
    CHECK(some[i].start == more[i].start);
    CHECK(some[i].length == more[i].length);
    CHECK(some[i].kind == more[i].kind);
    CHECK(some[i].host == more[i].host);
  }
  CHECK((other.size() != some.size() || other[0].start != some[0].start));
}

TEST_CASE("a script is merged in order of time") {
  const auto federation = make_federation({4, 4});
  FaultModel model;
  Fault late, early;
  late.kind = FaultKind::crash;
  late.start = Seconds(29000);
  late.length = Seconds(60);
  late.host = HostId(3);
  early.kind = FaultKind::partition;
  early.start = Seconds(0);
  early.length = Seconds(10);
  early.lei = LeiId(1);
  model.script = {late, early};
  const auto only = draw_fault_plan(model, federation, interval, 100, 1);
  REQUIRE(only.size() == 2);
  CHECK(only[0].lei == LeiId(1));
  CHECK(only[1].host == HostId(3));
  CHECK(only[1].id == FaultId(1));
  model.rate = 1;
  const auto merged = draw_fault_plan(model, federation, interval, 100, 1);
  model.script.clear();
  CHECK(merged.size() == draw_fault_plan(model, federation, interval, 100, 1).size() + 2);
  CHECK(merged[0].kind == FaultKind::partition);
}
