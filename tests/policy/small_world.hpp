// Observations made by hand: hosts and tasks are named by what matters to a policy, the rest is
// that of a Raspberry Pi 4B.
#pragma once

#include "../board.hpp"
#include "model/observation.hpp"

#include <lair/policy.hpp>

#include <cstdlib>
#include <utility>
#include <vector>

/// One broker's view with one application of two threads and 357 MB.
class SmallWorld {
public:
  static constexpr double resident = 357e6;

  SmallWorld() {
    lair_application a{};
    a.name = "resnet18";
    a.images = 1600;
    a.flops_per_image = 3.64e9; // 0.57 s on two cores
    a.resident = resident;
    a.threads = 2;
    buffer_.applications.push_back(a);
    buffer_.raw.interval_length = 300;
    buffer_.raw.window_length = 1;
    for (std::uint32_t lei = 0; lei < 2; ++lei) {
      lair_lei l{};
      l.id = lei;
      l.wan_bandwidth = 125e6;
      l.wan_latency = 5e-3;
      l.alive = 1;
      buffer_.leis.push_back(l);
    }
  }

  /// An alive host of 4 GB; own ones before others. Returns it for changes until the next call.
  lair_host& host(std::uint32_t id, bool own = true) {
    buffer_.hosts.push_back(board_4gb(id, own, own ? 0 : 1));
    buffer_.window_at.push_back(static_cast<std::ptrdiff_t>(buffer_.windows.size()));
    buffer_.windows.insert(buffer_.windows.end(), LAIR_METRICS, 0.0);
    if (own) ++buffer_.raw.own_count;
    return buffer_.hosts.back();
  }
  lair_host& find(std::uint32_t id) {
    for (lair_host& h : buffer_.hosts)
      if (h.id == id) return h;
    std::abort();
  }
  void metric(std::uint32_t id, lair_metric which, double value) {
    for (std::size_t i = 0; i < buffer_.hosts.size(); ++i)
      if (buffer_.hosts[i].id == id) buffer_.windows[i * LAIR_METRICS + which] = value;
  }
  lair_task& queued(std::uint64_t id) {
    lair_task t{};
    t.id = id;
    t.host = t.target = LAIR_NONE;
    t.state = LAIR_TASK_QUEUED;
    t.images_left = 1600;
    t.resident = resident;
    buffer_.tasks.push_back(t);
    return buffer_.tasks.back();
  }
  /// Adds its memory to the host's need, as the world does.
  lair_task& running(std::uint64_t id, std::uint32_t host) {
    lair_task& t = queued(id);
    t.state = LAIR_TASK_RUNNING;
    t.host = host;
    find(host).ram_need += t.resident;
    return t;
  }
  lair_application& application() { return buffer_.applications.front(); }
  void report(const lair_detection& detection) {
    lair_report& report = buffer_.reports.emplace_back();
    report.size = sizeof report;
    report.lei = 1;
    report.age = 0.5;
    report.detection = &detection;
    report.task_stride = sizeof(lair_task);
  }
  void interval(std::uint32_t i) { buffer_.raw.interval = i; }
  void broker(std::uint32_t host) { buffer_.raw.broker = host; }
  lair::Observation view() {
    buffer_.seal();
    return lair::Observation(buffer_.raw);
  }

private:
  lair::ObservationBuffer buffer_;
};

/// Services that keep what they were given; uniform() replays `draws`.
class Recorder {
public:
  explicit Recorder(std::vector<double> draws = {}) : draws_(std::move(draws)) {
    services_.size = sizeof services_;
    services_.context = this;
    services_.uniform = [](void* self) {
      auto& me = *static_cast<Recorder*>(self);
      return me.draws_.at(me.drawn_++);
    };
    services_.charge_flops = [](void* self, double f) { static_cast<Recorder*>(self)->flops += f; };
    services_.charge_memory = [](void*, double) {};
    services_.log = [](void*, int, const char*) {};
  }
  const lair_services& services() const { return services_; }
  double flops = 0;

private:
  std::vector<double> draws_;
  std::size_t drawn_ = 0;
  lair_services services_{};
};

/// A built-in with its context.
template <class Role> class Built {
public:
  Built(Recorder& recorder, std::vector<lair_option> options = {}, std::uint32_t host_total = 16)
      : context_(recorder.services(),
                 lair_setup{sizeof(lair_setup), static_cast<std::uint32_t>(options.size()),
                            options.data(), 0, host_total, ""}),
        role_(context_) {}
  Role* operator->() { return &role_; }

private:
  lair::PolicyContext context_;
  Role role_;
};

using Pairs = std::vector<std::pair<std::uint64_t, std::uint32_t>>; ///< task, host

/// The actions of one kind.
inline Pairs pairs(const lair::Decision& decision, std::uint32_t kind) {
  Pairs out;
  for (const auto& action : decision.actions())
    if (action.kind == kind) out.emplace_back(action.task, action.host);
  return out;
}
