// A small federation whose brokers see one another's reports, for tests of what they decide together: real
// brokers and real twins, no simulated world.
#pragma once

#include "../board.hpp"
#include "broker/broker.hpp"
#include "broker/forecaster.hpp"
#include "model/observation.hpp"

#include <lair/policy.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What there is: hosts of 4 GB, all with the image, and tasks of one application (two threads, 357 MB,
/// 910 s alone).
struct Ground {
  static constexpr double flops_per_image = 3.64e9, images = 1600;
  std::vector<lair_host> hosts; ///< the first of a LEI is its broker
  std::vector<lair_task> tasks;
  std::vector<double> states; ///< hosts x LAIR_METRICS
  std::uint32_t leis, interval = 3;

  Ground(std::uint32_t leis, std::uint32_t per_lei) : leis(leis) {
    for (std::uint32_t h = 0; h < leis * per_lei; ++h) {
      lair_host host = board_4gb(h, false, h / per_lei);
      host.broker = h / per_lei * per_lei;
      if (host.broker == h) host.flags |= LAIR_HOST_BROKER;
      host.image_cached = 1;
      host.ram_system = host.ram_need;
      hosts.push_back(host);
      states.resize(states.size() + LAIR_METRICS);
      states[h * LAIR_METRICS + LAIR_ALIVE] = 1;
      refresh(h);
    }
  }
  lair_task& task(std::uint32_t host, double seconds_left, double age = 300) {
    lair_task t{};
    t.id = 100 + tasks.size();
    t.host = host;
    t.target = LAIR_NONE;
    t.entry_lei = hosts[host].lei;
    t.state = LAIR_TASK_RUNNING;
    t.age = age;
    t.deadline = 1500;
    t.images_left = seconds_left * 6.4e9 / flops_per_image;
    t.images_done = images - t.images_left;
    t.resident = 357e6;
    hosts[host].ram_need += t.resident;
    tasks.push_back(t);
    refresh(host);
    return tasks.back();
  }
  void attack(std::uint32_t host, double threads) {
    hosts[host].unexplained.threads = threads;
    refresh(host);
  }
  void refresh(std::uint32_t host) {
    double threads = hosts[host].unexplained.threads;
    for (const lair_task& t : tasks) threads += t.host == host ? 2 : 0;
    double* state = &states[host * LAIR_METRICS];
    state[LAIR_CPU] = std::min(1.0, threads / 4);
    state[LAIR_CPU_PRESSURE] = threads / 4;
    state[LAIR_RAM] = hosts[host].ram_need / hosts[host].ram;
  }
};

/// One broker of a ground: the policy none with a detector and a remediator.
class PlayedBroker {
public:
  using Options = std::vector<std::pair<std::string, std::string>>;

  PlayedBroker(const Ground& ground, std::uint32_t lei, const Options& options,
               const char* detector = "threshold", std::uint64_t seed = 1,
               const char* remediator = "annealed-migration")
      : ground_(ground), lei_(lei), federation_(federation_of(ground)), forecaster_(federation_),
        factory_(choice(detector, remediator, options)),
        broker_(lair::LeiId(lei), factory_, static_cast<std::uint32_t>(ground.hosts.size()), seed,
                [this](int level, const std::string& text) {
                  if (level == 0) notes.push_back(text);
                },
                &forecaster_) {}

