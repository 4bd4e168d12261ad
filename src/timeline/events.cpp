#include "timeline/events.hpp"

#include "core/error.hpp"
#include "core/whole_file.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace lair::timeline {

using nlohmann::json;

std::vector<RecordedEvent> read_events(const std::string& path) {
  const std::string text = read_whole_file(path);
  std::vector<RecordedEvent> all;
  unsigned line = 0;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    ++line;
    const json one = json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                 text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!one.is_object() || !one.contains("time_s") || !one["time_s"].is_number() ||
        !one.contains("kind") || !one["kind"].is_string())
      throw InputError({{path, line, 1, "", "not an event", "the events.jsonl of a run"}});
    const auto text_of = [&](const char* key) {
      const auto found = one.find(key);
      return found != one.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto number_of = [&](const char* key, double otherwise) {
      const auto found = one.find(key);
      return found != one.end() && found->is_number() ? found->get<double>() : otherwise;
    };
    RecordedEvent event;
    event.time = number_of("time_s", 0);
    event.kind = text_of("kind");
    event.application = text_of("application");
    event.host = text_of("host");
    event.target = text_of("target");
    event.lei = text_of("lei");
    event.reason = text_of("reason");
    event.task = static_cast<long long>(number_of("task", -1));
    event.seconds = number_of("decision_s", 0);
    event.images = number_of("images", 0);
    all.push_back(std::move(event));
  }
  return all;
}

RunTitle read_title(const std::string& folder) {
  const std::string path = folder + "/summary.json";
  const json summary = json::parse(read_whole_file(path), nullptr, false);
  try {
    return {summary.at("scenario").at("name"), summary.at("policy").at("name"), summary.at("simulated_s")};
  } catch (const json::exception&) {
    throw InputError(path, "", "not the summary of a run", "the folder of a run");
  }
}

} // namespace lair::timeline
