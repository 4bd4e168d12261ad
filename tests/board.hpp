/// A board with 4 GB as observations made by hand show it: alive, warm or cold, nothing on it.
#pragma once

#include <lair/plugin.h>

#include <cstdint>

inline lair_host board_4gb(std::uint32_t id, bool own, std::uint32_t lei) {
  lair_host h{};
  h.id = id;
  h.lei = lei;
  h.flags = LAIR_HOST_ALIVE | LAIR_HOST_KNOWN;
  if (own) h.flags |= LAIR_HOST_OWN;
  h.cores = 4;
  h.name = "board";
  h.core_flops = 3.2e9;
  h.ram = 4e9;
  h.swap = 2e9;
  h.disk_read = 40e6;
  h.disk_write = 20e6;
  h.disk_random_read = 8e6;
  h.disk_random_write = 4e6;
  h.nic = 125e6;
  h.ram_need = 650e6;
  h.power_max = 4.75;
  return h;
}
