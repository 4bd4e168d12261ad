/// The table of keys: every key of a scenario, a platform and a workload, once. Reading, defaults,
/// the resolved form, nearest keys and docs/scenarios.md all come from it.
#pragma once

#include "scenario/field.hpp"
#include "scenario/scenario.hpp"

#include <string>
#include <vector>

namespace lair {

const Fields<Scenario>& scenario_fields();
const Fields<FaultModel>& fault_fields();
const Fields<FaultModel>& fault_share_fields(); ///< [faults.shares]
/// [faults.<kind>]: what a fault of that kind at strength 1 is.
struct EffectSection {
  std::string key;
  Fields<FaultModel> fields;
};
const std::vector<EffectSection>& effect_sections();
const Fields<LivenessModel>& liveness_fields();
const Fields<ExchangeModel>& exchange_fields();
const Fields<MigrationModel>& migration_fields();
const Fields<OverheadModel>& overhead_fields();
const Fields<PolicyConfig>& policy_fields();
const Fields<RecordModel>& record_fields();

/// One entry of `[[faults.script]]` before its names are looked up.
struct ScriptDraft {
  Fault fault;
  std::string host, lei;
};
const Fields<ScriptDraft>& script_fields();

/// A platform before its LEIs are read.
struct PlatformDraft {
  Federation federation;
  LeiDescription defaults; ///< WAN of LEIs that state none of their own
};
const Fields<PlatformDraft>& platform_fields();
const Fields<HostSpec>& kind_fields();      ///< [platform.kinds.<name>]
const Fields<LeiDescription>& lei_fields(); ///< [[platform.leis]], without hosts and broker
/// `count` hosts of one kind, an entry of a LEI's `hosts`.
struct HostGroup {
  std::string kind;
  unsigned count = 1;
};
const Fields<HostGroup>& group_fields(); ///< without names

const Fields<Workload>& workload_fields();
const Fields<Application>& application_fields(); ///< [workload.applications.<name>]

/// Paths of the keys of all tables whose path is fixed: faults.rate, liveness.probes, ...
std::vector<std::string> key_paths();

} // namespace lair
