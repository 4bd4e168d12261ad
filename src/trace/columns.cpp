#include "trace/columns.hpp"

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/safetensors.hpp"

#include <charconv>
#include <cstring>
#include <type_traits>

namespace lair::trace {

namespace {

constexpr const char* format_name = "lair-trace";
constexpr const char* format_version = "1";
constexpr const char* record_again = "record it again with `lair trace`";

template <class T> constexpr ElementType type_of() {
  if constexpr (std::is_same_v<T, double>) return ElementType::f64;
  else if constexpr (std::is_same_v<T, std::uint64_t>) return ElementType::u64;
  else return ElementType::u32;
}

/// What grows with every run: the columns with their names in files and the lengths of their rows.
template <class Data, class Visit>
void each_column_of_runs(Data& data, std::uint32_t window, Visit&& visit) {
  visit("run.seed", data.seeds, std::size_t(1));
  visit("truth.fault_share", data.fault_share, std::size_t(1));
  visit("truth.fault_kinds", data.fault_kinds, std::size_t(1));
  visit("state", data.states, std::size_t(LAIR_METRICS));
  visit("window", data.windows, std::size_t(window));
  visit("observation", data.observations, Columns::observation_width);
  visit("observation.time", data.times, std::size_t(1));
  visit("observation.ends", data.ends, Columns::end_width);
  visit("observed.host", data.hosts, Columns::host_width);
  visit("observed.host.age", data.host_ages, std::size_t(1));
  visit("observed.task", data.tasks, std::size_t(1));
  visit("observed.task.place", data.task_places, Columns::place_width);
  visit("observed.task.progress", data.task_progress, Columns::progress_width);
  visit("placement.task", data.placed_tasks, std::size_t(1));
  visit("placement.host", data.placed_hosts, std::size_t(1));
  visit("forecast", data.forecasts, std::size_t(LAIR_METRICS));
}

/// Behind all others, so that a trace without them has the bytes that it always had.
template <class Data, class Visit> void each_outcome(Data& data, Visit&& visit) {
  visit("outcome.energy", data.energy, std::size_t(1));
  visit("outcome.ended", data.ended, Columns::ended_width);
  visit("outcome.ended.time", data.end_times, std::size_t(1));
}

template <class Data, class Visit>
void each_column(Data& data, std::uint32_t window, Visit&& visit) {
  visit("host.cores", data.host_cores, std::size_t(1));
  visit("host.constants", data.host_constants, Columns::host_constant_count);
  visit("application.threads", data.application_threads, std::size_t(1));
  visit("application.constants", data.application_constants, Columns::application_constant_count);
  each_column_of_runs(data, window, visit);
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += name + '\n';
  return all;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

std::string plain(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// Of the numbers and of all that is said about them.
std::string hash_of(const ArrayFile& file) {
  Hash128 hash;
  for (const auto& [key, text] : file.metadata) {
    if (key == "hash") continue;
    const std::string line = key + '\0' + text + '\0';
    hash.update(line.data(), line.size());
  }
  for (const StoredArray& array : file.arrays) hash.update(array.bytes.data(), array.bytes.size());
  return "xxh3-128:" + hash.hex();
}

} // namespace

std::string to_bytes(const Origin& origin, const Columns& columns) {
  ArrayFile file;
  const auto write = [&](const char* name, const auto& column, std::size_t width) {
    using T = typename std::decay_t<decltype(column)>::value_type;
    std::vector<std::uint64_t> shape{column.size() / width};
    if (width > 1) shape.push_back(width);
    file.arrays.push_back({name,
                           type_of<T>(),
                           std::move(shape),
                           {reinterpret_cast<const char*>(column.data()), sizeof(T) * column.size()}});
  };
  each_column(columns, origin.window, write);
  if (columns.has_outcomes()) each_outcome(columns, write);
  std::string seeds;
  for (const std::uint64_t seed : columns.seeds) seeds += (seeds.empty() ? "" : ",") + std::to_string(seed);
  file.metadata = {{"format", format_name},
                   {"version", format_version},
                   {"lair", origin.lair},
                   {"scenario", origin.scenario},
                   {"scenario_hash", origin.scenario_hash},
                   {"platform", origin.platform},
                   {"policy", origin.policy},
                   {"scheduler", origin.scheduler},
                   {"seeds", seeds},
                   {"intervals", std::to_string(origin.intervals)},
                   {"interval_s", plain(origin.interval_length)},
                   {"window", std::to_string(origin.window)},
                   {"hosts", joined(origin.hosts)},
                   {"applications", joined(origin.applications)}};
  file.metadata["hash"] = hash_of(file);
  return to_safetensors(file);
}

void from_bytes(const std::string& bytes, const std::string& name, Origin& origin,
                Columns& columns) {
  const ArrayFile file = from_safetensors(bytes, name, record_again);
  const auto refuse = [&](const std::string& key, const std::string& problem) {
    throw InputError(name, key, problem, record_again);
  };
  const auto text = [&](const char* key) -> const std::string& {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) refuse(key, "is missing: the file is no trace of Lair's");
    return found->second;
  };
  const auto whole = [&](const char* key) {
    const std::string& digits = text(key);
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem != std::errc() || end != digits.data() + digits.size() || value == 0)
      refuse(key, "is '" + digits + "', not a positive number");
    return value;
  };
  if (text("format") != format_name) refuse("format", "is '" + text("format") + "', no trace of Lair's");
  if (text("version") != format_version)
    refuse("version", "is " + text("version") + "; this program reads " + format_version);
  if (text("hash") != hash_of(file)) refuse("", "is damaged: it does not hold what was written");
  origin.lair = text("lair");
  origin.scenario = text("scenario");
  origin.scenario_hash = text("scenario_hash");
  origin.platform = text("platform");
  origin.policy = text("policy");
  origin.scheduler = text("scheduler");
  origin.hosts = lines(text("hosts"));
  origin.applications = lines(text("applications"));
  origin.intervals = whole("intervals");
  origin.window = whole("window");
  const std::string& length = text("interval_s");
  const auto [end, problem] =
      std::from_chars(length.data(), length.data() + length.size(), origin.interval_length);
  if (problem != std::errc() || end != length.data() + length.size() || !(origin.interval_length > 0))
    refuse("interval_s", "is '" + length + "', not a time in seconds");

