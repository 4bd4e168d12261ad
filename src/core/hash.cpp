#include "core/hash.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lair {

struct Hash128::State {
  XXH3_state_t xxh;
};

Hash128::Hash128() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Hash128::~Hash128() = default;
Hash128::Hash128(Hash128&&) noexcept = default;

void Hash128::update(const void* data, std::size_t size) {
  XXH3_128bits_update(&state_->xxh, data, size);
}

std::string Hash128::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash128_hex(std::string_view text) {
  Hash128 hash;
  hash.update(text.data(), text.size());
  return hash.hex();
}

} // namespace lair
