/// What a policy's object is made with, as it crosses the C boundary.
#pragma once

#include <lair/plugin.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lair {

using PolicyOptions = std::vector<std::pair<std::string, std::string>>;

/// A lair_setup with the arrays behind it. `options` and `platform` must outlive it.
class Setup {
public:
  Setup(const PolicyOptions& options, std::uint32_t lei, std::uint32_t host_total,
        const std::string& platform) {
    for (const auto& [name, value] : options) options_.push_back({name.c_str(), value.c_str()});
    raw_.size = sizeof raw_;
    raw_.option_count = static_cast<std::uint32_t>(options_.size());
    raw_.options = options_.data();
    raw_.lei = lei;
    raw_.host_total = host_total;
    raw_.platform = platform.c_str();
  }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;
  const lair_setup& raw() const { return raw_; }

private:
  std::vector<lair_option> options_;
  lair_setup raw_{};
};

} // namespace lair
