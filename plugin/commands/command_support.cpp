#include <iostream>

#include "index/store/index_location.h"
#include "plugin/commands/commands.h"

namespace callslip {

int fail(const Error& error) {
  std::cerr << "callslip: " << error.message << "\n";
  return 1;
}

std::string index_directory(const Settings& settings) {
  return settings.index.empty() ? default_index_directory() : settings.index;
}

}  // namespace callslip
