/// Applications and arrivals. Arrivals depend on the seed and the workload only, never on a policy.
#pragma once

#include "core/ids.hpp"
#include "core/units.hpp"
#include "model/federation.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace lair {

/// One AI application, run as a container. A task of it: image fetch unless cached, input over the
/// entry gateway, `images` inferences, result back (model.md section 2).
struct Application {
  std::string name;
  double weight = 1;            ///< share of arrivals, relative to the others
  double images = 0;            ///< inferences in one task
  double macs_per_image = 0;    ///< multiply-accumulates of one inference
  double efficiency = 1;        ///< share of the host's effective speed it reaches
  Bytes bytes_per_image{160e3}; ///< re-read from the card for each inference
  Bytes weights{}, activations{}; ///< re-read per inference in proportion to the swapped share
  Bytes resident{};
  Bytes input{20e6}, result{1e6};
  unsigned threads = 2;
  Seconds deadline{std::numeric_limits<double>::infinity()}; ///< SLO, from arrival to result

  /// What one image costs on the modelled cores: 2 flops a MAC, divided by the efficiency.
  Flops flops_per_image() const { return Flops(2 * macs_per_image / efficiency); }
  Flops flops() const { return flops_per_image() * images; }
};

enum class ArrivalProcess { bag, continuous }; ///< bag: all of an interval's tasks at its start

struct Workload {
  std::string name;
  std::vector<Application> applications; ///< indexed by ApplicationId
  ArrivalProcess arrivals = ArrivalProcess::bag;
  double rate = 0; ///< tasks per interval in the whole federation (Poisson mean)
  bool uniform_over_leis = false; ///< every LEI the same weight ("skewed"), not by its hosts
  Bytes image_size{500e6};        ///< container image on the card, one for all applications
  Bytes image_transfer{200e6};    ///< compressed, on the wire
  struct Recorded { ///< a recorded trace replaces the process when not empty
    Seconds time;
    LeiId lei;
    ApplicationId application;
    double images = 0; ///< of this task; 0: as many as the application's
  };
  std::vector<Recorded> trace;
};

struct Arrival {
  TaskId id; ///< 0, 1, 2, ... in order of time, then LEI
  Seconds time;
  LeiId lei;
  ApplicationId application;
  double images = 0;
};

/// All arrivals in [0, intervals * interval), drawn from streams "arrivals" and "applications".
std::vector<Arrival> draw_arrivals(const Workload&, const Federation&, Seconds interval,
                                   std::uint32_t intervals, std::uint64_t seed);

} // namespace lair
