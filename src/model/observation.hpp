/// Owns everything a lair_observation points to. The world fills the vectors, then calls seal().
#pragma once

#include <lair/plugin.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lair {

struct ObservationBuffer {
  lair_observation raw{};
  std::vector<lair_host> hosts;   ///< own hosts first; `window` is set by seal() from window_at
  std::vector<std::ptrdiff_t> window_at; ///< per host: offset into `windows`, or -1 if unknown
  std::vector<double> windows;
  std::vector<lair_task> tasks;
  std::vector<lair_application> applications;
  std::vector<lair_lei> leis;
  std::vector<lair_report> reports;
  std::vector<lair_observed_event> events;

  /// Points `raw` at the vectors. Call after the last change and before the observation is used.
  /// With an empty `window_at` the hosts' windows are left as the caller set them.
  void seal() {
    for (std::size_t i = 0; i < window_at.size(); ++i)
      hosts[i].window = window_at[i] < 0 ? nullptr : windows.data() + window_at[i];
    raw.size = sizeof(lair_observation);
    raw.hosts = hosts.data();
    raw.host_count = static_cast<std::uint32_t>(hosts.size());
    raw.host_stride = sizeof(lair_host);
    raw.tasks = tasks.data();
    raw.task_count = static_cast<std::uint32_t>(tasks.size());
    raw.task_stride = sizeof(lair_task);
    raw.applications = applications.data();
    raw.application_count = static_cast<std::uint32_t>(applications.size());
    raw.application_stride = sizeof(lair_application);
    raw.leis = leis.data();
    raw.lei_count = static_cast<std::uint32_t>(leis.size());
    raw.lei_stride = sizeof(lair_lei);
    raw.reports = reports.data();
    raw.report_count = static_cast<std::uint32_t>(reports.size());
    raw.report_stride = sizeof(lair_report);
    raw.events = events.data();
    raw.event_count = static_cast<std::uint32_t>(events.size());
    raw.event_stride = sizeof(lair_observed_event);
  }
};

} // namespace lair
