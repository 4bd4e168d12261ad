// Every metric of a run small enough to work out by hand, and the laws that a run must obey.
#include "record/fingerprint.hpp"
#include "record/invariants.hpp"
#include "record/metric_fold.hpp"
#include "record_streams.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <functional>
#include <iostream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace lair;
using namespace lair::record;
using doctest::Approx;

TEST_CASE("the metrics of a small run") {
  MetricFold fold(identity(2, 2));
  play_small(fold);
  const MetricValues m = fold.metrics();
  CHECK(m[Metric::energy_kwh] == Approx(0.001)); // 3600 J
  CHECK(m[Metric::energy_per_task_kj] == Approx(3.6));
  CHECK(m[Metric::response_mean_s] == 200);
  CHECK(m[Metric::response_p50_s] == 200);
  CHECK(m[Metric::response_p99_s] == 200);
  // Task 0 was in time; 1 and 3 are 600 s old with a deadline of 500; 4 is 300 s old; 2 has none.
  CHECK(m[Metric::slo_violation_rate] == Approx(2.0 / 3));
  CHECK(m[Metric::throughput_per_hour] == Approx(6));
  CHECK(m[Metric::jain_fairness] == 1);
  CHECK(m[Metric::migrations] == 1);
  CHECK(m[Metric::migration_mean_s] == 40);
  CHECK(m[Metric::migration_bytes] == 360e6);
  CHECK(m[Metric::migrations_aborted] == 0);
  CHECK(m[Metric::actions_refused] == 1);
  CHECK(m[Metric::tasks_requeued] == 1);
  CHECK(m[Metric::work_lost_core_s] == 1000);
  CHECK(m[Metric::decision_mean_s] == 1);
  CHECK(m[Metric::decision_total_s] == 2);
  CHECK(m[Metric::decisions_skipped] == 0);
  CHECK(m[Metric::model_bytes] == 50e6);
  CHECK(m[Metric::model_ram_share] == Approx((50e6 / 4e9 + 50e6 / 8e9) / 2));
  CHECK(m[Metric::availability] == Approx(0.9));
  CHECK(m[Metric::mttd_s] == 60);  // down at 410, declared failed at 470
  CHECK(m[Metric::mttr_s] == 120); // up at 530
  CHECK(m[Metric::mttr_detection_s] == 60);
  CHECK(m[Metric::mttr_wait_s] == 0); // it was off already
  CHECK(m[Metric::mttr_boot_s] == 60);
  CHECK(m[Metric::hosts_down] == 1);
  CHECK(m[Metric::hosts_declared_failed] == 1);
  CHECK(m[Metric::brokers_promoted] == 0);
  CHECK(m[Metric::fine_tuning_total_s] == 0);
  CHECK(m[Metric::cpu_mean] == Approx(0.5));
  CHECK(m[Metric::detection_accuracy] == 0.5);
  CHECK(m[Metric::detection_precision] == 0.5);
  CHECK(m[Metric::detection_recall] == 0.5);
  CHECK(m[Metric::detection_f1] == 0.5);
  CHECK(m[Metric::detection_auroc] == 0.75);
  CHECK(m[Metric::detection_aupr] == Approx(0.5 + 0.5 * 2 / 3));
  // Host 1 is faulty in both intervals: its score is the lower, then the higher of the two.
  CHECK(m[Metric::detection_hit_rate_100] == 0.5);
  CHECK(m[Metric::detection_ndcg_100] == 0.5);
  // Host 1's two faulty intervals are one segment: both have the higher score, and one hit labels both.
  CHECK(m[Metric::detection_adjusted_accuracy] == 0.75);
  CHECK(m[Metric::detection_adjusted_precision] == Approx(2.0 / 3));
  CHECK(m[Metric::detection_adjusted_recall] == 1);
  CHECK(m[Metric::detection_adjusted_f1] == Approx(0.8));
  CHECK(m[Metric::detection_adjusted_auroc] == 1);
  CHECK(m[Metric::detection_adjusted_aupr] == 1);
  CHECK(m[Metric::detection_adjusted_hit_rate_100] == 1);
  CHECK(m[Metric::detection_adjusted_ndcg_100] == 1);
  // The second interval's labels say what was so in the first one.
  CHECK(m[Metric::detection_seen_precision] == 1);
  CHECK(m[Metric::detection_seen_recall] == 1);
  CHECK(m[Metric::detection_seen_f1] == 1);
  CHECK(m[Metric::detection_delay_mean_s] == 200);
  CHECK(m[Metric::detection_faults_seen] == 0.5);
  CHECK(fold.faults().applied == 2);
  CHECK(fold.faults().masked == 1);
  CHECK(fold.faults().masked_by[std::size_t(Reason::host_off)] == 1);
}

