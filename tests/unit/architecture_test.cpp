// The rooms include only what docs/architecture.md allows them: its table is read, and every
// #include of the source tree is held against it. Run from the source tree's root.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct Include {
  std::string file; ///< as in the tree
  int line = 0;
  std::string name;
  bool quoted = false;
};

std::vector<Include> includes_under(const std::string& folder) {
  std::vector<Include> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string kind = entry.path().extension().string();
    if (kind != ".cpp" && kind != ".hpp" && kind != ".h" && kind != ".c") continue;
    std::ifstream file(entry.path());
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      const auto hash = line.find_first_not_of(" \t");
      if (hash == std::string::npos || line[hash] != '#') continue;
      const auto word = line.find_first_not_of(" \t", hash + 1);
      if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
      const auto open = line.find_first_of("<\"", word);
      if (open == std::string::npos) continue; // a macro's: none of ours
      const auto close = line.find_first_of(">\"", open + 1);
      REQUIRE(close != std::string::npos);
      all.push_back({entry.path().generic_string(), number, line.substr(open + 1, close - open - 1),
                     line[open] == '"'});
    }
  }
  return all;
}

/// Words of a table's cell: letters, digits, _ and /.
std::vector<std::string> words(const std::string& cell) {
  std::vector<std::string> out(1);
  for (const char c : cell + ' ') {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '/') out.back() += c;
    else if (!out.back().empty()) out.emplace_back();
  }
  out.pop_back();
  return out;
}

struct Room {
  std::set<std::string> knows, libraries;
};

/// The table of rooms: | `room` | what | knows | library |
std::map<std::string, Room> rooms() {
  std::map<std::string, Room> all;
  std::ifstream page("docs/architecture.md");
  bool in_table = false;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| room |", 0) == 0) in_table = true;
    if (!in_table) continue;
    if (line.empty()) break;
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    if (cells.size() < 5 || words(cells[1]).size() != 1 || words(cells[1])[0] == "room") continue;
    if (cells[1].find('`') == std::string::npos) continue; // the line of dashes
    Room& room = all[words(cells[1])[0]];
    for (const auto& known : words(cells[3])) room.knows.insert(known);
    for (const auto& library : words(cells[4])) room.libraries.insert(library);
  }
  return all;
}

/// "src/world/sim/world.cpp" -> "world/sim"; empty for what is in no room.
std::string room_of(const std::string& path, const std::map<std::string, Room>& rooms) {
  for (const auto& [name, room] : rooms)
    if (path.rfind("src/" + name + "/", 0) == 0) return name;
  return "";
}

/// Which heavy library a header belongs to; empty for none.
std::string library_of(const std::string& header) {
  static const std::vector<std::pair<std::string, std::string>> heavy = {
      {"simgrid/", "simgrid"}, {"xbt/", "simgrid"},       {"toml++/", "toml"},
      {"toml.hpp", "toml"},    {"CLI/", "CLI"},           {"nlohmann/", "nlohmann"},
      {"torch/", "torch"},     {"ATen/", "torch"},        {"c10/", "torch"},
      {"boost/", "boost"},     {"doctest/", "doctest"},   {"httplib.h", "http"},
      {"sqlite3.h", "sqlite"}, {"Cbc", "cbc"},           {"Cgl", "cbc"},
      {"Coin", "cbc"},         {"Osi", "cbc"}};
  for (const auto& [prefix, library] : heavy)
    if (header.rfind(prefix, 0) == 0) return library;
  return "";
}

} // namespace

TEST_CASE("every room of the tree is in the table, and every room of the table in the tree") {
  const auto all = rooms();
  REQUIRE(all.size() >= 10);
  for (const auto& [name, room] : all) {
    INFO(name);
    CHECK(fs::is_directory("src/" + name));
    for (const auto& known : room.knows) {
      INFO(known);
      CHECK(all.count(known) == 1);
      CHECK(all.at(known).knows.count(name) == 0); // no arrow both ways
    }
  }
  for (const auto& entry : fs::recursive_directory_iterator("src"))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp") {
      INFO(entry.path().generic_string());
      CHECK(room_of(entry.path().generic_string(), all) != "");
    }
}

