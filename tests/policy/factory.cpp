// Names, presets and options; and every built-in on every odd observation.
#include "core/error.hpp"
#include "core/random.hpp"
#include "policy/builtin.hpp"
#include "policy/nearest.hpp"
#include "policy/paper_memory.hpp"
#include "policy/policy_factory.hpp"
#include "policy/synthetic_observation.hpp"

#include <doctest/doctest.h>

#include <set>
#include <tuple>

using namespace lair;

namespace {

std::string refusal(const PolicyFactory::Choice& choice) {
  try {
    PolicyFactory{choice};
  } catch (const InputError& problem) {
    return problem.what();
  }
  return "accepted";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Draws {
  RandomStream random{1, "policy"};
  lair_services services{};
  double flops = 0;
  Draws() {
    services.size = sizeof services;
    services.context = this;
    services.uniform = [](void* self) { return static_cast<Draws*>(self)->random.uniform(); };
    services.charge_flops = [](void* self, double f) { static_cast<Draws*>(self)->flops += f; };
    services.charge_memory = [](void*, double) {};
    services.log = [](void*, int, const char*) {};
  }
};

PolicyFactory::Choice named(const std::string& name) {
  PolicyFactory::Choice choice;
  choice.name = name;
  return choice;
}

/// Needs the library of learned roles: gon.cpp has its tests.
bool learned(const ListedName& policy) {
  return policy.name.starts_with("dragon") || policy.name == "awgg" || policy.name == "topomad" ||
         policy.name == "stepgan";
}

bool asks_for_copies(const ListedName& policy) {
  return policy.name == "tbaft" || policy.name == "iotef" || policy.name == "medusa";
}

} // namespace

TEST_CASE("presets") {
  const PolicyFactory none(named("none"));
  CHECK(none.description().name == "none");
  CHECK(none.description().scheduler == "least-loaded");
  CHECK(none.description().detector.empty());
  CHECK(none.description().remediator.empty());
  CHECK(none.description().memory == 50e6);
  Draws draws;
  const auto policy = none.create(draws.services, 0, 16);
  CHECK(policy->scheduler() != nullptr);
  CHECK(policy->detector() == nullptr);
  CHECK(policy->remediator() == nullptr);

  const PolicyFactory moving(named("overload-migration"));
  CHECK(moving.description().detector == "threshold");
  CHECK(moving.description().remediator == "overload-migration");
  CHECK_FALSE(moving.description().silent);
}

TEST_CASE("a role of the scenario replaces the preset's, and 'none' removes it") {
  PolicyFactory::Choice choice = named("overload-migration");
  choice.scheduler = "random";
  choice.detector = "none";
  const PolicyFactory factory(choice);
  CHECK(factory.description().scheduler == "random");
  CHECK(factory.description().detector.empty());
  CHECK(factory.description().remediator == "overload-migration");
}

TEST_CASE("unknown names come with the nearest known one") {
  CHECK(contains(refusal(named("overlod-migration")), "did you mean 'overload-migration'?"));
  CHECK(contains(refusal(named("threshold")), "'threshold' is a detector: set policy.detector"));
  CHECK(contains(refusal(named("qqqqqqqqq")), "known: none, overload-migration"));
  PolicyFactory::Choice choice = named("none");
  choice.scheduler = "least-loadd";
  CHECK(contains(refusal(choice), "policy.scheduler: unknown scheduler 'least-loadd': did you mean "
                                  "'least-loaded'?"));
  CHECK(contains(refusal(named("no/such.so")), "No such file"));
}

TEST_CASE(
    "options go to the role that knows them; unknown and unreadable ones are all named at once") {
  PolicyFactory::Choice choice = named("overload-migration");
  choice.options = {{"moves", "1"}, {"swap", "0.05"}, {"scope", "federation"}};
  CHECK(refusal(choice) == "accepted");
  choice.options = {{"move", "1"}, {"swap", "lots"}, {"coldown", "2"}};
  const std::string text = refusal(choice);
  CHECK(contains(text, "policy.options.move: policy 'overload-migration' takes no such option: did "
                       "you mean 'moves'?"));
  CHECK(contains(text, "option 'swap' is 'lots', not a number"));
  CHECK(contains(text, "did you mean 'cooldown'?"));
}

TEST_CASE("edit distance") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("same", "same") == 0);
  CHECK(suggest("x", {}) == "there is none to choose from");
}

TEST_CASE("lists hold what can be asked for") {
  CHECK(list_schedulers().size() >= 5);
  CHECK(list_detectors().size() >= 4);
  CHECK(list_remediators().size() >= 4);
  for (const ListedName& policy : list_policies()) {
    if (!learned(policy)) CHECK(refusal(named(policy.name)) == "accepted");
    CHECK_FALSE(policy.description.empty());
    CHECK_FALSE(policy.source.empty());
  }
}

