/// One writer at a time in a result folder.
#pragma once

#include <string>

namespace lair::record {

class FolderLock {
public:
  /// Creates the folder if it is not there. RunError if it cannot; InputError if another process of
  /// Lair is writing into it. Where the file system knows no locks there is none.
  explicit FolderLock(const std::string& path);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Whether another process is writing there just now.
  static bool held(const std::string& path);

private:
  int descriptor_ = -1;
};

} // namespace lair::record
