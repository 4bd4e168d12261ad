#include "scenario/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace lair {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file = 256u << 20; // a trace of some million tasks
constexpr int deepest_chain = 8;                 // platform files that name platform files

std::string tidy(const fs::path& path) { return path.lexically_normal().generic_string(); }

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::vector<fs::path> folders(const Search& search, const std::string& naming,
                              const std::string& scenario, const std::string& folder) {
  std::vector<fs::path> all;
  const auto add = [&](const fs::path& path) {
    if (std::find(all.begin(), all.end(), path) == all.end()) all.push_back(path);
  };
  for (const auto& file : {naming, scenario}) {
    fs::path at = fs::path(file).parent_path();
    for (int up = 0; up <= 4; ++up, at /= "..") add((at / folder).lexically_normal());
  }
  add(fs::path(folder));
  if (!search.share.empty()) add(fs::path(search.share) / folder);
  return all;
}

} // namespace

std::string stem_of(const std::string& path) {
  std::string stem = fs::path(path).stem().string();
  for (char& c : stem)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
          c == '_' || c == '-'))
      c = '-';
  while (!stem.empty() && (stem.front() == '-' || stem.front() == '.')) stem.erase(0, 1);
  if (stem.size() > 100) stem.resize(100);
  return stem.empty() ? "unnamed" : stem;
}

std::optional<std::string> load_text(Context& context, const std::string& path, unsigned file) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) {
    context.error(file, "", "there is no such file", "the path of a file that exists");
    return std::nullopt;
  }
  if (fs::is_directory(status)) {
    context.error(file, "", "this is a folder", "the path of a file");
    return std::nullopt;
  }
  // Opening one that nobody writes to would wait for ever. The shell's <(...) is a link to a pipe.
  if (fs::is_fifo(fs::symlink_status(path, error))) {
    context.error(file, "", "this is a named pipe", "the path of a file");
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  std::string text;
  std::array<char, 65536> block;
  while (in.read(block.data(), block.size()), in.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file) { // also a device that never ends
      context.error(file, "", "larger than 256 MiB", "a smaller file");
      return std::nullopt;
    }
  }
  if (in.bad() || !in.eof()) {
    context.error(file, "", "cannot be read", "a file that you may read");
    return std::nullopt;
  }
  return text;
}

std::optional<Node> load_document(Context& context, const std::string& path) {
  const unsigned file = context.add_file(path);
  const auto text = load_text(context, path, file);
  if (!text) return std::nullopt;
  Diagnostic error;
  auto node = parse_toml(*text, file, error);
  if (!node) context.error({file, error.line, error.column}, "", error.problem, error.remedy);
  return node;
}

std::string find_file(Context& context, const Search& search, const std::string& scenario,
                      const Node& name, const std::string& key, const std::string& folder,
                      const std::string& extension) {
  std::string what = key.substr(key.rfind('.') + 1);
  if (what == "deadlines") what = "file of deadlines";
  if (!name.is_text() || name.text.empty()) {
    context.error(name.place, key, fmt::format("{} names no file", describe(name.kind)),
                  fmt::format("a name from {}/, or the path of a file", folder));
    return {};
  }
  const std::string& naming = context.file(name.place.file);
  std::vector<fs::path> tried;
  fs::path wanted(name.text);
  if (!wanted.has_extension() || wanted.extension() != extension) wanted += extension;
  // A path is relative to the file that names it, then to the scenario, then to where we are.
  for (const auto& base :
       {fs::path(naming).parent_path(), fs::path(scenario).parent_path(), fs::path()})
    tried.push_back((base / wanted).lexically_normal());
  const auto places = folders(search, naming, scenario, folder);
  for (const auto& place : places) tried.push_back(place / wanted);
  for (const auto& path : tried)
    if (is_file(path)) return tidy(path);

  std::vector<std::string> known;
  for (const auto& place : places) {
    std::error_code error;
    for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == extension) known.push_back(it->path().stem().string());
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::string remedy = fmt::format("a name from {}/ or the path of a file", folder);
  if (const auto near = nearest(name.text, known); !near.empty()) {
    remedy = fmt::format("did you mean '{}'?", near);
  } else if (!known.empty()) {
    remedy = "known:";
    for (const auto& one : known) remedy += (&one == &known.front() ? " " : ", ") + one;
    remedy += "; or the path of a file";
  }
  context.error(name.place, key, fmt::format("there is no {} '{}'", what, name.text), remedy);
  return {};
}

namespace {

std::optional<Node> expand_at(Context& context, const Search& search, const std::string& scenario,
                              Node node, const std::string& key, const std::string& folder,
                              int depth) {
  if (!node.is_table() && !node.is_text()) {
    context.error(node.place, key,
                  fmt::format("{} is neither a name nor a table", describe(node.kind)),
                  fmt::format("a name from {}/ in quotes, or a table", folder));
    return std::nullopt;
  }
  const Node* name = node.is_text() ? &node : node.find("file");
  if (name == nullptr) return node;
  const Node::Place place = name->place;
  if (depth >= deepest_chain) {
    context.error(place, key, "files name one another in a circle", "a file without `file`");
    return std::nullopt;
  }
  const auto path = find_file(context, search, scenario, *name, key, folder);
  if (path.empty()) return std::nullopt;
  auto base = load_document(context, path);
  if (!base) return std::nullopt;
  if (base->find("name") == nullptr) {
    Node stem;
    stem.kind = Node::Kind::text;
    stem.text = stem_of(path);
    stem.place = stem.key_place = {base->place.file, 1, 1};
    base->entries.emplace_back("name", std::move(stem));
  }
  base = expand_at(context, search, scenario, std::move(*base), key, folder, depth + 1);
  if (!base) return std::nullopt;
  if (node.is_table()) {
    std::erase_if(node.entries, [](const Node::Entry& entry) { return entry.first == "file"; });
    overlay(*base, std::move(node));
  }
  return base;
}

} // namespace

std::optional<Node> expand(Context& context, const Search& search, const std::string& scenario,
                           Node node, const std::string& key, const std::string& folder) {
  return expand_at(context, search, scenario, std::move(node), key, folder, 0);
}

} // namespace lair
