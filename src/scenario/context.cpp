#include "scenario/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>

namespace lair {

unsigned Context::add_file(std::string path) {
  files_.push_back(std::move(path));
  return static_cast<unsigned>(files_.size() - 1);
}

void Context::error(const Node::Place& place, std::string key, std::string problem,
                    std::string remedy) {
  diagnostics_.push_back(
      {place.file, Diagnostic{files_[place.file], place.line, place.column, std::move(key),
                              std::move(problem), std::move(remedy)}});
}

void Context::error(unsigned file, std::string key, std::string problem, std::string remedy) {
  error(Node::Place{file, 0, 0}, std::move(key), std::move(problem), std::move(remedy));
}

void Context::throw_if_failed() const {
  if (diagnostics_.empty()) return;
  auto sorted = diagnostics_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Found& a, const Found& b) {
    return std::tie(a.file, a.diagnostic.line, a.diagnostic.column) <
           std::tie(b.file, b.diagnostic.line, b.diagnostic.column);
  });
  std::vector<Diagnostic> all;
  std::unordered_set<std::string>
      seen; // one mistake can be met twice: in a platform and in its use
  for (auto& found : sorted) {
    if (!seen.insert(found.diagnostic.text()).second) continue;
    all.push_back(std::move(found.diagnostic));
  }
  throw InputError(std::move(all));
}

std::string join_path(std::string_view table, std::string_view key) {
  return table.empty() ? std::string(key) : fmt::format("{}.{}", table, key);
}

std::string nearest(std::string_view word, std::span<const std::string> known) {
  // Optimal string alignment distance; words are short.
  const auto distance = [](std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      now[0] = i;
      for (std::size_t j = 1; j <= b.size(); ++j) {
        now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          now[j] = std::min(now[j], before[j - 2] + 1);
      }
      before.swap(last);
      last.swap(now);
    }
    return last[b.size()];
  };
  if (word.size() > 100) return {};
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::string best;
  std::size_t best_distance = limit + 1;
  for (const auto& candidate : known)
    if (const auto d = distance(word, candidate); d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  if (!best.empty()) return best;
  // "interval_length" for "interval": too far by letters, near by sense.
  for (const auto& candidate : known)
    if (candidate.size() >= 4 && candidate.size() > best.size() && word.starts_with(candidate))
      best = candidate;
  return best;
}

void Context::refuse_unknown_keys(const Node& table, std::string_view path,
                                  std::span<const std::string> known) {
  for (const auto& [key, node] : table.entries) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto misplaced =
        std::find_if(known_paths.begin(), known_paths.end(), [&key = key](const auto& other) {
          return other.size() > key.size() && other.ends_with(key) &&
                 other[other.size() - key.size() - 1] == '.';
        });
    std::string remedy;
    if (const auto near = nearest(key, known); !near.empty()) {
      remedy = fmt::format("did you mean '{}'?", join_path(path, near));
    } else if (misplaced != known_paths.end()) {
      remedy = fmt::format("did you mean '{}'?", *misplaced);
    } else {
      remedy = "known here:";
      for (const auto& name : known) remedy += (&name == &known.front() ? " " : ", ") + name;
    }
    error(node.key_place, join_path(path, key), "unknown key", std::move(remedy));
  }
}

} // namespace lair
