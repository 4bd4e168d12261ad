// Every way in which a policy can fail ends in an error that names it, its role and the interval.
#include "policy/policy_factory.hpp"
#include "policy/plugin_library.hpp"
#include "policy/synthetic_observation.hpp"
#include "support.hpp"

#include <cstddef>
#include <dlfcn.h>

using namespace lair;

namespace {

lair_services services() {
  lair_services s{};
  s.size = sizeof s;
  s.uniform = [](void*) { return 0.25; };
  s.charge_flops = [](void*, double) {};
  s.charge_memory = [](void*, double) {};
  s.log = [](void*, int, const char*) {};
  s.forecast = [](void*, const lair_action*, std::uint32_t, lair_forecast* out) {
    *out = {};
    out->size = sizeof *out;
    return 0;
  };
  return s;
}

PolicyFactory::Choice choice(const std::string& name, const std::string& how) {
  PolicyFactory::Choice c;
  c.name = plugin(name);
  if (!how.empty()) c.options = {{"how", how}};
  return c;
}

/// Sense, decide and learn as a broker does, in interval 7.
void drive(PolicyInstance& policy) {
  SyntheticSpec spec;
  spec.interval = 7;
  const SyntheticObservation seen(spec);
  const Observation observation(seen.raw());
  Decision placement, remediation;
  Detection detection;
  policy.scheduler()->place(observation, placement);
  policy.detector()->detect(observation, placement.actions(), detection);
  const lair_detection own = detection.raw();
  policy.remediator()->decide(observation, placement.actions(), &own, remediation);
  policy.detector()->learn(observation, observation);
  policy.remediator()->learn(observation, observation);
}

std::string failure(const std::string& name, const std::string& how) {
  return message_of<PluginError>([&] {
    const PolicyFactory factory(choice(name, how));
    drive(*factory.create(services(), 0, 16));
  });
}

} // namespace

TEST_CASE("a policy that keeps the rules runs through") {
  const PolicyFactory factory(choice("good", ""));
  CHECK(factory.description().name == "good");
  CHECK(factory.description().scheduler == "good");
  CHECK(factory.description().version == "2.1");
  CHECK(factory.description().memory == 3e6);
  CHECK_FALSE(factory.description().silent);
  const auto policy = factory.create(services(), 0, 16);
  drive(*policy);

  // One learn() per interval though two roles of the object could each forward it: Good adds 1e-3
  // to its scores per call.
  SyntheticSpec spec;
  const SyntheticObservation seen(spec);
  Detection before, after;
  policy->detector()->detect(Observation(seen.raw()), {}, before);
  drive(*policy);
  policy->detector()->detect(Observation(seen.raw()), {}, after);
  CHECK(after.raw().scores[0] - before.raw().scores[0] == doctest::Approx(1e-3));
  CHECK(before.raw().expected != nullptr);
}

TEST_CASE("a throw anywhere is named with its text, role and interval") {
  CHECK(failure("misbehaving", "throw-place") ==
        "policy 'misbehaving': scheduler, interval 7: failed: thrown in place");
  CHECK(failure("misbehaving", "throw-detect") ==
        "policy 'misbehaving': detector, interval 7: failed: thrown in detect");
  CHECK(failure("misbehaving", "throw-decide") ==
        "policy 'misbehaving': remediator, interval 7: failed: thrown in decide");
  CHECK(failure("misbehaving", "throw-learn") ==
        "policy 'misbehaving': learning, interval 7: failed: thrown in learn");
  CHECK(failure("misbehaving", "throw-constructor") ==
        "policy 'misbehaving': its constructor failed: thrown in constructor");
  CHECK(contains(failure("misbehaving", "throw-int-decide"), "not a std::exception"));
  CHECK(contains(failure("misbehaving", "throw-int-constructor"), "not a std::exception"));
}

TEST_CASE("death in the constructor is met in a child, not in the run") {
  CHECK(failure("misbehaving", "abort-constructor") ==
        "policy 'misbehaving': its constructor crashed (abort)");
  CHECK(failure("misbehaving", "segfault-constructor") ==
        "policy 'misbehaving': its constructor crashed (segmentation fault)");
  CHECK(failure("misbehaving", "exit-constructor") ==
        "policy 'misbehaving': its constructor left the process with exit(0)");
}

