/// A small federation made by hand, for tests that read no file.
#pragma once

#include "model/federation.hpp"

#include <string>
#include <vector>

inline lair::Federation make_federation(const std::vector<unsigned>& sizes) {
  lair::Federation federation;
  for (std::uint32_t l = 0; l < sizes.size(); ++l) {
    lair::LeiDescription lei;
    lei.name = "lei" + std::to_string(l + 1);
    for (unsigned h = 0; h < sizes[l]; ++h) {
      const lair::HostId id(static_cast<std::uint32_t>(federation.hosts.size()));
      lei.hosts.push_back(id);
      federation.hosts.push_back({lei.name + "-" + std::to_string(h + 1), {}, lair::LeiId(l)});
    }
    lei.broker = lei.hosts.front();
    federation.leis.push_back(lei);
  }
  return federation;
}
