// A C++ policy that breaks one rule, named by the option `how`.
#include <lair/policy.hpp>

#include <cstdlib>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace {
int calls_of_all_objects = 0; // what `shared-state` is about
}

class Misbehaving : public lair::Scheduler, public lair::Detector, public lair::Remediator {
public:
  static constexpr double memory_bytes = 1e6;
  explicit Misbehaving(lair::PolicyContext& context)
      : Scheduler(context), Detector(context), Remediator(context), context_(context),
        how_(context.text("how", "")) {
    misbehave("constructor");
    if (how_ == "charge-nan") context.charge_flops(0.0 / zero());
  }
  void place(const lair::Observation& seen, lair::Decision& out) override {
    misbehave("place");
    ++calls_of_all_objects;
    for (const auto& task : seen.tasks())
      if (task.state == LAIR_TASK_QUEUED && seen.own_hosts().size() > 0)
        out.place(task.id, seen.own_hosts()[how_ == "shared-state"
                                                ? calls_of_all_objects % seen.own_hosts().size()
                                                : 0].id);
    if (how_ == "time") // burns processor time, and the compiler cannot know for what
      for (long i = 0; i < 10000000; ++i) burnt_ += static_cast<double>(i) / 3;
    if (burnt_ < 0) throw std::logic_error("the sum must be used");
    if (how_ == "memory") {
      hoard_.assign(100000000, 'x');
    }
  }
  void detect(const lair::Observation& seen, lair::Actions, lair::Detection& out) override {
    misbehave("detect");
    const std::vector<double> three(3);
    for (const auto& host : seen.own_hosts())
      if (how_ == "three-expected-detect") out.add(host.id, 0, 1, false, three);
      else out.add(host.id, 0, 1, false);
    if (how_ == "one-host-only" && seen.own_hosts().size() == 0) std::abort();
  }
  void decide(const lair::Observation&, lair::Actions, const lair::DetectionView*,
              lair::Decision&) override {
    misbehave("decide");
  }
  void learn(const lair::Observation&, const lair::Observation&) override { misbehave("learn"); }

private:
  static double zero() {
    volatile double nothing = 0;
    return nothing;
  }
  static inline volatile int one = 1;
  static int* nowhere() {
    int* volatile nothing = nullptr;
    return nothing;
  }
  static double overflow(int depth) { // the frames are kept: something follows each call
    volatile char frame[4096] = "";
    return depth > 0 ? overflow(depth + 1) + frame[depth % 4096] : 0;
  }
  void misbehave(const std::string& where) {
    if (how_ == "throw-" + where) throw std::runtime_error("thrown in " + where);
    if (how_ == "throw-int-" + where) throw 42;
    if (how_ == "abort-" + where) std::abort();
    if (how_ == "segfault-" + where) std::raise(SIGSEGV);
    if (how_ == "write-to-null-" + where) *nowhere() = 1;
    if (how_ == "overflow-" + where) burnt_ += overflow(1);
    if (how_ == "divide-" + where) burnt_ += one / static_cast<int>(zero());
    if (how_ == "out-of-memory-" + where) std::raise(SIGKILL); // as the kernel does it
    if (how_ == "exit-" + where) std::exit(0);
    if (how_ == "quick-exit-" + where) std::quick_exit(0);
    if (how_ == "underscore-exit-" + where) _exit(0);
    if (how_ == "fork-" + where) (void)!fork();
    if (how_ == "close-" + where)
      for (int file = 0; file < 64; ++file) close(file);
    if (how_ == "terminate-" + where) std::raise(SIGTERM);
    if (how_ == "interrupt-" + where) kill(getpid(), SIGINT);
    if (how_ == "print-" + where) {
      std::printf("a word of the policy\n");
      std::cout << "another one" << std::endl;
      (void)!write(STDOUT_FILENO, "a third\n", 8);
    }
    if (how_ == "hoard-absurdly-" + where) context_.charge_memory(1e300);
    if (how_ == "charge-absurdly-" + where) context_.charge_flops(1e300);
    if (how_ == "forecast-of-null-" + where)
      (void)context_.forecast({reinterpret_cast<const lair::Action*>(8), 1000});
    if (how_ == "hang-" + where)
      for (volatile bool forever = true; forever;) {
      }
  }
  lair::PolicyContext& context_;
  std::string how_, hoard_;
  double burnt_ = 0;
};

LAIR_POLICY(Misbehaving, "misbehaving", "1.0", "breaks the rule that its option names", "tests")