TEST_CASE("options are the scenario's fault") {
  CHECK(contains(message_of<InputError>([] {
                   PolicyFactory::Choice c = choice("good", "");
                   c.options = {{"gian", "2"}};
                   PolicyFactory{c};
                 }),
                 "unknown option 'gian'; it takes gain"));
  CHECK(contains(message_of<InputError>([] {
                   PolicyFactory::Choice c = choice("good", "");
                   c.options = {{"gain", "much"}};
                   PolicyFactory{c};
                 }),
                 "option 'gain' is 'much', not a number"));
}

TEST_CASE("nonsense in an answer is named") {
  const auto fails = [](const std::string& how, const std::string& what) {
    INFO(how);
    CHECK(contains(failure("raw", how), what));
  };
  fails("error", "scheduler, interval 7: failed: the raw policy does not want to");
  fails("null-error", "failed: no reason given");
  fails("silent-failure", "its constructor failed: no reason given");
  fails("small-answer", "its answer states 4 bytes, less than ABI 1.0's 16");
  fails("null-actions", "1 actions at a null pointer");
  fails("huge-count", "4000000000 actions for 8 tasks");
  fails("unknown-task", "names task 123456789, which it was not shown");
  fails("unknown-host", "names host 99999, which it was not shown");
  fails("unknown-kind", "is of kind 77");
  fails("migrate", "a migration, which only a remediator may ask for");
  fails("replicate", "a copy, which only a remediator may ask for");
  fails("bad-vote", "remediator, interval 7: action 0 wants 0 equal results; 1 to ");
  fails("bad-period", "action 0 wants a checkpoint every -1 s");
  fails("two-cancels", "more than one cancel for task");
  fails("duplicate", "more than one action for task");
  fails("nan-score", "detector, interval 7: the score (nan)");
  fails("infinite-threshold", "threshold (inf)");
  fails("label-2", "is 2, neither 0 nor 1");
  fails("foreign-row", "a row for host 4242, which is none of its LEI");
  fails("twice-a-row", "two rows for one host");
  fails("missing-row", "3 rows for the 4 hosts");
  fails("huge-rows", "4000000000 rows for the 4 hosts");
  fails("null-scores", "null pointer");
  fails("small-detection", "states 8 bytes");
  fails("nan-expected", "an expected value of host 0 is not finite");
  fails("lone-scale", "a scale without an expected state");
  fails("negative-scale", "a scale of host 0 is negative or not finite");
  fails("null-ahead", "2 intervals ahead at a null pointer");
  fails("endless-ahead", "it looks 4000000000 intervals ahead; at most 1000");
  fails("nan-ahead", "an expected value of host 0, 2 intervals ahead, is not finite");
  CHECK(contains(failure("misbehaving", "charge-nan"), "its constructor charged flops"));
  const PolicyFactory factory(choice("raw", ""));
  drive(*factory.create(services(), 0, 16)); // without `how` it does no wrong
}

TEST_CASE("a library built for ABI 1.0 runs, and of its answers no more is read than it wrote") {
  for (const auto& [name, how] : {std::pair{"raw_1_0", ""}, std::pair{"raw", "old-detection"},
                                 std::pair{"raw", "old-actions"}}) {
    const PolicyFactory factory(choice(name, how));
    const auto policy = factory.create(services(), 0, 16);
    drive(*policy);
    const SyntheticObservation seen{SyntheticSpec{}};
    Detection found;
    policy->detector()->detect(Observation(seen.raw()), {}, found);
    CHECK(found.raw().count == seen.raw().own_count);
    CHECK(found.raw().scale == nullptr);
    CHECK(found.raw().ahead == 0);
    CHECK(found.raw().ahead_expected == nullptr);
  }
}

