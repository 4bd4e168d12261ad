#include "policy/plugin_check.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "policy/child.hpp"
#include "policy/plugin_library.hpp"
#include "policy/synthetic_observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include <sys/resource.h>
#include <unistd.h>

namespace lair {
namespace {

// Marks of the lines that the child writes: an item begins, then ends with a verdict and a detail.
constexpr char begins = 'B', ends_well = 'P', ends_warned = 'W', ends_badly = 'F';

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long all = 0, resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &all, &resident);
  std::fclose(file);
  return read == 2 ? double(resident) * double(::sysconf(_SC_PAGESIZE)) : 0;
}

/// What a broker lends, without a broker. Without a twin the forecast is persistence: every host's
/// next state is its newest one, and nothing ends.
class Lender {
public:
  Lender(std::uint64_t seed, TwinService* twin)
      : random_(seed, "policy.0"), twin_(twin), desk_(twin) {
    services_.size = sizeof services_;
    services_.context = this;
    services_.uniform = [](void* self) { return static_cast<Lender*>(self)->random_.uniform(); };
    services_.charge_flops = [](void* self, double flops) {
      static_cast<Lender*>(self)->flops += flops;
    };
    services_.charge_memory = [](void* self, double b) { static_cast<Lender*>(self)->memory += b; };
    services_.log = [](void*, int, const char*) {};
    services_.forecast = [](void* self, const lair_action* actions, std::uint32_t count,
                            lair_forecast* out) {
      auto& lender = *static_cast<Lender*>(self);
      return lender.twin_ != nullptr ? lender.desk_.forecast(actions, count, out)
                                     : lender.forecast(*out);
    };
    if (twin_ == nullptr) return;
    services_.twin = [](void* self, const lair_observation* observation) {
      return static_cast<Lender*>(self)->desk_.open(observation);
    };
    TwinDesk::lend(services_);
  }
  const lair_services& services() const { return services_; }
  double flops = 0, memory = 0;
  /// A call of a role begins, on this observation.
  void begin(const lair_observation& seen) {
    call_.emplace(desk_, seen);
    current_ = &seen;
  }
  void end() {
    call_.reset();
    current_ = nullptr;
  }

private:
  int forecast(lair_forecast& out) {
    if (current_ == nullptr) return 1;
    states_.clear();
    const Observation seen(*current_);
    for (const Host& host : seen.hosts())
      for (int m = 0; m < LAIR_METRICS; ++m)
        states_.push_back(seen.metric(host, static_cast<lair_metric>(m)));
    out = {};
    out.size = sizeof out;
    out.states = states_.data();
    return 0;
  }
  RandomStream random_;
  TwinService* twin_;
  TwinDesk desk_;
  std::optional<TwinDesk::Call> call_;
  const lair_observation* current_ = nullptr; ///< during a call
  lair_services services_{};
  std::vector<double> states_;
};

/// One object under test, driven as a broker drives it.
class Subject {
public:
  Subject(const PluginLibrary& library, const PolicyOptions& options, std::uint64_t seed,
          std::uint32_t host_total, TwinService* twin)
      : library_(library), lender_(seed, twin),
        object_(library, lender_.services(), options, 0, host_total) {}

  /// Place, detect, decide. Appends everything answered and charged to `answers`.
  void interval(const SyntheticSpec& spec, std::vector<double>& answers) {
    SyntheticSpec early = spec;
    early.reports = false; // they arrive between sensing and deciding
    const SyntheticObservation sensed(early), decided(spec);
    const PluginInfo& info = library_.info();
    Decision placement, remediation;
    Detection detection;
    lender_.begin(sensed.raw());
    if (info.offers(LAIR_ROLE_SCHEDULER)) object_.place(sensed.raw(), placement);
    if (info.offers(LAIR_ROLE_DETECTOR))
      object_.detect(sensed.raw(), placement.actions(), detection);
    lender_.end();
    lender_.begin(decided.raw());
    const lair_detection own =
        info.offers(LAIR_ROLE_DETECTOR) ? detection.raw() : stand_in(sensed.raw());
    if (info.offers(LAIR_ROLE_REMEDIATOR))
      object_.decide(decided.raw(), placement.actions(), &own, remediation);
    lender_.end();
    for (const auto* decision : {&placement, &remediation})
      for (const Action& action : decision->actions())
        answers.insert(answers.end(),
                       {double(action.kind), double(action.task), double(action.host)});
    const lair_detection rows = detection.raw();
    for (std::uint32_t i = 0; i < rows.count; ++i)
      answers.insert(answers.end(), {double(rows.hosts[i]), rows.scores[i], rows.thresholds[i],
                                     double(rows.labels[i])});
    answers.push_back(lender_.flops);
    answers.push_back(lender_.memory);
  }

