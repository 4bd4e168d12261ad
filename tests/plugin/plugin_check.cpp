// `lair check plugin.so`: what it finds, and that it survives what it finds.
#include "broker/forecaster.hpp"
#include "policy/plugin_check.hpp"
#include "policy/synthetic_observation.hpp"
#include "support.hpp"

using namespace lair;

namespace {

PluginReport check(const std::string& name, const std::string& how, PluginCheckLimits limits = {}) {
  std::vector<std::pair<std::string, std::string>> options;
  if (!how.empty()) options = {{"how", how}};
  const Federation federation = synthetic_federation(16);
  Forecaster twin(federation);
  return check_plugin(plugin(name), limits, options, &twin);
}

/// The detail of an item that failed; "" if it did not fail or was not run.
std::string failed(const PluginReport& report, const std::string& item) {
  for (const CheckItem& one : report.items)
    if (one.name == item && one.verdict == CheckVerdict::failed) return one.detail;
  return {};
}

} // namespace

TEST_CASE("a policy that keeps the rules passes every item") {
  const PluginReport report = check("good", "");
  INFO(format(report));
  CHECK(report.passed());
  CHECK(report.items.size() == 15);
  for (const CheckItem& item : report.items) {
    INFO(item.name << ": " << item.detail);
    CHECK(item.verdict == CheckVerdict::passed);
  }
}

TEST_CASE("crashes, exits and hangs are reported") {
  CHECK(contains(failed(check("misbehaving", "abort-constructor"), "construct"), "abort"));
  CHECK(
      contains(failed(check("misbehaving", "segfault-constructor"), "construct"), "segmentation"));
  CHECK(contains(failed(check("misbehaving", "exit-constructor"), "construct"), "exit(0)"));
  CHECK(contains(failed(check("misbehaving", "abort-decide"), "legal actions"), "abort"));
  CHECK(contains(failed(check("misbehaving", "one-host-only"), "no hosts, no tasks"), "abort"));
  PluginCheckLimits short_time;
  short_time.seconds = 1;
  CHECK(contains(failed(check("misbehaving", "hang-place", short_time), "legal actions"),
                 "did not come back within 1 s"));
}

TEST_CASE("each broken rule fails its own item") {
  CHECK(contains(failed(check("misbehaving", "throw-constructor"), "construct"),
                 "thrown in constructor"));
  CHECK(contains(failed(check("misbehaving", "throw-learn"), "legal actions"), "thrown in learn"));
  CHECK(contains(failed(check("misbehaving", "shared-state"), "determinism"), "differently"));
  CHECK(contains(failed(check("raw", "unknown-task"), "legal actions"), "123456789"));
  CHECK(contains(failed(check("raw", "nan-score"), "legal actions"), "not finite"));
  PluginCheckLimits strict;
  strict.decision_fail = 0.001;
  CHECK(contains(failed(check("misbehaving", "time", strict), "time"), "the limit is 0.001"));
  const PluginReport costly = check("misbehaving", "charge-absurdly-decide");
  CHECK(costly.passed());
  CHECK(contains(format(costly), "longer than the interval of 300 s"));
#ifndef LAIR_SANITIZED // a sanitizer's own memory hides the policy's
  CHECK(contains(failed(check("misbehaving", "memory"), "memory"), "more than it says"));
#endif
  CHECK(contains(failed(check("raw_no_symbol", ""), "load"), "lair_plugin"));
}

TEST_CASE("what is no policy is an error, not a report") {
  CHECK_THROWS_AS(check("raw_wrong_major", ""), PluginError);
  CHECK_THROWS_AS(check("no_such", ""), InputError);
}
