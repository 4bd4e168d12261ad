#include "policy/plugin_info.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lair {
namespace {

#if defined(__x86_64__)
constexpr unsigned this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned this_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr unsigned this_machine = EM_RISCV;
#else
#error "name this machine's ELF number here"
#endif

using ByteSpan = std::span<const std::byte>;

/// `size` bytes at `offset`, or nothing if they are not all inside.
std::optional<ByteSpan> slice(ByteSpan file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return {};
  return file.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

/// A copy of the T at `offset`, whatever its alignment.
template <class T> std::optional<T> read_at(ByteSpan file, std::uint64_t offset) {
  const auto bytes = slice(file, offset, sizeof(T));
  if (!bytes) return {};
  T value;
  std::memcpy(&value, bytes->data(), sizeof value);
  return value;
}

PluginInfoResult refused(std::string why) { return {std::nullopt, std::move(why)}; }

/// The text of a fixed field, or nothing if it is not terminated or holds control characters (it is
/// going to be printed).
template <std::size_t N> std::optional<std::string> field(const char (&text)[N]) {
  const std::size_t length = strnlen(text, N);
  if (length == N) return {};
  for (std::size_t i = 0; i < length; ++i)
    if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f) return {};
  return std::string(text, length);
}

/// It becomes part of file names and of tables.
bool usable_name(const std::string& name) {
  if (name.empty() || name.front() == '.' || name.front() == '-') return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
          c == '_' || c == '.' || c == '+'))
      return false;
  return true;
}

PluginInfoResult check_section(ByteSpan section) {
  // The first fields stand at the same place in every ABI, so that a version can be refused by
  // name.
  constexpr std::size_t head = offsetof(lair_plugin_info, roles);
  constexpr char magic[16] = LAIR_PLUGIN_MAGIC;
  if (section.size() < head || std::memcmp(section.data(), magic, sizeof magic) != 0)
    return refused("its section " LAIR_PLUGIN_SECTION " does not begin with Lair's mark");
  lair_plugin_info raw{};
  std::memcpy(&raw, section.data(), std::min(section.size(), sizeof raw));
  if (raw.abi_major != LAIR_ABI_MAJOR || raw.abi_minor > LAIR_ABI_MINOR)
    return refused(fmt::format("built for ABI {}.{}, this lair takes {}.{}{}: rebuild it against "
                               "this lair's headers",
                               raw.abi_major, raw.abi_minor, LAIR_ABI_MAJOR, LAIR_ABI_MINOR,
                               LAIR_ABI_MINOR > 0 ? " and older minors" : ""));
  if (raw.size < sizeof raw || section.size() < raw.size)
    return refused(fmt::format("its description is cut off: {} bytes of {}",
                               std::min<std::size_t>(section.size(), raw.size), sizeof raw));
  PluginInfo info;
  const auto name = field(raw.name), version = field(raw.version),
             description = field(raw.description), source = field(raw.source);
  if (!name || !version || !description || !source)
    return refused("a text of its description is not terminated or holds control characters");
  if (!usable_name(*name))
    return refused(
        fmt::format("'{}' is no name for a policy: letters, digits and - _ . + only", *name));
  constexpr std::uint32_t all = LAIR_ROLE_SCHEDULER | LAIR_ROLE_DETECTOR | LAIR_ROLE_REMEDIATOR;
  if (raw.roles == 0 || (raw.roles & ~all) != 0)
    return refused(
        fmt::format("it declares the roles {:#x}, which are none that lair knows", raw.roles));
  if (!std::isfinite(raw.memory)) return refused("the memory it declares is not a finite number");
  info.name = *name;
  info.version = *version;
  info.description = *description;
  info.source = *source;
  info.roles = raw.roles;
  if (raw.memory >= 0) info.memory = raw.memory;
  info.abi_major = raw.abi_major;
  info.abi_minor = raw.abi_minor;
  return {info, {}};
}

/// A file mapped for reading.
class MappedFile {
public:
  explicit MappedFile(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe
    struct stat status {};
    if (file < 0 || ::fstat(file, &status) != 0) {
      problem_ = std::strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
      problem_ = "not a regular file";
    } else if (status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
      if (data_ == MAP_FAILED) {
        problem_ = std::strerror(errno);
        size_ = 0;
      }
    }
    if (file >= 0) ::close(file);
  }
  ~MappedFile() {
    if (size_ > 0) ::munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  const std::string& problem() const { return problem_; }
  ByteSpan bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
  std::string problem_;
};

} // namespace

PluginInfoResult parse_plugin_info(std::span<const std::byte> file) {
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
    return refused("not a Lair policy: not a shared library");
  if (!header) return refused("a shared library that is cut off");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_machine != this_machine)
    return refused("a shared library for another kind of machine");
  if (header->e_type != ET_DYN) return refused("not a Lair policy: not a shared library");
  if (header->e_shoff == 0) return refused("not a Lair policy: its section table was stripped");
  if (header->e_shentsize != sizeof(Elf64_Shdr))
    return refused("a shared library with a broken header");

  const auto section_at = [&](std::uint64_t index) -> std::optional<Elf64_Shdr> {
    if (header->e_shoff > file.size()) return {}; // so that the sum below cannot wrap round
    return read_at<Elf64_Shdr>(file, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  const auto first = section_at(0);
  if (!first) return refused("a shared library that is cut off");
  // Counts that do not fit into the header's 16 bits stand in section 0.
  const std::uint64_t count = header->e_shnum != 0 ? header->e_shnum : first->sh_size;
  const std::uint64_t names_index =
      header->e_shstrndx != SHN_XINDEX ? header->e_shstrndx : first->sh_link;
  if (count > file.size() / sizeof(Elf64_Shdr) || names_index >= count)
    return refused("a shared library that is cut off");
  const auto names_section = section_at(names_index);
  if (!names_section) return refused("a shared library that is cut off");
  const auto names = slice(file, names_section->sh_offset, names_section->sh_size);
  if (!names) return refused("a shared library that is cut off");

  constexpr char wanted[] = LAIR_PLUGIN_SECTION; // compared with its terminator
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto section = section_at(i);
    if (!section) return refused("a shared library that is cut off");
    const auto name = slice(*names, section->sh_name, sizeof wanted);
    if (!name || std::memcmp(name->data(), wanted, sizeof wanted) != 0) continue;
    const auto content = section->sh_type == SHT_NOBITS
                             ? std::nullopt
                             : slice(file, section->sh_offset, section->sh_size);
    if (!content) return refused("its section " LAIR_PLUGIN_SECTION " is cut off");
    return check_section(*content);
  }
  return refused("not a Lair policy: no section " LAIR_PLUGIN_SECTION
                 " (does a source file of it say LAIR_POLICY(...)?)");
}

PluginInfo read_plugin_info(const std::string& path) {
  const MappedFile file(path);
  if (!file.problem().empty())
    throw InputError(path, "", file.problem(), "the path of a policy's shared library");
  PluginInfoResult result = parse_plugin_info(file.bytes());
  if (!result.info) throw PluginError(path, result.problem);
  return *result.info;
}

std::string role_names(std::uint32_t roles) {
  std::string all;
  const auto add = [&](lair_role role, const char* name) {
    if ((roles & role) != 0) all += (all.empty() ? "" : " + ") + std::string(name);
  };
  add(LAIR_ROLE_SCHEDULER, "scheduler");
  add(LAIR_ROLE_DETECTOR, "detector");
  add(LAIR_ROLE_REMEDIATOR, "remediator");
  return all;
}

} // namespace lair
