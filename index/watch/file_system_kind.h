// Which file systems tell of changes. Any thread.
#pragma once

#include <optional>
#include <string>

namespace callslip {

/// The name of the path's file system where inotify does not hear of all that happens in it: others
/// change it too, on another machine or behind the kernel's back. Nothing: it does.
std::optional<std::string> silent_file_system(const std::string& path);

}  // namespace callslip
