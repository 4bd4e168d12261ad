#include "record/summary.hpp"

#include "core/error.hpp"
#include "record/text_file.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

namespace lair::record {

namespace {

using Json = nlohmann::ordered_json;

/// Whole numbers without a fraction, NaN and infinity as null.
Json number(double x) {
  if (!std::isfinite(x)) return nullptr;
  if (x == std::floor(x) && std::abs(x) < 9007199254740992.0) return static_cast<std::int64_t>(x);
  return x;
}

Json reasons(const MetricFold::Reasons& counts) {
  Json out = Json::object();
  for (std::size_t i = 0; i < reason_count; ++i)
    if (counts[i] > 0) out[to_string(static_cast<Reason>(i))] = counts[i];
  return out;
}

Json name_or_null(const std::string& name) { return name.empty() ? Json(nullptr) : Json(name); }

constexpr std::string_view redundancy = "redundancy.";

Json metrics_json(const MetricFold& fold, bool has_detector) {
  const MetricValues values = fold.metrics();
  Json out = Json::object();
  for (const auto& metric : metric_table()) {
    const auto dot = metric.name.find('.');
    if (dot == std::string_view::npos) {
      out[std::string(metric.name)] = number(values[metric.metric]);
    } else if (metric.name.starts_with(redundancy)) {
      // Not of runs without any: their results stay what they were before there was any.
      if (fold.redundant())
        out["redundancy"][std::string(metric.name.substr(dot + 1))] = number(values[metric.metric]);
    } else if (Json& group = out[std::string(metric.name.substr(0, dot))]; has_detector) {
      group[std::string(metric.name.substr(dot + 1))] = number(values[metric.metric]);
    }
  }
  return out;
}

std::string text_or_empty(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

} // namespace

std::string summary_json(const RunIdentity& run, const MetricFold& fold,
                         const std::string& fingerprint, bool completed, const FileSizes& files) {
  Json out;
  out["lair_schema"] = "summary";
  out["schema_version"] = summary_schema_version;
  out["scenario"] = {{"name", run.scenario_name}, {"hash", run.scenario_hash}};
  out["seed"] = run.seed;
  out["policy"] = {{"name", run.policy},
                   {"scheduler", name_or_null(run.scheduler)},
                   {"detector", name_or_null(run.detector)},
                   {"remediator", name_or_null(run.remediator)}};
  out["fingerprint"] = fingerprint;
  out["completed"] = completed;
  out["intervals"] = fold.intervals();
  out["simulated_s"] = number(fold.totals().time);
  const auto& totals = fold.totals();
  out["tasks"] = {{"arrived", totals.arrived}, {"finished", totals.finished},
                  {"failed", totals.failed},   {"active", totals.active},
                  {"queued", totals.queued},   {"corrupted", fold.tasks_corrupted()}};
  const auto& faults = fold.faults();
  out["faults"] = {{"planned", faults.planned},
                   {"applied", faults.applied},
                   {"masked", faults.masked},
                   {"masked_by", reasons(faults.masked_by)}};
  out["refused_by"] = reasons(fold.refused_by());
  out["metrics"] = metrics_json(fold, !run.detector.empty());
  out["files"] = Json::object();
  for (const auto& [name, bytes] : files) out["files"][name] = bytes;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Summary> read_summary(const std::string& folder) {
  const std::string path = folder + "/summary.json";
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const Json in = Json::parse(text);
    if (in.at("lair_schema") != "summary" || in.at("schema_version") != summary_schema_version)
      throw InputError(path, "schema_version", "is of a form that this version cannot read",
                       "run the scenario again");
    Summary out;
    out.scenario_name = in.at("scenario").at("name");
    out.scenario_hash = in.at("scenario").at("hash");
    out.seed = in.at("seed");
    const Json& policy = in.at("policy");
    out.policy = policy.at("name");
    out.scheduler = text_or_empty(policy.at("scheduler"));
    out.detector = text_or_empty(policy.at("detector"));
    out.remediator = text_or_empty(policy.at("remediator"));
    out.fingerprint = in.at("fingerprint");
    out.completed = in.at("completed");
    out.intervals = in.at("intervals");
    out.faults_planned = in.at("faults").at("planned");
    out.faults_applied = in.at("faults").at("applied");
    out.faults_masked = in.at("faults").at("masked");
    const Json& tasks = in.at("tasks");
    out.tasks.arrived = tasks.at("arrived");
    out.tasks.finished = tasks.at("finished");
    out.tasks.failed = tasks.at("failed");
    out.tasks.active = tasks.at("active");
    out.tasks.queued = tasks.at("queued");
    const Json& metrics = in.at("metrics");
    for (const auto& metric : metric_table()) {
      const auto dot = metric.name.find('.');
      if (metric.name.starts_with(redundancy) && !metrics.contains("redundancy")) {
        const bool wrong = metric.metric == Metric::redundancy_wrong_results;
        out.metrics[metric.metric] = wrong ? tasks.value("corrupted", 0.0) : 0;
        continue;
      }
      const Json* value = &metrics.at(std::string(metric.name.substr(0, dot)));
      if (dot != std::string_view::npos && !value->is_null())
        value = &value->at(std::string(metric.name.substr(dot + 1)));
      out.metrics[metric.metric] =
          value->is_null() ? std::numeric_limits<double>::quiet_NaN() : value->get<double>();
    }
    const Json files = in.value("files", Json::object()); // results of an older lair have none
    for (const auto& [name, bytes] : files.items())
      out.files.emplace_back(name, bytes.get<std::uint64_t>());
    return out;
  } catch (const Json::parse_error&) {
    throw InputError(path, "", "is not whole: no JSON", "run the scenario again");
  } catch (const Json::exception&) {
    throw InputError(path, "", "lacks a key, or has one of another type", "run the scenario again");
  }
}

std::string damaged_file(const std::string& folder, const Summary& summary) {
  for (const auto& [name, bytes] : summary.files) {
    std::error_code error;
    if (std::filesystem::file_size(folder + "/" + name, error) != bytes || error) return name;
  }
  return {};
}

void write_cost(const std::string& folder, const Cost& cost) {
  Json out;
  out["lair_schema"] = "cost";
  out["schema_version"] = summary_schema_version;
  out["wall_s"] = cost.wall_s;
  out["cpu_s"] = cost.cpu_s;
  out["peak_rss_bytes"] = number(cost.peak_rss_bytes);
  out["policy"] = nullptr;
  if (cost.policy)
    out["policy"] = {{"decisions", cost.policy->decisions},
                     {"decision_wall_s", cost.policy->decision_wall_s},
                     {"decision_cpu_s", cost.policy->decision_cpu_s},
                     {"fine_tuning_wall_s", cost.policy->fine_tuning_wall_s},
                     {"fine_tuning_cpu_s", cost.policy->fine_tuning_cpu_s}};
  out["libraries"] = Json::array();
  for (const auto& library : cost.libraries)
    out["libraries"].push_back(
        {{"name", library.name}, {"path", library.path}, {"hash", library.hash}});
  out["policy_notes"] = cost.policy_notes;
  out["program"] = cost.program;
  out["lair_version"] = cost.lair_version;
  out["simgrid_version"] = cost.simgrid_version;
  out["compiler"] = cost.compiler;
  out["build_type"] = cost.build_type;
  out["sanitizer"] = name_or_null(cost.sanitizer);
  out["system"] = cost.system;
  out["processor"] = cost.processor;
  out["cores"] = cost.cores;
  out["date"] = cost.date;
  replace_file(folder + "/cost.json",
               out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Cost read_cost(const std::string& folder) {
  std::ifstream file(folder + "/cost.json", std::ios::binary);
  const Json in = Json::parse(file, nullptr, false);
  Cost cost;
  if (!in.is_object()) return cost;
  const auto number = [](const Json& from, const char* key) {
    return from.contains(key) && from[key].is_number() ? from[key].get<double>() : 0.0;
  };
  cost.wall_s = number(in, "wall_s");
  cost.cpu_s = number(in, "cpu_s");
  cost.peak_rss_bytes = number(in, "peak_rss_bytes");
  if (in.contains("policy") && in["policy"].is_object()) {
    const Json& policy = in["policy"];
    cost.policy = Cost::Policy{static_cast<std::uint64_t>(number(policy, "decisions")),
                               number(policy, "decision_wall_s"), number(policy, "decision_cpu_s"),
                               number(policy, "fine_tuning_wall_s"),
                               number(policy, "fine_tuning_cpu_s")};
  }
  if (in.contains("date")) cost.date = text_or_empty(in["date"]);
  return cost;
}

Origin read_origin(const std::string& folder) {
  std::ifstream file(folder + "/cost.json", std::ios::binary);
  const Json in = Json::parse(file, nullptr, false);
  Origin origin;
  if (!in.is_object()) return origin;
  const auto text = [](const Json& from, const char* key) {
    return from.contains(key) ? text_or_empty(from[key]) : std::string();
  };
  origin.program = text(in, "program");
  origin.lair_version = text(in, "lair_version");
  if (in.contains("policy_notes") && in["policy_notes"].is_array())
    for (const Json& note : in["policy_notes"]) origin.policy_notes.push_back(text_or_empty(note));
  if (!in.contains("libraries") || !in["libraries"].is_array()) return origin;
  for (const Json& library : in["libraries"])
    if (library.is_object())
      origin.libraries.push_back(
          {text(library, "name"), text(library, "path"), text(library, "hash")});
  return origin;
}

} // namespace lair::record
