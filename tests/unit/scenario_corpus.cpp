/// The corpus of broken files: each says in its first line which diagnostic comes first. And what
/// a fuzzer would do first: cut and changed files must be refused or read, never crash.
#include "core/error.hpp"
#include "core/random.hpp"
#include "scenario/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace lair;
namespace fs = std::filesystem;

namespace {

const std::string folder = "tests/fuzz/corpus/broken/";

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Reads and forgets; true if it was a scenario.
bool feed(const std::string& text) {
  try {
    const auto scenario = read_scenario_text(text, "scenarios/fed.toml");
    // What was accepted must survive a round trip.
    REQUIRE(read_scenario_text(scenario.resolved, "x.toml").resolved == scenario.resolved);
    return true;
  } catch (const InputError& error) {
    REQUIRE(!error.diagnostics().empty());
    return false;
  }
}

} // namespace

TEST_CASE("every broken file is refused for the reason it was broken") {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    const auto file = entry.path().generic_string();
    const auto text = read_text(file);
    const std::string mark = "# expect: ";
    REQUIRE_MESSAGE(text.rfind(mark, 0) == 0, file);
    const auto expected = folder + text.substr(mark.size(), text.find('\n') - mark.size());
    ++files;
    try {
      read_scenario(file);
      FAIL_CHECK(file << " was accepted");
    } catch (const InputError& error) {
      CHECK(error.diagnostics().front().text() == expected);
      for (const auto& diagnostic : error.diagnostics()) {
        CHECK(!diagnostic.problem.empty());
        CHECK(!diagnostic.remedy.empty());
      }
    }
  }
  CHECK(files >= 70);
}

TEST_CASE("seeds of the fuzzer are scenarios") {
  for (const auto& entry : fs::directory_iterator("tests/fuzz/corpus/seeds"))
    CHECK_MESSAGE(feed(read_text(entry.path())), entry.path().generic_string());
}

TEST_CASE("cut files") {
  for (const auto* file :
       {"scenarios/stress/all-faults.toml", "tests/fuzz/corpus/seeds/inline.toml"}) {
    const auto text = read_text(file);
    int accepted = 0;
    for (std::size_t length = 0; length <= text.size(); ++length)
      accepted += feed(text.substr(0, length));
    CHECK(accepted > 0);
  }
}

TEST_CASE("changed files") {
  RandomStream random(1, "mutations");
  const auto resolved = read_scenario("scenarios/quickstart.toml").resolved;
  const std::string letters = "\"=[]{}.,#'\n \\-0123456789eEinfnatrue\x01\xff";
  int accepted = 0;
  for (int i = 0; i < 1500; ++i) {
    auto text = resolved;
    for (auto n = 1 + random.below(3); n > 0; --n) {
      const auto at = random.below(static_cast<std::uint32_t>(text.size()));
      const char letter = letters[random.below(static_cast<std::uint32_t>(letters.size()))];
      switch (random.below(3)) {
      case 0: text[at] = letter; break;
      case 1: text.insert(at, 1, letter); break;
      default: text.erase(at, 1 + random.below(5)); break;
      }
    }
    accepted += feed(text);
  }
  CHECK(accepted > 50);   // digits changed
  CHECK(accepted < 1450); // the rest refused
}

TEST_CASE("hostile shapes") {
  CHECK(!feed(std::string(100000, '[')));
  CHECK(!feed("a" + std::string(5000, '.') + "b = 1"));
  CHECK(!feed("platform = \"" + std::string(100000, 'x') + "\"\n"));
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "key" + std::to_string(i) + " = 1\n";
  CHECK(!feed(many));
  CHECK(!feed(std::string("seed = 1\0\n", 10)));
  std::string deep = "v = ";
  for (int i = 0; i < 1000; ++i) deep += "{a = ";
  CHECK(!feed(deep));
}