TEST_CASE("rooms include only themselves, core, the policy's interface and the rooms they know") {
  const auto all = rooms();
  std::size_t seen = 0;
  for (const Include& i : includes_under("src")) {
    if (!i.quoted) continue;
    const std::string from = room_of(i.file, all), to = room_of("src/" + i.name, all);
    INFO(i.file, ":", i.line, ": ", i.name);
    REQUIRE(from != "");
    CHECK(to != ""); // quoted includes name a room's file from src/
    if (to == "") continue;
    ++seen;
    const bool allowed = to == from || to == "core" || all.at(from).knows.count(to) == 1;
    CHECK(allowed);
  }
  CHECK(seen > 100); // else the includes were not read
}

TEST_CASE("heavy libraries stand in the rooms that the table names, and in few files") {
  const auto all = rooms();
  std::map<std::string, std::set<std::string>> files;
  for (const Include& i : includes_under("src")) {
    const std::string library = library_of(i.name), room = room_of(i.file, all);
    if (library == "") continue;
    INFO(i.file, ":", i.line, ": ", i.name);
    CHECK(all.at(room).libraries.count(library) == 1);
    files[library].insert(i.file);
  }
  using Files = std::set<std::string>;
  // The only file to change for a release of SimGrid.
  CHECK(files["simgrid"] == Files{"src/world/sim/sg_compat.hpp"});
  CHECK(files["toml"] == Files{"src/scenario/document.cpp"});
  CHECK(files["CLI"] == Files{"src/cli/arguments.cpp"});
  CHECK(files["nlohmann"] == Files{"src/core/safetensors.cpp", "src/learn/model_file.cpp",
                                   "src/record/comparison_output.cpp",
                                   "src/record/summary.cpp", "src/timeline/events.cpp"});
  CHECK(files["torch"] == Files{"src/learn/graph_lstm_loss.cpp", "src/learn/network.cpp",
                                "src/learn/sparse_loss.cpp", "src/learn/step_gan_loss.cpp", "src/learn/surrogate_loss.cpp",
                                "src/learn/torch_tools.cpp",
                                "src/learn/torch_tools.hpp"});
  CHECK(files["cbc"] == Files{"src/ilp/cbc.cpp"});
  CHECK(files.count("doctest") == 0);
}

TEST_CASE("what a policy's author includes reaches the standard library only") {
  std::size_t seen = 0;
  for (const Include& i : includes_under("include/lair")) {
    INFO(i.file, ":", i.line, ": ", i.name);
    // The standard's headers are the ones without a folder; stdint.h and stddef.h are C's.
    const bool standard = i.name.find('/') == std::string::npos &&
                          (i.name.find('.') == std::string::npos || i.name == "stdint.h" ||
                           i.name == "stddef.h");
    const bool ours = i.name.rfind("lair/", 0) == 0 && fs::exists("include/" + i.name);
    const bool allowed = standard || ours;
    CHECK(allowed);
    CHECK_FALSE(i.quoted);
    ++seen;
  }
  CHECK(seen > 10);
}

TEST_CASE("policies see no world, and worlds are asked for by the program only") {
  for (const Include& i : includes_under("src")) {
    INFO(i.file, ":", i.line, ": ", i.name);
    if (i.name.rfind("world/", 0) == 0) {
      const bool allowed = i.file.rfind("src/world/", 0) == 0 || i.file.rfind("src/cli/", 0) == 0;
      CHECK(allowed);
    }
    // SimGrid's version is looked at in one file.
    if (i.name == "simgrid/version.h") CHECK(i.file == "src/world/sim/sg_compat.hpp");
  }
}