TEST_CASE("without a detector there are no detection metrics") {
  RunIdentity run = identity(2, 2);
  run.detector.clear();
  MetricFold fold(run);
  play_small(fold);
  CHECK(std::isnan(fold.metrics()[Metric::detection_f1]));
  CHECK(std::isnan(fold.metrics()[Metric::detection_faults_seen]));
}

TEST_CASE(
    "a failed task with a deadline is a violation; a late one is one; an empty run has none") {
  MetricFold fold(identity(2, 1));
  CHECK(std::isnan(fold.metrics()[Metric::slo_violation_rate]));
  CHECK(std::isnan(fold.metrics()[Metric::energy_per_task_kj]));
  CHECK(std::isnan(fold.metrics()[Metric::response_p95_s]));
  fold.on(arrival(0, 0, 0, 0));
  fold.on(arrival(0, 1, 0, 0));
  fold.on(arrival(0, 2, 0, 1));
  fold.on(task_event(10, EventKind::task_failed, 0, 0, 5));
  fold.on(finish(501, 1, 0, 0, 0, 501, 500));
  fold.on(finish(501, 2, 0, 0, 1, 167, 500));
  CHECK(fold.metrics()[Metric::slo_violation_rate] == Approx(2.0 / 3));
  CHECK(fold.metrics()[Metric::work_lost_core_s] == 5);
  // Jain over the LEIs' means 501 and 167: (668)^2 / (2 (501^2 + 167^2)) = 0.8
  CHECK(fold.metrics()[Metric::jain_fairness] == Approx(0.8));
}

TEST_CASE("repair: loss, declaration, reboot, boot") {
  using enum EventKind;
  MetricFold fold(identity(2, 10));
  fold.on(host_event(200, host_failed, 0, 150)); // on, but silent since 50
  fold.on(host_event(230, host_down, 0));
  Event promoted = host_event(230, broker_promoted, 1);
  fold.on(promoted);
  fold.on(host_event(330, host_up, 0));
  fold.on(host_event(400, host_down, 1)); // a crash, over before anybody declared it failed
  fold.on(host_event(460, host_up, 1));
  fold.on(host_event(500, host_down, 1)); // a crash that was declared
  fold.on(host_event(650, host_failed, 1, 300)); // had been silent for 150 s before
  fold.on(host_event(700, host_up, 1));
  fold.on(host_event(800, host_down, 1)); // not back: no repair
  const MetricValues m = fold.metrics();
  CHECK(m[Metric::mttd_s] == Approx((150 + 150) / 2.0));
  CHECK(m[Metric::mttr_s] == Approx((280 + 60 + 200) / 3.0));
  CHECK(m[Metric::mttr_detection_s] == Approx((150 + 0 + 150) / 3.0));
  CHECK(m[Metric::mttr_wait_s] == Approx(30 / 3.0));
  CHECK(m[Metric::mttr_boot_s] == Approx((100 + 60 + 50) / 3.0));
  CHECK(m[Metric::mttr_s] == Approx(m[Metric::mttr_detection_s] + m[Metric::mttr_wait_s] +
                                    m[Metric::mttr_boot_s]));
  CHECK(m[Metric::hosts_down] == 4);
  CHECK(m[Metric::hosts_declared_failed] == 2);
  CHECK(m[Metric::brokers_promoted] == 1);
}

TEST_CASE("learning is a part of deciding that is told apart") {
  MetricFold fold(identity(2, 1));
  fold.on(host_event(5, EventKind::policy_learned, 0, 0.25));
  fold.on(host_event(5, EventKind::decision_made, 0, 1));
  CHECK(fold.metrics()[Metric::fine_tuning_total_s] == 0.25);
  CHECK(fold.metrics()[Metric::decision_total_s] == 1);
}

TEST_CASE("a fault that ended too soon to count is masked, not applied") {
  MetricFold fold(identity(2, 1));
  fold.on(fault(1, EventKind::fault_started, 0, 1, 0, 1));
  CHECK(fold.faults().applied == 1);
  Event masked = fault(2, EventKind::fault_masked, 0, 1, 0);
  masked.reason = Reason::host_off;
  fold.on(masked);
  CHECK(fold.faults().applied == 0);
  CHECK(fold.faults().masked == 1);
  CHECK(std::isnan(fold.metrics()[Metric::detection_faults_seen]));
}

TEST_CASE("the metric table is in order and its names are unique") {
  for (std::size_t i = 0; i < metric_count; ++i) {
    CHECK(static_cast<std::size_t>(metric_table()[i].metric) == i);
    CHECK(!metric_table()[i].meaning.empty());
    for (std::size_t j = 0; j < i; ++j) CHECK(metric_table()[i].name != metric_table()[j].name);
  }
}