  std::size_t at = 0;
  const auto fill = [&](const char* column_name, auto& column, std::size_t width) {
    using T = typename std::decay_t<decltype(column)>::value_type;
    if (at >= file.arrays.size() || file.arrays[at].name != column_name)
      return refuse(column_name, "is not where a trace has it");
    const StoredArray& array = file.arrays[at++];
    const bool fits = array.shape.size() == (width > 1 ? 2 : 1) && array.type == type_of<T>() &&
                      (width == 1 || array.shape[1] == width);
    if (!fits) return refuse(column_name, "has another type or shape than in a trace");
    column.resize(array.bytes.size() / sizeof(T));
    if (!column.empty()) std::memcpy(column.data(), array.bytes.data(), array.bytes.size());
  };
  each_column(columns, origin.window, fill);
  if (at != file.arrays.size()) each_outcome(columns, fill);
  if (at != file.arrays.size()) refuse(file.arrays[at].name, "is no column of a trace");
}

void append(Columns& to, const Columns& more, std::uint32_t window) {
  if (to.seeds.empty()) {
    to = more;
    return;
  }
  if (to.has_outcomes() != more.has_outcomes())
    throw RunError("traces with and without outcomes cannot be joined");
  if (to.host_cores != more.host_cores || to.host_constants != more.host_constants ||
      to.application_constants != more.application_constants)
    throw RunError("traces of different federations cannot be joined");
  const auto states = static_cast<std::uint32_t>(to.states.size() / LAIR_METRICS);
  const auto windows = static_cast<std::uint32_t>(to.windows.size() / window);
  const auto runs = static_cast<std::uint32_t>(to.seeds.size());
  const std::uint64_t ends[Columns::end_width] = {to.hosts.size() / Columns::host_width, to.tasks.size(),
                                                  to.placed_tasks.size()};
  const std::size_t first_window = to.windows.size(), first_host = to.hosts.size(),
                    first_observation = to.observations.size(), first_end = to.ends.size();
  std::vector<const void*> sources;
  each_column_of_runs(more, window, [&](const char*, const auto& column, std::size_t) {
    sources.push_back(&column);
  });
  std::size_t at = 0;
  each_column_of_runs(to, window, [&](const char*, auto& column, std::size_t) {
    const auto& source = *static_cast<const std::decay_t<decltype(column)>*>(sources[at++]);
    column.insert(column.end(), source.begin(), source.end());
  });
  const std::size_t first_ended = to.ended.size();
  to.energy.insert(to.energy.end(), more.energy.begin(), more.energy.end());
  to.ended.insert(to.ended.end(), more.ended.begin(), more.ended.end());
  to.end_times.insert(to.end_times.end(), more.end_times.begin(), more.end_times.end());
  for (std::size_t i = first_ended; i < to.ended.size(); i += Columns::ended_width) to.ended[i] += runs;
  for (std::size_t i = first_window; i < to.windows.size(); ++i) to.windows[i] += states;
  for (std::size_t i = first_host + 4; i < to.hosts.size(); i += Columns::host_width)
    if (to.hosts[i] != LAIR_NONE) to.hosts[i] += windows;
  for (std::size_t i = first_observation; i < to.observations.size(); i += Columns::observation_width)
    to.observations[i] += runs;
  for (std::size_t i = first_end; i < to.ends.size(); ++i)
    to.ends[i] += ends[(i - first_end) % Columns::end_width];
}

} // namespace lair::trace
