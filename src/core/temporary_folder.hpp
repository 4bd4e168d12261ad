/// A folder of its own under the system's temporary one, removed with the object.
#pragma once

#include <string>

namespace lair {

class TemporaryFolder {
public:
  /// `purpose` is part of its name: lair-<purpose>-<six random characters>. RunError if none can be
  /// made.
  explicit TemporaryFolder(const std::string& purpose);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string path;
};

} // namespace lair
