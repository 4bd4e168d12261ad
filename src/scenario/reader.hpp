/// From TOML files to scenarios, platforms and workloads, and back. Bad input throws InputError
/// with everything that is wrong with it: `file:line:column: key: what is wrong: what would be
/// right`.
#pragma once

#include "core/error.hpp"
#include "scenario/scenario.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lair {

/// Where named platforms and workloads are looked for: in platforms/ and workloads/ beside the file
/// that names them or up to four folders above it, then in the current directory, then in `share`.
struct Search {
  std::string share; ///< an install's share/lair; "" = none
  /// A [sweep] table is left alone (sweep_table.hpp reads it). Otherwise it is refused: whoever runs
  /// the file once would take its result for an answer.
  bool sweep = false;
};

/// What is wrong with a policy's names and options, by key: known to others than this room.
using PolicyCheck = std::function<std::vector<Diagnostic>(const PolicyConfig&)>;

/// `overrides`: "key=value" with the key's path, as in `--set faults.rate=2`. `check` is asked when
/// something else is wrong already, so that everything is said at once.
Scenario read_scenario(const std::string& path, const std::vector<std::string>& overrides = {},
                       const Search& search = {}, const PolicyCheck& check = {});
/// The same from memory; `path` names it in messages and is where its neighbours are looked for.
Scenario read_scenario_text(std::string_view text, const std::string& path,
                            const std::vector<std::string>& overrides = {},
                            const Search& search = {});
Federation read_platform(const std::string& path, const Search& search = {});
/// A recorded trace's LEIs cannot be looked up without a federation and stay none.
Workload read_workload(const std::string& path, const Search& search = {});

/// The kinds of host in a file that has no LEIs, which platforms name with `file`.
std::vector<HostSpec> read_boards(const std::string& path);

/// SLO deadlines from calibration runs, and how they were made.
struct DeadlineTable {
  std::string policy, seeds, command;
  std::string scenario, scenario_hash, method; ///< empty if the file does not say
  std::vector<std::pair<std::string, Seconds>> deadlines; ///< by application, as in the file
};
DeadlineTable read_deadline_table(const std::string& path);
/// Finds what such a table calls its scenario: from the current folder, from the table's folder or
/// up to four above it, or in `share`. Empty if it is nowhere.
std::string find_calibration(const DeadlineTable&, const std::string& path, const Search& = {});

enum class FileKind { scenario, platform, boards, workload, deadlines, plugin, unknown };
/// By content (by name for shared libraries). InputError if it cannot be read or is not TOML.
FileKind detect_kind(const std::string& path);

/// Every key with its value, as TOML that reads back to the same scenario: Scenario::resolved.
std::string write_scenario(const Scenario& scenario);
/// 32 hex digits over write_scenario() without seed and policy: Scenario::hash.
std::string scenario_hash(const Scenario& scenario);
/// A platform file of its own.
std::string write_platform(const Federation& federation);

/// The reference of all keys, as Markdown (docs/scenarios.md).
std::string key_reference();
/// JSON Schema (draft 2020-12) of a kind of file, as JSON: what editors complete and check against.
/// It knows keys, types, units, choices and the ranges of plain numbers; what depends on other keys
/// or files is the reader's. `kind`: one of schema_kinds().
std::string json_schema(std::string_view kind);
std::vector<std::string> schema_kinds(); ///< scenario, platform, boards, workload

struct PlatformRequest {
  std::uint32_t leis = 4, hosts_per_lei = 4; ///< brokers included
  std::string kind = "mixed";                ///< pi4b-4gb, pi4b-8gb, or mixed: they take turns
  std::uint64_t seed = 61;                   ///< of the WAN latencies
};
/// A platform of any size as TOML text. InputError for a size of 0 or above 200,000 hosts.
std::string generate_platform(const PlatformRequest& request);

/// One-way latency from a LEI's gateway into the WAN, U(5 ms, 25 ms) rounded to 0.1 ms; a pair's is
/// the sum. The draws of seed 61 stand in the shipped platforms.
std::vector<Seconds> draw_wan_latencies(std::uint32_t leis, std::uint64_t seed);

} // namespace lair
