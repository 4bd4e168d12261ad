#include "scenario/reader.hpp"
#include "scenario/tables.hpp"

#include <fmt/format.h>

namespace lair {

namespace {

template <class Owner> std::string default_of(const Field<Owner>& field, const Owner& defaults) {
  if (field.required) return "required";
  if (field.unit == "name") return "see there"; // made from the file's name or a number
  return fmt::format("`{}`", field.write(defaults));
}

template <class Owner>
void add(std::string& out, const std::string& heading, const std::string& intro,
         const Fields<Owner>& fields, const Owner& defaults) {
  out += fmt::format("\n### `{}`\n\n{}\n\n| key | kind | default | allowed | meaning |\n"
                     "|---|---|---|---|---|\n",
                     heading, intro);
  for (const auto& field : fields)
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.key, field.unit,
                       default_of(field, defaults), field.range, field.doc);
}

} // namespace

std::string key_reference() {
  std::string out;
  const Scenario scenario;
  add(out, "top of the file", "Beside these: `platform` and `workload` (required).",
      scenario_fields(), scenario);
  add(out, "[faults]",
      "`preset = \"ftsad\"` first sets what the FTSAD traces were made with (rate 5, the four "
      "attacks "
      "at 0.25 each, 30 s to 130 s); the other keys are laid over it.",
      fault_fields(), scenario.faults);
  add(out, "[faults.shares]", "Which kinds are drawn, relative to one another.",
      fault_share_fields(), scenario.faults);
  for (const auto& section : effect_sections())
    add(out, fmt::format("[faults.{}]", section.key), "What a fault of this kind at strength 1 is.",
        section.fields, scenario.faults);
  add(out, "[[faults.script]]",
      "Faults given one by one, in addition to the drawn ones. A time may count intervals: "
      "`start = \"3 intervals\"`.",
      script_fields(), ScriptDraft{});
  add(out, "[liveness]", "Probing of hosts.", liveness_fields(), scenario.liveness);
  add(out, "[exchange]", "Reports between brokers.", exchange_fields(), scenario.exchange);
  add(out, "[migration]", "Moving and restarting tasks.", migration_fields(), scenario.migration);
  add(out, "[overhead]", "What the policy itself costs its broker.", overhead_fields(),
      scenario.overhead);
  add(out, "[policy]",
      "`[policy.options]` holds any strings, numbers and booleans; the policy itself checks them.",
      policy_fields(), scenario.policy);
  add(out, "[record]", "What is written.", record_fields(), scenario.record);
  add(out, "[platform]",
      "`file = \"pi-config2\"` takes another platform and lays the keys given here over it.",
      platform_fields(), PlatformDraft{});
  add(out, "[platform.kinds.NAME]", "A kind of host.", kind_fields(), HostSpec{});
  add(out, "[[platform.leis]]",
      "Beside these: `hosts`, an array of groups (required), and `broker`, the name of one of its "
      "hosts, by default the first.",
      lei_fields(), LeiDescription{});
  add(out, "an entry of hosts",
      "`{ kind = \"pi4b-4gb\", count = 4 }`; `names = [...]` gives the hosts other names than "
      "lei1-1, lei1-2, ...",
      group_fields(), HostGroup{});
  add(out, "[workload]",
      "`file = \"aiotbench\"` takes another workload and lays the keys given here over it. "
      "`deadlines = \"NAME\"` takes the deadlines of applications that state none of their own "
      "from "
      "a file of workloads/deadlines/. `trace` is the name of a CSV file with the columns time_s, "
      "lei, application, or an array of `[\"12.5 s\", \"lei1\", \"resnet18\"]`; it replaces the "
      "drawn arrivals. A fourth column, images, or a fourth element, a number, gives a task its own "
      "number of images.",
      workload_fields(), Workload{});
  add(out, "[workload.applications.NAME]", "One application; ids follow the order of the file.",
      application_fields(), Application{});
  return out;
}

} // namespace lair