  /// As interval(), then lets it learn from what came before and after.
  void interval_and_learn(const SyntheticSpec& spec, std::vector<double>& answers) {
    interval(spec, answers);
    SyntheticSpec next = spec;
    ++next.interval;
    object_.learn(SyntheticObservation(spec).raw(), SyntheticObservation(next).raw());
  }

  double charged_memory() const { return lender_.memory; }
  double charged_flops() const { return lender_.flops; }

private:
  /// A detection for a remediator that comes without a detector: what is known to be wrong.
  lair_detection stand_in(const lair_observation& seen) {
    stand_in_.clear();
    for (const Host& host : Observation(seen).own_hosts()) {
      const bool bad =
          host.unexplained.threads + host.unexplained.ram + host.unexplained.streams > 0;
      stand_in_.add(host.id, bad ? 2 : 0.5, 1, bad);
    }
    return stand_in_.raw();
  }
  const PluginLibrary& library_;
  Lender lender_;
  PluginObject object_;
  Detection stand_in_;
};

constexpr std::uint32_t usual_hosts = 16;
constexpr int usual_intervals = 20;

SyntheticSpec usual(std::uint32_t interval) {
  SyntheticSpec spec;
  spec.interval = interval;
  spec.running = 46;
  spec.queued = 4;
  spec.own_hosts = 16;
  spec.other_hosts = 0;
  return spec;
}

SyntheticSpec federated(std::uint32_t interval) {
  SyntheticSpec spec;
  spec.interval = interval;
  return spec;
}

/// The items, in order, each run and reported on its own.
class Examination {
public:
  using Write = std::function<void(const std::string&)>;
  Examination(const std::string& path, const PolicyOptions& options,
              const PluginCheckLimits& limits, TwinService* twin, const Write& write)
      : path_(path), options_(options), limits_(limits), twin_(twin), write_(write) {}

  void run() {
    const double before = resident_bytes();
    if (!item("load", [&] {
          library_ = std::make_unique<PluginLibrary>(path_);
          return std::string("loaded; create, destroy, error and the roles' functions are there");
        }))
      return;
    if (!item("construct", [&] {
          subject(1);
          return std::string("constructed and destroyed");
        }))
      return;
    item("unknown option", [&] { return unknown_option(); });
    item("legal actions", [&] { return legal_actions(); });
    item("determinism", [&] { return determinism(); });
    item("no hosts, no tasks",
         [&] { return strange({.own_hosts = 0, .other_hosts = 0, .queued = 0}); });
    item("hosts without tasks", [&] { return strange({.queued = 0, .running = 0}); });
    item("one host", [&] {
      return strange({.own_hosts = 1, .other_hosts = 0, .queued = 1, .running = 2, .window = 1});
    });
    item("all hosts dead", [&] { return strange({.dead = true}); });
    item("extreme numbers", [&] { return strange({.extreme = true}); });
    if (library_->info().abi_minor >= 2) item("tasks with copies", [&] { return copies(); });
    item("time", [&] { return time(); });
    item("charged cost", [&] { return cost(); });
    item("memory", [&] { return memory(before); });
  }

private:
  struct Warning {
    std::string text;
  };

  std::unique_ptr<Subject> subject(std::uint64_t seed,
                                   std::uint32_t host_total = usual_hosts) const {
    return std::make_unique<Subject>(*library_, options_, seed, host_total, twin_);
  }

  void line(char mark, std::string text) const {
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    write_(mark + text + '\n');
  }

