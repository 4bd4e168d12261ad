#include "scenario/parts.hpp"
#include "scenario/reader.hpp"
#include "scenario/tables.hpp"

#include "core/hash.hpp"

#include <fmt/format.h>

namespace lair {

namespace {

std::string write_workload(const Workload& workload, const Federation& federation) {
  std::string out = "\n[workload]\n" + write_fields(workload_fields(), workload);
  if (!workload.trace.empty()) {
    out += "trace = [\n";
    for (const auto& entry : workload.trace)
      out +=
          fmt::format("  [{}, {}, {}{}],\n", quote(write_quantity(entry.time.value, Unit::seconds)),
                      quote(federation.lei(entry.lei).name),
                      quote(workload.applications[entry.application.index()].name),
                      entry.images > 0 ? fmt::format(", {}", entry.images) : "");
    out += "]\n";
  }
  for (const auto& application : workload.applications)
    out += fmt::format("\n[workload.applications.{}]\n{}", write_key(application.name),
                       write_fields(application_fields(), application));
  return out;
}

std::string write_faults(const FaultModel& model, const Federation& federation) {
  std::string out = "\n[faults]\n" + write_fields(fault_fields(), model);
  out += "\n[faults.shares]\n" + write_fields(fault_share_fields(), model);
  for (const auto& section : effect_sections())
    out += fmt::format("\n[faults.{}]\n{}", section.key, write_fields(section.fields, model));
  for (const auto& fault : model.script) {
    ScriptDraft draft{fault, {}, {}};
    if (fault.host.valid()) draft.host = federation.host(fault.host).name;
    if (fault.lei.valid()) draft.lei = federation.lei(fault.lei).name;
    out += "\n[[faults.script]]\n" + write_fields(script_fields(), draft);
  }
  return out;
}

/// The whole text; or, for the hash, without what may differ between runs that are compared.
std::string write(const Scenario& scenario, bool for_hash) {
  std::string out;
  if (!for_hash) out = "# Every key of a run with its value; reads back to the same scenario.\n";
  for (const auto& field : scenario_fields())
    if (!for_hash || field.key != "seed")
      out += fmt::format("{} = {}\n", field.key, field.write(scenario));
  out += write_faults(scenario.faults, scenario.federation);
  out += "\n[liveness]\n" + write_fields(liveness_fields(), scenario.liveness);
  out += "\n[exchange]\n" + write_fields(exchange_fields(), scenario.exchange);
  out += "\n[migration]\n" + write_fields(migration_fields(), scenario.migration);
  out += "\n[overhead]\n" + write_fields(overhead_fields(), scenario.overhead);
  if (!for_hash) {
    out += "\n[policy]\n" + write_fields(policy_fields(), scenario.policy);
    if (!scenario.policy.options.empty()) {
      out += "\n[policy.options]\n";
      for (const auto& [key, value] : scenario.policy.options)
        out += fmt::format("{} = {}\n", write_key(key), quote(value));
    }
  }
  out += "\n[record]\n" + write_fields(record_fields(), scenario.record);
  out += "\n[platform]\n" + write_federation(scenario.federation, "platform.");
  out += write_workload(scenario.workload, scenario.federation);
  return out;
}

} // namespace

std::string write_scenario(const Scenario& scenario) { return write(scenario, false); }

std::string scenario_hash(const Scenario& scenario) { return hash128_hex(write(scenario, true)); }

std::string write_platform(const Federation& federation) {
  return write_federation(federation, "");
}

} // namespace lair
