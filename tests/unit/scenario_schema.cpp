/// The schemas accept every shipped file, and what they refuse the reader refuses too. Checked by
/// valijson, which knows what we use of draft 2020-12 (nothing that draft 7 does not have).
#include "core/error.hpp"
#include "scenario/document.hpp"
#include "scenario/reader.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace lair;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json to_json(const Node& node) {
  switch (node.kind) {
  case Node::Kind::boolean: return node.boolean;
  case Node::Kind::integer: return node.integer;
  case Node::Kind::number: return node.number;
  case Node::Kind::array: {
    json all = json::array();
    for (const auto& item : node.items) all.push_back(to_json(item));
    return all;
  }
  case Node::Kind::table: {
    json all = json::object();
    for (const auto& [key, value] : node.entries) all[key] = to_json(value);
    return all;
  }
  default: return node.text;
  }
}

json parsed(const std::string& text) {
  Diagnostic error;
  const auto node = parse_toml(text, 0, error);
  REQUIRE_MESSAGE(node.has_value(), error.problem);
  return to_json(*node);
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Schema {
  explicit Schema(const std::string& kind) : source(json::parse(json_schema(kind))) {
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(source), schema);
  }
  /// What is wrong with the document; empty if nothing is.
  std::string problem(const json& document) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results))
      return "";
    std::string all = "refused";
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
      all += "\n";
      for (const auto& part : error.context) all += part;
      all += ": " + error.description;
    }
    return all;
  }
  json source;
  valijson::Schema schema;
};

bool reads(const std::string& text) {
  try {
    read_scenario_text(text, "scenarios/x.toml");
    return true;
  } catch (const InputError&) {
    return false;
  }
}

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".toml") all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

} // namespace

TEST_CASE("every shipped scenario, platform and workload is as its schema says, resolved too") {
  const Schema scenario("scenario"), platform("platform"), boards("boards"), workload("workload");
  std::size_t seen = 0;
  for (const char* folder : {"scenarios", "platforms", "workloads"})
    for (const auto& path : files_in(folder)) {
      INFO(path.string());
      const json document = parsed(content(path));
      switch (detect_kind(path.string())) {
      case FileKind::scenario:
        CHECK(scenario.problem(document) == "");
        if (document.contains("sweep")) break; // not one scenario but many
        CHECK(scenario.problem(parsed(read_scenario(path.string()).resolved)) == "");
        break;
      case FileKind::platform: CHECK(platform.problem(document) == ""); break;
      case FileKind::boards: CHECK(boards.problem(document) == ""); break;
      case FileKind::workload: CHECK(workload.problem(document) == ""); break;
      default: continue;
      }
      ++seen;
    }
  CHECK(seen >= 30);
}

TEST_CASE("what a schema refuses the reader refuses") {
  const Schema schema("scenario");
  const std::string base = "platform = \"pi-config1\"\nworkload = \"aiotbench\"\n";
  REQUIRE(schema.problem(parsed(base)) == "");
  REQUIRE(reads(base));
  for (const std::string wrong : {
           "intervalls = 3\n", "intervals = 0\n", "intervals = 2.5\n", "intervals = \"3\"\n",
           "interval = 300\n", "interval = \"300\"\n", "interval = \"300 sec\"\n",
           "interval = \"-300 s\"\n", "interval = \"0 s\"\n", "interval = \"0.0e5 s\"\n",
           "seed = -1\n", "name = \"a b\"\n",
           "faults.rate = \"2\"\n", "faults.rate = -1\n", "faults.preset = \"dragon\"\n",
           "faults.strength = 0\n", "faults.shares.crashes = 1\n", "faults.ddos.flow = 3\n",
           "faults.link_loss.lost_share = 1.5\n", "faults = 3\n",
           "[[faults.script]]\nkind = \"crash\"\nstart = \"1 s\"\nhost = \"lei1-1\"\n",
           "[[faults.script]]\nkind = \"crush\"\nstart = \"1 s\"\nlength = \"1 s\"\nhost = \"lei1-1\"\n",
           "overhead.mode = \"free\"\n", "overhead.memory = \"lots\"\n", "overhead.memory = 3\n",
           "policy = \"none\"\n", "policy.options.x = [1]\n", "policy.roles = \"x\"\n",
           "record.level = \"all\"\n", "record.samples = 1\n", "liveness.probes = 0\n",
           "exchange.deadline = \"2 intervals\"\n"}) {
    INFO(wrong);
    CHECK(schema.problem(parsed(base + wrong)) != "");
    CHECK_FALSE(reads(base + wrong));
  }
  for (const std::string fine : {
           "interval = \" +3.0e2 s \"\n", "interval = \".5 h\"\n", "interval = \"5min\"\n",
           "faults.rate = 2\n", "faults.rate = 0.5\n", "faults.min_length = \"0.1 intervals\"\n",
           "faults.onset = \"1 interval\"\n", "faults.onset = \"0 s\"\n", "faults.preset = \"ftsad\"\n",
           "overhead.memory = \"policy\"\n", "overhead.memory = \"0 B\"\n", "policy.options.x = 1\n",
           "[[faults.script]]\nkind = \"crash\"\nstart = \"1 intervals\"\nlength = \"1 s\"\nhost = \"lei1-1\"\n"}) {
    INFO(fine);
    CHECK(schema.problem(parsed(base + fine)) == "");
    CHECK(reads(base + fine));
  }
}

