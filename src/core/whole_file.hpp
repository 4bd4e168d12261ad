/// Small files, read and put in place whole.
#pragma once

#include <string>
#include <string_view>

namespace lair {

/// InputError if it cannot be read.
std::string read_whole_file(const std::string& path);

/// Written beside and renamed, so that a killed process leaves the old file or the new one, never half
/// of either. A symbolic link stays and what it names is replaced; a device or a pipe is written into.
/// RunError.
void write_whole_file(const std::string& path, std::string_view bytes);

/// Something that takes what is written to it and holds no content that could be lost.
bool is_device_or_pipe(const std::string& path);

} // namespace lair