  template <class Body> bool item(const char* name, Body&& body) {
    line(begins, name);
    try {
      line(ends_well, body());
      return true;
    } catch (const Warning& warning) {
      line(ends_warned, warning.text);
      return true;
    } catch (const std::exception& problem) {
      line(ends_badly, problem.what());
    }
    return false;
  }

  std::string unknown_option() const {
    PolicyOptions options = options_;
    options.emplace_back("surely-no-such-option", "1");
    Lender lender(1, twin_);
    try {
      const PluginObject object(*library_, lender.services(), options, 0, usual_hosts);
    } catch (const InputError&) {
      return "refused, and the scenario blamed";
    } catch (const PluginError&) {
      throw Warning{"refused, but the text does not begin with \"unknown option '\""};
    }
    throw std::runtime_error("accepted: a mistyped option would be ignored silently");
  }

  std::string legal_actions() const {
    const auto one = subject(1);
    std::vector<double> answers;
    for (int i = 0; i < usual_intervals; ++i) {
      one->interval_and_learn(usual(i), answers);
      one->interval_and_learn(federated(i), answers);
    }
    return fmt::format("{} intervals, every answer legal", 2 * usual_intervals);
  }

  std::string determinism() const {
    std::vector<double> first, second, third;
    const auto drive = [](Subject& one, std::vector<double>& answers) {
      for (int i = 0; i < usual_intervals; ++i) one.interval_and_learn(federated(i), answers);
    };
    drive(*subject(7), first);
    drive(*subject(7), second);
    // Two at once: what is shared between objects shows when they take turns.
    const auto a = subject(7), b = subject(8);
    std::vector<double> other;
    for (int i = 0; i < usual_intervals; ++i) {
      a->interval_and_learn(federated(i), third);
      b->interval_and_learn(usual(i), other);
    }
    const auto same = [](const std::vector<double>& x, const std::vector<double>& y) {
      return x.size() == y.size() &&
             (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0);
    };
    if (!same(first, second))
      throw std::runtime_error(
          "two objects with the same seed and observations answered differently "
          "(all randomness must come from the context)");
    if (!same(first, third))
      throw std::runtime_error("an object answered differently while another one was in use: they "
                               "share state");
    return fmt::format("{} intervals, three times the same answers", usual_intervals);
  }

  std::string strange(SyntheticSpec spec) const {
    const auto one = subject(1, std::max(1u, spec.own_hosts + spec.other_hosts));
    std::vector<double> answers;
    for (std::uint32_t i = 0; i < 3; ++i) {
      spec.interval = i;
      one->interval_and_learn(spec, answers);
    }
    return "legal answers";
  }

  /// No failure: who never asks for a copy is never shown one.
  std::string copies() const {
    try {
      return strange({.copies = true});
    } catch (const std::exception& problem) {
      throw Warning{std::string("would matter if it asked for copies: ") + problem.what()};
    }
  }

  std::string time() const {
    const auto one = subject(1);
    std::vector<double> answers;
    double worst = 0, all = 0;
    for (int i = 0; i < usual_intervals; ++i) {
      const double begin = cpu_seconds();
      one->interval(usual(i), answers);
      const double spent = cpu_seconds() - begin;
      worst = std::max(worst, spent);
      all += spent;
      if (spent > limits_.decision_fail) break;
    }
    const std::string seen =
        fmt::format("{:.2g} CPU-s per interval at 16 hosts and 50 tasks, {:.2g} "
                    "at most",
                    all / usual_intervals, worst);
    if (worst > limits_.decision_fail)
      throw std::runtime_error(fmt::format("{}; the limit is {:g}", seen, limits_.decision_fail));
    if (worst > limits_.decision_warn)
      throw Warning{fmt::format("{}: long runs will be slow", seen)};
    return seen;
  }

  /// What it charges its broker, as time of a board.
  std::string cost() const {
    const auto one = subject(1);
    std::vector<double> answers;
    double worst = 0;
    for (int i = 0; i < usual_intervals; ++i) {
      const double before = one->charged_flops();
      one->interval_and_learn(usual(i), answers);
      worst = std::max(worst, one->charged_flops() - before);
    }
    const SyntheticObservation board(usual(0));
    const Observation seen(board.raw());
    const double seconds = worst / seen.hosts()[0].core_flops;
    const std::string charged = fmt::format("{:.3g} operations an interval at most, {:.3g} s of a "
                                            "broker's core",
                                            worst, seconds);
    if (seconds > seen.interval_length())
      throw Warning{fmt::format("{}: longer than the interval of {:g} s; a broker that is still "
                                "deciding skips the next decision",
                                charged, seen.interval_length())};
    return charged;
  }

