// The description of a plugin, read from bytes that may be anything.
#include "policy/plugin_info.hpp"

#include "core/random.hpp"
#include "support.hpp"

#include <cstring>
#include <span>

using namespace lair;

namespace {

PluginInfoResult parse(const std::string& bytes) {
  // On the heap and of the exact size, so that a sanitizer sees the first byte read outside.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return parse_plugin_info(std::as_bytes(std::span(exact)));
}

/// The good plugin with its description changed.
template <class Change> std::string changed(Change&& change) {
  std::string bytes = read_bytes(plugin("good"));
  const std::size_t at = bytes.find(std::string(LAIR_PLUGIN_MAGIC));
  REQUIRE(at != std::string::npos);
  lair_plugin_info info;
  std::memcpy(&info, bytes.data() + at, sizeof info);
  change(info);
  std::memcpy(bytes.data() + at, &info, sizeof info);
  return bytes;
}

} // namespace

TEST_CASE("the description survives hidden symbols and collected sections") {
  const PluginInfo info = read_plugin_info(plugin("good"));
  CHECK(info.name == "good");
  CHECK(info.version == "2.1");
  CHECK(info.description == "a policy that keeps every rule");
  CHECK(info.source == "tests");
  CHECK(info.roles == (LAIR_ROLE_SCHEDULER | LAIR_ROLE_DETECTOR | LAIR_ROLE_REMEDIATOR));
  CHECK(info.memory == 3e6);
  CHECK(info.abi_major == 1);
  CHECK(info.abi_minor == 2);
  CHECK(role_names(info.roles) == "scheduler + detector + remediator");
}

TEST_CASE("a policy in plain C is described in the same way") {
  CHECK(read_plugin_info(plugin("raw")).name == "raw");
  CHECK(read_plugin_info(plugin("raw")).abi_minor == 2);
  CHECK(read_plugin_info(plugin("raw_1_0")).abi_minor == 0); // an older minor is taken
}

TEST_CASE("versions are named when they do not fit") {
  const std::string major =
      message_of<PluginError>([] { read_plugin_info(plugin("raw_wrong_major")); });
  CHECK(contains(major, "built for ABI 2.2, this lair takes 1.2 and older minors"));
  CHECK(contains(major, "raw_wrong_major.so"));
  const std::string minor =
      message_of<PluginError>([] { read_plugin_info(plugin("raw_higher_minor")); });
  CHECK(contains(minor, "built for ABI 1.9, this lair takes 1.2 and older minors"));
}

TEST_CASE("what is no policy is refused, with the reason") {
  CHECK(contains(message_of<InputError>([] { read_plugin_info("no/such/file.so"); }),
                 "no/such/file.so: No such file"));
  CHECK(
      contains(message_of<InputError>([] { read_plugin_info(PLUGIN_DIR); }), "not a regular file"));
  CHECK(contains(parse("").problem, "not a shared library"));
  CHECK(contains(
      parse("this is a text file, not a library, and long enough to hold an ELF header").problem,
      "not a shared library"));
  CHECK(contains(parse(read_bytes("/proc/self/exe")).problem, "not a Lair policy"));
  CHECK(
      contains(message_of<PluginError>([] { read_plugin_info(plugin("raw_no_roles")); }), "roles"));
  CHECK(contains(message_of<PluginError>([] { read_plugin_info(plugin("raw_bad_name")); }),
                 "no name for a policy"));
}

TEST_CASE("each field of the description is checked") {
  CHECK(parse(changed([](auto&) {})).info.has_value());
  CHECK(contains(parse(changed([](auto& info) { info.magic[3] = 'x'; })).problem, "Lair's mark"));
  CHECK(contains(parse(changed([](auto& info) { info.size = 40; })).problem, "cut off"));
  CHECK(contains(parse(changed([](auto& info) { info.size = 1 << 30; })).problem, "cut off"));
  CHECK(contains(
      parse(changed([](auto& info) { std::memset(info.name, 'a', sizeof info.name); })).problem,
      "not terminated"));
  CHECK(contains(parse(changed([](auto& info) { info.source[0] = '\x1b'; })).problem, "control"));
  CHECK(contains(parse(changed([](auto& info) { info.name[0] = '\0'; })).problem, "no name"));
  CHECK(contains(parse(changed([](auto& info) { info.roles = 8; })).problem, "roles"));
  CHECK(contains(parse(changed([](auto& info) { info.memory = 0.0 / 0.0; })).problem, "finite"));
  CHECK_FALSE(parse(changed([](auto& info) { info.memory = -1; })).info->memory.has_value());
  CHECK(contains(parse(changed([](auto& info) {
                   info.abi_major = 2;
                   info.size = 24;
                 })).problem,
                 "ABI 2.2"));
}

TEST_CASE("a library cut off anywhere is refused") {
  const std::string whole = read_bytes(plugin("raw"));
  REQUIRE(parse(whole).info.has_value());
  // The section table stands at the end of the file, so nothing shorter can be complete.
  for (std::size_t length = 0; length < whole.size(); length += length < 256 ? 1 : 97) {
    const PluginInfoResult result = parse(whole.substr(0, length));
    CHECK_FALSE(result.info.has_value());
    CHECK_FALSE(result.problem.empty());
  }
}

TEST_CASE("hostile headers are refused or read, never followed outside") {
  const std::string whole = read_bytes(plugin("raw"));
  RandomStream random(1, "hostile headers");
  std::uint64_t table = 0;
  std::memcpy(&table, whole.data() + 40, sizeof table); // e_shoff
  REQUIRE(table < whole.size());
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = whole;
    for (std::uint32_t k = 0; k <= random.below(4); ++k) {
      // Half the changes into the file's header, half into its section table.
      const std::size_t at =
          random.below(2) == 0
              ? 4 + random.below(60)
              : table + random.below(static_cast<std::uint32_t>(whole.size() - table));
      bytes[at] = static_cast<char>(random.below(3) == 0 ? 0xff : random.below(256));
    }
    const PluginInfoResult result = parse(bytes);
    CHECK(result.info.has_value() == result.problem.empty());
  }
}
