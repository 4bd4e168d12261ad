#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/result_guard.hpp"
#include "cli/templates.hpp"
#include "core/error.hpp"
#include "policy/policy_factory.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

/// It becomes the name of files, a scenario, a policy and a CMake target.
void check_name(const std::string& name) {
  bool fine = !name.empty() && name.size() <= 100;
  for (std::size_t i = 0; fine && i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    fine = letter || (i > 0 && (c == '_' || c == '-' || c == '.'));
  }
  if (fine && name.ends_with(".toml"))
    throw InputError("NAME", "", fmt::format("'{}' is a file's name", name),
                     fmt::format("'{}': the file is called so then", name.substr(0, name.size() - 5)));
  if (!fine)
    throw InputError("NAME", "", fmt::format("'{}' is no name", name),
                     "letters, digits, '_', '-' and '.', beginning with a letter or a digit; a "
                     "place goes to --out");
}

/// `--policies none,none/build/none.so` could not tell them apart.
void refuse_known_policy(const std::string& name) {
  for (const ListedName& known : list_policies())
    if (known.name == name)
      throw InputError("NAME", "", fmt::format("'{}' is the name of a policy of lair's", name), "another name");
}

/// Where this lair's CMake package can be found: the prefix of an installation, or the build folder.
std::string own_prefix() {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  return (folder.filename() == "bin" ? folder.parent_path() : folder).generic_string();
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) throw RunError(fmt::format("cannot create '{}': {}", folder.string(), error.message()));
}

} // namespace

int new_command(const NewOptions& options) {
  check_name(options.name);
  const bool policy = options.what == "policy";
  if (policy) refuse_known_policy(options.name);
  const fs::path out = !options.out.empty() ? options.out
                       : policy             ? options.name
                                            : options.name + ".toml";
  std::vector<NewFile> files;
  if (policy) {
    for (auto& [file, text] : new_policy(options.name, own_prefix()))
      files.emplace_back((out / file).generic_string(), std::move(text));
  } else {
    files.emplace_back(out.generic_string(), options.what == "sweep" ? new_sweep(options.name)
                                                                     : new_scenario(options.name));
  }
  std::error_code error;
  if (fs::exists(out, error) && fs::is_directory(out, error) != policy)
    throw InputError("--out", "",
                     fmt::format("'{}' is {}", out.string(), policy ? "no folder" : "a folder"),
                     policy ? "the name of a folder" : "the name of a file");
  for (const auto& [file, text] : files) refuse_to_overwrite(file, options.force);
  make_folder(policy ? out : out.parent_path());
  for (const auto& [file, text] : files) record::write_file(file, text);
  if (options.json) {
    std::string names;
    for (const auto& [file, text] : files)
      names += (names.empty() ? "" : ", ") + record::json_quoted(file);
    fmt::print("{{\"kind\": {}, \"name\": {}, \"files\": [{}]}}\n", record::json_quoted(options.what),
               record::json_quoted(options.name), names);
    return exit_ok;
  }
  for (const auto& [file, text] : files) fmt::print("{}\n", file);
  if (policy)
    fmt::print("next: cmake -S {0} -B {0}/build && cmake --build {0}/build && lair check {0}/build/{1}.so\n",
               out.generic_string(), options.name);
  else
    fmt::print("next: lair {} {}\n", options.what == "sweep" ? "sweep" : "run", out.generic_string());
  return exit_ok;
}

} // namespace lair::cli
