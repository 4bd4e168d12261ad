// Run by out_of_tree.cmake: the example policies as an outsider built them, against the built-in
// one.
#include "core/random.hpp"
#include "policy/plugin_check.hpp"
#include "policy/policy_factory.hpp"
#include "policy/synthetic_observation.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

using namespace lair;

namespace {

std::string example(const char* name) {
  const char* folder = std::getenv("EXAMPLES");
  REQUIRE(folder != nullptr);
  return std::string(folder) + "/" + name;
}

/// One broker's answers and charges over many intervals, as numbers.
std::vector<double> answers(const std::string& policy, std::size_t& moves) {
  struct Lent {
    RandomStream random{3, "policy"};
    double flops = 0;
  } lent;
  lair_services services{};
  services.size = sizeof services;
  services.context = &lent;
  services.uniform = [](void* self) { return static_cast<Lent*>(self)->random.uniform(); };
  services.charge_flops = [](void* self, double f) { static_cast<Lent*>(self)->flops += f; };
  services.charge_memory = [](void*, double) {};
  services.log = [](void*, int, const char*) {};
  PolicyFactory::Choice choice;
  choice.name = policy;
  choice.options = {{"moves", "3"}, {"pressure", "1.1"}};
  const PolicyFactory factory(choice);
  CHECK(factory.description().memory == 50e6);
  CHECK(factory.description().scheduler == "least-loaded");
  const auto instance = factory.create(services, 0, 16);
  std::vector<double> all;
  for (std::uint32_t i = 0; i < 200; ++i) {
    SyntheticSpec spec;
    spec.interval = i;
    spec.running = 4;
    spec.faulty = 0.4;
    const SyntheticObservation seen(spec);
    const Observation observation(seen.raw());
    Decision placement, remediation;
    Detection detection;
    instance->scheduler()->place(observation, placement);
    instance->detector()->detect(observation, placement.actions(), detection);
    const lair_detection own = detection.raw();
    instance->remediator()->decide(observation, placement.actions(), &own, remediation);
    for (std::uint32_t k = 0; k < own.count; ++k)
      all.insert(all.end(), {own.scores[k], double(own.labels[k])});
    for (const auto* decision : {&placement, &remediation})
      for (const Action& action : decision->actions()) {
        all.insert(all.end(), {double(action.kind), double(action.task), double(action.host)});
        moves += action.kind == LAIR_MIGRATE;
      }
    all.push_back(lent.flops);
  }
  return all;
}

} // namespace

TEST_CASE("built out of tree, the same source answers and costs the same") {
  std::size_t built_in_moves = 0, plugged_in_moves = 0;
  const auto built_in = answers("overload-migration", built_in_moves);
  const auto plugged_in = answers(example("overload.so"), plugged_in_moves);
  CHECK(built_in == plugged_in);
  CHECK(built_in_moves > 50); // else equality would show little
}

TEST_CASE("the examples pass the check") {
  for (const char* name : {"hello.so", "overload.so"}) {
    const PluginReport report = check_plugin(example(name));
    INFO(format(report));
    CHECK(report.passed());
  }
}