  /// What its detector says of its hosts.
  const lair::DetectionCopy* sense() {
    observe({});
    return broker_.sense(seen_.raw);
  }
  /// `reports`: of the other LEIs, with their tasks.
  lair::Broker::Decided decide(const std::vector<std::pair<std::uint32_t, lair_detection>>& reports,
                               double age = 0) {
    observe(reports, age);
    return broker_.decide(seen_.raw);
  }
  const lair_observation& seen() const { return seen_.raw; }
  std::vector<std::string> notes;
  /// Of a note `... key=value ...`; empty if it has no such key.
  static std::string value(const std::string& note, const std::string& key) {
    const std::size_t at = (" " + note).find(" " + key + "=");
    if (at == std::string::npos) return "";
    const std::size_t from = at + key.size() + 1;
    return note.substr(from, note.find(' ', from) - from);
  }
  std::vector<std::string> with(const std::string& word) const {
    std::vector<std::string> found;
    for (const std::string& note : notes)
      if ((note + " ").find(" " + word) != std::string::npos) found.push_back(note);
    return found;
  }

private:
  static lair::PolicyFactory::Choice choice(const char* detector, const char* remediator,
                                            Options options) {
    lair::PolicyFactory::Choice made;
    made.name = "none";
    made.detector = detector;
    made.remediator = remediator;
    made.options = std::move(options);
    if (made.detector == "threshold") made.options.emplace_back("limits", "sent");
    return made;
  }
  static lair::Federation federation_of(const Ground& ground) {
    lair::Federation f;
    f.leis.resize(ground.leis);
    for (const lair_host& host : ground.hosts) {
      lair::HostDescription d;
      d.lei = lair::LeiId(host.lei);
      d.spec.power = {{2.45, 2.78, 2.90, 3.03, 3.65, 3.66, 3.69, 3.71, 3.72, 4.14, 4.75}};
      f.hosts.push_back(d);
      f.leis[host.lei].hosts.push_back(lair::HostId(host.id));
      f.leis[host.lei].broker = lair::HostId(host.broker);
    }
    return f;
  }
  bool mine(const lair_task& task) const {
    return (task.host != LAIR_NONE ? ground_.hosts[task.host].lei : task.entry_lei) == lei_;
  }
  void observe(const std::vector<std::pair<std::uint32_t, lair_detection>>& reports,
               double age = 0) {
    seen_ = {};
    detections_.clear();
    reported_.clear();
    lair_application a{};
    a.name = "resnet18";
    a.images = Ground::images;
    a.flops_per_image = Ground::flops_per_image;
    a.resident = 357e6;
    a.deadline = 1500;
    a.threads = 2;
    seen_.applications.push_back(a);
    for (const bool own : {true, false})
      for (const lair_host& host : ground_.hosts) {
        if ((host.lei == lei_) != own) continue;
        lair_host& h = seen_.hosts.emplace_back(host);
        if (own) h.flags |= LAIR_HOST_OWN;
        if (!own) h.age = age;
        seen_.window_at.push_back(static_cast<std::ptrdiff_t>(seen_.windows.size()));
        const double* state = &ground_.states[host.id * LAIR_METRICS];
        seen_.windows.insert(seen_.windows.end(), state, state + LAIR_METRICS);
        seen_.raw.own_count += own;
      }
    for (const lair_task& task : ground_.tasks)
      if (mine(task)) seen_.tasks.push_back(task);
    std::stable_sort(seen_.tasks.begin(), seen_.tasks.end(), [](auto& x, auto& y) {
      return x.state == LAIR_TASK_QUEUED && y.state != LAIR_TASK_QUEUED;
    });
    for (std::uint32_t l = 0; l < ground_.leis; ++l) {
      lair_lei view{};
      view.id = l;
      view.alive = 1;
      view.wan_bandwidth = 125e6;
      view.wan_latency = 5e-3;
      seen_.leis.push_back(view);
    }
    detections_.reserve(reports.size());
    reported_.reserve(reports.size());
    for (const auto& [lei, detection] : reports) {
      detections_.push_back(detection);
      auto& tasks = reported_.emplace_back();
      for (const lair_task& task : ground_.tasks)
        if (task.host != LAIR_NONE && ground_.hosts[task.host].lei == lei) tasks.push_back(task);
      lair_report report{};
      report.size = sizeof report;
      report.lei = lei;
      report.age = age;
      report.detection = &detections_.back();
      report.tasks = tasks.data();
      report.task_count = static_cast<std::uint32_t>(tasks.size());
      report.task_stride = sizeof(lair_task);
      seen_.reports.push_back(report);
    }
    seen_.raw.interval = ground_.interval;
    seen_.raw.now = ground_.interval * 300.0;
    seen_.raw.interval_length = 300;
    seen_.raw.window_length = 1;
    seen_.raw.lei = lei_;
    for (const lair_host& host : seen_.hosts)
      if (host.lei == lei_) seen_.raw.broker = host.broker;
    seen_.seal();
  }

  const Ground& ground_;
  std::uint32_t lei_;
  lair::Federation federation_;
  lair::Forecaster forecaster_;
  lair::PolicyFactory factory_;
  lair::Broker broker_;
  lair::ObservationBuffer seen_;
  std::vector<lair_detection> detections_;
  std::vector<std::vector<lair_task>> reported_;
};

/// All brokers of a ground in one interval: they sense, tell one another, decide.
class PlayedFederation {
public:
  PlayedFederation(const Ground& ground, const PlayedBroker::Options& options,
                   const char* detector = "threshold",
                   const char* remediator = "annealed-migration") {
    for (std::uint32_t lei = 0; lei < ground.leis; ++lei)
      brokers.push_back(
          std::make_unique<PlayedBroker>(ground, lei, options, detector, 1 + lei, remediator));
  }
  std::vector<lair::Broker::Decided> decide() {
    std::vector<std::optional<lair::DetectionCopy>> said;
    for (auto& broker : brokers) {
      const lair::DetectionCopy* one = broker->sense();
      said.emplace_back();
      if (one != nullptr) said.back() = *one;
    }
    std::vector<lair::Broker::Decided> decided;
    for (std::uint32_t lei = 0; lei < brokers.size(); ++lei) {
      std::vector<std::pair<std::uint32_t, lair_detection>> reports;
      for (std::uint32_t other = 0; other < brokers.size(); ++other)
        if (other != lei && said[other]) reports.emplace_back(other, said[other]->raw());
      decided.push_back(brokers[lei]->decide(reports));
    }
    return decided;
  }
  std::vector<std::unique_ptr<PlayedBroker>> brokers;
};