TEST_CASE("a detection carries a scale and a look-ahead, for all rows or for none") {
  const std::vector<double> one(LAIR_METRICS, 1), two(LAIR_METRICS, 2), three(LAIR_METRICS, 3);
  Detection found;
  found.add(0, 0.5, 1, false, one, two);
  found.add(1, 0.5, 1, false, two, one);
  // Row by row here; step by step gives the same.
  for (const auto* row : {&one, &three}) {
    found.ahead(0, *row);
    found.ahead(1, two);
  }
  const lair_detection raw = found.raw();
  CHECK(raw.size == sizeof raw);
  CHECK(raw.scale[0] == 2);
  CHECK(raw.scale[LAIR_METRICS] == 1);
  REQUIRE(raw.ahead == 2);
  CHECK(raw.ahead_expected[0] == 1);
  CHECK(raw.ahead_expected[LAIR_METRICS] == 3);
  CHECK(raw.ahead_expected[2 * LAIR_METRICS] == 2);
  CHECK(raw.ahead_expected[4 * LAIR_METRICS - 1] == 2);
  CHECK_THROWS_AS(found.ahead(3, one), std::logic_error); // step 2 is not there
  found.ahead(2, one);
  CHECK_THROWS_AS(found.raw(), std::logic_error); // a row is missing in it
  found.clear();
  CHECK(found.raw().count == 0);
  found.add(0, 0.5, 1, false, one, two);
  found.add(1, 0.5, 1, false, one);
  CHECK_THROWS_AS(found.raw(), std::logic_error);
}

TEST_CASE("a policy that asks an older lair for a twin, or for its platform, is told") {
  lair_services old = services();
  old.size = offsetof(lair_services, twin);
  const lair_setup setup{offsetof(lair_setup, platform), 0, nullptr, 3, 16, "beyond its end"};
  PolicyContext context(old, setup);
  CHECK(context.platform().empty());
  const SyntheticObservation seen{SyntheticSpec{}};
  std::string what;
  try {
    context.twin(Observation(seen.raw()));
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  CHECK(contains(what, "lends no twin"));
  PolicyFactory::Choice named = choice("good", "");
  named.platform = "pi-config2";
  named.options = {{"platform", "pi-config2"}};
  const PolicyFactory factory(named); // refused if it were told another name
  named.platform = "elsewhere";
  CHECK_THROWS_AS(PolicyFactory{named}, PluginError);
}

TEST_CASE("symbols and functions that are missing are named") {
  CHECK(contains(message_of<PluginError>([] { PluginLibrary{plugin("raw_no_symbol")}; }),
                 "exports no symbol 'lair_plugin'"));
  CHECK(contains(message_of<PluginError>([] { PluginLibrary{plugin("raw_no_place")}; }),
                 "its function 'place' is a null pointer"));
}

TEST_CASE("a library with a hole in its code's place cannot be loaded, and that is said") {
  std::string bytes = read_bytes(plugin("raw"));
  // Program headers point outside: the description is still readable, the loader refuses.
  for (std::size_t i = 64; i < 64 + 8 * 56; ++i) bytes[i] = '\x7f';
  const TemporaryFile broken("raw_broken.so", bytes);
  CHECK(
      contains(message_of<PluginError>([&] { PluginLibrary{broken.path()}; }), "cannot be loaded"));
}

TEST_CASE("a library stays loaded after its last object") {
  const TemporaryFile copy("raw_stays.so", read_bytes(plugin("raw")));
  {
    const PolicyFactory factory([&] {
      PolicyFactory::Choice c;
      c.name = copy.path();
      return c;
    }());
  }
  void* handle = ::dlopen(copy.path().c_str(), RTLD_NOW | RTLD_NOLOAD);
  CHECK(handle != nullptr);
}

TEST_CASE("roles of plugins and built-ins mix; a role that a library does not offer is refused") {
  PolicyFactory::Choice c;
  c.name = "overload-migration";
  c.detector = plugin("good");
  c.options = {{"gain", "2"},
               {"moves", "1"}}; // the first is the plugin's, the second the built-in's
  const PolicyFactory factory(c);
  CHECK(factory.description().detector == "good");
  CHECK(factory.description().remediator == "overload-migration");
  CHECK(factory.description().memory == 50e6);
  drive(*factory.create(services(), 0, 16));
}
