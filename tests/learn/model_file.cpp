// Model files: what is written is read again, the same model gives the same bytes, and whatever is
// wrong with a file is said.
#include "learn/model_file.hpp"
#include "learn/model_path.hpp"

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace lair;
using namespace lair::learn;

namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

Model small_model() {
  Model model;
  model.network.width = 8;
  model.network.window = 2;
  RandomStream random(1, "model");
  model.weights = initial_weights(model.network, random);
  model.normalisation.low.assign(6, 0.0);
  model.normalisation.high = {1, 1, 40e6, 20e6, 125e6, 125e6};
  model.calibration = {0.1, 0.2, 0.3};
  model.provenance = {{"command", "lair train"}, {"seed", "1"}};
  model.detector = {{"climber", "adam"}};
  return model;
}

std::string refusal(const std::string& path) {
  try {
    load_model(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// The one file of numbers beside a manifest.
std::string weights_file(const std::string& manifest) {
  std::string found;
  const std::string stem = std::filesystem::path(manifest).stem().string() + ".";
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(manifest).parent_path())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(stem) || !name.ends_with(".safetensors")) continue;
    REQUIRE(found == "");
    found = entry.path().string();
  }
  REQUIRE(found != "");
  return found;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("a model comes back as it was, and its files have one form") {
  const TemporaryFolder folder("model");
  const std::string one = folder.path + "/one.json", two = folder.path + "/two.json";
  Model model = small_model();
  save_model(model, one);
  Model back = load_model(one);
  CHECK(back.network == model.network);
  CHECK(back.hash == model.hash);
  CHECK(back.calibration == model.calibration);
  CHECK(back.provenance == model.provenance);
  CHECK(back.normalisation.high == model.normalisation.high);
  REQUIRE(back.weights.tensors.size() == model.weights.tensors.size());
  for (std::size_t i = 0; i < back.weights.tensors.size(); ++i) {
    CHECK(back.weights.tensors[i].name == model.weights.tensors[i].name);
    CHECK(back.weights.tensors[i].values == model.weights.tensors[i].values);
  }
  save_model(back, two);
  const std::string numbers = weights_file(two).substr(folder.path.size() + 4);
  CHECK(bytes_of(weights_file(one)) == bytes_of(weights_file(two)));
  CHECK(replaced(bytes_of(two), "two" + numbers, "one" + numbers) == bytes_of(one));
  CHECK(back.detector == model.detector);
  CHECK(back.normalisation.curve == Curve::linear);
  CHECK(bytes_of(one).find("curve") == std::string::npos);
}

TEST_CASE("a bent scale: half of it is the training range, the rest is up to ten times that") {
  const TemporaryFolder folder("model");
  const std::string path = folder.path + "/bent.json";
  Model model = small_model();
  model.normalisation.curve = Curve::knee;
  save_model(model, path);
  const Normalisation bent = load_model(path).normalisation;
  CHECK(bent.curve == Curve::knee);
  CHECK(bent.to_unit(2, 0) == 0);
  CHECK(bent.to_unit(2, 10e6) == doctest::Approx(0.125));
  CHECK(bent.to_unit(2, 40e6) == doctest::Approx(0.5));
  CHECK(bent.to_unit(2, 400e6) == doctest::Approx(1));
  double before = -1;
  for (double raw = -1e6; raw < 800e6; raw += 1e6) {
    CHECK(bent.to_unit(2, raw) > before);
    before = bent.to_unit(2, raw);
    CHECK(bent.from_unit(2, before) == doctest::Approx(raw));
  }
  write(path, replaced(bytes_of(path), "\"knee\"", "\"elbow\""));
  CHECK(says(refusal(path), "neither 'linear' nor 'knee'"));
}

TEST_CASE("a manifest that was changed is refused, one from before there were checksums is not") {
  const TemporaryFolder folder("model");
  const std::string path = folder.path + "/m.json";
  Model model = small_model();
  save_model(model, path);
  const std::string good = bytes_of(path);
  write(path, replaced(good, "0.2", "0.25"));
  CHECK(says(refusal(path), "checksum"));
  const auto at = good.find(",\n \"checksum\""), end = good.find('\n', at + 2);
  REQUIRE(at != std::string::npos);
  std::string without = good;
  without.erase(at, end - at);
  write(path, without);
  CHECK(refusal(path) == "");
  write(path, replaced(without, "\"ram\"", "\"cpu\""));
  CHECK(says(refusal(path), "stands there twice"));
  write(path, replaced(without, "40000000.0", "1e-320"));
  CHECK(says(refusal(path), "a range that no metric has"));
}

TEST_CASE("whatever is wrong with a model is said, with the file's name") {
  const TemporaryFolder folder("model");
  const std::string path = folder.path + "/m.json";
  Model model = small_model();
  save_model(model, path);
  const std::string data = weights_file(path);
  const std::string manifest = bytes_of(path), numbers = bytes_of(data);
  REQUIRE(refusal(path) == "");

  CHECK(says(refusal(folder.path + "/none.json"), "no such model file"));
  std::string spoilt = numbers;
  spoilt[numbers.size() / 2] ^= 1;
  write(data, spoilt);
  CHECK(says(refusal(path), "damaged"));
  CHECK(says(refusal(path), data));
  write(data, numbers.substr(0, numbers.size() - 4));
  CHECK(says(refusal(path), "damaged"));
  std::filesystem::remove(data);
  CHECK(says(refusal(path), "no such model file"));
  write(data, numbers);

  const auto with = [&](const std::string& from, const std::string& to) {
    write(path, replaced(manifest, from, to));
    return refusal(path);
  };
  CHECK(says(with("\"width\": 8", "\"width\": 9"), "has shape"));
  CHECK(says(with("\"depth\": 1", "\"depth\": 2"), "is no tensor of the network"));
  CHECK(says(with("\"width\": 8", "\"width\": -8"), "not a whole number"));
  CHECK(says(with("\"version\": 1", "\"version\": 2"), "this program reads 1"));
  CHECK(says(with("lair-gon", "other"), "not a GON"));
  CHECK(says(with("\"tanh\"", "\"sin\""), "neither"));
  CHECK(says(with("\"cpu\"", "\"alive\""), "no metric"));
  CHECK(says(with("\"file\": \"m.", "\"file\": \"../m."), "beside the manifest"));
  CHECK(says(with("\"topology\": true", "\"topology\": 1"), "no readable manifest"));
  write(path, manifest.substr(0, manifest.size() / 2));
  CHECK(says(refusal(path), "no readable manifest"));
  write(path, "");
  CHECK(says(refusal(path), "no readable manifest"));
}

TEST_CASE("a new model takes the old one's place; stopped in between, the old one is whole") {
  const TemporaryFolder folder("model");
  const std::string path = folder.path + "/m.json";
  Model first = small_model();
  save_model(first, path);
  const std::string manifest = bytes_of(path), numbers = bytes_of(weights_file(path)),
                    old = weights_file(path);
  Model second = small_model();
  second.weights.tensors[0].values[0] += 1;
  save_model(second, path);
  CHECK(weights_file(path) != old); // and it is the only one
  CHECK(load_model(path).hash == second.hash);
  // As if stopped before the manifest was in place: both files of numbers, the old manifest.
  write(old, numbers);
  write(path, manifest);
  CHECK(load_model(path).hash == first.hash);
}

TEST_CASE("any cut or changed byte of the numbers' file is refused or harmless, never a crash") {
  const std::vector<Tensor> tensors = {{"a", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"b", {1}, {7}}};
  const std::string bytes = tensors_to_bytes(tensors);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_THROWS_AS(tensors_from_bytes(bytes.substr(0, length), "f"), InputError);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int bit : {0, 3, 7}) {
      std::string spoilt = bytes;
      spoilt[i] = static_cast<char>(spoilt[i] ^ (1 << bit));
      try {
        tensors_from_bytes(spoilt, "f");
      } catch (const InputError&) {
      }
    }
  CHECK(tensors_from_bytes(bytes, "f")[0].values == tensors[0].values);
}

TEST_CASE("which model 'auto' stands for") {
  // None is of such a platform; a name that is a path is looked for nowhere.
  CHECK(automatic_model("none-such", 10, true) == "dragon-pi-config2-k10");
  CHECK(automatic_model("../pi-config2", 5, false) == "dragon-pi-config2-k5-flat");
  CHECK(automatic_model("", 5, true) == "dragon-pi-config2-k5");
  CHECK(contrast_model("none-such") == "dragon-pi-config2-contrast");
}
