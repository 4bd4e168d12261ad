#include "policy/call_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace lair {
namespace {

template <std::size_t size> void copy(char (&to)[size], std::string_view from) {
  const std::size_t length = std::min(from.size(), size - 1);
  std::memcpy(to, from.data(), length);
  to[length] = '\0';
}

/// Is one of the files that the run needs not open any more?
bool one_is_closed(const CallMark& mark) {
  pollfd files[CallMark::most_files];
  for (std::uint32_t i = 0; i < mark.file_count; ++i) files[i] = {mark.files[i], 0, 0};
  if (poll(files, mark.file_count, 0) <= 0) return false;
  return std::any_of(files, files + mark.file_count,
                     [](const pollfd& one) { return (one.revents & POLLNVAL) != 0; });
}

} // namespace

std::vector<int> open_descriptors() {
  std::vector<int> all;
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return all;
  while (const dirent* entry = readdir(folder)) {
    int number = -1;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, number).ptr == end && number != dirfd(folder))
      all.push_back(number);
  }
  closedir(folder);
  std::sort(all.begin(), all.end());
  return all;
}

void need_descriptors(CallMark& mark, const std::vector<int>& now, const std::vector<int>& before) {
  for (const int file : now)
    if (mark.file_count < CallMark::most_files &&
        !std::binary_search(before.begin(), before.end(), file))
      mark.files[mark.file_count++] = file;
}

void hide_output(CallMark& mark) {
  std::fflush(stdout);
  constexpr int out_of_the_way = 512; // of a policy that closes the first few
  mark.output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, out_of_the_way);
  if (mark.output < 0) mark.output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (mark.output >= 0) dup2(STDERR_FILENO, STDOUT_FILENO);
}

void show_output(CallMark& mark) {
  if (mark.output < 0) return;
  std::cout.flush(); // what policies wrote goes where it was meant to go
  std::fflush(stdout);
  dup2(mark.output, STDOUT_FILENO);
  close(mark.output);
  mark.output = -1;
}

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
  if (one_is_closed(*mark_)) { // nothing can be written any more: the process that watches says so
    mark_->closed = true;
    _exit(1);
  }
  mark_->where = CallMark::Where::lair;
}

} // namespace lair
