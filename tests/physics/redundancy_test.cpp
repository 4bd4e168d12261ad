// Copies, checkpoints and votes against their closed forms. In actions, "interval:kind:task:host:value",
// kind 1 places, 3 replicates, 4 cancels, 5 checkpoints, 6 votes.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace lair;
using namespace lair::physics;
using doctest::Approx;

namespace {
/// A task of 1250 s on host 1, two images and two Gflop a second.
Scenario long_task(std::vector<unsigned> leis = {3}) {
  Scenario s = make_scenario(std::move(leis));
  s.intervals = 12;
  s.workload.applications = {make_application(2500, 1e9, 2)};
  add_task(s, 0);
  return s;
}
Recording run(Scenario& s, std::vector<std::string> actions) {
  use_actions(s, std::move(actions), {{"t0", "1"}});
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  REQUIRE(r.failure == "");
  return r;
}
bool said(const Recording& r, const std::string& what) {
  return std::any_of(r.notes.begin(), r.notes.end(),
                     [&](const std::string& note) { return note.find(what) != std::string::npos; });
}
double ram(const Recording& r, std::uint32_t host, std::uint32_t interval) { // bytes, mean
  for (const HostInterval& h : r.hosts)
    if (h.host == HostId(host) && h.interval == interval) return h.state[LAIR_RAM] * 4e9;
  return -1;
}
double net_out(const Recording& r, std::uint32_t host, std::uint32_t interval) { // bytes
  for (const HostInterval& h : r.hosts)
    if (h.host == HostId(host) && h.interval == interval) return h.state[LAIR_NET_OUT] * 300;
  return -1;
}
} // namespace

TEST_CASE("the primary's host dies: its copy is promoted and ends the task") {
  Scenario s = long_task();
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  const Recording alone = run(s, {});
  CHECK(alone.response(0) == Approx(1200 + 1250)); // again from its first image
  const Recording r = run(s, {"1:3:0:2:0"});
  CHECK(r.response(0) == Approx(300 + 1250));
  CHECK(r.only(EventKind::task_finished).host == HostId(2));
  CHECK(r.of(EventKind::task_requeued).empty());
  CHECK(r.only(EventKind::copy_placed).time == Approx(300));
  const Event ended = r.only(EventKind::copy_ended), promoted = r.only(EventKind::copy_promoted);
  CHECK(ended.host == HostId(1));
  CHECK(ended.reason == Reason::crash);
  CHECK(ended.value == Approx(2 * 1000)); // core-s
  CHECK(promoted.host == HostId(2));
  CHECK(promoted.time == 1000);
  CHECK(said(r, "task 2 lei 0: 0 0/2 on 1 state 2"));
  CHECK(said(r, "task 2 lei 0: 0 1/2 on 2 state 2"));
  CHECK(said(r, "event 4 lei 0: 5 1 0")); // copy lost
  CHECK(said(r, "event 4 lei 0: 6 2 0")); // promoted
  CHECK(said(r, "task 4 lei 0: 0 0/1 on 2 state 2"));
}

TEST_CASE("the first result ends the task; the copy took CPU, memory and energy") {
  Scenario s = long_task();
  const Recording alone = run(s, {}), r = run(s, {"1:3:0:2:0"});
  CHECK(r.response(0) == Approx(1250));
  const Event ended = r.only(EventKind::copy_ended);
  CHECK(ended.host == HostId(2));
  CHECK(ended.reason == Reason::done);
  CHECK(ended.value == Approx(2 * 950));
  CHECK(r.energy(2) - alone.energy(2) == Approx(950 * 2.0)); // half of the CPU: 4 W of 2 to 6
  CHECK(r.energy(1) == Approx(alone.energy(1)));
  CHECK(ram(r, 2, 0) == 0);
  CHECK(ram(r, 2, 1) == Approx(100e6));
  CHECK(ram(r, 2, 4) == Approx(100e6 * 50 / 300));
  CHECK(r.totals.back().finished == 1);
  for (const IntervalTotals& t : r.totals) CHECK(t.active + t.finished == 1);
}

TEST_CASE("a cancelled copy frees its host, whichever it is; the last one stays") {
  Scenario s = long_task();
  const Recording other = run(s, {"1:3:0:2:0", "2:4:0:2:0"});
  CHECK(other.only(EventKind::copy_ended).reason == Reason::cancelled);
  CHECK(other.only(EventKind::copy_ended).value == Approx(600));
  CHECK(other.of(EventKind::copy_promoted).empty());
  CHECK(ram(other, 2, 2) == 0);
  CHECK(other.response(0) == Approx(1250));
  const Recording first = run(s, {"1:3:0:2:0", "2:4:0:1:0", "3:4:0:2:0", "3:4:0:1:0"});
  CHECK(first.only(EventKind::copy_promoted).reason == Reason::cancelled);
  CHECK(ram(first, 1, 2) == 0);
  CHECK(first.response(0) == Approx(300 + 1250));
  const auto refused = first.of(EventKind::action_refused);
  REQUIRE(refused.size() == 2);
  CHECK(refused[0].reason == Reason::last_copy);
  CHECK(refused[1].reason == Reason::no_copy);
}

