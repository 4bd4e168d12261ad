/// The known name that a mistyped one most resembles.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace lair {

/// Insertions, deletions and substitutions from one to the other.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t(0));
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j + 1] + 1, row[j] + 1});
    }
  }
  return row.back();
}

/// "did you mean 'x'? known: x, y, z"; no guess if nothing is near.
inline std::string suggest(std::string_view wrong, const std::vector<std::string>& known) {
  std::string all, best;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& name : known) {
    all += (all.empty() ? "" : ", ") + name;
    if (const std::size_t d = edit_distance(wrong, name); d < least) {
      least = d;
      best = name;
    }
  }
  const std::string list = all.empty() ? "there is none to choose from" : "known: " + all;
  return best.empty() ? list : "did you mean '" + best + "'? " + list;
}

} // namespace lair
