#include "scenario/seeds.hpp"

#include "core/error.hpp"
#include "scenario/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lair {

namespace {

constexpr std::size_t most_seeds = 1'000'000;

std::uint64_t parse(const std::string& option, std::string_view text, bool of_list) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      seed > largest_seed)
    throw InputError(option, "", fmt::format("'{}' is no seed", text),
                     fmt::format("a whole number from 0 to {}{}", largest_seed,
                                 of_list ? ", a range such as 1..5, or a list such as "
                                                       "1,4,7..9"
                                                     : ""));
  return seed;
}

/// The seeds of "7", or of "1..5", behind those that are there.
void add_range(const std::string& option, std::string_view part, std::vector<std::uint64_t>& seeds) {
  const auto dots = part.find("..");
  const std::uint64_t first = parse(option, part.substr(0, dots), true);
  const std::uint64_t last = dots == std::string_view::npos
                                 ? first
                                 : parse(option, part.substr(dots + 2), true);
  if (last < first)
    throw InputError(option, "", fmt::format("'{}' is empty", part),
                     fmt::format("from the smaller to the larger seed: {}..{}", last, first));
  if (last - first >= most_seeds - seeds.size())
    throw InputError(option, "", fmt::format("'{}' is too much", part),
                     fmt::format("at most {} seeds in all", most_seeds));
  for (std::uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
}

} // namespace

std::uint64_t parse_seed(const std::string& option, std::string_view text) {
  return parse(option, text, false);
}

std::vector<std::uint64_t> parse_seeds(const std::string& text, const std::string& option) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    add_range(option, std::string_view(text).substr(at, end - at), seeds);
    at = end + 1;
  }
  auto sorted = seeds;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    throw InputError(option, "", fmt::format("'{}' names seed {} twice", text, *twice),
                     "each seed once");
  return seeds;
}

} // namespace lair