TEST_CASE("the fingerprint tells runs apart, to a microsecond and a billionth") {
  const auto of = [](const std::function<void(EventSink&)>& play) {
    Fingerprint fingerprint;
    play(fingerprint);
    return fingerprint.hex();
  };
  const auto finish_at = [&](double time, double response) {
    return of([=](EventSink& sink) { sink.on(finish(time, 0, 0, 0, 0, response, 500)); });
  };
  CHECK(of(play_small) == of(play_small));
  CHECK(of(play_small).size() == 32);
  CHECK(finish_at(100, 90) == finish_at(100 + 1e-8, 90));
  CHECK(finish_at(100, 90) != finish_at(100 + 2e-6, 90));
  CHECK(finish_at(100, 90) == finish_at(100, 90 * (1 + 1e-12)));
  CHECK(finish_at(100, 90) != finish_at(100, 90 * (1 + 1e-8)));
  CHECK(finish_at(100, 0.0) == finish_at(100, -0.0));
  HostInterval row = host_interval(0, 0, 0.5, 10);
  const auto plain = of([&](EventSink& sink) { sink.on(row); });
  row.state[LAIR_SWAP] = 0.001;
  CHECK(plain != of([&](EventSink& sink) { sink.on(row); }));
}

namespace {
/// Does this abort with an internal error that says `why`? Tried in a child process.
bool breaks_a_law(const std::string& why, const std::function<void(EventSink&)>& play,
                  std::uint64_t planned = 0, bool completed = true) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::cout << std::flush; // else the child repeats it
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    std::signal(SIGABRT, SIG_DFL);
    Invariants laws;
    play(laws);
    laws.finish(completed, planned);
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char part[256];
  for (ssize_t n = 0; (n = read(ends[0], part, sizeof part)) > 0;) said.append(part, n);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && said.find(why) != std::string::npos;
}
} // namespace

TEST_CASE("broken laws are found") {
  using enum EventKind;
  Invariants fine;
  play_small(fine);
  fine.finish(true, 3);
  Invariants random;
  play_random(random, 4, 5, 10, 1);
  random.finish(true, 0);

  CHECK(breaks_a_law("faults: 4 planned, 2 applied + 1 masked", play_small, 4));
  CHECK_FALSE(breaks_a_law("", play_small, 4, false)); // an interrupted run may have faults to come
  CHECK(breaks_a_law(
      "1 faults have started and not ended",
      [](EventSink& s) { s.on(fault(1, fault_started, 0, 0, 0, 1)); }, 1));
  // A fault that ended too soon to count: started, then masked.
  CHECK_FALSE(breaks_a_law(
      "",
      [](EventSink& s) {
        s.on(fault(1, fault_started, 0, 0, 0, 1));
        s.on(fault(2, fault_masked, 0, 0, 0));
      },
      1));
  CHECK(breaks_a_law(
      "closed form is 100",
      [](EventSink& s) {
        s.on(fault(1, fault_started, 0, 0, 0, 1));
        s.on(fault(2, fault_ended, 0, 0, 0, 98, 100));
      },
      1));
  CHECK(breaks_a_law(
      "had an effect of 0",
      [](EventSink& s) {
        s.on(fault(1, fault_started, 0, 0, 0, 1));
        s.on(fault(2, fault_ended, 0, 0, 0, 0, 0));
      },
      1));
  CHECK(breaks_a_law("comes after something at 5 s", [](EventSink& s) {
    s.on(arrival(5, 0, 0, 0));
    s.on(arrival(4, 1, 0, 0));
  }));
  CHECK(breaks_a_law("2 arrived, 1 finished + 0 failed + 0 active + 0 queued", [](EventSink& s) {
    s.on(IntervalTotals{0, 300, 2, 1, 0, 0, 0, 0});
  }));
  CHECK(breaks_a_law("events tell of 1 arrived, 0 finished", [](EventSink& s) {
    s.on(arrival(0, 0, 0, 0));
    s.on(IntervalTotals{0, 300, 1, 1, 0, 0, 0, 0});
  }));
  CHECK(breaks_a_law("the hosts used 10 J", [](EventSink& s) {
    s.on(host_interval(0, 0, 0.5, 10));
    s.on(IntervalTotals{0, 300, 0, 0, 0, 0, 0, 11});
  }));
  CHECK(breaks_a_law("every interval has totals once", [](EventSink& s) {
    s.on(IntervalTotals{1, 600, 0, 0, 0, 0, 0, 0});
  }));
}

TEST_CASE("a fault's effect agrees within one per cent") {
  CHECK(fault_effect_agrees(100.9, 100));
  CHECK_FALSE(fault_effect_agrees(101.1, 100));
  CHECK_FALSE(fault_effect_agrees(0, 0));
  CHECK(fault_effect_agrees(2e-7, 1e-7)); // both tiny
}