TEST_CASE("platforms and workloads in a scenario: what a file brings need not stand there") {
  const Schema schema("scenario");
  const auto check = [&](const std::string& text, bool fine) {
    INFO(text);
    CHECK((schema.problem(parsed(text)) == "") == fine);
    CHECK(reads(text) == fine);
  };
  const std::string workload = "workload = \"aiotbench\"\n", platform = "platform = \"pi-config1\"\n";
  check(workload, false);
  check(platform, false);
  check(workload + "[platform]\nfile = \"pi-config1\"\nkinds.pi4b-4gb.cores = 2\n", true);
  check(workload + "[platform]\nfile = \"pi-config1\"\nkinds.pi4b-4gb.core = 2\n", false);
  check(workload + "[platform]\nkinds.pi4b-4gb.cores = 2\n", false);
  const std::string kind = "[platform.kinds.x]\nram = \"1 GB\"\nram_system = \"0 B\"\n";
  const std::string power = "power = \"1 1 1 1 1 1 1 1 1 1 1 W\"\n";
  const std::string leis = "[[platform.leis]]\nhosts = [{ kind = \"x\", count = 2 }]\n";
  check(workload + kind + power + leis, true);
  check(workload + kind + leis, false);                    // no power
  check(workload + kind + "power = \"1 2 W\"\n" + leis, false);
  check(workload + kind + power, false);                   // no LEIs
  check(workload + kind + power + "[[platform.leis]]\nname = \"a\"\n", false);
  const std::string application = "[workload.applications.a]\nimages = 3\nmacs_per_image = \"1 GMAC\"\n"
                                  "weights = \"1 MB\"\nactivations = \"1 MB\"\n";
  check(platform + application + "resident = \"1 MB\"\n", true);
  check(platform + application + "resident = \"1 MB\"\ndeadline = \"none\"\n", true);
  check(platform + application, false);
  check(platform + "[workload]\nfile = \"aiotbench\"\napplications.resnet18.threads = 1\n", true);
  check(platform + "[workload]\nfile = \"aiotbench\"\ntrace = [[\"1 s\", \"lei1\", \"resnet18\"]]\n", true);
  check(platform + "[workload]\nfile = \"aiotbench\"\ntrace = [[\"1 s\", \"lei1\"]]\n", false);
}

TEST_CASE("a schema tells the defaults that the reader takes") {
  const Schema schema("scenario");
  std::string lines = "platform = \"pi-config1\"\nworkload = \"aiotbench\"\n";
  const std::string plain = read_scenario_text(lines, "x.toml").resolved;
  std::size_t told = 0;
  const auto add = [&](const json& properties, const std::string& prefix) {
    for (const auto& [key, one] : properties.items())
      if (one.contains("default") && key != "preset") {
        lines += prefix + key + " = " + one["default"].dump() + "\n";
        ++told;
      }
  };
  const json& top = schema.source["properties"];
  add(top, "");
  for (const char* table : {"faults", "liveness", "exchange", "migration", "overhead", "policy", "record"})
    add(top[table]["properties"], std::string(table) + ".");
  CHECK(told >= 35);
  CHECK(read_scenario_text(lines, "x.toml").resolved == plain);
  for (const auto& [key, one] : top.items()) CHECK_MESSAGE(one.contains("description"), key);
}
