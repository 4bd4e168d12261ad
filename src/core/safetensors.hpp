/// Named arrays of numbers in one file, as safetensors has them: 8 bytes of header length, a JSON
/// header with each array's name, type, shape and place, then little-endian numbers. Many programs
/// read it; no code is ever read from it. https://github.com/huggingface/safetensors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lair {

enum class ElementType { u8, u32, u64, f32, f64 };
std::size_t size_of(ElementType);

struct StoredArray {
  std::string name;
  ElementType type{};
  std::vector<std::uint64_t> shape;
  std::string_view bytes; ///< of somebody else's memory
};

struct ArrayFile {
  std::vector<StoredArray> arrays; ///< in the order in which they lie in the file
  std::map<std::string, std::string> metadata;
};

/// The same arrays and texts give the same bytes.
std::string to_safetensors(const ArrayFile&);

/// Arrays point into `bytes`. InputError, naming `file` and saying `remedy`, if these are not whole.
/// Numbers are taken as they are.
ArrayFile from_safetensors(std::string_view bytes, const std::string& file,
                           const std::string& remedy);

} // namespace lair
