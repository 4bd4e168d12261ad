// What the plugin tests share.
#pragma once

#include "core/error.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

inline std::string plugin(const std::string& name) {
  return std::string(PLUGIN_DIR "/") + name + ".so";
}

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A file that lives as long as this object.
class TemporaryFile {
public:
  TemporaryFile(const std::string& name, const std::string& bytes)
      : path_(std::string(PLUGIN_DIR "/") + name) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// The text of the exception of type E that `body` throws; fails if it throws none.
template <class E, class Body> std::string message_of(Body&& body) {
  try {
    body();
  } catch (const E& problem) {
    return problem.what();
  } catch (const std::exception& other) {
    FAIL("another kind of exception: " << other.what());
  }
  FAIL("nothing was thrown");
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
