/// Readers of a scenario's two large parts, from expanded tables.
#pragma once

#include "scenario/context.hpp"
#include "scenario/reader.hpp"

#include <string>

namespace lair {

/// `path`: "platform" within a scenario, "" in a file of its own.
Federation read_federation(Context& context, const Node& table, const std::string& path);

std::vector<HostSpec> read_kinds(Context& context, const Node& table, const std::string& path);

/// A file of deadlines. Its applications are not looked up.
void read_deadlines_document(Context& context, const Node& document, DeadlineTable& out);

/// `federation` looks up the LEIs of a trace; may be null.
Workload read_workload_table(Context& context, const Search& search, const std::string& scenario,
                             const Node& table, const std::string& path,
                             const Federation* federation);

/// `prefix`: "platform." within a scenario, "" in a file of its own.
std::string write_federation(const Federation& federation, const std::string& prefix);

std::string default_host_name(const std::string& lei, std::size_t number); ///< lei1-2
std::string default_lei_name(std::size_t number);                          ///< lei1

} // namespace lair