TEST_CASE("image and input travel to a copy as to a task") {
  Scenario s = long_task();
  s.workload.applications[0].input = Bytes(125e6 * 10);
  s.workload.image_transfer = Bytes(125e6 * 20);
  s.workload.image_size = Bytes(20e6 * 5);
  const Recording r = run(s, {"1:3:0:2:0"});
  CHECK(r.only(EventKind::copy_started).time == Approx(300 + 20 + 5 + 10).epsilon(1e-6));
}

TEST_CASE("a task is lost when its last copy is, and only then") {
  Scenario s = long_task();
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  add_fault(s, FaultKind::crash, 1010, 100, 2);
  const Recording r = run(s, {"1:3:0:2:0"});
  CHECK(r.only(EventKind::task_requeued).host == HostId(2));
  CHECK(r.only(EventKind::task_requeued).value == Approx(2 * 710));
  CHECK(r.response(0) == Approx(1200 + 1250));
}

TEST_CASE("copies go to other LEIs, whose brokers and the entry's see all of them") {
  Scenario s = long_task({2, 2, 1});
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  const Recording r = run(s, {"1:3:0:3:0"});
  CHECK(r.response(0) == Approx(300 + 1250).epsilon(1e-4));
  for (const char* lei : {"0", "1"}) {
    CHECK(said(r, std::string("task 2 lei ") + lei + ": 0 0/2 on 1"));
    CHECK(said(r, std::string("task 2 lei ") + lei + ": 0 1/2 on 3"));
    CHECK(said(r, std::string("event 4 lei ") + lei + ": 6 3 0"));
    CHECK(said(r, std::string("task 4 lei ") + lei + ": 0 0/1 on 3"));
  }
  CHECK_FALSE(said(r, "task 2 lei 2"));
}

TEST_CASE("what cannot be copied is refused") {
  Scenario s = long_task();
  s.workload.applications[0].resident = Bytes(3.5e9);
  add_task(s, 0);
  use_actions(s, {"1:3:0:1:0", "1:3:0:2:0", "2:4:0:2:0", "1:6:0:0:9", "5:3:0:0:0"},
              {{"t0", "1"}, {"t1", "2"}});
  const Recording r = simulate_forked(s);
  REQUIRE(r.signal == 0);
  const auto refused = r.of(EventKind::action_refused);
  REQUIRE(refused.size() == 4);
  CHECK(refused[0].reason == Reason::same_host);
  CHECK(refused[1].reason == Reason::not_enough_memory);
  CHECK(refused[2].reason == Reason::bad_value); // more than there are hosts
  CHECK(refused[3].reason == Reason::no_copy);
}

TEST_CASE("a task resumes at its last commit") {
  Scenario s = long_task();
  s.workload.applications[0].input = Bytes(40e6); // 0.32 s of a link, 2 s to write, 1 s to read
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  const Recording r = run(s, {"1:5:0:2:60"});
  const double begun = 0.32;
  CHECK(r.only(EventKind::checkpoint_stored).time == Approx(302.32).epsilon(1e-6));
  const double committed = 2 * (960 - begun); // images
  CHECK(r.only(EventKind::task_requeued).value == Approx(2 * (1000 - 960)).epsilon(1e-6));
  const Event restored = r.only(EventKind::task_restored);
  CHECK(restored.target == HostId(2));
  CHECK(restored.time == Approx(1201.32).epsilon(1e-6));
  CHECK(restored.value == Approx(committed).epsilon(1e-6));
  CHECK(r.response(0) == Approx(1201.32 + (2500 - committed) / 2).epsilon(1e-6));
  CHECK(said(r, "stores 1 done 1199.36 committed 1199.36")); // at 600 s, a commit's instant
  // Each commit is a header and two numbers.
  CHECK(net_out(r, 1, 2) == Approx(5 * 80));
  // Again, for any period: no more is lost than one of them.
  for (const double period : {1.0, 7.0, 130.0, 1000.0}) {
    INFO(period);
    const Recording other = run(s, {"1:5:0:2:" + std::to_string(period)});
    const double kept = 300 + std::floor(700 / period) * period;
    CHECK(other.only(EventKind::task_restored).value == Approx(2 * (kept - begun)).epsilon(1e-6));
  }
}

