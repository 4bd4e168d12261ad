#include "scenario/validate.hpp"

#include "scenario/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair {

namespace {

struct Found {
  Node::Place place;
  bool itself = false; ///< the key stands there, not just a table above it
};

/// Where `path` stands, or the nearest table above it that stands anywhere.
Found find_place(const Node& root, std::string_view path) {
  const Node* at = &root;
  Node::Place place = root.place;
  while (!path.empty()) {
    const auto dot = path.find('.');
    at = at->find(path.substr(0, dot));
    if (at == nullptr) return {place, false};
    place = dot == std::string_view::npos ? at->place : at->key_place;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return {place, true};
}

} // namespace

Node::Place place_of(const Node& root, std::string_view path, std::string_view cause) {
  const Found own = find_place(root, path);
  if (own.itself || cause.empty()) return own.place;
  const Found other = find_place(root, cause);
  return other.itself ? other.place : own.place;
}

namespace {

std::string s(double seconds) { return write_quantity(seconds, Unit::seconds); }

} // namespace

void validate(Context& context, const Node& root, const Scenario& scenario) {
  const auto wrong = [&](const std::string& path, std::string problem, std::string remedy,
                         std::string_view cause = {}) {
    context.error(place_of(root, path, cause), path, std::move(problem), std::move(remedy));
  };
  const double interval = scenario.interval.value;
  const double samples = interval / scenario.sampling.value;
  if (scenario.sampling > scenario.interval)
    wrong("sampling",
          fmt::format("{} is longer than the interval of {}", s(scenario.sampling.value),
                      s(interval)),
          "a period that divides the interval", "interval");
  else if (std::abs(samples - std::round(samples)) > 1e-9 * samples)
    wrong("sampling",
          fmt::format("{} does not divide the interval of {}", s(scenario.sampling.value),
                      s(interval)),
          "a period of which a whole number make an interval", "interval");
  if (scenario.liveness.nearest_peers % 2 != 0)
    wrong("liveness.nearest_peers",
          fmt::format("{} peers cannot lie half on either side", scenario.liveness.nearest_peers),
          fmt::format("an even number, such as {}", scenario.liveness.nearest_peers + 1));
  if (scenario.horizon().value > 1e9)
    wrong("intervals", fmt::format("the run would last {}", s(scenario.horizon().value)),
          "at most 1e+09 s in all", "interval");
  if (scenario.workload.trace.empty() && scenario.workload.rate * scenario.intervals > 1e8)
    wrong("workload.rate",
          fmt::format("about {} tasks would arrive", scenario.workload.rate * scenario.intervals),
          "at most 1e+08 tasks in a run", "intervals");

  if (!context.failed()) {
    double room = 0; // of the largest host when nothing else is on it
    for (const auto& host : scenario.federation.hosts)
      room = std::max(room, (host.spec.ram + host.spec.swap - host.spec.ram_system).value);
    for (const auto& application : scenario.workload.applications)
      if (application.resident.value > room)
        wrong(fmt::format("workload.applications.{}.resident", application.name),
              fmt::format("{} fit on no host",
                          write_quantity(application.resident.value, Unit::bytes)),
              fmt::format("at most {}, RAM and swap of the largest host less its system",
                          write_quantity(room, Unit::bytes)));
  }

  const auto& faults = scenario.faults;
  if (faults.rate * scenario.intervals > 1e7)
    wrong("faults.rate",
          fmt::format("about {} faults would be drawn", faults.rate * scenario.intervals),
          "at most 1e+07 faults in a run", "intervals");
  double shares = 0;
  for (const double share : faults.shares) shares += share;
  if (faults.rate > 0 && shares <= 0)
    wrong("faults.shares", "all shares are 0 but the rate is not", "a share above 0, or rate = 0");
  const auto length = [&](double intervals, const std::optional<Seconds>& seconds) {
    return seconds ? seconds->value : intervals * interval;
  };
  const double shortest = length(faults.min_intervals, faults.min_length);
  const double longest = length(faults.max_intervals, faults.max_length);
  if (shortest > longest)
    wrong("faults.min_length", fmt::format("{} is above max_length, {}", s(shortest), s(longest)),
          "at most max_length", "faults.max_length");
  if (faults.min_reboot > faults.max_reboot)
    wrong("faults.min_reboot",
          fmt::format("{} is above max_reboot, {}", s(faults.min_reboot.value),
                      s(faults.max_reboot.value)),
          "at most max_reboot", "faults.max_reboot");
  if (scenario.exchange.deadline >= scenario.interval)
    wrong("exchange.deadline",
          fmt::format("{} is not below the interval of {}", s(scenario.exchange.deadline.value),
                      s(interval)),
          "less than the interval", "interval");
}

} // namespace lair
