#include "policy/call_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace lair {
namespace {

template <std::size_t size> void copy(char (&to)[size], std::string_view from) {
  const std::size_t length = std::min(from.size(), size - 1);
  std::memcpy(to, from.data(), length);
  to[length] = '\0';
}

} // namespace

std::string CallMark::place() const {
  return role[0] == '\0' ? "its constructor " : fmt::format("{}, interval {}: ", role, interval);
}

MarkedCall::MarkedCall(CallMark* mark, const std::string& policy, const char* role,
                       std::uint32_t interval)
    : mark_(mark), process_(mark != nullptr ? getpid() : 0) {
  if (mark_ == nullptr) return;
  copy(mark_->policy, policy);
  copy(mark_->role, role);
  mark_->interval = interval;
  ++mark_->calls;
  mark_->where = CallMark::Where::policy;
}

MarkedCall::~MarkedCall() {
  if (mark_ == nullptr) return;
  // A process that the policy forked and that comes back from the call would run on beside this run,
  // and fork again: it ends here.
  if (getpid() != process_) _exit(0);
  mark_->where = CallMark::Where::lair;
}

} // namespace lair
