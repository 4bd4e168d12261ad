#include "policy/paper_memory.hpp"

namespace lair {

namespace {

struct Row {
  std::string_view policy;
  double gigabytes;
};
/// Table III gives F1 and F1/GB; the memory is their quotient.
constexpr Row rows[] = {{"dragon", 0.968},  {"dragon+", 0.944},  {"tbaft", 1.067},
                        {"pbfm", 1.072},    {"iotef", 1.111},    {"awgg", 1.786},
                        {"stepgan", 2.480}, {"topomad", 3.676}};

} // namespace

std::optional<double> paper_memory(std::string_view policy) {
  for (const Row& row : rows)
    if (row.policy == policy) return row.gigabytes * 1e9;
  return std::nullopt;
}

std::string paper_memory_names() {
  std::string names;
  for (const Row& row : rows) {
    if (!names.empty()) names += ", ";
    names += row.policy;
  }
  return names;
}

} // namespace lair
