/// Named random streams. One master seed; each stream depends on the seed and its name only, so
/// that drawing more from one (the policy's) never moves another (arrivals, faults).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace lair {

/// xoshiro256** 1.0 (Blackman and Vigna, 2018), seeded by SplitMix64 over an FNV-1a hash of the
/// name. Own distributions, since those of std:: differ between standard libraries.
class RandomStream {
public:
  RandomStream(std::uint64_t master_seed, std::string_view name);
  std::uint64_t next();
  double uniform();                                ///< in [0, 1), 53 bits
  double uniform(double low, double high);         ///< in [low, high)
  std::uint32_t below(std::uint32_t count);        ///< in [0, count), unbiased; count > 0
  double exponential(double mean);                 ///< mean > 0
  std::uint32_t poisson(double mean);              ///< by inversion of exponential gaps; mean >= 0
  double normal(); ///< mean 0, deviation 1 (Box-Muller, one per call)
  /// Index drawn with these weights (non-negative, not all zero).
  std::size_t weighted(std::span<const double> weights);

private:
  std::array<std::uint64_t, 4> state_;
};

} // namespace lair
