/// The learned roles live in a library of their own, liblair-neural.so, because LibTorch costs 0.3 s
/// and 150 MB to load: a run that names none of them never opens it. The program knows their names and
/// descriptions (the tables of builtin.hpp); only making one opens the library.
#pragma once

#include "policy/builtin.hpp"
#include "policy/train_request.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace lair {

/// What the library offers, under the same names as in the program's tables.
struct NeuralModule {
  struct DetectorEntry {
    const char* name;
    std::unique_ptr<Detector> (*create)(PolicyContext&);
  };
  /// Says from which headers and with which compiler it was built: program and library exchange C++
  /// objects, so both must be of one build.
  const char* stamp;
  std::span<const DetectorEntry> detectors;
  struct TrainerEntry {
    const char* name; ///< of train_kinds.hpp
    TrainOutcome (*train)(const TrainRequest&, const TrainListener&);
  };
  std::span<const TrainerEntry> trainers;
  struct SchedulerEntry {
    const char* name;
    std::unique_ptr<Scheduler> (*create)(PolicyContext&);
  };
  std::span<const SchedulerEntry> schedulers;
};

/// The symbol that the library exports: `const NeuralModule* lair_neural_module()`.
inline constexpr const char* neural_module_symbol = "lair_neural_module";

/// Opens the library beside the program (or in its lib/lair) if it is not open yet. RunError if there is
/// none, it cannot be loaded, or it is of another build.
const NeuralModule& open_neural_module();

/// Defined in the library: src/detectors/neural_list.cpp.
std::span<const NeuralModule::DetectorEntry> neural_detectors();

/// Likewise: src/schedulers/neural_list.cpp.
std::span<const NeuralModule::SchedulerEntry> neural_schedulers();

/// Likewise: src/train/list.cpp. Errors of training are those of the program.
std::span<const NeuralModule::TrainerEntry> trainers();

/// Trains what `request.what` says.
TrainOutcome train_model(const TrainRequest&, const TrainListener&);

/// Makes the library's detector of this name.
std::unique_ptr<Detector> make_neural_detector(const char* name, PolicyContext&);
/// Likewise its scheduler.
std::unique_ptr<Scheduler> make_neural_scheduler(const char* name, PolicyContext&);

namespace detail {
/// A name as a template argument, so that a table's row is a plain function.
template <std::size_t N> struct FixedName {
  char text[N];
  consteval FixedName(const char (&from)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = from[i];
  }
};
} // namespace detail

template <detail::FixedName Name>
std::unique_ptr<Detector> make_neural_detector(PolicyContext& context) {
  return make_neural_detector(Name.text, context);
}

template <detail::FixedName Name>
std::unique_ptr<Scheduler> make_neural_scheduler(PolicyContext& context) {
  return make_neural_scheduler(Name.text, context);
}

} // namespace lair
