/// What happened on every host of a run, as tracks that viewers of traces draw: read from a result
/// folder, written for Perfetto (Chrome's JSON) and for tools that read Paje.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lair::timeline {

/// A stretch of time. Inner ones lie within the one they follow (`depth` is one more) and in order.
struct Slice {
  double start = 0, end = 0; ///< s
  std::string name, kind;    ///< kind: task, input, compute, migrate, queue, fault, off, decide
  unsigned depth = 0;
  std::vector<std::pair<std::string, std::string>> details; ///< values are JSON
};

/// Slices that do not overlap, nesting apart; in order of start.
struct Lane {
  std::string name; ///< "tasks 1"
  std::vector<Slice> slices;
};

/// Means over intervals: the value holds from its time to the next one.
struct Counter {
  std::string name, unit;
  std::vector<std::pair<double, double>> values;
};

/// An instant.
struct Mark {
  double time = 0;
  std::string name;
};

struct Track { ///< a host, or what belongs to a LEI as a whole
  std::string name, lei;
  bool is_host = true;
  std::vector<Lane> lanes;
  std::vector<Counter> counters;
  std::vector<Mark> marks;
};

/// From a slice on one lane to one on another: a task that moved.
struct Flow {
  struct End {
    std::size_t track = 0, lane = 0;
    double time = 0;
  };
  End from, to;
  std::string name;
};

struct Timeline {
  std::string scenario, policy;
  double end = 0;             ///< s; what was still going on ends here
  std::vector<Track> tracks;  ///< each LEI, followed by its hosts
  std::vector<Flow> flows;
};

/// Reads a run's folder. InputError if it is none, or was recorded without events.jsonl.
Timeline read_timeline(const std::string& folder);

std::string perfetto_json(const Timeline&);
std::string paje_trace(const Timeline&);

} // namespace lair::timeline