TEST_CASE("a period of 0 commits once") {
  Scenario s = long_task();
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  const Recording r = run(s, {"1:5:0:2:0"});
  CHECK(r.only(EventKind::task_restored).value == Approx(600));
  CHECK(r.response(0) == Approx(1200 + 950));
}

TEST_CASE("of several checkpoints the newest that can be reached is taken; without one all begins anew") {
  Scenario s = long_task({4});
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  const std::vector<std::string> actions = {"1:5:0:2:100", "1:5:0:3:0"};
  const Recording both = run(s, actions);
  CHECK(both.only(EventKind::task_restored).target == HostId(2));
  CHECK(both.response(0) == Approx(1200 + 250)); // the commit at 1000 s is made
  add_fault(s, FaultKind::crash, 1150, 200, 2);
  const Recording older = run(s, actions);
  CHECK(older.only(EventKind::task_restored).target == HostId(3));
  CHECK(older.response(0) == Approx(1200 + 950));
  add_fault(s, FaultKind::crash, 1150, 200, 3);
  const Recording none = run(s, actions);
  CHECK(none.of(EventKind::task_restored).empty());
  CHECK(none.response(0) == Approx(1200 + 1250));
}

TEST_CASE("nothing is committed to a host that is off, or to one that cannot be reached") {
  Scenario s = long_task();
  add_fault(s, FaultKind::crash, 650, 95, 2);
  add_fault(s, FaultKind::crash, 1000, 100, 1);
  s.faults.effects.link_loss_share = 1;
  add_fault(s, FaultKind::link_loss, 757, 400, 2); // cut
  const Recording r = run(s, {"1:5:0:2:10"});
  CHECK(r.only(EventKind::task_restored).value == Approx(2 * 750)); // the one commit in between
}

TEST_CASE("a copy starts from the newest checkpoint") {
  Scenario s = long_task();
  const Recording r = run(s, {"1:5:0:0:100", "2:3:0:2:0", "3:4:0:1:0"});
  CHECK(r.only(EventKind::task_restored).value == Approx(1200));
  CHECK(r.response(0) == Approx(1250)); // at 600 s as far as the primary was
  CHECK(r.only(EventKind::task_finished).host == HostId(2));
}

TEST_CASE("a wrong result goes unnoticed, unless two others have to agree") {
  Scenario s = long_task();
  s.workload.applications[0].images = 1000;
  add_fault(s, FaultKind::silent_corruption, 1, 3000, 1);
  const Recording alone = run(s, {});
  CHECK(alone.only(EventKind::task_corrupted).host == HostId(1));
  CHECK(alone.response(0) == Approx(500));

  // Both deliver at 500 s, not the same. The third one, placed at 600 s, decides.
  const Recording two = run(s, {"0:6:0:0:2", "0:3:0:2:0", "2:1:0:0:0"});
  CHECK(two.of(EventKind::task_corrupted).empty());
  CHECK(two.of(EventKind::result_delivered).size() == 3);
  CHECK(two.only(EventKind::task_reopened).value == 2);
  CHECK(two.response(0) == Approx(600 + 500));
  CHECK(said(two, "event 2 lei 0: 8"));     // they differ
  CHECK(said(two, "event 4 lei 0: 9 1 0")); // host 1 was outvoted
  CHECK(said(two, "state 0 digests 2 1"));
  CHECK(two.of(EventKind::task_requeued).empty());

  // Asked at once, the third one is in time.
  const Recording three = run(s, {"0:6:0:0:2", "0:3:0:2:0", "0:3:0:0:0"});
  CHECK(three.of(EventKind::task_corrupted).empty());
  CHECK(three.response(0) == Approx(500));

  // Its own second opinion does not count.
  const Recording again = run(s, {"0:6:0:0:2"});
  CHECK(again.of(EventKind::task_finished).empty());
  CHECK(again.of(EventKind::task_reopened).size() > 2);
}

TEST_CASE("hosts that are wrong do not agree with one another") {
  Scenario s = long_task();
  s.workload.applications[0].images = 1000;
  add_fault(s, FaultKind::silent_corruption, 1, 3000, 1);
  add_fault(s, FaultKind::silent_corruption, 1, 3000, 2);
  const Recording r = run(s, {"0:6:0:0:2", "0:3:0:2:0"});
  CHECK(r.of(EventKind::result_delivered)[0].value != r.of(EventKind::result_delivered)[1].value);
  CHECK(r.of(EventKind::task_finished).empty());
}
