// A new kind: its row here, its file in src/train/ and its line in src/train/list.cpp.
#include "policy/train_kinds.hpp"

namespace lair {

std::span<const TrainKind> train_kinds() {
  static constexpr TrainKind kinds[] = {
      // Window, rate and decay are the paper's (DRAGON section VI-C).
      {"dragon", "gon", "DRAGON's network", 10, 50, 5, 10, 1e-4, 1e-5, "linear", true, {}},
  };
  return kinds;
}

} // namespace lair