  /// What the library added to this process against what it says it needs.
  std::string memory(double before) const {
    const auto one = subject(1);
    std::vector<double> answers;
    one->interval_and_learn(usual(0), answers);
    const double measured = std::max(0.0, resident_bytes() - before);
    const std::string seen = fmt::format("{:.1f} MB measured", measured / 1e6);
#ifdef LAIR_SANITIZED // its shadow of the policy's memory would be counted to the policy
    return seen + ", not judged in a build with sanitizers";
#else
    const auto& declared = library_->info().memory;
    if (!declared)
      throw Warning{seen + "; none declared, so it is counted as 0: say `static constexpr double "
                           "memory_bytes = ...;` in the class"};
    const std::string both =
        fmt::format("{}, {:.1f} MB declared", seen, (*declared + one->charged_memory()) / 1e6);
    constexpr double slack = 32e6; // of the check itself and of the allocator
    if (measured > 1.25 * (*declared + one->charged_memory()) + slack)
      throw std::runtime_error(both + ": more than it says");
    return both;
#endif
  }

  const std::string& path_;
  const PolicyOptions& options_;
  const PluginCheckLimits& limits_;
  TwinService* twin_;
  const Write& write_;
  std::unique_ptr<PluginLibrary> library_;
};

/// The child's lines as items; an item that has no end was under way when the child ended.
void read_lines(const std::string& text, std::vector<CheckItem>& items, bool& open) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string rest = text.substr(at + 1, end - at - 1);
    switch (text[at]) {
    case begins:
      items.push_back({rest, CheckVerdict::failed, {}});
      open = true;
      break;
    case ends_well:
    case ends_warned:
    case ends_badly:
      if (items.empty()) break;
      items.back().verdict = text[at] == ends_well     ? CheckVerdict::passed
                             : text[at] == ends_warned ? CheckVerdict::warned
                                                       : CheckVerdict::failed;
      items.back().detail = rest;
      open = false;
      break;
    default: break;
    }
    at = end + 1;
  }
}

} // namespace

bool PluginReport::passed() const {
  return std::none_of(items.begin(), items.end(),
                      [](const CheckItem& item) { return item.verdict == CheckVerdict::failed; });
}

PluginReport check_plugin(const std::string& path, const PluginCheckLimits& limits,
                          const PolicyOptions& options, TwinService* twin) {
  PluginReport report;
  report.info = read_plugin_info(path);
  report.items.push_back(
      {"description", CheckVerdict::passed,
       fmt::format("{} {}, ABI {}.{}, {}", report.info.name, report.info.version,
                   report.info.abi_major, report.info.abi_minor, role_names(report.info.roles))});
#ifdef LAIR_SANITIZED
  const ChildLimits child{limits.seconds, 0}; // a sanitizer reserves terabytes of address space
#else
  const ChildLimits child{limits.seconds, limits.memory};
#endif
  const ChildOutcome outcome = run_in_child(
      [&](const auto& write) { Examination(path, options, limits, twin, write).run(); }, child);
  bool open = false;
  read_lines(outcome.output, report.items, open);
  if (!outcome.completed) {
    if (!open) report.items.push_back({"end", CheckVerdict::failed, {}});
    report.items.back().verdict = CheckVerdict::failed;
    report.items.back().detail = outcome.ending(child);
  }
  return report;
}

const char* to_string(CheckVerdict verdict) {
  switch (verdict) {
  case CheckVerdict::passed: return "ok";
  case CheckVerdict::warned: return "warning";
  case CheckVerdict::failed: return "FAILED";
  }
  return "";
}

std::string format(const PluginReport& report) {
  std::string text;
  for (const CheckItem& item : report.items)
    text += fmt::format("{:8} {:20} {}\n", to_string(item.verdict), item.name, item.detail);
  return text;
}

} // namespace lair
