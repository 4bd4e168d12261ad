#include "core/safetensors.hpp"

#include "core/error.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cstring>

namespace lair {

namespace {

static_assert(std::endian::native == std::endian::little, "files are little-endian");

using Json = nlohmann::ordered_json;

constexpr std::uint64_t largest_header = 1 << 22;
constexpr std::uint64_t largest_array = std::uint64_t(1) << 40; ///< elements

struct TypeName {
  ElementType type;
  const char* name;
  std::size_t size;
};
constexpr std::array<TypeName, 5> types = {{{ElementType::u8, "U8", 1},
                                            {ElementType::u32, "U32", 4},
                                            {ElementType::u64, "U64", 8},
                                            {ElementType::f32, "F32", 4},
                                            {ElementType::f64, "F64", 8}}};

const TypeName& entry_of(ElementType type) { return types.at(static_cast<std::size_t>(type)); }

} // namespace

std::size_t size_of(ElementType type) { return entry_of(type).size; }

std::string to_safetensors(const ArrayFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::size_t offset = 0;
  for (const StoredArray& array : file.arrays) {
    std::size_t count = 1;
    for (const std::uint64_t size : array.shape) count *= size;
    LAIR_ASSERT(array.bytes.size() == count * size_of(array.type), "an array that fills its shape");
    const std::size_t end = offset + array.bytes.size();
    header[array.name] = {{"dtype", entry_of(array.type).name},
                          {"shape", array.shape},
                          {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' '); // numbers begin at a multiple of 8
  const std::uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes.reserve(bytes.size() + text.size() + offset);
  bytes += text;
  for (const StoredArray& array : file.arrays) bytes += array.bytes;
  return bytes;
}

ArrayFile from_safetensors(std::string_view bytes, const std::string& file,
                           const std::string& remedy) {
  const auto refuse = [&](const std::string& key, const std::string& problem) {
    throw InputError(file, key, problem, remedy);
  };
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) refuse("", "is too short for safetensors");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > largest_header || length > bytes.size() - sizeof length)
    refuse("", "is no safetensors file, or cut off: its header would be " + std::to_string(length) +
                   " bytes long");
  const std::string_view header = bytes.substr(sizeof length, length);
  const std::string_view numbers = bytes.substr(sizeof length + length);
  ArrayFile out;
  try {
    std::uint64_t expected = 0;
    const Json json = Json::parse(header.begin(), header.end()); // items() refers to it
    for (const auto& [name, entry] : json.items()) {
      if (name == "__metadata__") {
        for (const auto& [key, text] : entry.items()) out.metadata[key] = text.get<std::string>();
        continue;
      }
      StoredArray array{name, {}, {}, {}};
      const auto type_name = entry.at("dtype").get<std::string>();
      const TypeName* type = nullptr;
      for (const TypeName& one : types)
        if (type_name == one.name) type = &one;
      if (type == nullptr) {
        refuse(name, "is of type " + type_name + ", which this program does not read");
        continue;
      }
      array.type = type->type;
      std::uint64_t count = 1;
      for (const Json& size : entry.at("shape")) {
        const auto value = size.get<std::uint64_t>();
        if (value > largest_array || (value > 0 && count > largest_array / value))
          refuse(name, "has a shape larger than any file");
        count *= value;
        array.shape.push_back(value);
      }
      const auto begin = entry.at("data_offsets").at(0).get<std::uint64_t>();
      const auto end = entry.at("data_offsets").at(1).get<std::uint64_t>();
      if (begin != expected || end != begin + type->size * count || end > numbers.size())
        refuse(name, "lies outside the file, which is cut off or damaged");
      expected = end;
      array.bytes = numbers.substr(begin, end - begin);
      out.arrays.push_back(std::move(array));
    }
    if (expected != numbers.size()) refuse("", "has bytes that belong to no tensor");
  } catch (const Json::exception& problem) {
    refuse("", std::string("has no readable safetensors header: ") + problem.what());
  }
  return out;
}

} // namespace lair
