#include "workload/workload.hpp"
#include "worlds.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

using namespace lair;

namespace {

Workload make_workload(double rate) {
  Workload workload;
  workload.rate = rate;
  for (int i = 0; i < 3; ++i) {
    Application application;
    application.name = "app" + std::to_string(i);
    application.weight = i + 1; // 1/6, 1/3, 1/2
    application.images = 10 * (i + 1);
    workload.applications.push_back(application);
  }
  return workload;
}

bool same(const Arrival& a, const Arrival& b) {
  return a.id == b.id && a.time == b.time && a.lei == b.lei && a.application == b.application &&
         a.images == b.images;
}

void check_order(const std::vector<Arrival>& arrivals) {
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    CHECK(arrivals[i].id == TaskId(i));
    if (i == 0) continue;
    const auto &a = arrivals[i - 1], &b = arrivals[i];
    CHECK((a.time < b.time || (a.time == b.time && a.lei <= b.lei)));
  }
}

constexpr std::uint32_t intervals = 20000;
const Seconds interval(300);

} // namespace

TEST_CASE("a bag arrives at the start of each interval, by the LEIs' numbers of hosts") {
  const auto federation = make_federation({2, 2, 4, 8});
  const auto workload = make_workload(4.8);
  const auto arrivals = draw_arrivals(workload, federation, interval, intervals, 11);
  check_order(arrivals);
  std::vector<double> lei(4), application(3), counts(intervals);
  for (const auto& arrival : arrivals) {
    REQUIRE(std::fmod(arrival.time.value, 300) == 0);
    ++lei[arrival.lei.index()];
    ++application[arrival.application.index()];
    ++counts[static_cast<std::size_t>(arrival.time.value / 300)];
    CHECK(arrival.images == workload.applications[arrival.application.index()].images);
  }
  const double total = static_cast<double>(arrivals.size()), expected = 4.8 * intervals;
  CHECK(std::abs(total - expected) < 5 * std::sqrt(expected));
  const double hosts[] = {2, 2, 4, 8};
  for (int i = 0; i < 4; ++i) {
    const double mean = expected * hosts[i] / 16;
    CHECK(std::abs(lei[i] - mean) < 5 * std::sqrt(mean));
  }
  for (int i = 0; i < 3; ++i) {
    const double p = (i + 1) / 6.0;
    CHECK(std::abs(application[i] - total * p) < 5 * std::sqrt(total * p * (1 - p)));
  }
  double variance = 0; // Poisson: equal to the mean
  for (const double c : counts) variance += (c - 4.8) * (c - 4.8) / intervals;
  CHECK(std::abs(variance - 4.8) < 5 * 4.8 * std::sqrt(2.3 / intervals));
}

TEST_CASE("uniform over LEIs, and weights of LEIs") {
  auto federation = make_federation({1, 7});
  auto workload = make_workload(4);
  const auto of_first = [&] {
    double first = 0;
    const auto all = draw_arrivals(workload, federation, interval, intervals, 3);
    for (const auto& arrival : all) first += arrival.lei == LeiId(0);
    return first / static_cast<double>(all.size());
  };
  CHECK(std::abs(of_first() - 1.0 / 8) < 0.01);
  workload.uniform_over_leis = true;
  CHECK(std::abs(of_first() - 0.5) < 0.01);
  workload.uniform_over_leis = false;
  federation.leis[0].weight = 14; // against 7 hosts
  CHECK(std::abs(of_first() - 2.0 / 3) < 0.01);
}

TEST_CASE("continuous arrivals are a Poisson process over all of time") {
  const auto federation = make_federation({4, 4});
  auto workload = make_workload(2);
  workload.arrivals = ArrivalProcess::continuous;
  const auto arrivals = draw_arrivals(workload, federation, interval, intervals, 5);
  check_order(arrivals);
  const double total = static_cast<double>(arrivals.size()), expected = 2.0 * intervals;
  CHECK(std::abs(total - expected) < 5 * std::sqrt(expected));
  double phase = 0, squares = 0, before = 0;
  for (const auto& arrival : arrivals) {
    phase += std::fmod(arrival.time.value, 300) / 300 / total;
    squares += std::pow(arrival.time.value - before, 2) / total;
    before = arrival.time.value;
    REQUIRE(arrival.time.value < 300.0 * intervals);
  }
  CHECK(std::abs(phase - 0.5) < 5 * std::sqrt(1.0 / 12 / total));
  CHECK(std::abs(squares / (2 * 150.0 * 150.0) - 1) < 0.1); // E[gap^2] = 2 mean^2
}

TEST_CASE("arrivals depend on seed and workload only") {
  const auto federation = make_federation({4, 4});
  const auto workload = make_workload(4.8);
  const auto a = draw_arrivals(workload, federation, interval, 200, 1);
  const auto b = draw_arrivals(workload, federation, interval, 200, 1);
  const auto c = draw_arrivals(workload, federation, interval, 200, 2);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(same(a[i], b[i]));
  bool differ = a.size() != c.size();
  for (std::size_t i = 0; !differ && i < a.size(); ++i) differ = !same(a[i], c[i]);
  CHECK(differ);
}

TEST_CASE("a longer run begins with the shorter one's arrivals") {
  const auto federation = make_federation({3, 5});
  auto workload = make_workload(3);
  for (const auto process : {ArrivalProcess::bag, ArrivalProcess::continuous}) {
    workload.arrivals = process;
    const auto some = draw_arrivals(workload, federation, interval, 50, 9);
    const auto more = draw_arrivals(workload, federation, interval, 80, 9);
    REQUIRE(more.size() > some.size());
    for (std::size_t i = 0; i < some.size(); ++i) CHECK(same(some[i], more[i]));
  }
}

TEST_CASE("other weights of applications leave times and places alone") {
  const auto federation = make_federation({3, 5});
  auto workload = make_workload(3);
  const auto before = draw_arrivals(workload, federation, interval, 100, 4);
  workload.applications[0].weight = 100;
  const auto after = draw_arrivals(workload, federation, interval, 100, 4);
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(before[i].time == after[i].time);
    CHECK(before[i].lei == after[i].lei);
  }
}

TEST_CASE("a recorded trace replaces the process; what lies outside the run is left out") {
  const auto federation = make_federation({2, 2});
  auto workload = make_workload(100);
  workload.trace = {{Seconds(650), LeiId(0), ApplicationId(2)},
                    {Seconds(10), LeiId(1), ApplicationId(0)},
                    {Seconds(10), LeiId(0), ApplicationId(1), 7.5},
                    {Seconds(900), LeiId(0), ApplicationId(0)}};
  const auto arrivals = draw_arrivals(workload, federation, interval, 3, 1);
  REQUIRE(arrivals.size() == 3);
  CHECK(arrivals[0].lei == LeiId(0));
  CHECK(arrivals[0].application == ApplicationId(1));
  CHECK(arrivals[1].lei == LeiId(1));
  CHECK(arrivals[2].time == Seconds(650));
  CHECK(arrivals[2].images == 30);
  CHECK(arrivals[0].images == 7.5);
  check_order(arrivals);
}

TEST_CASE("no rate, no arrivals") {
  CHECK(draw_arrivals(make_workload(0), make_federation({4}), interval, 100, 1).empty());
}

TEST_CASE("an image costs two operations a multiply-accumulate, divided by the efficiency") {
  Application application;
  application.macs_per_image = 1.5e9;
  application.efficiency = 0.5;
  application.images = 4;
  CHECK(application.flops_per_image() == Flops(6e9));
  CHECK(application.flops() == Flops(24e9));
}
