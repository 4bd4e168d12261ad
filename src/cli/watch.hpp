/// A policy library may end the process that it runs in, by a crash or by leaving it. So its run
/// has a process of its own, and this one stays behind to say which policy it was, and in which
/// call.
#pragma once

#include "policy/call_mark.hpp"
#include "scenario/scenario.hpp"

#include <functional>

namespace lair::cli {

/// Runs the body and returns its exit code: here, with a null mark, if the policy is Lair's own;
/// in a child if it names a library. The child reports errors itself, with `json` as main does.
/// PluginError if the library ended it.
int watched(const PolicyConfig&, bool json, const std::function<int(CallMark*)>& body);

} // namespace lair::cli
