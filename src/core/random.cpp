#include "core/random.hpp"

#include <bit>
#include <cmath>
#include <numbers>

namespace lair {

RandomStream::RandomStream(std::uint64_t master_seed, std::string_view name) {
  std::uint64_t hash = 14695981039346656037ull; // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  std::uint64_t x = master_seed ^ hash;
  for (auto& word : state_) { // SplitMix64
    x += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = x;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    word = z ^ (z >> 31);
  }
}

std::uint64_t RandomStream::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double RandomStream::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double RandomStream::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::uint32_t RandomStream::below(std::uint32_t count) {
  const std::uint64_t limit = (0x100000000ull / count) * count;
  for (;;)
    if (const std::uint64_t x = next() >> 32; x < limit)
      return static_cast<std::uint32_t>(x % count);
}

double RandomStream::exponential(double mean) { return -mean * std::log1p(-uniform()); }

std::uint32_t RandomStream::poisson(double mean) {
  std::uint32_t count = 0;
  for (double t = exponential(1); t < mean; t += exponential(1)) ++count;
  return count;
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::size_t RandomStream::weighted(std::span<const double> weights) {
  double total = 0;
  for (const double w : weights) total += w;
  double x = uniform() * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (x < weights[i]) return i;
    x -= weights[i];
  }
  return last;
}

} // namespace lair