TEST_CASE("every scheduler and preset answers legally and repeatably, whatever it sees") {
  SyntheticSpec usual, empty, one, dead, extreme, copies;
  usual.running = 20;
  usual.queued = 8;
  empty.own_hosts = empty.other_hosts = empty.queued = 0;
  one.own_hosts = 1;
  one.other_hosts = 0;
  dead.dead = true;
  extreme.extreme = true;
  copies.running = 20;
  copies.copies = true;
  for (const ListedName& policy : list_policies())
    for (const ListedName& scheduler : list_schedulers()) {
      if (learned(policy)) continue;
      PolicyFactory::Choice choice = named(policy.name);
      choice.scheduler = scheduler.name;
      const PolicyFactory factory(choice);
      Draws draws, again_draws;
      const auto first = factory.create(draws.services, 0, 16);
      const auto again = factory.create(again_draws.services, 0, 16);
      std::size_t placed = 0;
      for (SyntheticSpec spec : {usual, empty, one, dead, extreme, copies})
        for (std::uint32_t i = 0; i < 10; ++i) {
          if (spec.copies && !asks_for_copies(policy)) continue; // they are never shown one
          spec.interval = i;
          const SyntheticObservation seen(spec);
          const Observation observation(seen.raw());
          std::vector<std::vector<lair_action>> answers;
          for (PolicyInstance* instance : {first.get(), again.get()}) {
            Decision placement, remediation;
            instance->scheduler()->place(observation, placement);
            lair_detection own{};
            Detection detection;
            if (Detector* detector = instance->detector()) {
              detector->detect(observation, placement.actions(), detection);
              own = detection.raw();
              CHECK(own.count == spec.own_hosts);
            }
            if (Remediator* remediator = instance->remediator())
              remediator->decide(observation, placement.actions(), &own, remediation);
            std::vector<lair_action> all(placement.actions().begin(), placement.actions().end());
            placed += all.size();
            std::set<std::uint64_t> tasks;
            for (const Action& action : placement.actions()) {
              CHECK(action.kind == LAIR_PLACE);
              CHECK(tasks.insert(action.task).second);
              const Host* host = observation.find_host(action.host);
              REQUIRE(host != nullptr);
              CHECK(is_own(*host));
              CHECK(takes_tasks(*host));
            }
            // Places and migrations once for each task, the rest once for each host of it.
            std::set<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>> once;
            for (const Action& action : remediation.actions()) {
              all.push_back(action);
              const bool moves = action.kind <= LAIR_MIGRATE;
              CHECK(once.insert({action.task, moves ? 0 : action.kind, moves ? 0 : action.host}).second);
              if (action.kind == LAIR_VOTE) continue;
              const Host* host = observation.find_host(action.host);
              REQUIRE(host != nullptr);
              CHECK(takes_tasks(*host));
            }
            answers.push_back(all);
            if (spec.dead) CHECK(all.empty());
          }
          REQUIRE(answers[0].size() == answers[1].size());
          for (std::size_t k = 0; k < answers[0].size(); ++k) {
            CHECK(answers[0][k].task == answers[1][k].task);
            CHECK(answers[0][k].host == answers[1][k].host);
          }
        }
      CHECK(placed > 0);
      CHECK(draws.flops > 0);
      CHECK(draws.flops == again_draws.flops);
    }
}

TEST_CASE("memory of the paper's policies is its table's F1 over F1/GB") {
  // FTSAD-25, for DRAGON FTSAD-1: F1 and F1/GB as printed.
  CHECK(paper_memory("dragon").value() / 1e9 == doctest::Approx(0.9186 / 0.9494).epsilon(1e-3));
  CHECK(paper_memory("tbaft").value() / 1e9 == doctest::Approx(0.9554 / 0.8952).epsilon(1e-3));
  CHECK(paper_memory("pbfm").value() / 1e9 == doctest::Approx(0.8090 / 0.7546).epsilon(1e-3));
  CHECK(paper_memory("iotef").value() / 1e9 == doctest::Approx(0.9616 / 0.8654).epsilon(1e-3));
  CHECK(paper_memory("awgg").value() / 1e9 == doctest::Approx(0.9114 / 0.5104).epsilon(1e-3));
  CHECK(paper_memory("stepgan").value() / 1e9 == doctest::Approx(0.9521 / 0.3839).epsilon(1e-3));
  CHECK(paper_memory("topomad").value() / 1e9 == doctest::Approx(0.9637 / 0.2622).epsilon(1e-3));
  CHECK(paper_memory("dragon+").value() / 1e9 == doctest::Approx(0.9829 / 1.0412).epsilon(1e-3));
  CHECK_FALSE(paper_memory("none").has_value());
  CHECK(paper_memory_names().find("topomad") != std::string::npos);
}
