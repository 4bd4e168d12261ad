/// 128-bit hashes for fingerprints and names of inputs: XXH3 (not cryptographic).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace lair {

/// Hash of what was passed to update(), in order.
class Hash128 {
public:
  Hash128();
  ~Hash128();
  Hash128(Hash128&&) noexcept;
  void update(const void* data, std::size_t size);
  std::string hex() const; ///< 32 digits; may be asked at any time

private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hash128_hex(std::string_view text);

} // namespace lair
